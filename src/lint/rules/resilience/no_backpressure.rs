//! # RES006 no-backpressure
//!
//! ## What it does
//! Finds consumers that are given messages without a bound (`prefetch = unlimited`) while they wait for others; channels into
//! which more comes (`throughput`) than their consumers can handle, instances times `concurrency` over `latency`; and live
//! connections on which every client is sent each message of a channel that carries more than `limits { live_rate }`
//! (100/s).
//!
//! ## Why it is bad
//! What takes in faster than it works off keeps the difference: in memory, until it is killed and all of it is delivered to
//! the next one; in the queue, which grows until it is full and messages are hours old; in the socket buffers of each
//! slow client. Queues have to be managed (the article, section 2.4, which also calls them the means to level load), and
//! streams that feed clients need to be joined to what a client can show (section 7.6). See also RabbitMQ on prefetch, and
//! chapter 22 of Google's SRE book on queue management.
//!
//! ## Bad
//! ```arch
//! service shop
//! service mailer { existing = true }
//! store mail_db : postgres
//! broker jobs : rabbitmq { watched = true
//!   queue emails : Note { dlq = emails_dead, prefetch = unlimited }
//!   queue emails_dead : Note
//! }
//! shop -> jobs.emails
//! jobs.emails -> mailer { attempts = 5, idempotent = true }
//! mailer -> mail_db { timeout = 1s }
//! type Note { text: string }
//! ```
//!
//! ## Good
//! ```arch
//! service shop
//! service mailer { existing = true }
//! store mail_db : postgres
//! broker jobs : rabbitmq { watched = true
//!   queue emails : Note { dlq = emails_dead, prefetch = 20 }
//!   queue emails_dead : Note
//! }
//! shop -> jobs.emails
//! jobs.emails -> mailer { attempts = 5, idempotent = true }
//! mailer -> mail_db { timeout = 1s }
//! type Note { text: string }
//! ```
//!
//! ## How to fix
//! Bound what an instance is given before it has acknowledged (`prefetch = 20`); run more instances or handle more at once,
//! or let less in, until the consumers keep up; and send clients what changed at most so often (`conflate = 250ms`), or
//! only what they asked for, by key.
//!
//! ## Known limits
//! The catalogue wants a bound on the length of each queue as well. That is left out: a queue that is worked off needs none,
//! and the one that is not is found by its numbers. On logs (kafka, pulsar) consumers pull, and are never given too much.

use crate::lint::cause::{Cause, causes};
use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::attributes::{Attr, Rate, Value};
use crate::model::text;
use crate::model::{
    CallTarget, Channel, ChannelId, ChannelKind, EdgeId, End, Link, NodeKind, OperationId,
};
use crate::topology::HopId;

pub fn check(context: &Context<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = causes(context, Attr::Prefetch)
        .into_iter()
        .filter_map(|cause| unbounded(context, cause))
        .collect();
    for (id, channel) in context.model.channels() {
        if let Some(Value::Rate(rate)) = channel.attributes.value(Attr::Throughput) {
            findings.extend(overrun(context, id, channel, *rate));
            findings.extend(firehose(context, id, channel, *rate));
        }
    }
    findings
}

fn per_second(rate: Rate) -> f64 {
    rate.count as f64 / rate.per.as_secs_f64()
}

/// Consumers that are given everything at once.
fn unbounded(context: &Context<'_>, mut cause: Cause<'_>) -> Option<Finding> {
    let model = context.model;
    cause.uses.retain(|it| {
        let edge = &model[it.edge];
        let log = matches!(model[model.node_of(edge.from)].kind, NodeKind::Broker(engine) if engine.facts().log);
        let unlimited = matches!(it.attributes.value(Attr::Prefetch), Some(Value::Text(_)));
        unlimited && !log && slowest(context, it.edge).is_some()
    });
    let first = cause.uses.first()?.edge;
    let next = slowest(context, first)?;
    let (channel, consumer) = (
        model.end_name(model[first].from),
        model.end_name(model[first].to),
    );
    let finding = Finding::new(
        format!("`{consumer}` is given all of `{channel}` at once, whatever it can handle"),
        cause.span,
    )
    .here("there is no bound")
    .label(
        model[context.topology.hop(next).edge].span,
        format!("it waits here for `{}`", context.arrival_name(next)),
    )
    .note("what waits in one instance is neither shared with the others nor kept when it dies")
    .help("bound it: `prefetch = 20`, a few times what is handled at once");
    Some(cause.show_uses(context, finding))
}

/// A call that the consumer waits for.
fn slowest(context: &Context<'_>, edge: EdgeId) -> Option<HopId> {
    let topology = context.topology;
    let hop = topology.hops_of(edge).next()?;
    let waits = |hop: &HopId| topology.is_synchronous(*hop);
    if let Some(next) = topology.causes(hop).into_iter().find(waits) {
        return Some(next);
    }
    if !topology.may_cause_anything(hop) {
        return None;
    }
    let node = topology.target(hop);
    let mut calls = topology
        .outgoing(node)
        .iter()
        .flat_map(|&it| topology.hops_of(it));
    calls.find(waits)
}

/// More comes in than is worked off.
fn overrun(context: &Context<'_>, id: ChannelId, channel: &Channel, comes: Rate) -> Vec<Finding> {
    let consumers = context.topology.consumers(id);
    if consumers.is_empty() {
        return Vec::new();
    }
    // Consumers of a queue share its messages; each group of a topic gets all of them.
    let groups: Vec<&[EdgeId]> = if channel.kind == ChannelKind::Queue {
        vec![consumers]
    } else {
        consumers.chunks(1).collect()
    };
    groups
        .into_iter()
        .flat_map(|edges| overrun_group(context, id, channel, comes, edges))
        .collect()
}

fn overrun_group(
    context: &Context<'_>,
    id: ChannelId,
    channel: &Channel,
    comes: Rate,
    edges: &[EdgeId],
) -> Vec<Finding> {
    let mut handled = 0.0;
    let mut terms = Vec::new();
    for &edge in edges {
        let hop = context.topology.hops_of(edge).next();
        let Some(able) = hop.and_then(|hop| context.handled_per_second(hop)) else {
            let node = &context.model[context.model.node_of(context.model[edge].to)];
            return context.unknown("latency", node.span, || {
                let declare = "write how long a message takes it and how many instances there are: `latency = 20ms, replicas = 2`";
                (context.model.end_name(End::Channel(id)), declare.to_owned())
            });
        };
        handled += able;
        terms.push((edge, able));
    }
    if handled >= per_second(comes) {
        return Vec::new();
    }
    let name = context.model.end_name(End::Channel(id));
    let mut finding = Finding::new(
        format!(
            "`{name}` gets up to {} and its consumers handle {}/s: it grows",
            text::rate(comes),
            text::factor(handled)
        ),
        channel
            .attributes
            .span(Attr::Throughput)
            .unwrap_or(channel.span),
    )
    .here("so much comes in");
    for &(edge, able) in terms.iter().take(3) {
        let node = &context.model[context.model.node_of(context.model[edge].to)];
        finding = finding
            .label(
                context.model[edge].span,
                format!("{}/s go out here", text::factor(able)),
            )
            .note(format!(
                "{}: {} = {}/s",
                node.name,
                context.handling(edge),
                text::factor(able)
            ));
    }
    vec![
        finding
            .help("run more instances, handle more at once (`concurrency`), or let less in; `ttl` decides what is lost meanwhile")
            .about(edges.iter().copied()),
    ]
}

/// Every client is sent everything.
fn firehose(context: &Context<'_>, id: ChannelId, channel: &Channel, comes: Rate) -> Vec<Finding> {
    let most = context.limits.live_rate;
    if per_second(comes) < per_second(most) {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for &edge in context.topology.consumers(id) {
        let node = context.model.node_of(context.model[edge].to);
        let pushed = context.topology.incoming(node).iter().find_map(|&live| {
            let is_live = context.model[live]
                .protocol()
                .is_some_and(|it| it.facts().live);
            let client = context.model[context.model.node_of(context.model[live].from)].kind;
            let operation = pushing(context, live, id)?;
            (is_live && matches!(client, NodeKind::Client(_))).then_some((live, operation))
        });
        let Some((live, operation)) = pushed else {
            continue;
        };
        findings.push(
            Finding::new(
                format!(
                    "each client of `{}` is sent up to {}",
                    context.operation_name(operation),
                    text::rate(comes)
                ),
                context.model[operation].span,
            )
            .here("every message goes to every client")
            .label_at(
                channel.attributes.span(Attr::Throughput),
                format!("{} come from `{}`", text::rate(comes), channel.name),
            )
            .label(context.model[live].span, "over a connection each")
            .note(format!(
                "{} >= `live_rate = {}`",
                text::rate(comes),
                text::rate(most)
            ))
            .help("send what changed at most so often (`conflate = 250ms`), or only what a client asked for, by a key")
            .about([live]),
        );
    }
    findings
}

/// The operation on a live edge that hands a channel's messages to clients unjoined.
fn pushing(context: &Context<'_>, live: EdgeId, channel: ChannelId) -> Option<OperationId> {
    let Link::Call { .. } = context.model[live].link else {
        return None;
    };
    context.model[live]
        .operations
        .iter()
        .map(|it| it.operation)
        .find(|&it| {
            let operation = &context.model[it];
            let streams = operation.output.as_ref().is_some_and(|it| it.stream);
            let fed = match &operation.via {
                Some(via) => via.target == CallTarget::Channel(channel) && via.key.is_none(),
                None => true,
            };
            streams && fed && operation.attributes.get(Attr::Conflate).is_none()
        })
}
