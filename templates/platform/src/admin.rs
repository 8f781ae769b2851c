//! What the platform asks of a service, on a listener of its own: is it alive, does it take requests, how is it doing.

use axum::Router;
use axum::response::IntoResponse;
use axum::routing::get;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use tokio_util::sync::CancellationToken;

use crate::metrics::{METRICS_TYPE, Metrics};

/// `/healthz`, `/readyz` and `/metrics`; not ready from `draining` on.
pub(crate) fn router(metrics: Metrics, draining: CancellationToken) -> Router {
    let ready = move || {
        let draining = draining.is_cancelled();
        async move {
            if draining {
                (StatusCode::SERVICE_UNAVAILABLE, "draining\n")
            } else {
                (StatusCode::OK, "ready\n")
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
