use std::time::Duration;

use platform::ProblemKind;
use platform::policy::{LimitKey, RateLimit, Tls};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::support::*;

#[tokio::test(start_paused = true)]
async fn the_own_timeout_ends_a_request() {
    let server = Server::start(policy_with(Tls::Off, |op| {
        op.timeout = Some(Duration::from_secs(2))
    }))
    .await;
    let started = tokio::time::Instant::now();
    let late = problem(place(&server, json("slow", 1)).send().await.unwrap()).await;
    assert_eq!(late.kind, ProblemKind::Timeout);
    assert!(
        (2000..2100).contains(&started.elapsed().as_millis()),
        "{:?}",
        started.elapsed()
    );
    let left = place(&server, json("left", 0))
        .send()
        .await
        .unwrap()
        .json::<Order>()
        .await
        .unwrap();
    assert!((1900..=2000).contains(&left.quantity), "{left:?}");
}

#[tokio::test(start_paused = true)]
async fn the_callers_deadline_ends_a_request() {
    let server = Server::start(policy_with(Tls::Off, |op| {
        op.timeout = Some(Duration::from_secs(2))
    }))
    .await;
    let with = |id, millis: &'static str| {
        place(&server, json(id, 0))
            .header("x-request-timeout-ms", millis)
            .send()
    };
    let late = problem(with("slow", "300").await.unwrap()).await;
    assert_eq!(late.kind, ProblemKind::DeadlineExceeded);
    let left = with("left", "300")
        .await
        .unwrap()
        .json::<Order>()
        .await
        .unwrap();
    assert!((200..=300).contains(&left.quantity), "{left:?}");
    let own = problem(with("slow", "60000").await.unwrap()).await;
    assert_eq!(
        own.kind,
        ProblemKind::Timeout,
        "a longer deadline does not lengthen the timeout"
    );
    let wrong = problem(with("a", "soon").await.unwrap()).await;
    assert_eq!(wrong.errors[0].field, "X-Request-Timeout-Ms");
}

#[tokio::test]
async fn large_bodies_are_refused() {
    let server = Server::start(policy_with(Tls::Off, |op| op.max_body = Some(100))).await;
    let body = |bytes: usize| format!("{:<bytes$}", json("a", 1));
    assert_eq!(
        place(&server, body(100)).send().await.unwrap().status(),
        200
    );
    let told = problem(place(&server, body(101)).send().await.unwrap()).await;
    assert_eq!(told.kind, ProblemKind::PayloadTooLarge);
    assert_eq!(place_in_pieces(&server, &body(101)).await, "HTTP/1.1 413");
    assert_eq!(place_in_pieces(&server, &body(100)).await, "HTTP/1.1 200");
}

/// Places an order without telling its length in the head; how the answer begins.
async fn place_in_pieces(server: &Server, body: &str) -> String {
    let mut stream = tokio::net::TcpStream::connect(server.address)
        .await
        .unwrap();
    let head = "POST /orders HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    for piece in body.as_bytes().chunks(10) {
        let size = format!("{:x}\r\n", piece.len());
        stream
            .write_all(&[size.as_bytes(), piece, b"\r\n"].concat())
            .await
            .unwrap();
    }
    stream.write_all(b"0\r\n\r\n").await.unwrap();
    let mut start = [0; 12];
    stream.read_exact(&mut start).await.unwrap();
    String::from_utf8_lossy(&start).into_owned()
}

fn limited(key: LimitKey) -> platform::policy::ServicePolicy {
    let limit = RateLimit {
        permits: 10,
        per: Duration::from_secs(1),
        burst: 20,
        key,
    };
    policy_with(Tls::Off, move |op| op.rate_limit = Some(limit))
}

#[tokio::test(start_paused = true)]
async fn callers_who_ask_too_often_are_told_when_to_come_back() {
    for key in [
        LimitKey::Global,
        LimitKey::Ip,
        LimitKey::Service,
        LimitKey::User,
    ] {
        let server = Server::start(limited(key)).await;
        let client = client();
        for _ in 0..20 {
            let ping = client.get(server.url("/ping")).send().await.unwrap();
            assert_eq!(ping.status(), 204, "{key:?}");
        }
        let refused = client.get(server.url("/ping")).send().await.unwrap();
        assert_eq!(refused.headers()["retry-after"], "1");
        assert_eq!(
            problem(refused).await.kind,
            ProblemKind::RateLimited,
            "{key:?}"
        );
        let other = client.get(server.url("/orders/a")).send().await.unwrap();
        assert_eq!(other.status(), 200, "each operation has its own count");
        tokio::time::advance(Duration::from_millis(100)).await;
        assert_eq!(
            client
                .get(server.url("/ping"))
                .send()
                .await
                .unwrap()
                .status(),
            204
        );
    }
}

#[tokio::test(start_paused = true)]
async fn requests_beyond_the_cap_are_shed() {
    let mut policy = policy(Tls::Off);
    policy.shed = Some(2);
    let server = Server::start(policy).await;
    let slow = || tokio::spawn(place(&server, json("slow", 1)).send());
    let (one, two) = (slow(), slow());
    while server.shop.entered() < 2 {
        tokio::task::yield_now().await;
    }
    let shed = problem(place(&server, json("a", 1)).send().await.unwrap()).await;
    assert_eq!(shed.kind, ProblemKind::Overloaded);
    for request in [one, two] {
        assert_eq!(request.await.unwrap().unwrap().status(), 200);
    }
    assert_eq!(
        place(&server, json("a", 1)).send().await.unwrap().status(),
        200
    );
}
