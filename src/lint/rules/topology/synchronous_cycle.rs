//! # TOP001 synchronous-cycle
//!
//! ## What it does
//! Finds services that wait for each other in a ring, and shows a shortest one. Where `via` and `calls` tell that no request
//! can come back to where it started, the ring is only one of dependencies, and a warning.
//!
//! ## Why it is bad
//! When one of them is slow, all of them are, and with limited capacity they wait for each other for ever. Retries make loops
//! without end (the article, section 4.1), failures run in circles (section 4.2), and none can be deployed first. See also
//! chapter 22 of Google's SRE book, which wants calls to go downward only.
//!
//! ## Bad
//! ```arch
//! service orders
//! service stock
//! orders -> stock : grpc
//! stock -> orders : grpc
//! ```
//!
//! ## Good
//! ```arch
//! service orders
//! service stock
//! broker bus : kafka {
//!   topic stock_changed : Note { dlq = stock_changed_dead }
//!   topic stock_changed_dead : Note { watched = true }
//! }
//! orders -> stock : grpc
//! stock -> bus.stock_changed
//! bus.stock_changed -> orders { calls = [], idempotent = true }
//! type Note { text: string }
//! ```
//!
//! ## How to fix
//! Turn one of the calls into an event, best one that needs no answer; or move what both need into a third service that calls
//! neither.
//!
//! ## Known limits
//! Rings over channels are TOP004's; health checks and the issuing of tokens (`purpose`) close none. The ring is drawn in
//! arrows, so it is reported although an operation may not say what it calls.

use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::{EdgeId, OperationKind};
use crate::topology::Cycle;

pub fn check(context: &Context<'_>) -> Vec<Finding> {
    let cycles = context.topology.synchronous_cycles();
    cycles.iter().filter_map(|it| report(context, it)).collect()
}

fn report(context: &Context<'_>, cycle: &Cycle) -> Option<Finding> {
    let model = context.model;
    let first = *cycle.edges.first()?;
    let mut ring = model.end_name(model[first].from);
    for &edge in &cycle.edges {
        ring.push_str(" -> ");
        ring.push_str(&model.end_name(model[edge].to));
    }
    let message = match (cycle.edges.len(), &cycle.round) {
        (1, _) => format!(
            "`{}` waits for itself: {ring}",
            model.end_name(model[first].from)
        ),
        (_, Some(_)) => format!("synchronous cycle {ring}: a slow member blocks all of them"),
        (_, None) => format!("{ring} depend on each other, though no request goes round"),
    };
    let mut finding = Finding::new(message, model[first].span)
        .here("1st call")
        .milder_if(cycle.round.is_none());
    for (step, &edge) in cycle.edges.iter().enumerate().skip(1) {
        let closes = step + 1 == cycle.edges.len();
        let text = if closes {
            ", back to where it started"
        } else {
            ""
        };
        finding = finding.label(model[edge].span, format!("{}{text}", ordinal(step + 1)));
    }
    finding = match &cycle.round {
        Some(way) => finding.note(format!("one request: {}", context.way_name(way))),
        None => finding.note(
            "`via` and `calls` lead out of the ring; deployment, capacity and outages do not",
        ),
    };
    if cycle.members.len() > cycle.edges.len() {
        let names: Vec<&str> = cycle
            .members
            .iter()
            .take(8)
            .map(|it| model[*it].name.as_str())
            .collect();
        let more = if cycle.members.len() > 8 { ", ..." } else { "" };
        finding = finding.note(format!(
            "{} services wait for each other in this way: {}{more}",
            cycle.members.len(),
            names.join(", ")
        ));
    }
    let cut = cycle
        .edges
        .iter()
        .copied()
        .find(|&edge| needs_no_answer(context, edge));
    finding = match cut {
        Some(edge) => finding.help(format!(
            "`{}` needs no answer: publish an event instead",
            context.edge_name(edge)
        )),
        None => finding.help(
            "turn one of these calls into an event, or move what both need into a third service",
        ),
    };
    if let Some(way) = &cycle.round {
        finding = finding.says_where_assumed(context, way);
    }
    Some(finding.about(cycle.inside.iter().copied()))
}

fn needs_no_answer(context: &Context<'_>, edge: EdgeId) -> bool {
    let operations = &context.model[edge].operations;
    !operations.is_empty()
        && operations.iter().all(|it| {
            let operation = &context.model[it.operation];
            operation.output.is_none() && operation.kind != OperationKind::Query
        })
}

fn ordinal(step: usize) -> String {
    match step {
        2 => "2nd call".to_owned(),
        3 => "3rd call".to_owned(),
        _ => format!("{step}th call"),
    }
}
