//! What each hop costs together with all that it waits for.

use petgraph::algo::kosaraju_scc;
use petgraph::visit::{EdgeFiltered, EdgeRef};

use super::{HopId, Topology, Trigger};

/// What is added up, and how.
pub struct Adding<F, S, W, T> {
    /// Whether a hop counts for the one that causes it.
    pub follows: F,
    /// Whether what a hop causes happens one after another; else the costliest alone counts.
    pub in_a_row: S,
    /// What a hop costs by itself.
    pub own: W,
    /// How often a hop happens in a row.
    pub times: T,
}

/// What each hop costs together with what follows from it.
pub struct Downstream<'t> {
    trigger: &'t Trigger,
    cost: Vec<f64>,
    /// What the cost of a vertex is made of, besides its own: the costliest that follows, or all in a row.
    parts: Vec<Vec<usize>>,
}

/// A part of a cost: a hop, how often it happens, and what it costs each time by itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Part {
    /// The hop.
    pub hop: HopId,
    /// How often.
    pub times: f64,
    /// Each time.
    pub own: f64,
}

/// How many parts of a cost are looked up at most; handlers that call in a row can have very many.
const PARTS: usize = 256;

impl Topology<'_> {
    /// Adds up, from the last hops to the first ones. Nothing is added along a cycle, which has no end.
    pub fn downstream<F, S, W, T>(&self, adding: &Adding<F, S, W, T>) -> Downstream<'_>
    where
        F: Fn(HopId) -> bool,
        S: Fn(HopId) -> bool,
        W: Fn(HopId) -> f64,
        T: Fn(HopId) -> f64,
    {
        let trigger = &self.trigger;
        let graph = &trigger.graph;
        let follows: Vec<bool> = graph
            .node_indices()
            .map(|vertex| match trigger.hop(vertex) {
                Some(hop) => (adding.follows)(hop),
                None => trigger.is_assumed(vertex),
            })
            .collect();
        let view = EdgeFiltered::from_fn(graph, |arc: petgraph::graph::EdgeReference<'_, ()>| {
            follows[arc.target().index()]
        });
        let mut cost = vec![0.0; graph.node_count()];
        let mut parts = vec![Vec::new(); graph.node_count()];
        // Components come sinks first.
        for component in kosaraju_scc(&view) {
            let hop = |vertex| trigger.hop(vertex);
            for &vertex in &component {
                cost[vertex.index()] = hop(vertex).map_or(0.0, &adding.own);
            }
            let &[vertex] = component.as_slice() else {
                continue;
            };
            let mut next: Vec<usize> = graph
                .neighbors(vertex)
                .map(|it| it.index())
                .filter(|&it| follows[it] && it != vertex.index())
                .collect();
            next.sort_unstable();
            next.dedup();
            let times = |at: usize| {
                let next = petgraph::graph::NodeIndex::new(at);
                hop(next).map_or(1.0, &adding.times)
            };
            if hop(vertex).is_some_and(&adding.in_a_row) {
                cost[vertex.index()] += next.iter().map(|&at| times(at) * cost[at]).sum::<f64>();
            } else {
                let costliest = next.iter().copied().reduce(|best, at| {
                    let more = cost[at] > cost[best];
                    if more { at } else { best }
                });
                next = costliest.into_iter().collect();
                cost[vertex.index()] += costliest.map_or(0.0, |at| cost[at]);
            }
            parts[vertex.index()] = next;
        }
        Downstream {
            trigger,
            cost,
            parts,
        }
    }
}

impl Downstream<'_> {
    /// What a hop costs, with all that follows.
    #[must_use]
    pub fn cost(&self, hop: HopId) -> f64 {
        self.cost[Trigger::vertex(hop).index()]
    }

    /// What the cost of a hop is made of, itself first; and whether a hop among them does not declare what it calls.
    /// `adding` is what it was computed with.
    pub fn parts<F, S, W, T>(&self, hop: HopId, adding: &Adding<F, S, W, T>) -> (Vec<Part>, bool)
    where
        S: Fn(HopId) -> bool,
        W: Fn(HopId) -> f64,
        T: Fn(HopId) -> f64,
    {
        let mut found = Vec::new();
        let mut assumed = false;
        let mut left = vec![(Trigger::vertex(hop).index(), 1.0)];
        while let Some((at, times)) = left.pop() {
            if found.len() >= PARTS {
                break;
            }
            let vertex = petgraph::graph::NodeIndex::new(at);
            let this = self.trigger.hop(vertex);
            assumed |= self.trigger.is_assumed(vertex) && self.cost[at] > 0.0;
            if let Some(hop) = this {
                let own = (adding.own)(hop);
                found.push(Part { hop, times, own });
            }
            let in_a_row = this.is_some_and(&adding.in_a_row);
            for &next in self.parts[at].iter().rev() {
                let repeated = self.trigger.hop(petgraph::graph::NodeIndex::new(next));
                let often = repeated.filter(|_| in_a_row).map_or(1.0, &adding.times);
                left.push((next, times * often));
            }
        }
        (found, assumed)
    }
}
