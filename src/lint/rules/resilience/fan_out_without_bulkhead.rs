//! # RES001 fan-out-without-bulkhead
//!
//! ## What it does
//! Finds services that others wait for and that call three or more different services (`limits { fanout }`) which do not
//! fail alike, being somebody else's systems, of another criticality, or ten times slower than another, without a `bulkhead`
//! on each of those calls.
//!
//! ## Why it is bad
//! The slowest of them ties up all of the caller's capacity, and the requests that would not have needed it fail too.
//! Failures have to stay where they are (the article, sections 4.2 and 4.3), above all in gateways and backends for
//! frontends that gather from many (section 7.5). See also the Bulkhead pattern of the Azure Architecture Center.
//!
//! ## Bad
//! ```arch
//! client web : browser
//! external maps
//! service front {
//!   api Site { public = true, rate_limit = limit(50/s, per = ip)
//!     query home() -> string
//!   }
//! }
//! service offers
//! service reviews
//! web -> front : rest
//! front -> offers : grpc
//! front -> reviews : grpc
//! front -> maps : rest { breaker = errors(50%, cooldown = 10s) }
//! ```
//!
//! ## Good
//! ```arch
//! policy apart { bulkhead = 32 }
//! client web : browser
//! external maps
//! service front {
//!   api Site { public = true, rate_limit = limit(50/s, per = ip)
//!     query home() -> string
//!   }
//! }
//! service offers
//! service reviews
//! web -> front : rest
//! front -> offers : grpc with apart
//! front -> reviews : grpc with apart
//! front -> maps : rest with apart { breaker = errors(50%, cooldown = 10s) }
//! ```
//!
//! ## How to fix
//! Write `bulkhead = 32` on each edge, or once in a policy or in the `defaults` of the zone.
//!
//! ## Known limits
//! Latencies and criticalities are compared where they are written. Connection pools of a service mesh cannot be drawn.

use std::collections::BTreeSet;

use crate::diagnostic::Safety;
use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::attributes::{Attr, Value};
use crate::model::edit;
use crate::model::text;
use crate::model::{EdgeId, Link, NodeId, NodeKind};

/// So many times slower is another class.
const SLOWER: u32 = 10;

pub fn check(context: &Context<'_>, id: NodeId) -> Vec<Finding> {
    let node = &context.model[id];
    let topology = context.topology;
    if topology.outgoing(id).len() < context.limits.fanout as usize
        || !matches!(node.kind, NodeKind::Service(_))
        || !topology.serves(id)
    {
        return Vec::new();
    }
    let calls: Vec<EdgeId> = topology
        .outgoing(id)
        .iter()
        .copied()
        .filter(|&edge| matches!(context.model[edge].link, Link::Call { .. }))
        .filter(|&edge| {
            topology
                .hops_of(edge)
                .any(|hop| topology.is_synchronous(hop))
        })
        .collect();
    let target = |edge: EdgeId| context.model.node_of(context.model[edge].to);
    let mut targets: Vec<NodeId> = calls.iter().map(|&edge| target(edge)).collect();
    targets.sort_unstable();
    targets.dedup();
    if (targets.len() as u64) < context.limits.fanout {
        return Vec::new();
    }
    let external = targets
        .iter()
        .find(|&&it| context.model[it].kind == NodeKind::External);
    let classes: BTreeSet<_> = targets
        .iter()
        .filter_map(|&it| context.model[it].attributes.criticality())
        .collect();
    let why = match (external, classes.len()) {
        (Some(&external), _) => format!(
            "`{}` is not ours, and fails on its own",
            context.model[external].name
        ),
        (None, 2..) => "they are of different criticality".to_owned(),
        (None, _) => match uneven(context, &targets) {
            Some(why) => why,
            None => return Vec::new(),
        },
    };
    let open: Vec<EdgeId> = calls
        .iter()
        .copied()
        .filter(|&edge| {
            topology.hops_of(edge).any(|hop| {
                topology.is_synchronous(hop) && context.attributes_of(hop).bulkhead().is_none()
            })
        })
        .collect();
    if open.is_empty() {
        return Vec::new();
    }
    let mut finding = Finding::new(
        format!(
            "one slow dependency of `{}` can exhaust it for all {}: there is no bulkhead",
            node.name,
            targets.len()
        ),
        node.span,
    )
    .here(why);
    for &edge in open.iter().take(4) {
        finding = finding.label(
            context.model[edge].span,
            "this may take all of its capacity",
        );
    }
    if open.len() > 4 {
        finding = finding.note(format!(
            "{} have no bulkhead",
            text::counted(open.len() as u64, "edge")
        ));
    }
    vec![
        finding
            .fix(
                Safety::Suggested,
                "bound the calls under way on each: `bulkhead = 32`; a policy gives each edge one of its own",
                edit::all(open.iter().map(|&it| context.editor().set(it, Attr::Bulkhead, "32"))),
            )
            .about(open),
    ]
}

/// How far the slowest is from the fastest, where it is a class of its own.
fn uneven(context: &Context<'_>, targets: &[NodeId]) -> Option<String> {
    let latency = |&id: &NodeId| match context.model[id].attributes.value(Attr::Latency) {
        Some(Value::Duration(it)) => Some((*it, id)),
        _ => None,
    };
    let (fast, first) = targets.iter().filter_map(latency).min()?;
    let (slow, last) = targets.iter().filter_map(latency).max()?;
    (slow >= fast.saturating_mul(SLOWER)).then(|| {
        format!(
            "`{}` takes {}, and `{}` takes {}",
            context.model[last].name,
            text::duration(slow),
            context.model[first].name,
            text::duration(fast)
        )
    })
}
