//! # PRT012 delivery-guarantee-unmet
//!
//! ## What it does
//! Compares what receivers rely on with what the way to them gives. Without being told anything it finds queues from which
//! two different services consume, and topics on which two share a `group`: each message reaches only one of them. With
//! `delivery` and `replay` on the consuming edge (or `delivery` on the channel, a stream or a webhook) it finds channels
//! and publishers that lose messages, consumers of what must happen exactly once that are not idempotent, and queues that
//! are to be read again.
//!
//! ## Why it is bad
//! Redis Pub/Sub forgets a message that nobody hears; queues are durable but hand each message out once (the article,
//! sections 2.4 and 7.3); logs can be replayed, yet exactly-once needs additional work (section 2.5); the delivery of
//! webhooks is not guaranteed (section 2.8). See also the Idempotent Consumer pattern of the Azure Architecture Center.
//!
//! ## Bad
//! ```arch
//! service orders
//! service billing
//! service analytics
//! broker jobs : rabbitmq { watched = true
//!   queue placed : Placed { dlq = dead }
//!   queue dead : Placed
//! }
//! orders -> jobs.placed
//! jobs.placed -> billing { idempotent = true }
//! jobs.placed -> analytics { idempotent = true }
//! type Placed { id: uuid }
//! ```
//!
//! ## Good
//! ```arch
//! service orders
//! service billing
//! service analytics
//! broker jobs : rabbitmq { watched = true
//!   topic placed : Placed { dlq = dead }
//!   queue dead : Placed
//! }
//! orders -> jobs.placed
//! jobs.placed -> billing { idempotent = true }
//! jobs.placed -> analytics { idempotent = true }
//! type Placed { id: uuid }
//! ```
//!
//! ## How to fix
//! Make it a `topic` where several services have to hear all; take a broker that keeps messages where none may be lost, and
//! a log (kafka, pulsar) where they are read again; let the consumer recognise repeats: `idempotent = by(id, window = 24h)`.
//!
//! ## Known limits
//! Whether a channel that no broker declares is a queue or a topic is not guessed where its engine has both. Whether a sender that exists retries its webhooks is only known from what its edge says.

use std::collections::BTreeMap;

use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::attributes::{Attr, Attributes, Value};
use crate::model::{
    Channel, ChannelId, ChannelKind, Edge, EdgeId, End, Link, NodeId, NodeKind, OperationKind,
};
use crate::protocol::{BrokerFacts, Delivery};

pub fn check(context: &Context<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (id, channel) in context.model.channels() {
        findings.extend(stolen(context, id, channel));
    }
    for (id, edge) in context.model.edges() {
        let found = match (edge.link, edge.from) {
            (Link::Consume, End::Channel(channel)) => {
                let mut found = consumed(context, edge, &context.model[channel]);
                found.extend(unconfirmed(context, edge, channel));
                found
            }
            (Link::Call { .. }, _) => sent(context, edge),
            _ => Vec::new(),
        };
        findings.extend(found.into_iter().map(|it| it.about([id])));
    }
    findings
}

fn wanted(attributes: &Attributes) -> Option<Delivery> {
    attributes
        .text(Attr::Delivery)
        .and_then(Delivery::from_name)
}

/// Services that take each other's messages.
fn stolen(context: &Context<'_>, id: ChannelId, channel: &Channel) -> Vec<Finding> {
    let consumers = context.topology.consumers(id);
    if consumers.len() < 2 || channel.kind == ChannelKind::Channel {
        return Vec::new();
    }
    let broker = &context.model[channel.broker];
    if let NodeKind::Broker(engine) = broker.kind
        && engine.facts().channels.len() > 1
        && !channel.declared
    {
        return context.unknown("queue", channel.span, || {
            (
                context.model.end_name(End::Channel(id)),
                format!(
                    "declare what it is: `broker {} {{ topic {} : ... }}`, or `queue`",
                    broker.name, channel.name
                ),
            )
        });
    }
    let mut groups: BTreeMap<&str, BTreeMap<NodeId, EdgeId>> = BTreeMap::new();
    for &edge in consumers {
        let group = match channel.kind {
            ChannelKind::Queue => "",
            _ => match context.model[edge].attributes.text(Attr::Group) {
                Some("per_instance") | None => continue,
                Some(group) => group,
            },
        };
        let node = context.model.node_of(context.model[edge].to);
        // One of two that take turns while the other goes is not stolen from.
        if context.model[node]
            .attributes
            .get(Attr::Lifecycle)
            .is_none()
        {
            groups.entry(group).or_default().entry(node).or_insert(edge);
        }
    }
    let name = context.model.end_name(End::Channel(id));
    let shared = groups.into_iter().filter(|(_, members)| members.len() > 1);
    shared
        .map(|(group, members)| {
            let count = members.len();
            let names: Vec<String> = members
                .keys()
                .take(4)
                .map(|it| format!("`{}`", context.model[*it].name))
                .collect();
            let names = match count - names.len() {
                0 => names.join(" and "),
                more => format!("{} and {more} more", names.join(", ")),
            };
            let mut finding = Finding::new(
                format!("{names} take each other's messages from `{name}`"),
                channel.span,
            )
            .here(format!("each message goes to one of the {count}"));
            for &edge in members.values().take(4) {
                let attributes = &context.model[edge].attributes;
                finding = finding.label(context.model[edge].span, "gets only some of them");
                if !group.is_empty() {
                    finding = finding.label_at(attributes.span(Attr::Group), format!("the group `{group}`"));
                }
            }
            let help = if group.is_empty() {
                "make it a `topic`, from which each service gets all, or give each a queue of its own"
            } else {
                "give each service a group of its own, as it has when `group` is unwritten"
            };
            finding.help(help).about(members.into_values())
        })
        .collect()
}

/// What a consumer relies on.
fn consumed(context: &Context<'_>, edge: &Edge, channel: &Channel) -> Vec<Finding> {
    let attributes = &edge.attributes;
    let NodeKind::Broker(engine) = context.model[channel.broker].kind else {
        return Vec::new();
    };
    let facts = engine.facts();
    let (to, from) = (
        context.model.end_name(edge.to),
        context.model.end_name(edge.from),
    );
    let mut findings = Vec::new();
    let wanted = wanted(attributes);
    let finding = |message: String, attr| {
        Finding::new(message, edge.span).label_at(attributes.span(attr), "relied on by this")
    };
    if let Some(wanted) = wanted.filter(|it| *it > Delivery::AtMostOnce) {
        if let Some((why, help)) = loses(attributes, facts) {
            findings.push(
                finding(
                    format!("`{to}` may lose no message of `{from}`, but {why}"),
                    Attr::Delivery,
                )
                .label_at(
                    attributes.span(Attr::Ack),
                    "lost when it crashes after this",
                )
                .note(format!(
                    "`{wanted}` is wanted, `{}` is given",
                    Delivery::AtMostOnce
                ))
                .help(help),
            );
        } else if wanted == Delivery::ExactlyOnce && !is_idempotent(attributes) {
            findings.push(
                finding(format!("`{to}` may handle no message of `{from}` twice, but {} delivers some twice", facts.title), Attr::Delivery)
                    .note(format!("`{wanted}` is wanted, `{}` is given", facts.delivery))
                    .help("let it recognise repeats: `idempotent = by(id, window = 24h)`"),
            );
        }
    }
    if attributes.duration(Attr::Replay).is_some()
        && !(facts.log && channel.kind == ChannelKind::Topic)
    {
        findings.push(
            finding(
                format!(
                    "`{to}` has to read `{from}` again, but a {} of {} forgets what was handled",
                    channel.kind, facts.title
                ),
                Attr::Replay,
            )
            .label(channel.span, "keeps nothing")
            .help("take a topic of a broker that keeps a log: kafka or pulsar"),
        );
    }
    findings
}

/// Publishers that do not wait until the broker has a message which none may lose.
fn unconfirmed(context: &Context<'_>, edge: &Edge, channel: ChannelId) -> Option<Finding> {
    let attributes = &edge.attributes;
    wanted(attributes).filter(|it| *it > Delivery::AtMostOnce)?;
    let publishers = context.topology.publishers(channel).iter();
    let careless = publishers
        .map(|&it| &context.model[it])
        .find(|it| it.attributes.value(Attr::Confirms) == Some(&Value::Boolean(false)))?;
    let (from, to) = (
        context.model.end_name(careless.from),
        context.model.end_name(edge.from),
    );
    Some(
        Finding::new(
            format!(
                "`{}` may lose no message of `{to}`, but `{from}` does not wait until the broker has one",
                context.model.end_name(edge.to)
            ),
            careless.span,
        )
        .here("what the broker refuses, or loses in a restart, is gone")
        .label_at(careless.attributes.span(Attr::Confirms), "so it is written here")
        .label_at(attributes.span(Attr::Delivery), "relied on by this")
        .help("let it wait for the broker's confirmation, and write `confirms = true`"),
    )
}

/// Why messages can get lost on their way to a handler, and what helps.
fn loses(attributes: &Attributes, facts: &BrokerFacts) -> Option<(String, &'static str)> {
    if facts.delivery == Delivery::AtMostOnce {
        let why = format!("{} forgets what nobody hears at the moment", facts.title);
        return Some((
            why,
            "take a broker that keeps messages until they are handled: rabbitmq, sqs or kafka",
        ));
    }
    if attributes.text(Attr::OnError) == Some("skip") {
        let why = "it leaves out what keeps failing".to_owned();
        return Some((
            why,
            "keep what fails: `dlq = ...` in place of `on_error = skip`",
        ));
    }
    (attributes.text(Attr::Ack) == Some("received")).then(|| {
        (
            "it acknowledges before it has handled one".to_owned(),
            "write `ack = handled`",
        )
    })
}

fn is_idempotent(attributes: &Attributes) -> bool {
    matches!(
        attributes.value(Attr::Idempotent),
        Some(Value::Idempotent(_))
    )
}

/// What the receiver of a stream or webhook relies on.
fn sent(context: &Context<'_>, edge: &Edge) -> Vec<Finding> {
    let attributes = &edge.attributes;
    let Some(protocol) = edge.protocol() else {
        return Vec::new();
    };
    let Some(wanted) = wanted(attributes).filter(|it| *it > Delivery::AtMostOnce) else {
        return Vec::new();
    };
    let facts = protocol.facts();
    if facts.delivery.is_none() {
        return Vec::new();
    }
    let (from, to) = (
        context.model.end_name(edge.from),
        context.model.end_name(edge.to),
    );
    let at = edge.protocol_span.unwrap_or(edge.span);
    let receiver = if facts.live { &from } else { &to };
    let finding = |message: String| {
        Finding::new(message, at).label_at(attributes.span(Attr::Delivery), "relied on by this")
    };
    let title = facts.title;
    if facts.live {
        let kept = |it: &crate::model::EdgeOperation| {
            context.model[it.operation]
                .attributes
                .get(Attr::Replay)
                .is_some()
        };
        if edge.operations.is_empty() || edge.operations.iter().all(kept) {
            return Vec::new();
        }
        return vec![
            finding(format!("`{receiver}` may lose nothing of what `{to}` sends, but over {title} it does while it is away"))
                .help("keep the events for those that come back: `replay = 5m` on the operation"),
        ];
    }
    if context.is_generated(edge.from) && attributes.retry().is_none() {
        return vec![
            finding(format!("`{receiver}` may miss no webhook of `{from}`, but one that fails is not repeated"))
                .help("repeat it: `retry = exponential(attempts = 8, base = 1s, max = 5m, jitter = full)`, or send it from a queue"),
        ];
    }
    let twice = edge
        .operations
        .iter()
        .map(|it| &context.model[it.operation])
        .find(|it| it.kind != OperationKind::Query && it.attributes.idempotent().is_none());
    match twice {
        Some(operation) if wanted == Delivery::ExactlyOnce => vec![
            finding(format!("`{receiver}` may handle no webhook of `{from}` twice, but a repeated one is handled again"))
                .label(operation.span, "does not recognise repeats")
                .help("write `idempotent = by(id, window = 24h)` on the operation"),
        ],
        _ => Vec::new(),
    }
}
