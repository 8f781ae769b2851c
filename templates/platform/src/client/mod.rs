//! The calling side of edges.
//!
//! An [`Edge`] lives as long as its service: connections, breaker, budget. [`Edge::bind`] gives the view of it that one request has,
//! a [`Bound`]; generated clients wrap it, one expression for each operation. What belongs to the request travels by
//! itself: the time that is left, the trace, the idempotency key and, where the drawing says so, the user's token.

mod balance;
mod connection;
mod credential;
mod fallback;
mod grpc;
mod key;
mod rest;
mod spans;
mod streams;
mod token;
mod travel;

pub use credential::Credential;
#[cfg(feature = "dev")]
pub(crate) use rest::Prepared;
pub use token::Exchange;
pub(crate) use travel::TRACESTATE;

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use http::Uri;
use rustls::ClientConfig;

use self::spans::{Call, Wire};
use crate::clock::Clock;
use crate::context::Scope;
use crate::policy::{EdgePolicy, Identity, Protocol, Safety, Tls};
use crate::problem::Problem;
use crate::resilience::{BreakerState, EdgeMetrics, Policy, Shared};

/// Where an edge leads.
#[derive(Clone, Debug)]
pub struct Target {
    /// The callee's instances, `https://orders:8443` or without TLS `http://127.0.0.1:8080`. Calls are spread over them evenly.
    pub addresses: Vec<Uri>,
    /// Whom to trust and, on mutual connections, who we are. Not used by an edge without TLS.
    pub tls: Option<Arc<ClientConfig>>,
    /// What we prove ourselves by beside that.
    pub credential: Arc<Credential>,
    /// What exchanges the tokens of users, where they do not travel as they came.
    pub exchange: Option<Arc<Exchange>>,
}

/// Why an edge cannot be set up.
#[derive(Debug)]
pub struct EdgeError {
    edge: &'static str,
    reason: String,
}

impl fmt::Display for EdgeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "edge \"{}\": {}", self.edge, self.reason)
    }
}

impl std::error::Error for EdgeError {}

/// One edge of the drawing: connections, and the running state of its policy. Cloning is cheap and shares both.
#[derive(Clone)]
pub struct Edge(Arc<Inner>);

struct Inner {
    name: &'static str,
    identity: Identity,
    credential: Arc<Credential>,
    exchange: Option<Arc<Exchange>>,
    /// Calls that may be repeated only with a key, by operation.
    keyed: Vec<&'static str>,
    policies: HashMap<&'static str, Policy>,
    fallbacks: HashMap<&'static str, fallback::Fallback>,
    transport: Transport,
}

enum Transport {
    Rest(rest::Rest),
    Grpc(grpc::Grpc),
}

/// How an edge is doing.
#[derive(Clone, Debug)]
pub struct EdgeState {
    /// The edge as drawn.
    pub edge: &'static str,
    /// For each operation that has a breaker, what it does with the next call.
    pub breakers: Vec<(&'static str, BreakerState)>,
    /// For each operation that has a bulkhead, the attempts under way in it.
    pub in_flight: Vec<(&'static str, usize)>,
}

impl Edge {
    /// Sets an edge up. Nothing is connected before the first call.
    ///
    /// # Errors
    /// No address, one that is not a URL with a host, or one whose scheme is not what the edge's `tls` asks for.
    pub fn new(
        policy: &EdgePolicy,
        target: &Target,
        clock: Clock,
        metrics: &EdgeMetrics,
    ) -> Result<Self, EdgeError> {
        let failed = |reason: String| EdgeError {
            edge: policy.edge,
            reason,
        };
        if target.addresses.is_empty() {
            return Err(failed("no address is configured".into()));
        }
        let scheme = if policy.tls == Tls::Off {
            "http"
        } else {
            "https"
        };
        for address in &target.addresses {
            if address.scheme_str() != Some(scheme) || address.host().is_none() {
                return Err(failed(format!(
                    "`{address}` is not an address of the form {scheme}://host:port"
                )));
            }
        }
        let tls = match (policy.tls, &target.tls) {
            (Tls::Off, _) => None,
            (_, Some(tls)) => Some(Arc::clone(tls)),
            (_, None) => {
                return Err(failed(
                    "it needs TLS, for which no certificates are configured".into(),
                ));
            }
        };
        let transport = match policy.protocol {
            Protocol::Rest => {
                Transport::Rest(rest::Rest::new(&target.addresses, tls).map_err(failed)?)
            }
            Protocol::Grpc => {
                Transport::Grpc(grpc::Grpc::new(&target.addresses, tls).map_err(failed)?)
            }
        };
        let fallbacks = policy.operations.iter().filter_map(|call| {
            let (edge, operation, age) = (policy.edge, call.operation, call.fallback?);
            let used = metrics.fallback(edge, operation);
            let fallback = fallback::Fallback::new(edge, operation, age, clock, used);
            Some((operation, fallback))
        });
        let keyed = policy
            .operations
            .iter()
            .filter(|call| call.safety == Safety::IdempotentByKey);
        Ok(Self(Arc::new(Inner {
            name: policy.edge,
            identity: policy.identity,
            credential: Arc::clone(&target.credential),
            exchange: target.exchange.clone(),
            keyed: keyed.map(|call| call.operation).collect(),
            policies: Shared::policies(policy, clock, metrics),
            fallbacks: fallbacks.collect(),
            transport,
        })))
    }

    /// The edge as one request sees it.
    #[must_use]
    pub fn bind(&self, scope: &Arc<Scope>) -> Bound {
        Bound {
            edge: Arc::clone(&self.0),
            scope: Arc::clone(scope),
            calls: Arc::default(),
        }
    }

    /// How it is doing.
    #[must_use]
    pub fn state(&self) -> EdgeState {
        let policies = || {
            self.0
                .policies
                .iter()
                .map(|(operation, policy)| (*operation, policy))
        };
        EdgeState {
            edge: self.0.name,
            breakers: policies()
                .filter_map(|(name, policy)| Some((name, policy.breaker()?)))
                .collect(),
            in_flight: policies()
                .filter_map(|(name, policy)| Some((name, policy.in_flight()?)))
                .collect(),
        }
    }
}

impl fmt::Debug for Edge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Edge").field(&self.0.name).finish()
    }
}

/// An edge as one request sees it: whatever is called with it belongs to that request.
#[derive(Clone)]
pub struct Bound {
    edge: Arc<Inner>,
    scope: Arc<Scope>,
    /// How many calls the request has made over this edge: part of their idempotency keys.
    calls: Arc<AtomicU32>,
}

impl fmt::Debug for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Bound").field(&self.edge.name).finish()
    }
}

impl Bound {
    fn policy(&self, operation: &str) -> Result<&Policy, Problem> {
        let policy = self.edge.policies.get(operation);
        policy.ok_or_else(|| {
            Problem::internal(format!("{} does not carry {operation}", self.edge.name))
        })
    }

    /// What travels with one call of `operation`, the same in all its attempts.
    fn travelling(&self, operation: &'static str, wire: Wire) -> travel::Travel {
        let keyed = self.edge.keyed.contains(&operation);
        let key = keyed.then(|| {
            let number = self.calls.fetch_add(1, Ordering::Relaxed);
            key::of_call(&self.scope, self.edge.name, operation, number)
        });
        let call = Call {
            scope: Arc::clone(&self.scope),
            edge: self.edge.name,
            operation,
            wire,
        };
        travel::Travel::new(call, Arc::clone(&self.edge), key)
    }

    fn wrong_protocol(&self) -> Problem {
        Problem::internal(format!(
            "{} is called over a protocol that it does not have",
            self.edge.name
        ))
    }
}

#[cfg(test)]
mod tests;
