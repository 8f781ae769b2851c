//! What one would write with axum, tower-http and governor, with the layers that the generated service has: a place among
//! the requests in flight, a span in its caller's trace, metrics, a timeout, a limit of the body and of each caller, and
//! tokens whose verification is remembered.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::error_handling::HandleErrorLayer;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::post;
use axum::{Json, Router};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use platform::Trace;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use tokio::time::Instant;
use tower::ServiceBuilder;
use tower::limit::GlobalConcurrencyLimitLayer;
use tower::load_shed::LoadShedLayer;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;
use tracing::{Span, info_span};

use super::issuer::{AUDIENCE, Claims, ISSUER, Issuer, SECRET};
use super::{Said, bare};
use crate::Failure;

const SECONDS: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
];

pub async fn serve(issuer: &Issuer) -> Result<SocketAddr, Failure> {
    tracing_subscriber::fmt()
        .json()
        .with_env_filter("info")
        .with_writer(std::io::stderr)
        .init();
    let full = Gate::new(DecodingKey::from_jwk(&issuer.key)?, Algorithm::ES256)?;
    let shared = Gate::new(
        DecodingKey::from_secret(SECRET.as_bytes()),
        Algorithm::HS256,
    )?;
    let (full, shared) = (Arc::new(full), Arc::new(shared));
    let router = Router::new()
        .route("/plain", said())
        .route("/full", said().route_layer(from_fn_with_state(full, admit)))
        .route(
            "/shared",
            said().route_layer(from_fn_with_state(shared, admit)),
        )
        .layer(
            ServiceBuilder::new()
                .layer(HandleErrorLayer::new(async |_| {
                    StatusCode::SERVICE_UNAVAILABLE
                }))
                .layer(LoadShedLayer::new())
                .layer(GlobalConcurrencyLimitLayer::new(1024))
                .layer(TraceLayer::new_for_http().make_span_with(span))
                .layer(CatchPanicLayer::new())
                .layer(TimeoutLayer::with_status_code(
                    StatusCode::GATEWAY_TIMEOUT,
                    Duration::from_secs(30),
                ))
                .layer(DefaultBodyLimit::max(1024 * 1024))
                .layer(from_fn_with_state(Metrics::default(), count)),
        );
    bare::start(router).await
}

fn said() -> axum::routing::MethodRouter {
    post(|Json(said): Json<Said>| async { Json(said) })
}

fn span(request: &Request) -> Span {
    let asked = request.headers().get("traceparent");
    let trace = Trace::resume(asked.and_then(|value| value.to_str().ok()));
    info_span!(
        "request",
        trace_id = %format_args!("{:032x}", trace.trace_id),
        span_id = %format_args!("{:016x}", trace.span),
        path = request.uri().path(),
    )
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    path: &'static str,
    status: u16,
}

#[derive(Clone)]
struct Metrics {
    requests: Family<Labels, Counter>,
    duration: Histogram,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            requests: Family::default(),
            duration: Histogram::new(SECONDS),
        }
    }
}

async fn count(State(metrics): State<Metrics>, request: Request, next: Next) -> Response {
    let arrived = Instant::now();
    let path = match request.uri().path() {
        "/plain" => "/plain",
        "/full" => "/full",
        _ => "/shared",
    };
    let response = next.run(request).await;
    let status = response.status().as_u16();
    metrics
        .requests
        .get_or_create(&Labels { path, status })
        .inc();
    metrics.duration.observe(arrived.elapsed().as_secs_f64());
    response
}

/// Who may come, and how often.
struct Gate {
    key: DecodingKey,
    validation: Validation,
    verified: Mutex<HashMap<String, Arc<Claims>>>,
    limit: DefaultKeyedRateLimiter<String>,
}

impl Gate {
    fn new(key: DecodingKey, algorithm: Algorithm) -> Result<Self, Failure> {
        let mut validation = Validation::new(algorithm);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        let most = 1_000_000.try_into()?;
        Ok(Self {
            key,
            validation,
            verified: Mutex::default(),
            limit: RateLimiter::keyed(Quota::per_second(most)),
        })
    }

    fn claims(&self, headers: &HeaderMap) -> Option<Arc<Claims>> {
        let shown = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
        let token = shown.strip_prefix("Bearer ")?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_secs();
        let mut verified = self.verified.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = verified.get(token).filter(|claims| claims.exp > now) {
            return Some(known.clone());
        }
        let data = jsonwebtoken::decode::<Claims>(token, &self.key, &self.validation).ok()?;
        let claims = Arc::new(data.claims);
        verified.insert(token.to_owned(), claims.clone());
        Some(claims)
    }
}

async fn admit(
    State(gate): State<Arc<Gate>>,
    request: Request,
    next: Next,
) -> Result<Response, StatusCode> {
    let claims = gate
        .claims(request.headers())
        .ok_or(StatusCode::UNAUTHORIZED)?;
    gate.limit
        .check_key(&claims.sub)
        .map_err(|_| StatusCode::TOO_MANY_REQUESTS)?;
    if !claims.roles.iter().any(|role| role == "reader") {
        return Err(StatusCode::FORBIDDEN);
    }
    let mut request = request;
    request.extensions_mut().insert(claims);
    Ok(next.run(request).await)
}
