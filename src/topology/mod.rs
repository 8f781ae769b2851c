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
mod grouped;
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

use crate::model::attributes::Attributes;
use crate::model::{ChannelId, Edge, EdgeId, End, Link, Model, NodeId};
use grouped::Grouped;
use trigger::Trigger;

/// A drawing, indexed for questions about how its parts follow from each other.
pub struct Topology<'m> {
    model: &'m Model,
    hops: Vec<Hop>,
    /// Effective caller-side values of each hop.
    values: Vec<&'m Attributes>,
    /// What the source of each hop does until the answer is there.
    waiting: Vec<hop::Waiting>,
    /// The first hop of each edge, and one more at the end.
    first_hop: Vec<u32>,
    outgoing: Grouped,
    incoming: Grouped,
    publishers: Grouped,
    consumers: Grouped,
    /// For each node whether it hands requests from outside on unchecked.
    open_proxies: Vec<bool>,
    /// For each edge whether requests enter from outside by it.
    entered: Vec<bool>,
    trigger: Trigger,
}

impl<'m> Topology<'m> {
    /// Indexes a drawing.
    #[must_use]
    pub fn new(model: &'m Model) -> Self {
        let of_nodes = |end: fn(&Edge) -> End| {
            Grouped::new(model, model.nodes.len(), |edge| match end(edge) {
                End::Node(node) => Some(node.0),
                End::Channel(_) => None,
            })
        };
        let of_channels = |end: fn(&Edge) -> End| {
            Grouped::new(model, model.channels.len(), |edge| match end(edge) {
                End::Channel(channel) => Some(channel.0),
                End::Node(_) => None,
            })
        };
        let (hops, first_hop) = hop::all(model);
        let values = hop::values(model);
        let mut topology = Self {
            model,
            waiting: hop::waiting(model, &hops, &values),
            hops,
            values,
            first_hop,
            outgoing: of_nodes(|edge| edge.from),
            incoming: of_nodes(|edge| edge.to),
            publishers: of_channels(|edge| edge.to),
            consumers: of_channels(|edge| edge.from),
            open_proxies: Vec::new(),
            entered: Vec::new(),
            trigger: Trigger::default(),
        };
        topology.open_proxies = topology.find_open_proxies();
        topology.entered = topology.find_entered();
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
        self.outgoing.of(node.0)
    }

    /// Edges that end at a node.
    #[must_use]
    pub fn incoming(&self, node: NodeId) -> &[EdgeId] {
        self.incoming.of(node.0)
    }

    /// Edges into a channel.
    #[must_use]
    pub fn publishers(&self, channel: ChannelId) -> &[EdgeId] {
        self.publishers.of(channel.0)
    }

    /// Edges out of a channel.
    #[must_use]
    pub fn consumers(&self, channel: ChannelId) -> &[EdgeId] {
        self.consumers.of(channel.0)
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
