//! Numbers about a running service, in the text format of Prometheus.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Metric, Registry};

use crate::problem::{Problem, ProblemKind};
use crate::resilience::EdgeMetrics;

/// Upper bounds in seconds of the classes that durations are counted in.
const SECONDS: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
];

/// The media type of [`Metrics::text`].
pub const METRICS_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The metrics of one service: several services in one process do not mix theirs.
#[derive(Clone, Debug)]
pub struct Metrics {
    registry: Arc<Mutex<Registry>>,
    requests: Family<RequestLabels, Counter>,
    durations: Family<OperationLabels, Histogram, fn() -> Histogram>,
    replays: Family<OperationLabels, Counter>,
    auth_failures: Family<RefusalLabels, Counter>,
    in_flight: Gauge,
    edges: EdgeMetrics,
}

/// Which operation, over which protocol.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct OperationLabels {
    pub api: &'static str,
    pub operation: &'static str,
    pub protocol: &'static str,
}

/// Which operation, and how it ended: `ok`, the problem's kind, or `cancelled` for a stream that its caller left.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct RequestLabels {
    pub api: &'static str,
    pub operation: &'static str,
    pub protocol: &'static str,
    pub code: &'static str,
}

/// Which operation, and why nobody was proved to call it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RefusalLabels {
    api: &'static str,
    operation: &'static str,
    protocol: &'static str,
    reason: &'static str,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// The series that every service has, all still empty.
    pub fn new() -> Self {
        let requests = Family::default();
        let durations =
            Family::new_with_constructor((|| Histogram::new(SECONDS)) as fn() -> Histogram);
        let in_flight = Gauge::default();
        let metrics = Self {
            registry: Arc::default(),
            requests,
            durations,
            replays: Family::default(),
            auth_failures: Family::default(),
            in_flight,
            edges: EdgeMetrics::default(),
        };
        metrics.register(
            "requests",
            "Requests answered, by how they ended",
            metrics.requests.clone(),
        );
        metrics.register(
            "request_duration_seconds",
            "Time from a request's arrival to its answer",
            metrics.durations.clone(),
        );
        metrics.register(
            "requests_replayed",
            "Requests answered with what was answered to them before",
            metrics.replays.clone(),
        );
        metrics.register(
            "auth_failures",
            "Requests that proved nobody, by what was wrong with them",
            metrics.auth_failures.clone(),
        );
        metrics.register(
            "requests_in_flight",
            "Requests that are being worked on",
            metrics.in_flight.clone(),
        );
        metrics.edges.register(&mut metrics.registry());
        metrics
    }

    /// Adds a metric of your own; `help` is a sentence without its full stop.
    pub fn register(&self, name: &str, help: &str, metric: impl Metric) {
        self.registry().register(name, help, metric);
    }

    /// All metrics, as a scraper reads them.
    pub fn text(&self) -> String {
        self.edges.look();
        let mut text = String::new();
        let registry = self.registry();
        // Writing to a string cannot fail.
        let _ = prometheus_client::encoding::text::encode(&mut text, &registry);
        text
    }

    fn registry(&self) -> MutexGuard<'_, Registry> {
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The counts of the service's edges.
    pub(crate) fn edges(&self) -> &EdgeMetrics {
        &self.edges
    }

    /// The number of requests that are being worked on.
    pub(crate) fn in_flight(&self) -> &Gauge {
        &self.in_flight
    }

    /// The counts of one operation.
    pub(crate) fn operation(&self, labels: OperationLabels) -> OperationMetrics {
        let duration = self.durations.get_or_create_owned(&labels);
        let mut metrics = OperationMetrics {
            ok: Counter::default(),
            duration,
            requests: self.requests.clone(),
            replays: self.replays.get_or_create_owned(&labels),
            auth_failures: self.auth_failures.clone(),
            labels,
        };
        metrics.ok = metrics.requests.get_or_create_owned(&metrics.ended("ok"));
        metrics
    }
}

/// The counts of one operation; looked up once, when the service is wired.
#[derive(Debug)]
pub(crate) struct OperationMetrics {
    labels: OperationLabels,
    ok: Counter,
    duration: Histogram,
    requests: Family<RequestLabels, Counter>,
    replays: Counter,
    auth_failures: Family<RefusalLabels, Counter>,
}

impl OperationMetrics {
    /// Counts a request that ended with `failure`, or well.
    pub(crate) fn count(&self, failure: Option<ProblemKind>, seconds: f64) {
        self.duration.observe(seconds);
        match failure {
            None => self.ok.inc(),
            Some(kind) => self.requests.get_or_create(&self.ended(kind.code())).inc(),
        };
    }

    /// Counts an answer that was given before.
    pub(crate) fn replayed(&self) {
        self.replays.inc();
    }

    /// Counts a request that proved nobody. What the problem says is one of few sentences, unless it was made for this request.
    pub(crate) fn unproved(&self, problem: &Problem) {
        let OperationLabels {
            api,
            operation,
            protocol,
        } = self.labels;
        let reason = match &problem.detail {
            Cow::Borrowed(reason) => reason,
            Cow::Owned(_) => "another reason",
        };
        let labels = RefusalLabels {
            api,
            operation,
            protocol,
            reason,
        };
        self.auth_failures.get_or_create(&labels).inc();
    }

    /// Counts a stream that its caller left before it ended.
    pub(crate) fn count_abandoned(&self, seconds: f64) {
        self.duration.observe(seconds);
        self.requests.get_or_create(&self.ended("cancelled")).inc();
    }

    fn ended(&self, code: &'static str) -> RequestLabels {
        let OperationLabels {
            api,
            operation,
            protocol,
        } = self.labels;
        RequestLabels {
            api,
            operation,
            protocol,
            code,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_counted_by_their_end() {
        let metrics = Metrics::new();
        let labels = OperationLabels {
            api: "Orders",
            operation: "find",
            protocol: "rest",
        };
        let operation = metrics.operation(labels);
        operation.count(None, 0.003);
        operation.count(Some(ProblemKind::NotFound), 0.003);
        operation.replayed();
        operation.unproved(&Problem::unauthenticated("the token has expired"));
        operation.unproved(&Problem::unauthenticated(format!("no {}", 7)));
        let text = metrics.text();
        for line in [
            r#"requests_total{api="Orders",operation="find",protocol="rest",code="ok"} 1"#,
            r#"requests_total{api="Orders",operation="find",protocol="rest",code="not-found"} 1"#,
            r#"requests_replayed_total{api="Orders",operation="find",protocol="rest"} 1"#,
            r#"auth_failures_total{api="Orders",operation="find",protocol="rest",reason="the token has expired"} 1"#,
            r#"auth_failures_total{api="Orders",operation="find",protocol="rest",reason="another reason"} 1"#,
            r#"request_duration_seconds_bucket{le="0.005",api="Orders",operation="find",protocol="rest"} 2"#,
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
    }
}
