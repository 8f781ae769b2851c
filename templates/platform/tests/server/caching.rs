use std::time::Duration;

use platform::policy::{ServicePolicy, Tls};
use reqwest::Response;

use super::support::*;

/// The policy with answers that hold for `cache`.
fn holding(cache: Option<Duration>) -> ServicePolicy {
    policy_with(Tls::Off, |operation| operation.cache = cache)
}

async fn get(server: &Server, path: &str, known: &[&str]) -> Response {
    let mut request = client().get(server.url(path));
    for tag in known {
        request = request.header("if-none-match", *tag);
    }
    request.send().await.unwrap()
}

fn header<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    response
        .headers()
        .get(name)
        .map(|value| value.to_str().unwrap())
}

#[tokio::test]
async fn an_answer_of_a_query_holds_as_long_as_the_drawing_says() {
    for (cache, control) in [
        (None, "public, no-cache"),
        (Some(Duration::from_secs(30)), "public, max-age=30"),
    ] {
        let server = Server::start(holding(cache)).await;
        let answer = get(&server, "/orders/a", &[]).await;
        assert_eq!(header(&answer, "cache-control"), Some(control));
        assert_eq!(header(&answer, "etag").map(str::len), Some(34));
        assert_eq!(header(&answer, "vary"), None);
    }
}

#[tokio::test]
async fn an_answer_that_is_known_is_not_sent_again() {
    let server = Server::start(holding(Some(Duration::from_secs(30)))).await;
    let first = get(&server, "/orders/a", &[]).await;
    let tag = header(&first, "etag").unwrap().to_owned();
    let weak = format!("W/{tag}");
    let among = format!("\"other\", {tag}");
    for known in [
        &[tag.as_str()][..],
        &[&weak],
        &[&among],
        &["*"],
        &["\"other\"", &tag],
    ] {
        let again = get(&server, "/orders/a", known).await;
        assert_eq!(again.status(), 304, "{known:?}");
        assert_eq!(header(&again, "etag"), Some(tag.as_str()));
        assert_eq!(header(&again, "cache-control"), Some("public, max-age=30"));
        assert_eq!(header(&again, "content-type"), None);
        assert_eq!(again.bytes().await.unwrap().len(), 0);
    }
    for other in ["\"other\"", "other", ""] {
        let again = get(&server, "/orders/a", &[other]).await;
        assert_eq!(again.status(), 200, "{other}");
    }
    let another = get(&server, "/orders/b", &[&tag]).await;
    assert_eq!(another.status(), 200);
    assert_ne!(header(&another, "etag"), Some(tag.as_str()));
    let head = client().head(server.url("/orders/a")).send().await.unwrap();
    assert_eq!(header(&head, "etag"), Some(tag.as_str()));
}

#[tokio::test]
async fn all_else_is_not_kept() {
    let server = Server::start(holding(Some(Duration::from_secs(30)))).await;
    for path in ["/orders/missing", "/orders/sampled", "/ping", "/nowhere"] {
        let answer = get(&server, path, &["*"]).await;
        assert_eq!(header(&answer, "cache-control"), Some("no-store"), "{path}");
        assert_eq!(header(&answer, "etag"), None, "{path}");
        assert_ne!(answer.status(), 304, "{path}");
    }
    let placed = place(&server, json("a", 1)).send().await.unwrap();
    assert_eq!(header(&placed, "cache-control"), Some("no-store"));
    assert_eq!(header(&placed, "etag"), None);
    let refused = client().put(server.url("/orders")).send().await.unwrap();
    assert_eq!(header(&refused, "cache-control"), Some("no-store"));
}
