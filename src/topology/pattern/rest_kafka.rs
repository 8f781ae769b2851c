//! 7.2 REST + Kafka for event-driven flows.

use std::collections::BTreeSet;

use super::Detection;
use super::view::{View, channel, has};
use crate::model::attributes::{Attr, Pattern};
use crate::model::{ChannelId, Edge, EdgeId, NodeId};
use crate::protocol::Protocol;

pub fn detect(view: &View<'_>) -> Detection {
    let mut found = Detection::new(Pattern::RestKafka);
    let logs: BTreeSet<ChannelId> = view.channels().filter(|it| view.is_log(*it)).collect();
    let published = |node: NodeId| {
        let channels = view
            .publishes(node)
            .filter_map(|(_, edge)| channel(edge.to));
        channels.filter(|it| logs.contains(it)).collect::<Vec<_>>()
    };
    let producers: BTreeSet<NodeId> = view
        .services()
        .filter(|it| !published(*it).is_empty())
        .collect();
    let asked = |node: &NodeId| {
        view.called(*node)
            .any(|(_, edge)| edge.protocol() == Some(Protocol::Rest))
    };
    let apis: BTreeSet<NodeId> = producers.iter().copied().filter(asked).collect();
    if apis.is_empty() {
        return found
            .without("a service that is asked over REST and publishes to a log such as Kafka's");
    }
    let topics: BTreeSet<ChannelId> = apis.iter().flat_map(|it| published(*it)).collect();
    let consumers: BTreeSet<NodeId> = topics
        .iter()
        .flat_map(|it| view.consumers(*it))
        .map(|(_, edge)| view.to(edge))
        .filter(|it| !apis.contains(it))
        .collect();
    if consumers.is_empty() {
        found.lacks("a service that consumes what is published", None);
    }
    let by_client = |node: &&NodeId| view.entries(**node).next().is_some();
    found.share(
        "producers that clients call",
        (apis.iter().filter(by_client).count(), apis.len()),
    );
    let by_others = |topic: &&ChannelId| {
        let publishers: BTreeSet<NodeId> = view
            .publishers(**topic)
            .map(|(_, it)| view.from(it))
            .collect();
        view.consumers(**topic)
            .any(|(_, it)| !publishers.contains(&view.to(it)))
    };
    found.share(
        "topics that another service consumes",
        (topics.iter().filter(by_others).count(), topics.len()),
    );
    let pairs: Vec<(NodeId, NodeId)> = apis
        .iter()
        .flat_map(|api| published(*api).into_iter().map(move |topic| (*api, topic)))
        .flat_map(|(api, topic)| {
            view.consumers(topic)
                .map(move |(_, edge)| (api, view.to(edge)))
        })
        .filter(|(api, consumer)| api != consumer)
        .collect();
    let twice: Vec<EdgeId> = pairs
        .iter()
        .filter_map(|(api, consumer)| view.waits_for(*api, *consumer))
        .collect();
    found.share(
        "consumers that the producer does not call as well",
        (pairs.len() - twice.len(), pairs.len()),
    );

    let out: Vec<(EdgeId, &Edge)> = apis
        .iter()
        .flat_map(|it| view.publishes(*it))
        .filter(|(_, edge)| channel(edge.to).is_some_and(|it| logs.contains(&it)))
        .collect();
    let is_told_whole = |_: EdgeId, edge: &Edge| {
        has(edge, Attr::Outbox) || view.owned_data(view.from(edge)).is_empty()
    };
    let dual = view.lacking(
        out,
        is_told_whole,
        "has no outbox, while its sender writes to a store",
    );
    found.condition(
        "a change and the event that tells of it happen together",
        Some("RES003"),
        dual,
    );
    let taken = || topics.iter().flat_map(|it| view.consumers(*it));
    let repeated = view.lacking(
        taken(),
        |_, edge| edge.attributes.idempotent().is_some(),
        "is not idempotent",
    );
    found.condition("consumers are idempotent", Some("RES002"), repeated);
    let lonely = topics
        .iter()
        .filter(|it| view.consumers(**it).next().is_none());
    let lonely = lonely.map(|it| super::Gap {
        span: view.model[*it].span,
        what: format!("nobody consumes `{}`", view.model[*it].name),
    });
    found.condition(
        "somebody consumes each topic",
        Some("TOP005"),
        lonely.collect(),
    );
    let dead = view.lacking(
        taken(),
        |_, edge| {
            let of_channel =
                channel(edge.from).is_some_and(|it| view.model[it].attributes.dlq().is_some());
            of_channel || edge.attributes.dlq().is_some() || has(edge, Attr::OnError)
        },
        "has no dead letters",
    );
    found.condition("what cannot be handled is put aside", Some("DLQ001"), dead);
    let retained = topics
        .iter()
        .filter(|it| view.model[**it].attributes.value(Attr::Retention).is_none());
    let retained = retained.map(|it| super::Gap {
        span: view.model[*it].span,
        what: format!(
            "`{}` does not say how long it keeps messages",
            view.model[*it].name
        ),
    });
    found.condition(
        "topics say how long they keep messages",
        Some("PRT010"),
        retained.collect(),
    );
    let told_twice = twice
        .iter()
        .map(|it| view.gap(&view.model[*it], "tells what the topic tells"));
    found.condition("nobody is told twice", Some("TOP009"), told_twice.collect());
    found.roles.push(("asked over REST", view.names(&apis)));
    found.roles.push(("topics", view.channel_names(&topics)));
    found.roles.push(("consumers", view.names(&consumers)));
    found
}
