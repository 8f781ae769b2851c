//! What can be reached without passing a guard, and where a guard would close every way.

use std::collections::VecDeque;

use petgraph::algo::dominators::simple_fast;
use petgraph::graph::{DiGraph, NodeIndex};

use super::{HopId, Topology, Trigger};

/// A way through the drawing: each hop can cause the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// In order; channels stand between a publishing and a consuming hop.
    pub hops: Vec<HopId>,
    /// Whether an operation on it does not declare what it calls, so that it only may go on like this.
    pub assumed: bool,
}

impl Way {
    /// Follows predecessors from the last vertex of a way to its first.
    pub(super) fn back(
        trigger: &Trigger,
        last: NodeIndex,
        previous: impl Fn(NodeIndex) -> Option<NodeIndex>,
    ) -> Self {
        let mut way = Self {
            hops: Vec::new(),
            assumed: false,
        };
        let mut at = Some(last);
        while let Some(vertex) = at {
            way.hops.extend(trigger.hop(vertex));
            way.assumed |= trigger.is_assumed(vertex);
            at = previous(vertex);
        }
        way.hops.reverse();
        way
    }
}

/// All that can be reached from some hops, with a shortest way to each.
pub struct Reach<'t> {
    trigger: &'t Trigger,
    starts: Vec<NodeIndex>,
    /// Of reached vertices: the one before it, or itself for starts.
    previous: Vec<Option<NodeIndex>>,
}

impl Topology<'_> {
    /// Walks the trigger graph from some hops, only over hops that are admitted (the first ones included).
    /// With `declared`, only over arcs that `via` and `calls` declare.
    #[must_use]
    pub fn reach(
        &self,
        starts: impl IntoIterator<Item = HopId>,
        admits: impl Fn(HopId) -> bool,
        declared: bool,
    ) -> Reach<'_> {
        let graph = &self.trigger.graph;
        let mut reach = Reach {
            trigger: &self.trigger,
            starts: starts
                .into_iter()
                .filter(|&hop| admits(hop))
                .map(Trigger::vertex)
                .collect(),
            previous: vec![None; graph.node_count()],
        };
        let mut queue = VecDeque::new();
        for &start in &reach.starts {
            reach.previous[start.index()] = Some(start);
            queue.push_back(start);
        }
        // petgraph lists the newest arc first; ways are told in source order.
        let mut next = Vec::new();
        while let Some(vertex) = queue.pop_front() {
            next.clear();
            next.extend(graph.neighbors(vertex));
            for &to in next.iter().rev() {
                let open = match self.trigger.hop(to) {
                    Some(hop) => admits(hop),
                    None => !(declared && self.trigger.is_assumed(to)),
                };
                if open && reach.previous[to.index()].is_none() {
                    reach.previous[to.index()] = Some(vertex);
                    queue.push_back(to);
                }
            }
        }
        reach
    }
}

impl Reach<'_> {
    /// Whether a hop is reached.
    #[must_use]
    pub fn contains(&self, hop: HopId) -> bool {
        self.previous[Trigger::vertex(hop).index()].is_some()
    }

    /// A shortest way to a hop that is reached.
    #[must_use]
    pub fn way(&self, hop: HopId) -> Option<Way> {
        self.contains(hop).then(|| {
            Way::back(self.trigger, Trigger::vertex(hop), |it| {
                self.previous[it.index()].filter(|&before| before != it)
            })
        })
    }

    /// For each hop of the list that is reached, the hops that every way to it passes, first ones first, itself last.
    #[must_use]
    pub fn bottlenecks(&self, hops: &[HopId]) -> Vec<Vec<HopId>> {
        let reached = |vertex: &NodeIndex| self.previous[vertex.index()].is_some();
        let mut graph: DiGraph<(), ()> = DiGraph::new();
        for _ in 0..=self.previous.len() {
            graph.add_node(());
        }
        let root = NodeIndex::new(self.previous.len());
        for &start in &self.starts {
            graph.add_edge(root, start, ());
        }
        for vertex in self.trigger.graph.node_indices().filter(reached) {
            for to in self.trigger.graph.neighbors(vertex).filter(reached) {
                graph.add_edge(vertex, to, ());
            }
        }
        let dominators = simple_fast(&graph, root);
        hops.iter()
            .filter_map(|&hop| dominators.dominators(Trigger::vertex(hop)))
            .map(|chain| {
                let mut chain: Vec<HopId> = chain
                    .filter_map(|vertex| self.trigger.hop(vertex))
                    .collect();
                chain.reverse();
                chain
            })
            .collect()
    }
}
