//! # TOK003 credential-not-rotated
//!
//! ## What it does
//! Finds secrets that never change (`rotate = none`) or change less often than `limits { max_rotation }`: lists of api keys
//! and users, client secrets, keys of webhooks, and logins at stores and brokers.
//!
//! ## Why it is bad
//! A secret that leaked long ago still opens the door, and where changing it was never practised, nobody dares to. Rotation
//! is part of managing credentials (the article, section 3.4). See also OWASP ASVS 5.0, 13.1.4 and 13.3.4.
//!
//! ## Bad
//! ```arch
//! service orders
//! store orders_db : postgres
//! orders -> orders_db { login = env("ORDERS_DB_LOGIN"), rotate = none }
//! ```
//!
//! ## Good
//! ```arch
//! service orders
//! store orders_db : postgres
//! orders -> orders_db { login = env("ORDERS_DB_LOGIN"), rotate = 30d }
//! ```
//!
//! ## How to fix
//! Let two secrets be good at once, so that one can be replaced at any time, and replace it by a machine. Better: use none
//! (`mtls`).
//!
//! ## Known limits
//! What is unwritten is unknown. How often something is replaced is taken as said. Passwords of people are not meant:
//! forcing these to change makes them worse.

use crate::diagnostic::Safety;
use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::attributes::{Attr, Attributes, Value};
use crate::model::text;
use crate::source::Span;

pub fn check(context: &Context<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for auth in &context.model.auths {
        for (attr, what) in [
            (Attr::Keys, "the list of keys"),
            (Attr::Users, "the list of users"),
            (Attr::ClientSecret, "the client secret"),
        ] {
            if auth.attributes.get(attr).is_some() {
                let name = || format!("{what} of `{}`", auth.name);
                findings.extend(judge(context, &auth.attributes, auth.span, name));
            }
        }
    }
    for (id, edge) in context.model.edges() {
        let what = if edge.attributes.get(Attr::Signature).is_some() {
            "the key of the webhook"
        } else if edge.attributes.get(Attr::Login).is_some() {
            "the login of"
        } else {
            continue;
        };
        let name = || format!("{what} `{}`", context.edge_name(id));
        let found = judge(context, &edge.attributes, edge.span, name);
        findings.extend(found.into_iter().map(|it| it.about([id])));
    }
    findings
}

fn judge(
    context: &Context<'_>,
    attributes: &Attributes,
    around: Span,
    name: impl Fn() -> String,
) -> Vec<Finding> {
    let most = context.limits.max_rotation;
    let line = attributes.span(Attr::Rotate).unwrap_or(around);
    match attributes.value(Attr::Rotate) {
        Some(Value::Off) => vec![
            Finding::new(format!("{} is never replaced", name()), line)
                .here("what leaked years ago is still good")
                .fix(
                    Safety::Suggested,
                    "replace it by a machine, and write how often: `rotate = 30d`",
                    context.editor().replace(line, "30d"),
                ),
        ],
        Some(Value::Duration(age)) if *age > most => vec![
            Finding::new(
                format!("{} is replaced only every {}", name(), text::duration(*age)),
                line,
            )
            .note(format!(
                "{} is more than `limits {{ max_rotation = {} }}`",
                text::duration(*age),
                text::duration(most)
            ))
            .fix(
                Safety::Suggested,
                format!(
                    "replace it by a machine, at least every {}",
                    text::duration(most)
                ),
                context
                    .editor()
                    .replace(line, &text::written_duration(most)),
            ),
        ],
        Some(_) => Vec::new(),
        None => context.unknown("rotate", around, || {
            let declare = "write how often it is replaced: `rotate = 30d`, or `rotate = none`";
            (name().replace('`', ""), declare.to_owned())
        }),
    }
}
