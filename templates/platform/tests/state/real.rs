use std::process::Command;
use std::time::{Duration, Instant};

use platform::limiter::Pace;
use platform::state::{Claim, Lost, Redis, Store};
use tokio::time::sleep;

use super::server::Server;

const MINUTE: Duration = Duration::from_secs(60);

async fn connected(server: &Server) -> Redis {
    let redis = Redis::at(&server.address.to_string(), None).unwrap();
    redis.open();
    sleep(Duration::from_millis(200)).await;
    redis
}

/// What the server's own client gets.
fn cli(server: &Server, arguments: &[&str]) -> String {
    let port = server.address.port().to_string();
    let output = Command::new("redis-cli")
        .args(["-p", &port])
        .args(arguments)
        .output()
        .expect("redis-cli is installed");
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn two_connections_share_one_count() {
    let server = Server::start();
    let (one, other) = (connected(&server).await, connected(&server).await);
    let pace = Pace::new(1, MINUTE, 20);
    let takes = (0..50).flat_map(|_| [one.take("a", pace), other.take("a", pace)]);
    let taken = futures_util::future::join_all(takes).await;
    let let_in = taken.iter().filter(|it| **it == Ok(Ok(()))).count();
    assert_eq!(let_in, 20, "{taken:?}");
}

#[tokio::test]
async fn everything_that_is_written_has_an_end() {
    let server = Server::start();
    let redis = connected(&server).await;
    let claim = |key| Claim {
        key,
        request: "r",
        owner: "o",
    };
    redis
        .take("bucket", Pace::new(1, MINUTE, 5))
        .await
        .unwrap()
        .unwrap();
    redis.claim(claim("claimed"), MINUTE).await.unwrap();
    redis.finish(claim("finished"), b"x", MINUTE).await.unwrap();
    redis.write("written", b"x", MINUTE).await.unwrap();
    redis.write("replaced", b"x", MINUTE).await.unwrap();
    redis.replace("replaced", b"y", MINUTE).await.unwrap();
    for key in ["bucket", "claimed", "finished", "written", "replaced"] {
        let left: i64 = cli(&server, &["pttl", key]).trim().parse().unwrap();
        assert!((1..=60_000).contains(&left), "{key} ends in {left} ms");
    }
}

#[tokio::test]
async fn a_dead_store_costs_nothing_and_is_found_again() {
    let mut server = Server::start();
    let redis = connected(&server).await;
    let pace = Pace::new(1000, Duration::from_secs(1), 1000);
    assert_eq!(redis.take("a", pace).await, Ok(Ok(())));
    server.kill();
    for _ in 0..10 {
        assert_eq!(redis.take("a", pace).await, Err(Lost));
    }
    let started = Instant::now();
    for _ in 0..100 {
        assert_eq!(redis.take("a", pace).await, Err(Lost));
    }
    let took = started.elapsed();
    assert!(
        took < Duration::from_millis(500),
        "100 requests waited {took:?}"
    );
    server.restart();
    let end = Instant::now() + Duration::from_secs(20);
    while redis.take("a", pace).await != Ok(Ok(())) {
        assert!(Instant::now() < end, "it is not found again");
        sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_frozen_store_is_not_waited_for() {
    let server = Server::start();
    let redis = connected(&server).await;
    let pace = Pace::new(1000, Duration::from_secs(1), 1000);
    assert_eq!(redis.take("a", pace).await, Ok(Ok(())));
    // It takes connections and answers nobody, for two seconds.
    cli(&server, &["client", "pause", "2000", "all"]);
    let started = Instant::now();
    for _ in 0..50 {
        assert_eq!(redis.take("a", pace).await, Err(Lost));
    }
    let took = started.elapsed();
    assert!(took < Duration::from_secs(1), "50 requests waited {took:?}");
    let end = Instant::now() + Duration::from_secs(20);
    while redis.take("a", pace).await != Ok(Ok(())) {
        assert!(Instant::now() < end, "it is not found again");
        sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn scripts_that_were_forgotten_are_sent_again() {
    let server = Server::start();
    let redis = connected(&server).await;
    let pace = Pace::new(1, MINUTE, 5);
    redis.take("a", pace).await.unwrap().unwrap();
    cli(&server, &["script", "flush"]);
    assert_eq!(redis.take("a", pace).await, Ok(Ok(())));
}
