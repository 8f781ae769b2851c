//! # TMO005 ack-window-too-short
//!
//! ## What it does
//! Adds up how long a consumer may take for a message at worst: its own `latency`, and all attempts of the calls that it
//! makes, one after another unless it says `sequential = false`, times the messages that it holds for each that it handles
//! at once (`prefetch` by `concurrency`). Where that is as long as `ack_timeout`, the broker delivers the message again
//! while the first delivery is still handled. A warning where only the broker's usual window is known (SQS 30 s, Kafka and
//! Pulsar 5 min, RabbitMQ 30 min), or where more than half of it is used up.
//!
//! ## Why it is bad
//! Duplicates without any failure, and more load exactly when it is slow already. Processing has to fit into the time that
//! the queue gives it (the article, sections 2.4 and 4.3). See also the Amazon SQS developer guide (a visibility timeout of
//! six times the function's), `max.poll.interval.ms` of Kafka, and the consumer timeout of RabbitMQ.
//!
//! ## Bad
//! ```arch
//! service shop
//! service mailer
//! external post
//! broker jobs : sqs { watched = true
//!   queue emails : Note { dlq = emails_dead, ack_timeout = 30s, idempotent = true }
//!   queue emails_dead : Note
//! }
//! shop -> jobs.emails
//! jobs.emails -> mailer { calls = [post] }
//! mailer -> post : rest { timeout = 40s, breaker = errors(50%, cooldown = 1m), tls = server }
//! type Note { text: string }
//! ```
//!
//! ## Good
//! ```arch
//! service shop
//! service mailer
//! external post
//! broker jobs : sqs { watched = true
//!   queue emails : Note { dlq = emails_dead, ack_timeout = 30s, idempotent = true }
//!   queue emails_dead : Note
//! }
//! shop -> jobs.emails
//! jobs.emails -> mailer { calls = [post] }
//! mailer -> post : rest { timeout = 10s, breaker = errors(50%, cooldown = 1m), tls = server }
//! type Note { text: string }
//! ```
//!
//! ## How to fix
//! A longer `ack_timeout`, of twice the worst case and more; or less to do: a `deadline` on the calls, a smaller `prefetch`.
//!
//! ## Known limits
//! Consumers that ask for more time while they work cannot say so; they write the `ack_timeout` that they reach. Calls
//! without a timeout are TMO001's.

use std::time::Duration;

use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::attributes::{Attr, Value};
use crate::model::text;
use crate::model::{EdgeId, End, Link, NodeKind};
use crate::protocol::BrokerEngine;
use crate::topology::{HopId, Way, worst_case};

pub fn check(context: &Context<'_>, id: EdgeId) -> Vec<Finding> {
    let edge = &context.model[id];
    let (Link::Consume, End::Channel(channel), End::Node(node)) = (edge.link, edge.from, edge.to)
    else {
        return Vec::new();
    };
    let hop = context
        .topology
        .hops_of(id)
        .find(|&hop| context.may_come_twice(hop));
    let service = &context.model[node];
    let (Some(hop), NodeKind::Service(_)) = (hop, service.kind) else {
        return Vec::new();
    };
    let written = edge.attributes.duration(Attr::AckTimeout);
    let broker = context.model[context.model[channel].broker].kind;
    let Some(window) = written.or_else(|| usual(broker)) else {
        return Vec::new();
    };
    let work = Work::of(context, hop);
    if work.calls.is_empty() {
        return Vec::new();
    }
    let needed = work.needed();
    let tight = needed < window;
    if needed.saturating_mul(2) <= window || (tight && written.is_none()) {
        return Vec::new();
    }
    let name = context.model.end_name(edge.from);
    let (time, limit) = (text::duration(needed), text::duration(window));
    let message = match tight {
        true => format!(
            "`{}` may need {time} for a message of `{name}`: more than half of the {limit} that it has",
            service.name
        ),
        false => format!(
            "`{}` may need {time} for a message of `{name}`, which is delivered again after {limit}",
            service.name
        ),
    };
    let mut finding = Finding::new(message, edge.span).here(format!("at worst {time}"));
    finding = match edge.attributes.span(Attr::AckTimeout) {
        Some(line) => finding.label(line, format!("it comes again after {limit}")),
        None => finding.note(format!(
            "nothing is written: {limit} is what this broker usually gives"
        )),
    };
    for &(call, worst) in work.calls.iter().take(3) {
        let span = context.model[context.topology.hop(call).edge].span;
        finding = finding.label(span, format!("up to {}", text::duration(worst)));
    }
    finding = finding.note(work.arithmetic(context, window));
    if edge.attributes.idempotent().is_none() {
        finding = finding.note("the consumer does not say that handling a message twice is safe, and here it comes twice without any failure");
    }
    let way = Way {
        hops: std::iter::once(hop)
            .chain(work.calls.iter().map(|it| it.0))
            .collect(),
        assumed: work.assumed,
    };
    let twice = Duration::from_secs(needed.saturating_mul(2).as_secs().max(1));
    vec![
        finding
            .help(format!(
                "write `ack_timeout = {}`, a `deadline` on the calls, or a smaller `prefetch`",
                text::duration(twice)
            ))
            .milder_if(tight || written.is_none())
            .along(context, &way)
            .about([id]),
    ]
}

/// How long brokers usually wait for an acknowledgement.
const fn usual(broker: NodeKind) -> Option<Duration> {
    match broker {
        NodeKind::Broker(BrokerEngine::Sqs) => Some(Duration::from_secs(30)),
        NodeKind::Broker(BrokerEngine::Kafka | BrokerEngine::Pulsar) => {
            Some(Duration::from_mins(5))
        }
        NodeKind::Broker(BrokerEngine::Rabbitmq) => Some(Duration::from_mins(30)),
        _ => None,
    }
}

/// What a consumer does with a message.
struct Work {
    latency: Duration,
    /// The calls, with the worst case of each.
    calls: Vec<(HopId, Duration)>,
    /// Whether they are made at the same time.
    parallel: bool,
    batch: u64,
    assumed: bool,
}

impl Work {
    fn of(context: &Context<'_>, hop: HopId) -> Self {
        let topology = context.topology;
        let mut calls: Vec<(HopId, Duration)> = Vec::new();
        let mut assumed = false;
        for next in topology.consequences(hop) {
            if !topology.is_synchronous(next.hop) {
                continue;
            }
            let attributes = context.attributes_of(next.hop);
            let Some(worst) = worst_case(attributes, context.retries(next.hop)) else {
                continue;
            };
            // Of operations over one edge that may be called, one is.
            let same =
                |it: &HopId| next.assumed && topology.hop(*it).edge == topology.hop(next.hop).edge;
            match calls.iter_mut().find(|(it, _)| same(it)) {
                Some(known) if known.1 < worst.total => *known = (next.hop, worst.total),
                Some(_) => {}
                None => calls.push((next.hop, worst.total)),
            }
            assumed |= next.assumed;
        }
        let node = &context.model[topology.target(hop)].attributes;
        let edge = context.attributes_of(hop);
        let sequential = [edge, node]
            .into_iter()
            .find_map(|it| match it.value(Attr::Sequential) {
                Some(Value::Boolean(it)) => Some(*it),
                _ => None,
            });
        Self {
            latency: node.duration(Attr::Latency).unwrap_or_default(),
            calls,
            parallel: sequential == Some(false),
            batch: context.batch(hop),
            assumed,
        }
    }

    fn needed(&self) -> Duration {
        let times = self.calls.iter().map(|it| it.1);
        let calls = if self.parallel {
            times.max().unwrap_or_default()
        } else {
            times.fold(Duration::ZERO, Duration::saturating_add)
        };
        let batch = u32::try_from(self.batch).unwrap_or(u32::MAX);
        self.latency.saturating_add(calls).saturating_mul(batch)
    }

    /// `10 x (50ms + 33s) = 330.5s >= 30s`
    fn arithmetic(&self, context: &Context<'_>, window: Duration) -> String {
        let mut terms = Vec::new();
        if !self.latency.is_zero() {
            terms.push(format!("{} latency", text::duration(self.latency)));
        }
        let calls = self.calls.iter().map(|(hop, worst)| {
            format!(
                "{} for `{}`",
                text::duration(*worst),
                context.arrival_name(*hop)
            )
        });
        if self.parallel {
            let calls: Vec<String> = calls.collect();
            terms.push(format!("the longest of {}", calls.join(", ")));
        } else {
            terms.extend(calls);
        }
        let sum = terms.join(" + ");
        let sum = match self.batch {
            1 => sum,
            batch => format!("{batch} messages x ({sum})"),
        };
        let needed = self.needed();
        let sign = if needed >= window { ">=" } else { "<" };
        format!(
            "{sum} = {} {sign} {}",
            text::duration(needed),
            text::duration(window)
        )
    }
}
