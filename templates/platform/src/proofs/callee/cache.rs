//! How long answers may be used again.

use std::time::Duration;

use http::header::{CACHE_CONTROL, ETAG};
use http::{HeaderMap, HeaderName};

use super::Subject;
use super::stage::Props;

/// The answer says how long it holds, and is not sent again to those who have it.
pub(super) async fn cache(subject: Subject<'_>, expected: Duration) {
    let props = Props {
        tls: Some(subject.probe.strictest()),
        ..Props::default()
    };
    let stage = subject
        .stage(props, |real, kept| kept.cache = real.cache)
        .await;
    let asker = subject.asker(&stage);
    let (status, headers) = asker.ask_by(None, &[]).await;
    assert_eq!(status, 200, "a request");
    let age = format!("max-age={}", expected.as_secs());
    let control = text(&headers, CACHE_CONTROL);
    assert!(
        control.split(", ").any(|part| part == age),
        "the answer may be kept as `{control}` says instead of `{age}`"
    );
    let known = text(&headers, ETAG);
    let (status, _) = asker.ask_by(None, &[("if-none-match", known)]).await;
    assert_eq!(status, 304, "a request by who has the answer");
    assert_eq!(
        stage.script.arrivals(),
        2,
        "requests that reached the handler: the server keeps nothing"
    );
}

fn text(headers: &HeaderMap, name: HeaderName) -> &str {
    let value = headers.get(&name).and_then(|value| value.to_str().ok());
    value.unwrap_or_else(|| panic!("the answer has no {name}"))
}
