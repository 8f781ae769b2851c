//! Messages and webhooks that go round: cycles of the trigger graph that no request closes by waiting.

use std::collections::VecDeque;
use std::collections::hash_map::Entry;

use petgraph::algo::kosaraju_scc;
use petgraph::graph::NodeIndex;
use petgraph::visit::{EdgeFiltered, EdgeRef};
use rustc_hash::{FxHashMap, FxHashSet};

use super::{HopId, Topology, Trigger, Way};
use crate::model::attributes::Attr;
use crate::model::{ChannelId, End, Link};

/// How far the search for a short witness goes, in arcs looked at for each component.
const WITNESS_EFFORT: usize = 200_000;

/// What goes round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Round {
    /// Dead letters come back to where they died.
    DeadLetters,
    /// Webhooks answer webhooks.
    Webhooks,
    /// Messages cause messages.
    Messages,
}

/// Work that causes itself again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventCycle {
    /// What goes round.
    pub round: Round,
    /// A short round: each hop causes the next, and the last the first.
    pub way: Way,
    /// Between which channels dead letters pass on it.
    pub dead_letters: Option<(ChannelId, ChannelId)>,
    /// How many hops take part in this round or others with it.
    pub members: usize,
}

impl Topology<'_> {
    /// Cycles with a message or webhook in them, one for each strongly connected component, in source order. Hops that say
    /// why it ends (`terminates`) are no part of any.
    #[must_use]
    pub fn event_cycles(&self) -> Vec<EventCycle> {
        let trigger = &self.trigger;
        let mut cycles = Vec::new();
        let mut protocols = self.model.edges.iter().filter_map(|it| it.protocol());
        if self.model.channels.is_empty() && !protocols.any(|it| it.facts().signed) {
            return cycles;
        }
        let ends: Vec<bool> = self
            .hops()
            .map(|(id, _)| self.attributes_of(id).get(Attr::Terminates).is_some())
            .collect();
        let open = |vertex: NodeIndex, declared: bool| match trigger.hop(vertex) {
            Some(hop) => !ends[hop.index()],
            None => !(declared && trigger.is_assumed(vertex)),
        };
        let components = |declared: bool| {
            let view = EdgeFiltered::from_fn(
                &trigger.graph,
                |arc: petgraph::graph::EdgeReference<'_, ()>| {
                    open(arc.source(), declared) && open(arc.target(), declared)
                },
            );
            let mut components = kosaraju_scc(&view);
            components.retain(|it| it.len() > 1);
            components
        };
        let all = components(false);
        if all.is_empty() {
            return cycles;
        }
        // A declared cycle in a component is the better witness.
        let mut component_of = vec![usize::MAX; trigger.graph.node_count()];
        for (at, component) in all.iter().enumerate() {
            for vertex in component {
                component_of[vertex.index()] = at;
            }
        }
        let mut found: Vec<Option<EventCycle>> = vec![None; all.len()];
        for (declared, components) in [(true, components(true)), (false, all.clone())] {
            for component in components {
                let at = component_of[component[0].index()];
                if found[at].is_none()
                    && let Some(mut cycle) =
                        self.witness(&component, |vertex| open(vertex, declared))
                {
                    let hops = all[at].iter().filter(|it| trigger.hop(**it).is_some());
                    cycle.members = hops.count();
                    found[at] = Some(cycle);
                }
            }
        }
        cycles.extend(found.into_iter().flatten());
        cycles.sort_by_key(|cycle| cycle.way.hops.iter().min().copied());
        cycles
    }

    /// A short round through the gravest thing that goes round in a component.
    fn witness(
        &self,
        component: &[NodeIndex],
        open: impl Fn(NodeIndex) -> bool,
    ) -> Option<EventCycle> {
        let inside: FxHashSet<NodeIndex> = component.iter().copied().collect();
        let graph = &self.trigger.graph;
        let next = |vertex: NodeIndex| {
            let mut next: Vec<NodeIndex> = graph
                .neighbors(vertex)
                .filter(|it| inside.contains(it) && open(*it))
                .collect();
            next.sort_unstable();
            next
        };
        let mut starts: Vec<(Round, NodeIndex, Option<NodeIndex>)> = Vec::new();
        for &vertex in component {
            match self.trigger.hop(vertex) {
                Some(hop) => {
                    let edge = &self.model[self.hop(hop).edge];
                    match edge.link {
                        Link::Consume => starts.push((Round::Messages, vertex, None)),
                        Link::Call { protocol, .. } if protocol.facts().signed => {
                            starts.push((Round::Webhooks, vertex, None));
                        }
                        _ => {}
                    }
                }
                None if !self.trigger.is_assumed(vertex) => {
                    let dead = next(vertex)
                        .into_iter()
                        .filter(|it| self.trigger.hop(*it).is_none());
                    starts.extend(dead.map(|it| (Round::DeadLetters, vertex, Some(it))));
                }
                None => {}
            }
        }
        starts.sort_unstable();
        let round = starts.first()?.0;
        let mut best: Option<(Vec<NodeIndex>, Option<NodeIndex>)> = None;
        let mut effort = 0;
        for (_, start, through) in starts.into_iter().filter(|it| it.0 == round) {
            if effort > WITNESS_EFFORT && best.is_some() {
                break;
            }
            let limit = best.as_ref().map_or(usize::MAX, |it| it.0.len());
            if let Some(ring) = shortest(start, through, &next, limit, &mut effort) {
                best = Some((ring, through));
            }
        }
        let (ring, through) = best?;
        let dead_letters = through.and_then(|to| {
            let channel = |vertex| self.trigger.channel_of(vertex);
            Some((channel(ring[0])?, channel(to)?))
        });
        let assumed = ring.iter().any(|it| self.trigger.is_assumed(*it));
        let mut hops: Vec<HopId> = ring
            .into_iter()
            .filter_map(|it| self.trigger.hop(it))
            .collect();
        // Told from where it first stands in the drawing.
        let first = (0..hops.len()).min_by_key(|&at| hops[at])?;
        hops.rotate_left(first);
        Some(EventCycle {
            round,
            way: Way { hops, assumed },
            dead_letters,
            members: 0,
        })
    }

    /// The channel that a hop publishes to or consumes from.
    #[must_use]
    pub fn channel_of(&self, hop: HopId) -> Option<ChannelId> {
        let edge = &self.model[self.hop(hop).edge];
        match (edge.from, edge.to) {
            (End::Channel(channel), _) | (_, End::Channel(channel)) => Some(channel),
            _ => None,
        }
    }
}

/// A shortest way from a vertex back to itself, over a given first arc where there is one, and shorter than a limit.
fn shortest(
    start: NodeIndex,
    through: Option<NodeIndex>,
    next: &impl Fn(NodeIndex) -> Vec<NodeIndex>,
    limit: usize,
    effort: &mut usize,
) -> Option<Vec<NodeIndex>> {
    let mut previous: FxHashMap<NodeIndex, NodeIndex> = FxHashMap::default();
    let mut queue = VecDeque::from([(start, 1)]);
    while let Some((vertex, length)) = queue.pop_front() {
        if length >= limit {
            return None;
        }
        let following = match (vertex == start, through) {
            (true, Some(only)) => vec![only],
            _ => next(vertex),
        };
        for to in following {
            *effort += 1;
            if to == start {
                let mut ring = vec![vertex];
                while let Some(&before) = previous.get(&ring[ring.len() - 1]) {
                    ring.push(before);
                }
                ring.reverse();
                return Some(ring);
            }
            if let Entry::Vacant(unseen) = previous.entry(to) {
                unseen.insert(vertex);
                queue.push_back((to, length + 1));
            }
        }
    }
    None
}

impl Trigger {
    /// The channel of a vertex, if it is one.
    fn channel_of(&self, vertex: NodeIndex) -> Option<ChannelId> {
        let first = self.hops + self.nodes;
        let at = vertex.index().checked_sub(first)?;
        Some(ChannelId(at as u32))
    }
}
