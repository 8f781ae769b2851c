//! # RTL002 auth-endpoint-unlimited
//!
//! ## What it does
//! Finds operations for logging in, for tokens and for registering (`purpose`) that can be called from outside and have no
//! limit for each caller that is either low in itself (`limits { login_rate }`, 10/m) or stricter than that of the other
//! operations beside them.
//!
//! ## Why it is bad
//! Passwords and codes are guessed by asking often: at fifty a second, which is little for a page, a list of stolen
//! passwords is through within minutes. Logins need limits of their own against brute force (the article, section 4.4 on
//! abuse). See also OWASP API Security Top 10 2023, API2 (stricter than the regular limits), and OWASP ASVS 5.0, 6.3.1.
//!
//! ## Bad
//! ```arch
//! client web : browser
//! service accounts {
//!   api Accounts { public = true, rate_limit = limit(50/s, burst = 100, per = ip)
//!     command login(name: string, password: string @sensitive) -> string { purpose = login }
//!     query terms() -> string
//!   }
//! }
//! web -> accounts : rest
//! ```
//!
//! ## Good
//! ```arch
//! client web : browser
//! service accounts {
//!   api Accounts { public = true, rate_limit = limit(50/s, burst = 100, per = ip)
//!     command login(name: string, password: string @sensitive) -> string {
//!       purpose = login
//!       rate_limit = limit(5/m, per = ip)
//!     }
//!     query terms() -> string
//!   }
//! }
//! web -> accounts : rest
//! ```
//!
//! ## How to fix
//! Give the operation a limit of its own: `rate_limit = limit(5/m, per = ip)`. An api that does nothing but let people in may
//! have it for all its operations.
//!
//! ## Known limits
//! What an identity provider outside of the drawing limits is its own affair, and so are the failures for each account that
//! a handler counts. Token endpoints that only services with certificates reach are left out.

use crate::diagnostic::Safety;
use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::attributes::{Attr, LimitKey, Rate, RateLimit, Value};
use crate::model::text;
use crate::model::{Api, ApiId, AuthScheme, EdgeId, Link, Operation, OperationId};

/// What is written where nothing else is known.
const STRICT: &str = "limit(5/m, per = ip)";

pub fn check(context: &Context<'_>, id: ApiId) -> Vec<Finding> {
    let api = &context.model[id];
    let sensitive: Vec<OperationId> = api
        .operations
        .iter()
        .copied()
        .filter(|&it| purpose(&context.model[it]).is_some())
        .collect();
    if sensitive.is_empty() {
        return Vec::new();
    }
    let entries: Vec<EdgeId> = context
        .topology
        .incoming(api.node)
        .iter()
        .copied()
        .filter(|&edge| context.topology.enters(edge))
        .filter(|&edge| matches!(context.model[edge].link, Link::Call { api: Some(it), .. } if it == id))
        .collect();
    sensitive
        .into_iter()
        .filter_map(|operation| {
            let edge = entries.iter().copied().find(|&edge| {
                context.topology.hops_of(edge).any(|hop| {
                    context.topology.hop(hop).operation == Some(operation)
                        && !is_by_certificate(context, hop)
                })
            })?;
            judge(context, api, operation, edge)
        })
        .collect()
}

fn is_by_certificate(context: &Context<'_>, hop: crate::topology::HopId) -> bool {
    let schemes = context.schemes(hop);
    let mtls = |id: &crate::model::AuthId| context.model[*id].scheme == AuthScheme::Mtls;
    !schemes.is_empty() && schemes.iter().all(mtls)
}

/// Why somebody would guess: `login`, `token` or `register`.
fn purpose(operation: &Operation) -> Option<&str> {
    match operation.attributes.value(Attr::Purpose)? {
        Value::Text(word) if word != "health" => Some(word),
        _ => None,
    }
}

fn judge(context: &Context<'_>, api: &Api, id: OperationId, edge: EdgeId) -> Option<Finding> {
    let operation = &context.model[id];
    let what = match purpose(operation)? {
        "login" => "passwords can be tried",
        "token" => "codes and tokens can be tried",
        _ => "accounts can be made",
    };
    let own = operation.attributes.rate_limit();
    let line = operation.attributes.span(Attr::RateLimit);
    let (speed, why) = match &own {
        None => ("as fast as anybody likes".to_owned(), "it has no limit"),
        Some(limit) if limit.per == LimitKey::Global => (
            format!("{} by one caller", text::rate(limit.rate)),
            "this is for all callers together",
        ),
        Some(limit) => {
            let low = speed(&limit.rate) <= speed(&context.limits.login_rate);
            if low || is_looser_beside(context, api, limit) {
                return None;
            }
            (
                format!("{} by each caller", text::rate(limit.rate)),
                "this is what the other operations have, or no less",
            )
        }
    };
    let name = context.operation_name(id);
    let mut finding = Finding::new(
        format!("{what} {speed} at `{name}`: it has no limit of its own"),
        operation.span,
    )
    .label(context.model[edge].span, "requests come in here");
    finding = match line {
        Some(_) => finding.label_at(line, why),
        None => finding.here(why),
    };
    Some(
        finding
            .fix(
                Safety::Suggested,
                format!("give it one that fits a person: `rate_limit = {STRICT}`"),
                context.editor().set(id, Attr::RateLimit, STRICT),
            )
            .about([edge]),
    )
}

/// Whether the general limit is looser than this one: that of the api, or of its operations that are not about letting
/// people in, where it has none of its own.
fn is_looser_beside(context: &Context<'_>, api: &Api, limit: &RateLimit) -> bool {
    let looser = |it: &RateLimit| speed(&it.rate) > speed(&limit.rate);
    if let Some(general) = api.attributes.rate_limit() {
        return looser(general);
    }
    let operations = api.operations.iter().map(|&it| &context.model[it]);
    let others = operations.filter(|it| purpose(it).is_none());
    others
        .map(|it| it.attributes.rate_limit())
        .any(|other| other.is_none_or(looser))
}

fn speed(rate: &Rate) -> f64 {
    rate.count as f64 / rate.per.as_secs_f64()
}
