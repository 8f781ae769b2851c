//! Tokens as an identity provider grants them, and as a callee sees them.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::response::IntoResponse;
use axum::routing::post;
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;

use super::*;
use crate::client::{Credential, Edge, Target};
use crate::config::{IssuerConfig, SecretSource};
use crate::context::{Scope, User};
use crate::policy::{
    CallPolicy, ClientId, EdgePolicy, Identity, Protocol, Safety, Scheme, Secret, Tls,
};
use crate::resilience::EdgeMetrics;

/// A token endpoint that grants numbered tokens of 100 seconds to the client `front`, and counts.
#[derive(Clone, Default)]
struct Provider {
    granted: Arc<AtomicUsize>,
    asked: Arc<std::sync::Mutex<Vec<BTreeMap<String, String>>>>,
}

impl Provider {
    fn grant(&self, headers: &HeaderMap, body: &Bytes) -> (StatusCode, String) {
        // front:s3cret
        if headers["authorization"] != "Basic ZnJvbnQ6czNjcmV0" {
            return (
                StatusCode::UNAUTHORIZED,
                r#"{"error":"invalid_client"}"#.into(),
            );
        }
        let form: BTreeMap<_, _> = form_urlencoded::parse(body).into_owned().collect();
        let subject = form.get("subject_token").cloned();
        self.asked.lock().unwrap().push(form);
        if subject.as_deref() == Some("revoked") {
            return (
                StatusCode::BAD_REQUEST,
                r#"{"error":"invalid_request"}"#.into(),
            );
        }
        let number = self.granted.fetch_add(1, Ordering::SeqCst);
        let token = format!("{}{number}", subject.unwrap_or_default());
        let answer = json!({ "access_token": token, "token_type": "bearer", "expires_in": 100 });
        (StatusCode::OK, answer.to_string())
    }

    /// Starts it; what a service is told of it.
    async fn start(&self, secret: &str) -> ServiceConfig {
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let token = format!("http://{}/token", socket.local_addr().unwrap());
        let provider = self.clone();
        let grant = async move |headers: HeaderMap, body: Bytes| provider.grant(&headers, &body);
        let router = Router::new().route("/token", post(grant));
        tokio::spawn(async move { axum::serve(socket, router).await });
        told(token, secret)
    }
}

fn told(token: String, secret: &str) -> ServiceConfig {
    let issuer = IssuerConfig {
        token: Some(token),
        ..IssuerConfig::default()
    };
    let secret = SecretSource::Text(format!("{secret}\n"));
    ServiceConfig {
        issuers: BTreeMap::from([("staff".to_owned(), issuer)]),
        secrets: BTreeMap::from([("m2m_secret".to_owned(), secret)]),
        ..ServiceConfig::default()
    }
}

fn policy() -> ServicePolicy {
    let staff = Scheme::Jwt {
        name: "staff",
        issuer: "https://id.test",
        audience: "shop",
        algorithms: vec!["ES256"],
        roles: vec![],
        secret: None,
    };
    let m2m = Scheme::Oauth2 {
        name: "m2m",
        provider: "staff",
        client_id: ClientId::Is("front"),
        client_secret: Secret::Env("M2M_SECRET"),
        scopes: vec!["orders:read", "orders:write"],
    };
    ServicePolicy {
        schemes: vec![staff, m2m],
        ..ServicePolicy::default()
    }
}

fn own(config: &ServiceConfig) -> Arc<Own> {
    let own = Own::new("m2m", &policy(), config, Clock::system());
    Arc::new(own.expect("is configured"))
}

fn exchange(config: &ServiceConfig) -> Exchange {
    let identity = Identity::Exchange {
        scheme: "m2m",
        audience: "ledger",
    };
    let exchange = Exchange::new(identity, &policy(), config, Clock::system());
    exchange.expect("is configured").expect("is an exchange")
}

fn user(token: &str) -> User {
    User {
        subject: token.to_owned(),
        roles: Vec::new(),
        claims: Map::<String, Value>::new(),
        token: token.to_owned(),
    }
}

fn text(held: &Held) -> &str {
    held.header.to_str().expect("is text")
}

#[tokio::test(start_paused = true)]
async fn a_token_is_asked_for_once_and_renewed_ahead_of_its_end() {
    let provider = Provider::default();
    let own = own(&provider.start("s3cret").await);
    let tokens = (0..20).map(|_| own.token());
    for held in futures_util::future::join_all(tokens).await {
        let held = held.unwrap();
        assert_eq!(text(&held), "Bearer 0");
        assert!(held.header.is_sensitive(), "it is not to be logged");
    }
    let asked = provider.asked.lock().unwrap()[0].clone();
    let expected = [
        ("audience", "shop"),
        ("grant_type", "client_credentials"),
        ("scope", "orders:read orders:write"),
    ];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(asked, BTreeMap::from(expected));
    tokio::time::sleep(Duration::from_secs(85)).await;
    assert_eq!(
        text(&own.token().await.unwrap()),
        "Bearer 0",
        "it serves on"
    );
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(text(&own.token().await.unwrap()), "Bearer 1");
    assert_eq!(provider.granted.load(Ordering::SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_grants_nothing_is_unavailable_and_told_no_secret() {
    let provider = Provider::default();
    let own_refused = own(&provider.start("another").await);
    let problem = own_refused.token().await.map(|_| ()).unwrap_err();
    assert_eq!(problem.code, "unavailable");
    assert!(!problem.to_string().contains("another"));
    assert!(!format!("{own_refused:?}").contains("another"));
    // Nobody listens there.
    let gone = own(&told("http://127.0.0.1:9/token".to_owned(), "s3cret"));
    let problem = gone.token().await.map(|_| ()).unwrap_err();
    assert_eq!(problem.code, "unavailable");
}

#[tokio::test(start_paused = true)]
async fn each_users_token_is_exchanged_once() {
    let provider = Provider::default();
    let exchange = exchange(&provider.start("s3cret").await);
    let (ann, bob) = (user("ann"), user("bob"));
    assert_eq!(text(&exchange.token(&ann).await.unwrap()), "Bearer ann0");
    assert_eq!(text(&exchange.token(&bob).await.unwrap()), "Bearer bob1");
    assert_eq!(text(&exchange.token(&ann).await.unwrap()), "Bearer ann0");
    let asked = provider.asked.lock().unwrap()[0].clone();
    let kind = "urn:ietf:params:oauth:token-type:access_token";
    let expected = [
        ("audience", "ledger"),
        (
            "grant_type",
            "urn:ietf:params:oauth:grant-type:token-exchange",
        ),
        ("requested_token_type", kind),
        ("subject_token", "ann"),
        ("subject_token_type", kind),
    ];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(asked, BTreeMap::from(expected));
    tokio::time::sleep(Duration::from_secs(100)).await;
    assert_eq!(text(&exchange.token(&ann).await.unwrap()), "Bearer ann2");
    let refused = exchange.token(&user("revoked")).await.map(|_| ());
    assert_eq!(refused.unwrap_err().code, "unauthenticated");
    assert_eq!(text(&exchange.token(&bob).await.unwrap()), "Bearer bob3");
}

#[tokio::test(start_paused = true)]
async fn only_so_many_users_are_remembered() {
    let provider = Provider::default();
    let exchange = exchange(&provider.start("s3cret").await);
    for number in 0..5000 {
        exchange.slot(&user(&number.to_string()));
    }
    assert!(exchange.remembered() <= 4096);
    assert!(exchange.token(&user("ann")).await.is_ok());
}

/// An edge that shows the service's own token to a callee, and gives it 300 milliseconds.
fn edge(config: &ServiceConfig, callee: SocketAddr) -> Edge {
    let call = CallPolicy {
        timeout: Some(Duration::from_millis(300)),
        ..CallPolicy::new("place", Safety::Unsafe)
    };
    let policy = EdgePolicy {
        edge: "front -> orders.Orders",
        callee: "orders",
        api: "Orders",
        protocol: Protocol::Rest,
        tls: Tls::Off,
        auth: Some("m2m"),
        identity: Identity::None,
        operations: vec![call],
    };
    let target = Target {
        addresses: vec![format!("http://{callee}").parse().unwrap()],
        tls: None,
        credential: Arc::new(Credential::Token(own(config))),
        exchange: None,
    };
    Edge::new(&policy, &target, Clock::system(), &EdgeMetrics::default()).unwrap()
}

async fn place(edge: &Edge) -> Result<String, Problem> {
    let bound = edge.bind(&Arc::new(Scope::background(Clock::system())));
    bound.rest("place", Method::POST, "/place", &"tea").await
}

#[tokio::test(start_paused = true)]
async fn a_token_that_the_callee_refuses_is_replaced_at_once() {
    let provider = Provider::default();
    let config = provider.start("s3cret").await;
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let callee = socket.local_addr().unwrap();
    // As if its key had been withdrawn.
    let answer = async |headers: HeaderMap| {
        if headers["authorization"] == "Bearer 0" {
            return Problem::unauthenticated("the token is not accepted").into_response();
        }
        r#""done""#.into_response()
    };
    let router = Router::new().route("/place", post(answer));
    tokio::spawn(async move { axum::serve(socket, router).await });
    let edge = edge(&config, callee);
    for _ in 0..3 {
        assert_eq!(place(&edge).await.unwrap(), "done");
    }
    assert_eq!(provider.granted.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_provider_that_never_answers_is_not_waited_for_longer_than_the_callee() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = silent.local_addr().unwrap();
    let config = told(format!("http://{address}/token"), "s3cret");
    let started = std::time::Instant::now();
    let problem = place(&edge(&config, address)).await.unwrap_err();
    assert_eq!(problem.code, "timeout");
    assert!(started.elapsed() < Duration::from_secs(3));
}
