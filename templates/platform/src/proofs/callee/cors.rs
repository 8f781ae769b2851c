//! Whose pages may call.

use http::header::{ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN};
use http::{HeaderMap, Method};

use super::Subject;
use super::stage::Props;
use crate::proofs::row::Wire;

/// An origin that no drawing names.
const STRANGER: &str = "https://stranger.invalid";

/// Pages of the listed origins are let in, before it is asked whose user they have, and those of no other.
pub(super) async fn cors(subject: Subject<'_>, origins: &[&str]) {
    let method = match subject.probe.wire {
        Wire::Rest { method, .. } => method,
        // As gRPC-Web.
        Wire::Grpc { .. } => "POST",
    };
    let props = Props {
        tls: Some(subject.probe.strictest()),
        ..Props::default()
    };
    let stage = subject
        .stage(props, |_, kept| kept.auth = subject.probe.auth.to_vec())
        .await;
    let asker = subject.asker(&stage);
    let all = origins.contains(&"*");
    for origin in origins.iter().copied().chain([STRANGER]) {
        let let_in = all || origins.contains(&origin);
        let named = let_in.then_some(if all { "*" } else { origin });
        let (_, headers) = asker.ask_by(None, &[("origin", origin)]).await;
        assert_eq!(shown(&headers), named, "an answer to a page of {origin}");
        let asks = [
            ("origin", origin),
            ("access-control-request-method", method),
        ];
        let (_, headers) = asker.ask_by(Some(Method::OPTIONS), &asks).await;
        assert_eq!(shown(&headers), named, "a preflight of a page of {origin}");
        let methods = headers.get(ACCESS_CONTROL_ALLOW_METHODS);
        let allowed = methods
            .and_then(|methods| methods.to_str().ok())
            .is_some_and(|methods| methods.split(',').any(|one| one == method));
        assert_eq!(allowed, let_in, "{method} by a page of {origin}");
    }
}

/// The origin that an answer lets in.
fn shown(headers: &HeaderMap) -> Option<&str> {
    headers.get(ACCESS_CONTROL_ALLOW_ORIGIN)?.to_str().ok()
}
