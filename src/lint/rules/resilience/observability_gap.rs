//! # RES005 observability-gap
//!
//! ## What it does
//! Finds where a request can no longer be followed: services that exist in the middle of a way and pass no trace on
//! (`trace = none`), or another form than what they are called with; and stores of restricted data of which nothing says
//! that it is recorded who read them (`audit`). It is off unless it is asked for.
//!
//! ## Why it is bad
//! Behind the gap every failure is one of somebody else. It shows most where messages make the way long and nobody waits at
//! its end (the article, section 2.4 on tracing through queues, section 4.5 on looking into failures, section 5 on
//! operations), and regular audits need something to read (section 3.6). See also NIST SP 800-204, MS-SS-5, and OWASP
//! ASVS 5.0, 16.2.4.
//!
//! ## Bad
//! ```arch
//! system s { lint { RES005 = info } }
//! service shop
//! service hub { existing = true, trace = none }
//! service stock
//! service depot
//! shop -> hub : rest { tls = mutual }
//! hub -> stock : rest { timeout = 1s, tls = mutual }
//! stock -> depot : grpc { timeout = 500ms }
//! ```
//!
//! ## Good
//! ```arch
//! system s { lint { RES005 = info } }
//! service shop
//! service hub { existing = true, trace = w3c }
//! service stock
//! service depot
//! shop -> hub : rest { tls = mutual }
//! hub -> stock : rest { timeout = 1s, tls = mutual }
//! stock -> depot : grpc { timeout = 500ms }
//! ```
//!
//! ## How to fix
//! Pass on `traceparent`, in headers and in messages alike, and write `trace = w3c` on the service, its zone or the system.
//! Record who reads and changes restricted data, and write `audit = true` on the store.
//!
//! ## Known limits
//! What is generated passes traces on, and tells of breakers, limits and dead letters by metrics. Whether anybody collects
//! and keeps all this is not known.

use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::attributes::{Attr, DataClass, Value};
use crate::model::{EdgeId, End, Link, NodeId, NodeKind};

pub fn check(context: &Context<'_>, id: NodeId) -> Vec<Finding> {
    match context.model[id].kind {
        NodeKind::Service(_) => following(context, id),
        NodeKind::Store(_) => auditing(context, id),
        _ => Vec::new(),
    }
}

/// The form in which a service passes traces on.
fn form<'a>(context: &Context<'a>, id: NodeId) -> Option<&'a str> {
    let node = &context.model[id];
    match node.attributes.value(Attr::Trace) {
        Some(Value::Text(form)) => Some(form),
        _ if node.existing => None,
        _ => Some("w3c"),
    }
}

fn following(context: &Context<'_>, id: NodeId) -> Vec<Finding> {
    let topology = context.topology;
    let node = &context.model[id];
    let (Some(&into), Some(&out)) = (topology.incoming(id).first(), topology.outgoing(id).first())
    else {
        return Vec::new();
    };
    let Some(form) = form(context, id) else {
        return context.unknown("trace", node.span, || {
            let declare = "write in which form it passes traces on: `trace = w3c`, `b3` or `none`";
            (node.name.clone(), declare.to_owned())
        });
    };
    let line = node.attributes.span(Attr::Trace);
    if form == "none" {
        let Some((before, after)) = long_way(context, id).or_else(|| {
            let messages = context.model[into].link == Link::Consume;
            messages.then_some((into, out))
        }) else {
            return Vec::new();
        };
        return vec![
            Finding::new(
                format!("the trace of a request ends at `{}`", node.name),
                line.unwrap_or(node.span),
            )
            .here("it passes none on")
            .label(context.model[before].span, "it comes in here")
            .label(context.model[after].span, "and is a new one from here on")
            .help("pass `traceparent` on, in headers and messages alike, and write `trace = w3c`"),
        ];
    }
    let other = topology.incoming(id).iter().find_map(|&edge| {
        let End::Node(from) = context.model[edge].from else {
            return None;
        };
        if !matches!(context.model[from].kind, NodeKind::Service(_)) {
            return None;
        }
        let theirs = self::form(context, from).filter(|it| *it != "none" && *it != form)?;
        Some((edge, from, theirs))
    });
    let Some((edge, from, theirs)) = other else {
        return Vec::new();
    };
    let caller = &context.model[from];
    vec![
        Finding::new(
            format!(
                "`{}` sends traces as {theirs}, and `{}` reads {form}",
                caller.name, node.name
            ),
            context.model[edge].span,
        )
        .here("the trace ends here")
        .label_at(line, format!("{form} here"))
        .label_at(
            caller.attributes.span(Attr::Trace),
            format!("{theirs} here"),
        )
        .help("let both speak one form, best w3c, or let one of them read both"),
    ]
}

/// Edges into and out of a node with another one before or behind: at least three hops.
fn long_way(context: &Context<'_>, id: NodeId) -> Option<(EdgeId, EdgeId)> {
    let topology = context.topology;
    let goes_on = |edge: EdgeId| match context.model[edge].to {
        End::Node(node) => !topology.outgoing(node).is_empty(),
        End::Channel(channel) => !topology.consumers(channel).is_empty(),
    };
    let comes_from = |edge: EdgeId| match context.model[edge].from {
        End::Node(node) => !topology.incoming(node).is_empty(),
        End::Channel(channel) => !topology.publishers(channel).is_empty(),
    };
    let (&into, &out) = (
        topology.incoming(id).first()?,
        topology.outgoing(id).first()?,
    );
    let before = topology
        .incoming(id)
        .iter()
        .copied()
        .find(|&it| comes_from(it));
    let behind = topology
        .outgoing(id)
        .iter()
        .copied()
        .find(|&it| goes_on(it));
    (before.is_some() || behind.is_some()).then(|| (before.unwrap_or(into), behind.unwrap_or(out)))
}

fn auditing(context: &Context<'_>, id: NodeId) -> Vec<Finding> {
    let node = &context.model[id];
    let restricted = context.class_of(End::Node(id)) >= Some(DataClass::Restricted);
    let Some(&edge) = context.topology.incoming(id).first().filter(|_| restricted) else {
        return Vec::new();
    };
    if node.attributes.is(Attr::Audit) {
        return Vec::new();
    }
    if node.existing && node.attributes.get(Attr::Audit).is_none() {
        return context.unknown("audit", node.span, || {
            let declare = "write whether it is recorded who reads and changes it: `audit = true`";
            (node.name.clone(), declare.to_owned())
        });
    }
    vec![
        Finding::new(
            format!(
                "nothing records who reads and changes the restricted data in `{}`",
                node.name
            ),
            node.span,
        )
        .label_at(node.attributes.span(Attr::Audit), "so it is written here")
        .label(context.model[edge].span, "it is used here")
        .help("record it, and write `audit = true`"),
    ]
}
