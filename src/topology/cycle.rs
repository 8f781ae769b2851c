//! Synchronous cycles, each with a short witness.

use std::collections::VecDeque;

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::{EdgeFiltered, EdgeRef};

use super::{HopId, Topology, Way};
use crate::model::attributes::Attr;
use crate::model::{EdgeId, End, NodeId};

/// How far the search for the shortest witness goes, in arcs looked at for each component. Only rings of thousands of
/// services come near; then the witness is a short cycle, not surely the shortest.
const WITNESS_EFFORT: usize = 400_000;

/// Services that wait for each other in a ring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cycle {
    /// A shortest ring, each edge leading to the next and the last to the first. Of one request where there is one.
    pub edges: Vec<EdgeId>,
    /// All nodes that wait for each other, the ring among them, in source order.
    pub members: Vec<NodeId>,
    /// All synchronous edges between members, in source order.
    pub inside: Vec<EdgeId>,
    /// How one request goes round, where `via` and `calls` do not keep it from that.
    pub round: Option<Way>,
}

impl Topology<'_> {
    /// Rings of synchronous edges, one finding for each strongly connected component, in source order.
    #[must_use]
    pub fn synchronous_cycles(&self) -> Vec<Cycle> {
        let waits = |edge: EdgeId| self.hops_of(edge).any(|hop| self.closes_rings(hop));
        let mut graph: DiGraph<(), EdgeId> = DiGraph::new();
        for _ in &self.model.nodes {
            graph.add_node(());
        }
        for (id, edge) in self.model.edges() {
            if let (End::Node(from), End::Node(to)) = (edge.from, edge.to)
                && waits(id)
            {
                graph.add_edge(
                    NodeIndex::new(from.0 as usize),
                    NodeIndex::new(to.0 as usize),
                    id,
                );
            }
        }
        let mut ring_of = vec![None; graph.node_count()];
        let mut rings: Vec<Vec<NodeIndex>> = Vec::new();
        for mut component in kosaraju_scc(&graph) {
            let first = component[0];
            if component.len() > 1 || graph.contains_edge(first, first) {
                component.sort_unstable();
                for vertex in &component {
                    ring_of[vertex.index()] = Some(rings.len());
                }
                rings.push(component);
            }
        }
        if rings.is_empty() {
            return Vec::new();
        }
        let ring_of_hop = |hop: HopId| {
            let from = ring_of[self.source(hop).0 as usize];
            from.filter(|_| from == ring_of[self.target(hop).0 as usize] && self.closes_rings(hop))
        };
        let (declared, assumed) = (
            self.request_cycles(true, &ring_of_hop),
            self.request_cycles(false, &ring_of_hop),
        );
        let mut cycles: Vec<Cycle> = rings
            .iter()
            .enumerate()
            .map(|(at, ring)| {
                let inside = ring
                    .iter()
                    .flat_map(|it| self.outgoing(NodeId(it.index() as u32)))
                    .copied()
                    .filter(|&edge| self.hops_of(edge).any(|hop| ring_of_hop(hop) == Some(at)));
                let mut inside: Vec<EdgeId> = inside.collect();
                inside.sort_unstable();
                let find = |rounds: &[(usize, Way)]| {
                    let found = rounds.iter().find(|(ring, _)| *ring == at);
                    found.map(|(_, way)| way.clone())
                };
                let round = find(&declared).or_else(|| find(&assumed));
                let edges = match &round {
                    Some(way) => way.hops.iter().map(|&hop| self.hop(hop).edge).collect(),
                    None => {
                        let next = |vertex| graph.neighbors(vertex);
                        let nodes = shortest_ring(ring, next);
                        let following = nodes.iter().skip(1).chain(nodes.first());
                        let pairs = nodes.iter().zip(following);
                        pairs
                            .filter_map(|(&from, &to)| {
                                graph
                                    .edges_connecting(from, to)
                                    .map(|it| *it.weight())
                                    .min()
                            })
                            .collect()
                    }
                };
                Cycle {
                    edges,
                    members: ring.iter().map(|it| NodeId(it.index() as u32)).collect(),
                    inside,
                    round,
                }
            })
            .collect();
        cycles.sort_by_key(|cycle| cycle.members[0]);
        cycles
    }

    /// Whether a hop can be part of a ring: it is waited for, and neither asks if somebody is well nor for a token, which
    /// are answered by what needs nobody else.
    fn closes_rings(&self, hop: HopId) -> bool {
        let operation = self.hop(hop).operation;
        let purpose = operation.and_then(|it| self.model[it].attributes.text(Attr::Purpose));
        self.is_synchronous(hop) && !matches!(purpose, Some("health" | "token"))
    }

    /// For each ring in which a request can go round: the ring's number and a shortest such round.
    fn request_cycles(
        &self,
        declared: bool,
        ring_of_hop: &impl Fn(HopId) -> Option<usize>,
    ) -> Vec<(usize, Way)> {
        let trigger = &self.trigger;
        let inside = |vertex| match trigger.hop(vertex) {
            Some(hop) => ring_of_hop(hop).is_some(),
            None => !declared && trigger.is_assumed(vertex),
        };
        let view = EdgeFiltered::from_fn(
            &trigger.graph,
            |arc: petgraph::graph::EdgeReference<'_, ()>| {
                inside(arc.source()) && inside(arc.target())
            },
        );
        let mut rounds: Vec<(usize, Way)> = Vec::new();
        for mut component in kosaraju_scc(&view) {
            let first = component[0];
            if component.len() < 2 && !(inside(first) && trigger.graph.contains_edge(first, first))
            {
                continue;
            }
            component.sort_unstable();
            let hop = component.iter().find_map(|&it| trigger.hop(it));
            let Some(ring) = hop.and_then(ring_of_hop) else {
                continue;
            };
            let vertices = shortest_ring(&component, |it| {
                trigger.graph.neighbors(it).filter(|&to| inside(to))
            });
            let way = Way {
                assumed: vertices.iter().any(|&it| trigger.is_assumed(it)),
                hops: vertices
                    .into_iter()
                    .filter_map(|it| trigger.hop(it))
                    .collect(),
            };
            rounds.push((ring, way));
        }
        rounds.sort_by_key(|(ring, way)| (*ring, way.hops.len()));
        rounds
    }
}

/// A shortest cycle within a component, by a search from each member that stops where it cannot be shorter any more.
fn shortest_ring<I: Iterator<Item = NodeIndex>>(
    members: &[NodeIndex],
    neighbors: impl Fn(NodeIndex) -> I,
) -> Vec<NodeIndex> {
    let mut best: Vec<NodeIndex> = Vec::new();
    let mut effort = 0;
    let position = |vertex: NodeIndex| members.binary_search(&vertex).ok();
    // For each member the search that saw it last, and from where.
    let mut seen: Vec<(usize, NodeIndex)> = vec![(usize::MAX, NodeIndex::new(0)); members.len()];
    for (search, &start) in members.iter().enumerate() {
        if best.len() == 1 || (effort > WITNESS_EFFORT && !best.is_empty()) {
            break;
        }
        let mut queue = VecDeque::from([(start, 1)]);
        'search: while let Some((vertex, length)) = queue.pop_front() {
            if !best.is_empty() && length >= best.len() {
                break;
            }
            let mut next: Vec<NodeIndex> = neighbors(vertex).collect();
            next.sort_unstable();
            for to in next {
                effort += 1;
                if to == start {
                    let mut ring = vec![vertex];
                    while ring[ring.len() - 1] != start
                        && let Some(at) = position(ring[ring.len() - 1])
                    {
                        ring.push(seen[at].1);
                    }
                    ring.reverse();
                    best = ring;
                    break 'search;
                }
                if let Some(at) = position(to)
                    && seen[at].0 != search
                {
                    seen[at] = (search, vertex);
                    queue.push_back((to, length + 1));
                }
            }
        }
    }
    best
}
