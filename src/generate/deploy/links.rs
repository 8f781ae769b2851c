//! Who reaches whom on which port: what networks and their policies let through.

use std::collections::{BTreeMap, BTreeSet};

use crate::generate::services::config::{host, issuers, port};
use crate::generate::services::names::Service;
use crate::generate::state;
use crate::model::attributes::{Attr, Tls};
use crate::model::{Link, Model, NodeId, NodeKind};

/// All connections of a system that start or end at a service of ours.
pub struct Links<'m> {
    /// By callee and port.
    inward: BTreeMap<(NodeId, u16), BTreeSet<NodeId>>,
    /// By caller and port.
    outward: BTreeMap<(NodeId, u16), BTreeSet<NodeId>>,
    /// The services that ask an identity provider for keys or tokens, with its ports.
    issuers: BTreeMap<NodeId, BTreeSet<u16>>,
    model: &'m Model,
}

impl<'m> Links<'m> {
    /// Reads them from the edges.
    pub fn new(model: &'m Model, services: &[Service]) -> Self {
        let mut links = Self {
            inward: BTreeMap::new(),
            outward: BTreeMap::new(),
            issuers: BTreeMap::new(),
            model,
        };
        for edge in &model.edges {
            let (from, to) = (model.node_of(edge.from), model.node_of(edge.to));
            let at = match (edge.link, model[to].kind) {
                (Link::Call { .. }, NodeKind::External) => external_port(model, to),
                (Link::Call { .. }, _) => port(edge.attributes.tls().unwrap_or(Tls::Mutual)),
                (Link::Store, NodeKind::Store(engine)) if engine.facts().networked => {
                    engine.facts().port
                }
                _ => continue,
            };
            links.inward.entry((to, at)).or_default().insert(from);
            links.outward.entry((from, at)).or_default().insert(to);
        }
        for service in services {
            let state = state::of(model, service.node).map(|it| it.store);
            if let Some(store) = state
                && let NodeKind::Store(engine) = model[store].kind
            {
                let port = engine.facts().port;
                let inward = links.inward.entry((store, port)).or_default();
                inward.insert(service.node);
                let outward = links.outward.entry((service.node, port)).or_default();
                outward.insert(store);
            }
            for issuer in issuers(model, service) {
                let ports = links.issuers.entry(service.node).or_default();
                let asked = [
                    (issuer.keys, Attr::Jwks),
                    (issuer.tokens, Attr::TokenEndpoint),
                    (issuer.logins, Attr::Issuer),
                ];
                for (_, own) in asked.into_iter().filter(|(is, _)| *is) {
                    let said = &issuer.auth.attributes;
                    let url = said.text(own).or_else(|| said.text(Attr::Issuer));
                    ports.insert(url.map_or(443, port_of));
                }
            }
        }
        links
    }

    /// The ports on which a node is called, each with its callers.
    pub fn inward(&self, node: NodeId) -> impl Iterator<Item = (u16, &BTreeSet<NodeId>)> {
        let ways = self.inward.range((node, 0)..=(node, u16::MAX));
        ways.map(|((_, port), callers)| (*port, callers))
    }

    /// The ports on which a node calls others, each with these.
    pub fn outward(&self, node: NodeId) -> impl Iterator<Item = (u16, &BTreeSet<NodeId>)> {
        let ways = self.outward.range((node, 0)..=(node, u16::MAX));
        ways.map(|((_, port), callees)| (*port, callees))
    }

    /// The ports of the identity providers that a service asks for keys or tokens.
    pub fn issuers(&self, node: NodeId) -> impl Iterator<Item = u16> {
        self.issuers.get(&node).into_iter().flatten().copied()
    }

    /// Whether anybody asks an identity provider.
    pub fn has_issuers(&self) -> bool {
        !self.issuers.is_empty()
    }

    /// Whether a node is nowhere in the system's own network.
    pub fn is_outside(&self, node: NodeId) -> bool {
        matches!(
            self.model[node].kind,
            NodeKind::Client(_) | NodeKind::External
        )
    }
}

/// The port of somebody else's system.
fn external_port(model: &Model, node: NodeId) -> u16 {
    model[node].attributes.text(Attr::Url).map_or(443, port_of)
}

/// The port of a URL.
fn port_of(url: &str) -> u16 {
    let tls = if url.starts_with("http://") {
        Tls::Off
    } else {
        Tls::Server
    };
    let address = host(url, tls);
    let port = address.rsplit_once(':').and_then(|(_, it)| it.parse().ok());
    port.unwrap_or(443)
}
