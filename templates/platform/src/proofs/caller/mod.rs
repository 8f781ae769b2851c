//! Proofs about the calling side of edges.

mod breaker;
mod fallback;
mod home;
mod load;
mod retry;
mod time;
mod travel;

use std::sync::Arc;
use std::time::Duration;

use http::Uri;
use tokio::time::{Instant, timeout};

use super::peer::{Answer, Peer};
use super::row::{Caller, Edge, System};
use crate::client::{self, Bound, Target};
use crate::clock::Clock;
use crate::context::Scope;
use crate::policy::{CallPolicy, EdgePolicy, Identity, Safety, ServicePolicy, Tls};
use crate::problem::Problem;
use crate::resilience::EdgeMetrics;

/// What a proof is about: one operation of one edge.
pub(super) struct Subject<'a> {
    pub system: &'a System,
    pub edge: &'static Edge,
    pub operation: &'static str,
    pub safety: Safety,
}

/// Proves one attribute.
pub(super) async fn prove(subject: &Subject<'_>, expected: &Caller) {
    match *expected {
        Caller::Timeout(expected) => time::timeout(subject, expected).await,
        Caller::Deadline(expected) => time::deadline(subject, expected).await,
        Caller::RetryAttempts(expected) => retry::attempts(subject, expected).await,
        Caller::RetryBase(expected) => retry::base(subject, expected).await,
        Caller::RetryMax(expected) => retry::max(subject, expected).await,
        Caller::RetryJitter(expected) => retry::jitter(subject, expected).await,
        Caller::RetryBudget(expected) => retry::budget(subject, expected).await,
        Caller::BreakerRate(expected) => breaker::rate(subject, expected).await,
        Caller::BreakerWindow(expected) => breaker::window(subject, expected).await,
        Caller::BreakerMinCalls(expected) => breaker::min_calls(subject, expected).await,
        Caller::BreakerCooldown(expected) => breaker::cooldown(subject, expected).await,
        Caller::BreakerProbes(expected) => breaker::probes(subject, expected).await,
        Caller::Bulkhead(expected) => load::bulkhead(subject, expected).await,
        Caller::Throttle(expected) => load::throttle(subject, expected).await,
        Caller::Fallback(expected) => fallback::fallback(subject, expected).await,
        Caller::Identity(expected) => travel::identity(subject, expected).await,
        Caller::Auth(scheme) => travel::auth(subject, scheme).await,
        Caller::Safety => travel::safety(subject).await,
        Caller::Tls => travel::tls(subject).await,
    }
}

impl Subject<'_> {
    /// The caller's policy as it really runs with it.
    fn service(&self) -> ServicePolicy {
        let caller = self.edge.caller;
        let cast = self
            .system
            .services
            .iter()
            .find(|cast| cast.service == caller);
        let cast = cast.unwrap_or_else(|| panic!("the system has no service {caller}"));
        (cast.policy)()
    }

    /// The edge's policy as its service really runs with it.
    fn policy(&self) -> EdgePolicy {
        let (caller, edge) = (self.edge.caller, self.edge.edge);
        let mut edges = self.service().edges.into_iter();
        let found = edges.find(|policy| policy.edge == edge);
        found.unwrap_or_else(|| panic!("{caller} has no policy for the edge {edge}"))
    }

    /// The operation's policy as its service really runs with it.
    fn call_policy(&self) -> CallPolicy {
        let found = self
            .policy()
            .operations
            .into_iter()
            .find(|call| call.operation == self.operation);
        found.unwrap_or_else(|| panic!("{} has no policy for {}", self.edge.edge, self.operation))
    }

    /// A policy that does nothing, but for what `keep` takes over from the real one.
    fn isolated(&self, keep: impl FnOnce(&CallPolicy, &mut CallPolicy)) -> EdgePolicy {
        let mut call = CallPolicy::new(self.operation, self.safety);
        keep(&self.call_policy(), &mut call);
        EdgePolicy {
            protocol: self.edge.protocol,
            tls: Tls::Off,
            auth: None,
            identity: Identity::None,
            operations: vec![call],
            ..self.policy()
        }
    }

    /// The generated client over a policy that does nothing but what `keep` takes over, and the peer that it calls.
    async fn rig(
        &self,
        keep: impl FnOnce(&CallPolicy, &mut CallPolicy),
        script: impl Fn(usize) -> Answer + Clone + Send + Sync + 'static,
    ) -> Rig {
        let peer = Peer::start(self.edge.protocol, None, script).await;
        let client = self.client(&self.isolated(keep), peer.uri());
        Rig { peer, client }
    }

    /// The generated client, calling an address in plain text.
    fn client(&self, policy: &EdgePolicy, address: Uri) -> Client {
        let target = Target {
            addresses: vec![address],
            tls: None,
            credential: Arc::default(),
            exchange: None,
        };
        let edge = client::Edge::new(policy, &target, Clock::system(), &EdgeMetrics::default());
        let edge = edge.unwrap_or_else(|error| panic!("{error}"));
        Client {
            edge,
            call: self.edge.call,
            operation: self.operation,
        }
    }
}

/// A call that has not ended after this (virtual) time never will.
const PATIENCE: Duration = Duration::from_secs(600);

/// The generated client of one operation.
struct Client {
    edge: client::Edge,
    call: fn(Bound, &'static str) -> super::BoxFuture<'static, Result<(), Problem>>,
    operation: &'static str,
}

impl Client {
    /// Calls for nobody in particular.
    async fn call(&self) -> Called {
        self.call_for(&Arc::new(Scope::background(Clock::system())))
            .await
    }

    /// Calls for a request.
    async fn call_for(&self, scope: &Arc<Scope>) -> Called {
        self.call_within(PATIENCE, scope).await
    }

    /// Calls for a request, and gives up after `patience`.
    async fn call_within(&self, patience: Duration, scope: &Arc<Scope>) -> Called {
        let started = Instant::now();
        let result = timeout(patience, (self.call)(self.edge.bind(scope), self.operation)).await;
        let code = match result {
            Ok(Ok(())) => "ok".to_owned(),
            Ok(Err(problem)) => problem.code.into_owned(),
            Err(_) => "never ended".to_owned(),
        };
        Called {
            code,
            took: started.elapsed(),
        }
    }
}

/// How a call ended.
struct Called {
    code: String,
    took: Duration,
}

/// A client and the peer that it calls.
struct Rig {
    peer: Peer,
    client: Client,
}

impl Rig {
    async fn call(&self) -> Called {
        self.client.call().await
    }

    /// Calls, with a patience that is long beside `expected`.
    async fn call_beside(&self, expected: Duration) -> Called {
        let scope = Arc::new(Scope::background(Clock::system()));
        self.client.call_within(expected * 20, &scope).await
    }

    /// Calls one after the other.
    async fn calls(&self, count: usize) {
        for _ in 0..count {
            self.call().await;
        }
    }
}
