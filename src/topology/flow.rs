//! How much travels over each hop.

use petgraph::algo::kosaraju_scc;
use petgraph::graph::NodeIndex;

use super::{HopId, Topology, Trigger, Way};

/// What is known of how much travels, in anything over time.
pub struct Flowing<E, L, D, A, B> {
    /// What comes in from outside at a hop.
    pub enters: E,
    /// How much a hop hands on at most.
    pub lets: L,
    /// How often a hop happens for each one that declares to cause it.
    pub times: D,
    /// The same where nothing declares it: `None` where it may as well not happen.
    pub surely: A,
    /// How much of what is in a channel a consuming hop takes; `None` where it is not known.
    pub taken: B,
}

/// How much travels over each hop, as far as is known: at least this.
pub struct Flow<'t> {
    trigger: &'t Trigger,
    amount: Vec<f64>,
    previous: Vec<Option<NodeIndex>>,
}

impl Topology<'_> {
    /// Lets what enters flow on to what follows from it. Nothing flows round a cycle.
    pub fn flow<E, L, D, A, B>(&self, flowing: &Flowing<E, L, D, A, B>) -> Flow<'_>
    where
        E: Fn(HopId) -> f64,
        L: Fn(HopId) -> f64,
        D: Fn(HopId) -> f64,
        A: Fn(HopId) -> Option<f64>,
        B: Fn(HopId, f64) -> Option<f64>,
    {
        let trigger = &self.trigger;
        let graph = &trigger.graph;
        let mut amount = vec![0.0; graph.node_count()];
        let mut most = vec![0.0; graph.node_count()];
        let mut previous = vec![None; graph.node_count()];
        let mut components = kosaraju_scc(graph);
        components.reverse();
        for component in components {
            for &vertex in &component {
                let entering = trigger.hop(vertex).map_or(0.0, &flowing.enters);
                amount[vertex.index()] += entering;
            }
            let &[vertex] = component.as_slice() else {
                continue;
            };
            let most_out = trigger.hop(vertex).map_or(f64::INFINITY, &flowing.lets);
            let so_far = most_out.min(amount[vertex.index()]);
            let is_channel = trigger.is_channel(vertex);
            if so_far <= 0.0 && !is_channel {
                continue;
            }
            let next: Vec<NodeIndex> = graph.neighbors(vertex).collect();
            for to in next {
                let share = match trigger.hop(to) {
                    None => Some(so_far),
                    Some(hop) if is_channel => (flowing.taken)(hop, so_far),
                    Some(hop) if trigger.is_assumed(vertex) => {
                        (flowing.surely)(hop).map(|times| times * so_far)
                    }
                    Some(hop) => Some((flowing.times)(hop) * so_far),
                };
                let share = share.unwrap_or(0.0);
                amount[to.index()] += share;
                if share > most[to.index()] {
                    most[to.index()] = share;
                    previous[to.index()] = Some(vertex);
                }
            }
        }
        Flow {
            trigger,
            amount,
            previous,
        }
    }
}

impl Flow<'_> {
    /// How much travels over a hop, at least.
    #[must_use]
    pub fn amount(&self, hop: HopId) -> f64 {
        self.amount[Trigger::vertex(hop).index()]
    }

    /// The way by which most of it comes.
    #[must_use]
    pub fn way(&self, hop: HopId) -> Way {
        Way::back(self.trigger, Trigger::vertex(hop), |it| {
            self.previous[it.index()]
        })
    }
}
