//! # PRT004 realtime-without-backplane
//!
//! ## What it does
//! Finds services of two or more instances that push to clients over connections that stay open (WebSocket, SSE, GraphQL
//! subscriptions), take in what others have to hear of, and get it from nowhere else: no channel, no stream of another
//! service. Of services that exist it is a warning, and so it is where a store is at hand that broadcasts (Redis).
//!
//! ## Why it is bad
//! A client is connected to one instance. What happens on another never reaches it: with three instances two of three
//! clients miss each message, and with one on the developer's desk all is well. Persistent connections are harder to scale
//! (the article, section 2.3); section 7.3 puts Redis Pub/Sub behind the instances so that all of them hear all. See also
//! the notes of Socket.IO and SignalR on scaling out.
//!
//! ## Bad
//! ```arch
//! auth staff : jwt { issuer = "https://id.shop.example", audience = "shop", algorithms = [ES256], roles = realm.roles }
//! roles { member }
//! client web : browser
//! service rt { replicas = 3
//!   api Chat { auth = staff, allow = [member], rate_limit = limit(50/s, per = ip), max_connections = 2000
//!     command talk(stream Said) -> stream Said
//!   }
//! }
//! web -> rt : websocket
//! type Said { text: string }
//! ```
//!
//! ## Good
//! ```arch
//! auth staff : jwt { issuer = "https://id.shop.example", audience = "shop", algorithms = [ES256], roles = realm.roles }
//! roles { member }
//! client web : browser
//! service rt { replicas = 3
//!   api Chat { auth = staff, allow = [member], rate_limit = limit(50/s, per = ip), max_connections = 2000
//!     command talk(stream Said) -> stream Said { calls = [live.rooms] }
//!   }
//! }
//! broker live : redis { channel rooms : Said }
//! web -> rt : websocket
//! rt -> live.rooms
//! live.rooms -> rt { calls = [] }
//! type Said { text: string }
//! ```
//!
//! ## How to fix
//! Let every instance publish what it takes in and hear what all publish: `broker live : redis { channel rooms : Said }`,
//! `rt -> live.rooms`, `live.rooms -> rt { calls = [] }`. A stream that concerns only the connection that it answers says
//! `scope = connection`.
//!
//! ## Known limits
//! Streams of gRPC are left out: they are as often long answers. So are services that take nothing in but read a store,
//! since they may watch it. Routing that brings all clients of a room to one instance cannot be drawn; accept it there.

use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::attributes::Attr;
use crate::model::{Link, NodeId, NodeKind, OperationId};
use crate::protocol::OperationShape;
use crate::topology::HopId;

pub fn check(context: &Context<'_>, id: NodeId) -> Vec<Finding> {
    let node = &context.model[id];
    let topology = context.topology;
    if !matches!(node.kind, NodeKind::Service(_)) || topology.incoming(id).is_empty() {
        return Vec::new();
    }
    let incoming = || {
        topology
            .incoming(id)
            .iter()
            .flat_map(|&edge| topology.hops_of(edge))
    };
    let Some(push) = incoming().find(|&hop| context.tells_all(hop)) else {
        return Vec::new();
    };
    let consumes = |edge: &&crate::model::EdgeId| context.model[**edge].link == Link::Consume;
    if topology.incoming(id).iter().any(|it| consumes(&it)) || listens(context, id) {
        return Vec::new();
    }
    let Some(event) = incoming().find(|&hop| context.brings_events(hop)) else {
        return Vec::new();
    };
    let Some(replicas) = node.attributes.replicas() else {
        return context.unknown("replicas", node.span, || {
            (
                node.name.clone(),
                "write how many run: `replicas = 2`".to_owned(),
            )
        });
    };
    if replicas < 2 {
        return Vec::new();
    }
    let redis = topology.outgoing(id).iter().find_map(|&edge| {
        let store = &context.model[context.model.node_of(context.model[edge].to)];
        match store.kind {
            NodeKind::Store(engine) if engine.facts().broadcasts => Some(store),
            _ => None,
        }
    });
    let mut finding = Finding::new(
        format!(
            "what one of the {replicas} instances of `{}` hears never reaches the clients of the other {}",
            node.name,
            replicas - 1
        ),
        node.span,
    )
    .here("nothing passes events on between the instances")
    .label_at(node.attributes.span(Attr::Replicas), format!("{replicas} instances"))
    .label(span_of(context, push), "clients listen to one instance");
    if event != push {
        finding = finding.label(span_of(context, event), "one instance hears this");
    }
    let name = &node.name;
    finding = match redis {
        Some(store) => finding.label(
            store.span,
            "if events pass through this, draw it as a broker: `broker ... : redis`",
        ),
        None => finding,
    };
    let mut edges: Vec<_> = [push, event].map(|hop| topology.hop(hop).edge).into();
    edges.dedup();
    vec![
        finding
            .note(format!(
                "an event reaches 1 of {replicas} instances, and so about {}% of the clients",
                100 / replicas
            ))
            .help(format!(
                "let each instance hear all: `broker live : redis {{ channel events : ... }}`, `{name} -> live.events`, `live.events -> {name} {{ calls = [] }}`"
            ))
            .help("or say that the stream concerns its connection alone: `scope = connection`")
            .milder_if(redis.is_some() || node.existing)
            .about(edges),
    ]
}

/// Whether each instance listens to somebody else's stream.
fn listens(context: &Context<'_>, id: NodeId) -> bool {
    let topology = context.topology;
    let mut hops = topology
        .outgoing(id)
        .iter()
        .flat_map(|&edge| topology.hops_of(edge));
    hops.any(|hop| {
        let hop = topology.hop(hop);
        let live = context.model[hop.edge]
            .protocol()
            .is_some_and(|it| it.facts().live);
        let streams = |it: OperationId| {
            matches!(
                context.model[it].shape(),
                OperationShape::QueryStream | OperationShape::Conversation
            )
        };
        live || hop.operation.is_some_and(streams)
    })
}

fn span_of(context: &Context<'_>, hop: HopId) -> crate::source::Span {
    let hop = context.topology.hop(hop);
    match hop.operation {
        Some(operation) => context.model[operation].span,
        None => context.model[hop.edge].span,
    }
}
