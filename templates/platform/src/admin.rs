//! What the platform asks of a service, on a listener of its own: is it alive, does it take requests, how is it doing.

use axum::Router;
use axum::response::IntoResponse;
use axum::routing::get;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use tokio_util::sync::CancellationToken;

use crate::metrics::{METRICS_TYPE, Metrics};
use crate::state::Shared;

/// `/healthz`, `/readyz` and `/metrics`; not ready from `draining` on.
///
/// Ready without the store of shared state too: most requests do not need it, and no other instance has a better one.
pub(crate) fn router(
    metrics: Metrics,
    draining: CancellationToken,
    state: Option<Shared>,
) -> Router {
    let ready = move || {
        let draining = draining.is_cancelled();
        let lost = state.as_ref().is_some_and(|state| !state.is_reachable());
        async move {
            match (draining, lost) {
                (true, _) => (StatusCode::SERVICE_UNAVAILABLE, "draining\n"),
                (false, true) => (StatusCode::OK, "ready, without the store of shared state\n"),
                (false, false) => (StatusCode::OK, "ready\n"),
            }
        }
    };
    let numbers = move || {
        let text = metrics.text();
        async move { ([(CONTENT_TYPE, METRICS_TYPE)], text).into_response() }
    };
    Router::new()
        .route("/healthz", get(|| async { "alive\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(numbers))
}
