use http::Method;
use platform::ProblemKind;
use platform::policy::Tls;

use super::support::*;

#[tokio::test]
async fn requests_are_read_from_where_they_are() {
    let server = Server::start(policy(Tls::Off)).await;
    let found = client()
        .get(server.url("/orders/a%20b?quantity=3&more=1"))
        .send()
        .await
        .unwrap();
    assert_eq!(found.status(), 200);
    assert_eq!(found.headers()["content-type"], "application/json");
    assert_eq!(
        found.json::<Order>().await.unwrap(),
        Order {
            id: "a b".into(),
            quantity: 3
        }
    );
    let placed = place(&server, json("a", 4)).send().await.unwrap();
    assert_eq!(
        placed.json::<Order>().await.unwrap(),
        Order {
            id: "a".into(),
            quantity: 4
        }
    );
    let pong = client().get(server.url("/ping")).send().await.unwrap();
    assert_eq!(
        (pong.status().as_u16(), pong.content_length()),
        (204, Some(0))
    );
    let told = client()
        .post(server.url("/told"))
        .header("content-type", "application/json")
        .body(json("a", 1));
    assert_eq!(told.send().await.unwrap().status(), 202);
    let document = client()
        .get(server.url("/openapi.json"))
        .send()
        .await
        .unwrap();
    assert_eq!(document.text().await.unwrap(), "{}");
}

#[tokio::test]
async fn what_cannot_be_read_is_told() {
    let server = Server::start(policy(Tls::Off)).await;
    for (body, field) in [
        ("{", None),
        ("", None),
        ("nonsense", None),
        ("[]", Some("")),
        ("null", Some("")),
        (r#"{"id":1}"#, Some("id")),
        (r#"{"id":"a","quantity":"x"}"#, Some("quantity")),
        (r#"{"id":"a","quantity":99999999999}"#, Some("quantity")),
        (r#"{"quantity":1}"#, Some("id")),
    ] {
        let problem = problem(place(&server, body).send().await.unwrap()).await;
        assert_eq!(problem.kind, ProblemKind::InvalidInput, "{body}");
        assert_eq!(
            problem.errors.first().map(|error| error.field.as_str()),
            field,
            "{body}: {problem}"
        );
    }
    let wrong = client()
        .get(server.url("/orders/a?quantity=x"))
        .send()
        .await
        .unwrap();
    assert_eq!(problem(wrong).await.errors[0].field, "quantity");
    let bytes = client()
        .get(server.url("/orders/%FF"))
        .send()
        .await
        .unwrap();
    assert_eq!(problem(bytes).await.kind, ProblemKind::InvalidInput);
    assert_eq!(server.shop.entered(), 0);
}

#[tokio::test]
async fn every_failed_check_is_told_at_once() {
    let server = Server::start(policy(Tls::Off)).await;
    let problem = problem(place(&server, json("", -1)).send().await.unwrap()).await;
    let fields: Vec<_> = problem
        .errors
        .iter()
        .map(|error| error.field.as_str())
        .collect();
    assert_eq!(fields, ["id", "quantity"]);
}

#[tokio::test]
async fn only_json_is_read() {
    let server = Server::start(policy(Tls::Off)).await;
    for (kind, status) in [
        (None, 415),
        (Some("text/plain"), 415),
        (Some("application/xml"), 415),
        (Some("ä"), 415),
        (Some("application/json"), 200),
        (Some("Application/JSON; charset=utf-8"), 200),
        (Some("application/vnd.order+json"), 200),
    ] {
        let mut request = client().post(server.url("/orders")).body(json("a", 1));
        if let Some(kind) = kind {
            request = request.header("content-type", kind.as_bytes());
        }
        assert_eq!(request.send().await.unwrap().status(), status, "{kind:?}");
    }
}

#[tokio::test]
async fn paths_and_methods_that_are_not_served() {
    let server = Server::start(policy(Tls::Off)).await;
    // A slash at the end makes another path, and nothing is redirected.
    for path in [
        "/nowhere",
        "/",
        "/orders/a/",
        "/orders//",
        "/ping/",
        "/PING",
    ] {
        let lost = client().get(server.url(path)).send().await.unwrap();
        assert_eq!(problem(lost).await.kind, ProblemKind::NotFound, "{path}");
    }
    for method in ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "GET"] {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let refused = client()
            .request(method.clone(), server.url("/orders"))
            .send()
            .await
            .unwrap();
        assert_eq!(refused.headers()["allow"], "POST", "{method}");
        assert_eq!(
            problem(refused).await.kind,
            ProblemKind::MethodNotAllowed,
            "{method}"
        );
    }
    let refused = client().post(server.url("/ping")).send().await.unwrap();
    assert_eq!(refused.headers()["allow"], "GET,HEAD");
    let head = client().head(server.url("/orders/a")).send().await.unwrap();
    assert_eq!(
        (head.status().as_u16(), head.bytes().await.unwrap().len()),
        (200, 0)
    );
    let document = client()
        .post(server.url("/openapi.json"))
        .send()
        .await
        .unwrap();
    assert_eq!(problem(document).await.kind, ProblemKind::MethodNotAllowed);
}

#[tokio::test]
async fn failures_of_handlers() {
    let server = Server::start(policy(Tls::Off)).await;
    let missing = problem(place(&server, json("missing", 1)).send().await.unwrap()).await;
    assert_eq!(
        (missing.kind, missing.detail.as_ref()),
        (ProblemKind::NotFound, "no such order")
    );
    let broken = problem(place(&server, json("broken", 1)).send().await.unwrap()).await;
    assert_eq!(broken.kind, ProblemKind::Internal);
    assert_eq!(
        place(&server, json("a", 1)).send().await.unwrap().status(),
        200
    );
}

#[tokio::test]
async fn requests_are_counted() {
    let server = Server::start(policy(Tls::Off)).await;
    place(&server, json("missing", 1)).send().await.unwrap();
    let admin = server.running.addresses().admin.unwrap();
    let get = |path: &str| client().get(format!("http://{admin}{path}")).send();
    let numbers = get("/metrics").await.unwrap().text().await.unwrap();
    let line = r#"requests_total{api="Shop",operation="place",protocol="rest",code="not-found"} 1"#;
    assert!(numbers.contains(line), "{numbers}");
    assert!(numbers.contains("requests_in_flight 0"), "{numbers}");
    assert_eq!(get("/healthz").await.unwrap().status(), 200);
    assert_eq!(get("/readyz").await.unwrap().status(), 200);
}
