//! The token endpoint of the identity provider: client credentials (RFC 6749, section 4.4), token exchange (RFC 8693),
//! and what logins are redeemed for.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::authorize;
use super::identity::{Claims, IdentityProvider, LIFETIME};

/// Claims that a new token does not take over from the one that it is exchanged for.
const OWN: [&str; 7] = ["iss", "aud", "sub", "iat", "nbf", "exp", "scope"];

/// Answers a request for a token.
pub(super) async fn token(
    State(provider): State<IdentityProvider>,
    Path(scheme): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form: BTreeMap<_, _> = form_urlencoded::parse(&body).into_owned().collect();
    let Some(client) = client(&provider, &scheme, &headers) else {
        return refused(StatusCode::UNAUTHORIZED, "invalid_client");
    };
    let asked = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    let mut claims = match asked("grant_type") {
        "client_credentials" => Claims::of(&client, &[]),
        "urn:ietf:params:oauth:grant-type:token-exchange" => {
            match exchanged(&provider, &scheme, asked("subject_token"), &client) {
                Some(claims) => claims,
                None => return refused(StatusCode::BAD_REQUEST, "invalid_request"),
            }
        }
        "authorization_code" | "refresh_token" => {
            return match authorize::granted(&provider, &scheme, &client, &form) {
                Some(answer) => answered(StatusCode::OK, &answer),
                None => refused(StatusCode::BAD_REQUEST, "invalid_grant"),
            };
        }
        _ => return refused(StatusCode::BAD_REQUEST, "unsupported_grant_type"),
    };
    // What is meant for somebody is signed as he checks it.
    let Some(scheme) = provider.for_audience(&scheme, asked("audience")) else {
        return refused(StatusCode::BAD_REQUEST, "invalid_target");
    };
    claims.extra.insert("client_id".to_owned(), json!(client));
    if !asked("scope").is_empty() {
        let scope = json!(asked("scope"));
        claims.extra.insert("scope".to_owned(), scope);
    }
    let Ok(token) = provider.token(scheme, &claims) else {
        return refused(StatusCode::BAD_REQUEST, "invalid_request");
    };
    let answer = json!({
        "access_token": token, "token_type": "Bearer", "expires_in": claims.lifetime.as_secs(),
        "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
    });
    answered(StatusCode::OK, &answer)
}

/// What the user's token says, and that a client acts for him; no longer than that token.
fn exchanged(
    provider: &IdentityProvider,
    scheme: &str,
    token: &str,
    client: &str,
) -> Option<Claims> {
    let (mut said, roles) = provider.said(scheme, token)?;
    let mut claims = Claims {
        roles,
        lifetime: provider.left(&said).min(LIFETIME),
        ..Claims::of(said.get("sub")?.as_str()?, &[])
    };
    said.retain(|name, _| !OWN.contains(&name.as_str()));
    claims.extra = said;
    let act = json!({ "sub": client });
    claims.extra.insert("act".to_owned(), act);
    Some(claims)
}

/// The client whose name and secret came, if it is one.
fn client(provider: &IdentityProvider, scheme: &str, headers: &HeaderMap) -> Option<String> {
    let header = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let pair = STANDARD.decode(header.strip_prefix("Basic ")?).ok()?;
    let pair = String::from_utf8(pair).ok()?;
    let (id, secret) = pair.split_once(':')?;
    // Both are written as in a form.
    let plain = |text: &str| {
        let form = format!("x={text}");
        let mut pairs = form_urlencoded::parse(form.as_bytes());
        pairs.next().map(|(_, value)| value.into_owned())
    };
    let (id, secret) = (plain(id)?, plain(secret)?);
    let known = match &provider.clients {
        Some(clients) => clients.is_client(scheme, &id, &secret),
        None => true,
    };
    known.then_some(id)
}

fn refused(status: StatusCode, error: &str) -> Response {
    answered(status, &json!({ "error": error }))
}

fn answered(status: StatusCode, answer: &Value) -> Response {
    let headers = [
        (CONTENT_TYPE, "application/json"),
        (CACHE_CONTROL, "no-store"),
    ];
    (status, headers, answer.to_string()).into_response()
}
