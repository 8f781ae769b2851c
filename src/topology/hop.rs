//! Hops: what travels over an edge, one for each operation.

use super::Topology;
use crate::model::attributes::{Attr, Attributes};
use crate::model::{EdgeId, Input, Link, Model, NodeId, OperationId, OperationKind};

/// Index of a hop, in source order of its edge and the api's order of operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HopId(pub(super) u32);

impl HopId {
    /// Its place among all hops.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// One operation over one edge; edges without operations (stores, channels, opaque callees) are one hop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hop {
    /// The edge.
    pub edge: EdgeId,
    /// The operation, where the edge carries operations.
    pub operation: Option<OperationId>,
}

/// All hops, and where those of each edge begin.
pub(super) fn all(model: &Model) -> (Vec<Hop>, Vec<u32>) {
    let mut hops = Vec::with_capacity(model.edges.len() * 2);
    let mut first = Vec::with_capacity(model.edges.len() + 1);
    for (id, edge) in model.edges() {
        first.push(hops.len() as u32);
        hops.extend(edge.operations.iter().map(|it| Hop {
            edge: id,
            operation: Some(it.operation),
        }));
        if edge.operations.is_empty() {
            hops.push(Hop {
                edge: id,
                operation: None,
            });
        }
    }
    first.push(hops.len() as u32);
    (hops, first)
}

impl<'m> Topology<'m> {
    /// The hop behind an id.
    #[must_use]
    pub fn hop(&self, id: HopId) -> Hop {
        self.hops[id.0 as usize]
    }

    /// All hops, in source order.
    pub fn hops(&self) -> impl Iterator<Item = (HopId, Hop)> {
        self.hops
            .iter()
            .enumerate()
            .map(|(at, hop)| (HopId(at as u32), *hop))
    }

    /// The hops of an edge; never none.
    pub fn hops_of(&self, edge: EdgeId) -> impl Iterator<Item = HopId> + use<> {
        let at = edge.0 as usize;
        (self.first_hop[at]..self.first_hop[at + 1]).map(HopId)
    }

    /// The node that a hop starts at (the broker, out of a channel).
    #[must_use]
    pub fn source(&self, hop: HopId) -> NodeId {
        self.model.node_of(self.model[self.hop(hop).edge].from)
    }

    /// The node that a hop ends at (the broker, into a channel).
    #[must_use]
    pub fn target(&self, hop: HopId) -> NodeId {
        self.model.node_of(self.model[self.hop(hop).edge].to)
    }

    /// Whether the source waits for the answer before it goes on: a query or command with one answer, or a store.
    /// Events are only acknowledged; streams stay open; messages and webhooks are handed over; what goes on in the
    /// background holds up no request.
    #[must_use]
    pub fn is_synchronous(&self, hop: HopId) -> bool {
        self.waiting[hop.index()] == Waiting::Request
    }

    /// Whether a hop would be waited for, if it did not go on in the background.
    #[must_use]
    pub fn is_background(&self, hop: HopId) -> bool {
        self.waiting[hop.index()] == Waiting::Background
    }

    /// Effective caller-side values of a hop.
    #[must_use]
    pub fn attributes_of(&self, id: HopId) -> &'m Attributes {
        self.values[id.index()]
    }
}

/// What the source of a hop does until the answer is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Waiting {
    /// It holds up the request.
    Request,
    /// It waits, but no request does.
    Background,
    /// Nobody waits.
    Nobody,
}

/// For each hop its effective caller-side values.
pub(super) fn values(model: &Model) -> Vec<&Attributes> {
    let mut values = Vec::with_capacity(model.edges.len() * 2);
    for edge in &model.edges {
        if edge.operations.is_empty() {
            values.push(&edge.attributes);
        }
        let own = edge.operations.iter().map(|it| it.overrides.as_deref());
        values.extend(own.map(|own| own.unwrap_or(&edge.attributes)));
    }
    values
}

/// For each hop with its values what its source does until the answer is there.
pub(super) fn waiting(model: &Model, hops: &[Hop], values: &[&Attributes]) -> Vec<Waiting> {
    let hops = hops.iter().zip(values);
    hops.map(|(hop, values)| judge(model[hop.edge].link, hop.operation, values, model))
        .collect()
}

fn judge(
    link: Link,
    operation: Option<OperationId>,
    attributes: &Attributes,
    model: &Model,
) -> Waiting {
    let answered = match link {
        Link::Store => true,
        Link::Publish | Link::Consume => false,
        Link::Call { protocol, .. } => {
            protocol.facts().waits && operation.is_none_or(|it| answers_once(model, it))
        }
    };
    match (answered, attributes.is(Attr::Background)) {
        (false, _) => Waiting::Nobody,
        (true, true) => Waiting::Background,
        (true, false) => Waiting::Request,
    }
}

fn answers_once(model: &Model, operation: OperationId) -> bool {
    let operation = &model[operation];
    let streams = matches!(&operation.input, Input::Message(input) if input.stream)
        || operation.output.as_ref().is_some_and(|it| it.stream);
    operation.kind != OperationKind::Event && !streams
}
