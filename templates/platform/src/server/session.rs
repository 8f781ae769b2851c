//! The paths of a browser's session: login, the way back from the provider, logout.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::header::{
    CACHE_CONTROL, CONTENT_TYPE, HOST, LOCATION, REFERRER_POLICY, SET_COOKIE, WWW_AUTHENTICATE,
};
use http::request::Parts;
use http::{HeaderValue, StatusCode};
use serde_json::json;

use super::{Connection, Host};
use crate::auth::session::{CALLBACK, LOGIN, LOGOUT, Onward, SESSION, Sessions};
use crate::policy::Tls;
use crate::problem::{Problem, ProblemKind};

#[derive(Clone)]
struct Served {
    host: Host,
    sessions: Arc<Sessions>,
}

/// The paths of these sessions.
pub(super) fn router(host: &Host, sessions: Arc<Sessions>) -> Router {
    let host = host.clone();
    Router::new()
        .route(LOGIN, get(login))
        .route(CALLBACK, get(callback))
        .route(SESSION, get(session))
        .route(LOGOUT, post(logout))
        .with_state(Served { host, sessions })
}

async fn login(State(served): State<Served>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let query = parts.uri.query().unwrap_or_default();
    served
        .answer(served.sessions.begin(query, &here(&parts)))
        .await
}

async fn callback(State(served): State<Served>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let (query, here) = (parts.uri.query().unwrap_or_default(), here(&parts));
    let finish = served.sessions.finish(&parts.headers, query, &here);
    served.answer(finish).await
}

/// Who is logged in: what a page wants to know before it shows anything.
async fn session(State(served): State<Served>, request: Request) -> Response {
    let user = served.sessions.user(request.headers()).await;
    let user =
        user.and_then(|user| user.ok_or_else(|| Problem::unauthenticated("nobody is logged in")));
    match user {
        Ok(user) => {
            let told = json!({ "subject": user.subject, "roles": user.roles });
            let headers = [
                (CONTENT_TYPE, "application/json"),
                (CACHE_CONTROL, "no-store"),
            ];
            (headers, told.to_string()).into_response()
        }
        Err(problem) => {
            let known = problem.kind == ProblemKind::Unauthenticated;
            let challenge = HeaderValue::try_from(served.sessions.challenge());
            let mut response = problem.into_response();
            if let (true, Ok(challenge)) = (known, challenge) {
                response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
            }
            response
        }
    }
}

async fn logout(State(served): State<Served>, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    name_host(&mut parts);
    let here = here(&parts);
    served
        .answer(served.sessions.end(&parts.headers, &here))
        .await
}

impl Served {
    /// Sends the browser on, as one request among those in flight.
    async fn answer(&self, onward: impl Future<Output = Result<Onward, Problem>>) -> Response {
        let answer = async {
            let _place = self.host.enter()?;
            onward.await
        };
        match answer.await.and_then(sent) {
            Ok(response) => response,
            Err(problem) => {
                tracing::debug!(%problem, "a login or logout failed");
                problem.into_response()
            }
        }
    }
}

/// See other: whatever was asked by, the browser goes on by GET.
fn sent(onward: Onward) -> Result<Response, Problem> {
    let to = HeaderValue::try_from(onward.to)
        .map_err(|_| Problem::internal("the way on cannot stand in a header"))?;
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    headers.insert(LOCATION, to);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Codes stand in the address that is left.
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    for cookie in onward.cookies {
        headers.append(SET_COOKIE, cookie);
    }
    Ok(response)
}

/// How the browser reached us, as far as can be seen from here.
fn here(parts: &Parts) -> String {
    let connection = parts.extensions.get::<Arc<Connection>>();
    let scheme = match connection.map(|connection| connection.tls) {
        Some(Tls::Off) => "http",
        _ => "https",
    };
    let named = parts.headers.get(HOST).and_then(|host| host.to_str().ok());
    let authority = parts.uri.authority().map(http::uri::Authority::as_str);
    let host = authority.or(named).unwrap_or_default();
    format!("{scheme}://{host}")
}

/// HTTP/2 names the host elsewhere than in the header by which origins are compared.
pub(super) fn name_host(parts: &mut Parts) {
    let authority = parts.uri.authority();
    let host = authority.and_then(|it| HeaderValue::try_from(it.as_str()).ok());
    if let Some(host) = host {
        parts.headers.entry(HOST).or_insert(host);
    }
}
