//! What nothing ever starts.

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};

use super::Topology;
use crate::model::{End, NodeId, NodeKind};

/// Services that call each other, perhaps, but that nothing outside of them calls and no clock starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unstarted {
    /// The services, in source order.
    pub services: Vec<NodeId>,
}

impl Topology<'_> {
    /// Whether a node starts work by itself: clients, somebody else's systems, schedules; and services that exist, which
    /// may be called by what the drawing leaves out.
    #[must_use]
    pub fn starts(&self, node: NodeId) -> bool {
        let node = &self.model[node];
        match node.kind {
            NodeKind::Client(_) | NodeKind::External => true,
            NodeKind::Service(_) => node.existing || !node.schedules.is_empty(),
            NodeKind::Store(_) | NodeKind::Broker(_) => false,
        }
    }

    /// The first links of chains that nothing starts. What they call is not listed again.
    #[must_use]
    pub fn unstarted(&self) -> Vec<Unstarted> {
        let model = self.model;
        let mut graph: DiGraph<(), ()> =
            DiGraph::with_capacity(model.nodes.len() + model.channels.len(), model.edges.len());
        for _ in 0..model.nodes.len() + model.channels.len() {
            graph.add_node(());
        }
        let vertex = |end| {
            NodeIndex::new(match end {
                End::Node(node) => node.0 as usize,
                End::Channel(channel) => model.nodes.len() + channel.0 as usize,
            })
        };
        for (_, edge) in model.edges() {
            graph.add_edge(vertex(edge.from), vertex(edge.to), ());
        }
        let components = kosaraju_scc(&graph);
        let mut component_of = vec![0; graph.node_count()];
        for (at, component) in components.iter().enumerate() {
            for vertex in component {
                component_of[vertex.index()] = at;
            }
        }
        let mut entered = vec![false; components.len()];
        for (_, edge) in model.edges() {
            let (from, to) = (vertex(edge.from), vertex(edge.to));
            entered[component_of[to.index()]] |=
                component_of[from.index()] != component_of[to.index()];
        }
        let mut unstarted: Vec<Unstarted> = components
            .iter()
            .enumerate()
            .filter(|(at, _)| !entered[*at])
            .filter_map(|(_, component)| {
                let nodes = component.iter().filter(|it| it.index() < model.nodes.len());
                let nodes: Vec<NodeId> = nodes.map(|it| NodeId(it.index() as u32)).collect();
                if nodes.iter().any(|&node| self.starts(node)) {
                    return None;
                }
                let is_service = |node: &NodeId| matches!(model[*node].kind, NodeKind::Service(_));
                let mut services: Vec<NodeId> = nodes.into_iter().filter(is_service).collect();
                services.sort_unstable();
                (!services.is_empty()).then_some(Unstarted { services })
            })
            .collect();
        unstarted.sort_by_key(|it| it.services[0]);
        unstarted
    }
}
