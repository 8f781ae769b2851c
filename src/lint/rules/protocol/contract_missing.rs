//! # PRT011 contract-missing
//!
//! ## What it does
//! Finds what two sides rely on though nothing describes it: services that we generate and that call, over a protocol that
//! is compiled against a contract (gRPC, GraphQL), one of which no api is declared; and channels without a message type
//! between services of different owners.
//!
//! ## Why it is bad
//! The one changes a field and the other breaks, in production and at night. Contracts are what gRPC and GraphQL are chosen
//! for (the article, sections 2.2 and 2.7), schema evolution is what event streams leave to additional tooling
//! (section 2.5), and services are to evolve without breaking others' contracts (section 7.1). See also OWASP API Security
//! Top 10 2023, API9.
//!
//! ## Bad
//! ```arch
//! service orders { owner = "sales" }
//! service ledger { owner = "finance" }
//! broker bus : redis
//! orders -> bus.placed
//! bus.placed -> ledger
//! ```
//!
//! ## Good
//! ```arch
//! service orders { owner = "sales" }
//! service ledger { owner = "finance" }
//! broker bus : redis { channel placed : Placed }
//! orders -> bus.placed
//! bus.placed -> ledger
//! type Placed { id: uuid }
//! ```
//!
//! ## How to fix
//! Declare the message: `topic placed : Placed`; declare the api of what exists, or take its contract as it is:
//! `api Cart : proto("protos/cart.proto", shop.Cart)`.
//!
//! ## Known limits
//! Fields of type `json` are taken as they are. What services that exist agree on between each other is not asked. Schemas of
//! registries cannot be named.

use std::collections::BTreeSet;

use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::attributes::Attr;
use crate::model::{ChannelId, EdgeId, End, Link, NodeId};

/// Owners that a message names.
const SHOWN: usize = 4;

pub fn check(context: &Context<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut told: BTreeSet<NodeId> = BTreeSet::new();
    for (id, edge) in context.model.edges() {
        let Link::Call {
            protocol,
            api: None,
        } = edge.link
        else {
            continue;
        };
        let callee = context.model.node_of(edge.to);
        if protocol.facts().typed && context.is_generated(edge.from) && told.insert(callee) {
            findings.push(opaque(context, id, callee, protocol.facts().title));
        }
    }
    for (id, channel) in context.model.channels() {
        if channel.message.is_none() {
            findings.extend(untyped(context, id));
        }
    }
    findings
}

fn opaque(context: &Context<'_>, id: EdgeId, callee: NodeId, title: &str) -> Finding {
    let edge = &context.model[id];
    let callee = &context.model[callee];
    Finding::new(
        format!("`{}` has no contract that `{}` could be compiled against", callee.name, context.model.end_name(edge.from)),
        edge.protocol_span.unwrap_or(edge.span),
    )
    .here(format!("{title} needs one on both sides"))
    .label(callee.span, "declares no api")
    .help("declare its api, or take its contract as it is: `api Cart : proto(\"protos/cart.proto\", shop.Cart)`")
    .about([id])
}

fn untyped(context: &Context<'_>, id: ChannelId) -> Vec<Finding> {
    let topology = context.topology;
    let ends = topology
        .publishers(id)
        .iter()
        .map(|&it| context.model[it].from)
        .chain(
            topology
                .consumers(id)
                .iter()
                .map(|&it| context.model[it].to),
        );
    let owners: BTreeSet<&str> = ends
        .filter_map(|end| {
            context.model[context.model.node_of(end)]
                .attributes
                .text(Attr::Owner)
        })
        .collect();
    if owners.len() < 2 {
        return Vec::new();
    }
    let channel = &context.model[id];
    let broker = &context.model[channel.broker];
    let declare = || {
        format!(
            "declare it in the broker: `broker {} {{ {} {} : SomeType }}`",
            broker.name, channel.kind, channel.name
        )
    };
    if broker.existing {
        return context.unknown("message type", channel.span, || {
            (context.model.end_name(End::Channel(id)), declare())
        });
    }
    let shown: Vec<&str> = owners.iter().copied().take(SHOWN).collect();
    let owners = match (owners.len() - shown.len(), shown.as_slice()) {
        (0, [others @ .., last]) => format!("{} and {last}", others.join(", ")),
        (more, _) => format!("{} and {more} more", shown.join(", ")),
    };
    let mut finding = Finding::new(
        format!(
            "nothing says what travels in `{}` between {owners}",
            context.model.end_name(End::Channel(id))
        ),
        channel.span,
    )
    .here("carries json of any form");
    for &edge in topology
        .publishers(id)
        .iter()
        .take(2)
        .chain(topology.consumers(id).iter().take(2))
    {
        if context.model[edge].span != channel.span {
            finding = finding.label(context.model[edge].span, "relies on its form");
        }
    }
    vec![finding.help(declare())]
}
