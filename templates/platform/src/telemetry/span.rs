//! A piece of work in a trace.

use std::time::{SystemTime, UNIX_EPOCH};

use http::HeaderValue;

use super::otlp::message::{self, KeyValue, Status};
use super::tracer::Tracer;
use crate::clock::Clock;
use crate::context::Trace;

/// `STATUS_CODE_ERROR` of OTLP.
const ERROR: i32 = 2;

/// Which side of a call the work is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum SpanKind {
    Server = 2,
    Client = 3,
}

/// A piece of work that is recorded when this is dropped, or that nobody records: then nothing of it costs anything.
#[derive(Debug, Default)]
pub(crate) struct Span(Option<Box<Open>>);

#[derive(Debug)]
struct Open {
    tracer: Tracer,
    clock: Clock,
    record: message::Span,
}

impl Span {
    pub(super) fn open(
        tracer: Tracer,
        clock: Clock,
        kind: SpanKind,
        trace: &Trace,
        state: Option<&HeaderValue>,
    ) -> Self {
        let parent = (trace.parent != 0).then(|| trace.parent.to_be_bytes().to_vec());
        let state = state.and_then(|state| state.to_str().ok());
        let record = message::Span {
            trace_id: trace.trace_id.to_be_bytes().to_vec(),
            span_id: trace.span.to_be_bytes().to_vec(),
            trace_state: state.unwrap_or_default().to_owned(),
            parent_span_id: parent.unwrap_or_default(),
            flags: u32::from(trace.sampled),
            kind: kind as i32,
            start_time_unix_nano: nanos(clock.wall()),
            ..message::Span::default()
        };
        Self(Some(Box::new(Open {
            tracer,
            clock,
            record,
        })))
    }

    /// Whether somebody records it.
    pub fn is_recorded(&self) -> bool {
        self.0.is_some()
    }

    /// Names it, and says what is known of it; `told` is not asked when nobody records.
    pub fn tell(&mut self, told: impl FnOnce() -> (String, Vec<KeyValue>)) {
        if let Some(open) = &mut self.0 {
            let (name, attributes) = told();
            open.record.name = name;
            open.record.attributes.extend(attributes);
        }
    }

    /// Adds what came to be known of it.
    pub fn add(&mut self, key: &str, value: impl Into<message::Value>) {
        if let Some(open) = &mut self.0 {
            open.record.attributes.push(KeyValue::new(key, value));
        }
    }

    /// It failed for this reason, one of few.
    pub fn failed(&mut self, reason: &str) {
        self.add("error.type", reason);
        if let Some(open) = &mut self.0 {
            open.record.status = Some(Status { code: ERROR });
        }
    }
}

impl Drop for Span {
    fn drop(&mut self) {
        if let Some(mut open) = self.0.take() {
            open.record.end_time_unix_nano = nanos(open.clock.wall());
            open.tracer.record(open.record);
        }
    }
}

/// Nanoseconds since 1970, as OTLP counts time.
pub(super) fn nanos(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

/// What OpenTelemetry's conventions say of a call of `/package.Service/Method`.
pub(crate) fn rpc(path: &str) -> [KeyValue; 3] {
    let (service, method) = path
        .trim_start_matches('/')
        .split_once('/')
        .unwrap_or((path, ""));
    [
        KeyValue::new("rpc.system", "grpc"),
        KeyValue::new("rpc.service", service),
        KeyValue::new("rpc.method", method),
    ]
}
