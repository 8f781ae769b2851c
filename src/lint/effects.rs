//! What changes something, and what happens when it is done twice.

use super::context::Context;
use crate::model::attributes::{Attr, Value};
use crate::model::{Access, End, Link, NodeKind, OperationKind};
use crate::topology::HopId;

impl Context<'_> {
    /// Whether a hop changes something when one hop causes it: a command or event, a message, a store that is written. Of
    /// opaque callees it is not known.
    #[must_use]
    pub fn changes(&self, cause: HopId, effect: HopId) -> bool {
        let hop = self.topology.hop(effect);
        let edge = &self.model[hop.edge];
        match edge.link {
            Link::Store => {
                !is_cache(self, edge.to) && self.topology.access(cause, effect) != Access::Read
            }
            Link::Publish => true,
            Link::Consume => false,
            Link::Call { .. } => hop
                .operation
                .is_some_and(|it| self.model[it].kind != OperationKind::Query),
        }
    }

    /// Whether doing it twice is as good as once by what is written on it.
    #[must_use]
    pub fn is_written_repeatable(&self, effect: HopId) -> bool {
        let hop = self.topology.hop(effect);
        let edge = &self.model[hop.edge];
        match (edge.link, edge.to, hop.operation) {
            (Link::Publish, End::Channel(id), _) => {
                self.model[id].attributes.idempotent().is_some()
            }
            (_, _, Some(operation)) => self.model[operation].attributes.idempotent().is_some(),
            _ => false,
        }
    }

    /// Whether a consumer gets a message again after it failed, or perhaps after it did not: at least once.
    #[must_use]
    pub fn may_come_twice(&self, consume: HopId) -> bool {
        let edge = &self.model[self.topology.hop(consume).edge];
        let End::Channel(channel) = edge.from else {
            return false;
        };
        let redelivers = match self.model[self.model[channel].broker].kind {
            NodeKind::Broker(engine) => engine.facts().redelivers,
            _ => false,
        };
        redelivers && edge.attributes.text(Attr::Ack) != Some("received")
    }

    /// How many messages an instance holds for each that it handles at once.
    #[must_use]
    pub fn batch(&self, consume: HopId) -> u64 {
        let attributes = self.attributes_of(consume);
        let number = |attr| match attributes.value(attr) {
            Some(Value::Integer(it)) => Some(*it),
            _ => None,
        };
        let held = number(Attr::Prefetch).unwrap_or(1);
        let at_once = number(Attr::Concurrency).unwrap_or(1).max(1);
        held.div_ceil(at_once).max(1)
    }
}

/// A cache may be written twice, and lost.
fn is_cache(context: &Context<'_>, end: End) -> bool {
    use crate::protocol::StoreEngine::{Memcached, Redis, Valkey};
    match end {
        End::Node(node) => matches!(
            context.model[node].kind,
            NodeKind::Store(Redis | Valkey | Memcached)
        ),
        End::Channel(_) => false,
    }
}
