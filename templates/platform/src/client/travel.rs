//! What travels with a call.

use std::sync::Arc;

use http::header::{AUTHORIZATION, HeaderName};
use http::{HeaderMap, HeaderValue, Uri};

use super::spans::{AttemptSpan, Call};
use super::token::Held;
use super::{Credential, Inner};
use crate::policy::Identity;
use crate::problem::ProblemKind;
use crate::resilience::{Attempt, Failure, Verdict};
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
    edge: Arc<Inner>,
}

impl Travel {
    pub fn new(call: Call, edge: Arc<Inner>, key: Option<HeaderValue>) -> Self {
        let scope = &call.scope;
        let mut headers = HeaderMap::with_capacity(8);
        if let Some(state) = &scope.tracestate {
            headers.insert(TRACESTATE, state.clone());
        }
        if let (Identity::Forward, Some(user)) = (edge.identity, &scope.user)
            && let Ok(mut token) = HeaderValue::try_from(format!("Bearer {}", user.token))
        {
            token.set_sensitive(true);
            headers.insert(AUTHORIZATION, token);
        }
        edge.credential.attach(&mut headers);
        if let Some(key) = key {
            headers.insert(IDEMPOTENCY_KEY, key);
        }
        Self {
            headers,
            call,
            edge,
        }
    }

    /// The call that they travel with.
    pub fn call(&self) -> &Call {
        &self.call
    }

    /// Makes an attempt by `send`. If the callee refuses the token that it shows, and another can be had, the attempt is made
    /// once more where it is `repeatable`: the callee has done nothing yet.
    ///
    /// # Errors
    /// What `send` fails with; when a token is needed that cannot be obtained, the callee sees nothing of the attempt.
    pub async fn attempt<'t, R, F, Fut>(
        &'t self,
        attempt: Attempt,
        repeatable: bool,
        send: F,
    ) -> Result<R, Failure>
    where
        F: Fn(Leg<'t>) -> Fut,
        Fut: Future<Output = Result<R, Failure>>,
    {
        let leg = |token| Leg {
            travel: self,
            attempt,
            token,
        };
        let token = self.token().await?;
        let answer = send(leg(token.clone())).await;
        match (&answer, token) {
            (Err(failure), Some(token))
                if failure.verdict == Verdict::Unauthenticated && token.refused() && repeatable =>
            {
                let token = self.token().await?;
                // Behind a pointer: few calls need it.
                Box::pin(send(leg(token))).await
            }
            _ => answer,
        }
    }

    /// The token that is obtained for the call, if it shows one: the user's before the service's own.
    async fn token(&self) -> Result<Option<Held>, Failure> {
        let token = match (&self.edge.exchange, &self.call.scope.user) {
            (Some(exchange), Some(user)) => exchange.token(user).await,
            _ => match &*self.edge.credential {
                Credential::Token(own) if !self.headers.contains_key(AUTHORIZATION) => {
                    own.token().await
                }
                _ => return Ok(None),
            },
        };
        token.map(Some).map_err(|problem| {
            let verdict = match problem.kind {
                ProblemKind::Unauthenticated => Verdict::Caller,
                _ => Verdict::NotSent,
            };
            Failure::new(problem, verdict)
        })
    }
}

/// What travels with one attempt.
pub(super) struct Leg<'t> {
    travel: &'t Travel,
    attempt: Attempt,
    token: Option<Held>,
}

impl Leg<'_> {
    /// Begins the span of its way to the instance at `origin`.
    pub fn span(&self, origin: &Uri) -> AttemptSpan {
        self.travel.call.attempt(origin, self.attempt)
    }

    /// Its headers, as part of that span.
    pub fn headers(&self, span: &AttemptSpan) -> HeaderMap {
        let mut headers = self.travel.headers.clone();
        let trace = span.trace();
        if let (true, Ok(value)) = (
            trace.trace_id != 0,
            HeaderValue::from_str(trace.traceparent().as_str()),
        ) {
            headers.insert(TRACEPARENT, value);
        }
        if let Some(token) = &self.token {
            headers.insert(AUTHORIZATION, token.header.clone());
        }
        headers
    }

    /// Takes over what the headers of a successful answer say of it.
    pub fn came_back(&self, headers: &HeaderMap) {
        if headers.contains_key(SAMPLE) {
            self.travel.call.scope.sampled.make();
        }
    }

    /// Milliseconds that are left to it, rounded down so that the callee gives up before we do.
    pub fn millis_left(&self) -> Option<u64> {
        let now = self.travel.call.scope.clock.now();
        let left = self.attempt.deadline?.saturating_duration_since(now);
        Some(u64::try_from(left.as_millis()).unwrap_or(u64::MAX))
    }
}
