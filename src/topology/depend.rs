//! Which entries stop when a node does.
//!
//! A node works while all that it cannot do without works. The greatest set of working nodes is what is left when the one
//! that fails takes with it whoever needs it, and these whoever needs them: an entry stops exactly when a chain of needs
//! leads from it to the node. So all nodes are judged at once, by walking down from the entries.

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};

use super::Topology;
use crate::model::{EdgeId, NodeId};

/// An entry that needs a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependence {
    /// Which entries stop with it, in source order.
    pub entries: Vec<NodeId>,
    /// A shortest chain of needs from an entry to it, as edges.
    pub chain: Vec<EdgeId>,
}

/// Who needs whom.
pub struct Dependents {
    graph: DiGraph<(), EdgeId>,
    /// For each node the entries that need it, as bits.
    masks: Vec<Vec<u64>>,
    entries: Vec<NodeId>,
    /// The need by which the nearest entry needs each node.
    previous: Vec<Option<(NodeIndex, EdgeId)>>,
}

impl Topology<'_> {
    /// Weighs needs: `is_need` says of an edge whether its source cannot do without its target.
    #[must_use]
    pub fn dependents(&self, entries: Vec<NodeId>, is_need: impl Fn(EdgeId) -> bool) -> Dependents {
        let model = self.model;
        let mut graph: DiGraph<(), EdgeId> =
            DiGraph::with_capacity(model.nodes.len(), model.edges.len());
        for _ in &model.nodes {
            graph.add_node(());
        }
        let vertex = |node: NodeId| NodeIndex::new(node.0 as usize);
        for (id, edge) in model.edges() {
            if is_need(id) {
                let (from, to) = (model.node_of(edge.from), model.node_of(edge.to));
                graph.add_edge(vertex(from), vertex(to), id);
            }
        }
        let words = entries.len().div_ceil(64);
        let mut masks = vec![vec![0_u64; words]; model.nodes.len()];
        for (at, entry) in entries.iter().enumerate() {
            masks[entry.0 as usize][at / 64] |= 1 << (at % 64);
        }
        // Components come sinks first; within one all need each other.
        for component in kosaraju_scc(&graph).iter().rev() {
            let mut together = vec![0_u64; words];
            for vertex in component {
                join(&mut together, &masks[vertex.index()]);
            }
            for vertex in component {
                for needed in graph.neighbors(*vertex) {
                    join(&mut masks[needed.index()], &together);
                }
                masks[vertex.index()].clone_from(&together);
            }
        }
        let mut previous = vec![None; model.nodes.len()];
        let mut seen = vec![false; model.nodes.len()];
        let mut queue: std::collections::VecDeque<NodeIndex> =
            entries.iter().map(|it| vertex(*it)).collect();
        for vertex in &queue {
            seen[vertex.index()] = true;
        }
        while let Some(from) = queue.pop_front() {
            let mut edges: Vec<(EdgeId, NodeIndex)> = graph
                .edges(from)
                .map(|it| (*it.weight(), petgraph::visit::EdgeRef::target(&it)))
                .collect();
            edges.sort_unstable();
            for (edge, to) in edges {
                if !seen[to.index()] {
                    seen[to.index()] = true;
                    previous[to.index()] = Some((from, edge));
                    queue.push_back(to);
                }
            }
        }
        Dependents {
            graph,
            masks,
            entries,
            previous,
        }
    }
}

impl Dependents {
    /// What stops with a node; `None` where no entry needs it.
    #[must_use]
    pub fn of(&self, node: NodeId) -> Option<Dependence> {
        let mask = &self.masks[node.0 as usize];
        let needs = |at: usize| mask[at / 64] & (1 << (at % 64)) != 0;
        let entries: Vec<NodeId> = (0..self.entries.len())
            .filter(|&at| needs(at) && self.entries[at] != node)
            .map(|at| self.entries[at])
            .collect();
        if entries.is_empty() {
            return None;
        }
        let mut chain = Vec::new();
        let mut at = NodeIndex::new(node.0 as usize);
        while let Some((before, edge)) = self.previous[at.index()] {
            chain.push(edge);
            at = before;
        }
        chain.reverse();
        Some(Dependence { entries, chain })
    }

    /// Whether anything needs a node.
    #[must_use]
    pub fn is_needed(&self, node: NodeId) -> bool {
        let vertex = NodeIndex::new(node.0 as usize);
        self.graph
            .neighbors_directed(vertex, petgraph::Direction::Incoming)
            .next()
            .is_some()
    }

    /// How many entries there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.entries.len()
    }
}

fn join(into: &mut [u64], other: &[u64]) {
    for (word, more) in into.iter_mut().zip(other) {
        *word |= more;
    }
}
