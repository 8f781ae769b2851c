//! What a proof is about, as data.

use std::pin::Pin;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use prost::Message;
use serde::de::DeserializeOwned;

use super::script::Script;
use crate::client::Bound;
use crate::error::Error;
use crate::policy::{
    Idempotent, Identity, Jitter, Protocol, Rate, RateLimit, Safety, ServicePolicy, Tls,
};
use crate::problem::Problem;
use crate::server::{Service, Setup};
use crate::stream::Streaming;

/// A future behind a pointer.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The services of a system, each with scripted handlers.
#[derive(Clone, Debug)]
pub struct System {
    /// Its name in the drawing, which its certificates carry.
    pub name: &'static str,
    /// Its services.
    pub services: Vec<Cast>,
}

/// A service whose handlers follow a script.
#[derive(Clone, Copy, Debug)]
pub struct Cast {
    /// Its name in the drawing.
    pub service: &'static str,
    /// The policy that it really runs with.
    pub policy: fn() -> ServicePolicy,
    /// Makes it, with handlers that follow the script.
    pub build: fn(Script, Setup) -> Result<Service, Error>,
}

/// An edge whose caller is to be proved.
#[derive(Clone, Copy, Debug)]
pub struct Edge {
    /// The service that calls.
    pub caller: &'static str,
    /// The edge as drawn.
    pub edge: &'static str,
    /// How it calls.
    pub protocol: Protocol,
    /// How its connection is protected.
    pub tls: Tls,
    /// Calls an operation, with a sample request, by the generated client.
    pub call: fn(Bound, &'static str) -> BoxFuture<'static, Result<(), Problem>>,
    /// A good answer to an operation that has a fallback, as its message is sent; nothing for all others.
    pub answer: fn(&'static str) -> Vec<u8>,
}

/// What a caller should do, with the numbers of the drawing.
#[derive(Clone, Copy, Debug)]
pub enum Caller {
    /// How long one attempt may take.
    Timeout(Duration),
    /// How long all attempts together may take.
    Deadline(Duration),
    /// How many attempts there are at most.
    RetryAttempts(u32),
    /// The pause before the second attempt.
    RetryBase(Duration),
    /// The longest pause.
    RetryMax(Duration),
    /// How pauses are spread.
    RetryJitter(Jitter),
    /// Retries as a share of calls.
    RetryBudget(f64),
    /// The share of failures that opens the breaker.
    BreakerRate(f64),
    /// How long the breaker remembers.
    BreakerWindow(Duration),
    /// How many calls it needs for a judgement.
    BreakerMinCalls(u32),
    /// How long it stays open.
    BreakerCooldown(Duration),
    /// How many calls it then tries.
    BreakerProbes(u32),
    /// How many calls may be under way.
    Bulkhead(usize),
    /// How many calls may be started over time.
    Throttle(Rate),
    /// How old an answer may be that stands in for a failed call.
    Fallback(Duration),
    /// What becomes of the user's token.
    Identity(Identity),
    /// The scheme by which the service proves itself.
    Auth(&'static str),
    /// Whether a failed call is repeated, and by which right: what the row itself says.
    Safety,
    /// Who shows a certificate.
    Tls,
}

/// An operation whose callee is to be proved, as raw requests reach it.
#[derive(Clone, Copy, Debug)]
pub struct Probe {
    /// The service that offers it.
    pub service: &'static str,
    /// Its api.
    pub api: &'static str,
    /// How it is called.
    pub protocol: Protocol,
    /// How connections may be protected, loosest first.
    pub tls: &'static [Tls],
    /// The services that have an edge to it.
    pub peers: &'static [&'static str],
    /// Its name in the drawing.
    pub operation: &'static str,
    /// Where it is on the wire.
    pub wire: Wire,
    /// A valid request, as JSON; `null` when it takes none.
    pub request: &'static str,
    /// Another valid request, where there is one.
    pub other: &'static str,
    /// The schemes that it accepts.
    pub auth: &'static [&'static str],
}

impl Probe {
    /// The strictest way in which connections may be protected.
    pub(super) fn strictest(&self) -> Tls {
        self.tls.last().copied().unwrap_or_default()
    }
}

/// Where an operation is on the wire.
#[derive(Clone, Copy, Debug)]
pub enum Wire {
    /// Over HTTP with JSON.
    Rest {
        /// `GET`, `POST`, ...
        method: &'static str,
        /// With `{name}` for fields of the request.
        path: &'static str,
    },
    /// Over gRPC.
    Grpc {
        /// `/package.Api/Operation`.
        path: &'static str,
        /// Turns a request written as JSON into its message; see [`encode`].
        encode: fn(&str) -> Vec<u8>,
    },
}

/// What a callee should do, with the numbers of the drawing.
#[derive(Clone, Copy, Debug)]
pub enum Callee {
    /// The schemes that are accepted: those of the probe.
    Auth,
    /// The roles that may.
    Allow(&'static [&'static str]),
    /// What must hold of claims and parameters, by examples.
    When(Judged),
    /// Anybody may.
    Public,
    /// How many requests are let in over time.
    RateLimitRate(RateLimit),
    /// How many may come at once.
    RateLimitBurst(RateLimit),
    /// Who has a count of their own.
    RateLimitPer(RateLimit),
    /// The server's own budget.
    Timeout(Duration),
    /// The largest body that is read, in bytes.
    MaxBody(usize),
    /// Which repetitions are known as such.
    Idempotent(Idempotent),
    /// For how long.
    IdempotentWindow(Idempotent),
    /// That two instances keep a rate limit together.
    StateRateLimit(RateLimit),
    /// That one instance knows what another answered.
    StateIdempotent(Idempotent),
    /// How connections are protected: as the probe says.
    Tls,
    /// The origins whose pages may call.
    Cors(&'static [&'static str]),
    /// How long an answer may be used again.
    Cache(Duration),
    /// Who must have issued tokens of a scheme.
    Issuer(&'static str, &'static str),
    /// Whom tokens of a scheme must be meant for.
    Audience(&'static str, &'static str),
    /// By which algorithms tokens of a scheme may be signed.
    Algorithms(&'static str, &'static [&'static str]),
    /// The scheme that tokens of another are verified as.
    Provider(&'static str, &'static str),
    /// What tokens of a scheme must be for.
    Scopes(&'static str, &'static [&'static str]),
    /// Whether sessions of a scheme outlive their tokens.
    Refresh(&'static str, bool),
    /// The header that carries keys of a scheme.
    Header(&'static str, &'static str),
    /// Which claim of a scheme's tokens holds the roles.
    Roles(&'static str, &'static [&'static str]),
}

/// Callers and requests of which a condition holds, and of which it does not.
#[derive(Clone, Copy, Debug)]
pub struct Judged {
    /// It holds.
    pub holds: Case,
    /// It does not.
    pub fails: Case,
}

/// A caller and its request.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// What the caller's token says beside what every token says, as a JSON object.
    pub claims: &'static str,
    /// The request, as JSON.
    pub request: &'static str,
}

/// One proof.
#[derive(Clone, Copy, Debug)]
pub enum Row {
    /// About the serving side of an operation.
    Callee {
        /// Which operation.
        probe: &'static Probe,
        /// What is to be proved.
        expected: Callee,
    },
    /// About the calling side of an edge.
    Caller {
        /// Which edge.
        edge: &'static Edge,
        /// Which of its operations.
        operation: &'static str,
        /// Whether that may be repeated.
        safety: Safety,
        /// What is to be proved.
        expected: Caller,
    },
}

/// A proof about the calling side of an edge.
#[must_use]
pub fn edge(edge: &'static Edge, operation: &'static str, safety: Safety, expected: Caller) -> Row {
    Row::Caller {
        edge,
        operation,
        safety,
        expected,
    }
}

/// A proof about the serving side of an operation.
#[must_use]
pub fn probe(probe: &'static Probe, expected: Callee) -> Row {
    Row::Callee { probe, expected }
}

/// A sample message, written as JSON.
///
/// # Panics
/// When it is not one of that type.
#[must_use]
pub fn sample<T: DeserializeOwned>(json: &str) -> T {
    serde_json::from_str(json)
        .unwrap_or_else(|error| panic!("the sample {json} does not fit its type: {error}"))
}

/// A stream of one sample message.
///
/// # Panics
/// When it is not one of that type.
#[must_use]
pub fn sample_stream<T: DeserializeOwned + Send + 'static>(json: &str) -> Streaming<T> {
    stream::once(std::future::ready(Ok(sample(json)))).boxed()
}

/// What calling an operation that an edge does not carry gives.
///
/// # Errors
/// Always.
pub fn unknown(operation: &str) -> Result<(), Problem> {
    Err(Problem::internal(format!(
        "the edge does not carry {operation}"
    )))
}

/// A request written as JSON, as the message of type `W` that carries a `T`.
///
/// # Panics
/// When it is not a `T`.
#[must_use]
pub fn encode<T: DeserializeOwned, W: Message + From<T>>(json: &str) -> Vec<u8> {
    W::from(sample::<T>(json)).encode_to_vec()
}
