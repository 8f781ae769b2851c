//! # AUZ004 edge-only-authorization
//!
//! ## What it does
//! Finds stores with confidential data that a request reaches with one check on its way, that of the gateway: no operation
//! behind it judges by `allow`, `when` or `authorizes` who it is for. Off unless a drawing or the command line asks for it.
//!
//! ## Why it is bad
//! Whoever gets a foothold behind the gateway reads everything. Access is judged by roles and attributes where it happens,
//! with the least privilege that does (the article, section 3.3). It is off by itself, since a check at the gateway alone is
//! a legitimate design for simple systems. See also NIST SP 800-204, MS-SS-2, and the OWASP cheat sheet on the security of
//! microservices (defence in depth).
//!
//! ## Bad
//! ```arch
//! system shop { lint { AUZ004 = info } }
//! roles { customer }
//! auth staff : jwt { issuer = "https://id.shop.example", audience = "shop", algorithms = [ES256], roles = realm.roles }
//! auth mesh : mtls
//! client web : browser
//! service front : gateway {
//!   api Shop { auth = staff, allow = [customer], rate_limit = limit(50/s, per = user), authorizes = object
//!     query find(id: uuid) -> string via orders.Orders.find
//!   }
//! }
//! service orders {
//!   api Orders { auth = mesh
//!     query find(id: uuid) -> string { calls = [orders_db] }
//!   }
//! }
//! store orders_db : postgres { data = confidential }
//! web -> front : rest
//! front -> orders : grpc
//! orders -> orders_db
//! ```
//!
//! ## Good
//! ```arch
//! system shop { lint { AUZ004 = info } }
//! roles { customer }
//! auth staff : jwt { issuer = "https://id.shop.example", audience = "shop", algorithms = [ES256], roles = realm.roles }
//! auth mesh : mtls
//! client web : browser
//! service front : gateway {
//!   api Shop { auth = staff, allow = [customer], rate_limit = limit(50/s, per = user), authorizes = object
//!     query find(id: uuid) -> string via orders.Orders.find
//!   }
//! }
//! service orders {
//!   api Orders { auth = [mesh, staff], allow = [customer]
//!     query find(id: uuid) -> string { calls = [orders_db] }
//!   }
//! }
//! store orders_db : postgres { data = confidential }
//! web -> front : rest
//! front -> orders : grpc { identity = forward }
//! orders -> orders_db
//! ```
//!
//! ## How to fix
//! Let the user's identity travel (`identity = exchange` or `forward`) and judge it once more where the data is:
//! `allow = [...]`, `when = ...`, or `authorizes = object` where the handler does it.
//!
//! ## Known limits
//! Policies of a mesh that judge users cannot be drawn.

use std::collections::BTreeMap;

use crate::lint::access::judges;
use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::attributes::DataClass;
use crate::model::{Link, NodeId, NodeKind, ServiceKind};
use crate::topology::HopId;

pub fn check(context: &Context<'_>) -> Vec<Finding> {
    let topology = context.topology;
    let mut stores: BTreeMap<NodeId, Vec<HopId>> = BTreeMap::new();
    for (id, hop) in topology.hops() {
        let edge = &context.model[hop.edge];
        if edge.link == Link::Store && context.class_of(edge.to) >= Some(DataClass::Confidential) {
            stores.entry(topology.target(id)).or_default().push(id);
        }
    }
    if stores.is_empty() {
        return Vec::new();
    }
    let decided = |hop: HopId| {
        topology
            .hop(hop)
            .operation
            .is_some_and(|it| judges(context, it))
    };
    let at_gateway = |hop: HopId| is_gateway(context, topology.target(hop));
    let starts = topology.hops().map(|(id, _)| id);
    let starts = starts.filter(|&hop| at_gateway(hop) && decided(hop));
    let reach = topology.reach(starts, |hop| at_gateway(hop) || !decided(hop), false);
    let mut findings = Vec::new();
    for (store, hops) in stores {
        // What a gateway reads by itself is judged where it is read.
        let ways = hops
            .iter()
            .filter(|&&hop| !is_gateway(context, topology.source(hop)))
            .filter_map(|&hop| reach.way(hop));
        let Some(way) = ways.min_by_key(|way| way.hops.len()) else {
            continue;
        };
        let (Some(&first), Some(&last)) = (way.hops.first(), way.hops.last()) else {
            continue;
        };
        let gateway = &context.model[topology.target(first)].name;
        let class = context.class_of(context.model[topology.hop(last).edge].to);
        let class = class.unwrap_or(DataClass::Confidential);
        let finding = Finding::new(
            format!(
                "only `{gateway}` judges who may see `{}` ({class}); any foothold behind it reads everything",
                context.model[store].name
            ),
            context.model[topology.hop(last).edge].span,
        )
        .label(
            context.model[topology.hop(first).edge].span,
            "what comes in here is judged",
        )
        .note(format!("the way: {}", context.way_name(&way)))
        .help("judge it behind the gateway as well: `allow = [...]` on the operation, with `identity = exchange` on the way there");
        findings.push(finding.along(context, &way));
    }
    findings
}

fn is_gateway(context: &Context<'_>, node: NodeId) -> bool {
    matches!(
        context.model[node].kind,
        NodeKind::Service(ServiceKind::Gateway | ServiceKind::Bff)
    )
}
