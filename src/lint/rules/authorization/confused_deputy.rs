//! # AUZ003 confused-deputy
//!
//! ## What it does
//! Finds services that know the user and call another one without him, though what they ask for is confidential or the
//! callee judges single objects: the callee then sees only the service, which may ask for anybody's data. Services that
//! judge access to the object themselves (`authorizes = object`) are left out. It is an error where callers of different
//! trust share the service, or the callee stands in a restricted zone. Also finds calls that claim to carry the user
//! (`identity = forward` or `exchange`) though nothing that causes them ever learns who he is.
//!
//! ## Why it is bad
//! A service with authority of its own does for one user what only another may: the confused deputy (CWE-441). Least
//! privilege needs the user's identity where the decision is made, and tokens carry it (the article, sections 3.3 and 3.4).
//! See also OWASP ASVS 5.0, 8.3.3, RFC 8693 on token exchange, and CWE-284.
//!
//! ## Bad
//! ```arch
//! roles { customer }
//! auth staff : jwt { issuer = "https://id.shop.example", audience = "shop", algorithms = [ES256], roles = realm.roles }
//! auth mesh : mtls
//! client web : browser
//! service orders {
//!   api Orders { auth = staff, allow = [customer], rate_limit = limit(50/s, per = user)
//!     query receipt(id: uuid) -> string { calls = [payments.Payments.find] }
//!   }
//! }
//! service payments {
//!   api Payments { auth = mesh
//!     query find(order: uuid) -> string { calls = [payments_db] }
//!   }
//! }
//! store payments_db : postgres { data = confidential }
//! web -> orders : rest
//! orders -> payments : grpc
//! payments -> payments_db
//! ```
//!
//! ## Good
//! ```arch
//! roles { customer }
//! auth staff : jwt { issuer = "https://id.shop.example", audience = "shop", algorithms = [ES256], roles = realm.roles }
//! auth mesh : mtls
//! client web : browser
//! service orders {
//!   api Orders { auth = staff, allow = [customer], rate_limit = limit(50/s, per = user)
//!     query receipt(id: uuid) -> string { calls = [payments.Payments.find] }
//!   }
//! }
//! service payments {
//!   api Payments { auth = [mesh, staff], allow = [customer]
//!     query find(order: uuid) -> string { calls = [payments_db] }
//!   }
//! }
//! store payments_db : postgres { data = confidential }
//! web -> orders : rest
//! orders -> payments : grpc { identity = exchange }
//! payments -> payments_db
//! ```
//!
//! ## How to fix
//! Let the user's identity travel: `identity = exchange`, with a scheme of users on the callee. `forward` does as well, but
//! hands on the very token that came from outside. Where the service in the middle judges, it says `authorizes = object`.
//!
//! ## Known limits
//! What a consumer or schedule starts has no user, and is left out. Of services that exist, an unwritten `identity` is
//! unknown.

use std::collections::BTreeMap;

use crate::lint::access::is_user_token;
use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::lint::labels::{Label, Labels};
use crate::model::attributes::{Attr, DataClass, Identity, Trust};
use crate::model::{EdgeId, End, Link, NodeId, NodeKind};
use crate::topology::{HopId, Way};

pub fn check(context: &Context<'_>) -> Vec<Finding> {
    let topology = context.topology;
    let schemes = &context.model.auths;
    let any = schemes.iter().any(|it| is_user_token(it.scheme));
    let users: Vec<bool> = topology
        .hops()
        .map(|(id, _)| any && knows_user(context, id))
        .collect();
    let mut findings = phantoms(context, &users);
    if !users.contains(&true) {
        return findings;
    }
    let labels = context.labels(DataClass::Confidential);
    let mut found: BTreeMap<EdgeId, Finding> = BTreeMap::new();
    // One request for each node stands for all whose handlers say nothing.
    let mut undeclared: BTreeMap<NodeId, HopId> = BTreeMap::new();
    for (id, _) in topology.hops().filter(|(id, _)| users[id.index()]) {
        for call in topology.causes(id) {
            judge(context, &labels, id, call, false, &mut found);
        }
        if topology.may_cause_anything(id) {
            undeclared.entry(topology.target(id)).or_insert(id);
        }
    }
    for (node, request) in undeclared {
        for &edge in topology.outgoing(node) {
            for call in topology.hops_of(edge) {
                judge(context, &labels, request, call, true, &mut found);
            }
        }
    }
    findings.extend(found.into_values());
    findings
}

/// Whether a user is known where a hop ends: he proves who he is, or a token of his comes along.
fn knows_user(context: &Context<'_>, hop: HopId) -> bool {
    let edge = &context.model[context.topology.hop(hop).edge];
    if !matches!(edge.link, Link::Call { .. }) || context.is_anonymous(hop) {
        return false;
    }
    let user = |id: &crate::model::AuthId| is_user_token(context.model[*id].scheme);
    if !context.schemes(hop).iter().any(user) {
        return false;
    }
    let source = &context.model[context.model.node_of(edge.from)];
    matches!(source.kind, NodeKind::Client(_))
        || carries(context, edge.from, edge.attributes.identity())
}

/// Whether a call takes the user along.
fn carries(context: &Context<'_>, from: End, identity: Option<Identity>) -> bool {
    let source = &context.model[context.model.node_of(from)];
    let outside = matches!(source.kind, NodeKind::External);
    !outside && matches!(identity, Some(Identity::Forward | Identity::Exchange))
}

fn judge(
    context: &Context<'_>,
    labels: &Labels<'_, '_>,
    request: HopId,
    call: HopId,
    assumed: bool,
    found: &mut BTreeMap<EdgeId, Finding>,
) {
    let topology = context.topology;
    let id = topology.hop(call).edge;
    let edge = &context.model[id];
    let (End::Node(deputy), End::Node(callee), Link::Call { .. }) = (edge.from, edge.to, edge.link)
    else {
        return;
    };
    let internal = matches!(context.model[callee].kind, NodeKind::Service(_));
    if found.contains_key(&id) || !internal || judges(context, deputy, request) {
        return;
    }
    let identity = context.attributes_of(call).identity();
    if carries(context, edge.from, identity) {
        return;
    }
    let operation = topology.hop(call).operation;
    if operation.is_some_and(|it| context.is_for_strangers(it)) {
        return;
    }
    let label = labels.of(call);
    let by_object = operation.is_some_and(|it| {
        let attributes = &context.model[it].attributes;
        attributes.text(Attr::Authorizes) == Some("object") || attributes.get(Attr::When).is_some()
    });
    if label.is_none() && !by_object {
        return;
    }
    if identity.is_none() && context.model[deputy].existing {
        let told = context.unknown("identity", edge.span, || {
            let declare =
                "write whether the user travels along: `identity = none`, `forward` or `exchange`";
            (context.edge_name(id), declare.to_owned())
        });
        found.extend(told.into_iter().map(|it| (id, it)));
        return;
    }
    let way = Way {
        hops: vec![request, call],
        assumed,
    };
    let finding = report(context, &way, deputy, callee, label.as_ref());
    found.insert(id, finding.along(context, &way).about([id]));
}

fn report(
    context: &Context<'_>,
    way: &Way,
    deputy: NodeId,
    callee: NodeId,
    label: Option<&Label>,
) -> Finding {
    let model = context.model;
    let topology = context.topology;
    let (request, call) = (way.hops[0], way.hops[1]);
    let request_edge = topology.hop(request).edge;
    let edge = &model[topology.hop(call).edge];
    let user = model.end_name(model[request_edge].from);
    let (name, target) = (&model[deputy].name, &model[callee].name);
    let what = match label {
        Some(label) => format!("for {} data", label.class),
        None => "for single objects".to_owned(),
    };
    let mut finding = Finding::new(
        format!("`{name}` asks `{target}` {what} by its own authority: `{target}` cannot know whose request it is"),
        edge.span,
    )
    .here("the user does not travel along")
    .label(model[request_edge].span, format!("`{name}` learns here who the user is, from `{user}`"))
    .label_at(edge.attributes.span(Attr::Identity), "this says so")
    .note(format!("the way: {}", context.way_name(way)));
    if let Some(reached) = label.and_then(|it| it.way.as_ref()) {
        finding = finding.note(format!("what it asks for: {}", context.way_name(reached)));
    }
    let trusts: Vec<Trust> = topology
        .incoming(deputy)
        .iter()
        .filter(|it| matches!(model[**it].link, Link::Call { .. }))
        .map(|it| topology.trust(*it).0)
        .collect();
    let mixed = trusts.iter().min() != trusts.iter().max();
    if mixed {
        finding = finding.note(format!("callers of different trust share `{name}`"));
    }
    finding
        .graver_if(mixed || model[callee].trust == Trust::Restricted)
        .help(format!(
            "write `identity = exchange` on `{}`, and a scheme of users with `allow` on `{target}`",
            context.edge_name(topology.hop(call).edge)
        ))
        .help(format!(
            "or say that `{name}` judges the object itself: `authorizes = object`"
        ))
}

/// Whether the service in the middle decides itself about the object that is asked for.
fn judges(context: &Context<'_>, deputy: NodeId, request: HopId) -> bool {
    let object = |word: Option<&str>| word == Some("object");
    let node = &context.model[deputy].attributes;
    let operation = context.topology.hop(request).operation;
    object(node.text(Attr::Authorizes))
        || operation.is_some_and(|it| {
            let api = context.model[it].api;
            object(context.model[it].attributes.text(Attr::Authorizes))
                || object(context.model[api].attributes.text(Attr::Authorizes))
        })
}

/// Edges that claim a user whom nobody ever asked for.
fn phantoms(context: &Context<'_>, users: &[bool]) -> Vec<Finding> {
    let topology = context.topology;
    let model = context.model;
    let claims = model.edges().filter(|(_, edge)| {
        let from = &model[model.node_of(edge.from)];
        matches!(edge.link, Link::Call { .. })
            && matches!(from.kind, NodeKind::Service(_))
            && carries(context, edge.from, edge.attributes.identity())
    });
    let claims: Vec<_> = claims.collect();
    if claims.is_empty() {
        return Vec::new();
    }
    // For each edge whether something causes it, and whether a user is known there.
    let mut caused: BTreeMap<EdgeId, bool> = BTreeMap::new();
    let mut any: BTreeMap<NodeId, bool> = BTreeMap::new();
    for (id, _) in topology.hops() {
        let known = users[id.index()];
        for call in topology.causes(id) {
            *caused.entry(topology.hop(call).edge).or_default() |= known;
        }
        if topology.may_cause_anything(id) {
            *any.entry(topology.target(id)).or_default() |= known;
        }
    }
    claims
        .into_iter()
        .filter(|(id, edge)| {
            let asked = |operation: crate::model::OperationId| {
                !model[operation].attributes.is(Attr::Public)
                    && !context.is_for_strangers(operation)
            };
            let source = model.node_of(edge.from);
            let known = [caused.get(id), any.get(&source)];
            known.iter().any(Option::is_some)
                && !known.into_iter().flatten().any(|it| *it)
                && edge.operations.iter().any(|it| asked(it.operation))
        })
        .map(|(id, edge)| {
            let from = model.end_name(edge.from);
            Finding::new(
                format!(
                    "`{}` claims to carry the user, and `{from}` never learns who he is",
                    context.edge_name(id)
                ),
                edge.span,
            )
            .label_at(
                edge.attributes.span(Attr::Identity),
                "this hands on what nobody brings",
            )
            .note(format!(
                "no request that leads here asks for a user's token at `{from}`"
            ))
            .help(format!(
                "name a scheme of users on what `{from}` offers, or write `identity = none`"
            ))
            .about([id])
        })
        .collect()
}
