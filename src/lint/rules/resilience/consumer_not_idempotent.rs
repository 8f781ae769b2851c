//! # RES002 consumer-not-idempotent
//!
//! ## What it does
//! Finds consumers of channels that deliver at least once, that change something when they handle a message, by themselves
//! or by services that they call, and do not say that handling it twice is safe. Changes are: stores that are written
//! (`.write`, or unsaid), commands and events without `idempotent`, messages to channels whose consumers do not all take
//! them twice. What the consumer may call without saying so is a warning.
//!
//! ## Why it is bad
//! Brokers deliver again what was not acknowledged in time, after a crash, a redeployment, a slow call: the customer is
//! charged twice. Duplicates have to be reckoned with in queues (the article, section 2.4) and streams (section 2.5), and
//! only what is safe to repeat may be repeated (section 4.1). See also the Idempotent Consumer pattern of the Azure
//! Architecture Center.
//!
//! ## Bad
//! ```arch
//! service shop
//! service billing
//! broker jobs : rabbitmq { watched = true
//!   queue invoices : Invoice { dlq = invoices_dead }
//!   queue invoices_dead : Invoice
//! }
//! store ledger : postgres
//! shop -> jobs.invoices
//! jobs.invoices -> billing { calls = [ledger.write] }
//! billing -> ledger
//! type Invoice { id: uuid }
//! ```
//!
//! ## Good
//! ```arch
//! service shop
//! service billing
//! broker jobs : rabbitmq { watched = true
//!   queue invoices : Invoice { dlq = invoices_dead }
//!   queue invoices_dead : Invoice
//! }
//! store ledger : postgres
//! shop -> jobs.invoices
//! jobs.invoices -> billing { calls = [ledger.write], idempotent = by(id, window = 24h) }
//! billing -> ledger
//! type Invoice { id: uuid }
//! ```
//!
//! ## How to fix
//! Write `idempotent = by(field)` on the consuming edge or the channel, so that what was handled is remembered, or
//! `idempotent = true` where handling it twice does no harm by nature (it only overwrites).
//!
//! ## Known limits
//! Stores that are only overwritten are not told from those that are added to: the consumer says `idempotent = true`. What
//! an opaque callee does is unknown. Caches may be written twice.

use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::{Link, NodeKind};
use crate::topology::{Goal, HopId, Toward};

pub fn check(context: &Context<'_>) -> Vec<Finding> {
    let topology = context.topology;
    let consumers: Vec<HopId> = topology
        .hops()
        .map(|(id, _)| id)
        .filter(|&hop| context.model[topology.hop(hop).edge].link == Link::Consume)
        .filter(|&hop| context.may_come_twice(hop))
        .filter(|&hop| context.attributes_of(hop).idempotent().is_none())
        .filter(|&hop| {
            matches!(
                context.model[topology.target(hop)].kind,
                NodeKind::Service(_)
            )
        })
        .collect();
    if consumers.is_empty() {
        return Vec::new();
    }
    let toward = topology.toward(&Goal {
        is_goal: |hop| {
            let link = context.model[topology.hop(hop).edge].link;
            let store = link == Link::Store;
            (store || (link != Link::Consume && context.changes(hop, hop)))
                && !context.is_written_repeatable(hop)
        },
        passes: |hop| topology.is_synchronous(hop) && !context.is_written_repeatable(hop),
        causes: |cause, effect| context.changes(cause, effect),
    });
    consumers
        .into_iter()
        .filter_map(|hop| report(context, hop, &toward))
        .collect()
}

fn report(context: &Context<'_>, hop: HopId, toward: &Toward) -> Option<Finding> {
    let way = toward.way(hop)?;
    let model = context.model;
    let topology = context.topology;
    let edge = topology.hop(hop).edge;
    let consumer = model.end_name(model[edge].to);
    let channel = model.end_name(model[edge].from);
    let &last = way.hops.last()?;
    let effect = topology.hop(last);
    let does = match model[effect.edge].link {
        Link::Store => format!("writes `{}` again", model.end_name(model[effect.edge].to)),
        Link::Publish => format!("publishes to `{}` again", context.arrival_name(last)),
        Link::Call { .. } | Link::Consume => {
            format!("calls `{}` again", context.arrival_name(last))
        }
    };
    let mut finding = Finding::new(
        format!("a message of `{channel}` that comes twice {does}"),
        model[edge].span,
    )
    .here(format!(
        "`{consumer}` does not say that handling it twice is safe"
    ))
    .label(model[effect.edge].span, "this happens twice")
    .note(format!("the way: {}", context.way_name(&way)));
    if let Some(operation) = effect.operation {
        finding = finding.label(model[operation].span, "it does not say `idempotent`");
    }
    Some(
        finding
            .help("remember what was handled, by a field of the message: `idempotent = by(id, window = 24h)` on this edge")
            .help("or say that twice is as good as once: `idempotent = true`")
            .along(context, &way)
            .about([edge]),
    )
}
