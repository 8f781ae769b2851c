//! What the audit log holds, and what no log does.

use std::cell::RefCell;
use std::io::Write;
use std::sync::Once;

use platform::Caller;
use platform::policy::When;
use serde_json::{Value, json};

use super::auth::{Issuer, Key, claims, claims_with, server_with};
use super::support::*;

thread_local! {
    /// What was logged on this thread, where a test listens.
    static LINES: RefCell<Option<Vec<u8>>> = const { RefCell::new(None) };
}

/// Everything that the service logs on this thread. One subscriber serves all tests: those of single threads get into
/// each other's way.
struct Log;

struct Lines;

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LINES.with_borrow_mut(|lines| {
            if let Some(lines) = lines {
                lines.extend_from_slice(bytes);
            }
        });
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn start() -> Self {
        static STARTED: Once = Once::new();
        STARTED.call_once(|| {
            tracing_subscriber::fmt()
                .json()
                .with_env_filter("audit=info,platform=trace")
                .with_writer(|| Lines)
                .init();
        });
        LINES.set(Some(Vec::new()));
        Self
    }

    fn text(&self) -> String {
        LINES.with_borrow(|lines| String::from_utf8(lines.clone().unwrap()).unwrap())
    }

    /// The audit's events.
    fn events(&self) -> Vec<Value> {
        let text = self.text();
        let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
        lines
            .filter(|line: &Value| line["target"] == "audit")
            .collect()
    }
}

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// Asks as somebody in each way of being refused, and once as somebody who may.
async fn ask() -> (Log, Vec<String>) {
    let log = Log::start();
    let (issuer, key, stranger) = (Issuer::default(), Key::new("one"), Key::new("one"));
    issuer.publish(&[&key]);
    let server = server_with(&issuer, |operation| {
        if operation.operation == "place" {
            operation.when = Some(When::new(|caller: Caller<'_>, _: &Order| {
                caller.claim::<&str>("region") == Some("claim-value")
            }));
        }
    })
    .await;
    let clerk = |region: &str| {
        let mut claims = claims_with("region", json!(region));
        claims["realm"]["roles"] = json!(["clerk"]);
        key.sign(&claims)
    };
    let tokens = vec![
        stranger.sign(&claims()),
        key.sign(&claims()),
        clerk("other-value"),
        clerk("claim-value"),
    ];
    for token in &tokens {
        let asked = place(&server, json("parameter-value", 1))
            .bearer_auth(token)
            .header("traceparent", format!("00-{TRACE}-00f067aa0ba902b7-01"));
        asked.send().await.unwrap();
        let found = client().get(server.url("/orders/parameter-value"));
        found.bearer_auth(token).send().await.unwrap();
    }
    (log, tokens)
}

#[tokio::test(start_paused = true)]
async fn decisions_are_recorded() {
    let (log, tokens) = ask().await;
    let events = log.events();
    let told: Vec<_> = events
        .iter()
        .map(|it| {
            let text = |name: &str| it["fields"][name].as_str().unwrap_or_default();
            let who = (text("check"), text("user"));
            (
                text("operation"),
                text("outcome"),
                who,
                it["level"].as_str(),
            )
        })
        .collect();
    // Levels are what the log's filter picks by.
    let (warn, info) = (Some("WARN"), Some("INFO"));
    let expected = [
        ("place", "denied", ("authentication", ""), warn),
        ("find", "denied", ("authentication", ""), warn),
        ("place", "denied", ("allow", "anna"), warn),
        ("place", "denied", ("when", "anna"), warn),
        ("place", "allowed", ("all", "anna"), info),
    ];
    assert_eq!(told, expected, "queries are recorded when they are refused");
    for event in events.iter().map(|it| &it["fields"]) {
        assert_eq!(event["api"], "Shop");
        assert_eq!(event["address"], "127.0.0.1");
        let traced = event["operation"] == "place";
        assert_eq!(event["trace_id"] == TRACE, traced);
    }
    assert_eq!(events[2]["fields"]["reason"], "forbidden");
    let text = log.text();
    for secret in ["claim-value", "other-value", "parameter-value"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    for token in &tokens {
        let signature = token.rsplit('.').next().unwrap();
        assert!(!text.contains(signature), "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_does_not_fit_comes_back_nowhere() {
    let log = Log::start();
    let server = Server::start(policy(platform::policy::Tls::Off)).await;
    let secret = "s3cret-value";
    let bodies = [
        json!({ "id": "a", "quantity": secret }),
        json!({ "id": "a", "quantity": { "inner": secret } }),
        json!({ "id": { "inner": secret } }),
        json!({ "id": [secret] }),
        json!({ "id": format!("{}{secret}", "x".repeat(64)) }),
        json!([secret]),
        json!(secret),
    ];
    for body in &bodies {
        let answer = place(&server, body.to_string()).send().await.unwrap();
        assert_eq!(answer.status(), 400, "{body}");
        let text = answer.text().await.unwrap();
        assert!(!text.contains(secret), "{text}");
    }
    let broken = place(&server, format!(r#"{{"id": "{secret}", "quantity": "#));
    let text = broken.send().await.unwrap().text().await.unwrap();
    assert!(!text.contains(secret), "{text}");
    let query = client().get(server.url(&format!("/orders/a?quantity={secret}")));
    let text = query.send().await.unwrap().text().await.unwrap();
    assert!(
        !text.contains(secret) && text.contains("quantity"),
        "{text}"
    );
    let text = log.text();
    assert!(text.contains("quantity must be"), "{text}");
    assert!(!text.contains(secret), "{text}");
}
