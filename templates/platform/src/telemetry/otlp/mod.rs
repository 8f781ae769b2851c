//! OTLP over HTTP: what leaves a service for a collector, beside its requests and never in their way.

pub(super) mod message;
mod numbers;
mod post;

use std::time::{Duration, SystemTime};

use prometheus_client::metrics::counter::Counter;
use prost::Message;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_util::sync::{CancellationToken, DropGuard};

use self::message::{
    KeyValue, Metrics, Resource, ResourceMetrics, ResourceSpans, Scope, ScopeMetrics, ScopeSpans,
    Traces,
};
use self::post::{Post, Sent};
use super::span::nanos;
use super::tracer::Tracer;
use crate::error::Error;
use crate::server::Setup;

/// Spans that wait to be sent; those that find no place here are dropped, and counted. OpenTelemetry's default.
const QUEUE: usize = 2048;

/// Most spans of one message. OpenTelemetry's default.
const BATCH: usize = 512;

/// How long a span waits for others. OpenTelemetry's default.
const DELAY: Duration = Duration::from_secs(5);

/// How long a service that ends takes to send what it still has.
const LAST: Duration = Duration::from_secs(5);

/// Sends what a service tells about itself, once it runs.
#[derive(Debug)]
pub(crate) struct Exporter {
    spans: mpsc::Receiver<message::Span>,
    traces: Post,
    numbers: Post,
    every: Duration,
    metrics: crate::Metrics,
    resource: Resource,
    started: u64,
}

/// An exporter at work; when dropped, it sends what it has and ends.
#[derive(Debug)]
pub(crate) struct Exporting {
    stop: DropGuard,
    task: JoinHandle<()>,
}

impl Exporting {
    /// Sends what there is and ends, within a few seconds.
    pub async fn finish(self) {
        drop(self.stop);
        if timeout(LAST, self.task).await.is_err() {
            tracing::warn!("the collector did not take the last spans and metrics in time");
        }
    }
}

impl Exporter {
    /// What is configured: a tracer, and the exporter of what it records; without a collector neither does anything.
    ///
    /// # Errors
    /// When the collector's address cannot be used.
    pub fn new(setup: &Setup) -> Result<(Tracer, Option<Self>), Error> {
        let config = &setup.config.telemetry;
        let Some(collector) = &config.otlp else {
            return Ok((Tracer::default(), None));
        };
        let post = |path| Post::new(collector, path, &config.headers);
        let (traces, numbers) = (post("v1/traces")?, post("v1/metrics")?);
        let (queue, spans) = mpsc::channel(QUEUE);
        let dropped = Counter::default();
        setup.metrics.register(
            "telemetry_spans_dropped",
            "Spans that were not sent because the collector did not keep up",
            dropped.clone(),
        );
        let exporter = Self {
            spans,
            traces,
            numbers,
            every: Duration::from_secs(config.metrics_interval.max(1)),
            metrics: setup.metrics.clone(),
            resource: resource(setup),
            started: nanos(SystemTime::now()),
        };
        let tracer = Tracer::new(setup.clock, queue, dropped);
        Ok((tracer, Some(exporter)))
    }

    /// Starts to send.
    pub fn start(self) -> Exporting {
        let stop = CancellationToken::new();
        let task = tokio::spawn(self.run(stop.clone()));
        Exporting {
            stop: stop.drop_guard(),
            task,
        }
    }

    async fn run(mut self, stop: CancellationToken) {
        let mut batch = Vec::with_capacity(BATCH);
        let (mut often, mut seldom) = (interval(DELAY), interval(self.every));
        for ticks in [&mut often, &mut seldom] {
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            ticks.tick().await;
        }
        // A batch that was not taken waits for the next tick, and the queue behind it fills up.
        loop {
            let room = BATCH - batch.len();
            tokio::select! {
                () = stop.cancelled() => break,
                _ = seldom.tick() => self.send_metrics().await,
                _ = often.tick() => self.send_spans(&mut batch).await,
                received = self.spans.recv_many(&mut batch, room), if room > 0 => {
                    if received == 0 {
                        break;
                    }
                    if batch.len() == BATCH {
                        self.send_spans(&mut batch).await;
                    }
                }
            }
        }
        self.spans.close();
        loop {
            self.send_spans(&mut batch).await;
            let room = BATCH - batch.len();
            if room == 0 || self.spans.recv_many(&mut batch, room).await == 0 {
                break;
            }
        }
        self.send_metrics().await;
    }

    /// Sends the batch; what may be taken later stays in it.
    async fn send_spans(&mut self, batch: &mut Vec<message::Span>) {
        if batch.is_empty() {
            return;
        }
        let traces = Traces {
            resource_spans: vec![ResourceSpans {
                resource: Some(self.resource.clone()),
                scope_spans: vec![ScopeSpans {
                    scope: Some(scope()),
                    spans: std::mem::take(batch),
                }],
            }],
        };
        if self.traces.send(traces.encode_to_vec()).await == Sent::NotNow {
            let spans = traces.resource_spans.into_iter();
            let spans = spans.flat_map(|spans| spans.scope_spans);
            *batch = spans.flat_map(|spans| spans.spans).collect();
        }
        batch.reserve(BATCH - batch.len());
    }

    async fn send_metrics(&mut self) {
        let now = nanos(SystemTime::now());
        let metrics = Metrics {
            resource_metrics: vec![ResourceMetrics {
                resource: Some(self.resource.clone()),
                scope_metrics: vec![ScopeMetrics {
                    scope: Some(scope()),
                    metrics: numbers::read(&self.metrics.text(), self.started, now),
                }],
            }],
        };
        // Counts go on: what is not taken now is in what is sent next.
        self.numbers.send(metrics.encode_to_vec()).await;
    }
}

/// What recorded it all.
fn scope() -> Scope {
    Scope {
        name: env!("CARGO_PKG_NAME").to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

/// Who tells: the service, and whatever the configuration adds or says otherwise.
fn resource(setup: &Setup) -> Resource {
    // A UUID of version 4.
    let id = fastrand::u128(..) & !(0xf << 76 | 0x3 << 62) | 0x4 << 76 | 0x2 << 62;
    let hex = format!("{id:032x}");
    let parts = [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ];
    let own = [
        ("service.name", setup.policy.service.to_owned()),
        ("service.namespace", setup.policy.system.to_owned()),
        ("service.version", setup.version.to_owned()),
        ("service.instance.id", parts.join("-")),
    ];
    let added = &setup.config.telemetry.resource;
    let own = own
        .into_iter()
        .filter(|(key, _)| !added.contains_key(*key))
        .map(|(key, value)| KeyValue::new(key, value));
    let added = added
        .iter()
        .map(|(key, value)| KeyValue::new(key.as_str(), value.as_str()));
    Resource {
        attributes: own.chain(added).collect(),
    }
}
