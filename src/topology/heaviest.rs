//! The heaviest way to each hop: factors multiplied, or steps added, along synchronous work.

use petgraph::algo::kosaraju_scc;
use petgraph::graph::NodeIndex;
use petgraph::visit::{EdgeFiltered, EdgeRef};

use super::{HopId, Topology, Trigger, Way};

/// What is weighed, and how.
pub struct Weighing<S, F, W> {
    /// Whether a way can start with this hop.
    pub starts: S,
    /// Whether a way that comes from an earlier hop can go on with this one.
    pub follows: F,
    /// The weight of a hop.
    pub weight: W,
    /// How a hop's weight joins that of the way before it.
    pub combine: fn(f64, f64) -> f64,
    /// The weight that changes nothing.
    pub neutral: f64,
}

/// The heaviest way to each hop, and how it goes.
pub struct Heaviest<'t> {
    trigger: &'t Trigger,
    best: Vec<Option<f64>>,
    previous: Vec<Option<NodeIndex>>,
    ends: Vec<bool>,
}

impl Topology<'_> {
    /// Weighs all ways. It is the maximum over ways, not their sum; hops on a cycle have no heaviest way, and none goes
    /// through them. Channels end a way: who publishes does not wait.
    pub fn heaviest<S, F, W>(&self, weighing: &Weighing<S, F, W>) -> Heaviest<'_>
    where
        S: Fn(HopId) -> bool,
        F: Fn(HopId) -> bool,
        W: Fn(HopId) -> f64,
    {
        let trigger = &self.trigger;
        let graph = &trigger.graph;
        let vertices = graph.node_count();
        let mut starts = vec![false; vertices];
        let mut follows = vec![false; vertices];
        let mut weight = vec![weighing.neutral; vertices];
        for vertex in graph.node_indices() {
            if let Some(hop) = trigger.hop(vertex) {
                starts[vertex.index()] = (weighing.starts)(hop);
                follows[vertex.index()] = (weighing.follows)(hop);
                weight[vertex.index()] = (weighing.weight)(hop);
            } else {
                follows[vertex.index()] = trigger.is_assumed(vertex);
            }
        }
        let view = EdgeFiltered::from_fn(graph, |arc: petgraph::graph::EdgeReference<'_, ()>| {
            let from = arc.source().index();
            (starts[from] || follows[from]) && follows[arc.target().index()]
        });
        let mut best = vec![None; vertices];
        let mut previous = vec![None; vertices];
        let mut ends = vec![true; vertices];
        // Components come sinks first.
        for component in kosaraju_scc(&view).into_iter().rev() {
            let &[vertex] = component.as_slice() else {
                continue;
            };
            let at = vertex.index();
            if starts[at] && best[at].is_none_or(|known| known < weight[at]) {
                best[at] = Some(weight[at]);
                previous[at] = None;
            }
            let Some(so_far) = best[at] else { continue };
            for next in graph.neighbors(vertex).filter(|it| follows[it.index()]) {
                let whole = (weighing.combine)(so_far, weight[next.index()]);
                if best[next.index()].is_none_or(|known| known < whole) {
                    best[next.index()] = Some(whole);
                    previous[next.index()] = Some(vertex);
                }
            }
        }
        // A way ends where nothing after it has a weight of its own; assumed arcs lead on through their vertex.
        let weighs = |vertex: NodeIndex| {
            follows[vertex.index()] && weight[vertex.index()] != weighing.neutral
        };
        let leads_on: Vec<bool> = graph
            .node_indices()
            .map(|vertex| graph.neighbors(vertex).any(weighs))
            .collect();
        for vertex in graph.node_indices() {
            ends[vertex.index()] = !leads_on[vertex.index()]
                && !graph
                    .neighbors(vertex)
                    .any(|it| trigger.is_assumed(it) && leads_on[it.index()]);
        }
        Heaviest {
            trigger,
            best,
            previous,
            ends,
        }
    }
}

impl Heaviest<'_> {
    /// The weight of the heaviest way that ends with a hop; `None` on cycles, and where no way leads.
    #[must_use]
    pub fn weight(&self, hop: HopId) -> Option<f64> {
        self.best[Trigger::vertex(hop).index()]
    }

    /// Whether no hop that can follow adds weight.
    #[must_use]
    pub fn ends(&self, hop: HopId) -> bool {
        self.ends[Trigger::vertex(hop).index()]
    }

    /// The heaviest way that ends with a hop.
    #[must_use]
    pub fn way(&self, hop: HopId) -> Way {
        Way::back(self.trigger, Trigger::vertex(hop), |it| {
            self.previous[it.index()]
        })
    }
}
