//! What the detectors ask of a drawing.

use std::collections::BTreeSet;

use super::Gap;
use crate::model::attributes::{Attr, Value};
use crate::model::{
    Access, CallTarget, ChannelId, ChannelKind, Edge, EdgeId, End, Link, Model, NodeId, NodeKind,
    ServiceKind, ZoneId,
};
use crate::protocol::Protocol;
use crate::topology::Topology;

/// A drawing, seen by a detector.
pub struct View<'t> {
    pub topology: &'t Topology<'t>,
    pub model: &'t Model,
    within: Option<ZoneId>,
}

impl<'t> View<'t> {
    pub const fn new(topology: &'t Topology<'t>, within: Option<ZoneId>) -> Self {
        Self {
            topology,
            model: topology.model,
            within,
        }
    }

    /// Services that may play a part, in source order.
    pub fn services(&self) -> impl Iterator<Item = NodeId> {
        self.model
            .nodes()
            .filter(|(_, node)| matches!(node.kind, NodeKind::Service(_)))
            .map(|(id, _)| id)
            .filter(|id| self.is_within(*id))
    }

    fn is_within(&self, node: NodeId) -> bool {
        let Some(within) = self.within else {
            return true;
        };
        let mut zone = self.model[node].zone;
        while let Some(id) = zone {
            if id == within {
                return true;
            }
            zone = self.model[id].parent;
        }
        false
    }

    /// Channels whose broker may play a part, in source order.
    pub fn channels(&self) -> impl Iterator<Item = ChannelId> {
        self.model
            .channels()
            .filter(|(_, it)| self.is_within(it.broker))
            .map(|(id, _)| id)
    }

    pub fn is(&self, node: NodeId, kind: ServiceKind) -> bool {
        self.model[node].kind == NodeKind::Service(kind)
    }

    pub fn is_client(&self, end: End) -> bool {
        matches!(end, End::Node(node) if matches!(self.model[node].kind, NodeKind::Client(_)))
    }

    /// Whether a channel is a log that keeps what was published.
    pub fn is_log(&self, channel: ChannelId) -> bool {
        let channel = &self.model[channel];
        let is_log = matches!(self.model[channel.broker].kind, NodeKind::Broker(engine) if engine.facts().log);
        is_log && channel.kind == ChannelKind::Topic
    }

    /// Calls that start at a node.
    pub fn calls(&self, node: NodeId) -> impl Iterator<Item = (EdgeId, &'t Edge)> {
        self.edges(self.topology.outgoing(node), |edge| {
            edge.protocol().is_some()
        })
    }

    /// Calls that end at a node.
    pub fn called(&self, node: NodeId) -> impl Iterator<Item = (EdgeId, &'t Edge)> {
        self.edges(self.topology.incoming(node), |edge| {
            edge.protocol().is_some()
        })
    }

    /// Calls of clients that end at a node.
    pub fn entries(&self, node: NodeId) -> impl Iterator<Item = (EdgeId, &'t Edge)> {
        self.called(node)
            .filter(|(_, edge)| self.is_client(edge.from))
    }

    /// What a node publishes.
    pub fn publishes(&self, node: NodeId) -> impl Iterator<Item = (EdgeId, &'t Edge)> {
        self.edges(self.topology.outgoing(node), |edge| {
            edge.link == Link::Publish
        })
    }

    /// What a node consumes.
    pub fn consumes(&self, node: NodeId) -> impl Iterator<Item = (EdgeId, &'t Edge)> {
        self.edges(self.topology.incoming(node), |edge| {
            edge.link == Link::Consume
        })
    }

    /// Those who consume from a channel.
    pub fn consumers(&self, channel: ChannelId) -> impl Iterator<Item = (EdgeId, &'t Edge)> {
        self.edges(self.topology.consumers(channel), |_| true)
    }

    /// Those who publish into a channel.
    pub fn publishers(&self, channel: ChannelId) -> impl Iterator<Item = (EdgeId, &'t Edge)> {
        self.edges(self.topology.publishers(channel), |_| true)
    }

    fn edges(
        &self,
        ids: &'t [EdgeId],
        keeps: impl Fn(&Edge) -> bool,
    ) -> impl Iterator<Item = (EdgeId, &'t Edge)> {
        let model = self.model;
        ids.iter()
            .map(move |id| (*id, &model[*id]))
            .filter(move |(_, edge)| keeps(edge))
    }

    pub fn from(&self, edge: &Edge) -> NodeId {
        self.model.node_of(edge.from)
    }

    pub fn to(&self, edge: &Edge) -> NodeId {
        self.model.node_of(edge.to)
    }

    /// Whether one node calls another and waits for it.
    pub fn waits_for(&self, from: NodeId, to: NodeId) -> Option<EdgeId> {
        let mut calls = self.calls(from).filter(|(_, edge)| self.to(edge) == to);
        calls
            .find(|(id, _)| {
                self.topology
                    .hops_of(*id)
                    .any(|hop| self.topology.is_synchronous(hop))
            })
            .map(|(id, _)| id)
    }

    /// Edges by which nodes own data: to stores that keep something, except where all that is declared is reading.
    pub fn owned_data(&self, node: NodeId) -> Vec<Gap> {
        let state = self.model[node].attributes.state();
        let edges = self.edges(self.topology.outgoing(node), |edge| {
            edge.link == Link::Store
        });
        edges
            .filter(|(_, edge)| {
                let store = self.to(edge);
                let is_cache = matches!(self.model[store].kind, NodeKind::Store(engine) if engine.facts().cache);
                Some(store) != state && !is_cache && !self.only_reads(node, store)
            })
            .map(|(_, edge)| self.gap(edge, ""))
            .collect()
    }

    /// Whether everything that a node does says what it calls, and nothing writes to a store.
    fn only_reads(&self, node: NodeId, store: NodeId) -> bool {
        let operations = self.model[node]
            .apis
            .iter()
            .flat_map(|api| &self.model[*api].operations);
        let handled = operations
            .map(|id| &self.model[*id])
            .filter(|it| it.via.is_none())
            .map(|it| &it.calls);
        let consumed = self.consumes(node).map(|(_, edge)| &edge.calls);
        let scheduled = self.model[node].schedules.iter().map(|it| &it.calls);
        let writes = |it: &CallTarget| matches!(it, CallTarget::Store(id, access) if *id == store && *access != Access::Read);
        let mut calls = handled.chain(consumed).chain(scheduled).peekable();
        calls.peek().is_some()
            && calls.all(|it| it.as_ref().is_some_and(|calls| !calls.iter().any(writes)))
    }

    /// An edge with what is the matter.
    pub fn gap(&self, edge: &Edge, what: &str) -> Gap {
        let (from, to) = (self.model.end_name(edge.from), self.model.end_name(edge.to));
        let protocol = edge
            .protocol()
            .map(|it| format!(" : {it}"))
            .unwrap_or_default();
        let separator = if what.is_empty() { "" } else { " " };
        Gap {
            span: edge.span,
            what: format!("`{from} -> {to}{protocol}`{separator}{what}"),
        }
    }

    /// Of some edges, those that lack something.
    pub fn lacking<'e>(
        &self,
        edges: impl IntoIterator<Item = (EdgeId, &'e Edge)>,
        has: impl Fn(EdgeId, &Edge) -> bool,
        what: &str,
    ) -> Vec<Gap> {
        edges
            .into_iter()
            .filter(|(id, edge)| !has(*id, edge))
            .map(|(_, edge)| self.gap(edge, what))
            .collect()
    }

    /// Calls of clients that reach services outside a set of doors.
    pub fn bypasses(&self, doors: &BTreeSet<NodeId>) -> Vec<Gap> {
        let behind = self.services().filter(|it| !doors.contains(it));
        let entries = behind.flat_map(|it| self.entries(it).collect::<Vec<_>>());
        entries
            .map(|(_, edge)| self.gap(edge, "passes by"))
            .collect()
    }

    /// Apis that clients call at some nodes, without a limit on all that they are asked for.
    pub fn unlimited(&self, nodes: &BTreeSet<NodeId>, protocol: Option<Protocol>) -> Vec<Gap> {
        let edges = nodes
            .iter()
            .flat_map(|it| self.entries(*it).collect::<Vec<_>>());
        let edges = edges.filter(|(_, edge)| protocol.is_none() || edge.protocol() == protocol);
        let is_limited = |_: EdgeId, edge: &Edge| match edge.link {
            Link::Call {
                api: Some(api),
                protocol,
            } => {
                let api = &self.model[api].attributes;
                let live = protocol.facts().live && api.value(Attr::MaxConnections).is_some();
                let limits = |it: &crate::model::EdgeOperation| {
                    self.model[it.operation].attributes.rate_limit().is_some()
                };
                live || api.rate_limit().is_some() || edge.operations.iter().all(limits)
            }
            _ => true,
        };
        self.lacking(edges, is_limited, "is not limited")
    }

    pub fn name(&self, node: NodeId) -> String {
        self.model[node].name.clone()
    }

    pub fn names<'n>(&self, nodes: impl IntoIterator<Item = &'n NodeId>) -> Vec<String> {
        nodes.into_iter().map(|it| self.name(*it)).collect()
    }

    pub fn channel_names<'n>(
        &self,
        channels: impl IntoIterator<Item = &'n ChannelId>,
    ) -> Vec<String> {
        let ends = channels.into_iter().map(|it| End::Channel(*it));
        ends.map(|it| self.model.end_name(it)).collect()
    }
}

/// Whether an edge has a value for an attribute that is not `none`.
pub fn has(edge: &Edge, attr: Attr) -> bool {
    !matches!(
        edge.attributes.value(attr),
        None | Some(Value::Off | Value::Boolean(false))
    )
}

/// The channel at an end.
pub const fn channel(end: End) -> Option<ChannelId> {
    match end {
        End::Channel(channel) => Some(channel),
        End::Node(_) => None,
    }
}
