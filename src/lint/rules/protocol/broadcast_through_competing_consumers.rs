//! # PRT005 broadcast-through-competing-consumers
//!
//! ## What it does
//! Finds services that run more than once, push to clients over connections that stay open, and are told what to push by
//! queues or topics whose messages their instances share: each message reaches one instance, and only the clients that
//! happen to be connected there. Broadcast channels reach every instance, and so do streams that are served
//! `via` a topic, each instance having its own subscription. Apis of `scope = connection` tell only who asked, and are
//! left out.
//!
//! ## Why it is bad
//! With one instance all works; with three every client misses two thirds of the events, and nothing fails. Live updates
//! over several instances need something that tells all of them (the article, sections 7.3 and 7.6): queues and consumer
//! groups give each message to one (section 2.4). See also the scale-out guides of Socket.IO and SignalR.
//!
//! ## Bad
//! ```arch
//! client web : browser
//! service shop { schedule tick { every = 1s } }
//! service push { replicas = 3
//!   api Push { public = true, rate_limit = limit(50/s, per = ip), max_connections = 1000
//!     query prices() -> stream Price
//!   }
//! }
//! broker bus : kafka { watched = true
//!   topic prices : Price { dlq = dead, idempotent = true }
//!   topic dead : Price
//! }
//! shop -> bus.prices
//! bus.prices -> push
//! web -> push : sse { delivery = at_most_once }
//! type Price { id: uuid }
//! ```
//!
//! ## Good
//! ```arch
//! client web : browser
//! service shop { schedule tick { every = 1s } }
//! service push { replicas = 3
//!   api Push { public = true, rate_limit = limit(50/s, per = ip), max_connections = 1000
//!     query prices() -> stream Price
//!   }
//! }
//! broker live : redis { channel prices : Price }
//! shop -> live.prices
//! live.prices -> push
//! web -> push : sse { delivery = at_most_once }
//! type Price { id: uuid }
//! ```
//!
//! ## How to fix
//! Publish to a broadcast channel (`broker live : redis { channel ... }`), or serve the stream `via bus.prices`: every
//! instance then has a subscription of its own.
//!
//! ## Known limits
//! Connections that are led to the instance that owns their key cannot be drawn; accept it there. Without `replicas`
//! nothing is known, and nothing said.

use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::attributes::Attr;
use crate::model::{CallTarget, Operation};
use crate::model::{ChannelKind, EdgeId, End, Link, NodeId, NodeKind};
use crate::topology::HopId;

pub fn check(context: &Context<'_>, id: NodeId) -> Vec<Finding> {
    let node = &context.model[id];
    if !matches!(node.kind, NodeKind::Service(_)) {
        return Vec::new();
    }
    let topology = context.topology;
    let incoming = topology.incoming(id);
    let shared: Vec<EdgeId> = incoming
        .iter()
        .copied()
        .filter(|&edge| is_shared(context, edge))
        .collect();
    let pushes: Vec<HopId> = incoming
        .iter()
        .flat_map(|&edge| topology.hops_of(edge))
        .filter(|&hop| tells_all(context, hop))
        .collect();
    // A channel that reaches every instance is there to tell them.
    let told = incoming.iter().any(|&edge| {
        context.model[edge].link == Link::Consume
            && channel(context, edge) == Some(ChannelKind::Channel)
    });
    let (Some(&first), Some(&push), false) = (shared.first(), pushes.first(), told) else {
        return Vec::new();
    };
    let replicas = match node.attributes.replicas() {
        Some(1) => return Vec::new(),
        Some(replicas) => replicas,
        None => {
            return context.unknown("replicas", node.span, || {
                (
                    node.name.clone(),
                    "write how many run: `replicas = 3`".to_owned(),
                )
            });
        }
    };
    let name = context.model.end_name(context.model[first].from);
    let push_edge = topology.hop(push).edge;
    let mut finding = Finding::new(
        format!("a message of `{name}` reaches one of {replicas} instances of `{}`, and only the clients that are connected there", node.name),
        context.model[first].span,
    )
    .here("the instances share these messages")
    .label(context.model[push_edge].span, format!("clients of `{}` wait here", context.arrival_name(push)))
    .label_at(node.attributes.span(Attr::Replicas), format!("{replicas} instances"));
    for &edge in shared.iter().skip(1).take(2) {
        finding = finding.label(context.model[edge].span, "and these");
    }
    vec![
        finding
            .note(format!("of {replicas} clients on {replicas} instances one hears of it"))
            .help("publish to a broadcast channel, or serve the stream `via` the topic: each instance then has its own subscription")
            .about(shared.iter().copied().chain([push_edge])),
    ]
}

/// The kind of channel that an edge consumes.
fn channel(context: &Context<'_>, edge: EdgeId) -> Option<ChannelKind> {
    match context.model[edge].from {
        End::Channel(id) => Some(context.model[id].kind),
        End::Node(_) => None,
    }
}

/// Whether instances of the consumer share the messages of an edge, to do more with them than what is declared.
fn is_shared(context: &Context<'_>, id: EdgeId) -> bool {
    let edge = &context.model[id];
    let (Link::Consume, End::Channel(channel_id), End::Node(node)) =
        (edge.link, edge.from, edge.to)
    else {
        return false;
    };
    // What only calls others tells no client.
    let works = edge.calls.as_ref().is_some_and(|it| !it.is_empty());
    let fed = |operation: &Operation| {
        operation
            .via
            .as_ref()
            .is_some_and(|it| it.target == CallTarget::Channel(channel_id))
    };
    let mut operations = context.model[node]
        .apis
        .iter()
        .flat_map(|&api| &context.model[api].operations);
    channel(context, id) != Some(ChannelKind::Channel)
        && !works
        && !operations.any(|&it| fed(&context.model[it]))
}

/// Whether clients that stay connected hear what others cause.
fn tells_all(context: &Context<'_>, hop: HopId) -> bool {
    let place = context.topology.hop(hop);
    let edge = &context.model[place.edge];
    let live = edge.protocol().is_some_and(|it| it.facts().live);
    let Some(operation) = place.operation.filter(|_| live) else {
        return false;
    };
    let api = context.model[operation].api;
    let scope = [
        &edge.attributes,
        &context.model[operation].attributes,
        &context.model[api].attributes,
    ]
    .into_iter()
    .find_map(|it| it.text(Attr::Scope));
    scope != Some("connection") && context.model[operation].via.is_none()
}
