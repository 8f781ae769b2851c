//! Who calls an api over a protocol, and how.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::attributes::{Attr, Effective, Tls, Value};
use crate::model::{ApiId, Edge, Link, Model, NodeId, NodeKind};
use crate::protocol::Protocol;

/// The edges that lead to an api over a protocol.
pub fn edges(model: &Model, api: ApiId, protocol: Protocol) -> impl Iterator<Item = &Edge> {
    let link = Link::Call {
        protocol,
        api: Some(api),
    };
    model.edges.iter().filter(move |edge| edge.link == link)
}

/// The services that have such an edge.
pub fn services(model: &Model, api: ApiId, protocol: Protocol) -> BTreeSet<NodeId> {
    edges(model, api, protocol)
        .map(|edge| model.node_of(edge.from))
        .filter(|node| matches!(model[*node].kind, NodeKind::Service(_)))
        .collect()
}

/// How connections to the api are protected: each way that one of its edges asks for, loosest first, with what the
/// first of those edges says.
pub fn ways(model: &Model, api: ApiId, protocol: Protocol) -> BTreeMap<Tls, Option<&Effective>> {
    let mut ways = BTreeMap::new();
    for edge in edges(model, api, protocol) {
        if let Some(effective) = edge.attributes.get(Attr::Tls)
            && let Value::Tls(tls) = effective.value
        {
            ways.entry(tls).or_insert(Some(effective));
        }
    }
    if ways.is_empty() {
        ways.insert(Tls::Server, None);
    }
    ways
}
