use std::time::Duration;

use platform::config::DrainConfig;
use platform::policy::Tls;
use platform::{ServiceConfig, Setup};

use super::support::*;

async fn server(limit: u64) -> Server {
    let drain = DrainConfig { notice: 1, limit };
    let config = ServiceConfig {
        drain,
        ..ServiceConfig::default()
    };
    Server::start_with(Setup::new(policy(Tls::Off), config), Tls::Off).await
}

#[tokio::test(start_paused = true)]
async fn requests_under_way_are_finished() {
    let server = server(20).await;
    let request = tokio::spawn(place(&server, json("slow", 1)).send());
    while server.shop.entered() < 1 {
        tokio::task::yield_now().await;
    }
    let (address, admin) = (server.address, server.running.addresses().admin.unwrap());
    let started = tokio::time::Instant::now();
    let stopping = tokio::spawn(server.running.stop());
    tokio::time::sleep(Duration::from_millis(500)).await;
    let ready = client()
        .get(format!("http://{admin}/readyz"))
        .send()
        .await
        .unwrap();
    assert_eq!(ready.status(), 503, "balancers are told first");
    assert_eq!(request.await.unwrap().unwrap().status(), 200);
    stopping.await.unwrap();
    assert!(
        (4..6).contains(&started.elapsed().as_secs()),
        "{:?}",
        started.elapsed()
    );
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn requests_that_take_too_long_are_cut_off() {
    let server = server(2).await;
    let request = tokio::spawn(place(&server, json("slow", 1)).send());
    while server.shop.entered() < 1 {
        tokio::task::yield_now().await;
    }
    let started = tokio::time::Instant::now();
    server.running.stop().await;
    assert!(
        (3..4).contains(&started.elapsed().as_secs()),
        "{:?}",
        started.elapsed()
    );
    assert!(request.await.unwrap().is_err());
}

#[tokio::test(start_paused = true)]
async fn connections_that_idle_do_not_hold_a_stop_up() {
    let server = server(20).await;
    let client = client();
    client.get(server.url("/ping")).send().await.unwrap();
    let started = tokio::time::Instant::now();
    server.running.stop().await;
    assert!(
        started.elapsed() < Duration::from_secs(2),
        "{:?}",
        started.elapsed()
    );
}
