//! Messages and webhooks that go round, told alike by the rules that tell them apart.

use super::context::Context;
use super::finding::Finding;
use crate::model::{End, Link};
use crate::topology::{EventCycle, HopId, Round};

/// Findings about all cycles of a kind.
pub(super) fn check(
    context: &Context<'_>,
    round: Round,
    message: impl Fn(&Context<'_>, &EventCycle, &str) -> String,
    help: &str,
) -> Vec<Finding> {
    let cycles = context.topology.event_cycles();
    let found = cycles.iter().filter(|it| it.round == round);
    found
        .filter_map(|cycle| {
            let ring = ring(context, cycle);
            let message = message(context, cycle, &ring);
            report(context, cycle, message, help)
        })
        .collect()
}

fn report(
    context: &Context<'_>,
    cycle: &EventCycle,
    message: String,
    help: &str,
) -> Option<Finding> {
    let place = |hop: HopId| context.model[context.topology.hop(hop).edge].span;
    let (&first, others) = cycle.way.hops.split_first()?;
    let mut finding = Finding::new(message, place(first)).here("1.");
    for (step, &hop) in others.iter().enumerate() {
        finding = finding.label(place(hop), format!("{}.", step + 2));
    }
    if let Some((channel, _)) = cycle.dead_letters {
        let line = context.model[channel]
            .attributes
            .span(crate::model::attributes::Attr::Dlq);
        finding = finding.label_at(line, "dead letters pass on here");
    }
    finding = finding.note(format!("the way round: {}", ring(context, cycle)));
    if cycle.members > cycle.way.hops.len() {
        finding = finding.note(format!(
            "this is a short one: {} hops take part in such rounds",
            cycle.members
        ));
    }
    let edges = cycle
        .way
        .hops
        .iter()
        .map(|&hop| context.topology.hop(hop).edge);
    Some(finding.help(help).along(context, &cycle.way).about(edges))
}

/// `a -> bus.placed -> b -> bus.paid -> a`
fn ring(context: &Context<'_>, cycle: &EventCycle) -> String {
    let model = context.model;
    let mut names: Vec<String> = Vec::new();
    for &hop in &cycle.way.hops {
        let edge = &model[context.topology.hop(hop).edge];
        let from = model.end_name(edge.from);
        if names.last() != Some(&from) {
            // Between a channel and a consumer of its dead letters.
            if let (End::Channel(_), Link::Consume, Some((channel, dead))) =
                (edge.from, edge.link, cycle.dead_letters)
                && edge.from == End::Channel(dead)
            {
                let alive = model.end_name(End::Channel(channel));
                if names.last() != Some(&alive) {
                    names.push(alive);
                }
            }
            names.push(from);
        }
        names.push(model.end_name(edge.to));
    }
    let closed = names.first() == names.last();
    if !closed && let Some(first) = names.first().cloned() {
        names.push(first);
    }
    names.join(" -> ")
}
