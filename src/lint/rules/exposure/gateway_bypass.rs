//! # SEC006 gateway-bypass
//!
//! ## What it does
//! Finds edges from outside that lead past the gateway: the same client or partner uses a `gateway` or `bff` of the drawing,
//! and calls a service directly as well. Where it is somebody who uses no gateway, it is told as info, and so is a drawing
//! without any gateway in which three or more services are called from outside.
//!
//! ## Why it is bad
//! What the gateway does for all (asking who it is, limits, logs, one address) is missing on the way past it, and the
//! service has to do it again, alike, for ever. A gateway is the one door (the article, sections 4.4, 7.1 and 7.5). See also
//! Istio's analysis and NIST SP 800-204, MS-SS-4 and MS-SS-12, and the gatekeeper pattern of the Azure Architecture Center.
//!
//! ## Bad
//! ```arch
//! roles { customer }
//! auth staff : jwt { issuer = "https://id.shop.example", audience = "shop", algorithms = [ES256], roles = realm.roles }
//! client web : browser
//! service front : gateway {
//!   api Shop { auth = staff, allow = [customer], rate_limit = limit(50/s, per = user)
//!     query titles() -> string
//!   }
//! }
//! service orders {
//!   api Orders { auth = staff, allow = [customer], rate_limit = limit(50/s, per = user)
//!     query find(id: uuid) -> string
//!   }
//! }
//! web -> front : rest
//! web -> orders : rest
//! ```
//!
//! ## Good
//! ```arch
//! roles { customer }
//! auth staff : jwt { issuer = "https://id.shop.example", audience = "shop", algorithms = [ES256], roles = realm.roles }
//! client web : browser
//! service front : gateway {
//!   api Shop { auth = staff, allow = [customer], rate_limit = limit(50/s, per = user)
//!     query find(id: uuid) -> string via orders.Orders.find
//!   }
//! }
//! service orders {
//!   api Orders { auth = staff, allow = [customer]
//!     query find(id: uuid) -> string
//!   }
//! }
//! web -> front : rest
//! front -> orders : rest { identity = forward }
//! ```
//!
//! ## How to fix
//! Serve it through the gateway (`via` forwards an operation in one line) and take the direct edge away.
//!
//! ## Known limits
//! Webhooks, logins (`purpose`) and connections that stay open, with their own authentication and limits, may have a door of
//! their own and are left out. Load balancers and content delivery networks are drawn with `pass_through = true`.

use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::lint::root::Root;
use crate::model::attributes::{Attr, Trust};
use crate::model::{EdgeId, Link, NodeId, NodeKind, ServiceKind};

/// From how many services with a door of their own on a gateway would be worth a thought.
const DOORS: usize = 3;

pub fn check(context: &Context<'_>) -> Vec<Finding> {
    let model = context.model;
    let mut gateways: Vec<NodeId> = Vec::new();
    let mut direct: Vec<EdgeId> = Vec::new();
    // For each node the gateway that it calls.
    let mut gateway_of: Vec<Option<NodeId>> = vec![None; model.nodes.len()];
    for (id, edge) in model.edges() {
        let (from, to) = context.topology.trust(id);
        let (source, target) = (model.node_of(edge.from), model.node_of(edge.to));
        let outside = from <= Trust::Partner && to > from;
        if !outside || !matches!(edge.link, Link::Call { .. }) {
            continue;
        }
        // A proxy that checks nothing is no gateway to lead past, and a fine door.
        if model[target].attributes.is(Attr::PassThrough) {
            continue;
        }
        match model[target].kind {
            NodeKind::Service(ServiceKind::Gateway | ServiceKind::Bff) => {
                gateways.push(target);
                gateway_of[source.0 as usize].get_or_insert(target);
            }
            NodeKind::Service(_) if !has_own_door(context, id) => direct.push(id),
            _ => {}
        }
    }
    if direct.is_empty() {
        return Vec::new();
    }
    let Some(&gateway) = gateways.first() else {
        return without_gateway(context, &direct).into_iter().collect();
    };
    let bypass = |&id: &EdgeId| {
        let source = model.node_of(model[id].from);
        let used = gateway_of[source.0 as usize];
        show(context, id, used.unwrap_or(gateway), used.is_some())
    };
    direct.iter().map(bypass).collect()
}

fn show(context: &Context<'_>, id: EdgeId, gateway: NodeId, used: bool) -> Finding {
    let edge = &context.model[id];
    let gateway = &context.model[gateway];
    let name = context.edge_name(id);
    let finding = Finding::new(
        format!("`{name}` leads past the gateway `{}`", gateway.name),
        edge.span,
    )
    .label(gateway.span, "what this does for all is missing there")
    .help("serve it through the gateway: `via` forwards an operation in one line")
    .because(Root {
        at: gateway.span,
        message: format!("{{n}} edges from outside lead past the gateway `{}`", gateway.name),
        here: "what this does for all is missing on them".to_owned(),
        help: "serve it through the gateway: `via` forwards an operation in one line, and a whole api as well".to_owned(),
        mend: None,
    })
    .about([id]);
    if used { finding } else { finding.informs() }
}

/// Several doors, and no gateway at all.
fn without_gateway(context: &Context<'_>, direct: &[EdgeId]) -> Option<Finding> {
    let model = context.model;
    let mut doors: Vec<(NodeId, EdgeId)> = Vec::new();
    let mut seen = vec![false; model.nodes.len()];
    for &id in direct {
        let target = model.node_of(model[id].to);
        if !std::mem::replace(&mut seen[target.0 as usize], true) {
            doors.push((target, id));
        }
    }
    if doors.len() < DOORS {
        return None;
    }
    let mut finding = Finding::new(
        format!(
            "{} services are called from outside, each by a door of its own",
            doors.len()
        ),
        model.system.span,
    )
    .informs();
    for (_, edge) in doors.iter().take(DOORS) {
        finding = finding.label(model[*edge].span, "one of them");
    }
    Some(
        finding.help(
            "a `gateway` in front asks, limits and logs once for all: `service front : gateway`",
        ),
    )
}

/// Whether an edge may have a door of its own: webhooks, logins, and live connections that are guarded.
fn has_own_door(context: &Context<'_>, id: EdgeId) -> bool {
    let edge = &context.model[id];
    let Some(protocol) = edge.protocol() else {
        return false;
    };
    let facts = protocol.facts();
    if facts.signed {
        return true;
    }
    let operations = || edge.operations.iter().map(|it| it.operation);
    if !edge.operations.is_empty() && operations().all(|it| context.is_for_strangers(it)) {
        return true;
    }
    facts.live
        && context
            .topology
            .hops_of(id)
            .all(|hop| !context.is_anonymous(hop))
        && operations().all(|it| context.model[it].attributes.rate_limit().is_some())
}
