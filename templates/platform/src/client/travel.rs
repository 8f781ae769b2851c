//! What travels with a call.

use std::sync::Arc;

use http::header::{AUTHORIZATION, HeaderName};
use http::{HeaderMap, HeaderValue};

use crate::context::Scope;
use crate::policy::Identity;
use crate::resilience::Attempt;
use crate::server::rest::SAMPLE;

/// Milliseconds that the caller will still wait, on REST.
pub const REQUEST_TIMEOUT: HeaderName = HeaderName::from_static("x-request-timeout-ms");
/// W3C Trace Context.
pub const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
/// Names one request in all its attempts.
pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The headers of one call; gRPC sends them as metadata.
pub(super) struct Travel {
    headers: HeaderMap,
    scope: Arc<Scope>,
}

impl Travel {
    pub fn new(scope: &Arc<Scope>, identity: Identity, key: Option<HeaderValue>) -> Self {
        let mut headers = HeaderMap::with_capacity(8);
        let trace = HeaderValue::try_from(scope.trace.to_string());
        if let (true, Ok(trace)) = (scope.trace.trace_id != 0, trace) {
            headers.insert(TRACEPARENT, trace);
        }
        if let (Identity::Forward, Some(user)) = (identity, &scope.user)
            && let Ok(mut token) = HeaderValue::try_from(format!("Bearer {}", user.token))
        {
            token.set_sensitive(true);
            headers.insert(AUTHORIZATION, token);
        }
        if let Some(key) = key {
            headers.insert(IDEMPOTENCY_KEY, key);
        }
        Self {
            headers,
            scope: Arc::clone(scope),
        }
    }

    /// The headers of one attempt.
    pub fn headers(&self) -> HeaderMap {
        self.headers.clone()
    }

    /// Takes over what the headers of a successful answer say of it.
    pub fn came_back(&self, headers: &HeaderMap) {
        if headers.contains_key(SAMPLE) {
            self.scope.sampled.make();
        }
    }

    /// Milliseconds that are left to an attempt, rounded down so that the callee gives up before we do.
    pub fn millis_left(&self, attempt: Attempt) -> Option<u64> {
        let left = attempt
            .deadline?
            .saturating_duration_since(self.scope.clock.now());
        Some(u64::try_from(left.as_millis()).unwrap_or(u64::MAX))
    }
}
