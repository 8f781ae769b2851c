//! # TOP003 single-point-of-failure
//!
//! ## What it does
//! Takes each service, store or broker with `replicas = 1` out of the drawing, and with it all that cannot do without it,
//! and reports those that stop what clients and others outside ask for. Needed is what is waited for, a live connection,
//! and a channel that is published to; not what is `optional`, goes on in the `background`, has a `fallback` on every
//! operation or an `outbox`. It is an error where a service of `criticality = high` stops, and info where only something
//! inside does. What is `managed` is its provider's business. Where `replicas` is not written nothing is known about it,
//! and nothing said; `lint --explain` lists it.
//!
//! ## Why it is bad
//! One process that restarts, and everybody waits. Failures are to be kept where they are (the article, sections 4, 4.2
//! and 7.4); a broker or stream in the middle needs copies most of all (section 2.5). A leaf is enough: a database on one
//! machine stops every service that needs it, however many of these run.
//!
//! ## Bad
//! ```arch
//! client web : browser
//! service shop { replicas = 3
//!   api Shop { public = true, rate_limit = limit(50/s, per = ip)
//!     query titles() -> [string] { calls = [titles_db.read] }
//!   }
//! }
//! store titles_db : postgres { data = public, replicas = 1 }
//! web -> shop : rest
//! shop -> titles_db
//! ```
//!
//! ## Good
//! ```arch
//! client web : browser
//! service shop { replicas = 3
//!   api Shop { public = true, rate_limit = limit(50/s, per = ip)
//!     query titles() -> [string] { calls = [titles_db.read] }
//!   }
//! }
//! store titles_db : postgres { data = public, replicas = 3 }
//! web -> shop : rest
//! shop -> titles_db
//! ```
//!
//! ## How to fix
//! Run more of it: two of a service, three of what votes. Or let those that need it do without: `optional = true` on the
//! edge where the code can, `fallback = cached(30s)` for queries, an `outbox` for messages.
//!
//! ## Known limits
//! Copies in one rack fail together, and that cannot be drawn. A service needs a node or does not: operations that do not
//! use it are not told apart.

use std::collections::VecDeque;

use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::attributes::{Attr, Criticality};
use crate::model::{EdgeId, Link, NodeId, NodeKind};
use crate::topology::Dependence;

/// How many of those that stop are named.
const NAMED: usize = 4;

pub fn check(context: &Context<'_>) -> Vec<Finding> {
    let model = context.model;
    let unsure = |id: NodeId| {
        let node = &model[id];
        let counted = matches!(
            node.kind,
            NodeKind::Service(_) | NodeKind::Store(_) | NodeKind::Broker(_)
        );
        // What says nothing is unknown, which matters where somebody asks for it.
        let alone = match node.attributes.replicas() {
            Some(replicas) => replicas == 1,
            None => context.explains(),
        };
        counted && alone && !node.attributes.is(Attr::Managed)
    };
    let candidates: Vec<NodeId> = model
        .nodes()
        .map(|(id, _)| id)
        .filter(|id| unsure(*id))
        .collect();
    if candidates.is_empty() {
        return Vec::new();
    }
    let outside = |kind| matches!(kind, NodeKind::Client(_) | NodeKind::External);
    let entries = model
        .nodes()
        .filter(|(id, node)| outside(node.kind) && !context.topology.outgoing(*id).is_empty());
    let entries: Vec<NodeId> = entries.map(|(id, _)| id).collect();
    let dependents = context
        .topology
        .dependents(entries, |edge| is_need(context, edge));
    let critical = critical(context);
    let mut findings = Vec::new();
    for id in candidates {
        let node = &model[id];
        let stops = dependents.of(id);
        if node.attributes.replicas().is_none() {
            if stops.is_some() {
                findings.extend(context.unknown("replicas", node.span, || {
                    (
                        node.name.clone(),
                        "write how many run: `replicas = 2`".to_owned(),
                    )
                }));
            }
            continue;
        }
        match stops {
            Some(stops) => {
                findings.push(report(
                    context,
                    id,
                    &stops,
                    dependents.count(),
                    critical[id.0 as usize],
                ));
            }
            None if dependents.is_needed(id) => findings.push(
                Finding::new(
                    format!(
                        "`{}` is a single instance, and what works inside needs it",
                        node.name
                    ),
                    node.span,
                )
                .label_at(node.attributes.span(Attr::Replicas), "one runs")
                .help("run more of it: `replicas = 2`")
                .informs(),
            ),
            None => {}
        }
    }
    findings
}

/// Whether the source of an edge cannot do without its target.
fn is_need(context: &Context<'_>, id: EdgeId) -> bool {
    let topology = context.topology;
    let edge = &context.model[id];
    let hard = |hop| !context.swallows_failure(hop);
    match edge.link {
        Link::Consume => false,
        Link::Publish => !edge.attributes.is(Attr::Outbox) && !edge.attributes.is(Attr::Optional),
        Link::Store => topology
            .hops_of(id)
            .any(|hop| topology.is_synchronous(hop) && hard(hop)),
        Link::Call { protocol, .. } => {
            let live = protocol.facts().live;
            topology
                .hops_of(id)
                .any(|hop| (live || topology.is_synchronous(hop)) && hard(hop))
        }
    }
}

/// For each node whether a service of high criticality needs it.
fn critical(context: &Context<'_>) -> Vec<bool> {
    let model = context.model;
    let mut needed: Vec<bool> = model
        .nodes
        .iter()
        .map(|it| {
            let high = it.attributes.criticality() == Some(Criticality::High);
            high && matches!(it.kind, NodeKind::Service(_))
        })
        .collect();
    let mut queue: VecDeque<usize> = (0..needed.len()).filter(|&at| needed[at]).collect();
    while let Some(at) = queue.pop_front() {
        for &edge in context.topology.outgoing(NodeId(at as u32)) {
            let to = model.node_of(model[edge].to).0 as usize;
            if !needed[to] && is_need(context, edge) {
                needed[to] = true;
                queue.push_back(to);
            }
        }
    }
    needed
}

fn report(
    context: &Context<'_>,
    id: NodeId,
    stops: &Dependence,
    entries: usize,
    critical: bool,
) -> Finding {
    let model = context.model;
    let node = &model[id];
    let mut names: Vec<String> = stops
        .entries
        .iter()
        .take(NAMED)
        .map(|it| format!("`{}`", model[*it].name))
        .collect();
    if stops.entries.len() > NAMED {
        names.push("...".to_owned());
    }
    let mut chain = match stops.chain.first() {
        Some(&first) => model.end_name(model[first].from),
        None => String::new(),
    };
    for &edge in &stops.chain {
        chain.push_str(" -> ");
        chain.push_str(&model.end_name(model[edge].to));
    }
    let mut finding = Finding::new(
        format!(
            "`{}` is a single instance: while it is down, something fails for {} of {entries} that call from outside ({})",
            node.name,
            stops.entries.len(),
            names.join(", ")
        ),
        node.span,
    )
    .label_at(node.attributes.span(Attr::Replicas), "one runs")
    .note(format!("each needs the next: {chain}"));
    for &edge in stops.chain.iter().take(3) {
        finding = finding.label(model[edge].span, "cannot do without it");
    }
    if critical {
        finding = finding.note("a service of `criticality = high` is among those that stop");
    }
    finding
        .graver_if(critical)
        .help("run more of it (`replicas = 2`, three of what votes), or let those that need it do without: `optional = true`, `fallback`, `outbox`")
        .about(stops.chain.last().copied())
}
