//! 7.5 API gateway + GraphQL BFF.

use std::collections::BTreeSet;

use super::view::{View, has};
use super::{Detection, Gap};
use crate::model::attributes::{Attr, Identity, Pattern};
use crate::model::{Edge, Link, NodeId, ServiceKind};
use crate::protocol::Protocol;

/// So many kinds of clients on one BFF, and it is nobody's own backend any more.
const EVERYONE: usize = 3;

pub fn detect(view: &View<'_>) -> Detection {
    let mut found = Detection::new(Pattern::GatewayGraphqlBff);
    let serves = |node: &NodeId| {
        view.called(*node)
            .any(|(_, edge)| edge.protocol() == Some(Protocol::Graphql))
    };
    let fan_out = |node: NodeId| {
        view.calls(node)
            .map(|(_, edge)| view.to(edge))
            .collect::<BTreeSet<_>>()
    };
    let is_bff = |node: &NodeId| {
        let is_asked = view.is(*node, ServiceKind::Bff)
            || serves(node) && !view.is(*node, ServiceKind::Gateway);
        is_asked && !fan_out(*node).is_empty()
    };
    let bffs: BTreeSet<NodeId> = view.services().filter(is_bff).collect();
    if bffs.is_empty() {
        return found
            .without("a BFF: a service that is asked over GraphQL and asks several others");
    }
    let asks_bff = |node: &NodeId| {
        view.calls(*node)
            .any(|(_, edge)| bffs.contains(&view.to(edge)))
    };
    let gateways: BTreeSet<NodeId> = view
        .services()
        .filter(|it| !bffs.contains(it))
        .filter(asks_bff)
        .collect();
    if gateways.is_empty() {
        found.lacks("a gateway before the BFF", None);
    }
    let doors = if gateways.is_empty() {
        &bffs
    } else {
        &gateways
    };
    let entries: Vec<&Edge> = view
        .services()
        .flat_map(|it| view.entries(it).collect::<Vec<_>>())
        .map(|it| it.1)
        .collect();
    let through = entries
        .iter()
        .filter(|edge| gateways.contains(&view.to(edge)));
    found.share(
        "calls of clients that end at the gateway",
        (through.count(), entries.len()),
    );
    found.share(
        "BFFs that serve GraphQL",
        (bffs.iter().filter(|it| serves(it)).count(), bffs.len()),
    );
    let wide = bffs.iter().filter(|it| fan_out(**it).len() >= 2);
    found.share(
        "BFFs that put together several services",
        (wide.count(), bffs.len()),
    );

    found.condition("there is one way in", Some("SEC006"), view.bypasses(doors));
    let asked = || bffs.iter().flat_map(|it| view.called(*it));
    let is_bounded = |edge: &Edge| match edge.link {
        Link::Call { api: Some(api), .. } => {
            let api = &view.model[api].attributes;
            api.value(Attr::MaxDepth).is_some() && api.value(Attr::MaxComplexity).is_some()
        }
        _ => true,
    };
    let graphql = asked().filter(|(_, edge)| edge.protocol() == Some(Protocol::Graphql));
    found.condition(
        "queries are bounded in depth and cost",
        Some("RTL005"),
        view.lacking(graphql, |_, edge| is_bounded(edge), "is not bounded"),
    );
    let calls = || bffs.iter().flat_map(|it| view.calls(*it));
    let passes = |edge: &Edge| {
        edge.attributes
            .identity()
            .is_some_and(|it| it != Identity::None)
    };
    found.condition(
        "the user's identity reaches the services",
        Some("AUZ003"),
        view.lacking(calls(), |_, edge| passes(edge), "passes no identity on"),
    );
    found.condition(
        "one slow service does not take the others along",
        Some("RES001"),
        view.lacking(
            calls(),
            |_, edge| has(edge, Attr::Bulkhead) || has(edge, Attr::Optional),
            "has no bulkhead",
        ),
    );
    let owned = gateways
        .union(&bffs)
        .flat_map(|it| view.owned_data(*it))
        .collect();
    found.condition("gateway and BFF own no data", None, owned);
    let crowded = bffs.iter().filter_map(|bff| {
        let mut kinds: BTreeSet<_> = callers(view, *bff, &gateways)
            .iter()
            .map(|it| view.model[*it].kind)
            .collect();
        kinds.retain(|it| matches!(it, crate::model::NodeKind::Client(_)));
        (kinds.len() >= EVERYONE).then(|| Gap {
            span: view.model[*bff].span,
            what: format!(
                "`{}` serves {} kinds of clients",
                view.name(*bff),
                kinds.len()
            ),
        })
    });
    found.condition(
        "each kind of client has its own BFF",
        None,
        crowded.collect(),
    );
    if !gateways.is_empty() {
        found.roles.push(("gateway", view.names(&gateways)));
    }
    found.roles.push(("bff", view.names(&bffs)));
    let services: BTreeSet<NodeId> = bffs.iter().flat_map(|it| fan_out(*it)).collect();
    found.roles.push(("services", view.names(&services)));
    found
}

/// Who calls a BFF, itself or through a gateway.
fn callers(view: &View<'_>, bff: NodeId, gateways: &BTreeSet<NodeId>) -> BTreeSet<NodeId> {
    let direct = |node| {
        view.called(node)
            .map(|(_, edge)| view.from(edge))
            .collect::<BTreeSet<_>>()
    };
    let mut callers = direct(bff);
    let before: Vec<NodeId> = callers.intersection(gateways).copied().collect();
    for gateway in before {
        callers.extend(direct(gateway));
    }
    callers
}
