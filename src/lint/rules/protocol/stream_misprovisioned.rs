//! # PRT010 stream-misprovisioned
//!
//! ## What it does
//! Compares topics of a log (Kafka, Pulsar) with what consumers and publishers need of them: a `retention` that is shorter
//! than a consumer's `replay`, or unwritten; fewer `partitions` than a consumer has instances; a `throughput` without
//! `partitions`, when it is 1000/s or more or several instances share it; and a broker of fewer than three instances that is not `managed`.
//!
//! ## Why it is bad
//! Partitions and retention have to be managed with care, says the article (section 2.5): an instance without a partition
//! does nothing, messages that have expired cannot be read again, and a log that is kept on fewer than three brokers stops
//! taking messages, or loses some, with the first that fails. See also Kafka's documentation on consumer groups and on
//! `min.insync.replicas`.
//!
//! ## Bad
//! ```arch
//! service orders
//! service billing { replicas = 8 }
//! broker bus : kafka { watched = true
//!   topic placed : Placed { key = id, partitions = 3, dlq = dead }
//!   topic dead : Placed
//! }
//! orders -> bus.placed
//! bus.placed -> billing { idempotent = true }
//! type Placed { id: uuid }
//! ```
//!
//! ## Good
//! ```arch
//! service orders
//! service billing { replicas = 8 }
//! broker bus : kafka { watched = true
//!   topic placed : Placed { key = id, partitions = 12, dlq = dead }
//!   topic dead : Placed
//! }
//! orders -> bus.placed
//! bus.placed -> billing { idempotent = true }
//! type Placed { id: uuid }
//! ```
//!
//! ## How to fix
//! Write at least as many `partitions` as the largest consumer has instances, with room to grow; a `retention` that covers
//! every consumer's `replay`; three brokers, or `managed = true` where a provider runs them.
//!
//! ## Known limits
//! Copies of a topic (its replication factor) cannot be drawn apart from the broker's instances. How much a partition can
//! take is not estimated.

use crate::diagnostic::Safety;
use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::attributes::{Attr, Criticality, Value};
use crate::model::text;
use crate::model::{BrokerEngine, Channel, ChannelId, ChannelKind, EdgeId, End, NodeId, NodeKind};

/// Messages a second that one instance of a consumer cannot be expected to work off.
const MUCH: f64 = 1000.0;

pub fn check(context: &Context<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (id, node) in context.model.nodes() {
        if let NodeKind::Broker(engine) = node.kind {
            findings.extend(too_few_brokers(context, id, engine));
        }
    }
    for (id, channel) in context.model.channels() {
        let NodeKind::Broker(engine) = context.model[channel.broker].kind else {
            continue;
        };
        if !engine.facts().log || channel.kind != ChannelKind::Topic {
            continue;
        }
        findings.extend(idle_instances(context, id, channel));
        findings.extend(forgets(context, id, channel));
        findings.extend(unsplit(context, id, channel));
    }
    findings
}

fn too_few_brokers(context: &Context<'_>, id: NodeId, engine: BrokerEngine) -> Option<Finding> {
    let node = &context.model[id];
    let replicas = node.attributes.replicas()?;
    if !engine.facts().log || replicas >= 3 || node.attributes.is(Attr::Managed) {
        return None;
    }
    let title = engine.facts().title;
    Some(
        Finding::new(
            format!("`{}` keeps its log on {}", node.name, text::counted(replicas, "broker")),
            node.span,
        )
        .here(if replicas == 1 {
            "when it fails, nothing is taken in and what it held may be gone"
        } else {
            "when one fails, either nothing is taken in or only one copy is"
        })
        .label_at(node.attributes.span(Attr::Replicas), "so many run")
        .note(format!(
            "{title} takes a message for safe when a majority of its copies has it: 2 of 3, so that one of 3 may fail"
        ))
        .fix(
            Safety::Suggested,
            "write `replicas = 3`, or `managed = true` if a provider runs it",
            context.editor().set(id, Attr::Replicas, "3"),
        )
        .graver_if(node.attributes.criticality() == Some(Criticality::High)),
    )
}

/// More instances than partitions, one finding for each consumer.
fn idle_instances(context: &Context<'_>, id: ChannelId, channel: &Channel) -> Vec<Finding> {
    let Some(partitions) = channel.attributes.count(Attr::Partitions) else {
        return Vec::new();
    };
    let consumers = context.topology.consumers(id).iter();
    consumers
        .filter_map(|&edge| {
            let consumer = &context.model[context.model.node_of(context.model[edge].to)];
            let replicas = consumer.attributes.replicas().filter(|it| *it > partitions)?;
            // Instances that each have a group of their own get all messages.
            if context.model[edge].attributes.text(Attr::Group) == Some("per_instance") {
                return None;
            }
            let name = context.model.end_name(End::Channel(id));
            Some(
                Finding::new(
                    format!(
                        "{} of {} of `{}` get nothing from `{name}`",
                        replicas - partitions,
                        text::counted(replicas, "instance"),
                        consumer.name
                    ),
                    channel.attributes.span(Attr::Partitions).unwrap_or(channel.span),
                )
                .here("a partition goes to one instance of a group")
                .label_at(consumer.attributes.span(Attr::Replicas), format!("{replicas} share them"))
                .label(context.model[edge].span, "consumed here")
                .note(format!("{replicas} - {partitions} = {} without a partition", replicas - partitions))
                .fix(
                    Safety::Suggested,
                    format!("write `partitions = {replicas}` or more; later it moves keys to other partitions"),
                    context.editor().set(id, Attr::Partitions, &replicas.to_string()),
                )
                .about([edge]),
            )
        })
        .collect()
}

/// Kept for less time than somebody needs, or nobody says how long.
fn forgets(context: &Context<'_>, id: ChannelId, channel: &Channel) -> Vec<Finding> {
    let need = |edge: EdgeId| {
        context.model[edge]
            .attributes
            .duration(Attr::Replay)
            .map(|it| (it, edge))
    };
    let consumers = context.topology.consumers(id).iter();
    let Some((span, edge)) = consumers.filter_map(|&it| need(it)).max_by_key(|it| it.0) else {
        return Vec::new();
    };
    let name = context.model.end_name(End::Channel(id));
    let consumer = context.model.end_name(context.model[edge].to);
    let kept = channel.attributes.duration(Attr::Retention);
    if kept.is_some_and(|it| it >= span) {
        return Vec::new();
    }
    if kept.is_none() && context.model[channel.broker].existing {
        return context.unknown("retention", channel.span, || {
            (
                name,
                format!(
                    "write how long it keeps messages: `retention = {}`",
                    text::duration(span)
                ),
            )
        });
    }
    let (message, at) = match kept {
        Some(kept) => (
            format!(
                "`{name}` forgets after {} what `{consumer}` has to read again for {}",
                text::duration(kept),
                text::duration(span)
            ),
            channel
                .attributes
                .span(Attr::Retention)
                .unwrap_or(channel.span),
        ),
        None => (
            format!(
                "nothing makes `{name}` keep what `{consumer}` has to read again for {}",
                text::duration(span)
            ),
            channel.span,
        ),
    };
    vec![
        Finding::new(message, at)
            .label_at(
                context.model[edge].attributes.span(Attr::Replay),
                "needed here",
            )
            .fix(
                Safety::Suggested,
                format!("write `retention = {}` or more", text::duration(span)),
                context
                    .editor()
                    .set(id, Attr::Retention, &text::written_duration(span)),
            )
            .about([edge]),
    ]
}

/// Much is to travel, and nothing says over how many parts.
fn unsplit(context: &Context<'_>, id: ChannelId, channel: &Channel) -> Vec<Finding> {
    if channel.attributes.get(Attr::Partitions).is_some() || context.model[channel.broker].existing
    {
        return Vec::new();
    }
    let publishers = context.topology.publishers(id).iter();
    let said = publishers.map(|&edge| &context.model[edge].attributes);
    let Some(effective) = std::iter::once(&channel.attributes)
        .chain(said)
        .find_map(|it| it.get(Attr::Throughput))
    else {
        return Vec::new();
    };
    let Value::Rate(rate) = effective.value else {
        return Vec::new();
    };
    // One instance can take what is little.
    let consumers = context.topology.consumers(id).iter();
    let instances = |edge: &EdgeId| {
        let consumer = context.model.node_of(context.model[*edge].to);
        context.model[consumer].attributes.replicas().unwrap_or(1)
    };
    let shared = consumers.map(instances).max() > Some(1);
    if !shared && (rate.count as f64 / rate.per.as_secs_f64()) < MUCH {
        return Vec::new();
    }
    vec![
        Finding::new(
            format!(
                "`{}` is to take {} and does not say in how many partitions",
                context.model.end_name(End::Channel(id)),
                text::rate(rate)
            ),
            channel.span,
        )
        .here("unwritten, a new topic mostly gets one, and one instance has to handle all")
        .label_at(effective.origin.span(), "so much")
        .help("write `partitions = 12`, at least as many as the largest consumer has instances"),
    ]
}
