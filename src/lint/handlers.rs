//! What a service does with what comes in: its operations, what it consumes, what the clock starts.

use super::context::Context;
use crate::model::attributes::Attributes;
use crate::model::{CallTarget, EdgeId, Link, Node, NodeId, OperationId, OperationKind, Schedule};
use crate::source::Span;

/// One piece of work that a service does as a whole.
pub struct Handler<'m> {
    work: Work<'m>,
    /// Where it is declared.
    pub span: Span,
    /// What it says that it calls; `None`: nothing is said.
    pub calls: Option<&'m [CallTarget]>,
    /// What is written on it.
    pub attributes: &'m Attributes,
    /// Whether it may change something, which a query does not.
    pub changes: bool,
    /// Whether it is done again, from the start, when it fails half way: by its broker, by the clock, or by a caller who may
    /// repeat it.
    pub repeats: bool,
}

/// What a handler works on.
enum Work<'m> {
    Operation(OperationId),
    Messages(EdgeId),
    Schedule(&'m Node, &'m Schedule),
}

impl Handler<'_> {
    /// `orders.Orders.place`, `bus.placed -> billing`, `orders.nightly`.
    #[must_use]
    pub fn name(&self, context: &Context<'_>) -> String {
        match self.work {
            Work::Operation(operation) => context.operation_name(operation),
            Work::Messages(edge) => context.edge_name(edge),
            Work::Schedule(node, schedule) => format!("{}.{}", node.name, schedule.name),
        }
    }
}

/// The handlers of a service, in source order. Operations that are forwarded have none.
#[must_use]
pub fn handlers<'m>(context: &Context<'m>, id: NodeId) -> Vec<Handler<'m>> {
    let model = context.model;
    let node = &model[id];
    let mut handlers = Vec::new();
    for &api in &node.apis {
        for &id in &model[api].operations {
            let operation = &model[id];
            if operation.via.is_none() {
                handlers.push(Handler {
                    work: Work::Operation(id),
                    span: operation.span,
                    calls: operation.calls.as_deref(),
                    attributes: &operation.attributes,
                    changes: operation.kind != OperationKind::Query,
                    repeats: operation.attributes.idempotent().is_some(),
                });
            }
        }
    }
    for &id in context.topology.incoming(id) {
        let edge = &model[id];
        if edge.link == Link::Consume {
            handlers.push(Handler {
                work: Work::Messages(id),
                span: edge.span,
                calls: edge.calls.as_deref(),
                attributes: &edge.attributes,
                changes: true,
                repeats: true,
            });
        }
    }
    handlers.extend(node.schedules.iter().map(|it| Handler {
        work: Work::Schedule(node, it),
        span: it.span,
        calls: it.calls.as_deref(),
        attributes: &it.attributes,
        changes: true,
        repeats: true,
    }));
    handlers
}
