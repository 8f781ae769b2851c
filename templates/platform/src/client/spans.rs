//! The spans of a call: one for each attempt, and one for each that this side's own policy refused.
//!
//! Names and attributes are those of OpenTelemetry's conventions for HTTP and gRPC; what a request says never is among them.

use std::sync::Arc;

use http::{Method, StatusCode, Uri};
use tonic::Code;

use crate::clock::Instant;
use crate::context::{Scope, Trace};
use crate::problem::Problem;
use crate::resilience::{Attempt, Failure, Verdict};
use crate::telemetry::{self, KeyValue, Span, SpanKind};

/// How a call is made.
#[derive(Clone, Debug)]
pub(super) enum Wire {
    /// With this method, at this path, in which `{name}` stands for a field.
    Http(Method, &'static str),
    /// At `/package.Service/Method`.
    Grpc(&'static str),
}

/// One call, as its spans tell it.
#[derive(Debug)]
pub(super) struct Call {
    pub scope: Arc<Scope>,
    pub edge: &'static str,
    pub operation: &'static str,
    pub wire: Wire,
}

impl Call {
    /// An attempt begins, to the instance at `origin`.
    pub fn attempt(&self, origin: &Uri, attempt: Attempt) -> AttemptSpan {
        let (mut span, trace) = self.begin();
        span.tell(|| self.described(Some((origin, attempt.number))));
        AttemptSpan {
            span,
            trace,
            deadline: attempt.deadline,
        }
    }

    /// The call is over; if it was this side's own policy that let no attempt through, nobody has told so yet.
    pub fn failed(&self, failure: Failure) -> Problem {
        if failure.verdict == Verdict::Refused {
            let (mut span, _) = self.begin();
            span.tell(|| self.described(None));
            span.failed(failure.problem.kind.code());
        }
        failure.problem
    }

    fn begin(&self) -> (Span, Trace) {
        let Scope {
            tracer,
            trace,
            tracestate,
            ..
        } = &*self.scope;
        if !tracer.records(trace) {
            return (Span::default(), *trace);
        }
        let trace = trace.child();
        let span = tracer.begin(SpanKind::Client, &trace, tracestate.as_ref());
        (span, trace)
    }

    /// Name and attributes; those of an attempt tell where it goes, and which it is.
    fn described(&self, attempt: Option<(&Uri, u32)>) -> (String, Vec<KeyValue>) {
        let mut attributes = vec![
            KeyValue::new("edge.name", self.edge),
            KeyValue::new("edge.operation", self.operation),
        ];
        if let Some((origin, number)) = attempt {
            attributes.push(KeyValue::new("edge.attempt", i64::from(number)));
            let host = origin.host().unwrap_or_default().trim_matches(['[', ']']);
            let standard = if origin.scheme_str() == Some("https") {
                443
            } else {
                80
            };
            let port = origin.port_u16().unwrap_or(standard);
            attributes.push(KeyValue::new("server.address", host));
            attributes.push(KeyValue::new("server.port", i64::from(port)));
        }
        match &self.wire {
            Wire::Http(method, template) => {
                attributes.push(KeyValue::new("http.request.method", method.as_str()));
                attributes.push(KeyValue::new("url.template", *template));
                if let Some((_, number @ 2..)) = attempt {
                    attributes.push(KeyValue::new(
                        "http.request.resend_count",
                        i64::from(number - 1),
                    ));
                }
                (format!("{method} {template}"), attributes)
            }
            Wire::Grpc(path) => {
                attributes.extend(telemetry::rpc(path));
                (path.trim_start_matches('/').to_owned(), attributes)
            }
        }
    }
}

/// The span of an attempt under way. Dropped before the attempt has ended, it tells that nobody waited any longer.
pub(super) struct AttemptSpan {
    span: Span,
    trace: Trace,
    deadline: Option<Instant>,
}

impl AttemptSpan {
    /// The place in the trace that the callee goes on from.
    pub fn trace(&self) -> &Trace {
        &self.trace
    }

    /// The callee answered with this status.
    pub fn answered(&mut self, status: StatusCode) {
        self.span
            .add("http.response.status_code", i64::from(status.as_u16()));
    }

    /// The callee answered with this status.
    pub fn answered_grpc(&mut self, code: Code) {
        self.span
            .add("rpc.grpc.status_code", i64::from(code as i32));
    }

    /// The attempt has ended so.
    pub fn ended<T>(mut self, result: Result<T, Failure>) -> Result<T, Failure> {
        // Taken out: all is told of it.
        let mut span = std::mem::take(&mut self.span);
        if let Err(failure) = &result {
            span.failed(failure.problem.kind.code());
        }
        result
    }
}

impl Drop for AttemptSpan {
    fn drop(&mut self) {
        if self.span.is_recorded() {
            let late = self
                .deadline
                .is_some_and(|deadline| deadline <= Instant::now());
            self.span.failed(if late { "timeout" } else { "cancelled" });
        }
    }
}
