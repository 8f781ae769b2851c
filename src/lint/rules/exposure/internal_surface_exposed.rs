//! # SEC005 internal-surface-exposed
//!
//! ## What it does
//! Finds what is made for the inside and can be called from outside: `grpc` straight into a service that is no gateway and
//! does not limit how often, or neither asks who calls nor is `public = true` on purpose; and apis that are called, or
//! mounted, like an inner surface (`Admin`, `Internal`, `Debug`, `Metrics`, `/actuator`, ...) and judge nobody by `allow` or
//! `when`.
//!
//! ## Why it is bad
//! Inner surfaces are written for friends: they say more, check less, and are the first thing that is tried. gRPC is best
//! between services inside (the article, section 2.2), and how callers from outside come in is a criterion of its own
//! (section 5). See also OWASP API Security Top 10 2023, API5 and API9, OWASP ASVS 5.0, 4.3.2 and 13.4.5, and CWE-749.
//!
//! ## Bad
//! ```arch
//! client web : browser
//! service shop {
//!   api Metrics { public = true, rate_limit = limit(50/s, per = ip)
//!     query numbers() -> string
//!   }
//! }
//! web -> shop : rest
//! ```
//!
//! ## Good
//! ```arch
//! service watcher
//! service shop {
//!   api Metrics { public = true, rate_limit = limit(50/s, per = ip)
//!     query numbers() -> string
//!   }
//! }
//! watcher -> shop : rest
//! ```
//!
//! ## How to fix
//! Take the edge from outside away, or let it lead through a gateway that offers what is meant for others. An inner surface
//! that has to be reachable names who may: `allow = [...]`.
//!
//! ## Known limits
//! Surfaces are known by their names. Reflection and introspection are off in what we generate, outside of development, and
//! of services that exist they are not known.

use crate::lint::access::judges;
use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::attributes::{Attr, Trust};
use crate::model::{Api, ClientKind, EdgeId, Link, Node, NodeKind, ServiceKind};
use crate::protocol::Protocol;

/// Words of names and paths that mean the inside.
const INNER: &[&str] = &[
    "admin",
    "administration",
    "internal",
    "internals",
    "debug",
    "metrics",
    "actuator",
    "management",
    "backoffice",
    "diagnostics",
];

pub fn check(context: &Context<'_>, id: EdgeId) -> Vec<Finding> {
    let edge = &context.model[id];
    let Link::Call { protocol, api } = edge.link else {
        return Vec::new();
    };
    let from = &context.model[context.model.node_of(edge.from)];
    let to = &context.model[context.model.node_of(edge.to)];
    if !context.topology.enters(id) || !matches!(to.kind, NodeKind::Service(_)) {
        return Vec::new();
    }
    if let Some(api) = api.map(|it| &context.model[it])
        && is_inner(api)
        && !edge
            .operations
            .iter()
            .all(|it| judges(context, it.operation))
    {
        return vec![inner(context, id, api, from, to)];
    }
    let gateway = matches!(
        to.kind,
        NodeKind::Service(ServiceKind::Gateway | ServiceKind::Bff)
    );
    let browser = from.kind == NodeKind::Client(ClientKind::Browser);
    if protocol != Protocol::Grpc || gateway || is_guarded(context, id) {
        return Vec::new();
    }
    let deep = to.zone.is_some() && to.trust >= Trust::Internal;
    let mut finding = Finding::new(
        format!(
            "`{}` calls `{}` over grpc from outside, and no gateway stands in between",
            from.name, to.name
        ),
        edge.span,
    )
    .label(to.span, format!("a service of the inside ({})", to.trust))
    .graver_if(deep)
    .help("let it lead through a gateway; else ask who calls (`auth = ...`) and limit how often (`rate_limit = ...`)")
    .about([id]);
    if browser {
        finding = finding.variant('a');
    }
    vec![finding]
}

fn inner(context: &Context<'_>, id: EdgeId, api: &Api, from: &Node, to: &Node) -> Finding {
    let line = api
        .attributes
        .span(Attr::At)
        .filter(|_| !is_inner_name(&api.name));
    Finding::new(
        format!(
            "`{}.{}` is a surface of the inside, and `{}` can call it",
            to.name, api.name, from.name
        ),
        context.model[id].span,
    )
    .label(line.unwrap_or(api.span), "known by its name")
    .help("take the edge from outside away, or name who may: `allow = [...]` on the api")
    .about([id])
}

/// Whether everybody who calls over an edge is limited, and is asked who he is or may call on purpose.
fn is_guarded(context: &Context<'_>, id: EdgeId) -> bool {
    context.topology.hops_of(id).all(|hop| {
        let operation = context.topology.hop(hop).operation;
        operation.is_some_and(|it| {
            let attributes = &context.model[it].attributes;
            let meant = attributes.is(Attr::Public) || !context.is_anonymous(hop);
            meant && attributes.rate_limit().is_some()
        })
    })
}

fn is_inner(api: &Api) -> bool {
    is_inner_name(&api.name)
        || api
            .at
            .split('/')
            .any(|it| INNER.iter().any(|inner| it.eq_ignore_ascii_case(inner)))
}

/// Whether a word of an api's name, which is in upper camel case, means the inside: `ShopAdmin`, `Metrics`.
fn is_inner_name(name: &str) -> bool {
    let mut rest = name;
    while !rest.is_empty() {
        let end = rest[1..]
            .find(|it: char| it.is_ascii_uppercase())
            .map_or(rest.len(), |it| it + 1);
        let (word, after) = rest.split_at(end);
        if INNER.iter().any(|inner| word.eq_ignore_ascii_case(inner)) {
            return true;
        }
        rest = after;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::is_inner_name;

    #[test]
    fn inner_surfaces_are_known_by_a_word() {
        for name in ["Admin", "ShopAdmin", "InternalOrders", "Metrics"] {
            assert!(is_inner_name(name), "{name}");
        }
        for name in ["Orders", "Administrators", "Badminton", "A"] {
            assert!(!is_inner_name(name), "{name}");
        }
    }
}
