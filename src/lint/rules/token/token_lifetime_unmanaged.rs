//! # TOK001 token-lifetime-unmanaged
//!
//! ## What it does
//! Finds tokens (`jwt`, `oauth2`) that are good for longer than `limits { max_token_ttl }`, or than
//! `max_sensitive_token_ttl` where they open confidential data; logins that end before their first token does, so that none
//! is ever renewed; and people whose short tokens are not renewed at all (`refresh = false`).
//!
//! ## Why it is bad
//! A token that is copied is good until it ends, and nothing takes it back before. Where short tokens are not renewed,
//! people are thrown out every few minutes until somebody makes the tokens long. The article wants expiry and refresh to be
//! managed (section 3.4). See also RFC 9700, section 4.14, OWASP ASVS 5.0, 7.3.1 and 10.4.8, and NIST SP 800-204, MS-SS-1.
//!
//! ## Bad
//! ```arch
//! roles { customer }
//! auth staff : jwt {
//!   issuer = "https://id.shop.example", audience = "shop", algorithms = [ES256], roles = realm.roles
//!   lifetime = 24h
//! }
//! client web : browser
//! service orders {
//!   api Orders { auth = staff, allow = [customer], rate_limit = limit(50/s, per = user)
//!     query find(id: uuid) -> string
//!   }
//! }
//! web -> orders : rest
//! ```
//!
//! ## Good
//! ```arch
//! roles { customer }
//! auth staff : jwt {
//!   issuer = "https://id.shop.example", audience = "shop", algorithms = [ES256], roles = realm.roles
//!   lifetime = 15m, refresh = true, max_age = 30d
//! }
//! client web : browser
//! service orders {
//!   api Orders { auth = staff, allow = [customer], rate_limit = limit(50/s, per = user)
//!     query find(id: uuid) -> string
//!   }
//! }
//! web -> orders : rest
//! ```
//!
//! ## How to fix
//! At the issuer, let tokens live for minutes and renew them; write down what it is set to: `lifetime = 15m`, `refresh =
//! true`, `max_age = 30d`.
//!
//! ## Known limits
//! Sessions end on the server, at any time, so that their `lifetime` is not judged. What a scheme does not say is unknown.
//! Confidential data is what the zone or type of an operation declares, not what it reads further on.

use std::time::Duration;

use crate::diagnostic::Safety;
use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::lint::schemes::{SchemeUse, client_of, scheme_uses};
use crate::model::attributes::{Attr, DataClass, Value};
use crate::model::text;
use crate::model::{Auth, AuthId, AuthScheme, ClientKind, End};

pub fn check(context: &Context<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (at, uses) in scheme_uses(context).iter().enumerate() {
        let id = AuthId(at as u32);
        let auth = &context.model[id];
        let bearer = matches!(auth.scheme, AuthScheme::Jwt | AuthScheme::Oauth2);
        if !(bearer || auth.scheme == AuthScheme::Session) {
            continue;
        }
        let Some(lifetime) = auth.attributes.duration(Attr::Lifetime) else {
            if bearer && !uses.is_empty() {
                findings.extend(context.unknown("lifetime", auth.span, || {
                    let declare = "write how long its tokens are good: `lifetime = 15m`";
                    (auth.name.clone(), declare.to_owned())
                }));
            }
            continue;
        };
        if bearer {
            findings.extend(too_long(context, id, uses, lifetime));
        }
        findings.extend(never_renewed(auth, lifetime));
        findings.extend(thrown_out(context, id, uses, lifetime));
    }
    findings
}

fn too_long(
    context: &Context<'_>,
    id: AuthId,
    uses: &[SchemeUse],
    lifetime: Duration,
) -> Option<Finding> {
    let auth = &context.model[id];
    let limits = &context.limits;
    let secret = uses
        .iter()
        .find(|it| opens_confidential_data(context, it))
        .filter(|_| limits.max_sensitive_token_ttl < limits.max_token_ttl);
    let (most, limit) = match secret {
        Some(_) => (limits.max_sensitive_token_ttl, "max_sensitive_token_ttl"),
        None => (limits.max_token_ttl, "max_token_ttl"),
    };
    if lifetime <= most {
        return None;
    }
    let line = auth.attributes.span(Attr::Lifetime).unwrap_or(auth.span);
    let mut finding = Finding::new(
        format!(
            "a token of `{}` that is copied stays good for up to {}",
            auth.name,
            text::duration(lifetime)
        ),
        line,
    )
    .note(format!(
        "{} is more than `limits {{ {limit} = {} }}`",
        text::duration(lifetime),
        text::duration(most)
    ));
    if let Some(it) = secret {
        let edge = &context.model[it.edge];
        finding = finding.label(edge.span, "it opens confidential data here");
    }
    Some(finding.fix(
        Safety::Suggested,
        "let the issuer make tokens for minutes and renew them: `lifetime = 15m, refresh = true`",
        context.editor().set_all(id, &[(Attr::Lifetime, "15m"), (Attr::Refresh, "true")]),
    ))
}

/// Whether an operation on an edge stands in a zone with confidential data, or takes or answers such.
fn opens_confidential_data(context: &Context<'_>, it: &SchemeUse) -> bool {
    let edge = &context.model[it.edge];
    let node = End::Node(context.model.node_of(edge.to));
    if context.class_of(node) >= Some(DataClass::Confidential) {
        return true;
    }
    edge.operations.iter().any(|it| {
        let output = context.model[it.operation].output.as_ref();
        output.is_some_and(|it| context.is_sensitive(&it.ty))
    })
}

fn never_renewed(auth: &Auth, lifetime: Duration) -> Option<Finding> {
    let all = auth.attributes.duration(Attr::MaxAge)?;
    if all > lifetime || !auth.attributes.is(Attr::Refresh) {
        return None;
    }
    let line = auth.attributes.span(Attr::MaxAge).unwrap_or(auth.span);
    Some(
        Finding::new(
            format!(
                "a login by `{}` ends after {}, before its first token does after {}",
                auth.name,
                text::duration(all),
                text::duration(lifetime)
            ),
            line,
        )
        .label_at(
            auth.attributes.span(Attr::Refresh),
            "so that nothing is ever renewed",
        )
        .label_at(auth.attributes.span(Attr::Lifetime), "a token's own time")
        .help("let tokens live for minutes, and a login for as long as people may stay: `lifetime = 15m, max_age = 30d`"),
    )
}

fn thrown_out(
    context: &Context<'_>,
    id: AuthId,
    uses: &[SchemeUse],
    lifetime: Duration,
) -> Option<Finding> {
    let auth = &context.model[id];
    let person = uses.iter().find(|it| {
        let person = [ClientKind::Browser, ClientKind::Mobile];
        it.only && client_of(context, it.edge).is_some_and(|it| person.contains(&it))
    })?;
    if auth.attributes.value(Attr::Refresh) != Some(&Value::Boolean(false))
        || lifetime > context.limits.max_token_ttl
    {
        return None;
    }
    let line = auth.attributes.span(Attr::Refresh).unwrap_or(auth.span);
    Some(
        Finding::new(
            format!(
                "whoever logs in by `{}` is thrown out after {}",
                auth.name,
                text::duration(lifetime)
            ),
            line,
        )
        .here("nothing renews the token")
        .label(context.model[person.edge].span, "people come in here")
        .fix(
            Safety::Suggested,
            "renew it without the user, up to an age: `refresh = true, max_age = 30d`",
            context
                .editor()
                .set_all(id, &[(Attr::Refresh, "true"), (Attr::MaxAge, "30d")]),
        )
        .about([person.edge]),
    )
}
