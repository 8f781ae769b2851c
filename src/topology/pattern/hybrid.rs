//! 7.6 Hybrid event-driven and real-time architectures.

use std::collections::{BTreeMap, BTreeSet};

use super::Detection;
use super::view::{View, channel};
use crate::model::attributes::{Attr, Pattern, Value};
use crate::model::{ChannelId, ChannelKind, Edge, End, Link, NodeId};

pub fn detect(view: &View<'_>) -> Detection {
    let mut found = Detection::new(Pattern::HybridStreamingRealtime);
    let pushes = |node: &NodeId| {
        view.entries(*node)
            .any(|(_, edge)| edge.protocol().is_some_and(|it| it.facts().live))
    };
    let keeps = |node: &NodeId| !view.owned_data(*node).is_empty();
    let pushers: BTreeSet<NodeId> = view.services().filter(pushes).collect();
    let keepers: BTreeSet<NodeId> = view.services().filter(keeps).collect();
    let (live, analysing) = (upstream(view, &pushers), upstream(view, &keepers));
    let branches = |topic: ChannelId, reaching: &BTreeSet<NodeId>| -> Vec<&Edge> {
        let consumers = view.consumers(topic).map(|(_, edge)| edge);
        consumers
            .filter(|edge| reaching.contains(&view.to(edge)))
            .collect()
    };
    let logs: Vec<ChannelId> = view.channels().filter(|it| view.is_log(*it)).collect();
    let topics: BTreeSet<ChannelId> = logs
        .iter()
        .copied()
        .filter(|it| !branches(*it, &live).is_empty() || !branches(*it, &analysing).is_empty())
        .collect();
    if topics.is_empty() {
        return found
            .without("a log such as Kafka's that services consume to analyse, or to tell clients");
    }
    let forked: BTreeSet<ChannelId> = topics
        .iter()
        .copied()
        .filter(|it| !branches(*it, &live).is_empty() && !branches(*it, &analysing).is_empty())
        .collect();
    if forked.is_empty() {
        found.lacks(
            "a topic that is both analysed and told to clients as it comes",
            None,
        );
    }
    let parts = if forked.is_empty() { &topics } else { &forked };
    let count = |reaching: &BTreeSet<NodeId>| {
        parts
            .iter()
            .filter(|it| !branches(**it, reaching).is_empty())
            .count()
    };
    found.share(
        "topics that are analysed and kept",
        (count(&analysing), parts.len()),
    );
    found.share(
        "topics that reach clients live",
        (count(&live), parts.len()),
    );
    let separate = |topic: &&ChannelId| {
        let groups = |reaching| {
            branches(**topic, reaching)
                .iter()
                .map(|it| group(view, it))
                .collect::<BTreeSet<_>>()
        };
        let (live, analysing) = (groups(&live), groups(&analysing));
        !live.is_empty() && !analysing.is_empty() && (live != analysing || live.len() > 1)
    };
    found.share(
        "topics whose branches read at their own pace",
        (parts.iter().filter(separate).count(), parts.len()),
    );

    let hubs = pushers.iter().flat_map(|it| view.consumes(*it));
    let narrow = hubs.filter(|(_, edge)| {
        let is_broadcast =
            channel(edge.from).is_some_and(|it| view.model[it].kind == ChannelKind::Channel);
        let several = view.model[view.to(edge)]
            .attributes
            .replicas()
            .is_some_and(|it| it > 1);
        let fed = channel(edge.from).is_some_and(|it| is_via(view, view.to(edge), it));
        several && !is_broadcast && !fed
    });
    let narrow = narrow
        .map(|(_, edge)| view.gap(edge, "reaches one instance of several"))
        .collect();
    found.condition(
        "every instance that pushes hears everything",
        Some("PRT005"),
        narrow,
    );
    let exposed = view.channels().flat_map(|it| {
        view.publishers(it)
            .chain(view.consumers(it))
            .collect::<Vec<_>>()
    });
    let exposed = exposed.filter(|(_, edge)| view.is_client(edge.from) || view.is_client(edge.to));
    let exposed = exposed.map(|(_, edge)| view.gap(edge, "")).collect();
    found.condition("clients do not reach the broker", Some("SEC004"), exposed);
    let back = pushers.iter().flat_map(|it| view.publishes(*it));
    let back = back.filter(|(_, edge)| channel(edge.to).is_some_and(|it| parts.contains(&it)));
    let back = back
        .filter(|(_, edge)| !from_client(view, edge))
        .map(|(_, edge)| view.gap(edge, "leads back"))
        .collect();
    found.condition(
        "nothing leads from the push back to the topic",
        Some("TOP004"),
        back,
    );
    found.roles.push(("topics", view.channel_names(parts)));
    let takers = |reaching| {
        let edges = parts.iter().flat_map(|it| branches(*it, reaching));
        edges.map(|edge| view.to(edge)).collect::<BTreeSet<_>>()
    };
    found
        .roles
        .push(("analysed by", view.names(&takers(&analysing))));
    found
        .roles
        .push(("told live by", view.names(&takers(&live))));
    found
}

/// Nodes from which some others are reached over calls and channels, themselves included.
fn upstream(view: &View<'_>, goals: &BTreeSet<NodeId>) -> BTreeSet<NodeId> {
    let mut before: BTreeMap<NodeId, Vec<NodeId>> = BTreeMap::new();
    for edge in view
        .model
        .edges
        .iter()
        .filter(|it| it.link == Link::Publish)
    {
        let End::Channel(to) = edge.to else { continue };
        for (_, consumer) in view.consumers(to) {
            before
                .entry(view.to(consumer))
                .or_default()
                .push(view.from(edge));
        }
    }
    let mut reached = goals.clone();
    let mut next: Vec<NodeId> = goals.iter().copied().collect();
    while let Some(node) = next.pop() {
        let callers = view.called(node).map(|(_, edge)| view.from(edge));
        let publishers = before.get(&node).into_iter().flatten().copied();
        let found: Vec<NodeId> = callers
            .chain(publishers)
            .filter(|it| reached.insert(*it))
            .collect();
        next.extend(found);
    }
    reached
}

/// The group that a consumer shares messages in.
fn group(view: &View<'_>, edge: &Edge) -> String {
    match edge.attributes.value(Attr::Group) {
        Some(Value::Text(group)) => group.clone(),
        _ => view.name(view.to(edge)),
    }
}

/// Whether an operation of a node is fed by a channel: then each instance has a subscription of its own.
fn is_via(view: &View<'_>, node: NodeId, channel: ChannelId) -> bool {
    let operations = view.model[node]
        .apis
        .iter()
        .flat_map(|api| &view.model[*api].operations);
    operations
        .filter_map(|id| view.model[*id].via.as_ref())
        .any(|via| via.target == crate::model::CallTarget::Channel(channel))
}

/// Whether an operation publishes what a client sent, by `via`.
fn from_client(view: &View<'_>, edge: &Edge) -> bool {
    channel(edge.to).is_some_and(|it| is_via(view, view.from(edge), it))
}
