//! Idempotency keys of calls.

use std::fmt::Write as _;

use aws_lc_rs::digest;
use http::HeaderValue;

use crate::context::Scope;

/// The key of a request's `number`th call over an edge.
///
/// Where the request has a key itself, a repetition of it makes the same calls with the same keys, so that nothing behind it
/// happens twice. The request's own key is not passed on: it is unique for its caller and user only, whom the callee
/// may not know, and a request may make several calls. Without one, each call gets a key of its own.
pub(super) fn of_call(scope: &Scope, edge: &str, operation: &str, number: u32) -> HeaderValue {
    let text = match &scope.idempotency_key {
        None => format!("{:032x}", fastrand::u128(..)),
        Some(key) => {
            let caller = scope.caller.service.as_deref().unwrap_or_default();
            let user = scope.user.as_ref().map_or("", |user| &user.subject);
            derived(&[key, caller, user, edge, operation, &number.to_string()])
        }
    };
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("0"))
}

/// Half of a SHA-256 over the parts, in hexadecimal; each part is preceded by its length, so that none runs into the next.
fn derived(parts: &[&str]) -> String {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(&part.len().to_be_bytes());
        context.update(part.as_bytes());
    }
    context.finish().as_ref()[..16]
        .iter()
        .fold(String::with_capacity(32), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_request_repeats_its_keys_and_no_others() {
        let scope = |key: Option<&str>| Scope {
            idempotency_key: key.map(Into::into),
            ..Scope::default()
        };
        let of =
            |key, operation, number| of_call(&scope(key), "a -> b.B : grpc", operation, number);
        assert_eq!(of(Some("k"), "pay", 0), of(Some("k"), "pay", 0));
        assert_ne!(of(Some("k"), "pay", 0), of(Some("k"), "pay", 1));
        assert_ne!(of(Some("k"), "pay", 0), of(Some("l"), "pay", 0));
        assert_ne!(of(Some("k"), "pay", 0), of(Some("k"), "refund", 0));
        assert_ne!(of(None, "pay", 0), of(None, "pay", 0));
    }

    #[test]
    fn parts_do_not_run_into_each_other() {
        assert_ne!(derived(&["ab", "c"]), derived(&["a", "bc"]));
    }
}
