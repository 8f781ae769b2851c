//! The spans of the requests for one operation.
//!
//! Names and attributes are those of OpenTelemetry's conventions for HTTP and gRPC. What a request says is not among them: its
//! path neither, for the fields in it may be sensitive, but the route.

use http::HeaderMap;
use tonic::Code;

use super::gate::Gate;
use crate::client::TRACESTATE;
use crate::context::Trace;
use crate::problem::Problem;
use crate::telemetry::{self, KeyValue, Span, SpanKind};

/// What the spans of one operation have in common.
#[derive(Debug)]
pub(super) struct Spans {
    name: String,
    attributes: Vec<KeyValue>,
}

/// The span of a request under way. Dropped before the answer is there, it tells that nobody waited any longer.
pub(super) struct RequestSpan(Span);

impl Spans {
    /// Those of an operation at `route`.
    pub fn http(gate: &Gate, method: &str, route: &str) -> Self {
        let mut attributes = of(gate);
        attributes.push(KeyValue::new("http.request.method", method));
        attributes.push(KeyValue::new("http.route", route));
        if !route.contains('{') {
            attributes.push(KeyValue::new("url.path", route));
        }
        Self {
            name: format!("{method} {route}"),
            attributes,
        }
    }

    /// Those of an operation at `/package.Service/Method`.
    pub fn grpc(gate: &Gate, path: &str) -> Self {
        let mut attributes = of(gate);
        attributes.extend(telemetry::rpc(path));
        Self {
            name: path.trim_start_matches('/').to_owned(),
            attributes,
        }
    }

    /// A request has arrived.
    pub fn begin(&self, gate: &Gate, trace: &Trace, headers: &HeaderMap) -> RequestSpan {
        let state = headers.get(TRACESTATE);
        let mut span = gate.host.tracer().begin(SpanKind::Server, trace, state);
        span.tell(|| (self.name.clone(), self.attributes.clone()));
        RequestSpan(span)
    }
}

fn of(gate: &Gate) -> Vec<KeyValue> {
    let (api, operation) = gate.name();
    vec![
        KeyValue::new("api.name", api),
        KeyValue::new("api.operation", operation),
    ]
}

impl RequestSpan {
    /// It is answered so.
    pub fn answered(mut self, status: u16, problem: Option<&Problem>) {
        let mut span = std::mem::take(&mut self.0);
        span.add("http.response.status_code", i64::from(status));
        match problem {
            Some(problem) if status >= 500 => span.failed(problem.kind.code()),
            Some(problem) => span.add("error.type", problem.kind.code()),
            None => {}
        }
    }

    /// It is answered so.
    pub fn answered_grpc(mut self, problem: Option<&Problem>) {
        let mut span = std::mem::take(&mut self.0);
        let code = problem.map_or(Code::Ok, |problem| problem.kind.grpc());
        span.add("rpc.grpc.status_code", i64::from(code as i32));
        match problem {
            // The codes that the conventions call errors of the server.
            Some(problem)
                if matches!(
                    code,
                    Code::Unknown
                        | Code::DeadlineExceeded
                        | Code::Unimplemented
                        | Code::Internal
                        | Code::Unavailable
                        | Code::DataLoss
                ) =>
            {
                span.failed(problem.kind.code());
            }
            Some(problem) => span.add("error.type", problem.kind.code()),
            None => {}
        }
    }
}

impl Drop for RequestSpan {
    fn drop(&mut self) {
        if self.0.is_recorded() {
            self.0.failed("cancelled");
        }
    }
}
