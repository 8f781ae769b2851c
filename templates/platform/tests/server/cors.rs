use http::Method;
use platform::policy::{Scheme, ServicePolicy, Tls};
use reqwest::Response;

use super::support::*;

const OURS: &str = "https://www.shop.example";

fn lets_in(origins: &[&'static str]) -> ServicePolicy {
    let mut policy = policy(Tls::Off);
    policy
        .apis
        .iter_mut()
        .for_each(|api| api.cors = origins.to_vec());
    policy
}

async fn preflight(server: &Server, path: &str, origin: &str) -> Response {
    client()
        .request(Method::OPTIONS, server.url(path))
        .header("origin", origin)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "content-type")
        .send()
        .await
        .unwrap()
}

fn of_cors(response: &Response) -> Vec<&str> {
    let names = response.headers().keys().map(|name| name.as_str());
    names
        .filter(|name| name.starts_with("access-control-"))
        .collect()
}

#[tokio::test]
async fn a_preflight_is_answered_before_anybody_is_asked_who_they_are() {
    let mut policy = lets_in(&["https://other.example", OURS]);
    policy.schemes = vec![Scheme::Mtls { name: "mesh" }];
    for operation in policy.apis.iter_mut().flat_map(|api| &mut api.operations) {
        operation.auth = vec!["mesh"];
    }
    let server = Server::start(policy).await;
    let answer = preflight(&server, "/orders", OURS).await;
    assert_eq!(answer.status(), 204);
    let headers = answer.headers();
    assert_eq!(headers["access-control-allow-origin"], OURS);
    assert_eq!(headers["access-control-allow-credentials"], "true");
    assert_eq!(headers["access-control-allow-methods"], "POST");
    assert_eq!(headers["access-control-max-age"], "600");
    assert_eq!(headers["vary"], "origin");
    let reads = headers["access-control-allow-headers"].to_str().unwrap();
    assert!(reads.contains("content-type, idempotency-key"), "{reads}");
    let of_query = preflight(&server, "/orders/a", OURS).await;
    assert_eq!(
        of_query.headers()["access-control-allow-methods"],
        "GET,HEAD"
    );
    let asked = client().get(server.url("/orders/a")).header("origin", OURS);
    let refused = asked.send().await.unwrap();
    assert_eq!(refused.status(), 401);
    assert_eq!(refused.headers()["access-control-allow-origin"], OURS);
}

#[tokio::test]
async fn what_a_scheme_reads_may_be_sent() {
    let mut policy = lets_in(&[OURS]);
    let staff = Scheme::Jwt {
        name: "staff",
        issuer: "https://id.example",
        audience: "",
        algorithms: vec!["ES256"],
        roles: vec![],
        secret: None,
    };
    policy.schemes = vec![staff];
    let mut config = platform::ServiceConfig::default();
    let issuer = platform::config::IssuerConfig {
        jwks: Some("http://127.0.0.1:9".into()),
        ..Default::default()
    };
    config.issuers.insert("staff".into(), issuer);
    let setup = platform::Setup::new(policy, config);
    let server = Server::start_with(setup, Tls::Off).await;
    let answer = preflight(&server, "/orders", OURS).await;
    let reads = &answer.headers()["access-control-allow-headers"];
    assert!(
        reads.to_str().unwrap().starts_with("authorization, "),
        "{reads:?}"
    );
}

#[tokio::test]
async fn every_answer_names_its_origin() {
    let server = Server::start(lets_in(&[OURS])).await;
    for (path, status) in [
        ("/orders/a", 200),
        ("/orders/missing", 404),
        ("/orders", 405),
    ] {
        let request = client().get(server.url(path)).header("origin", OURS);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), status);
        let headers = answer.headers();
        assert_eq!(headers["access-control-allow-origin"], OURS, "{path}");
        assert_eq!(headers["vary"], "origin", "{path}");
        let shown = headers["access-control-expose-headers"].to_str().unwrap();
        assert!(shown.contains("retry-after"), "{shown}");
        assert_eq!(headers.contains_key("allow"), status == 405, "{path}");
    }
}

#[tokio::test]
async fn other_origins_are_told_nothing() {
    let server = Server::start(lets_in(&[OURS])).await;
    for origin in [
        "https://www.shop.example.evil.example",
        "http://www.shop.example",
        "https://www.shop.example:8443",
        "https://shop.example",
        "null",
        "*",
    ] {
        let asked = preflight(&server, "/orders", origin).await;
        assert_eq!(of_cors(&asked), [""; 0]);
        let request = client()
            .get(server.url("/orders/a"))
            .header("origin", origin);
        let answer = request.send().await.unwrap();
        assert_eq!((answer.status().as_u16(), of_cors(&answer)), (200, vec![]));
        assert_eq!(answer.headers()["vary"], "origin", "{origin}");
    }
}

#[tokio::test]
async fn all_origins_are_let_in_without_credentials() {
    let server = Server::start(lets_in(&["*"])).await;
    let asked = preflight(&server, "/orders", "https://any.example").await;
    assert_eq!(asked.status(), 204);
    assert_eq!(asked.headers()["access-control-allow-origin"], "*");
    assert!(
        !asked
            .headers()
            .contains_key("access-control-allow-credentials")
    );
    assert!(!asked.headers().contains_key("vary"));
}

#[tokio::test]
async fn without_origins_nothing_is_said() {
    let server = Server::start(policy(Tls::Off)).await;
    let asked = preflight(&server, "/orders", OURS).await;
    assert_eq!((asked.status().as_u16(), of_cors(&asked)), (405, vec![]));
    assert_eq!(asked.headers()["allow"], "POST");
    assert!(!asked.headers().contains_key("vary"));
}
