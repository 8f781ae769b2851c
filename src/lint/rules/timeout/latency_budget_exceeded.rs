//! # TMO003 latency-budget-exceeded
//!
//! ## What it does
//! Where an operation promises how long an answer takes (`slo`), adds up the `latency` of all that the answer waits for, on
//! the longest way. Calls that a handler makes one after another (`sequential = true`) are added, as often as it makes
//! them (`per_request`); of others only the slowest counts, as if they were made at once. Without an `slo`, and where
//! latencies are not written, it is silent.
//!
//! ## Why it is bad
//! A promise that the parts cannot keep is broken each time one of them is slow, and no timeout set below it helps (the
//! article, section 4.3 on timeouts that fit; section 2.1 on the price of each request; section 2.2 on calls between
//! services). See also Dean and Barroso, The Tail at Scale: in a chain the slowest hundredth of each part becomes the
//! usual case of the whole.
//!
//! ## Bad
//! ```arch
//! client web : browser
//! service shop { latency = 40ms
//!   api Shop { public = true, rate_limit = limit(50/s, per = ip)
//!     query cart() -> string { slo = 300ms, sequential = true, calls = [prices, stock] }
//!   }
//! }
//! service prices { latency = 150ms }
//! service stock { latency = 180ms }
//! web -> shop : rest
//! shop -> prices : grpc
//! shop -> stock : grpc
//! ```
//!
//! ## Good
//! ```arch
//! client web : browser
//! service shop { latency = 40ms
//!   api Shop { public = true, rate_limit = limit(50/s, per = ip)
//!     query cart() -> string { slo = 300ms, calls = [prices, stock] }
//!   }
//! }
//! service prices { latency = 150ms }
//! service stock { latency = 180ms }
//! web -> shop : rest
//! shop -> prices : grpc
//! shop -> stock : grpc
//! ```
//!
//! ## How to fix
//! Make calls at once that do not need each other, keep what is asked for often (`cache`), hand over by a queue what the
//! answer does not need, or promise less.
//!
//! ## Known limits
//! The slowest hundredths of all parts seldom come together, so that the sum is a bound, not a forecast. Networks take time
//! that is not written. What is `optional` is left out: its timeout, not its latency, says how long it holds anybody up.

use std::collections::HashSet;
use std::time::Duration;

use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::attributes::{Attr, Attributes, Value};
use crate::model::text;
use crate::model::{End, OperationId};
use crate::source::Span;
use crate::topology::{Adding, HopId, Part};

/// How many terms of a sum are printed.
const TERMS: usize = 10;
/// How many latencies a finding points at.
const SHOWN: usize = 3;

pub fn check(context: &Context<'_>) -> Vec<Finding> {
    let promises = |it: OperationId| duration(&context.model[it].attributes, Attr::Slo);
    if !(0..context.model.operations.len() as u32).any(|it| promises(OperationId(it)).is_some()) {
        return Vec::new();
    }
    let topology = context.topology;
    let adding = Adding {
        follows: |hop| topology.is_synchronous(hop) && !context.is_optional(hop),
        in_a_row: |hop| context.is_sequential(hop),
        own: |hop| own(context, hop).map_or(0.0, |(it, _)| it.as_nanos() as f64),
        times: |hop| match context.attributes_of(hop).value(Attr::PerRequest) {
            Some(Value::Integer(times)) => *times as f64,
            _ => 1.0,
        },
    };
    let costs = topology.downstream(&adding);
    let mut told: HashSet<OperationId> = HashSet::new();
    let mut findings = Vec::new();
    for (id, hop) in topology.hops() {
        let Some((operation, slo)) = hop.operation.and_then(|it| Some((it, promises(it)?))) else {
            continue;
        };
        if !told.insert(operation) {
            continue;
        }
        let (parts, assumed) = costs.parts(id, &adding);
        let unwritten = parts.iter().find(|it| own(context, it.hop).is_none());
        if costs.cost(id) > slo.as_nanos() as f64 {
            findings.push(report(
                context,
                operation,
                slo,
                costs.cost(id),
                &parts,
                assumed,
            ));
        } else if let Some(part) = unwritten {
            let target = &context.model[topology.target(part.hop)];
            findings.extend(context.unknown("latency", target.span, || {
                let declare = "write how long its own work takes: `latency = 50ms`";
                (context.operation_name(operation), declare.to_owned())
            }));
        }
    }
    findings
}

fn duration(attributes: &Attributes, attr: Attr) -> Option<Duration> {
    match attributes.value(attr)? {
        Value::Duration(it) => Some(*it),
        _ => None,
    }
}

/// How long the work at the end of a hop takes by itself, and where that is written.
fn own(context: &Context<'_>, hop: HopId) -> Option<(Duration, Option<Span>)> {
    let read = |attributes: &Attributes| {
        Some((
            duration(attributes, Attr::Latency)?,
            attributes.span(Attr::Latency),
        ))
    };
    let operation = context.topology.hop(hop).operation;
    operation
        .and_then(|it| read(&context.model[it].attributes))
        .or_else(|| read(&context.model[context.topology.target(hop)].attributes))
}

fn report(
    context: &Context<'_>,
    operation: OperationId,
    slo: Duration,
    cost: f64,
    parts: &[Part],
    assumed: bool,
) -> Finding {
    let needed = nanos(cost);
    let promised = &context.model[operation];
    let mut finding = Finding::new(
        format!(
            "`{}` promises {}, and what it waits for adds up to {}",
            context.operation_name(operation),
            text::duration(slo),
            text::duration(needed)
        ),
        promised.attributes.span(Attr::Slo).unwrap_or(promised.span),
    );
    let mut heavy: Vec<&Part> = parts.iter().filter(|it| it.own > 0.0).collect();
    let terms: Vec<String> = heavy
        .iter()
        .take(TERMS)
        .map(|it| term(context, it))
        .collect();
    let shown: f64 = heavy.iter().take(TERMS).map(|it| it.own * it.times).sum();
    let rest = if cost > shown {
        format!(" + {} elsewhere", text::duration(nanos(cost - shown)))
    } else {
        String::new()
    };
    finding = finding.note(format!(
        "{}{rest} = {} > {}",
        terms.join(" + "),
        text::duration(needed),
        text::duration(slo)
    ));
    heavy.sort_by(|a, b| (b.own * b.times).total_cmp(&(a.own * a.times)));
    for part in heavy.iter().take(SHOWN) {
        if let Some((each, Some(line))) = own(context, part.hop) {
            let text = format!("{} here", text::duration(each));
            finding = finding.label(line, text);
        }
    }
    if assumed {
        finding = finding.note(
            "where a handler does not say what it calls, it is taken to make the slowest of its calls",
        );
    }
    finding
        .help("make calls at once that do not need each other, leave to a queue what the answer does not need, or promise less")
        .milder_if(assumed)
        .about(parts.iter().map(|it| context.topology.hop(it.hop).edge))
}

/// `3 x 50ms (prices.Prices.find)`
fn term(context: &Context<'_>, part: &Part) -> String {
    let name = match context.topology.hop(part.hop).operation {
        Some(operation) => context.operation_name(operation),
        None => context
            .model
            .end_name(End::Node(context.topology.target(part.hop))),
    };
    let each = text::duration(nanos(part.own));
    if part.times > 1.0 {
        format!("{} x {each} ({name})", text::factor(part.times))
    } else {
        format!("{each} ({name})")
    }
}

fn nanos(cost: f64) -> Duration {
    Duration::from_nanos(cost.round() as u64)
}
