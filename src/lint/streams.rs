//! Connections that stay open, and whom they tell what.

use super::context::Context;
use crate::model::OperationKind;
use crate::model::attributes::Attr;
use crate::protocol::OperationShape;
use crate::topology::HopId;

impl Context<'_> {
    /// Whether the callee of a hop sends to somebody who stays connected to it, and to all that listen: over a protocol
    /// that keeps a connection open, or a subscription. Left out are answers in many parts to one command or upload,
    /// streams of a service that only forwards them, and what is said to concern the connection alone.
    #[must_use]
    pub fn tells_all(&self, hop: HopId) -> bool {
        let hop = self.topology.hop(hop);
        let edge = &self.model[hop.edge];
        let Some(protocol) = edge.protocol() else {
            return false;
        };
        let connection = Some("connection");
        if edge.attributes.text(Attr::Scope) == connection {
            return false;
        }
        let Some(operation) = hop.operation else {
            return protocol.facts().live;
        };
        let (shape, operation) = (self.model[operation].shape(), &self.model[operation]);
        let pushes = match shape {
            // Between services a stream of gRPC is as often a long answer as it is a subscription.
            OperationShape::QueryStream => protocol.facts().live || protocol.facts().browser,
            OperationShape::Conversation => protocol.facts().live,
            _ => false,
        };
        pushes && operation.via.is_none() && operation.attributes.text(Attr::Scope) != connection
    }

    /// Whether a hop brings in what those that listen elsewhere may have to be told: it changes something.
    #[must_use]
    pub fn brings_events(&self, hop: HopId) -> bool {
        let hop = self.topology.hop(hop);
        match hop.operation {
            Some(operation) => {
                self.model[operation].kind != OperationKind::Query
                    || self.model[operation].shape() == OperationShape::Conversation
            }
            // Of an opaque callee: a connection on which both sides speak, or a webhook.
            None => self.model[hop.edge].protocol().is_some_and(|it| {
                it.carries(OperationShape::Conversation) && it.facts().live || it.facts().signed
            }),
        }
    }
}
