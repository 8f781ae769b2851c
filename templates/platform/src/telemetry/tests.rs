//! A service that calls another, and what a collector is told of it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, Method, StatusCode, Uri};
use prost::Message;
use tokio::net::TcpListener;

use super::otlp::message::{Metrics, Span, Traces, Value};
use crate::client::Edge;
use crate::config::{Listen, TargetConfig, TelemetryConfig};
use crate::policy::{
    ApiPolicy, Backoff, CallPolicy, EdgePolicy, Identity, Jitter, Kind, OperationPolicy, Protocol,
    Retry, Safety, ServicePolicy, Tls,
};
use crate::server::{Host, Running, Setup, Sockets, Wire, rest};
use crate::{Bind, Context, Problem, Scope, ServiceConfig};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLER: &str = "00f067aa0ba902b7";

/// Serves `router` on a port of its own.
async fn serve(router: Router) -> String {
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(socket, router).await });
    address.to_string()
}

/// Everything that was posted to a collector, by path; its answers are all of `status`.
type Posted = Arc<Mutex<Vec<(String, HeaderMap, Bytes)>>>;

async fn collector(status: StatusCode) -> (String, Posted) {
    let posted = Posted::default();
    let keep =
        async move |State(posted): State<Posted>, uri: Uri, headers: HeaderMap, body: Bytes| {
            posted
                .lock()
                .unwrap()
                .push((uri.path().to_owned(), headers, body));
            status
        };
    let router = Router::new().fallback(keep).with_state(posted.clone());
    (format!("http://{}/", serve(router).await), posted)
}

/// The service behind: it fails the first request, and keeps the headers of all.
async fn back() -> (String, Arc<Mutex<Vec<HeaderMap>>>) {
    let seen = Arc::<Mutex<Vec<HeaderMap>>>::default();
    let keep = seen.clone();
    let router = Router::new().fallback(move |request: Request| {
        let number = {
            let mut seen = keep.lock().unwrap();
            seen.push(request.headers().clone());
            seen.len()
        };
        async move {
            match number {
                1 => Problem::unavailable("not yet").into_response(),
                _ => "\"done\"".into_response(),
            }
        }
    });
    (serve(router).await, seen)
}

struct Clients(crate::client::Bound);

impl Bind<Edge> for Clients {
    fn bind(edge: &Edge, scope: &Arc<Scope>) -> Self {
        Self(edge.bind(scope))
    }
}

fn policy() -> ServicePolicy {
    let operation = OperationPolicy {
        operation: "ask",
        kind: Kind::Query,
        auth: vec![],
        allow: vec![],
        when: None,
        audited: false,
        rate_limit: None,
        timeout: None,
        max_body: None,
        idempotent: None,
        cache: None,
    };
    let retry = Retry {
        attempts: 2,
        backoff: Backoff::Fixed {
            delay: Duration::from_millis(1),
        },
        jitter: Jitter::None,
        budget: None,
    };
    let call = CallPolicy {
        retry: Some(retry),
        ..CallPolicy::new("tell", Safety::Safe)
    };
    ServicePolicy {
        system: "test",
        service: "front",
        apis: vec![ApiPolicy {
            api: "Front",
            protocol: Protocol::Rest,
            tls: vec![Tls::Off],
            peers: vec![],
            operations: vec![operation],
            cors: vec![],
        }],
        edges: vec![EdgePolicy {
            edge: "front -> back.Back",
            callee: "back",
            api: "Back",
            protocol: Protocol::Rest,
            tls: Tls::Off,
            auth: None,
            identity: Identity::None,
            operations: vec![call],
        }],
        ..ServicePolicy::default()
    }
}

/// The service in front, and its address.
async fn front(back: String, telemetry: TelemetryConfig) -> (Running, String) {
    let target = TargetConfig {
        off: vec![back],
        ..TargetConfig::default()
    };
    let config = ServiceConfig {
        listen: Listen::default(),
        targets: [("back".to_owned(), target)].into(),
        telemetry,
        ..ServiceConfig::default()
    };
    let host = Host::new(Setup::new(policy(), config).version("1.2.3")).unwrap();
    let edge = host.edge("back", "Back", Protocol::Rest).unwrap();
    let wire = Wire::new(&host, (), edge);
    let routes = rest::Api::new(&wire, "Front")
        .unwrap()
        .operation(
            rest::get("ask", "/ask/{secret}"),
            |_: Arc<()>, context: Context<Clients>, asked: Asked| async move {
                let Clients(back) = &context.clients;
                let told: String = back
                    .rest("tell", Method::GET, "/tell/{secret}", &asked)
                    .await?;
                Ok(told)
            },
        )
        .unwrap()
        .finish();
    let sockets = Sockets {
        off: Some(TcpListener::bind("127.0.0.1:0").await.unwrap()),
        ..Sockets::default()
    };
    let address = sockets.addresses().off.unwrap();
    let running = host.service().with(routes).start(sockets).unwrap();
    (running, address.to_string())
}

#[derive(serde::Serialize, serde::Deserialize)]
struct Asked {
    secret: String,
}

impl crate::Validate for Asked {
    fn validate(&self, _: &mut crate::Fields) {}
}

async fn ask(front: &str, flags: &str) -> Response {
    crate::tls::provider();
    let client = reqwest::Client::builder()
        .tls_certs_only([])
        .build()
        .unwrap();
    let asked = client
        .get(format!("http://{front}/ask/s3cret?also=s3cret"))
        .header("traceparent", format!("00-{TRACE}-{CALLER}-{flags}"))
        .header("tracestate", "other=1");
    let answer = asked.send().await.unwrap();
    (answer.status(), answer.text().await.unwrap()).into_response()
}

fn told(collector: String) -> TelemetryConfig {
    TelemetryConfig {
        otlp: Some(collector),
        resource: [("deployment.environment.name".into(), "test".into())].into(),
        ..TelemetryConfig::default()
    }
}

/// All spans that were posted, and what their resources say.
fn spans(posted: &Posted) -> (Vec<Span>, Vec<String>) {
    let posted = posted.lock().unwrap();
    let traces = posted.iter().filter(|(path, ..)| path == "/v1/traces");
    let traces = traces.map(|(.., body)| Traces::decode(body.clone()).unwrap());
    let (mut spans, mut resources) = (Vec::new(), Vec::new());
    for of_one in traces.flat_map(|traces| traces.resource_spans) {
        let resource = of_one.resource.unwrap().attributes;
        resources.extend(resource.iter().map(attribute));
        spans.extend(of_one.scope_spans.into_iter().flat_map(|scope| scope.spans));
    }
    (spans, resources)
}

fn attribute(pair: &super::KeyValue) -> String {
    let value = match pair.value.as_ref().and_then(|value| value.value.as_ref()) {
        Some(Value::Text(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        None => String::new(),
    };
    format!("{}={value}", pair.key)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn a_request_and_each_attempt_made_for_it_are_spans_of_one_trace() {
    let (collector, posted) = collector(StatusCode::OK).await;
    let (back, seen) = back().await;
    let (running, front) = front(back, told(collector)).await;
    assert_eq!(ask(&front, "01").await.status(), 200);
    running.stop().await;

    let (spans, resource) = spans(&posted);
    assert_eq!(spans.len(), 3, "{spans:#?}");
    assert!(spans.iter().all(|span| hex(&span.trace_id) == TRACE));
    assert!(spans.iter().all(|span| span.trace_state == "other=1"));
    assert!(
        spans
            .iter()
            .all(|span| span.end_time_unix_nano >= span.start_time_unix_nano)
    );
    let [failed, worked, request] = &spans[..] else {
        unreachable!()
    };
    assert_eq!(
        (request.kind, hex(&request.parent_span_id).as_str()),
        (2, CALLER)
    );
    assert_eq!(request.name, "GET /ask/{secret}");
    for (number, attempt) in [(0, failed), (1, worked)] {
        assert_eq!(
            (attempt.kind, attempt.name.as_str()),
            (3, "GET /tell/{secret}")
        );
        assert_eq!(attempt.parent_span_id, request.span_id);
        let seen = seen.lock().unwrap();
        let expected = format!("00-{TRACE}-{}-01", hex(&attempt.span_id));
        assert_eq!(seen[number]["traceparent"], expected);
        assert_eq!(seen[number]["tracestate"], "other=1");
    }
    let says = |span: &Span, what: &str| {
        let all: Vec<_> = span.attributes.iter().map(attribute).collect();
        assert!(all.iter().any(|one| one == what), "{what} {all:#?}");
    };
    for what in [
        "http.response.status_code=503",
        "error.type=unavailable",
        "edge.attempt=1",
        "server.address=127.0.0.1",
        "edge.name=front -> back.Back",
    ] {
        says(failed, what);
    }
    for what in [
        "http.response.status_code=200",
        "edge.attempt=2",
        "http.request.resend_count=1",
    ] {
        says(worked, what);
    }
    for what in [
        "http.response.status_code=200",
        "http.route=/ask/{secret}",
        "http.request.method=GET",
        "api.name=Front",
        "api.operation=ask",
    ] {
        says(request, what);
    }
    assert_eq!(failed.status.as_ref().map(|status| status.code), Some(2));
    assert_eq!((&worked.status, &request.status), (&None, &None));
    for what in [
        "service.name=front",
        "service.namespace=test",
        "service.version=1.2.3",
        "deployment.environment.name=test",
    ] {
        assert!(
            resource.iter().any(|one| one == what),
            "{what} {resource:#?}"
        );
    }
    // What requests say is nobody's business.
    for (path, _, body) in posted.lock().unwrap().iter() {
        assert!(!body.windows(6).any(|window| window == b"s3cret"), "{path}");
    }
}

#[tokio::test]
async fn what_callers_do_not_record_is_not_recorded() {
    let (collector, posted) = collector(StatusCode::OK).await;
    let (back, seen) = back().await;
    let (running, front) = front(back, told(collector)).await;
    assert_eq!(ask(&front, "00").await.status(), 200);
    running.stop().await;
    assert_eq!(spans(&posted).0, []);
    let seen = seen.lock().unwrap();
    let traceparent = seen[0]["traceparent"].to_str().unwrap();
    assert!(traceparent.starts_with(&format!("00-{TRACE}-")) && traceparent.ends_with("-00"));
    assert_eq!(
        seen[0]["traceparent"], seen[1]["traceparent"],
        "no span is made up for an attempt"
    );
    let posted = posted.lock().unwrap();
    let metrics = posted
        .iter()
        .find(|(path, ..)| path == "/v1/metrics")
        .unwrap();
    let metrics = Metrics::decode(metrics.2.clone()).unwrap();
    let metrics = &metrics.resource_metrics[0].scope_metrics[0].metrics;
    for name in [
        "requests",
        "request_duration_seconds",
        "edge_attempts",
        "telemetry_spans_dropped",
    ] {
        assert!(
            metrics.iter().any(|metric| metric.name == name),
            "{name} {metrics:#?}"
        );
    }
}

#[tokio::test]
async fn without_a_collector_nothing_is_set_up() {
    let setup = Setup::new(policy(), ServiceConfig::default());
    let (tracer, exporter) = super::Exporter::new(&setup).unwrap();
    let trace = crate::Trace::start();
    assert!(trace.sampled && !tracer.records(&trace) && exporter.is_none());
    let span = tracer.begin(super::SpanKind::Server, &trace, None);
    assert!(!span.is_recorded());
    assert!(!setup.metrics.text().contains("telemetry_"));
}

#[tokio::test(start_paused = true)]
async fn spans_wait_for_a_collector_that_is_away_and_no_request_does() {
    let (collector, posted) = collector(StatusCode::SERVICE_UNAVAILABLE).await;
    let setup = Setup::new(
        policy(),
        ServiceConfig {
            telemetry: told(collector),
            ..ServiceConfig::default()
        },
    );
    let (tracer, exporter) = super::Exporter::new(&setup).unwrap();
    let trace = crate::Trace::start();
    // Nobody sends yet: the queue holds what it can, and what is more is counted.
    for _ in 0..2050 {
        drop(tracer.begin(super::SpanKind::Server, &trace, None));
    }
    assert!(
        setup
            .metrics
            .text()
            .contains("telemetry_spans_dropped_total 2\n")
    );
    let exporting = exporter.unwrap().start();
    tokio::time::sleep(Duration::from_secs(16)).await;
    exporting.finish().await;
    let sizes = |posted: &Posted| {
        let posted = posted.lock().unwrap();
        let traces = posted.iter().filter(|(path, ..)| path == "/v1/traces");
        let sizes = traces.map(|(.., body)| {
            Traces::decode(body.clone()).unwrap().resource_spans[0].scope_spans[0]
                .spans
                .len()
        });
        sizes.collect::<Vec<_>>()
    };
    let sizes = sizes(&posted);
    assert!(sizes.len() >= 3, "it is tried again: {sizes:?}");
    assert!(sizes.iter().all(|size| *size == 512), "{sizes:?}");
}
