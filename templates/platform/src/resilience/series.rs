//! The Prometheus series of edges.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::breaker::BreakerState;

/// Upper bounds of the buckets of call times, in seconds.
const BUCKETS: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
];

/// Sets a gauge.
type Look = Box<dyn Fn() + Send + Sync>;

/// What is measured of every edge of a service.
#[derive(Clone)]
pub struct EdgeMetrics {
    calls: Family<Outcome, Counter>,
    attempts: Family<Operation, Counter>,
    retries: Family<Operation, Counter>,
    in_flight: Family<Operation, Gauge>,
    breaker: Family<Operation, Gauge>,
    fallbacks: Family<Operation, Counter>,
    /// What is not counted but asked for, when somebody reads: it may change while nothing is called.
    looks: Arc<Mutex<Vec<Look>>>,
    seconds: Family<Operation, Histogram, fn() -> Histogram>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Operation {
    edge: &'static str,
    operation: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    edge: &'static str,
    operation: &'static str,
    outcome: Cow<'static, str>,
}

impl Default for EdgeMetrics {
    fn default() -> Self {
        Self {
            calls: Family::default(),
            attempts: Family::default(),
            retries: Family::default(),
            in_flight: Family::default(),
            breaker: Family::default(),
            fallbacks: Family::default(),
            looks: Arc::default(),
            seconds: Family::new_with_constructor(|| Histogram::new(BUCKETS)),
        }
    }
}

impl EdgeMetrics {
    /// Makes the series part of what the registry's owner shows.
    pub fn register(&self, registry: &mut Registry) {
        registry.register(
            "edge_calls",
            "Calls by outcome: ok, or the problem's code",
            self.calls.clone(),
        );
        registry.register(
            "edge_attempts",
            "Attempts that were let through to the callee",
            self.attempts.clone(),
        );
        registry.register(
            "edge_retries",
            "Attempts after a call's first",
            self.retries.clone(),
        );
        registry.register(
            "edge_attempts_in_flight",
            "Attempts that the callee has not answered yet",
            self.in_flight.clone(),
        );
        registry.register(
            "edge_breaker_state",
            "0 closed, 1 half open, 2 open",
            self.breaker.clone(),
        );
        registry.register(
            "edge_fallbacks",
            "Calls that failed and were answered with an earlier answer",
            self.fallbacks.clone(),
        );
        registry.register(
            "edge_call_duration_seconds",
            "Time that calls took, retries included",
            self.seconds.clone(),
        );
    }

    /// Where an operation counts the earlier answers that stood in for failed calls.
    pub(crate) fn fallback(&self, edge: &'static str, operation: &'static str) -> Counter {
        let labels = Operation { edge, operation };
        self.fallbacks.get_or_create(&labels).clone()
    }

    /// Brings up to date what is not counted.
    pub(crate) fn look(&self) {
        let looks = self.looks.lock().unwrap_or_else(PoisonError::into_inner);
        looks.iter().for_each(|look| look());
    }
}

impl fmt::Debug for EdgeMetrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EdgeMetrics").finish_non_exhaustive()
    }
}

/// The series of one operation of an edge, made once: counting costs an atomic addition.
#[derive(Debug)]
pub(super) struct Series {
    labels: Operation,
    calls: Family<Outcome, Counter>,
    succeeded: Counter,
    attempts: Counter,
    retries: Counter,
    in_flight: Gauge,
    seconds: Histogram,
}

/// An attempt that waits for its answer, until this is dropped.
pub(super) struct InFlight<'a>(&'a Gauge);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Series {
    /// The series of an operation; `state` tells that of its breaker, if it has one.
    pub fn new(
        metrics: &EdgeMetrics,
        edge: &'static str,
        operation: &'static str,
        state: Option<impl Fn() -> BreakerState + Send + Sync + 'static>,
    ) -> Self {
        let labels = Operation { edge, operation };
        if let Some(state) = state {
            let gauge = metrics.breaker.get_or_create_owned(&labels);
            let look = Box::new(move || {
                gauge.set(number(state()));
            });
            let mut looks = metrics.looks.lock().unwrap_or_else(PoisonError::into_inner);
            looks.push(look);
        }
        let succeeded = Outcome {
            edge,
            operation,
            outcome: Cow::Borrowed("ok"),
        };
        Self {
            succeeded: metrics.calls.get_or_create(&succeeded).clone(),
            attempts: metrics.attempts.get_or_create(&labels).clone(),
            retries: metrics.retries.get_or_create(&labels).clone(),
            in_flight: metrics.in_flight.get_or_create(&labels).clone(),
            seconds: metrics.seconds.get_or_create(&labels).clone(),
            calls: metrics.calls.clone(),
            labels,
        }
    }

    /// The attempt of this number was let through.
    pub fn attempt(&self, number: u32) -> InFlight<'_> {
        self.attempts.inc();
        if number > 1 {
            self.retries.inc();
        }
        self.in_flight.inc();
        InFlight(&self.in_flight)
    }

    /// A call has ended: `outcome` is its problem's code, or none when it succeeded.
    pub fn call(&self, outcome: Option<&Cow<'static, str>>, took: Duration) {
        self.seconds.observe(took.as_secs_f64());
        let Some(code) = outcome else {
            self.succeeded.inc();
            return;
        };
        let Operation { edge, operation } = self.labels;
        self.calls
            .get_or_create(&Outcome {
                edge,
                operation,
                outcome: code.clone(),
            })
            .inc();
    }
}

/// A state as its metric tells it.
fn number(state: BreakerState) -> i64 {
    match state {
        BreakerState::Closed => 0,
        BreakerState::HalfOpen => 1,
        BreakerState::Open { .. } => 2,
    }
}
