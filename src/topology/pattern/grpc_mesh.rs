//! 7.1 RESTful gateway + gRPC mesh.

use std::collections::BTreeSet;

use super::view::View;
use super::{Detection, Gap};
use crate::model::attributes::{Attr, Identity, Pattern, Tls, Trust};
use crate::model::{Edge, NodeId, ServiceKind};
use crate::protocol::Protocol;

pub fn detect(view: &View<'_>) -> Detection {
    let mut found = Detection::new(Pattern::RestGatewayGrpcMesh);
    let gateways: BTreeSet<NodeId> = view.services().filter(|it| is_gateway(view, *it)).collect();
    if gateways.is_empty() {
        return found
            .without("a gateway: clients call it over REST, and it calls services over gRPC");
    }
    let mesh = mesh(view, &gateways);
    if mesh.len() < 2 {
        found.lacks(
            "a mesh: two services or more that the gateway reaches over gRPC",
            None,
        );
    }
    let is = |protocol| move |edge: &Edge| edge.protocol() == Some(protocol);
    let services: Vec<NodeId> = view.services().collect();
    let entries: Vec<&Edge> = services
        .iter()
        .flat_map(|it| view.entries(*it))
        .map(|it| it.1)
        .collect();
    let into_gateway =
        |edge: &&&Edge| is(Protocol::Rest)(edge) && gateways.contains(&view.to(edge));
    found.share(
        "calls of clients that are REST and end at the gateway",
        (entries.iter().filter(into_gateway).count(), entries.len()),
    );
    let out: Vec<_> = gateways.iter().flat_map(|it| view.calls(*it)).collect();
    found.share(
        "calls of the gateway that are gRPC",
        (
            out.iter()
                .filter(|(_, edge)| is(Protocol::Grpc)(edge))
                .count(),
            out.len(),
        ),
    );
    let inner: Vec<_> = mesh
        .iter()
        .flat_map(|it| view.calls(*it))
        .filter(|(_, edge)| mesh.contains(&view.to(edge)))
        .collect();
    found.share(
        "calls inside the mesh that are gRPC",
        (
            inner
                .iter()
                .filter(|(_, edge)| is(Protocol::Grpc)(edge))
                .count(),
            inner.len(),
        ),
    );

    found.condition(
        "no client passes the gateway by",
        Some("SEC006"),
        view.bypasses(&gateways),
    );
    found.condition(
        "no gRPC comes from outside",
        Some("SEC005"),
        from_outside(view, &services),
    );
    let owned = gateways
        .iter()
        .flat_map(|it| view.owned_data(*it))
        .collect();
    found.condition("the gateway owns no data", None, owned);
    let leaks = inner
        .iter()
        .filter(|(_, edge)| edge.protocol() == Some(Protocol::Rest));
    let leaks = leaks.map(|(_, edge)| view.gap(edge, "")).collect();
    found.condition("no REST between members of the mesh", None, leaks);
    let into_mesh = || {
        out.iter()
            .filter(|(_, edge)| is(Protocol::Grpc)(edge))
            .copied()
    };
    let timed = view.lacking(
        into_mesh(),
        |_, edge| edge.attributes.timeout().is_some(),
        "has no timeout",
    );
    found.condition("calls into the mesh have a timeout", Some("TMO001"), timed);
    let passes_identity = |edge: &Edge| {
        edge.attributes
            .identity()
            .is_some_and(|it| it != Identity::None)
    };
    // Where everything may be asked by anybody, there is no identity to pass on.
    let asks_who = gateways
        .iter()
        .flat_map(|it| view.entries(*it))
        .any(|(_, edge)| {
            edge.operations
                .iter()
                .any(|it| !view.model[it.operation].attributes.is(Attr::Public))
        });
    let anonymous = view.lacking(
        into_mesh().filter(|_| asks_who),
        |_, edge| passes_identity(edge),
        "passes no identity on",
    );
    found.condition(
        "the user's identity travels on from the gateway",
        Some("AUZ003"),
        anonymous,
    );
    let inside = into_mesh().chain(inner.iter().copied());
    let secured = view.lacking(
        inside,
        |_, edge| edge.attributes.tls() == Some(Tls::Mutual),
        "is not mutual TLS",
    );
    found.condition(
        "both sides show certificates inside",
        Some("AUN003"),
        secured,
    );
    found.condition(
        "the gateway limits its callers",
        Some("RTL001"),
        view.unlimited(&gateways, None),
    );
    found.roles.push(("gateway", view.names(&gateways)));
    found.roles.push(("mesh", view.names(&mesh)));
    found
}

/// A gateway by its word, or by what it does: REST from clients, gRPC to two or more, nothing of its own.
fn is_gateway(view: &View<'_>, node: NodeId) -> bool {
    let grpc = view
        .calls(node)
        .filter(|(_, edge)| edge.protocol() == Some(Protocol::Grpc))
        .count();
    let is_asked = view
        .entries(node)
        .any(|(_, edge)| edge.protocol() == Some(Protocol::Rest));
    let does_it = is_asked && grpc >= 2 && view.owned_data(node).is_empty();
    does_it || view.is(node, ServiceKind::Gateway) && (is_asked || grpc > 0)
}

/// Everything that gateways reach over gRPC inside.
fn mesh(view: &View<'_>, gateways: &BTreeSet<NodeId>) -> BTreeSet<NodeId> {
    let mut mesh = BTreeSet::new();
    let mut next: Vec<NodeId> = gateways.iter().copied().collect();
    while let Some(node) = next.pop() {
        for (_, edge) in view.calls(node) {
            let to = view.to(edge);
            let is_inside = view.model[to].trust >= Trust::Internal && !gateways.contains(&to);
            if edge.protocol() == Some(Protocol::Grpc) && is_inside && mesh.insert(to) {
                next.push(to);
            }
        }
    }
    mesh
}

fn from_outside(view: &View<'_>, services: &[NodeId]) -> Vec<Gap> {
    let calls = services.iter().flat_map(|it| view.called(*it));
    let outside = calls.filter(|(_, edge)| {
        edge.protocol() == Some(Protocol::Grpc)
            && view.model[view.from(edge)].trust <= Trust::Partner
    });
    outside.map(|(_, edge)| view.gap(edge, "")).collect()
}
