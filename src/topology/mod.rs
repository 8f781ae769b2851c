//! The drawing as a graph, and the questions that rules ask of it: the only place that knows petgraph.
//!
//! What follows from a request is a *trigger graph*: its vertices are [hops](Hop), an operation over an edge, and an arc
//! leads from one hop to another that it can cause. `via` and `calls` say so, and such an arc is *declared*; an operation
//! that says nothing may call all that its node may call. Those arcs are *assumed*. They all run through one vertex for
//! each node, so that the graph stays as small as the drawing, and a way holds an assumed arc exactly when it holds such a
//! vertex.
//!
//! Every answer is in source order, and costs about as much as reading the drawing once.

mod boundary;
mod consequence;
mod cycle;
mod depend;
mod downstream;
mod events;
mod flow;
mod heaviest;
mod hop;
mod orphan;
pub mod pattern;
mod reach;
mod time;
mod toward;
mod trigger;

pub use consequence::Consequence;
pub use cycle::Cycle;
pub use depend::{Dependence, Dependents};
pub use downstream::{Adding, Downstream, Part};
pub use events::{EventCycle, Round};
pub use flow::{Flow, Flowing};
pub use heaviest::{Heaviest, Weighing};
pub use hop::{Hop, HopId};
pub use orphan::Unstarted;
pub use reach::{Reach, Way};
pub use time::{WorstCase, worst_case};
pub use toward::{Goal, Toward};

use crate::model::{ChannelId, EdgeId, End, Link, Model, NodeId};
use trigger::Trigger;

/// A drawing, indexed for questions about how its parts follow from each other.
pub struct Topology<'m> {
    model: &'m Model,
    hops: Vec<Hop>,
    /// What the source of each hop does until the answer is there.
    waiting: Vec<hop::Waiting>,
    /// The first hop of each edge, and one more at the end.
    first_hop: Vec<u32>,
    outgoing: Vec<Vec<EdgeId>>,
    incoming: Vec<Vec<EdgeId>>,
    publishers: Vec<Vec<EdgeId>>,
    consumers: Vec<Vec<EdgeId>>,
    /// For each node whether it hands requests from outside on unchecked.
    open_proxies: Vec<bool>,
    trigger: Trigger,
}

impl<'m> Topology<'m> {
    /// Indexes a drawing.
    #[must_use]
    pub fn new(model: &'m Model) -> Self {
        let mut outgoing = vec![Vec::new(); model.nodes.len()];
        let mut incoming = vec![Vec::new(); model.nodes.len()];
        let mut publishers = vec![Vec::new(); model.channels.len()];
        let mut consumers = vec![Vec::new(); model.channels.len()];
        for (id, edge) in model.edges() {
            match edge.from {
                End::Node(node) => outgoing[node.0 as usize].push(id),
                End::Channel(channel) => consumers[channel.0 as usize].push(id),
            }
            match edge.to {
                End::Node(node) => incoming[node.0 as usize].push(id),
                End::Channel(channel) => publishers[channel.0 as usize].push(id),
            }
        }
        let (hops, first_hop) = hop::all(model);
        let mut topology = Self {
            model,
            waiting: hop::waiting(model),
            hops,
            first_hop,
            outgoing,
            incoming,
            publishers,
            consumers,
            open_proxies: Vec::new(),
            trigger: Trigger::default(),
        };
        topology.open_proxies = topology.find_open_proxies();
        topology.trigger = Trigger::new(&topology);
        topology
    }

    /// The model that this indexes.
    #[must_use]
    pub const fn model(&self) -> &'m Model {
        self.model
    }

    /// Edges that start at a node.
    #[must_use]
    pub fn outgoing(&self, node: NodeId) -> &[EdgeId] {
        &self.outgoing[node.0 as usize]
    }

    /// Edges that end at a node.
    #[must_use]
    pub fn incoming(&self, node: NodeId) -> &[EdgeId] {
        &self.incoming[node.0 as usize]
    }

    /// Edges into a channel.
    #[must_use]
    pub fn publishers(&self, channel: ChannelId) -> &[EdgeId] {
        &self.publishers[channel.0 as usize]
    }

    /// Edges out of a channel.
    #[must_use]
    pub fn consumers(&self, channel: ChannelId) -> &[EdgeId] {
        &self.consumers[channel.0 as usize]
    }

    /// Whether a node works on behalf of somebody: it is asked and answers, or it consumes.
    #[must_use]
    pub fn serves(&self, node: NodeId) -> bool {
        self.incoming(node).iter().any(|&edge| {
            self.model[edge].link == Link::Consume
                || self.hops_of(edge).any(|hop| self.is_synchronous(hop))
        })
    }

    /// Hops that a hop causes because `via` or `calls` says so, in source order.
    #[must_use]
    pub fn causes(&self, hop: HopId) -> Vec<HopId> {
        let mut next: Vec<HopId> = self
            .trigger
            .graph
            .neighbors(Trigger::vertex(hop))
            .filter_map(|it| self.trigger.hop(it))
            .collect();
        next.sort_unstable();
        next
    }

    /// Whether a hop says nothing about what it causes, so that it may cause all that its target calls.
    #[must_use]
    pub fn may_cause_anything(&self, hop: HopId) -> bool {
        let mut next = self.trigger.graph.neighbors(Trigger::vertex(hop));
        next.any(|it| self.trigger.is_assumed(it))
    }
}
