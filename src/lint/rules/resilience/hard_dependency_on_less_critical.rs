//! # RES007 hard-dependency-on-less-critical
//!
//! ## What it does
//! Follows what a service of `criticality = high` (or `medium`) cannot do without: the calls that it waits for and the
//! messages that it has to hand over, through services that do not say how critical they are. Where the way ends at
//! something that is declared less critical, the two do not fit.
//!
//! ## Why it is bad
//! A service is no more available than what it needs for each answer. Who runs something of low criticality does so in good
//! faith with one instance and no one on call, and takes the critical service down with it. Failures have to stay where
//! they are (the article, section 4.2; section 4.3 on fallbacks). See also chapter 3 of Google's SRE workbook on dependencies
//! of a service level, and the criticality levels in chapter 21 of the SRE book.
//!
//! ## Bad
//! ```arch
//! client web : browser
//! service checkout { criticality = high
//!   api Checkout { public = true, rate_limit = limit(50/s, per = ip)
//!     query cart() -> string { calls = [hints] }
//!   }
//! }
//! service hints { criticality = low }
//! web -> checkout : rest
//! checkout -> hints : grpc { breaker = errors(50%, cooldown = 5s) }
//! ```
//!
//! ## Good
//! ```arch
//! client web : browser
//! service checkout { criticality = high
//!   api Checkout { public = true, rate_limit = limit(50/s, per = ip)
//!     query cart() -> string { calls = [hints] }
//!   }
//! }
//! service hints { criticality = low }
//! web -> checkout : rest
//! checkout -> hints : grpc { optional = true, timeout = 300ms, breaker = errors(50%, cooldown = 5s) }
//! ```
//!
//! ## How to fix
//! Answer without it, and say so: `optional = true`, with a short timeout; or let a `fallback` stand in, or hand over by a
//! queue what needs no answer. If none of that is possible, it is as critical as what needs it: raise its `criticality`,
//! and run it like that.
//!
//! ## Known limits
//! Both ends have to say how critical they are. Instances, contracts and who is on call are not compared.

use std::collections::BTreeSet;

use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::attributes::{Attr, Criticality};
use crate::model::{Link, NodeId};
use crate::topology::{HopId, Way};

pub fn check(context: &Context<'_>) -> Vec<Finding> {
    let mut told: BTreeSet<NodeId> = BTreeSet::new();
    let mut findings = Vec::new();
    for level in [Criticality::High, Criticality::Medium] {
        findings.extend(below(context, level, &mut told));
    }
    findings
}

/// What services of a level cannot do without, and is less critical than they are.
fn below(context: &Context<'_>, level: Criticality, told: &mut BTreeSet<NodeId>) -> Vec<Finding> {
    let topology = context.topology;
    let of = |node: NodeId| context.model[node].attributes.criticality();
    let hops = || topology.hops().map(|(id, _)| id);
    let less = |hop: HopId| of(topology.target(hop)).is_some_and(|it| it < level);
    if !hops().any(less) || !hops().any(|hop| of(topology.source(hop)) == Some(level)) {
        return Vec::new();
    }
    let starts = hops().filter(|&hop| of(topology.source(hop)) == Some(level));
    let reach = topology.reach(
        starts,
        |hop| {
            let source = of(topology.source(hop));
            is_hard(context, hop) && source.is_none_or(|it| it == level)
        },
        false,
    );
    let mut findings = Vec::new();
    for hop in hops().filter(|&hop| less(hop)) {
        if reach.contains(hop)
            && told.insert(topology.target(hop))
            && let Some(way) = reach.way(hop)
        {
            findings.extend(report(context, level, &way, hop));
        }
    }
    findings
}

/// Whether the source cannot go on without it.
fn is_hard(context: &Context<'_>, hop: HopId) -> bool {
    let edge = &context.model[context.topology.hop(hop).edge];
    let waits = match edge.link {
        Link::Publish => !edge.attributes.is(Attr::Outbox),
        Link::Consume => false,
        Link::Call { .. } | Link::Store => context.topology.is_synchronous(hop),
    };
    waits && !context.swallows_failure(hop)
}

fn report(context: &Context<'_>, level: Criticality, way: &Way, last: HopId) -> Option<Finding> {
    let topology = context.topology;
    let first = *way.hops.first()?;
    let (needs, needed) = (
        &context.model[topology.source(first)],
        &context.model[topology.target(last)],
    );
    let lower = needed.attributes.criticality()?;
    let edge = topology.hop(last).edge;
    let mut finding = Finding::new(
        format!(
            "`{}` is of {level} criticality and cannot do without `{}`, which is of {lower}",
            needs.name, needed.name
        ),
        context.model[edge].span,
    )
    .here("it waits for this, and has nothing in its place")
    .label_at(
        needs.attributes.span(Attr::Criticality),
        format!("much depends on `{}`", needs.name),
    )
    .label_at(
        needed.attributes.span(Attr::Criticality),
        format!("`{}` is run as if less did", needed.name),
    );
    if way.hops.len() > 1 {
        finding = finding.note(format!("the way: {}", context.way_name(way)));
    }
    let help = match context.model[edge].link {
        Link::Publish => {
            "write what is sent in the same transaction (`outbox = true`), or do without it: `optional = true`"
        }
        _ => {
            "answer without it (`optional = true` and a short `timeout`), let a `fallback` stand in, or hand it over by a queue"
        }
    };
    Some(
        finding
            .help(help)
            .help(format!(
                "or run it as what it is: `criticality = {level}` on `{}`",
                needed.name
            ))
            .along(context, way)
            .about([edge]),
    )
}
