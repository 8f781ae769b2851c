//! # RTL001 public-entry-unlimited
//!
//! ## What it does
//! Finds apis that the public or a partner can call, and that take as many requests as come. Connections that stay open
//! (`websocket`, `sse`) need `max_connections` as well. For signed webhooks, and for partners known by certificate, it is
//! a warning.
//!
//! ## Why it is bad
//! One caller, by malice or by a loop, takes the capacity of all others, and passwords can be guessed at leisure. Limits
//! belong to public entries (the article, section 4.4), webhook receivers among them (section 3.5). See also OWASP API
//! Security Top 10 2023, API4, and NIST SP 800-204 on throttling at gateways.
//!
//! ## Bad
//! ```arch
//! client web : browser
//! service catalogue {
//!   api Catalogue { public = true
//!     query titles() -> [string]
//!   }
//! }
//! web -> catalogue : rest
//! ```
//!
//! ## Good
//! ```arch
//! client web : browser
//! service catalogue {
//!   api Catalogue { public = true, rate_limit = limit(50/s, burst = 100, per = ip)
//!     query titles() -> [string]
//!   }
//! }
//! web -> catalogue : rest
//! ```
//!
//! ## How to fix
//! Write `rate_limit = limit(50/s, burst = 100, per = user)` on the api (`per = ip` where nobody is known), on single
//! operations, or in the `defaults` of the zone.
//!
//! ## Known limits
//! Of an existing node without an api nothing is known, so nothing is said. Limits that a provider's load balancer enforces
//! cannot be drawn; accept it there. The small default api of a sketch is left out.

use crate::diagnostic::Safety;
use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::lint::root::{Mend, Root};
use crate::model::attributes::{Attr, Trust};
use crate::model::{ApiId, AuthId, AuthScheme, EdgeId, Link, OperationId};
use crate::topology::HopId;

pub fn check(context: &Context<'_>, id: ApiId) -> Vec<Finding> {
    let api = &context.model[id];
    if api.built_in {
        return Vec::new();
    }
    let topology = context.topology;
    let entries: Vec<EdgeId> = topology
        .incoming(api.node)
        .iter()
        .copied()
        .filter(|&edge| called(context, edge) == Some(id))
        .filter(|&edge| topology.enters(edge))
        .collect();
    let unlimited: Vec<HopId> = entries
        .iter()
        .flat_map(|&edge| topology.hops_of(edge))
        .filter(|&hop| !is_limited(context, hop))
        .collect();
    let Some(&first) = unlimited.first() else {
        return Vec::new();
    };
    let name = format!("{}.{}", context.model[api.node].name, api.name);
    let guarded = |hop: &HopId| context.is_signed(*hop) || is_known_partner(context, *hop);
    let mut finding = Finding::new(
        format!("`{name}` is open to the outside and takes as many requests as come"),
        api.span,
    )
    .milder_if(unlimited.iter().all(guarded));
    let mut operations: Vec<OperationId> = unlimited
        .iter()
        .filter_map(|&hop| topology.hop(hop).operation)
        .collect();
    operations.sort_unstable();
    operations.dedup();
    if operations.len() < api.operations.len() {
        for &operation in operations.iter().take(3) {
            finding = finding.label(context.model[operation].span, "this has no `rate_limit`");
        }
    }
    let mut shown: Vec<EdgeId> = unlimited
        .iter()
        .map(|&hop| topology.hop(hop).edge)
        .collect();
    shown.dedup();
    for &edge in shown.iter().take(3) {
        finding = finding.label(context.model[edge].span, "requests come in here");
    }
    let live = is_live(context, topology.hop(first).edge);
    let nobody_known = unlimited
        .iter()
        .all(|&hop| context.is_anonymous(hop) || context.is_signed(hop));
    let by = if nobody_known { "ip" } else { "user" };
    let limit = format!("limit(50/s, burst = 100, per = {by})");
    let mut bounds = Vec::new();
    if !has_limit(context, first) {
        bounds.push((Attr::RateLimit, limit.as_str()));
    }
    if live {
        bounds.push((Attr::MaxConnections, "1000"));
    }
    let help = match bounds.as_slice() {
        [(Attr::MaxConnections, _)] => {
            "bound the open connections: `max_connections = 1000` on the api".to_owned()
        }
        _ => format!("write `rate_limit = {limit}` on it, with numbers that fit"),
    };
    let site = context.callee_site(api.node);
    let root = Root {
        at: site.span,
        message: format!(
            "{{n}} apis in {} are open to the outside and take as many requests as come",
            site.name
        ),
        here: "there is no `rate_limit` in its `defaults`".to_owned(),
        help: format!(
            "write `rate_limit = limit(50/s, burst = 100, per = ip)` in {}, with numbers that fit",
            site.block()
        ),
        mend: Some(Mend::Default(
            site.element,
            Attr::RateLimit,
            "limit(50/s, burst = 100, per = ip)",
        )),
    };
    let fix = context.editor().set_all(id, &bounds);
    vec![
        finding
            .because(root)
            .fix(Safety::Suggested, help, fix)
            .about(shown),
    ]
}

fn called(context: &Context<'_>, edge: EdgeId) -> Option<ApiId> {
    match context.model[edge].link {
        Link::Call { api, .. } => api,
        _ => None,
    }
}

fn is_live(context: &Context<'_>, edge: EdgeId) -> bool {
    context.model[edge]
        .protocol()
        .is_some_and(|it| it.facts().live)
}

fn has_limit(context: &Context<'_>, hop: HopId) -> bool {
    let operation = context.topology.hop(hop).operation;
    operation.is_some_and(|it| context.model[it].attributes.rate_limit().is_some())
}

fn is_limited(context: &Context<'_>, hop: HopId) -> bool {
    let edge = context.topology.hop(hop).edge;
    let connections = called(context, edge).is_some_and(|api| {
        context.model[api]
            .attributes
            .get(Attr::MaxConnections)
            .is_some()
    });
    has_limit(context, hop) && (connections || !is_live(context, edge))
}

fn is_known_partner(context: &Context<'_>, hop: HopId) -> bool {
    let schemes = context.schemes(hop);
    let (from, _) = context.topology.trust(context.topology.hop(hop).edge);
    let mtls = |id: AuthId| context.model[id].scheme == AuthScheme::Mtls;
    from == Trust::Partner && !schemes.is_empty() && schemes.iter().all(|&id| mtls(id))
}
