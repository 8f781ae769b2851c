//! Logins at the identity provider (OpenID Connect): it asks for no password, but lets in whoever names a user.

use std::collections::BTreeMap;

use aws_lc_rs::digest::{SHA256, digest};
use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST, LOCATION};
use http::{HeaderMap, StatusCode};
use reqwest::Url;
use serde_json::{Value, json};

use super::identity::{Claims, IdentityProvider};
use super::logins::{Code, Login};
use crate::oauth::parameter;

/// Parameters of a request.
pub(super) type Form = BTreeMap<String, String>;

/// `/SCHEME/authorize` and what belongs to it.
pub(super) fn router() -> Router<IdentityProvider> {
    Router::new()
        .route(
            "/{scheme}/.well-known/openid-configuration",
            get(description),
        )
        .route("/{scheme}/authorize", get(authorize))
        .route("/{scheme}/revoke", post(revoke))
        .route("/{scheme}/logout", get(logout))
}

/// Where a provider at `address` describes itself.
pub(super) fn description_url(address: impl std::fmt::Display, scheme: &str) -> String {
    format!("http://{address}/{scheme}/.well-known/openid-configuration")
}

/// What the provider says of itself, for the host that it is asked by.
async fn description(
    State(provider): State<IdentityProvider>,
    Path(scheme): Path<String>,
    headers: HeaderMap,
) -> Result<Response, StatusCode> {
    let issuer = provider.issuer(&scheme).ok_or(StatusCode::NOT_FOUND)?;
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let host = host.unwrap_or_default();
    let base = format!("http://{host}/{scheme}");
    // Where services reach it by the name of a container, browsers do by a port of this machine.
    let port = host.rsplit_once(':').map_or("80", |(_, port)| port);
    let pages = format!("http://127.0.0.1:{port}/{scheme}");
    let description = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{pages}/authorize"),
        "token_endpoint": format!("{base}/token"),
        "revocation_endpoint": format!("{base}/revoke"),
        "end_session_endpoint": format!("{pages}/logout"),
        "jwks_uri": format!("{base}/jwks.json"),
        "response_types_supported": ["code"],
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": ["openid", "offline_access"],
        "authorization_response_iss_parameter_supported": true,
    });
    let headers = [(CONTENT_TYPE, "application/json")];
    Ok((headers, description.to_string()).into_response())
}

/// Lets in whom `login_hint` names, or asks who it shall be.
async fn authorize(
    State(provider): State<IdentityProvider>,
    Path(scheme): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.unwrap_or_default();
    let form: Form = form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect();
    let asked = |name: &str| form.get(name).cloned().unwrap_or_default();
    let (Some(issuer), Some(mut back)) = (provider.issuer(&scheme), local(&asked("redirect_uri")))
    else {
        return refused("users are sent back to this machine alone");
    };
    let proves = asked("code_challenge_method") == "S256" && !asked("code_challenge").is_empty();
    if asked("response_type") != "code" || !proves {
        return refused("a code is given for a challenge by S256 alone");
    }
    let Some(user) = provider.logins.user(&asked("login_hint")) else {
        return page(&provider, &form);
    };
    let login = Login {
        scheme,
        client: asked("client_id"),
        scope: asked("scope"),
        user,
    };
    let code = provider.logins.code(
        Code {
            login,
            back: asked("redirect_uri"),
            challenge: asked("code_challenge"),
            nonce: asked("nonce"),
        },
        &provider.clock,
    );
    let Ok(code) = code else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    back.query_pairs_mut()
        .append_pair("code", &code)
        .append_pair("state", &asked("state"))
        .append_pair("iss", issuer);
    (StatusCode::SEE_OTHER, [(LOCATION, String::from(back))]).into_response()
}

/// A link for each user.
fn page(provider: &IdentityProvider, form: &Form) -> Response {
    let link = |name: String| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(form.iter().filter(|(key, _)| *key != "login_hint"));
        query.append_pair("login_hint", &name);
        // Names are those of roles and operations: nothing in them means anything to HTML.
        format!("<li><a href=\"?{}\">{name}</a>\n", query.finish())
    };
    let links: String = provider.logins.names().into_iter().map(link).collect();
    let page =
        format!("<!doctype html>\n<title>Log in</title>\n<p>Log in as\n<ul>\n{links}</ul>\n");
    Html(page).into_response()
}

/// The tokens for a code or for the token that renews them, with another one of these; none where it is not good (any
/// more).
pub(super) fn granted(
    provider: &IdentityProvider,
    scheme: &str,
    client: &str,
    form: &Form,
) -> Option<Value> {
    let asked = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    let (login, family, nonce) = if asked("grant_type") == "authorization_code" {
        let code = provider.logins.redeem(asked("code"), &provider.clock)?;
        let verifier = digest(&SHA256, asked("code_verifier").as_bytes());
        let proved = URL_SAFE_NO_PAD.encode(verifier) == code.challenge;
        let same = code.back == asked("redirect_uri");
        (proved && same).then_some((code.login, None, Some(code.nonce)))?
    } else {
        let (login, family) = provider.logins.renew(asked("refresh_token"))?;
        (login, Some(family), None)
    };
    if login.client != client || login.scheme != scheme {
        return None;
    }
    let mut claims = login.user.clone();
    claims.extra.insert("scope".to_owned(), json!(login.scope));
    claims.extra.insert("client_id".to_owned(), json!(client));
    let mut identity = Claims::of(&*login.user.subject, &[]);
    identity.extra.insert("aud".to_owned(), json!(client));
    if let Some(nonce) = nonce {
        identity.extra.insert("nonce".to_owned(), json!(nonce));
    }
    Some(json!({
        "access_token": provider.token(scheme, &claims).ok()?,
        "id_token": provider.token(scheme, &identity).ok()?,
        "refresh_token": provider.logins.rotated(login, family).ok()?,
        "token_type": "Bearer",
        "expires_in": claims.lifetime.as_secs(),
    }))
}

/// Ends all that a token could be renewed to.
async fn revoke(State(provider): State<IdentityProvider>, body: Bytes) -> StatusCode {
    if let Some(token) = parameter(&body, "token") {
        provider.logins.revoke(&token);
    }
    StatusCode::OK
}

/// Sends the user back: nobody stays logged in here.
async fn logout(RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    let back = parameter(query.as_bytes(), "post_logout_redirect_uri");
    match back.and_then(|back| local(&back)) {
        Some(back) => (StatusCode::SEE_OTHER, [(LOCATION, String::from(back))]).into_response(),
        None => "logged out\n".into_response(),
    }
}

/// An address on this machine.
fn local(url: &str) -> Option<Url> {
    let url = Url::parse(url).ok()?;
    let local = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    (local && matches!(url.scheme(), "http" | "https")).then_some(url)
}

fn refused(why: &'static str) -> Response {
    (StatusCode::BAD_REQUEST, format!("{why}\n")).into_response()
}
