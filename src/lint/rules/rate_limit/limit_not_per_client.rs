//! # RTL003 limit-not-per-client
//!
//! ## What it does
//! Finds limits at public entries that count all callers together: the short form `rate_limit = 50/s`, and `per = global`,
//! where the callers are many, be it people behind a client or several partners. Where one partner alone calls, there is
//! nobody to starve, and nothing is said.
//!
//! ## Why it is bad
//! A limit is there so that no caller takes what belongs to the others (the article, section 4.4 on fair use). One that is
//! shared does the opposite: whoever is fastest, by malice or by a loop, uses it up, and everybody else is turned away. See
//! also the Noisy Neighbor antipattern of the Azure Architecture Center, OWASP API Security Top 10 2023, API4, and chapter
//! 22 of Google's SRE book on shares for each client.
//!
//! ## Bad
//! ```arch
//! client web : browser
//! service catalogue {
//!   api Catalogue { public = true, rate_limit = 50/s
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
//! Say what has a limit of its own: `per = user` where people are known, `per = ip` where they are not, `per = service` for
//! partners with a credential. What protects the service as a whole, whoever calls, stands behind the entry: a limit on
//! the api that the entry calls, or the `throttle` of the edge there.
//!
//! ## Known limits
//! An api has one limit, so that one for each caller and one for all cannot stand at the same entry. Tenants, who are more
//! than a user and less than everybody, cannot be counted by.

use std::collections::BTreeMap;

use crate::diagnostic::Safety;
use crate::lint::access::is_user_token;
use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::attributes::{Attr, LimitKey, RateLimit};
use crate::model::text;
use crate::model::{ApiId, EdgeId, Link, NodeKind};
use crate::source::Span;
use crate::topology::HopId;

/// How many edges a finding points at.
const SHOWN: usize = 3;

pub fn check(context: &Context<'_>) -> Vec<Finding> {
    let topology = context.topology;
    // By the line that sets the limit, which defaults of a zone do for many apis, each of which counts by itself.
    let mut shared: BTreeMap<Span, BTreeMap<ApiId, Vec<HopId>>> = BTreeMap::new();
    for (id, edge) in context.model.edges().filter(|it| topology.enters(it.0)) {
        let Link::Call { api: Some(api), .. } = edge.link else {
            continue;
        };
        for hop in topology.hops_of(id) {
            if let Some((limit, line)) = limit(context, hop)
                && limit.per == LimitKey::Global
            {
                let apis = shared.entry(line).or_default();
                apis.entry(api).or_default().push(hop);
            }
        }
    }
    shared
        .into_iter()
        .filter_map(|(line, mut apis)| {
            apis.retain(|_, hops| has_many_callers(context, hops));
            judge(context, line, &apis)
        })
        .collect()
}

fn is_client(context: &Context<'_>, hop: HopId) -> bool {
    let caller = context.topology.source(hop);
    let is_client = matches!(context.model[caller].kind, NodeKind::Client(_));
    // Behind a proxy that checks nothing stand all who call it.
    is_client || context.topology.lets_in(caller)
}

fn has_many_callers(context: &Context<'_>, hops: &[HopId]) -> bool {
    let caller = |hop: &HopId| context.topology.source(*hop);
    hops.iter().any(|&hop| is_client(context, hop))
        || hops.iter().any(|hop| caller(hop) != caller(&hops[0]))
}

fn judge(context: &Context<'_>, line: Span, apis: &BTreeMap<ApiId, Vec<HopId>>) -> Option<Finding> {
    let model = context.model;
    let topology = context.topology;
    let (&first, hops) = apis.first_key_value()?;
    let (limit, _) = limit(context, *hops.first()?)?;
    let more = match apis.len() {
        1 => String::new(),
        2 => ", and those of another api,".to_owned(),
        many => format!(", and those of {} other apis,", many - 1),
    };
    let mut finding = Finding::new(
        format!(
            "all callers of `{}.{}`{more} share {}: one of them can take it from the others",
            model[model[first].node].name,
            model[first].name,
            text::rate(limit.rate)
        ),
        line,
    )
    .here("it counts all of them together");
    let mut told: Vec<EdgeId> = Vec::new();
    for &hop in apis.values().flatten() {
        let edge = topology.hop(hop).edge;
        if told.last() == Some(&edge) {
            continue;
        }
        told.push(edge);
        if told.len() <= SHOWN {
            let text = if is_client(context, hop) {
                "many people call from here"
            } else {
                "this is one of them"
            };
            finding = finding.label(model[edge].span, text);
        }
    }
    let key = key(context, apis.values().flatten().copied());
    let burst = match limit.burst {
        burst if burst == limit.rate.count => String::new(),
        burst => format!(", burst = {burst}"),
    };
    let value = format!("limit({}{burst}, per = {key})", text::rate(limit.rate));
    Some(
        finding
            .fix(
                Safety::Suggested,
                format!("give each a limit of its own, with a rate that fits one: `rate_limit = {value}`"),
                context.editor().replace(line, &value),
            )
            .about(told),
    )
}

/// What callers can be told apart by.
fn key(context: &Context<'_>, mut hops: impl Iterator<Item = HopId> + Clone) -> &'static str {
    let user = |hop: HopId| {
        let mut schemes = context.schemes(hop).iter();
        !context.is_anonymous(hop) && schemes.any(|&it| is_user_token(context.model[it].scheme))
    };
    if hops.clone().all(user) {
        "user"
    } else if hops.all(|hop| !context.is_anonymous(hop) && !context.is_signed(hop)) {
        "service"
    } else {
        "ip"
    }
}

/// The limit of a hop's operation, and the line that sets it.
fn limit<'m>(context: &Context<'m>, hop: HopId) -> Option<(&'m RateLimit, Span)> {
    let operation = context.topology.hop(hop).operation?;
    let attributes = &context.model[operation].attributes;
    Some((attributes.rate_limit()?, attributes.span(Attr::RateLimit)?))
}
