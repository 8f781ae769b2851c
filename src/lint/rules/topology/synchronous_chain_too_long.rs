//! # TOP002 synchronous-chain-too-long
//!
//! ## What it does
//! Finds requests from outside that pass more than `limits { max_sync_depth }` (4) calls between services in a row, each
//! waiting for the next, and shows the longest way from each entry. Gateways that only forward do not count, and a call that
//! is `optional` or goes on in the `background` ends the way: nobody has to wait for what is behind it.
//!
//! ## Why it is bad
//! The latencies of all of them add up, and their availabilities multiply: with 99.9% each, six services in a row have
//! 99.4%. What needs no answer at once is better handed over by a queue (the article, section 2.4); each request has its
//! price (section 2.1). See also the Chatty I/O antipattern of the Azure Architecture Center.
//!
//! ## Bad
//! ```arch
//! client web : browser
//! service a { api A { public = true, rate_limit = limit(50/s, per = ip)
//!   query q() -> string via b.B.q
//! } }
//! service b { api B { public = true
//!   query q() -> string via c.C.q
//! } }
//! service c { api C { public = true
//!   query q() -> string via d.D.q
//! } }
//! service d { api D { public = true
//!   query q() -> string via e.E.q
//! } }
//! service e { api E { public = true
//!   query q() -> string via f.F.q
//! } }
//! service f { api F { public = true
//!   query q() -> string
//! } }
//! web -> a : rest
//! a -> b : grpc
//! b -> c : grpc
//! c -> d : grpc
//! d -> e : grpc
//! e -> f : grpc
//! ```
//!
//! ## Good
//! ```arch
//! client web : browser
//! service a { api A { public = true, rate_limit = limit(50/s, per = ip)
//!   query q() -> string via b.B.q
//! } }
//! service b { api B { public = true
//!   query q() -> string via c.C.q
//! } }
//! service c { api C { public = true
//!   query q() -> string
//! } }
//! web -> a : rest
//! a -> b : grpc
//! b -> c : grpc
//! ```
//!
//! ## How to fix
//! Let a service in the middle keep what it asks for (fed by events), or merge two that are always asked together. What needs
//! no answer goes over a queue.
//!
//! ## Known limits
//! Calls in parallel do not make a way longer. Availability is not computed from declared figures: the language has none.

use std::collections::BTreeMap;

use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::{EdgeId, NodeId, NodeKind, ServiceKind};
use crate::topology::{HopId, Weighing};

pub fn check(context: &Context<'_>) -> Vec<Finding> {
    let topology = context.topology;
    let model = context.model;
    let mut entries = vec![false; topology.hops().count()];
    for hop in topology.entries() {
        entries[hop.index()] = topology.is_synchronous(hop);
    }
    if !entries.contains(&true) {
        return Vec::new();
    }
    let forwards: Vec<bool> = model
        .nodes()
        .map(|(id, _)| only_forwards(context, id))
        .collect();
    let between = |hop: HopId| {
        let is_service = |node: NodeId| matches!(model[node].kind, NodeKind::Service(_));
        is_service(topology.source(hop)) && is_service(topology.target(hop))
    };
    let weighed = topology.heaviest(&Weighing {
        starts: |hop: HopId| entries[hop.index()],
        follows: |hop| topology.is_synchronous(hop) && between(hop) && !context.is_optional(hop),
        weight: |hop| {
            let counts = between(hop) && !forwards[topology.source(hop).0 as usize];
            f64::from(u8::from(counts))
        },
        combine: |before, own| before + own,
        neutral: 0.0,
    });
    // One finding for each entry: its longest way.
    let mut longest: BTreeMap<EdgeId, (HopId, f64)> = BTreeMap::new();
    for (id, _) in topology.hops() {
        let Some(calls) = weighed.weight(id) else {
            continue;
        };
        if calls > context.limits.max_sync_depth as f64
            && weighed.ends(id)
            && let Some(first) = weighed.way(id).hops.first()
        {
            let known = longest
                .entry(topology.hop(*first).edge)
                .or_insert((id, calls));
            if calls > known.1 {
                *known = (id, calls);
            }
        }
    }
    let longest = longest.into_iter();
    longest
        .map(|(entry, (last, calls))| {
            let way = weighed.way(last);
            let from = model.end_name(model[entry].from);
            let limit = context.limits.max_sync_depth;
            let mut finding = Finding::new(
                format!("a request from `{from}` passes {} services in a row", calls + 1.0),
                model[entry].span,
            )
            .here("somebody waits here for all of them");
            let counted = way.hops.iter().filter(|&&hop| {
                between(hop) && !forwards[topology.source(hop).0 as usize]
            });
            for (step, &hop) in counted.enumerate() {
                let span = model[topology.hop(hop).edge].span;
                finding = finding.label(span, format!("call {}", step + 1));
            }
            finding
                .note(format!("the way: {}", context.way_name(&way)))
                .note(format!("{calls} calls between {} services, more than `max_sync_depth = {limit}`", calls + 1.0))
                .help("keep a copy of what is asked for, fed by events, or hand over by a queue what needs no answer")
                .says_where_assumed(context, &way)
                .about(way.hops.iter().map(|&hop| topology.hop(hop).edge))
        })
        .collect()
}

/// Whether a gateway has no handler of its own.
fn only_forwards(context: &Context<'_>, node: NodeId) -> bool {
    let node = &context.model[node];
    let mut operations = node
        .apis
        .iter()
        .flat_map(|&api| &context.model[api].operations);
    matches!(
        node.kind,
        NodeKind::Service(ServiceKind::Gateway | ServiceKind::Bff)
    ) && operations.all(|&it| context.model[it].via.is_some())
}
