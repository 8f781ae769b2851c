//! # TOP010 distributed-transaction-without-compensation
//!
//! ## What it does
//! Finds handlers that change things in two places while somebody waits or a message is worked on: by commands of two
//! services, or by a command and a store of their own; and that do not say how the first is undone when the second fails
//! (`saga`). An error where somebody else's system is changed. Handlers that are repeated as a whole, and call only what may
//! be repeated, come to an end by themselves and are left out.
//!
//! ## Why it is bad
//! Between the two, everything can fail: the card is charged and the order does not exist. Timeouts, retries and breakers
//! make calls fail fast, and what was done before has to be undone (the article, section 4.3); work that is to be consistent
//! in the end belongs behind a queue or an event (sections 2.4 and 7.2). See also the Saga and the Compensating Transaction
//! patterns of the Azure Architecture Center.
//!
//! ## Bad
//! ```arch
//! service front
//! service checkout {
//!   api Checkout {
//!     command buy(sku: string) { calls = [pay.Pay.charge, stock.Stock.take] }
//!   }
//! }
//! service pay { api Pay { command charge(cents: int64) } }
//! service stock { api Stock { command take(sku: string) } }
//! front -> checkout : grpc
//! checkout -> pay : grpc
//! checkout -> stock : grpc
//! ```
//!
//! ## Good
//! ```arch
//! service front
//! service checkout {
//!   api Checkout {
//!     command buy(sku: string) { saga = "refund the charge when nothing is in stock", calls = [pay.Pay.charge, stock.Stock.take] }
//!   }
//! }
//! service pay { api Pay { command charge(cents: int64) } }
//! service stock { api Stock { command take(sku: string) } }
//! front -> checkout : grpc
//! checkout -> pay : grpc
//! checkout -> stock : grpc
//! ```
//!
//! ## How to fix
//! Undo the first step when the second fails, and say how: `saga = "refund"`; or let one step follow by an event; or make
//! all steps `idempotent` and repeat the whole.
//!
//! ## Known limits
//! Handlers that do not say what they call are not judged, nor are commands to systems whose operations are not drawn.

use std::collections::BTreeMap;

use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::lint::handlers::{Handler, handlers};
use crate::model::attributes::Attr;
use crate::model::{Access, CallTarget, NodeId, NodeKind, OperationId, OperationKind};

pub fn check(context: &Context<'_>, id: NodeId) -> Vec<Finding> {
    let node = &context.model[id];
    if !matches!(node.kind, NodeKind::Service(_)) || context.topology.outgoing(id).len() < 2 {
        return Vec::new();
    }
    handlers(context, id)
        .iter()
        .filter_map(|it| half_done(context, it))
        .collect()
}

fn half_done(context: &Context<'_>, handler: &Handler<'_>) -> Option<Finding> {
    let model = context.model;
    if handler.attributes.get(Attr::Saga).is_some() {
        return None;
    }
    let calls = handler.calls?;
    let mut changed: BTreeMap<NodeId, OperationId> = BTreeMap::new();
    for call in calls {
        if let CallTarget::Operation(operation) = *call
            && model[operation].kind == OperationKind::Command
        {
            changed
                .entry(model[model[operation].api].node)
                .or_insert(operation);
        }
    }
    let own = calls.iter().find_map(|it| match *it {
        CallTarget::Store(store, Access::Write) => Some(store),
        CallTarget::Store(store, Access::Both) if handler.changes => Some(store),
        _ => None,
    });
    if changed.len() + usize::from(own.is_some()) < 2 || changed.is_empty() {
        return None;
    }
    let repeatable = |it: &OperationId| model[*it].attributes.idempotent().is_some();
    if handler.repeats && changed.values().all(repeatable) {
        return None;
    }
    let mut names: Vec<String> = changed
        .keys()
        .map(|it| format!("`{}`", model[*it].name))
        .collect();
    names.extend(own.map(|it| format!("`{}`", model[it].name)));
    let last = names.pop()?;
    let mut finding = Finding::new(
        format!(
            "`{}` changes {} and {last}, and nothing undoes the one when the other fails",
            handler.name(context),
            names.join(", ")
        ),
        handler.span,
    )
    .here("a failure half way leaves it half done");
    for &operation in changed.values().take(4) {
        let text = if repeatable(&operation) {
            "done, or not, when the rest fails"
        } else {
            "done, or not, when the rest fails; not `idempotent`, so that it cannot just be repeated"
        };
        finding = finding.label(model[operation].span, text);
    }
    if let Some(own) = own {
        finding = finding.label(model[own].span, "changed in a transaction of its own");
    }
    let external = changed
        .keys()
        .any(|it| model[*it].kind == NodeKind::External);
    Some(
        finding
            .help("undo the first step when a later one fails, and say how: `saga = \"...\"`; or let the later one follow by an event")
            .graver_if(external),
    )
}
