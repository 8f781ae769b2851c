//! Where a service runs.

use std::collections::{BTreeMap, BTreeSet};

use super::names::{Client, Service};
use super::{schemes, secrets};
use crate::generate::callers;
use crate::generate::render::toml;
use crate::generate::state;
use crate::generate::view::service as view;
use crate::model::attributes::{Attr, Tls};
use crate::model::{Auth, AuthId, AuthScheme, Model, Node, NodeKind};

/// The file that its owner goes on with.
pub fn view(model: &Model, service: &Service) -> view::Config {
    let secrets = secrets::of(model, service);
    let issuing = issuers(model, service);
    view::Config {
        sessions: issuing.iter().any(|it| it.logins),
        service: toml::comment(&model[service.node].name),
        listeners: listeners(model, service)
            .into_iter()
            .map(|mode| address(mode, &format!("0.0.0.0:{}", port(mode))))
            .collect(),
        tls: has_certificates(model, service),
        issuers: issuing
            .into_iter()
            .map(|it| {
                let jwks = it.auth.attributes.text(Attr::Jwks);
                let token = it.auth.attributes.text(Attr::TokenEndpoint);
                view::Issuer {
                    name: toml::key(&it.auth.name),
                    known: jwks.is_some(),
                    jwks: toml::string(jwks.unwrap_or_default()),
                    keys: it.keys,
                    tokens: it.tokens,
                    logins: it.logins,
                    granted: token.is_some(),
                    token: toml::string(token.unwrap_or_default()),
                }
            })
            .collect(),
        targets: targets(model, service)
            .into_iter()
            .map(|(callee, addresses)| view::Target {
                name: toml::key(callee),
                addresses: addresses
                    .into_iter()
                    .map(|(mode, at)| address(mode, &at))
                    .collect(),
            })
            .collect(),
        stores: state::of(model, service.node)
            .map(|it| store(&model[it.store]))
            .into_iter()
            .collect(),
        secret: !secrets.is_empty(),
        secrets: secrets
            .into_iter()
            .map(|it| {
                let name = it.name.to_lowercase();
                let file = name.rsplit('/').next().unwrap_or_default();
                view::Secret {
                    name: toml::key(&name),
                    path: toml::string(&format!("/run/secrets/{file}")),
                }
            })
            .collect(),
    }
}

/// Where a store is that the service keeps state in.
fn store(node: &Node) -> view::StoreAddress {
    let port = match node.kind {
        NodeKind::Store(engine) => engine.facts().port,
        _ => 0,
    };
    view::StoreAddress {
        name: toml::key(&node.name),
        address: toml::string(&format!("{}:{port}", dns(&node.name))),
        variable: toml::comment(&node.name.to_uppercase()),
    }
}

/// The ways in which the connections that a service listens for are protected.
fn listeners(model: &Model, service: &Service) -> BTreeSet<Tls> {
    let apis = service.apis.iter();
    apis.flat_map(|api| {
        let protocols = api.protocols.iter();
        protocols.flat_map(|protocol| callers::ways(model, api.id, *protocol).into_keys())
    })
    .collect()
}

/// The way in which a service's calls over an edge are protected.
fn target_mode(model: &Model, client: &Client) -> Tls {
    let attributes = &model[client.edge].attributes;
    attributes.tls().unwrap_or(Tls::Mutual)
}

/// Whether any connection of a service is protected, so that it is given certificates.
pub fn has_certificates(model: &Model, service: &Service) -> bool {
    let targets = service.clients.iter().map(|it| target_mode(model, it));
    let state = state::of(model, service.node).map(|it| it.tls);
    let mut modes = listeners(model, service)
        .into_iter()
        .chain(targets)
        .chain(state);
    modes.any(|mode| mode != Tls::Off)
}

/// The issuer of a jwt scheme's tokens, which a service asks for something.
pub struct Issuer<'m> {
    /// The scheme.
    pub auth: &'m Auth,
    /// For the keys that it checks tokens by.
    pub keys: bool,
    /// For tokens.
    pub tokens: bool,
    /// For the logins of users.
    pub logins: bool,
}

/// The issuers that a service asks for something.
pub fn issuers<'m>(model: &'m Model, service: &Service) -> Vec<Issuer<'m>> {
    let named = schemes::accepted(model, service);
    let is_session = |id: &&AuthId| model[**id].scheme == AuthScheme::Session;
    let logins = named.iter().filter(is_session);
    let logins: BTreeSet<AuthId> = logins
        .filter_map(|id| callers::provider(model, *id))
        .collect();
    let accepted = named.iter();
    let accepted: BTreeSet<AuthId> = accepted
        .filter_map(|id| callers::verified_as(model, *id))
        .collect();
    let clients = secrets::clients(model, service).into_iter();
    let granting = clients.filter_map(|id| callers::provider(model, id));
    let granting: BTreeSet<AuthId> = granting.collect();
    let issuers = accepted.union(&granting).map(|id| Issuer {
        auth: &model[*id],
        keys: accepted.contains(id) && !secrets::is_shared(&model[*id]),
        tokens: granting.contains(id),
        logins: logins.contains(id),
    });
    issuers
        .filter(|it| it.keys || it.tokens || it.logins)
        .collect()
}

fn address(mode: Tls, at: &str) -> view::Address {
    view::Address {
        mode: toml::key(mode.name()),
        address: toml::string(at),
    }
}

/// The port of each way of protecting connections.
pub const fn port(mode: Tls) -> u16 {
    match mode {
        Tls::Off => 8080,
        Tls::Server => 8443,
        Tls::Mutual => 9443,
    }
}

/// A node's name as a host's: no underscore may stand in one.
pub fn dns(name: &str) -> String {
    name.replace('_', "-")
}

/// Callees with an address for each way in which they are called.
fn targets<'m>(model: &'m Model, service: &Service) -> BTreeMap<&'m str, BTreeMap<Tls, String>> {
    let mut targets: BTreeMap<&str, BTreeMap<Tls, String>> = BTreeMap::new();
    for client in &service.clients {
        let callee = &model[model[client.api].node];
        let mode = target_mode(model, client);
        let host = match (callee.kind, callee.attributes.text(Attr::Url)) {
            (NodeKind::External, Some(url)) => host(url, mode),
            (NodeKind::External, _) => format!("{}.example:443", dns(&callee.name)),
            _ => format!("{}:{}", dns(&callee.name), port(mode)),
        };
        targets.entry(&callee.name).or_default().insert(mode, host);
    }
    targets
}

/// `host:port` of a URL.
pub fn host(url: &str, mode: Tls) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    if host
        .rsplit_once(':')
        .is_some_and(|(_, port)| port.parse::<u16>().is_ok())
    {
        host.to_owned()
    } else {
        format!("{host}:{}", if mode == Tls::Off { 80 } else { 443 })
    }
}
