//! Streams, from the typed client of an edge to the handler and back.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt, stream};
use platform::client::{Bound, Edge, Target};
use platform::policy::{
    Backoff, Breaker, CallPolicy, EdgePolicy, Identity, Jitter, Protocol, Retry, Safety, Tls,
};
use platform::resilience::{BreakerState, EdgeMetrics};
use platform::{Clock, Problem, ProblemKind, Scope, Streaming};
use tokio::time::{Instant, sleep, timeout};

use super::support::*;

fn call(operation: &'static str, safety: Safety) -> CallPolicy {
    CallPolicy {
        timeout: Some(Duration::from_secs(2)),
        retry: Some(Retry {
            attempts: 3,
            backoff: Backoff::Fixed {
                delay: Duration::from_millis(1),
            },
            jitter: Jitter::None,
            budget: None,
        }),
        ..CallPolicy::new(operation, safety)
    }
}

fn edge_with(server: &Server, change: impl Fn(&mut CallPolicy)) -> Edge {
    let mut policy = EdgePolicy {
        edge: "front -> shop.Shop : grpc",
        callee: "shop",
        api: "Shop",
        protocol: Protocol::Grpc,
        tls: Tls::Off,
        auth: None,
        identity: Identity::None,
        operations: vec![
            call("watch", Safety::Safe),
            call("upload", Safety::Unsafe),
            call("talk", Safety::Unsafe),
        ],
    };
    policy.operations.iter_mut().for_each(change);
    let target = Target {
        addresses: vec![server.url("").parse().unwrap()],
        tls: None,
        credential: Arc::default(),
        exchange: None,
    };
    Edge::new(&policy, &target, Clock::system(), &EdgeMetrics::default()).unwrap()
}

fn edge(server: &Server) -> Edge {
    edge_with(server, |_| {})
}

fn bound(edge: &Edge) -> Bound {
    edge.bind(&Arc::new(Scope::default()))
}

fn order(id: &str, quantity: i32) -> Order {
    let id = id.to_owned();
    Order { id, quantity }
}

async fn watch(edge: &Edge, id: &str, quantity: i32) -> Result<Streaming<Order>, Problem> {
    bound(edge)
        .grpc_server_stream::<Order, Order, _, _>("watch", "/test.Shop/Watch", order(id, quantity))
        .await
}

async fn upload(edge: &Edge, orders: Vec<Result<Order, Problem>>) -> Result<Order, Problem> {
    let orders = stream::iter(orders).boxed();
    bound(edge)
        .grpc_client_stream::<Order, Order, Order, _>("upload", "/test.Shop/Upload", orders)
        .await
}

async fn talk(edge: &Edge, orders: Streaming<Order>) -> Result<Streaming<Order>, Problem> {
    bound(edge)
        .grpc_bidi::<Order, Order, Order, _>("talk", "/test.Shop/Talk", orders)
        .await
}

/// Waits until it is so.
async fn until(so: impl Fn() -> bool) {
    let wait = async {
        while !so() {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(Duration::from_secs(20), wait)
        .await
        .expect("it comes to be so");
}

#[tokio::test]
async fn every_shape_is_carried() {
    let server = Server::start(policy(Tls::Off)).await;
    let edge = edge(&server);
    let watched = watch(&edge, "a", 3).await.unwrap();
    let watched: Vec<_> = watched.try_collect().await.unwrap();
    assert_eq!(watched, [order("a", 0), order("a", 1), order("a", 2)]);
    let none = watch(&edge, "a", 0).await.unwrap();
    assert_eq!(none.count().await, 0);
    let sum = upload(&edge, vec![Ok(order("a", 2)), Ok(order("b", 3))]).await;
    assert_eq!(sum, Ok(order("ab", 5)));
    assert_eq!(upload(&edge, vec![]).await, Ok(Order::default()));
    let (say, said) = tokio::sync::mpsc::channel(1);
    let said = stream::unfold(said, |mut said| async { Some((said.recv().await?, said)) });
    let mut answers = talk(&edge, said.boxed()).await.unwrap();
    for quantity in 0..3 {
        // Each is answered before the next is said.
        say.send(Ok(order("x", quantity))).await.unwrap();
        let answer = answers.next().await.unwrap();
        assert_eq!(answer, Ok(order("x", quantity + 1)));
    }
    drop(say);
    assert_eq!(answers.next().await, None);
}

#[tokio::test]
async fn each_message_is_checked_before_the_handler_sees_it() {
    let limited = policy_with(Tls::Off, |op| op.max_body = Some(100));
    let server = Server::start(limited).await;
    let edge = edge(&server);
    let wrong = upload(&edge, vec![Ok(order("a", 1)), Ok(order("", -1))]).await;
    let fields = wrong.unwrap_err().errors;
    let fields: Vec<_> = fields.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(fields, ["id", "quantity"]);
    assert_eq!(server.shop.made.load(Ordering::SeqCst), 1);
    // The limit is a message's, not the stream's.
    let many = (0..20).map(|_| Ok(order(&"x".repeat(50), 1))).collect();
    assert_eq!(upload(&edge, many).await.unwrap().quantity, 20);
    let large = upload(
        &edge,
        vec![Ok(order("a", 1)), Ok(order(&"x".repeat(200), 1))],
    )
    .await;
    assert_eq!(large.unwrap_err().kind, ProblemKind::PayloadTooLarge);
    let wrong = watch(&edge, "", 1).await.err().unwrap();
    assert_eq!(wrong.kind, ProblemKind::InvalidInput);
    let spoken = stream::iter([Ok(order("a", 1)), Ok(order("a", -1))]);
    let answers: Vec<_> = talk(&edge, spoken.boxed()).await.unwrap().collect().await;
    assert_eq!(answers[0], Ok(order("a", 2)));
    assert_eq!(
        answers[1].as_ref().unwrap_err().kind,
        ProblemKind::InvalidInput
    );
}

#[tokio::test]
async fn a_problem_ends_a_stream_and_arrives_whole() {
    let server = Server::start(policy(Tls::Off)).await;
    let edge = edge(&server);
    let messages: Vec<_> = watch(&edge, "breaks", 2).await.unwrap().collect().await;
    let sold_out = Problem::conflict("sold out").with_code("sold-out");
    assert_eq!(messages[2], Err(sold_out));
    assert_eq!(messages.len(), 3);
    let messages: Vec<_> = watch(&edge, "panics", 1).await.unwrap().collect().await;
    assert_eq!(messages[1].as_ref().unwrap_err().code, "bad-gateway");
    let text = server.running_metrics().await;
    for code in ["conflict", "internal"] {
        let line = format!(
            r#"requests_total{{api="Shop",operation="watch",protocol="grpc",code="{code}"}} 1"#
        );
        assert!(text.contains(&line), "{line}\n{text}");
    }
}

#[tokio::test]
async fn what_is_not_read_is_not_made_and_who_leaves_is_noticed() {
    let server = Server::start(policy(Tls::Off)).await;
    let edge = edge(&server);
    let id = "x".repeat(60);
    let mut messages = watch(&edge, &id, 1_000_000).await.unwrap();
    assert!(messages.next().await.unwrap().is_ok());
    sleep(Duration::from_millis(300)).await;
    let made = server.shop.made.load(Ordering::SeqCst);
    // Two windows of HTTP/2 and a few buffers, and no more than that.
    assert!(made < 100_000, "{made} messages wait for their reader");
    assert_eq!(server.shop.left.load(Ordering::SeqCst), 0);
    drop(messages);
    until(|| server.shop.left.load(Ordering::SeqCst) == 1).await;
    let idle = watch(&edge, "idles", 1).await.unwrap();
    drop(idle);
    until(|| server.shop.left.load(Ordering::SeqCst) == 2).await;
    let text = server.running_metrics().await;
    let line = r#"requests_total{api="Shop",operation="watch",protocol="grpc",code="cancelled"} 2"#;
    assert!(text.contains(line), "{text}");
    assert!(text.contains("requests_in_flight 0"), "{text}");
}

#[tokio::test]
async fn what_breaks_off_while_it_is_sent_is_not_taken_for_all() {
    let server = Server::start(policy(Tls::Off)).await;
    let edge = edge(&server);
    let lost = || Problem::conflict("the disk is gone").with_code("lost");
    let answer = upload(&edge, vec![Ok(order("a", 1)), Err(lost())]).await;
    assert_eq!(answer, Err(lost()));
    let spoken = stream::iter([Ok(order("a", 1)), Err(lost())]).chain(stream::pending());
    let last = match talk(&edge, spoken.boxed()).await {
        Ok(answers) => answers.collect::<Vec<_>>().await.pop().unwrap(),
        Err(problem) => Err(problem),
    };
    assert_eq!(last, Err(lost()));
    // The caller of an upload goes away in the middle of it.
    let endless = stream::iter([Ok(order("a", 1))]).chain(stream::pending());
    let leaving = bound(&edge);
    let leaving = leaving.grpc_client_stream::<Order, Order, Order, Order>(
        "upload",
        "/test.Shop/Upload",
        endless.boxed(),
    );
    assert!(timeout(Duration::from_millis(300), leaving).await.is_err());
    // So does the reader of a talk that was silent.
    let silent = talk(&edge, stream::pending().boxed()).await.unwrap();
    drop(silent);
    let Shop {
        entered,
        left,
        read,
        ..
    } = &server.shop;
    until(|| left.load(Ordering::SeqCst) == entered.load(Ordering::SeqCst)).await;
    assert_eq!(read.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_stream_is_asked_for_again_until_it_begins() {
    let server = Server::start(policy(Tls::Off)).await;
    let watched = watch(&edge(&server), "flaky", 1).await.unwrap();
    assert_eq!(watched.count().await, 1);
    assert_eq!(server.shop.entered(), 2);
    let server = Server::start(policy(Tls::Off)).await;
    let wary = edge_with(&server, |call| call.safety = Safety::Unsafe);
    let refused = watch(&wary, "flaky", 1).await.err().unwrap();
    assert_eq!(refused.kind, ProblemKind::Unavailable);
    // What began and broke is not asked for again.
    let broken: Vec<_> = watch(&edge(&server), "breaks", 1)
        .await
        .unwrap()
        .collect()
        .await;
    assert_eq!((broken.len(), server.shop.entered()), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn a_timeout_bounds_the_begin_and_a_deadline_the_whole() {
    let server = Server::start(policy_with(Tls::Off, |op| {
        op.timeout = Some(Duration::from_secs(1))
    }))
    .await;
    let patient = edge(&server);
    let slow = watch(&patient, "slow", 0).await.err().unwrap();
    assert_eq!(slow.kind, ProblemKind::Timeout);
    let mut idle = watch(&patient, "idles", 1).await.unwrap();
    assert!(idle.next().await.unwrap().is_ok());
    let longer = timeout(Duration::from_secs(600), idle.next()).await;
    assert!(longer.is_err(), "no timeout ends what began");
    let left = watch(&patient, "left", 0).await.unwrap();
    assert_eq!(left.try_collect::<Vec<_>>().await.unwrap()[0].quantity, -1);

    let bounded = edge_with(&server, |call| call.deadline = Some(Duration::from_secs(7)));
    let left = watch(&bounded, "left", 0).await.unwrap();
    let left = left.try_collect::<Vec<_>>().await.unwrap()[0].quantity;
    assert!((5..=7).contains(&left), "the deadline travels: {left}");
    let started = Instant::now();
    let mut idle = watch(&bounded, "idles", 1).await.unwrap();
    assert!(idle.next().await.unwrap().is_ok());
    let late = idle.next().await.unwrap().unwrap_err();
    assert_eq!(late.kind, ProblemKind::DeadlineExceeded);
    let took = started.elapsed().as_millis();
    assert!((6900..7100).contains(&took), "{took}");
    assert_eq!(idle.next().await, None);
}

#[tokio::test]
async fn a_stream_has_its_place_while_it_lasts() {
    let server = Server::start(policy(Tls::Off)).await;
    let narrow = edge_with(&server, |call| call.bulkhead = Some(1));
    let first = watch(&narrow, "idles", 1).await.unwrap();
    let refused = watch(&narrow, "a", 1).await.err().unwrap();
    assert_eq!(refused.kind, ProblemKind::Overloaded);
    drop(first);
    assert!(watch(&narrow, "a", 1).await.is_ok());
}

#[tokio::test]
async fn a_connection_that_breaks_counts_against_the_callee() {
    let mut server = Server::start(policy(Tls::Off)).await;
    let between = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let direct = std::mem::replace(&mut server.address, between.local_addr().unwrap());
    let carried = tokio::spawn(async move {
        let (mut near, _) = between.accept().await.unwrap();
        let mut far = tokio::net::TcpStream::connect(direct).await.unwrap();
        tokio::io::copy_bidirectional(&mut near, &mut far).await
    });
    let careful = edge_with(&server, |call| {
        call.breaker = Some(Breaker {
            error_rate: 0.5,
            window: Duration::from_secs(60),
            min_calls: 2,
            cooldown: Duration::from_secs(60),
            probes: 1,
        });
    });
    let state = || careful.state().breakers[0].1;
    let mut idle = watch(&careful, "idles", 1).await.unwrap();
    assert!(idle.next().await.unwrap().is_ok());
    assert_eq!(state(), BreakerState::Closed);
    carried.abort();
    let broken = idle.next().await.unwrap().unwrap_err();
    assert_eq!(broken.kind, ProblemKind::Unavailable);
    assert!(
        matches!(state(), BreakerState::Open { .. }),
        "{:?}",
        state()
    );
}

#[tokio::test(start_paused = true)]
async fn a_service_that_stops_ends_its_streams() {
    let server = Server::start(policy(Tls::Off)).await;
    let mut idle = watch(&edge(&server), "idles", 1).await.unwrap();
    assert!(idle.next().await.unwrap().is_ok());
    let started = Instant::now();
    let stopping = tokio::spawn(server.running.stop());
    let ended = idle.next().await.unwrap().unwrap_err();
    assert_eq!(ended.kind, ProblemKind::Unavailable);
    assert!(ended.detail.contains("stops"), "{}", ended.detail);
    stopping.await.unwrap();
    assert!(started.elapsed() < Duration::from_secs(10));
}
