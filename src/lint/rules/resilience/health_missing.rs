//! # RES004 health-missing
//!
//! ## What it does
//! Finds services that exist and cannot be asked whether they are well (`health = none`), although somebody would: there are
//! several instances, or they stand behind a gateway, or hold connections open. For others it is told as info. And it
//! finds services whose answer depends on those that they call (`health = deep`), where one of these answers in the same
//! way.
//!
//! ## Why it is bad
//! A breaker, a balancer or an orchestrator takes out of rotation what says that it is ill; what says nothing goes on failing
//! its share of requests (the article, section 4.2 on recovery, section 2.3 on connections that stay open, section 5 on
//! operations). And where health depends on health, one store that is away for a moment makes each service in front of it
//! ill, and all of them are restarted at once. See also the Health Endpoint Monitoring pattern of the Azure Architecture
//! Center, and the probes of KubeLinter.
//!
//! ## Bad
//! ```arch
//! service front
//! service stock { existing = true, replicas = 3, health = none
//!   api Stock { public = true
//!     query left(sku: string) -> int32
//!   }
//! }
//! front -> stock : grpc { tls = mutual }
//! ```
//!
//! ## Good
//! ```arch
//! service front
//! service stock { existing = true, replicas = 3, health = own
//!   api Stock { public = true
//!     query left(sku: string) -> int32
//!   }
//! }
//! front -> stock : grpc { tls = mutual }
//! ```
//!
//! ## How to fix
//! Give it an endpoint that says whether this instance can work, and write `health = own`. Leave what it calls out of the
//! answer: breakers and fallbacks are for that.
//!
//! ## Known limits
//! What is generated has health built in. Whether anybody asks is not known. A service that a provider runs (`managed`) is
//! its provider's business.

use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::attributes::{Attr, Value};
use crate::model::{EdgeId, Node, NodeId, NodeKind, ServiceKind, text};

pub fn check(context: &Context<'_>, id: NodeId) -> Vec<Finding> {
    let node = &context.model[id];
    if !matches!(node.kind, NodeKind::Service(_))
        || !node.existing
        || node.attributes.is(Attr::Managed)
    {
        return Vec::new();
    }
    match health(node) {
        Some("none") => silent(context, id),
        Some("deep") => cascade(context, id).into_iter().collect(),
        Some(_) => Vec::new(),
        None => context.unknown("health", node.span, || {
            let declare =
                "write whether it can be asked if it is well: `health = own`, `deep` or `none`";
            (node.name.clone(), declare.to_owned())
        }),
    }
}

fn health(node: &Node) -> Option<&str> {
    match node.attributes.value(Attr::Health)? {
        Value::Text(word) => Some(word),
        _ => None,
    }
}

/// It cannot be asked.
fn silent(context: &Context<'_>, id: NodeId) -> Vec<Finding> {
    let node = &context.model[id];
    let finding = Finding::new(
        format!("`{}` cannot be asked whether it is well", node.name),
        node.attributes.span(Attr::Health).unwrap_or(node.span),
    );
    let finding = match who_would_ask(context, id) {
        Some((Some(edge), why)) => finding.label(context.model[edge].span, why),
        Some((None, why)) => finding.label_at(node.attributes.span(Attr::Replicas), why),
        None => finding.informs(),
    };
    vec![finding.help(
        "give it an endpoint that says whether this instance can work, and write `health = own`",
    )]
}

/// Who would take it out of rotation, and by which edge.
fn who_would_ask(context: &Context<'_>, id: NodeId) -> Option<(Option<EdgeId>, String)> {
    let node = &context.model[id];
    if let Some(replicas) = node.attributes.replicas().filter(|it| *it >= 2) {
        let others = text::counted(replicas - 1, "other");
        return Some((
            None,
            format!("there are {others} to go to, if it were known which is ill"),
        ));
    }
    let incoming = context.topology.incoming(id);
    let gateway = |edge: EdgeId| {
        let from = &context.model[context.model.node_of(context.model[edge].from)];
        matches!(
            from.kind,
            NodeKind::Service(ServiceKind::Gateway | ServiceKind::Bff)
        )
    };
    let live = |edge: EdgeId| {
        let protocol = context.model[edge].protocol();
        protocol.is_some_and(|it| it.facts().live)
    };
    incoming.iter().find_map(|&edge| {
        let why = match (gateway(edge), live(edge)) {
            (true, _) => "the gateway goes on sending requests here",
            (_, true) => "connections stay open to what does not work",
            _ => return None,
        };
        Some((Some(edge), why.to_owned()))
    })
}

/// Health that depends on health.
fn cascade(context: &Context<'_>, id: NodeId) -> Option<Finding> {
    let node = &context.model[id];
    let deep = context
        .topology
        .outgoing(id)
        .iter()
        .copied()
        .find(|&edge| {
            let callee = &context.model[context.model.node_of(context.model[edge].to)];
            let waits = context
                .topology
                .hops_of(edge)
                .any(|hop| context.topology.is_synchronous(hop) && !context.is_optional(hop));
            waits && callee.existing && health(callee) == Some("deep")
        })?;
    let callee = &context.model[context.model.node_of(context.model[deep].to)];
    Some(
        Finding::new(
            format!(
                "`{}` is ill whenever `{}` is, and that whenever one of those that it calls is",
                node.name, callee.name
            ),
            node.attributes.span(Attr::Health).unwrap_or(node.span),
        )
        .here("its answer depends on those that it calls")
        .label_at(
            callee.attributes.span(Attr::Health),
            format!("and so does that of `{}`", callee.name),
        )
        .label(context.model[deep].span, "it calls it here")
        .note("one failure below takes all of them out of rotation at once, and what takes them out cannot mend it")
        .help("let each answer for itself, `health = own`, and use breakers for what it calls")
        .about([deep]),
    )
}
