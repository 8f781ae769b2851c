//! # TMO002 timeout-inversion
//!
//! ## What it does
//! Compares, for each request and each call that it causes, how long the caller waits with how long the callee may take at
//! worst: all attempts, with the waits between them, up to its deadline. Where a service that exists goes on working after
//! its caller has given up, it is an error. Deadlines travel between services that we generate, so there the attempts that
//! are written can never be made, which is a warning; and so are calls of a service that exists which fit one by one, but not
//! one after another (`sequential = true`).
//!
//! ## Why it is bad
//! The caller has given up and tries again, while the callee still works for nobody: work is wasted and requests are
//! doubled, most of all when everything is slow already. Timeouts have to fit each other, together with retries (the
//! article, section 4.3). See also chapter 22 of Google's SRE book on deadline propagation, and the gRPC guide on
//! deadlines.
//!
//! ## Bad
//! ```arch
//! service front
//! service stock { existing = true
//!   api Stock { public = true
//!     query left(sku: string) -> int32 via depots.Depots.count
//!   }
//! }
//! service depots {
//!   api Depots { public = true
//!     query count(sku: string) -> int32
//!   }
//! }
//! front -> stock : grpc { tls = mutual, timeout = 2s }
//! stock -> depots : grpc {
//!   tls = mutual
//!   timeout = 600ms
//!   retry = exponential(attempts = 3, base = 100ms, max = 1s)
//!   breaker = errors(50%, cooldown = 5s)
//! }
//! ```
//!
//! ## Good
//! ```arch
//! service front
//! service stock { existing = true
//!   api Stock { public = true
//!     query left(sku: string) -> int32 via depots.Depots.count
//!   }
//! }
//! service depots {
//!   api Depots { public = true
//!     query count(sku: string) -> int32
//!   }
//! }
//! front -> stock : grpc { tls = mutual, timeout = 2s }
//! stock -> depots : grpc {
//!   tls = mutual
//!   timeout = 600ms, deadline = 1500ms
//!   retry = exponential(attempts = 3, base = 100ms, max = 1s)
//!   breaker = errors(50%, cooldown = 5s)
//! }
//! ```
//!
//! ## How to fix
//! Give the lower call a `deadline` below what its caller waits, or fewer attempts or a shorter `timeout`. Raising the upper
//! timeout only moves the problem up.
//!
//! ## Known limits
//! What goes on in the `background` is not compared. One hop is compared at a time; what is unwritten about services that
//! exist is not compared (TMO001 reports it). Calls are added up where a handler says both what it calls and that it does so
//! one after another; where deadlines travel, those that come too late are cut off, and nothing is said.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::diagnostic::Safety;
use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::attributes::{Attr, Attributes, Origin, Value};
use crate::model::text;
use crate::model::{EdgeId, Link, Node, NodeId};
use crate::source::Span;
use crate::topology::{HopId, Way, WorstCase, worst_case};

/// How many calls in a row a finding points at.
const SHOWN: usize = 4;

/// How long the request of a hop may take, as far as whoever sent it or whoever serves it says.
struct Budget {
    time: Duration,
    line: Option<Span>,
    /// Whether it is the callee that stops, at its own budget.
    own: bool,
}

pub fn check(context: &Context<'_>) -> Vec<Finding> {
    let topology = context.topology;
    // One finding for each edge: the tightest request that causes it, a declared one before an assumed one.
    let mut found: BTreeMap<EdgeId, Finding> = BTreeMap::new();
    let mut rows: BTreeMap<EdgeId, Finding> = BTreeMap::new();
    let mut tightest: Vec<Option<(HopId, Duration)>> = vec![None; context.model.nodes.len()];
    for (id, hop) in topology.hops() {
        if !topology.is_synchronous(id) || context.model[hop.edge].link == Link::Store {
            continue;
        }
        let Some(budget) = budget(context, id) else {
            continue;
        };
        for next in topology.causes(id) {
            judge(context, id, next, false, &mut found);
        }
        if context.model[topology.target(id)].existing
            && !rows.contains_key(&hop.edge)
            && let Some(finding) = row(context, id, &budget)
        {
            rows.insert(hop.edge, finding);
        }
        if topology.may_cause_anything(id) {
            let known = tightest[topology.target(id).0 as usize].get_or_insert((id, budget.time));
            if budget.time < known.1 {
                *known = (id, budget.time);
            }
        }
    }
    for (node, request) in (0..).map(NodeId).zip(tightest) {
        let Some((request, _)) = request else {
            continue;
        };
        for &edge in topology.outgoing(node) {
            for next in topology.hops_of(edge) {
                judge(context, request, next, true, &mut found);
            }
        }
    }
    found.into_values().chain(rows.into_values()).collect()
}

/// Calls of an existing service that fit one by one into the time that a request has, but not one after another.
fn row(context: &Context<'_>, request: HopId, budget: &Budget) -> Option<Finding> {
    let topology = context.topology;
    let callee = &context.model[topology.target(request)];
    if !context.is_sequential(request) {
        return None;
    }
    let latency = latency(callee);
    let mut calls = topology.causes(request);
    calls.dedup();
    let calls: Vec<(HopId, u32, Duration)> = calls
        .into_iter()
        .filter(|&call| topology.is_synchronous(call))
        .filter_map(|call| {
            let attributes = context.attributes_of(call);
            let times = match attributes.value(Attr::PerRequest) {
                Some(Value::Integer(times)) => u32::try_from(*times).unwrap_or(u32::MAX),
                _ => 1,
            };
            let worst = worst_case(attributes, context.retries(call))?;
            Some((call, times, worst.total))
        })
        .collect();
    let fits = |time: Duration| latency.saturating_add(time) < budget.time;
    let sum = calls.iter().fold(latency, |sum, (_, times, each)| {
        sum.saturating_add(each.saturating_mul(*times))
    });
    if sum < budget.time || !calls.iter().all(|(.., each)| fits(*each)) {
        return None;
    }
    let edge = topology.hop(request).edge;
    let time = text::duration(budget.time);
    let who = if budget.own {
        format!("`{}` gives itself {time}", callee.name)
    } else {
        let caller = context.model.end_name(context.model[edge].from);
        format!("`{caller}` gives up on `{}` after {time}", callee.name)
    };
    let mut terms: Vec<String> = Vec::new();
    if !latency.is_zero() {
        terms.push(format!("{} latency", text::duration(latency)));
    }
    let mut finding = Finding::new(
        format!(
            "{who}, but its calls one after another may take {}",
            text::duration(sum)
        ),
        context.model[edge].span,
    )
    .label(
        budget.line.unwrap_or(context.model[edge].span),
        format!("{time} for all of it"),
    );
    for (at, (call, times, each)) in calls.iter().enumerate() {
        let often = if *times > 1 {
            format!("{times} x ")
        } else {
            String::new()
        };
        let each = text::duration(*each);
        terms.push(format!("{often}{each} ({})", context.arrival_name(*call)));
        if at < SHOWN {
            let span = context.model[topology.hop(*call).edge].span;
            finding = finding.label(span, format!("{often}{each} at worst"));
        }
    }
    Some(
        finding
            .note(format!(
                "{} = {} >= {time}",
                terms.join(" + "),
                text::duration(sum)
            ))
            .help("make those at once that do not need each other, or give them deadlines that fit together")
            .milder_if(true)
            .about([edge]),
    )
}

fn latency(node: &Node) -> Duration {
    match node.attributes.value(Attr::Latency) {
        Some(Value::Duration(it)) => *it,
        _ => Duration::ZERO,
    }
}

fn judge(
    context: &Context<'_>,
    request: HopId,
    call: HopId,
    assumed: bool,
    found: &mut BTreeMap<EdgeId, Finding>,
) {
    let edge = context.topology.hop(call).edge;
    if found.contains_key(&edge) || !context.topology.is_synchronous(call) {
        return;
    }
    if let Some(finding) = compare(context, request, call) {
        let way = Way {
            hops: vec![request, call],
            assumed,
        };
        found.insert(edge, finding.along(context, &way));
    }
}

fn compare(context: &Context<'_>, request: HopId, call: HopId) -> Option<Finding> {
    let topology = context.topology;
    let edge = &context.model[topology.hop(call).edge];
    let attributes = context.attributes_of(call);
    let generated = context.is_generated(edge.from);
    let retries = context.retries(call);
    // Where deadlines travel, only attempts that are written and never made are worth a word.
    if generated {
        let written = attributes.get(Attr::Retry)?.origin != Origin::BuiltIn;
        let several = context.retry(call)?.attempts != Some(1);
        if !(written && several && retries) {
            return None;
        }
    }
    let budget = budget(context, request)?;
    let worst = worst_case(attributes, retries)?;
    let callee = &context.model[context.model.node_of(edge.from)];
    let latency = latency(callee);
    let needed = latency.saturating_add(worst.total);
    if needed < budget.time {
        return None;
    }
    let caller_edge = context.topology.hop(request).edge;
    let caller = context.model.end_name(context.model[caller_edge].from);
    let (name, time) = (&callee.name, text::duration(budget.time));
    let target = context.arrival_name(call);
    let message = match (generated, budget.own) {
        (true, _) => format!(
            "`{name}` has {time} for `{}`, and its attempts on `{target}` need up to {}",
            context.arrival_name(request),
            text::duration(needed)
        ),
        (false, true) => format!(
            "`{name}` gives itself {time}, but may spend {} on `{target}`",
            text::duration(needed)
        ),
        (false, false) => format!(
            "`{caller}` gives up on `{name}` after {time}, but `{name}` may spend {} on `{target}`",
            text::duration(needed)
        ),
    };
    let what = if budget.own {
        "its own budget"
    } else {
        "its caller waits"
    };
    let request_line = budget.line.unwrap_or(context.model[caller_edge].span);
    let eighty_percent = budget.time.saturating_sub(latency) * 4 / 5;
    let mut finding = Finding::new(message, edge.span)
        .here(format!("at worst {}", text::duration(worst.total)))
        .label(request_line, format!("{what}: {time}"))
        .label_at(
            attributes.span(Attr::Retry),
            format!("{} here", text::counted(worst.attempts, "attempt")),
        )
        .note(format!(
            "the way: {} -> {target}",
            context.hop_name(request)
        ))
        .note(arithmetic(
            &worst,
            context.retry(call),
            latency,
            budget.time,
        ));
    finding = if generated {
        finding.note("the deadline travels with the request and cuts them off: the last attempts are never made")
    } else {
        finding.note(
            "what it does after that is for nobody, and is done again when the caller tries again",
        )
    };
    let deadline = text::written_duration(rounded(eighty_percent));
    let other = if worst.attempts > 1 {
        "fewer attempts"
    } else {
        "a shorter `timeout`"
    };
    Some(
        finding
            .fix(
                Safety::Suggested,
                format!(
                    "write `deadline = {deadline}` on `{}`, or {other}",
                    context.hop_name(call)
                ),
                context
                    .editor()
                    .set(topology.hop(call).edge, Attr::Deadline, &deadline),
            )
            .milder_if(generated)
            .about([caller_edge, topology.hop(call).edge]),
    )
}

fn budget(context: &Context<'_>, hop: HopId) -> Option<Budget> {
    let attributes = context.attributes_of(hop);
    let operation = context.topology.hop(hop).operation;
    let callee = operation.map(|it| &context.model[it].attributes);
    let written = |attributes: &Attributes, attr| {
        let effective = attributes.get(attr)?;
        match effective.value {
            Value::Duration(time) => Some((time, effective.origin.span())),
            _ => None,
        }
    };
    let own = callee.and_then(|it| written(it, Attr::Timeout));
    let waits = written(attributes, Attr::Timeout);
    let caller = waits.or_else(|| written(attributes, Attr::Deadline));
    match (caller, own) {
        (Some((time, line)), own) if own.is_none_or(|(own, _)| time <= own) => Some(Budget {
            time,
            line,
            own: false,
        }),
        (_, Some((time, line))) => Some(Budget {
            time,
            line,
            own: true,
        }),
        _ => None,
    }
}

/// `3 x 600ms + 100ms + 200ms = 2.1s >= 2s`
fn arithmetic(
    worst: &WorstCase,
    retry: Option<&crate::model::attributes::Retry>,
    latency: Duration,
    budget: Duration,
) -> String {
    let mut sum = String::new();
    if !latency.is_zero() {
        sum.push_str(&format!("{} latency + ", text::duration(latency)));
    }
    match worst.timeout {
        Some(timeout) if worst.attempts > 1 => {
            sum.push_str(&format!("{} x {}", worst.attempts, text::duration(timeout)));
            sum.push_str(&waits(worst, retry));
        }
        Some(timeout) => sum.push_str(&text::duration(timeout)),
        None => sum.push_str("no timeout"),
    }
    if let Some(deadline) = worst.cut_at {
        sum.push_str(&format!(
            ", cut at its deadline of {}",
            text::duration(deadline)
        ));
    }
    let needed = text::duration(latency.saturating_add(worst.total));
    if sum != needed {
        sum.push_str(&format!(" = {needed}"));
    }
    format!("{sum} >= {}", text::duration(budget))
}

/// The waits one by one where they are few, else their sum.
fn waits(worst: &WorstCase, retry: Option<&crate::model::attributes::Retry>) -> String {
    let Some(retry) = retry.filter(|_| worst.attempts <= 6) else {
        return format!(" + {} of waits", text::duration(worst.waits));
    };
    let mut wait = retry.base;
    let mut text = String::new();
    for _ in 1..worst.attempts {
        let capped = retry.max.map_or(wait, |max| wait.min(max));
        text.push_str(&format!(" + {}", text::duration(capped)));
        if retry.exponential {
            wait = wait.saturating_mul(2);
        }
    }
    text
}

/// To two digits, as a person would choose it.
fn rounded(time: Duration) -> Duration {
    let millis = time.as_millis() as u64;
    let step = 10_u64.pow(millis.checked_ilog10().unwrap_or(0).saturating_sub(1));
    Duration::from_millis((millis / step * step).max(1))
}
