//! 7.4 Async microservices via queues + resilient patterns.

use std::collections::BTreeSet;

use super::Detection;
use super::view::{View, channel, has};
use crate::model::attributes::{Attr, Jitter, Pattern};
use crate::model::{ChannelId, ChannelKind, Edge, EdgeId, NodeId};

pub fn detect(view: &View<'_>) -> Detection {
    let mut found = Detection::new(Pattern::AsyncQueues);
    let has_work = |queue: &ChannelId| {
        let publishers: BTreeSet<NodeId> = view
            .publishers(*queue)
            .map(|(_, it)| view.from(it))
            .collect();
        let mut workers = view.consumers(*queue).map(|(_, it)| view.to(it));
        !publishers.is_empty() && workers.any(|it| !publishers.contains(&it))
    };
    let queues: BTreeSet<ChannelId> = view
        .channels()
        .filter(|it| view.model[*it].kind == ChannelKind::Queue)
        .filter(has_work)
        .collect();
    if queues.is_empty() {
        return found.without("a queue between a service that publishes and another that works");
    }
    let work = || queues.iter().flat_map(|it| view.consumers(*it));
    let workers: BTreeSet<NodeId> = work().map(|(_, edge)| view.to(edge)).collect();
    let producers: BTreeSet<NodeId> = queues
        .iter()
        .flat_map(|it| view.publishers(*it))
        .map(|(_, edge)| view.from(edge))
        .collect();
    let pairs: BTreeSet<(NodeId, NodeId)> = queues
        .iter()
        .flat_map(|queue| {
            view.publishers(*queue)
                .map(move |(_, it)| (view.from(it), *queue))
        })
        .flat_map(|(from, queue)| {
            view.consumers(queue)
                .map(move |(_, it)| (from, view.to(it)))
        })
        .filter(|(from, to)| from != to)
        .collect();
    let apart = pairs
        .iter()
        .filter(|(from, to)| view.waits_for(*from, *to).is_none());
    found.share(
        "pairs of services that talk through the queue alone",
        (apart.count(), pairs.len()),
    );
    let dead = |edge: &Edge| {
        let of_channel =
            channel(edge.from).is_some_and(|it| view.model[it].attributes.dlq().is_some());
        of_channel || edge.attributes.dlq().is_some()
    };
    let total = work().count();
    found.share(
        "workers with dead letters",
        (work().filter(|(_, edge)| dead(edge)).count(), total),
    );
    let bounded = |edge: &Edge| has(edge, Attr::Attempts);
    found.share(
        "workers that give up some time",
        (work().filter(|(_, edge)| bounded(edge)).count(), total),
    );

    let no_letters = view.lacking(work(), |_, edge| dead(edge), "has no dead letters");
    found.condition(
        "what cannot be handled is put aside",
        Some("DLQ001"),
        no_letters,
    );
    let endless = view.lacking(work(), |_, edge| bounded(edge), "tries for ever");
    found.condition(
        "a message is tried so often and no more",
        Some("DLQ002"),
        endless,
    );
    let repeated = view.lacking(
        work(),
        |_, edge| edge.attributes.idempotent().is_some(),
        "is not idempotent",
    );
    found.condition("workers are idempotent", Some("RES002"), repeated);
    let calls = || workers.iter().flat_map(|it| view.calls(*it));
    let is_calm = |_: EdgeId, edge: &Edge| {
        edge.attributes
            .retry()
            .is_none_or(|it| it.exponential && it.jitter == Jitter::Full)
    };
    let hurried = view.lacking(calls(), is_calm, "retries without backoff or jitter");
    found.condition(
        "retries of workers back off, at random times",
        Some("RTY002"),
        hurried,
    );
    let unbroken = view.lacking(
        calls(),
        |_, edge| edge.attributes.breaker().is_some(),
        "has no circuit breaker",
    );
    found.condition(
        "calls of workers have circuit breakers",
        Some("CBR001"),
        unbroken,
    );
    let blocking = pairs
        .iter()
        .filter_map(|(from, to)| view.waits_for(*to, *from));
    let blocking = blocking
        .map(|it| view.gap(&view.model[it], "asks the producer back"))
        .collect();
    found.condition(
        "workers need nothing of the producer",
        Some("PRT008"),
        blocking,
    );
    found.roles.push(("producers", view.names(&producers)));
    found.roles.push(("queues", view.channel_names(&queues)));
    found.roles.push(("workers", view.names(&workers)));
    found
}
