//! # RTL005 graphql-query-unbounded
//!
//! ## What it does
//! Finds apis that exist, that the public or a partner asks by GraphQL, and of which neither `max_depth` nor
//! `max_complexity` is known. What is generated has both built in.
//!
//! ## Why it is bad
//! In GraphQL the caller writes the query: one request that nests lists in lists asks for millions of rows, and a limit on
//! requests counts it as one. Queries have to be bounded in depth and cost (the article, section 2.7, on complex queries
//! and on securing them). See also OWASP ASVS 5.0, 4.3.1, OWASP API Security Top 10 2023, API4, and the OWASP GraphQL Cheat
//! Sheet.
//!
//! ## Bad
//! ```arch
//! client web : browser
//! service shop { existing = true
//!   api Shop { public = true, rate_limit = limit(50/s, per = ip)
//!     query products(limit: int32) -> [string]
//!   }
//! }
//! web -> shop : graphql { tls = server }
//! ```
//!
//! ## Good
//! ```arch
//! client web : browser
//! service shop { existing = true
//!   api Shop { public = true, rate_limit = limit(50/s, per = ip), max_depth = 8, max_complexity = 1000
//!     query products(limit: int32) -> [string]
//!   }
//! }
//! web -> shop : graphql { tls = server }
//! ```
//!
//! ## How to fix
//! Bound queries where they are parsed, and write the bounds on the api: `max_depth = 8, max_complexity = 1000`. One of the
//! two is enough for this rule; both are better.
//!
//! ## Known limits
//! Servers that take only queries known to them need no bounds, which cannot be drawn; accept it there. Batches of queries
//! in one request are not looked at, nor apis that only the inside asks.

use crate::diagnostic::Safety;
use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::attributes::Attr;
use crate::model::{ApiId, EdgeId, Link};
use crate::protocol::Protocol;

pub fn check(context: &Context<'_>, id: ApiId) -> Vec<Finding> {
    let api = &context.model[id];
    let bounded = [Attr::MaxDepth, Attr::MaxComplexity];
    if bounded
        .iter()
        .any(|&attr| api.attributes.get(attr).is_some())
    {
        return Vec::new();
    }
    let asked = Link::Call {
        protocol: Protocol::Graphql,
        api: Some(id),
    };
    let entries: Vec<EdgeId> = context
        .topology
        .incoming(api.node)
        .iter()
        .copied()
        .filter(|&edge| context.model[edge].link == asked && context.topology.enters(edge))
        .collect();
    if entries.is_empty() {
        return Vec::new();
    }
    let name = format!("{}.{}", context.model[api.node].name, api.name);
    let mut finding = Finding::new(
        format!("nothing bounds how deep or how costly a query of `{name}` may be"),
        api.span,
    )
    .here("neither `max_depth` nor `max_complexity` is known");
    for &edge in entries.iter().take(3) {
        finding = finding.label(
            context.model[edge].span,
            "whoever is here writes the queries",
        );
    }
    if let Some(limit) = api.attributes.rate_limit() {
        finding = finding.label_at(
            api.attributes.span(Attr::RateLimit),
            format!(
                "one such query counts as one of {}",
                crate::model::text::rate(limit.rate)
            ),
        );
    }
    if api.attributes.timeout().is_none() {
        finding = finding.note("no `timeout` on the api ends one that runs too long, either");
    }
    vec![
        finding
            .fix(
                Safety::Suggested,
                "bound them where they are parsed, and write it here: `max_depth = 8, max_complexity = 1000`",
                context.editor().set_all(id, &[(Attr::MaxDepth, "8"), (Attr::MaxComplexity, "1000")]),
            )
            .about(entries),
    ]
}
