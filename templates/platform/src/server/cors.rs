//! Calls by the pages of other origins: the CORS protocol of the Fetch standard.
//!
//! It protects users of browsers, not the service: whoever is no browser may call without asking. An origin that is not
//! listed gets no header of all this, and its browser then keeps the answer from the page.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_METHOD, ALLOW, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode};

use crate::policy::{ApiPolicy, Protocol, Scheme};

/// How long a browser acts on one preflight, in seconds: short beside the time between two releases, long beside a visit's calls.
const MAX_AGE: HeaderValue = HeaderValue::from_static("600");

/// The headers that requests may bring, beside those of the schemes.
fn read(protocol: Protocol) -> &'static [&'static str] {
    match protocol {
        Protocol::Rest => &[
            "content-type",
            "idempotency-key",
            "if-none-match",
            "traceparent",
            "x-request-timeout-ms",
        ],
        Protocol::Grpc => &[
            "content-type",
            "grpc-timeout",
            "idempotency-key",
            "traceparent",
            "x-grpc-web",
            "x-user-agent",
        ],
    }
}

/// The headers of answers that pages may read, beside the few that they always may.
fn shown(protocol: Protocol) -> HeaderValue {
    HeaderValue::from_static(match protocol {
        Protocol::Rest => {
            "etag, idempotency-replayed, location, retry-after, www-authenticate, x-sample"
        }
        Protocol::Grpc => "grpc-message, grpc-status, grpc-status-details-bin, x-sample",
    })
}

/// Paths, each with the methods that it is served with.
pub(super) type Paths = BTreeMap<&'static str, Vec<&'static str>>;

/// Lets the pages of the api's origins call all that `router` serves at `paths`. Without origins it stays as it is.
pub(super) fn open(
    mut router: Router,
    paths: &Paths,
    policy: &ApiPolicy,
    schemes: &[Scheme],
) -> Router {
    if policy.cors.is_empty() {
        return router;
    }
    for (path, methods) in paths {
        let methods = methods.join(",");
        let told = move || std::future::ready((StatusCode::NO_CONTENT, [(ALLOW, methods.clone())]));
        router = router.route(path, axum::routing::options(told));
    }
    let mut reads = read(policy.protocol).to_vec();
    reads.extend(schemes.iter().filter_map(Scheme::header));
    // Cookies are the browser's own: no page sets them, and none needs to be let.
    reads.retain(|name| *name != "cookie");
    reads.sort_unstable();
    reads.dedup();
    let cors = Cors {
        origins: policy.cors.clone(),
        // The names are tokens, so that the list is always a value.
        reads: HeaderValue::try_from(reads.join(", "))
            .unwrap_or(HeaderValue::from_static("content-type")),
        shows: shown(policy.protocol),
    };
    router.layer(from_fn_with_state(Arc::new(cors), guard))
}

struct Cors {
    origins: Vec<&'static str>,
    reads: HeaderValue,
    shows: HeaderValue,
}

impl Cors {
    fn is_open_to_all(&self) -> bool {
        self.origins.contains(&"*")
    }

    /// How an origin is named to its browser, if it is let in. Where all are, the answer is the same for each.
    fn named(&self, origin: &HeaderValue) -> Option<HeaderValue> {
        if self.is_open_to_all() {
            return Some(HeaderValue::from_static("*"));
        }
        let known = self
            .origins
            .iter()
            .any(|one| one.as_bytes() == origin.as_bytes());
        known.then(|| origin.clone())
    }

    /// Tells caches that the answer is for one origin only.
    fn vary(&self, headers: &mut HeaderMap) {
        if !self.is_open_to_all() {
            headers.append(VARY, HeaderValue::from_static("origin"));
        }
    }
}

/// Answers preflights, and names the origin in every other answer.
async fn guard(State(cors): State<Arc<Cors>>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let origin = headers.get(ORIGIN).and_then(|origin| cors.named(origin));
    let preflight =
        request.method() == Method::OPTIONS && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = next.run(request).await;
    cors.vary(response.headers_mut());
    let Some(origin) = origin else {
        return response;
    };
    let headers = response.headers_mut();
    if let Some(methods) = headers.get(ALLOW).filter(|_| preflight).cloned() {
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, methods);
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, cors.reads.clone());
        headers.insert(ACCESS_CONTROL_MAX_AGE, MAX_AGE);
    }
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, cors.shows.clone());
    if !cors.is_open_to_all() {
        let yes = HeaderValue::from_static("true");
        headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, yes);
    }
    response
}
