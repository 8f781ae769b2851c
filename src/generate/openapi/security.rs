//! Who may call, in OpenAPI's words.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::vocabulary;
use crate::generate::callers;
use crate::model::attributes::{Attr, Value as Set};
use crate::model::condition::Condition;
use crate::model::{Api, Auth, AuthId, AuthScheme, Model, Operation, OperationId, text};
use crate::protocol::Protocol;

/// What an operation asks for: any one of its schemes, nothing when it is public.
#[must_use]
pub fn requirements(model: &Model, operation: &Operation) -> Value {
    let accepted = schemes(model, operation);
    Value::Array(
        accepted
            .iter()
            .map(|id| json!({ model[*id].name.as_str(): scopes(&model[*id]) }))
            .collect(),
    )
}

/// The words of the roles that may call an operation.
#[must_use]
pub fn roles<'m>(model: &'m Model, operation: &Operation) -> Vec<&'m str> {
    if operation.attributes.is(Attr::Public) {
        return Vec::new();
    }
    let roles = operation.attributes.allow().unwrap_or_default();
    roles.iter().map(|id| model[*id].name.as_str()).collect()
}

/// What must hold of the caller's claims and the parameters, as the drawing says it.
#[must_use]
pub fn condition(model: &Model, operation: OperationId) -> Option<String> {
    Condition::of(model, operation)?;
    match model[operation].attributes.value(Attr::When) {
        Some(Set::Condition(expression)) => Some(text::condition(expression)),
        _ => None,
    }
}

/// All schemes that an api's operations accept.
#[must_use]
pub fn components(model: &Model, api: &Api) -> Map<String, Value> {
    let used: BTreeSet<AuthId> = api
        .operations
        .iter()
        .filter(|id| Protocol::Rest.carries(model[**id].shape()))
        .flat_map(|id| schemes(model, &model[*id]))
        .collect();
    used.into_iter()
        .map(|id| (model[id].name.clone(), scheme(model, id)))
        .collect()
}

/// Roles are a user's, so that what proves a service alone does not do where roles are asked for.
fn schemes(model: &Model, operation: &Operation) -> Vec<AuthId> {
    if operation.attributes.is(Attr::Public) {
        return Vec::new();
    }
    let accepted = operation.attributes.auths().unwrap_or_default();
    let roles = operation
        .attributes
        .allow()
        .is_some_and(|it| !it.is_empty());
    accepted
        .into_iter()
        .filter(|id| !(roles && proves_a_service(model[*id].scheme)))
        .collect()
}

fn proves_a_service(scheme: AuthScheme) -> bool {
    matches!(
        scheme,
        AuthScheme::Mtls | AuthScheme::ApiKey | AuthScheme::Basic
    )
}

/// What a scheme's tokens must be for.
fn scopes(auth: &Auth) -> &[String] {
    match auth.scheme {
        // What is asked of the provider in a login no caller needs to know.
        AuthScheme::Session => &[],
        _ => auth.attributes.texts(Attr::Scopes),
    }
}

/// Tokens that an issuer grants to programs: where, if the drawing says so, or else where the issuer says it.
fn granted(auth: &Auth, provider: &Auth) -> Value {
    let text = |attr| provider.attributes.text(attr).unwrap_or_default();
    let token = text(Attr::TokenEndpoint);
    if token.is_empty() {
        let issuer = text(Attr::Issuer).trim_end_matches('/');
        let url = format!("{issuer}/.well-known/openid-configuration");
        return json!({ "type": "openIdConnect", "openIdConnectUrl": url });
    }
    let scopes = scopes(auth).iter().map(|it| (it.clone(), json!("")));
    let scopes: Map<String, Value> = scopes.collect();
    let flow = json!({ "tokenUrl": token, "scopes": scopes });
    json!({ "type": "oauth2", "flows": { "clientCredentials": flow } })
}

fn scheme(model: &Model, id: AuthId) -> Value {
    let auth = &model[id];
    let mut scheme = match auth.scheme {
        AuthScheme::Mtls => json!({ "type": "mutualTLS" }),
        AuthScheme::Basic => json!({ "type": "http", "scheme": "basic" }),
        AuthScheme::ApiKey => {
            let name = match auth.attributes.text(Attr::Header) {
                Some(name) => json!(name),
                None => vocabulary::part("names", "api_key"),
            };
            json!({ "type": "apiKey", "in": "header", "name": name })
        }
        AuthScheme::Oauth2 if let Some(provider) = callers::provider(model, id) => {
            granted(auth, &model[provider])
        }
        AuthScheme::Session => {
            let mut cookie = vocabulary::part("security", "session");
            cookie["name"] = json!(format!("__Host-{}", auth.name));
            cookie
        }
        AuthScheme::Jwt | AuthScheme::Oauth2 => {
            json!({ "type": "http", "scheme": "bearer", "bearerFormat": "JWT" })
        }
    };
    let doc = auth.doc.as_deref();
    let doc = doc.or_else(|| auth.attributes.text(Attr::Issuer));
    if let Some(doc) = doc {
        scheme["description"] = match &scheme["description"] {
            Value::String(how) => json!(format!("{doc}\n\n{how}")),
            _ => json!(doc),
        };
    }
    scheme
}
