use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::StatusCode;
use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use platform::config::IssuerConfig;
use platform::policy::{LimitKey, OperationPolicy, RateLimit, Scheme, Tls};
use platform::{Clock, Problem, ProblemKind, ServiceConfig, Setup};
use serde_json::{Value, json};

use super::grpc::Call;
use super::support::*;

const ISSUER: &str = "https://id.test";
/// When the tests take place, in seconds since 1970.
const NOW: u64 = 1_800_000_000;

/// A key pair of the issuer.
#[derive(Clone)]
pub struct Key {
    id: &'static str,
    private: EncodingKey,
    public: Jwk,
}

impl Key {
    pub fn new(id: &'static str) -> Self {
        let pair = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
        let private = EncodingKey::from_ec_der(pair.serialized_der());
        let mut public = Jwk::from_encoding_key(&private, Algorithm::ES256).unwrap();
        public.common.key_id = Some(id.to_owned());
        Self {
            id,
            private,
            public,
        }
    }

    pub fn sign(&self, claims: &Value) -> String {
        let mut header = Header::new(Algorithm::ES256);
        header.kid = Some(self.id.to_owned());
        jsonwebtoken::encode(&header, claims, &self.private).unwrap()
    }
}

/// An issuer that publishes keys.
#[derive(Clone, Default)]
pub struct Issuer {
    keys: Arc<Mutex<Vec<Jwk>>>,
    down: Arc<AtomicBool>,
    asked: Arc<AtomicUsize>,
    /// Milliseconds that an answer takes.
    takes: Arc<AtomicU64>,
}

impl Issuer {
    pub fn publish(&self, keys: &[&Key]) {
        *self.keys.lock().unwrap() = keys.iter().map(|key| key.public.clone()).collect();
    }

    async fn start(&self) -> String {
        let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let issuer = self.clone();
        let jwks = move || {
            issuer.asked.fetch_add(1, Ordering::SeqCst);
            let answer = if issuer.down.load(Ordering::SeqCst) {
                (StatusCode::BAD_GATEWAY, String::new())
            } else {
                let keys = issuer.keys.lock().unwrap().clone();
                (
                    StatusCode::OK,
                    serde_json::to_string(&JwkSet { keys }).unwrap(),
                )
            };
            let takes = Duration::from_millis(issuer.takes.load(Ordering::SeqCst));
            async move {
                tokio::time::sleep(takes).await;
                answer
            }
        };
        let router = axum::Router::new().route("/jwks", axum::routing::get(jwks));
        tokio::spawn(async move { axum::serve(socket, router).await });
        format!("http://{address}/jwks")
    }
}

/// A service that takes tokens of the issuer, in a world where it is [`NOW`].
pub async fn server(issuer: &Issuer) -> Server {
    server_with(issuer, |_| {}).await
}

/// The same, each operation changed.
pub async fn server_with(issuer: &Issuer, change: impl Fn(&mut OperationPolicy)) -> Server {
    let mut policy = policy_with(Tls::Off, |op| op.auth = vec!["staff"]);
    policy.schemes = vec![Scheme::Jwt {
        name: "staff",
        issuer: ISSUER,
        audience: "shop",
        algorithms: vec!["ES256"],
        roles: vec!["realm", "roles"],
        secret: None,
    }];
    for api in &mut policy.apis {
        for op in &mut api.operations {
            if op.operation == "place" {
                op.allow = vec!["clerk"];
            }
            if op.operation == "ping" {
                let limit = RateLimit {
                    permits: 1,
                    per: Duration::from_secs(60),
                    burst: 2,
                    key: LimitKey::User,
                };
                op.rate_limit = Some(limit);
            }
            change(op);
        }
    }
    let jwks = Some(issuer.start().await);
    let issuers = BTreeMap::from([(
        "staff".to_owned(),
        IssuerConfig {
            jwks,
            ..IssuerConfig::default()
        },
    )]);
    let config = ServiceConfig {
        issuers,
        ..ServiceConfig::default()
    };
    let wall: SystemTime = UNIX_EPOCH + Duration::from_secs(NOW);
    Server::start_with(
        Setup::new(policy, config).clock(Clock::virtual_from(wall)),
        Tls::Off,
    )
    .await
}

pub fn claims() -> Value {
    json!({
        "iss": ISSUER, "aud": "shop", "sub": "anna", "exp": NOW + 3600, "realm": { "roles": ["customer"] },
    })
}

pub fn claims_with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

async fn who(server: &Server, token: &str) -> reqwest::Response {
    client()
        .get(server.url("/orders/who"))
        .bearer_auth(token)
        .send()
        .await
        .unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_token_proves_the_user() {
    let (issuer, key) = (Issuer::default(), Key::new("one"));
    issuer.publish(&[&key]);
    let server = server(&issuer).await;
    let token = key.sign(&claims());
    for _ in 0..3 {
        let who = who(&server, &token).await.json::<Order>().await.unwrap();
        assert_eq!(who.id, "anna by nobody");
    }
    assert_eq!(
        issuer.asked.load(Ordering::SeqCst),
        1,
        "keys are fetched once"
    );
    let order = Order {
        id: "who".into(),
        quantity: 0,
    };
    let call = Call {
        token: Some(token),
        ..Call::default()
    };
    let who: Order = call
        .send(&server, "/test.Shop/Find", order.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(who.id, "anna by nobody");
    let nobody: Result<tonic::Response<Order>, _> = Call::default()
        .send(&server, "/test.Shop/Find", order)
        .await;
    assert_eq!(
        Problem::from(&nobody.unwrap_err()).kind,
        ProblemKind::Unauthenticated
    );
}

#[tokio::test(start_paused = true)]
async fn tokens_that_prove_nothing() {
    let (issuer, key, stranger) = (Issuer::default(), Key::new("one"), Key::new("one"));
    issuer.publish(&[&key]);
    let server = server(&issuer).await;
    let good = key.sign(&claims());
    let (body, signature) = good.rsplit_once('.').unwrap();
    let unsigned = {
        let header = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0";
        format!("{header}.{}.", body.split_once('.').unwrap().1)
    };
    let confused = {
        let mut header = Header::new(Algorithm::HS256);
        header.kid = Some("one".into());
        let secret =
            EncodingKey::from_secret(serde_json::to_string(&key.public).unwrap().as_bytes());
        jsonwebtoken::encode(&header, &claims(), &secret).unwrap()
    };
    let without = |name: &str| {
        let mut claims = claims();
        claims.as_object_mut().unwrap().remove(name);
        key.sign(&claims)
    };
    for (what, token) in [
        ("nothing", String::new()),
        ("no token", "x".into()),
        ("another key's", stranger.sign(&claims())),
        ("a cut one", body.to_owned()),
        (
            "another signature",
            format!("{body}.{}", signature.chars().rev().collect::<String>()),
        ),
        ("unsigned", unsigned),
        ("another algorithm", confused),
        (
            "another issuer's",
            key.sign(&claims_with("iss", json!("https://evil.test"))),
        ),
        (
            "for another audience",
            key.sign(&claims_with("aud", json!(["other"]))),
        ),
        ("of nobody", key.sign(&claims_with("sub", json!("")))),
        ("expired", key.sign(&claims_with("exp", json!(NOW - 60)))),
        (
            "not valid yet",
            key.sign(&claims_with("nbf", json!(NOW + 60))),
        ),
        (
            "valid from never",
            key.sign(&claims_with("nbf", json!("soon"))),
        ),
        ("without issuer", without("iss")),
        ("without audience", without("aud")),
        ("without end", without("exp")),
        ("without user", without("sub")),
        ("too long", "x".repeat(20_000)),
    ] {
        let refused = who(&server, &token).await;
        // RFC 6750: what was shown is told to be wrong, and nothing is told to those who showed nothing.
        let challenge = if what == "nothing" {
            "Bearer"
        } else {
            "Bearer error=\"invalid_token\""
        };
        assert_eq!(refused.headers()["www-authenticate"], challenge, "{what}");
        assert_eq!(
            problem(refused).await.kind,
            ProblemKind::Unauthenticated,
            "{what}"
        );
    }
    let none = client()
        .get(server.url("/orders/who"))
        .send()
        .await
        .unwrap();
    assert_eq!(problem(none).await.kind, ProblemKind::Unauthenticated);
    let basic = client()
        .get(server.url("/orders/who"))
        .basic_auth("a", Some("b"))
        .send()
        .await
        .unwrap();
    assert_eq!(problem(basic).await.kind, ProblemKind::Unauthenticated);
    assert_eq!(server.shop.entered(), 0);
    let ok = key.sign(&claims_with("aud", json!(["other", "shop"])));
    assert_eq!(who(&server, &ok).await.status(), 200);
}

#[tokio::test(start_paused = true)]
async fn a_remembered_token_ends_when_it_expires() {
    let (issuer, key) = (Issuer::default(), Key::new("one"));
    issuer.publish(&[&key]);
    let server = server(&issuer).await;
    let token = key.sign(&claims());
    assert_eq!(who(&server, &token).await.status(), 200);
    tokio::time::advance(Duration::from_secs(3600 + 29)).await;
    assert_eq!(
        who(&server, &token).await.status(),
        200,
        "clocks differ a little"
    );
    tokio::time::advance(Duration::from_secs(2)).await;
    assert_eq!(who(&server, &token).await.status(), 401);
}

#[tokio::test(start_paused = true)]
async fn roles_decide() {
    let (issuer, key) = (Issuer::default(), Key::new("one"));
    issuer.publish(&[&key]);
    let server = server(&issuer).await;
    for (roles, status) in [
        (json!({ "roles": ["customer"] }), 403),
        (json!({ "roles": ["customer", "clerk"] }), 200),
        (json!({ "roles": "customer clerk" }), 200),
        (json!({ "roles": "clerks" }), 403),
        (json!("clerk"), 403),
        (Value::Null, 403),
    ] {
        let token = key.sign(&claims_with("realm", roles.clone()));
        let answer = place(&server, json_order())
            .bearer_auth(token)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), status, "{roles}");
    }
}

fn json_order() -> String {
    super::support::json("a", 1)
}

#[tokio::test(start_paused = true)]
async fn new_keys_are_found_and_old_ones_forgotten() {
    let (issuer, one, two) = (Issuer::default(), Key::new("one"), Key::new("two"));
    issuer.publish(&[&one]);
    let server = server(&issuer).await;
    let old = one.sign(&claims());
    assert_eq!(who(&server, &old).await.status(), 200);
    issuer.publish(&[&one, &two]);
    assert_eq!(
        who(&server, &two.sign(&claims())).await.status(),
        200,
        "at once"
    );
    assert_eq!(who(&server, &old).await.status(), 200);
    issuer.publish(&[&two]);
    tokio::time::advance(Duration::from_secs(301)).await;
    // The first request after the keys have aged starts the fetch behind it.
    assert_eq!(who(&server, &old).await.status(), 200);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(
        who(&server, &old).await.status(),
        401,
        "remembered tokens go with their keys"
    );
    assert_eq!(who(&server, &two.sign(&claims())).await.status(), 200);
}

#[tokio::test(start_paused = true)]
async fn keys_rotate_while_requests_flow_and_none_fails() {
    let mut keys = vec![Key::new("0")];
    let issuer = Issuer::default();
    issuer.publish(&[&keys[0]]);
    issuer.takes.store(100, Ordering::SeqCst);
    let server = server(&issuer).await;
    let ids = ["1", "2", "3", "4", "5", "6", "7", "8"];
    for (rotation, id) in ids.into_iter().enumerate() {
        // The new key signs from the moment on at which it is published, beside the one before.
        keys.push(Key::new(id));
        let [before, new] = &keys[rotation..] else {
            panic!("there are two keys");
        };
        issuer.publish(&[before, new]);
        let requests = (0..30).map(|number| {
            let user = json!(format!("user {number}"));
            let key = if number % 3 == 0 { before } else { new };
            let token = key.sign(&claims_with("sub", user));
            let server = &server;
            async move { who(server, &token).await.status() }
        });
        let answers = futures_util::future::join_all(requests).await;
        assert!(answers.iter().all(|status| *status == 200), "{answers:?}");
        // One fetch for all who meet the new key; and one for the first.
        let asked = issuer.asked.load(Ordering::SeqCst);
        assert_eq!(asked, rotation + 1, "after rotation {rotation}");
        tokio::time::advance(Duration::from_secs(60)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn made_up_keys_do_not_flood_the_issuer() {
    let (issuer, one, unknown) = (Issuer::default(), Key::new("one"), Key::new("unknown"));
    issuer.publish(&[&one]);
    let server = server(&issuer).await;
    for _ in 0..50 {
        assert_eq!(who(&server, &unknown.sign(&claims())).await.status(), 401);
    }
    let asked = issuer.asked.load(Ordering::SeqCst);
    assert!((2..=6).contains(&asked), "{asked}");
    assert_eq!(who(&server, &one.sign(&claims())).await.status(), 200);
}

#[tokio::test(start_paused = true)]
async fn an_issuer_that_is_down_is_not_the_callers_fault() {
    let (issuer, key) = (Issuer::default(), Key::new("one"));
    issuer.publish(&[&key]);
    issuer.down.store(true, Ordering::SeqCst);
    let server = server(&issuer).await;
    let token = key.sign(&claims());
    assert_eq!(
        problem(who(&server, &token).await).await.kind,
        ProblemKind::Unavailable
    );
    issuer.down.store(false, Ordering::SeqCst);
    assert_eq!(who(&server, &token).await.status(), 200);
    issuer.down.store(true, Ordering::SeqCst);
    tokio::time::advance(Duration::from_secs(600)).await;
    let other = key.sign(&claims_with("sub", json!("bert")));
    assert_eq!(
        who(&server, &other).await.status(),
        200,
        "the keys that are known serve on"
    );
}

#[tokio::test(start_paused = true)]
async fn each_user_has_an_own_rate() {
    let (issuer, key) = (Issuer::default(), Key::new("one"));
    issuer.publish(&[&key]);
    let server = server(&issuer).await;
    let ping = |user: &str| {
        let token = key.sign(&claims_with("sub", json!(user)));
        client().get(server.url("/ping")).bearer_auth(token).send()
    };
    for status in [204, 204, 429] {
        assert_eq!(ping("anna").await.unwrap().status(), status);
    }
    assert_eq!(ping("bert").await.unwrap().status(), 204);
}

#[tokio::test(start_paused = true)]
async fn a_stream_ends_with_its_token() {
    let (issuer, key) = (Issuer::default(), Key::new("one"));
    issuer.publish(&[&key]);
    let server = server(&issuer).await;
    let token = key.sign(&claims_with("exp", json!(NOW + 30)));
    let idle = Order {
        id: "idles".into(),
        quantity: 1,
    };
    let call = Call {
        token: Some(token),
        ..Call::default()
    };
    let started = tokio::time::Instant::now();
    let mut messages = call.watch(&server, idle).await.unwrap();
    assert!(messages.message().await.unwrap().is_some());
    let status = messages.message().await.unwrap_err();
    assert_eq!(Problem::from(&status).kind, ProblemKind::Unauthenticated);
    let took = started.elapsed().as_secs();
    assert!((29..=31).contains(&took), "{took}");
}
