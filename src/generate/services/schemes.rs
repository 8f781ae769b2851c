//! The schemes that a service is proved things by: those that its operations accept, and those that it shows.

use std::collections::BTreeSet;
use std::time::Duration;

use super::names::Service;
use super::policy::optional;
use super::secrets;
use crate::generate::callers;
use crate::generate::render::{Code, Rust, rust};
use crate::generate::view::service as view;
use crate::model::attributes::Attr;
use crate::model::{AuthId, AuthScheme, Model};

/// How long a session lasts that the drawing does not bound: a working day, as NIST SP 800-63B has it.
const LONGEST_SESSION: Duration = Duration::from_secs(12 * 60 * 60);

/// The schemes that the operations of a service accept.
pub fn accepted(model: &Model, service: &Service) -> BTreeSet<AuthId> {
    let served = service.apis.iter();
    let served = served.flat_map(|api| &model[api.id].operations);
    served
        .flat_map(|id| model[*id].attributes.auths().unwrap_or_default())
        .collect()
}

/// The schemes that a service's lists name, in the order of the drawing.
pub fn named(model: &Model, service: &Service) -> BTreeSet<AuthId> {
    let edges = service.clients.iter().map(|client| &model[client.edge]);
    let exchanged = edges.filter_map(|edge| callers::exchange(model, edge));
    let mut named = accepted(model, service);
    named.extend(secrets::clients(model, service));
    named.extend(exchanged.map(|it| it.verified_as));
    let providers: Vec<_> = named
        .iter()
        .filter_map(|id| callers::provider(model, *id))
        .collect();
    named.extend(providers);
    named
}

/// The same as the policy has them.
pub fn views(model: &Model, service: &Service) -> Vec<view::Scheme> {
    let named = named(model, service).into_iter();
    named.map(|id| view(model, id)).collect()
}

fn view(model: &Model, id: AuthId) -> view::Scheme {
    let auth = &model[id];
    let text = |attr| rust::string(auth.attributes.text(attr).unwrap_or_default());
    let texts = |attr| rust::strings(auth.attributes.texts(attr).iter().map(String::as_str));
    let roles = match auth.attributes.text(Attr::Roles) {
        Some(path) => path.split('.').collect(),
        None => match auth.attributes.texts(Attr::Roles) {
            [] => vec!["roles"],
            path => path.iter().map(String::as_str).collect(),
        },
    };
    let max_age = auth.attributes.duration(Attr::MaxAge);
    let provider = callers::provider(model, id).map(|id| model[id].name.as_str());
    let read = |it: secrets::Secret<'_>| {
        let place = if it.file { "File" } else { "Env" };
        rust::call(&format!("Secret::{place}"), &[rust::string(&it.name)])
    };
    let header = auth.attributes.text(Attr::Header);
    let header = header.filter(|it| !it.is_empty());
    view::Scheme {
        jwt: auth.scheme == AuthScheme::Jwt,
        mtls: auth.scheme == AuthScheme::Mtls,
        api_key: auth.scheme == AuthScheme::ApiKey,
        basic: auth.scheme == AuthScheme::Basic,
        granted: auth.scheme == AuthScheme::Oauth2,
        session: auth.scheme == AuthScheme::Session,
        name: rust::string(&auth.name),
        header: rust::string(header.unwrap_or(secrets::HEADER)),
        accepted: secrets::accepted(auth).map_or_else(rust::nothing, read),
        shown: secrets::shown(auth).map_or_else(rust::nothing, read),
        issuer: text(Attr::Issuer),
        audience: text(Attr::Audience),
        algorithms: texts(Attr::Algorithms),
        roles: rust::strings(roles),
        secret: optional(secrets::accepted(auth), read),
        provider: rust::string(provider.unwrap_or_default()),
        client_id: match secrets::client_id(auth) {
            Ok(id) => rust::call("ClientId::Is", &[rust::string(id)]),
            Err(secret) => rust::call("ClientId::In", &[read(secret)]),
        },
        scopes: texts(Attr::Scopes),
        refresh: rust::name(auth.attributes.is(Attr::Refresh).to_string()),
        max_age: rust::duration(max_age.unwrap_or(LONGEST_SESSION)),
    }
}

/// The identity of users on an edge where their tokens are exchanged.
pub fn exchange(model: &Model, exchange: callers::Exchange) -> Code<Rust> {
    let audience = callers::audience(model, exchange.verified_as);
    let fields = [
        ("scheme", rust::string(&model[exchange.client].name)),
        ("audience", rust::string(audience)),
    ];
    rust::fields("Identity::Exchange", &fields)
}
