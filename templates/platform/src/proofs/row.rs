//! What a proof is about, as data.

use std::pin::Pin;
use std::time::Duration;

use serde::de::DeserializeOwned;

use crate::client::Bound;
use crate::policy::{Identity, Jitter, Protocol, Rate, Safety, ServicePolicy, Tls};
use crate::problem::Problem;

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
    /// What becomes of the user's token.
    Identity(Identity),
    /// Whether a failed call is repeated, and by which right: what the row itself says.
    Safety,
    /// Who shows a certificate.
    Tls,
}

/// One proof.
#[derive(Clone, Copy, Debug)]
pub enum Row {
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

/// Milliseconds.
#[must_use]
pub const fn ms(count: u64) -> Duration {
    Duration::from_millis(count)
}

/// Seconds.
#[must_use]
pub const fn secs(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// Hours.
#[must_use]
pub const fn hours(count: u64) -> Duration {
    Duration::from_secs(count * 3600)
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

/// What calling an operation that an edge does not carry gives.
///
/// # Errors
/// Always.
pub fn unknown(operation: &str) -> Result<(), Problem> {
    Err(Problem::internal(format!(
        "the edge does not carry {operation}"
    )))
}
