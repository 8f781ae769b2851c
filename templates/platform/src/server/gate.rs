//! What a request passes before its handler, the same on every protocol.

use std::any::{Any, TypeId};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use http::header::{HeaderName, WWW_AUTHENTICATE};

use super::quota::Quota;
use super::{Connection, Host, Place, Wire};
use crate::audit::{self, Asked, Check};
use crate::auth::{Access, Presented, Proven};
use crate::client::TRACESTATE;
use crate::clock::Instant;
use crate::context::{Mark, Peer, Scope, Trace, User};
use crate::error::Error;
use crate::metrics::{OperationLabels, OperationMetrics};
use crate::policy::{LimitKey, OperationPolicy, Protocol, Tls};
use crate::problem::{Problem, ProblemKind};
use crate::when::{Caller, When};

/// Names a request in all its attempts.
pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The W3C header of a trace.
pub const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// The gate of one operation on one protocol: its policy, made ready.
#[derive(Debug)]
pub(super) struct Gate {
    pub(super) host: Host,
    pub(super) policy: OperationPolicy,
    api: &'static str,
    peers: Vec<&'static str>,
    access: Access,
    limit: Option<Quota>,
    metrics: OperationMetrics,
    sample: Option<&'static str>,
}

/// How long a request may take, and who says so.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget {
    pub(super) until: Option<Instant>,
    inherited: bool,
}

impl Gate {
    /// The gate of `operation`.
    ///
    /// # Errors
    /// When the policy does not know it, or names what nobody declared.
    pub(super) fn new<A, L>(
        wire: &Wire<A, L>,
        api: &str,
        operation: &str,
        protocol: Protocol,
    ) -> Result<Self, Error> {
        let host = wire.host.clone();
        let served = host.api(api, protocol)?;
        let missing = || Error::new(format!("there is no policy for {api}.{operation}"));
        let policy = served.operation(operation).ok_or_else(missing)?.clone();
        let (protocol, origins) = match protocol {
            Protocol::Rest => ("rest", Some(&*served.cors)),
            Protocol::Grpc => ("grpc", None),
        };
        let limit = policy.rate_limit.map(|limit| {
            let scope = || format!("{api}.{operation}.{protocol}");
            Quota::new(&host, limit, scope)
        });
        let labels = OperationLabels {
            api: served.api,
            operation: policy.operation,
            protocol,
        };
        Ok(Self {
            api: served.api,
            peers: served.peers.clone(),
            access: Access::new(&policy, origins, host.schemes())?,
            limit,
            metrics: host.setup().metrics.operation(labels),
            sample: host.sample(served.api, policy.operation),
            policy,
            host,
        })
    }

    /// Whether browsers' cookies count.
    pub(super) fn takes_cookies(&self) -> bool {
        self.access.takes_cookies()
    }

    /// A place among the requests in flight.
    pub(super) fn enter(&self) -> Result<Place<'_>, Problem> {
        self.host.enter()
    }

    /// The time until `asked` by the caller or the operation's own timeout, whichever is sooner.
    pub(super) fn budget(&self, asked: Option<Duration>) -> Budget {
        let inherited =
            asked.is_some_and(|asked| self.policy.timeout.is_none_or(|own| asked < own));
        let span = if inherited {
            asked
        } else {
            self.policy.timeout
        };
        // A budget beyond the end of time is none.
        Budget {
            until: span.and_then(|span| self.host.setup().clock.now().checked_add(span)),
            inherited,
        }
    }

    /// The time until `asked` by the caller alone: what bounds a stream as a whole.
    pub(super) fn bound(&self, asked: Option<Duration>) -> Budget {
        Budget {
            until: asked.and_then(|asked| self.host.setup().clock.now().checked_add(asked)),
            inherited: true,
        }
    }

    /// Lets the request in, or tells why not: connection, rate, user, roles.
    pub(super) async fn admit(
        &self,
        headers: &HeaderMap,
        connection: &Connection,
        budget: Budget,
        trace: Trace,
    ) -> Result<Scope, Problem> {
        #[cfg(feature = "dev")]
        self.host.dawdle().await;
        let peer = &connection.peer;
        let deny = |check, user: Option<&User>, caller: &Peer, problem: Problem| {
            let asked = Asked {
                api: self.api,
                operation: self.policy.operation,
                user: user.map(|user| user.subject.as_str()),
                service: caller.service.as_deref(),
                credential: caller.credential.as_ref().map(|it| &*it.name),
                address: caller.address,
                trace: trace.trace_id,
            };
            audit::denied(asked, check, &problem);
            problem
        };
        self.let_in(connection)
            .map_err(|problem| deny(Check::Peer, None, peer, problem))?;
        self.limit(peer, None, |key| {
            matches!(key, LimitKey::Ip | LimitKey::Global)
        })
        .await?;
        let proven = self.access.authenticate(headers, peer).await;
        let Proven { user, credential } = proven.map_err(|problem| {
            self.unproved(&problem);
            match problem.kind {
                // All else is trouble with the issuer, not a decision.
                ProblemKind::Unauthenticated | ProblemKind::Forbidden => {
                    deny(Check::Authentication, None, peer, problem)
                }
                _ => problem,
            }
        })?;
        let caller = Peer {
            credential,
            ..peer.clone()
        };
        self.limit(&caller, user.as_deref(), |key| {
            matches!(key, LimitKey::User | LimitKey::Service)
        })
        .await?;
        self.access
            .authorize(user.as_deref())
            .map_err(|problem| deny(Check::Allow, user.as_deref(), &caller, problem))?;
        Ok(Scope {
            api: self.api,
            operation: self.policy.operation,
            caller,
            user,
            deadline: budget.until,
            trace,
            tracestate: headers.get(TRACESTATE).cloned(),
            tracer: self.host.tracer().clone(),
            idempotency_key: idempotency_key(headers)?,
            clock: self.host.setup().clock,
            sample: self.sample,
            sampled: Mark::default(),
            stale: Arc::default(),
        })
    }

    /// Whether requests of this type are what the operation's condition judges.
    ///
    /// # Errors
    /// When they are not: the condition would refuse each of them.
    pub(super) fn judges(&self, request: TypeId) -> Result<(), Error> {
        match &self.policy.when {
            Some(when) if ![request, TypeId::of::<()>()].contains(&when.request) => {
                let (api, operation) = self.name();
                Err(Error::new(format!(
                    "the condition of {api}.{operation} judges other requests"
                )))
            }
            _ => Ok(()),
        }
    }

    /// Judges a request that was read, by what the drawing says about caller and parameters. It is the last check before
    /// the handler.
    pub(super) fn judge(&self, scope: &Scope, request: &dyn Any) -> Result<(), Problem> {
        let caller = Caller::new(scope.user.as_deref());
        // A condition over the caller alone looks at no request: of a stream there is none yet.
        let judged = |when: &When| match when.request == TypeId::of::<()>() {
            true => (when.holds)(caller, &()),
            false => (when.holds)(caller, request),
        };
        if self.policy.when.as_ref().is_some_and(|when| !judged(when)) {
            let problem = Problem::forbidden("this caller may not ask for this");
            audit::denied(Asked::of(scope), Check::When, &problem);
            return Err(problem);
        }
        if self.policy.audited {
            audit::allowed(Asked::of(scope));
        }
        Ok(())
    }

    /// The drawing is the allow-list: a service without an edge stays outside, whatever else it can prove.
    fn let_in(&self, connection: &Connection) -> Result<(), Problem> {
        let known = || {
            let service = connection.peer.service.as_deref();
            service.is_some_and(|service| self.peers.contains(&service))
        };
        if connection.tls == Tls::Mutual && !known() {
            return Err(Problem::forbidden("this service has no edge to this api"));
        }
        Ok(())
    }

    async fn limit(
        &self,
        peer: &Peer,
        user: Option<&User>,
        now: impl Fn(LimitKey) -> bool,
    ) -> Result<(), Problem> {
        let Some(quota) = self.limit.as_ref().filter(|quota| now(quota.key)) else {
            return Ok(());
        };
        let taken = quota.take(peer, user).await;
        taken.map_err(|wait| Problem::rate_limited("too many requests").retry_after(wait))
    }

    /// Bounds `work` by the budget. It is pinned where it is: what a request needs is large, and not to be moved.
    pub(super) async fn within<T>(
        &self,
        budget: Budget,
        work: Pin<&mut impl Future<Output = Result<T, Problem>>>,
    ) -> Result<T, Problem> {
        let Some(until) = budget.until else {
            return work.await;
        };
        tokio::time::timeout_at(until, work)
            .await
            .unwrap_or_else(|_| {
                Err(if budget.inherited {
                    Problem::deadline_exceeded("the caller's deadline has passed")
                } else {
                    Problem::timeout("the operation took too long")
                })
            })
    }

    /// Counts a request that did not prove who calls.
    fn unproved(&self, problem: &Problem) {
        if problem.kind == ProblemKind::Unauthenticated {
            self.metrics.unproved(problem);
        }
    }

    /// Counts an answer that was given before.
    pub(super) fn replayed(&self) {
        self.metrics.replayed();
    }

    /// The answer over HTTP to a request that was not let in, or failed: one that proves nothing is told how to.
    pub(super) fn refusal(&self, problem: Problem, presented: Presented) -> Response {
        let challenges = self.access.challenges(&problem, presented);
        let mut response = problem.into_response();
        if !challenges.is_empty() {
            response.headers_mut().remove(WWW_AUTHENTICATE);
        }
        for challenge in challenges {
            response.headers_mut().append(WWW_AUTHENTICATE, challenge);
        }
        response
    }

    /// Counts an answer, and logs it if it is a failure of ours.
    pub(super) fn count(&self, arrived: Instant, failure: Option<&Problem>) {
        let now = self.host.setup().clock.now();
        self.count_after(now.saturating_duration_since(arrived), failure);
    }

    /// The same of an answer that took so long to begin.
    pub(super) fn count_after(&self, took: Duration, failure: Option<&Problem>) {
        self.metrics
            .count(failure.map(|problem| problem.kind), took.as_secs_f64());
        let Some(problem) = failure else { return };
        // Which operation it was, the span says.
        if matches!(
            problem.kind,
            ProblemKind::Internal | ProblemKind::BadGateway
        ) {
            tracing::error!(%problem, "request failed");
        } else {
            tracing::debug!(%problem, "request refused");
        }
    }

    /// Counts a stream that nobody read to its end.
    pub(super) fn count_abandoned(&self, took: Duration) {
        self.metrics.count_abandoned(took.as_secs_f64());
    }

    /// The span that everything done for a request is logged in.
    pub(super) fn span(&self, trace: &Trace) -> tracing::Span {
        let place = trace.traceparent();
        tracing::info_span!(
            "request",
            trace_id = place.trace_id(),
            span_id = place.span_id(),
            service = self.host.setup().policy.service,
            api = self.api,
            operation = self.policy.operation,
        )
    }

    /// The place in a trace that a request's headers ask for, or the start of a new one.
    pub(super) fn trace(&self, headers: &HeaderMap) -> Trace {
        let trace = Trace::resume(headers.get(TRACEPARENT));
        if trace.parent == 0 {
            trace.among(self.host.setup().config.telemetry.ratio)
        } else {
            // Whether it is recorded, the caller has decided.
            trace
        }
    }

    /// The api and the operation.
    pub(super) fn name(&self) -> (&'static str, &'static str) {
        (self.api, self.policy.operation)
    }
}

/// The key that names a request: 1 to 255 visible ASCII characters.
fn idempotency_key(headers: &HeaderMap) -> Result<Option<Arc<str>>, Problem> {
    let mut values = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let key = value
        .to_str()
        .ok()
        .filter(|key| (1..=255).contains(&key.len()) && values.next().is_none());
    let key = key.filter(|key| key.bytes().all(|byte| byte.is_ascii_graphic()));
    key.map(|key| Some(Arc::from(key))).ok_or_else(|| {
        Problem::invalid_field(
            "Idempotency-Key",
            "must be 1 to 255 visible ASCII characters",
        )
    })
}
