//! # SEC004 data-plane-exposed
//!
//! ## What it does
//! Finds stores and brokers that the outside talks to directly: edges between them and a client, an external, or anything
//! in a `public` or `partner` zone, and those that stand in a `public` zone themselves. For a partner with a certificate
//! (`tls = mutual`) it is a warning.
//!
//! ## Why it is bad
//! A database or broker speaks to whoever it lets in as to one of its own: there is no contract, no limit and no check of
//! each request, and its flaws are everybody's. What is exposed without need is a common pitfall (the article, section 3.6),
//! and how callers from outside come in is one of the criteria of section 5. See also CWE-501, OWASP ASVS 5.0, 13.4.5, and
//! Threagile's rule on unguarded access to data stores.
//!
//! ## Bad
//! ```arch
//! client app : mobile
//! store orders_db : postgres
//! app -> orders_db
//! ```
//!
//! ## Good
//! ```arch
//! roles { customer }
//! auth staff : jwt { issuer = "https://id.shop.example", audience = "shop", algorithms = [ES256], roles = realm.roles }
//! client app : mobile
//! service orders {
//!   api Orders { auth = staff, allow = [customer], rate_limit = limit(50/s, per = user)
//!     query find(id: uuid) -> string
//!   }
//! }
//! store orders_db : postgres
//! app -> orders : rest
//! orders -> orders_db
//! ```
//!
//! ## How to fix
//! Put a service in between that asks who it is, checks and limits, and let it alone use the store or channel.
//!
//! ## Known limits
//! Managed endpoints that are made for it (device messages over MQTT, uploads by signed addresses) look the same; accept
//! them there, or draw them as an external that takes requests.

use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::attributes::{Tls, Trust};
use crate::model::{EdgeId, End, Link, Model, NodeId, NodeKind};

pub fn check(context: &Context<'_>) -> Vec<Finding> {
    let model = context.model;
    let mut findings = Vec::new();
    for (id, edge) in model.edges() {
        let (outside, inside) = match edge.link {
            Link::Call { .. } => continue,
            Link::Store | Link::Publish => (edge.from, edge.to),
            Link::Consume => (edge.to, edge.from),
        };
        if is_outside(model, model.node_of(outside))
            && model[model.node_of(inside)].trust > Trust::Partner
        {
            findings.push(exposed(context, id, outside, inside));
        }
    }
    for (id, node) in model.nodes() {
        if node.trust == Trust::Public && is_data(node.kind) {
            findings.push(in_public(context, id));
        }
    }
    findings
}

fn exposed(context: &Context<'_>, id: EdgeId, outside: End, inside: End) -> Finding {
    let model = context.model;
    let edge = &model[id];
    let from = model.end_name(outside);
    let trust = model[model.node_of(outside)].trust;
    let known = trust == Trust::Partner && edge.attributes.tls() == Some(Tls::Mutual);
    let what = kind(model, inside);
    Finding::new(
        format!(
            "`{from}` talks directly to the {what} `{}`",
            model.end_name(inside)
        ),
        edge.span,
    )
    .here(format!("from outside ({trust}), with nothing in between"))
    .milder_if(known)
    .help("put a service in between that asks who it is, checks what comes and limits how much")
    .about([id])
}

fn in_public(context: &Context<'_>, id: NodeId) -> Finding {
    let node = &context.model[id];
    let zone = node.zone.map(|it| &context.model[it]);
    let mut finding = Finding::new(
        format!(
            "the {} `{}` stands where everybody is",
            kind(context.model, End::Node(id)),
            node.name
        ),
        node.span,
    );
    if let Some(zone) = zone {
        finding = finding.label(zone.span, "a public zone");
    }
    finding
        .help("move it into an `internal` or `restricted` zone")
        .about(context.topology.incoming(id).iter().copied())
}

fn is_outside(model: &Model, node: NodeId) -> bool {
    let node = &model[node];
    let foreign = matches!(node.kind, NodeKind::Client(_) | NodeKind::External);
    foreign || node.trust <= Trust::Partner
}

const fn is_data(kind: NodeKind) -> bool {
    matches!(kind, NodeKind::Store(_) | NodeKind::Broker(_))
}

fn kind(model: &Model, end: End) -> &'static str {
    match (end, model[model.node_of(end)].kind) {
        (End::Channel(id), _) => model[id].kind.name(),
        (End::Node(_), NodeKind::Broker(_)) => "broker",
        (End::Node(_), _) => "store",
    }
}
