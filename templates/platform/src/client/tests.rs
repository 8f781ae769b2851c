//! Edges against a small server on a loopback socket, which answers as each test says.

use std::sync::Mutex;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use http_body::Frame;
use http_body_util::StreamBody;
use tokio::net::{TcpListener, TcpSocket};

use super::*;
use crate::context::{Trace, User};
use crate::policy::{Backoff, CallPolicy, Jitter, Retry};

/// The headers of all requests that came in.
type Seen = Arc<Mutex<Vec<HeaderMap>>>;

/// Answers request number n (from 0) as `answer(n)` says.
async fn callee(answer: impl Fn(usize) -> Response + Clone + Send + Sync + 'static) -> (Uri, Seen) {
    let seen = Seen::default();
    let record = Arc::clone(&seen);
    let router = Router::new().fallback(move |request: Request| {
        let number = {
            let mut seen = record.lock().expect("no test panics with it");
            seen.push(request.headers().clone());
            seen.len() - 1
        };
        let answer = answer.clone();
        async move { answer(number) }
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("is bound");
    tokio::spawn(async move { axum::serve(listener, router).await });
    (uri(address), seen)
}

fn uri(address: std::net::SocketAddr) -> Uri {
    format!("http://{address}").parse().expect("is a URI")
}

/// An address at which nothing listens, and which is given to nobody else while the socket is there.
fn nobody() -> (Uri, TcpSocket) {
    let taken = TcpSocket::new_v4().expect("a socket");
    taken.bind(([127, 0, 0, 1], 0).into()).expect("a free port");
    (uri(taken.local_addr().expect("is bound")), taken)
}

fn edge(protocol: Protocol, safety: Safety, addresses: Vec<Uri>) -> Edge {
    let policy = EdgePolicy {
        edge: "front -> orders.Orders",
        callee: "orders",
        api: "Orders",
        protocol,
        tls: Tls::Off,
        auth: None,
        identity: Identity::Forward,
        operations: vec![CallPolicy {
            timeout: Some(Duration::from_secs(5)),
            retry: Some(Retry {
                attempts: 3,
                backoff: Backoff::Fixed {
                    delay: Duration::from_millis(1),
                },
                jitter: Jitter::None,
                budget: None,
            }),
            ..CallPolicy::new("place", safety)
        }],
    };
    let target = Target {
        addresses,
        tls: None,
        credential: Arc::default(),
        exchange: None,
    };
    Edge::new(&policy, &target, Clock::system(), &EdgeMetrics::default()).expect("is set up")
}

fn scope() -> Arc<Scope> {
    let user = User {
        subject: "ann".into(),
        roles: Vec::new(),
        claims: serde_json::Map::new(),
        token: "secret".into(),
    };
    Arc::new(Scope {
        user: Some(Arc::new(user)),
        trace: Trace::start(),
        ..Scope::default()
    })
}

async fn place(edge: &Edge) -> Result<String, Problem> {
    edge.bind(&scope())
        .rest("place", Method::POST, "/place", &"tea")
        .await
}

/// The same over gRPC, whose messages are plain strings here (google.protobuf.StringValue).
async fn place_grpc(edge: &Edge) -> Result<String, Problem> {
    let bound = edge.bind(&scope());
    bound
        .grpc::<String, String, _, _>("place", "/shop.orders.Orders/Place", "tea".to_owned())
        .await
}

/// A gRPC answer that holds a `StringValue`.
fn grpc_answer(value: &str) -> Response {
    let length = u8::try_from(value.len()).expect("is short");
    let mut frame = vec![0, 0, 0, 0, length + 2, 10, length];
    frame.extend_from_slice(value.as_bytes());
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", HeaderValue::from_static("0"));
    let frames = [
        Ok::<_, std::convert::Infallible>(Frame::data(Bytes::from(frame))),
        Ok(Frame::trailers(trailers)),
    ];
    let body = Body::new(StreamBody::new(futures_util::stream::iter(frames)));
    ([("content-type", "application/grpc")], body).into_response()
}

fn grpc_problem(problem: Problem) -> Response {
    tonic::Status::from(problem).into_http::<Body>()
}

#[tokio::test]
async fn what_belongs_to_the_request_travels_and_is_the_same_in_all_attempts() {
    for protocol in [Protocol::Rest, Protocol::Grpc] {
        let (address, seen) = callee(move |number| match (number, protocol) {
            (0, Protocol::Rest) => Problem::unavailable("not yet").into_response(),
            (0, Protocol::Grpc) => grpc_problem(Problem::unavailable("not yet")),
            (_, Protocol::Rest) => "\"done\"".into_response(),
            (_, Protocol::Grpc) => grpc_answer("done"),
        })
        .await;
        let edge = edge(protocol, Safety::IdempotentByKey, vec![address]);
        let (answer, left) = match protocol {
            Protocol::Rest => (place(&edge).await, "x-request-timeout-ms"),
            Protocol::Grpc => (place_grpc(&edge).await, "grpc-timeout"),
        };
        assert_eq!(answer, Ok("done".to_owned()));
        let seen = seen.lock().expect("no test panics with it");
        assert_eq!(seen.len(), 2);
        for name in ["traceparent", "authorization", "idempotency-key"] {
            assert!(seen[0].contains_key(name), "{name}");
            assert_eq!(seen[0][name], seen[1][name]);
        }
        assert_eq!(seen[0]["authorization"], "Bearer secret");
        assert!(seen[0].contains_key(left), "{left}");
    }
}

#[tokio::test]
async fn a_sample_is_told_of_further_on() {
    for protocol in [Protocol::Rest, Protocol::Grpc] {
        for sample in [false, true] {
            let (address, _) = callee(move |_| {
                let mut answer = match protocol {
                    Protocol::Rest => "\"tea\"".into_response(),
                    Protocol::Grpc => grpc_answer("tea"),
                };
                if sample {
                    let mark = HeaderValue::from_static("true");
                    answer.headers_mut().insert("x-sample", mark);
                }
                answer
            })
            .await;
            let (scope, edge) = (scope(), edge(protocol, Safety::Safe, vec![address]));
            let bound = edge.bind(&scope);
            let answer: Result<String, _> = match protocol {
                Protocol::Rest => bound.rest("place", Method::POST, "/place", &"tea").await,
                Protocol::Grpc => {
                    let path = "/shop.orders.Orders/Place";
                    bound
                        .grpc::<String, String, _, _>("place", path, "tea".to_owned())
                        .await
                }
            };
            assert_eq!(answer, Ok("tea".to_owned()));
            assert_eq!(scope.sampled.is_made(), sample, "{protocol:?}");
        }
    }
}

#[tokio::test]
async fn problems_survive_both_protocols() {
    let sold = || Problem::conflict("größer").with_code("sold-out");
    let (address, _) = callee(move |_| sold().into_response()).await;
    let over_rest = place(&edge(Protocol::Rest, Safety::Safe, vec![address])).await;
    let (address, _) = callee(move |_| grpc_problem(sold())).await;
    let over_grpc = place_grpc(&edge(Protocol::Grpc, Safety::Safe, vec![address])).await;
    assert_eq!(over_rest, Err(sold()));
    assert_eq!(over_grpc, Err(sold()));
}

#[tokio::test]
async fn a_callees_bug_and_its_refusal_of_us_are_a_bad_gateway_and_not_repeated() {
    for problem in [Problem::internal("bug"), Problem::unauthenticated("who?")] {
        let (address, seen) = callee(move |_| problem.clone().into_response()).await;
        let answer = place(&edge(Protocol::Rest, Safety::Safe, vec![address])).await;
        assert_eq!(answer.expect_err("fails").code, "bad-gateway");
        assert_eq!(seen.lock().expect("no test panics with it").len(), 1);
    }
}

#[tokio::test]
async fn an_instance_that_is_gone_costs_nothing_but_the_try() {
    let ((first, _first), (last, _last)) = (nobody(), nobody());
    let (rest, _) = callee(|_| "\"done\"".into_response()).await;
    let around = |there| vec![first.clone(), there, last.clone()];
    let rest = edge(Protocol::Rest, Safety::Unsafe, around(rest));
    let (grpc, _) = callee(|_| grpc_answer("done")).await;
    let grpc = edge(Protocol::Grpc, Safety::Unsafe, around(grpc));
    for _ in 0..6 {
        assert_eq!(place(&rest).await, Ok("done".to_owned()));
        assert_eq!(place_grpc(&grpc).await, Ok("done".to_owned()));
    }
}

#[tokio::test]
async fn nobody_there_is_unavailable() {
    let (nobody, _taken) = nobody();
    let rest = edge(Protocol::Rest, Safety::Unsafe, vec![nobody.clone()]);
    assert_eq!(place(&rest).await.expect_err("fails").code, "unavailable");
    let grpc = edge(Protocol::Grpc, Safety::Unsafe, vec![nobody]);
    assert_eq!(
        place_grpc(&grpc).await.expect_err("fails").code,
        "unavailable"
    );
}

#[tokio::test]
async fn an_answer_that_is_not_understood_is_a_bad_gateway() {
    let (address, _) = callee(|_| "<html>".into_response()).await;
    let rest = edge(Protocol::Rest, Safety::Safe, vec![address.clone()]);
    assert_eq!(place(&rest).await.expect_err("fails").code, "bad-gateway");
    let grpc = edge(Protocol::Grpc, Safety::Safe, vec![address]);
    assert_eq!(
        place_grpc(&grpc).await.expect_err("fails").code,
        "bad-gateway"
    );
}

#[test]
fn an_address_must_fit_the_edges_protection() {
    let policy = EdgePolicy {
        edge: "a -> b.B : rest",
        callee: "b",
        api: "B",
        protocol: Protocol::Rest,
        tls: Tls::Mutual,
        auth: None,
        identity: Identity::None,
        operations: Vec::new(),
    };
    for address in ["http://b:80", "https://b:443", "b:443"] {
        let target = Target {
            addresses: vec![address.parse().expect("is a URI")],
            tls: None,
            credential: Arc::default(),
            exchange: None,
        };
        let error = Edge::new(&policy, &target, Clock::system(), &EdgeMetrics::default());
        assert!(error.is_err(), "{address}");
    }
}
