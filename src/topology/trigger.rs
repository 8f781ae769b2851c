//! The trigger graph: which hop can cause which.

use std::cell::OnceCell;

use petgraph::graph::{DiGraph, NodeIndex};

use super::{HopId, Topology};
use crate::model::{ApiId, CallTarget, ChannelId, EdgeId, End, Link, Model, NodeId, NodeKind};

/// The graph. Its vertices are, in this order: hops; one for each node, by which everything goes that is assumed; one for
/// each channel.
#[derive(Default)]
pub(super) struct Trigger {
    pub(super) graph: DiGraph<(), ()>,
    pub(super) hops: usize,
    pub(super) nodes: usize,
}

/// From which channel to which dead letters pass, each pair once.
fn dead_letters(model: &Model) -> Vec<(ChannelId, ChannelId)> {
    let of_channels = model
        .channels()
        .filter_map(|(id, it)| Some((id, it.attributes.dlq()?)));
    let of_consumers = model.edges.iter().filter_map(|it| match it.from {
        End::Channel(id) => Some((id, it.attributes.dlq()?)),
        End::Node(_) => None,
    });
    let mut pairs: Vec<_> = of_channels.chain(of_consumers).collect();
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}

/// What a call target is found by among the edges of its caller.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Api(ApiId),
    Channel(ChannelId),
    Node(NodeId),
}

impl Trigger {
    pub(super) fn new(topology: &Topology<'_>) -> Self {
        let model = topology.model;
        let vertices = topology.hops.len() + model.nodes.len() + model.channels.len();
        let mut trigger = Self {
            graph: DiGraph::with_capacity(vertices, 2 * topology.hops.len()),
            hops: topology.hops.len(),
            nodes: model.nodes.len(),
        };
        for _ in 0..vertices {
            trigger.graph.add_node(());
        }
        let index = OnceCell::new();
        let edges = || index.get_or_init(|| EdgeIndex::new(topology));
        for (node, _) in model.nodes() {
            for &edge in topology.outgoing(node) {
                for hop in topology.hops_of(edge) {
                    trigger.arc(trigger.anything(node), Self::vertex(hop));
                }
            }
        }
        for (channel, _) in model.channels() {
            for &edge in topology.consumers(channel) {
                for hop in topology.hops_of(edge) {
                    trigger.arc(trigger.channel(channel), Self::vertex(hop));
                }
            }
        }
        for (from, to) in dead_letters(model) {
            trigger.arc(trigger.channel(from), trigger.channel(to));
        }
        for (id, hop) in topology.hops() {
            let edge = &model[hop.edge];
            let node = match edge.to {
                End::Channel(channel) => {
                    trigger.arc(Self::vertex(id), trigger.channel(channel));
                    continue;
                }
                End::Node(node) => node,
            };
            let operation = hop.operation.map(|operation| &model[operation]);
            if let Some(via) = operation.and_then(|it| it.via.as_ref()) {
                for next in edges().hops(topology, node, via.target) {
                    trigger.arc(Self::vertex(id), Self::vertex(next));
                }
                continue;
            }
            let calls = match operation {
                Some(operation) => operation.calls.as_deref(),
                None => edge.calls.as_deref(),
            };
            // Nobody but a service of the drawing is assumed to pass a request on: we call a payment provider, it
            // calls us, and that is no loop.
            if calls.is_some() || matches!(model[node].kind, NodeKind::Service(_)) {
                trigger.causes(topology, edges, Self::vertex(id), node, calls);
            }
        }
        trigger
    }

    pub(super) fn vertex(hop: HopId) -> NodeIndex {
        NodeIndex::new(hop.0 as usize)
    }

    /// The hop of a vertex, if it is one.
    pub(super) fn hop(&self, vertex: NodeIndex) -> Option<HopId> {
        (vertex.index() < self.hops).then(|| HopId(vertex.index() as u32))
    }

    /// Whether ways through this vertex are assumed.
    pub(super) fn is_assumed(&self, vertex: NodeIndex) -> bool {
        (self.hops..self.hops + self.nodes).contains(&vertex.index())
    }

    /// Whether a vertex stands for a channel.
    pub(super) fn is_channel(&self, vertex: NodeIndex) -> bool {
        vertex.index() >= self.hops + self.nodes
    }

    fn anything(&self, node: NodeId) -> NodeIndex {
        NodeIndex::new(self.hops + node.0 as usize)
    }

    fn channel(&self, channel: ChannelId) -> NodeIndex {
        NodeIndex::new(self.hops + self.nodes + channel.0 as usize)
    }

    fn arc(&mut self, from: NodeIndex, to: NodeIndex) {
        self.graph.add_edge(from, to, ());
    }

    fn causes<'i>(
        &mut self,
        topology: &Topology<'_>,
        edges: impl Fn() -> &'i EdgeIndex,
        from: NodeIndex,
        node: NodeId,
        calls: Option<&[CallTarget]>,
    ) {
        match calls {
            None => self.arc(from, self.anything(node)),
            Some(targets) => {
                for &target in targets {
                    for next in edges().hops(topology, node, target) {
                        self.arc(from, Self::vertex(next));
                    }
                }
            }
        }
    }
}

/// Edges by where they start and what they lead to.
struct EdgeIndex(Vec<(NodeId, Key, EdgeId)>);

impl EdgeIndex {
    fn new(topology: &Topology<'_>) -> Self {
        let mut index = Vec::with_capacity(topology.model.edges.len());
        for (id, edge) in topology.model.edges() {
            let End::Node(from) = edge.from else { continue };
            match edge.to {
                End::Channel(channel) => index.push((from, Key::Channel(channel), id)),
                End::Node(node) => {
                    index.push((from, Key::Node(node), id));
                    if let Link::Call { api: Some(api), .. } = edge.link {
                        index.push((from, Key::Api(api), id));
                    }
                }
            }
        }
        index.sort_unstable();
        Self(index)
    }

    /// The hops by which a node reaches a target.
    fn hops(&self, topology: &Topology<'_>, from: NodeId, target: CallTarget) -> Vec<HopId> {
        let (key, operation) = match target {
            CallTarget::Operation(it) => (Key::Api(topology.model[it].api), Some(it)),
            CallTarget::Api(it) => (Key::Api(it), None),
            CallTarget::Channel(it) => (Key::Channel(it), None),
            CallTarget::Store(it, _) | CallTarget::Node(it) => (Key::Node(it), None),
        };
        let start = self
            .0
            .partition_point(|(node, k, _)| (*node, *k) < (from, key));
        self.0[start..]
            .iter()
            .take_while(|(node, k, _)| (*node, *k) == (from, key))
            .flat_map(|(.., edge)| topology.hops_of(*edge))
            .filter(|&hop| operation.is_none() || topology.hop(hop).operation == operation)
            .collect()
    }
}
