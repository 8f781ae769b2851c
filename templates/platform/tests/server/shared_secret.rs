//! Tokens that are signed with a secret which the issuer and the service share.

use std::time::{Duration, SystemTime};

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use platform::config::SecretSource;
use platform::policy::{Scheme, Secret, Tls};
use platform::{Clock, ServiceConfig, Setup};
use serde_json::{Value, json};

use super::support::*;

/// As many bytes as HS256 asks for.
const OLD: &str = "0123456789abcdef0123456789abcdef";
const NEW: &str = "fedcba9876543210fedcba9876543210";

fn scheme(algorithms: &[&'static str]) -> Scheme {
    Scheme::Jwt {
        name: "crew",
        issuer: "https://id.test",
        audience: "shop",
        algorithms: algorithms.to_vec(),
        roles: vec![],
        secret: Some(Secret::Env("CREW_SECRET")),
    }
}

fn setup(algorithms: &[&'static str], secret: SecretSource) -> Setup {
    let mut policy = policy_with(Tls::Off, |op| op.auth = vec!["crew"]);
    policy.schemes = vec![scheme(algorithms)];
    let mut config = ServiceConfig::default();
    config.secrets.insert("crew_secret".to_owned(), secret);
    Setup::new(policy, config).clock(Clock::system())
}

fn claims() -> Value {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let ends = now.unwrap() + Duration::from_secs(600);
    json!({ "iss": "https://id.test", "aud": "shop", "sub": "anna", "exp": ends.as_secs() })
}

fn signed(algorithm: Algorithm, secret: &str) -> String {
    let key = EncodingKey::from_secret(secret.as_bytes());
    jsonwebtoken::encode(&Header::new(algorithm), &claims(), &key).unwrap()
}

async fn status(server: &Server, token: &str) -> u16 {
    let request = client().get(server.url("/orders/1")).bearer_auth(token);
    request.send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn a_token_is_checked_with_the_secret_and_the_named_algorithm() {
    let setup = setup(&["HS256"], SecretSource::Text(format!("{NEW} {OLD}")));
    let server = Server::start_with(setup, Tls::Off).await;
    // Both, while one is replaced.
    assert_eq!(status(&server, &signed(Algorithm::HS256, NEW)).await, 200);
    assert_eq!(status(&server, &signed(Algorithm::HS256, OLD)).await, 200);
    assert_eq!(status(&server, &signed(Algorithm::HS384, NEW)).await, 401);
    let both = format!("{NEW} {OLD}");
    for wrong in [&both, &NEW[1..], ""] {
        assert_eq!(status(&server, &signed(Algorithm::HS256, wrong)).await, 401);
    }
    let good = signed(Algorithm::HS256, NEW);
    let (head, signature) = good.rsplit_once('.').unwrap();
    assert_eq!(status(&server, &format!("{head}.")).await, 401);
    let other = if signature.starts_with('A') { "B" } else { "A" };
    let bent = format!("{head}.{other}{}", &signature[1..]);
    assert_eq!(status(&server, &bent).await, 401);
    // {"alg":"none"}
    let (_, body) = head.split_once('.').unwrap();
    let unsigned = format!("eyJhbGciOiJub25lIn0.{body}.");
    assert_eq!(status(&server, &unsigned).await, 401);
}

#[tokio::test]
async fn a_secret_that_is_too_short_or_beside_public_keys_is_refused_at_the_start() {
    let refused = |algorithms: &[&'static str], secret: &str| {
        let secret = SecretSource::Text(secret.to_owned());
        let setup = setup(algorithms, secret);
        let built = service(Shop::default(), setup);
        built
            .err()
            .map(|error| error.to_string())
            .unwrap_or_default()
    };
    let short = refused(&["HS256"], "0123456789abcdef");
    assert!(short.contains("has 32 bytes or more"), "{short}");
    assert!(!short.contains("0123456789abcdef"));
    assert!(refused(&["HS512"], NEW).contains("has 64 bytes or more"));
    assert!(refused(&["HS256"], " ").contains("there is no secret"));
    for algorithms in [["HS256", "ES256"], ["RS256", "HS256"]] {
        let mixed = refused(&algorithms, NEW);
        assert!(mixed.contains("with no other algorithm"), "{mixed}");
    }
}
