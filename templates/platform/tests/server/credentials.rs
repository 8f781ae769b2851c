//! API keys and passwords, over the wire.

use std::num::NonZeroU32;
use std::time::Duration;

use aws_lc_rs::pbkdf2;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use platform::config::SecretSource;
use platform::policy::{LimitKey, RateLimit, Scheme, Secret, ServicePolicy, Tls};
use platform::{ServiceConfig, Setup};
use reqwest::Response;

use super::support::*;

const ONE: &str = "one-0123456789-0123456789-0123456789";
const TWO: &str = "two-0123456789-0123456789-0123456789";

fn policy_of(auth: &[&'static str]) -> ServicePolicy {
    let mut policy = policy_with(Tls::Off, |op| {
        op.auth = auth.to_vec();
        if op.operation == "ping" {
            op.rate_limit = Some(RateLimit {
                permits: 1,
                per: Duration::from_secs(60),
                burst: 2,
                key: LimitKey::User,
            });
        }
    });
    policy.schemes = vec![
        Scheme::ApiKey {
            name: "partner",
            header: "X-Api-Key",
            keys: Secret::Env("PARTNER_KEYS"),
            key: Secret::Env("PARTNER_KEY"),
        },
        Scheme::Basic {
            name: "legacy",
            users: Secret::Env("LEGACY_USERS"),
            login: Secret::Env("LEGACY_LOGIN"),
        },
    ];
    policy
}

fn config() -> ServiceConfig {
    let mut hash = [0; 32];
    let rounds = NonZeroU32::new(100_000).unwrap();
    pbkdf2::derive(
        pbkdf2::PBKDF2_HMAC_SHA256,
        rounds,
        b"saltsalt",
        b"open sesame",
        &mut hash,
    );
    let (salt, hash) = (
        STANDARD_NO_PAD.encode("saltsalt"),
        STANDARD_NO_PAD.encode(hash),
    );
    let mut config = ServiceConfig::default();
    for (name, text) in [
        ("PARTNER_KEYS", format!("acme:{ONE}, zeta:{TWO}")),
        (
            "LEGACY_USERS",
            format!("ann:$pbkdf2-sha256$i=100000${salt}${hash}"),
        ),
    ] {
        let text = SecretSource::Text(text);
        config.secrets.insert(name.to_owned(), text);
    }
    config
}

async fn server(auth: &[&'static str]) -> Server {
    Server::start_with(Setup::new(policy_of(auth), config()), Tls::Off).await
}

async fn get(server: &Server, path: &str, headers: &[(&'static str, String)]) -> Response {
    let mut request = client().get(server.url(path));
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    request.send().await.unwrap()
}

fn key(key: &str) -> (&'static str, String) {
    ("x-api-key", key.to_owned())
}

fn login(login: &str) -> (&'static str, String) {
    ("authorization", format!("Basic {}", STANDARD.encode(login)))
}

fn challenges(response: &Response) -> Vec<&str> {
    let values = response.headers().get_all("www-authenticate").iter();
    values.map(|value| value.to_str().unwrap()).collect()
}

#[tokio::test]
async fn a_listed_key_or_password_is_let_in_and_nothing_else_is() {
    let server = server(&["partner", "legacy"]).await;
    for shown in [
        vec![key(ONE)],
        vec![key(TWO)],
        vec![login("ann:open sesame")],
        vec![key(ONE), login("ann:open sesame")],
    ] {
        let answer = get(&server, "/orders/1", &shown).await;
        assert_eq!(answer.status(), 200, "{shown:?}");
    }
    let wrong_key = key("acme-0123456789-0123456789-0123456789");
    for shown in [
        vec![],
        vec![wrong_key.clone()],
        vec![key(ONE), key(TWO)],
        vec![login("ann:open")],
        vec![login("bob:open sesame")],
        vec![("authorization", "Basic".to_owned())],
        vec![("authorization", "Bearer token".to_owned())],
        // What is shown has to be right, whatever else is.
        vec![key(ONE), login("ann:open")],
        vec![wrong_key, login("ann:open sesame")],
    ] {
        let answer = get(&server, "/orders/1", &shown).await;
        assert_eq!(
            challenges(&answer),
            [
                "ApiKey header=\"x-api-key\"",
                "Basic realm=\"test\", charset=\"UTF-8\""
            ]
        );
        assert_eq!(problem(answer).await.code, "unauthenticated", "{shown:?}");
    }
    assert_eq!(server.shop.entered(), 4);
}

#[tokio::test]
async fn what_another_operation_accepts_is_not_enough() {
    let server = server(&["partner"]).await;
    let answer = get(&server, "/orders/1", &[login("ann:open sesame")]).await;
    assert_eq!(challenges(&answer), ["ApiKey header=\"x-api-key\""]);
    assert_eq!(problem(answer).await.code, "unauthenticated");
}

#[tokio::test]
async fn each_name_has_a_limit_of_its_own() {
    let server = server(&["partner", "legacy"]).await;
    for shown in [key(ONE), key(TWO), login("ann:open sesame")] {
        let mut codes = Vec::new();
        for _ in 0..3 {
            let answer = get(&server, "/ping", std::slice::from_ref(&shown)).await;
            codes.push(answer.status().as_u16());
        }
        assert_eq!(codes, [204, 204, 429], "{shown:?}");
    }
}

#[tokio::test]
async fn a_service_without_its_secrets_does_not_start() {
    let started = |auth: &[&'static str]| {
        platform::Host::new(Setup::new(policy_of(auth), ServiceConfig::default()))
    };
    let error = started(&["partner"]).err().unwrap().to_string();
    assert_eq!(
        error,
        "keys of partner: the variable PARTNER_KEYS has to be set"
    );
    // What is accepted nowhere needs no list.
    assert!(started(&[]).is_ok());
}

#[tokio::test]
async fn a_replaced_list_holds_from_then_on() {
    let path = std::env::temp_dir().join(format!("keys-{}", std::process::id()));
    std::fs::write(&path, format!("acme:{ONE}\nacme:{TWO}")).unwrap();
    let mut config = config();
    let file = SecretSource::from(path.clone());
    config.secrets.insert("partner_keys".to_owned(), file);
    config.secrets.remove("PARTNER_KEYS");
    let setup = Setup::new(policy_of(&["partner"]), config);
    let server = Server::start_with(setup, Tls::Off).await;
    // Both are accepted while callers change over, and count as one.
    let mut codes = Vec::new();
    for shown in [ONE, TWO, ONE] {
        codes.push(get(&server, "/ping", &[key(shown)]).await.status().as_u16());
    }
    assert_eq!(codes, [204, 204, 429]);
    std::fs::remove_file(path).unwrap();
}
