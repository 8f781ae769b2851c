//! Who calls an api over a protocol, and how; which of an operation's values mean something there.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::model::attributes::{Attr, Attributes, Effective, Identity, Tls, Value};
use crate::model::{
    ApiId, AuthId, AuthScheme, ClientKind, Edge, Link, Method, Model, NodeId, NodeKind, Operation,
    OperationId, OperationKind,
};
use crate::protocol::Protocol;

/// The edges that lead to an api over a protocol.
pub fn edges(model: &Model, api: ApiId, protocol: Protocol) -> impl Iterator<Item = &Edge> {
    let link = Link::Call {
        protocol,
        api: Some(api),
    };
    model.edges.iter().filter(move |edge| edge.link == link)
}

/// The operations of an api that a protocol carries, in the order of the drawing: what is served over it.
pub fn carried(model: &Model, api: ApiId, protocol: Protocol) -> impl Iterator<Item = OperationId> {
    let operations = model[api].operations.iter().copied();
    operations.filter(move |id| protocol.carries(model[*id].shape()))
}

/// The services that have such an edge.
pub fn services(model: &Model, api: ApiId, protocol: Protocol) -> BTreeSet<NodeId> {
    edges(model, api, protocol)
        .map(|edge| model.node_of(edge.from))
        .filter(|node| matches!(model[*node].kind, NodeKind::Service(_)))
        .collect()
}

/// The scheme by which the caller of an edge proves itself beside its certificate: the one that the edge names, or else
/// the first that all its operations accept and that a service can have something to show for. Where the certificate
/// suffices, nothing else is shown unless the edge says so.
pub fn shown(model: &Model, edge: &Edge) -> Option<AuthId> {
    if let Some(named) = edge.attributes.auths() {
        return named.first().copied();
    }
    let common = accepted_by_all(model, edge);
    let by_certificate = common
        .iter()
        .any(|id| model[*id].scheme == AuthScheme::Mtls);
    if by_certificate && edge.attributes.tls() == Some(Tls::Mutual) {
        return None;
    }
    common
        .into_iter()
        .find(|id| has_something_to_show(model[*id].scheme))
}

/// The schemes that all operations of an edge accept which ask for any, in the order of the first.
fn accepted_by_all(model: &Model, edge: &Edge) -> Vec<AuthId> {
    let mut asked = edge.operations.iter().filter_map(|carried| {
        let attributes = &model[carried.operation].attributes;
        (!attributes.is(Attr::Public)).then(|| attributes.auths().unwrap_or_default())
    });
    let mut common = asked.next().unwrap_or_default();
    asked.for_each(|accepted| common.retain(|id| accepted.contains(id)));
    common
}

fn has_something_to_show(scheme: AuthScheme) -> bool {
    matches!(
        scheme,
        AuthScheme::ApiKey | AuthScheme::Basic | AuthScheme::Oauth2
    )
}

/// The jwt scheme whose issuer grants the tokens of an oauth2 scheme, or lets the users of a session log in.
pub fn provider(model: &Model, id: AuthId) -> Option<AuthId> {
    let provider = match model[id].attributes.value(Attr::Provider) {
        Some(Value::Auths(schemes)) => schemes.first().copied()?,
        _ => return None,
    };
    let granted = matches!(model[id].scheme, AuthScheme::Oauth2 | AuthScheme::Session);
    (granted && model[provider].scheme == AuthScheme::Jwt).then_some(provider)
}

/// The jwt scheme that tokens of a scheme are verified as: itself, or its provider.
pub fn verified_as(model: &Model, id: AuthId) -> Option<AuthId> {
    match model[id].scheme {
        AuthScheme::Jwt => Some(id),
        _ => provider(model, id),
    }
}

/// Whom the tokens of a jwt scheme must be meant for.
pub fn audience(model: &Model, id: AuthId) -> &str {
    let audience = model[id].attributes.text(Attr::Audience);
    audience.unwrap_or_default()
}

/// How the tokens of users are exchanged on an edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// The oauth2 scheme that the caller is a client of.
    pub client: AuthId,
    /// The jwt scheme that the new token is verified as.
    pub verified_as: AuthId,
}

/// How the tokens of users are exchanged on an edge that asks for it: for those of the first jwt scheme that all its
/// operations accept, by the client that the edge names, or else that somebody has at the same issuer.
pub fn exchange(model: &Model, edge: &Edge) -> Option<Exchange> {
    if edge.attributes.identity() != Some(Identity::Exchange) {
        return None;
    }
    let common = accepted_by_all(model, edge);
    let mut tokens = common.into_iter();
    let verified_as = tokens.find(|id| model[*id].scheme == AuthScheme::Jwt)?;
    let issuer = |id: AuthId| model[id].attributes.value(Attr::Issuer);
    let is_client = |id: &AuthId| {
        model[*id].scheme == AuthScheme::Oauth2
            && provider(model, *id).is_some_and(|it| issuer(it) == issuer(verified_as))
    };
    let named = edge.attributes.auths().unwrap_or_default().into_iter();
    let all = (0..model.auths.len()).map(|at| AuthId(at as u32));
    let client = named.chain(all).find(is_client)?;
    Some(Exchange {
        client,
        verified_as,
    })
}

/// How connections to the api are protected: each way that one of its edges asks for, loosest first, with what the
/// first of those edges says.
pub fn ways(model: &Model, api: ApiId, protocol: Protocol) -> BTreeMap<Tls, Option<&Effective>> {
    let mut ways = BTreeMap::new();
    for edge in edges(model, api, protocol) {
        if let Some(effective) = edge.attributes.get(Attr::Tls)
            && let Value::Tls(tls) = effective.value
        {
            ways.entry(tls).or_insert(Some(effective));
        }
    }
    if ways.is_empty() {
        ways.insert(Tls::Server, None);
    }
    ways
}

/// Whether an api over gRPC is called by pages in browsers, which speak gRPC-Web.
pub fn pages(model: &Model, api: ApiId, protocol: Protocol) -> bool {
    let browser = NodeKind::Client(ClientKind::Browser);
    protocol == Protocol::Grpc
        && edges(model, api, protocol).any(|edge| model[model.node_of(edge.from)].kind == browser)
}

/// The origins whose pages may call an api over a protocol; browsers cannot speak every one.
pub fn origins(model: &Model, api: ApiId, protocol: Protocol) -> &[String] {
    match protocol == Protocol::Rest || pages(model, api, protocol) {
        true => model[api].attributes.texts(Attr::Cors),
        false => &[],
    }
}

/// How long an answer may be used again that an operation gives over a protocol: to queries that HTTP reads.
pub fn cache(operation: &Operation, protocol: Protocol) -> Option<Duration> {
    let kept = protocol == Protocol::Rest
        && operation.kind == OperationKind::Query
        && operation.route.method == Method::Get
        && operation.output.is_some();
    operation.attributes.duration(Attr::Cache).filter(|_| kept)
}

/// How old an answer may be that stands in for a failed call: of a query, whatever holds for all that an edge carries.
pub fn fallback(operation: &Operation, attributes: &Attributes) -> Option<Duration> {
    let query = operation.kind == OperationKind::Query;
    // An answer that goes on is nothing to keep.
    let kept = query && !operation.takes_stream() && !operation.answers_stream();
    attributes.fallback().filter(|_| kept)
}
