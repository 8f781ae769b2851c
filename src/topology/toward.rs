//! Which hops lead to something, and the shortest way there: the walk against the arrows.

use std::collections::VecDeque;

use petgraph::Direction::Incoming;

use super::{Consequence, HopId, Topology, Trigger, Way};

/// What is looked for, and how far back.
pub struct Goal<S, T, C> {
    /// Whether a hop is what is looked for.
    pub is_goal: S,
    /// Whether a way may pass a hop on to what it causes.
    pub passes: T,
    /// Whether one hop really causes the goal that it leads to: for stores, that it reads or writes.
    pub causes: C,
}

/// For each hop what it leads to first on the shortest way to a goal.
pub struct Toward {
    next: Vec<Option<Consequence>>,
    goal: Vec<bool>,
}

impl Topology<'_> {
    /// Finds all hops from which a goal is reached. Messages end a way: who publishes does not wait.
    pub fn toward<S, T, C>(&self, goal: &Goal<S, T, C>) -> Toward
    where
        S: Fn(HopId) -> bool,
        T: Fn(HopId) -> bool,
        C: Fn(HopId, HopId) -> bool,
    {
        let graph = &self.trigger.graph;
        let mut toward = Toward {
            next: vec![None; self.hops.len()],
            goal: self.hops().map(|(id, _)| (goal.is_goal)(id)).collect(),
        };
        // Nodes whose undeclared callers are all found.
        let mut done = vec![false; self.model.nodes.len()];
        let goals = self.hops().map(|(id, _)| id);
        let mut queue: VecDeque<HopId> = goals.filter(|it| toward.goal[it.index()]).collect();
        while let Some(hop) = queue.pop_front() {
            let is_goal = toward.goal[hop.index()];
            if !is_goal && !(goal.passes)(hop) {
                continue;
            }
            let mut found = |cause: HopId, assumed: bool, next: &mut Vec<Option<Consequence>>| {
                let known = next[cause.index()].is_some();
                if !known && (!is_goal || (goal.causes)(cause, hop)) {
                    next[cause.index()] = Some(Consequence { hop, assumed });
                    queue.push_back(cause);
                }
            };
            let mut causes: Vec<_> = graph
                .neighbors_directed(Trigger::vertex(hop), Incoming)
                .collect();
            causes.sort_unstable();
            for vertex in causes {
                if let Some(cause) = self.trigger.hop(vertex) {
                    found(cause, false, &mut toward.next);
                } else if self.trigger.is_assumed(vertex) {
                    let node = self.source(hop).0 as usize;
                    if done[node] {
                        continue;
                    }
                    done[node] = !is_goal;
                    for undeclared in graph.neighbors_directed(vertex, Incoming) {
                        if let Some(cause) = self.trigger.hop(undeclared) {
                            found(cause, true, &mut toward.next);
                        }
                    }
                }
            }
        }
        toward
    }
}

impl Toward {
    /// Whether a hop leads to a goal. A goal itself does only where it leads to another.
    #[must_use]
    pub fn leads(&self, hop: HopId) -> bool {
        self.next[hop.index()].is_some()
    }

    /// The shortest way from a hop to a goal, both included.
    #[must_use]
    pub fn way(&self, hop: HopId) -> Option<Way> {
        let mut way = Way {
            hops: vec![hop],
            assumed: false,
        };
        let mut at = self.next[hop.index()]?;
        loop {
            way.assumed |= at.assumed;
            way.hops.push(at.hop);
            if self.goal[at.hop.index()] {
                return Some(way);
            }
            at = self.next[at.hop.index()]?;
        }
    }
}
