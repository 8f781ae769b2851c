//! How many messages consumers can handle.

use super::context::Context;
use crate::model::EdgeId;
use crate::model::attributes::{Attr, Value};
use crate::model::text;
use crate::topology::HopId;

impl Context<'_> {
    /// How many messages the instances behind a consuming hop handle each second at most, where that is written:
    /// instances times messages at once, over the time that one takes.
    #[must_use]
    pub fn handled_per_second(&self, hop: HopId) -> Option<f64> {
        let edge = &self.model[self.topology.hop(hop).edge];
        let consumer = &self.model[self.model.node_of(edge.to)];
        let Some(Value::Duration(latency)) = consumer.attributes.value(Attr::Latency) else {
            return None;
        };
        let at_once = self.concurrency(self.topology.hop(hop).edge)?;
        let replicas = consumer.attributes.replicas()?;
        Some(replicas as f64 * at_once as f64 / latency.as_secs_f64())
    }

    /// `2 instances x 4 at once / 50ms`
    #[must_use]
    pub fn handling(&self, edge: EdgeId) -> String {
        let consumer = &self.model[self.model.node_of(self.model[edge].to)];
        let replicas = consumer.attributes.replicas().unwrap_or(1);
        let latency = match consumer.attributes.value(Attr::Latency) {
            Some(Value::Duration(it)) => text::duration(*it),
            _ => "unknown".to_owned(),
        };
        format!(
            "{} x {} at once / {latency}",
            text::counted(replicas, "instance"),
            self.concurrency(edge).unwrap_or(1)
        )
    }

    /// How many messages one instance handles at once.
    fn concurrency(&self, edge: EdgeId) -> Option<u64> {
        match self.model[edge].attributes.value(Attr::Concurrency)? {
            Value::Integer(it) => Some(*it),
            _ => None,
        }
    }
}
