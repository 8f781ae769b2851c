//! # RTY006 missing-retry
//!
//! ## What it does
//! Finds calls that leave the caller's zone, could safely be repeated, and that nobody repeats: neither the edge nor any
//! layer above it, on some way that a request can take. It is off unless it is asked for.
//!
//! ## Why it is bad
//! Networks lose packets and instances restart; most such failures are over a moment later, and a second attempt hides them
//! (the article, section 4.1; section 4.3 on using retries together with timeouts). Whether that is worth the load is a
//! matter of taste: the Amazon Builders' Library calls retries selfish, and none belongs below a layer that retries
//! already. See also the Retry pattern of the Azure Architecture Center.
//!
//! ## Bad
//! ```arch
//! system s { lint { RTY006 = info } }
//! client web : browser
//! external rates {
//!   api Rates { public = true
//!     query today() -> decimal
//!   }
//! }
//! service shop {
//!   api Shop { public = true, rate_limit = limit(50/s, per = ip)
//!     query price() -> decimal { calls = [rates.Rates.today] }
//!   }
//! }
//! web -> shop : rest
//! shop -> rates.Rates : rest { breaker = errors(50%, cooldown = 5s) }
//! ```
//!
//! ## Good
//! ```arch
//! system s { lint { RTY006 = info } }
//! client web : browser
//! external rates {
//!   api Rates { public = true
//!     query today() -> decimal
//!   }
//! }
//! service shop {
//!   api Shop { public = true, rate_limit = limit(50/s, per = ip)
//!     query price() -> decimal { calls = [rates.Rates.today] }
//!   }
//! }
//! web -> shop : rest
//! shop -> rates.Rates : rest {
//!   timeout = 1s
//!   retry = exponential(attempts = 2, base = 50ms, max = 1s)
//!   breaker = errors(50%, cooldown = 5s)
//! }
//! ```
//!
//! ## How to fix
//! Repeat at one layer only, best the one right above what fails: `retry = exponential(attempts = 2, base = 50ms)` on the
//! edge.
//!
//! ## Known limits
//! Stores are left out: their drivers repeat by themselves. Of services that exist nothing is said unless `retry` is
//! written; and clients may repeat without a word in the drawing.

use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::attributes::{Attr, Value};
use crate::model::{Link, NodeKind};
use crate::topology::HopId;

pub fn check(context: &Context<'_>) -> Vec<Finding> {
    let topology = context.topology;
    let crossing: Vec<HopId> = topology
        .hops()
        .map(|(id, _)| id)
        .filter(|&hop| could_be_repeated(context, hop))
        .collect();
    if crossing.is_empty() {
        return Vec::new();
    }
    let first = |hop: HopId| {
        let source = topology.source(hop);
        topology.starts(source) || topology.incoming(source).is_empty()
    };
    let hops = topology.hops().map(|(id, _)| id);
    // What is reached without passing a layer that retries, is repeated by nobody above it.
    let unrepeated = topology.reach(
        hops.filter(|&hop| first(hop)),
        |hop| topology.is_synchronous(hop) && !repeats(context, hop),
        false,
    );
    let mut findings = Vec::new();
    let mut told = None;
    for hop in crossing {
        let edge = topology.hop(hop).edge;
        if told == Some(edge) {
            continue;
        }
        let Some(way) = unrepeated.way(hop) else {
            continue;
        };
        told = Some(edge);
        let names = (
            context.model.end_name(context.model[edge].from),
            context.arrival_name(hop),
        );
        let finding = Finding::new(
            format!("nobody repeats a call of `{}` to `{}` that failed for a moment", names.0, names.1),
            context.model[edge].span,
        )
        .here("there is no `retry`")
        .note(format!("the way, without a retry anywhere: {}", context.way_name(&way)))
        .help("where it is worth the load, write `retry = exponential(attempts = 2, base = 50ms)` here, and at no layer above");
        findings.push(finding.along(context, &way).about([edge]));
    }
    findings
}

/// A call out of its zone that is safe to repeat, and is not repeated.
fn could_be_repeated(context: &Context<'_>, hop: HopId) -> bool {
    let edge = &context.model[context.topology.hop(hop).edge];
    let (from, to) = (
        &context.model[context.topology.source(hop)],
        &context.model[context.topology.target(hop)],
    );
    let known = context.topology.hop(hop).operation.is_some() && context.is_repeatable(hop);
    let leaves = to.kind == NodeKind::External || from.zone != to.zone;
    let written = context.attributes_of(hop).get(Attr::Retry).is_some();
    matches!(edge.link, Link::Call { .. })
        && matches!(from.kind, NodeKind::Service(_))
        && context.topology.is_synchronous(hop)
        && known
        && leaves
        && (written || !from.existing)
        && !context.swallows_failure(hop)
        && !repeats(context, hop)
}

/// Whether a failure at a hop, or below it, is tried again here.
fn repeats(context: &Context<'_>, hop: HopId) -> bool {
    match context.attributes_of(hop).value(Attr::Retry) {
        Some(Value::Retry(retry)) => retry.attempts != Some(1) && context.retries(hop),
        _ => false,
    }
}
