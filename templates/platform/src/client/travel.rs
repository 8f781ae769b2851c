//! What travels with a call.

use http::header::{AUTHORIZATION, HeaderName};
use http::{HeaderMap, HeaderValue};

use super::Credential;
use super::spans::{AttemptSpan, Call};
use crate::policy::Identity;
use crate::resilience::Attempt;
use crate::server::rest::SAMPLE;

/// Milliseconds that the caller will still wait, on REST.
pub const REQUEST_TIMEOUT: HeaderName = HeaderName::from_static("x-request-timeout-ms");
/// W3C Trace Context.
pub const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
/// Names one request in all its attempts.
pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// W3C Trace Context: what others who record the trace want to be told again.
pub const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// The headers of one call; gRPC sends them as metadata.
pub(super) struct Travel {
    headers: HeaderMap,
    call: Call,
}

impl Travel {
    pub fn new(
        call: Call,
        identity: Identity,
        credential: &Credential,
        key: Option<HeaderValue>,
    ) -> Self {
        let scope = &call.scope;
        let mut headers = HeaderMap::with_capacity(8);
        if let Some(state) = &scope.tracestate {
            headers.insert(TRACESTATE, state.clone());
        }
        if let (Identity::Forward, Some(user)) = (identity, &scope.user)
            && let Ok(mut token) = HeaderValue::try_from(format!("Bearer {}", user.token))
        {
            token.set_sensitive(true);
            headers.insert(AUTHORIZATION, token);
        }
        credential.attach(&mut headers);
        if let Some(key) = key {
            headers.insert(IDEMPOTENCY_KEY, key);
        }
        Self { headers, call }
    }

    /// The call that they travel with.
    pub fn call(&self) -> &Call {
        &self.call
    }

    /// The headers of one attempt.
    pub fn headers(&self, span: &AttemptSpan) -> HeaderMap {
        let mut headers = self.headers.clone();
        let trace = span.trace();
        if let (true, Ok(value)) = (
            trace.trace_id != 0,
            HeaderValue::try_from(trace.to_string()),
        ) {
            headers.insert(TRACEPARENT, value);
        }
        headers
    }

    /// Takes over what the headers of a successful answer say of it.
    pub fn came_back(&self, headers: &HeaderMap) {
        if headers.contains_key(SAMPLE) {
            self.call.scope.sampled.make();
        }
    }

    /// Milliseconds that are left to an attempt, rounded down so that the callee gives up before we do.
    pub fn millis_left(&self, attempt: Attempt) -> Option<u64> {
        let left = attempt
            .deadline?
            .saturating_duration_since(self.call.scope.clock.now());
        Some(u64::try_from(left.as_millis()).unwrap_or(u64::MAX))
    }
}
