//! 7.3 WebSockets + Redis Pub/Sub for real-time systems.

use std::collections::BTreeSet;

use super::view::{View, channel};
use super::{Detection, Gap};
use crate::model::attributes::{Attr, Pattern};
use crate::model::{ChannelId, ChannelKind, Edge, EdgeId, Link, NodeId};
use crate::protocol::Protocol;

pub fn detect(view: &View<'_>) -> Detection {
    let mut found = Detection::new(Pattern::WsPubsub);
    let is_socket = |edge: &Edge| edge.protocol() == Some(Protocol::Websocket);
    let hubs: BTreeSet<NodeId> = view
        .services()
        .filter(|it| view.called(*it).any(|(_, edge)| is_socket(edge)))
        .collect();
    if hubs.is_empty() {
        return found.without("a service that clients hold WebSockets to");
    }
    let heard = |hub: &NodeId| -> Vec<(ChannelId, EdgeId)> {
        let consumed = view
            .consumes(*hub)
            .filter_map(|(id, edge)| Some((channel(edge.from)?, id)));
        consumed
            .filter(|(it, _)| view.publishers(*it).next().is_some())
            .collect()
    };
    let planes: BTreeSet<ChannelId> = hubs.iter().flat_map(heard).map(|it| it.0).collect();
    if planes.is_empty() {
        found.lacks(
            "a backplane: a channel that the instances of that service hear each other by",
            Some("PRT004"),
        );
    }
    let scaled = |hub: &&NodeId| {
        view.model[**hub]
            .attributes
            .replicas()
            .is_some_and(|it| it >= 2)
    };
    found.share(
        "services of several instances",
        (hubs.iter().filter(scaled).count(), hubs.len()),
    );
    let connected = |hub: &&NodeId| !heard(hub).is_empty();
    found.share(
        "services that hear a backplane",
        (hubs.iter().filter(connected).count(), hubs.len()),
    );
    let broadcast = |plane: &&ChannelId| view.model[**plane].kind == ChannelKind::Channel;
    found.share(
        "backplanes that reach every instance",
        (planes.iter().filter(broadcast).count(), planes.len().max(1)),
    );

    let deaf = hubs.iter().filter(|it| heard(it).is_empty()).map(|it| Gap {
        span: view.model[*it].span,
        what: format!("`{}` hears nobody", view.name(*it)),
    });
    found.condition(
        "instances hear of each other's messages",
        Some("PRT004"),
        deaf.collect(),
    );
    let shared = planes.iter().filter(|it| !broadcast(it)).map(|it| Gap {
        span: view.model[*it].span,
        what: format!(
            "`{}` gives each message to one instance",
            view.model[*it].name
        ),
    });
    found.condition(
        "every instance hears everything",
        Some("PRT005"),
        shared.collect(),
    );
    let sockets = || {
        hubs.iter()
            .flat_map(|it| view.called(*it))
            .filter(|(_, edge)| is_socket(edge))
    };
    let is_known = |_: EdgeId, edge: &Edge| {
        edge.operations.iter().all(|it| {
            let attributes = &view.model[it.operation].attributes;
            attributes.auths().is_some() || attributes.is(Attr::Public)
        })
    };
    found.condition(
        "connections are authenticated",
        Some("AUN001"),
        view.lacking(sockets(), is_known, "asks nobody who he is"),
    );
    let says = |attr: Attr| {
        move |_: EdgeId, edge: &Edge| match edge.link {
            Link::Call { api: Some(api), .. } => view.model[api].attributes.value(attr).is_some(),
            _ => true,
        }
    };
    let from_browsers = sockets().filter(|(_, edge)| {
        view.model[view.from(edge)].kind
            == crate::model::NodeKind::Client(crate::model::ClientKind::Browser)
    });
    found.condition(
        "the origins of pages are listed",
        Some("SEC003"),
        view.lacking(from_browsers, says(Attr::Cors), "lists no origins"),
    );
    found.condition(
        "quiet connections are noticed",
        Some("PRT007"),
        view.lacking(sockets(), says(Attr::Heartbeat), "has no heartbeat"),
    );
    found.condition(
        "connections and messages are limited",
        Some("RTL001"),
        view.lacking(sockets(), says(Attr::MaxConnections), "is not limited"),
    );
    let exposed = planes
        .iter()
        .flat_map(|it| view.publishers(*it).chain(view.consumers(*it)));
    let exposed = exposed.filter(|(_, edge)| view.is_client(edge.from) || view.is_client(edge.to));
    let exposed = exposed.map(|(_, edge)| view.gap(edge, "")).collect();
    found.condition(
        "clients do not reach the backplane",
        Some("SEC004"),
        exposed,
    );
    found.roles.push(("hub", view.names(&hubs)));
    if !planes.is_empty() {
        found.roles.push(("backplane", view.channel_names(&planes)));
    }
    found
}
