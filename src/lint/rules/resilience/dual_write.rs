//! # RES003 dual-write
//!
//! ## What it does
//! Finds requests and messages that change a store and publish a message (or send a webhook) as two separate steps. With an
//! `outbox` the message is written with the change, and sent from there; what is `optional` may be lost. An error where the
//! handler says that it does both (`calls`), a warning where it may.
//!
//! ## Why it is bad
//! Between the two steps a process can die: the order is kept and nobody hears of it, or everybody hears of an order that
//! was never kept. When a significant event occurs a service publishes it (the article, section 7.2), and the message may
//! neither be lost nor invented (sections 2.4 and 2.5). See also the Transactional Outbox pattern of the Azure
//! Architecture Center and of microservices.io.
//!
//! ## Bad
//! ```arch
//! service orders
//! service billing
//! service intake
//! broker bus : kafka { watched = true
//!   topic wishes : Placed { dlq = dead, idempotent = true }
//!   topic placed : Placed { dlq = dead, idempotent = true }
//!   topic dead : Placed
//! }
//! store orders_db : postgres
//! intake -> bus.wishes
//! bus.wishes -> orders
//! orders -> orders_db
//! orders -> bus.placed
//! bus.placed -> billing
//! type Placed { id: uuid }
//! ```
//!
//! ## Good
//! ```arch
//! service orders
//! service billing
//! service intake
//! broker bus : kafka { watched = true
//!   topic wishes : Placed { dlq = dead, idempotent = true }
//!   topic placed : Placed { dlq = dead, idempotent = true }
//!   topic dead : Placed
//! }
//! store orders_db : postgres
//! intake -> bus.wishes
//! bus.wishes -> orders
//! orders -> orders_db
//! orders -> bus.placed { outbox = true }
//! bus.placed -> billing
//! type Placed { id: uuid }
//! ```
//!
//! ## How to fix
//! Write the message into a table in the same transaction, and let a relay publish what stands there: `outbox = true` on
//! the publishing edge. Or publish first and let the service consume its own message and change the store then.
//!
//! ## Known limits
//! Change data capture, which publishes from the store's own log, is an `outbox` as well. Writes of two stores are not
//! judged here.

use std::collections::BTreeMap;

use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::attributes::Attr;
use crate::model::{EdgeId, Link, NodeId, NodeKind, OperationKind};
use crate::topology::{Consequence, HopId, Way};

pub fn check(context: &Context<'_>) -> Vec<Finding> {
    let topology = context.topology;
    let mut found: BTreeMap<(EdgeId, EdgeId), Finding> = BTreeMap::new();
    // Of undeclared requests of a node one stands for all, that changes something.
    let mut undeclared: BTreeMap<NodeId, HopId> = BTreeMap::new();
    for (id, _) in topology.hops() {
        let node = topology.target(id);
        if !matches!(context.model[node].kind, NodeKind::Service(_)) {
            continue;
        }
        if topology.may_cause_anything(id) {
            let reads = topology
                .hop(id)
                .operation
                .is_some_and(|it| context.model[it].kind == OperationKind::Query);
            if !reads {
                undeclared.entry(node).or_insert(id);
            }
            continue;
        }
        let caused = topology.causes(id).into_iter();
        let caused = caused.map(|hop| Consequence {
            hop,
            assumed: false,
        });
        judge(context, id, &caused.collect::<Vec<_>>(), &mut found);
    }
    for (node, request) in undeclared {
        let caused: Vec<Consequence> = topology
            .outgoing(node)
            .iter()
            .flat_map(|&edge| topology.hops_of(edge))
            .map(|hop| Consequence { hop, assumed: true })
            .collect();
        judge(context, request, &caused, &mut found);
    }
    found.into_values().collect()
}

fn judge(
    context: &Context<'_>,
    request: HopId,
    caused: &[Consequence],
    found: &mut BTreeMap<(EdgeId, EdgeId), Finding>,
) {
    let topology = context.topology;
    let link = |hop: HopId| context.model[topology.hop(hop).edge].link;
    let tells = |hop: HopId| {
        let signed = |it: crate::protocol::Protocol| it.facts().signed;
        match link(hop) {
            Link::Publish => true,
            Link::Call { protocol, .. } => signed(protocol),
            Link::Store | Link::Consume => false,
        }
    };
    let careless = |hop: HopId| {
        let attributes = context.attributes_of(hop);
        !attributes.is(Attr::Outbox) && !attributes.is(Attr::Optional)
    };
    let write = caused
        .iter()
        .find(|it| link(it.hop) == Link::Store && context.changes(request, it.hop));
    let Some(write) = write else { return };
    for message in caused.iter().filter(|it| tells(it.hop) && careless(it.hop)) {
        let key = (topology.hop(write.hop).edge, topology.hop(message.hop).edge);
        found
            .entry(key)
            .or_insert_with(|| report(context, request, write, message));
    }
}

fn report(
    context: &Context<'_>,
    request: HopId,
    write: &Consequence,
    message: &Consequence,
) -> Finding {
    let model = context.model;
    let edge = |hop: HopId| &model[context.topology.hop(hop).edge];
    let service = model.end_name(edge(write.hop).from);
    let store = model.end_name(edge(write.hop).to);
    let channel = context.arrival_name(message.hop);
    let way = Way {
        hops: vec![request, message.hop],
        assumed: message.assumed || write.assumed,
    };
    let verb = if way.assumed { "may change" } else { "changes" };
    let finding = Finding::new(
        format!("`{service}` {verb} `{store}` and tells `{channel}` of it in two steps: a crash between them leaves one undone"),
        edge(message.hop).span,
    )
    .here("the second step")
    .label(edge(write.hop).span, "the first step")
    .note(format!(
        "both for one request: {} and {}",
        context.hop_name(request),
        context.hop_name(message.hop)
    ))
    .help("write the message with the change, and send it from there: `outbox = true` on this edge")
    .about([context.topology.hop(message.hop).edge]);
    // What is declared is certain.
    finding
        .graver_if(!way.assumed)
        .says_where_assumed(context, &way)
}
