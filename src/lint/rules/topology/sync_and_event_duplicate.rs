//! # TOP009 sync-and-event-duplicate
//!
//! ## What it does
//! Finds handlers that tell the same service twice of one thing: by a command, and by a message that it consumes. Only
//! handlers that say what they call are judged. Off unless it is asked for.
//!
//! ## Why it is bad
//! The receiver acts twice on one fact, or has to know which of the two counts; which comes first is chance. Synchronous
//! requests and events each have their part in a flow (the article, section 7.2), and the same part twice is mostly a
//! change from one to the other that was left half done.
//!
//! ## Bad
//! ```arch
//! system shop { lint { TOP009 = info } }
//! service front
//! service orders {
//!   api Orders {
//!     command place(sku: string) { idempotent = true, calls = [stock.Stock.take, bus.placed] }
//!   }
//! }
//! service stock { api Stock { command take(sku: string) } }
//! broker bus : kafka { watched = true
//!   topic placed : Placed { key = sku, dlq = dead }
//!   topic dead : Placed
//! }
//! front -> orders : grpc
//! orders -> stock : grpc
//! orders -> bus.placed
//! bus.placed -> stock { idempotent = true }
//! type Placed { sku: string }
//! ```
//!
//! ## Good
//! ```arch
//! system shop { lint { TOP009 = info } }
//! service front
//! service orders {
//!   api Orders {
//!     command place(sku: string) { idempotent = true, calls = [bus.placed] }
//!   }
//! }
//! service stock
//! broker bus : kafka { watched = true
//!   topic placed : Placed { key = sku, dlq = dead }
//!   topic dead : Placed
//! }
//! front -> orders : grpc
//! orders -> bus.placed
//! bus.placed -> stock { idempotent = true }
//! type Placed { sku: string }
//! ```
//!
//! ## How to fix
//! Keep the call where the answer is needed, else the event. If both are meant, let the receiver recognise repeats by the
//! same field in both: `idempotent = by(id, window = 24h)`.
//!
//! ## Known limits
//! Whether call and event really speak of the same thing cannot be known from a drawing.

use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::lint::handlers::{Handler, handlers};
use crate::model::attributes::{Attributes, Idempotent};
use crate::model::{CallTarget, EdgeId, End, NodeId, OperationId, OperationKind};

pub fn check(context: &Context<'_>, id: NodeId) -> Vec<Finding> {
    handlers(context, id)
        .iter()
        .flat_map(|handler| twice(context, handler))
        .collect()
}

fn twice(context: &Context<'_>, handler: &Handler<'_>) -> Vec<Finding> {
    let model = context.model;
    let calls = handler.calls.unwrap_or_default();
    let asked: Vec<(NodeId, OperationId)> = calls
        .iter()
        .filter_map(|it| match *it {
            CallTarget::Operation(it) if model[it].kind == OperationKind::Command => {
                Some((model[model[it].api].node, it))
            }
            _ => None,
        })
        .collect();
    if asked.is_empty() {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for call in calls {
        let CallTarget::Channel(channel) = *call else {
            continue;
        };
        for &edge in context.topology.consumers(channel) {
            let consumer = model.node_of(model[edge].to);
            let Some(&(_, operation)) = asked.iter().find(|it| it.0 == consumer) else {
                continue;
            };
            if recognised(context, operation, edge) {
                continue;
            }
            findings.push(
                Finding::new(
                    format!(
                        "`{}` is told twice by `{}`: by `{}` and by `{}`",
                        model[consumer].name,
                        handler.name(context),
                        context.operation_name(operation),
                        model.end_name(End::Channel(channel))
                    ),
                    handler.span,
                )
                .label(model[operation].span, "called")
                .label(model[edge].span, "and consumed")
                .help("keep the call where the answer is needed, else the event")
                .about([edge]),
            );
        }
    }
    findings
}

/// Whether both sides recognise repeats by content.
fn recognised(context: &Context<'_>, operation: OperationId, edge: EdgeId) -> bool {
    let by = |it: &Attributes| matches!(it.idempotent(), Some(Idempotent::By { .. }));
    by(&context.model[operation].attributes) && by(&context.model[edge].attributes)
}
