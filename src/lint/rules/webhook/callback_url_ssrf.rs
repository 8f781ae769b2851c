//! # WHK005 callback-url-ssrf
//!
//! ## What it does
//! Finds services that send requests to addresses which others enter (`dynamic_url = true` on the external: webhooks of
//! subscribers, links that are followed) and where nothing says that private addresses are refused (`block_private =
//! true`). It is an error from an `internal` or `restricted` zone, a warning from a `dmz`.
//!
//! ## Why it is bad
//! Somebody enters the address of a database, of an admin page or of the cloud's metadata service, and our own service
//! fetches it for him, from inside. Webhook addresses are entered by others (the article, section 2.8), and what is put in
//! unchecked is a common pitfall (section 3.6). See also OWASP API Security Top 10 2023, API7, CWE-918, OWASP ASVS 5.0, 13.2.4
//! and 15.3.2, and Standard Webhooks on SSRF.
//!
//! ## Bad
//! ```arch
//! service notifier
//! external subscribers { dynamic_url = true }
//! notifier -> subscribers : rest { tls = server }
//! ```
//!
//! ## Good
//! ```arch
//! service notifier
//! external subscribers { dynamic_url = true }
//! notifier -> subscribers : rest { tls = server, block_private = true }
//! ```
//!
//! ## How to fix
//! Send through a proxy that refuses private addresses, after it resolved the name and again at each redirect, and put the
//! sender into a `dmz` zone of its own, from which nothing inside can be reached.
//!
//! ## Known limits
//! What follows addresses without drawing an edge for it is not seen. What a proxy refuses is taken as said.

use rustc_hash::FxHashMap as HashMap;

use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::attributes::{Attr, Trust};
use crate::model::{EdgeId, Link, NodeId, NodeKind, ZoneId};

/// How many of what could be reached are named.
const NAMED: usize = 3;

pub fn check(context: &Context<'_>) -> Vec<Finding> {
    let model = context.model;
    let dynamic = |id: &NodeId| {
        model[*id].kind == NodeKind::External && model[*id].attributes.is(Attr::DynamicUrl)
    };
    let externals: Vec<NodeId> = model.nodes().map(|(id, _)| id).filter(dynamic).collect();
    if externals.is_empty() {
        return Vec::new();
    }
    let inside = inside(context);
    let mut findings = Vec::new();
    for external in externals {
        for &id in context.topology.incoming(external) {
            let from = model.node_of(model[id].from);
            let call = matches!(model[id].link, Link::Call { .. });
            let ours = matches!(model[from].kind, NodeKind::Service(_));
            if call && ours && !model[id].attributes.is(Attr::BlockPrivate) {
                let reachable = inside.get(&model[from].zone).map_or(&[][..], Vec::as_slice);
                findings.push(show(context, id, external, from, reachable));
            }
        }
    }
    findings
}

/// For each zone some of what is answered only to the inside.
fn inside(context: &Context<'_>) -> HashMap<Option<ZoneId>, Vec<NodeId>> {
    let mut zones: HashMap<Option<ZoneId>, Vec<NodeId>> = HashMap::default();
    for (id, node) in context.model.nodes() {
        let served = !matches!(node.kind, NodeKind::Client(_) | NodeKind::External);
        if served && node.trust > Trust::Dmz {
            let zone = zones.entry(node.zone).or_default();
            // One more than is named: the sender itself may be among them.
            if zone.len() <= NAMED {
                zone.push(id);
            }
        }
    }
    zones
}

fn show(
    context: &Context<'_>,
    id: EdgeId,
    external: NodeId,
    from: NodeId,
    reachable: &[NodeId],
) -> Finding {
    let model = context.model;
    let sender = &model[from];
    let zone = match sender.zone {
        Some(zone) => format!("zone `{}` ({})", model[zone].name, sender.trust),
        None => format!("inside ({})", sender.trust),
    };
    let names: Vec<String> = reachable
        .iter()
        .filter(|&&it| it != from)
        .take(NAMED)
        .map(|it| format!("`{}`", model[*it].name))
        .collect();
    let mut finding = Finding::new(
        format!(
            "`{}` calls whatever address is entered for `{}`, from {zone}",
            sender.name, model[external].name
        ),
        model[id].span,
    )
    .here("an address of the inside is called as well")
    .label_at(
        model[external].attributes.span(Attr::DynamicUrl),
        "others enter the address",
    )
    .milder_if(sender.trust <= Trust::Dmz);
    if !names.is_empty() {
        finding = finding.note(format!("from there it can reach {}", names.join(", ")));
    }
    finding
        .help("refuse private addresses, after the name is resolved and at each redirect, and write `block_private = true`; send from a `dmz` zone of its own")
        .about([id])
}
