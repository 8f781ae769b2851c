//! # PRT013 graphql-n-plus-one
//!
//! ## What it does
//! Finds calls that one request makes over and over: by `per_request = each` or a number of at least
//! `limits { chatty = 10 }`; of operations served over GraphQL also without being told, when one answers with a list of
//! items, each item holds another message, and what the operation calls gives only one such message at a time. Along a way
//! the numbers multiply; a product of 100 or more is an error.
//!
//! ## Why it is bad
//! A list of 50 orders becomes 51 requests, 2500 when it happens twice on the way, and the query that does it looks as
//! harmless as any other. GraphQL's performance degrades where queries are not controlled (the article, section 2.7), above
//! all in a layer that gathers from many services (section 7.5). See also the Chatty I/O and Extraneous Fetching
//! antipatterns of the Azure Architecture Center, and GraphQL's own advice on data loaders.
//!
//! ## Bad
//! ```arch
//! client web : browser
//! service front : bff {
//!   api Shop { public = true, rate_limit = limit(50/s, per = ip)
//!     query orders(limit: int32 @max(50)) -> [Order] { calls = [orders.Orders.list, people.People.find] }
//!   }
//! }
//! service orders { api Orders { query list(limit: int32 @max(50)) -> [Row] } }
//! service people { api People { query find(id: uuid) -> Person } }
//! web -> front : graphql
//! front -> orders : grpc
//! front -> people : grpc
//! type Row { id: uuid, buyer_id: uuid }
//! type Order { id: uuid, buyer: Person }
//! type Person { id: uuid, name: string }
//! ```
//!
//! ## Good
//! ```arch
//! client web : browser
//! service front : bff {
//!   api Shop { public = true, rate_limit = limit(50/s, per = ip)
//!     query orders(limit: int32 @max(50)) -> [Order] { calls = [orders.Orders.list, people.People.by_ids] }
//!   }
//! }
//! service orders { api Orders { query list(limit: int32 @max(50)) -> [Row] } }
//! service people { api People { query by_ids(ids: [uuid] @length(1..50)) -> [Person] } }
//! web -> front : graphql
//! front -> orders : grpc
//! front -> people : grpc
//! type Row { id: uuid, buyer_id: uuid }
//! type Order { id: uuid, buyer: Person }
//! type Person { id: uuid, name: string }
//! ```
//!
//! ## How to fix
//! Ask for all at once: an operation that takes a list, and a field that is gathered by a data loader,
//! `buyer: Person via people.People.by_ids(buyer_id)`; or let the callee answer with all that is needed. An operation that is
//! called for other reasons says how often: `per_request = 1`.
//!
//! ## Known limits
//! `per_request = each` has no number and takes no part in products. Handlers that say nothing about their calls are not
//! judged.

use std::collections::{BTreeMap, BTreeSet};

use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::attributes::Attr;
use crate::model::types::TypeRef;
use crate::model::{CallTarget, EdgeId, Link, Model, NodeId, OperationId, OperationKind, StructId};
use crate::protocol::Protocol;
use crate::source::Span;
use crate::topology::{HopId, Weighing};

/// A product of calls for one request that is an error.
const FLOOD: f64 = 100.0;

pub fn check(context: &Context<'_>) -> Vec<Finding> {
    let graphql: BTreeSet<NodeId> = context
        .model
        .edges()
        .filter(|(_, edge)| edge.protocol() == Some(Protocol::Graphql))
        .map(|(_, edge)| context.model.node_of(edge.to))
        .collect();
    let mut findings = declared(context, &graphql);
    if !findings.is_empty() {
        findings.extend(products(context));
    }
    findings.extend(hidden(context));
    findings
}

/// Hops of which it is said that one request makes many, one finding for each line that says so.
fn declared(context: &Context<'_>, graphql: &BTreeSet<NodeId>) -> Vec<Finding> {
    let mut told = BTreeSet::new();
    let mut findings = Vec::new();
    for (hop, at) in context.topology.hops() {
        let attributes = context.attributes_of(hop);
        let Some(span) = attributes.span(Attr::PerRequest) else {
            continue;
        };
        let number = attributes.count(Attr::PerRequest);
        if number.is_some_and(|it| it < context.limits.chatty)
            || !told.insert((span.file, span.start))
        {
            continue;
        }
        let source = context.topology.source(hop);
        let (who, what) = (&context.model[source].name, context.arrival_name(hop));
        let often = match number {
            Some(number) => format!("{number} times for one request"),
            None => "once for each item of a list".to_owned(),
        };
        let mut finding = Finding::new(
            format!("`{who}` calls `{what}` {often}"),
            context.model[at.edge].span,
        )
        .label(span, "said here");
        finding = match number {
            Some(number) => finding.note(format!(
                "{number} >= {}, by `limits {{ chatty = {0} }}`",
                context.limits.chatty
            )),
            None => finding.note("a list of 50 makes 1 + 50 = 51 calls"),
        };
        let help = if graphql.contains(&source) {
            "ask for all at once, and gather fields by a data loader: `buyer: Person via people.People.by_ids(buyer_id)`"
        } else {
            "ask for all at once: an operation that takes a list"
        };
        findings.push(finding.help(help).about([at.edge]));
    }
    findings
}

/// Ways on which the numbers multiply.
fn products(context: &Context<'_>) -> Vec<Finding> {
    let topology = context.topology;
    let times = |hop: HopId| {
        context
            .attributes_of(hop)
            .count(Attr::PerRequest)
            .unwrap_or(1) as f64
    };
    let weighed = topology.heaviest(&Weighing {
        starts: |_| true,
        follows: |hop| topology.is_synchronous(hop),
        weight: times,
        combine: |before, own| before * own,
        neutral: 1.0,
    });
    // One finding for each hop at which the numbers end.
    let mut worst: BTreeMap<EdgeId, (HopId, f64)> = BTreeMap::new();
    for (id, hop) in topology.hops() {
        let Some(product) = weighed.weight(id).filter(|it| *it >= FLOOD) else {
            continue;
        };
        let factors = weighed
            .way(id)
            .hops
            .iter()
            .filter(|&&it| times(it) > 1.0)
            .count();
        if factors > 1 && times(id) > 1.0 && weighed.ends(id) {
            let known = worst.entry(hop.edge).or_insert((id, product));
            if product > known.1 {
                *known = (id, product);
            }
        }
    }
    worst
        .into_iter()
        .map(|(edge, (last, product))| {
            let way = weighed.way(last);
            let factors: Vec<String> = way.hops.iter().map(|&it| times(it)).filter(|it| *it > 1.0).map(|it| it.to_string()).collect();
            let mut finding = Finding::new(
                format!("one request makes {product} calls of `{}`", context.arrival_name(last)),
                context.model[edge].span,
            );
            for &hop in way.hops.iter().filter(|&&it| it != last) {
                if let Some(span) = context.attributes_of(hop).span(Attr::PerRequest) {
                    finding = finding.label(span, format!("times {}", times(hop)));
                }
            }
            finding
                .note(format!("the way: {}", context.way_name(&way)))
                .note(format!("{} = {product}", factors.join(" * ")))
                .help("ask for all at once on the first of these calls: what follows is then done once")
                .graver_if(true)
                .along(context, &way)
                .about(way.hops.iter().map(|&hop| topology.hop(hop).edge))
        })
        .collect()
}

/// Operations over GraphQL that answer with a list whose items each need a call.
fn hidden(context: &Context<'_>) -> Vec<Finding> {
    let model = context.model;
    let mut told: BTreeSet<OperationId> = BTreeSet::new();
    let mut findings = Vec::new();
    for (_, edge) in model.edges() {
        if edge.protocol() != Some(Protocol::Graphql) {
            continue;
        }
        for it in &edge.operations {
            if told.insert(it.operation) {
                findings.extend(one_by_one(context, it.operation));
            }
        }
    }
    findings
}

fn one_by_one(context: &Context<'_>, id: OperationId) -> Option<Finding> {
    let model = context.model;
    let operation = &model[id];
    let calls = operation.calls.as_deref()?;
    let item = item_of(&operation.output.as_ref()?.ty)?;
    calls.iter().find_map(|call| {
        let CallTarget::Operation(called) = *call else {
            return None;
        };
        let single = single(model, called).filter(|_| model[called].kind == OperationKind::Query)?;
        let (field, span) = held(model, item, single)?;
        let edge = edge_to(context, model[operation.api].node, called)?;
        if model[edge].attributes_of(called).get(Attr::PerRequest).is_some() {
            return None;
        }
        let called_name = context.operation_name(called);
        Some(
            Finding::new(
                format!(
                    "`{}` answers with a list and calls `{called_name}` for each item",
                    context.operation_name(id)
                ),
                operation.span,
            )
            .here("served over GraphQL, one request for each of them")
            .label(span, format!("each item has its own `{field}`"))
            .label(model[called].span, "gives one at a time")
            .note("a list of 50 makes 1 + 50 = 51 calls")
            .help(format!(
                "let `{}` answer for many, `by_ids(ids: [uuid]) -> [{}]`, or say how often it is called: `per_request = 1`",
                model[model[called].api].name, model[single].name
            ))
            .about([edge]),
        )
    })
}

/// The message that a list is of.
fn item_of(ty: &TypeRef) -> Option<StructId> {
    match ty {
        TypeRef::List(inner) => match &**inner {
            TypeRef::Struct(id) => Some(*id),
            _ => None,
        },
        _ => None,
    }
}

/// The message that an operation answers with, when it is one.
fn single(model: &Model, operation: OperationId) -> Option<StructId> {
    let output = model[operation].output.as_ref().filter(|it| !it.stream)?;
    match plain(&output.ty) {
        TypeRef::Struct(id) => Some(*id),
        _ => None,
    }
}

/// The field of an item that holds a message and is not gathered by a data loader.
fn held(model: &Model, item: StructId, message: StructId) -> Option<(&str, Span)> {
    let holds = |ty: &TypeRef| *plain(ty) == TypeRef::Struct(message);
    let mut fields = model[item].fields.iter();
    let field = fields.find(|it| it.via.is_none() && item != message && holds(&it.ty))?;
    Some((&field.name, field.span))
}

fn plain(ty: &TypeRef) -> &TypeRef {
    match ty {
        TypeRef::Optional(inner) => inner,
        ty => ty,
    }
}

fn edge_to(context: &Context<'_>, from: NodeId, operation: OperationId) -> Option<EdgeId> {
    let api = context.model[operation].api;
    let mut edges = context.topology.outgoing(from).iter().copied();
    edges
        .find(|&it| matches!(context.model[it].link, Link::Call { api: Some(to), .. } if to == api))
}
