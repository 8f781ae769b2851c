//! Where a service's spans begin and where they go.

use std::sync::Arc;

use http::HeaderValue;
use prometheus_client::metrics::counter::Counter;
use tokio::sync::mpsc;

use super::otlp::message;
use super::span::{Span, SpanKind};
use crate::clock::Clock;
use crate::context::Trace;

/// Records the spans of one service, or, as by default, none. Cloning is cheap.
#[derive(Clone, Debug, Default)]
pub struct Tracer(Option<Arc<Inner>>);

#[derive(Debug)]
struct Inner {
    clock: Clock,
    queue: mpsc::Sender<message::Span>,
    dropped: Counter,
}

impl Tracer {
    /// Records into `queue`; what finds no place there is counted in `dropped`.
    pub(super) fn new(clock: Clock, queue: mpsc::Sender<message::Span>, dropped: Counter) -> Self {
        Self(Some(Arc::new(Inner {
            clock,
            queue,
            dropped,
        })))
    }

    /// Whether what belongs to this trace is recorded.
    pub(crate) fn records(&self, trace: &Trace) -> bool {
        self.0.is_some() && trace.sampled
    }

    /// Begins the span at this place of a trace, if it is to be recorded.
    pub(crate) fn begin(&self, kind: SpanKind, trace: &Trace, state: Option<&HeaderValue>) -> Span {
        match &self.0 {
            Some(inner) if trace.sampled => {
                Span::open(self.clone(), inner.clock, kind, trace, state)
            }
            _ => Span::default(),
        }
    }

    /// Hands a span over that has ended. A request never waits for that.
    pub(super) fn record(&self, span: message::Span) {
        if let Some(inner) = &self.0
            && inner.queue.try_send(span).is_err()
        {
            inner.dropped.inc();
        }
    }
}
