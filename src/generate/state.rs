//! The stores that services keep state in which their instances share.

use std::collections::BTreeSet;

use crate::model::attributes::{Attr, Effective, Tls};
use crate::model::{End, Link, Model, NodeId, NodeKind};
use crate::protocol::StoreEngine;

use super::services::names::is_generated;

/// The state of one service.
#[derive(Clone, Copy, Debug)]
pub struct State<'m> {
    /// Where it is kept.
    pub store: NodeId,
    /// How the connection to it is protected: as the edge to the store says, else both sides show certificates.
    pub tls: Tls,
    /// Where the drawing says that it is shared.
    pub effective: Option<&'m Effective>,
}

/// Where a service keeps what its instances share, if they share anything.
pub fn of(model: &Model, service: NodeId) -> Option<State<'_>> {
    let attributes = &model[service].attributes;
    let store = attributes.state()?;
    let edge = model.edges.iter().find(|edge| {
        edge.link == Link::Store
            && edge.from == End::Node(service)
            && model.node_of(edge.to) == store
    });
    Some(State {
        store,
        tls: edge
            .and_then(|edge| edge.attributes.tls())
            .unwrap_or(Tls::Mutual),
        effective: attributes.get(Attr::State),
    })
}

/// All stores in which generated services keep state, each with how connections to it are protected.
pub fn stores(model: &Model) -> BTreeSet<(NodeId, Tls)> {
    let ours = model.nodes().filter(|(_, node)| is_generated(node));
    ours.filter_map(|(id, _)| of(model, id))
        .map(|state| (state.store, state.tls))
        .collect()
}

/// Whether state can be kept in a node: the runtime speaks one protocol with it.
pub fn is_spoken(kind: NodeKind) -> bool {
    matches!(
        kind,
        NodeKind::Store(StoreEngine::Redis | StoreEngine::Valkey)
    )
}
