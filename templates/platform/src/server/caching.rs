//! What whoever gets an answer over HTTP may do with it later (RFC 9111), and what becomes of the question whether it still
//! holds (RFC 9110, section 13).
//!
//! The server itself keeps no answers: each question reaches the handler. What is saved is the answer's way back and, for as
//! long as the drawing says, the question.

use std::fmt::Write as _;

use aws_lc_rs::digest::{SHA256, digest};
use axum::body::Body;
use axum::response::Response;
use http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY};
use http::{HeaderMap, HeaderValue, StatusCode};

use crate::policy::{Kind, OperationPolicy, Scheme};

/// Nobody keeps it.
const NOT_KEPT: HeaderValue = HeaderValue::from_static("no-store");

/// How long answers of one operation hold, and for whom.
#[derive(Debug)]
pub(super) struct Caching {
    control: HeaderValue,
    /// The headers of a request that the answer depends on.
    vary: Option<HeaderValue>,
}

impl Caching {
    /// Of an operation that is `read` by GET; `None` when its answers must not be kept.
    pub(super) fn of(policy: &OperationPolicy, schemes: &[Scheme], read: bool) -> Option<Self> {
        if policy.kind != Kind::Query || !read {
            return None;
        }
        // What everybody may ask is answered to everybody alike, and may be kept on the way too.
        let whose = if policy.auth.is_empty() {
            "public"
        } else {
            "private"
        };
        let control = match policy.cache {
            Some(age) => format!("{whose}, max-age={}", age.as_secs()),
            None => format!("{whose}, no-cache"),
        };
        let accepted = schemes
            .iter()
            .filter(|scheme| policy.auth.contains(&scheme.name()));
        let mut headers: Vec<_> = accepted.filter_map(Scheme::header).collect();
        headers.sort_unstable();
        headers.dedup();
        Some(Self {
            control: HeaderValue::try_from(control).unwrap_or(NOT_KEPT),
            vary: HeaderValue::try_from(headers.join(", "))
                .ok()
                .filter(|names| !names.is_empty()),
        })
    }

    /// Names the answer by its content and coding; if that is what the request has already, leaves the content out.
    fn mark(&self, asked: &HeaderMap, content: &[u8], coded: bool, response: &mut Response) {
        let tag = tag(content, coded);
        if is_known(asked, &tag) {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            *response.body_mut() = Body::empty();
            let headers = response.headers_mut();
            headers.remove(CONTENT_TYPE);
            headers.remove(CONTENT_LENGTH);
        }
        let headers = response.headers_mut();
        if let Ok(tag) = HeaderValue::try_from(tag) {
            headers.insert(ETAG, tag);
        }
        headers.insert(CACHE_CONTROL, self.control.clone());
        if let Some(vary) = &self.vary {
            headers.append(VARY, vary.clone());
        }
    }
}

/// Says in a successful answer what may be done with it. What is `passing` (a sample, an old answer that stands in for a
/// new one) is not kept.
pub(super) fn mark(
    caching: Option<&Caching>,
    passing: bool,
    asked: &HeaderMap,
    content: &[u8],
    coded: bool,
    response: &mut Response,
) {
    match caching.filter(|_| !passing && response.status() == StatusCode::OK) {
        Some(caching) => caching.mark(asked, content, coded, response),
        None => {
            response.headers_mut().insert(CACHE_CONTROL, NOT_KEPT);
        }
    }
}

/// Half of a SHA-256, in hexadecimal, and whether it is compressed: two answers with the same tag are the same, byte by byte.
fn tag(content: &[u8], coded: bool) -> String {
    let hash = digest(&SHA256, content);
    let mut tag = String::with_capacity(39);
    tag.push('"');
    for byte in &hash.as_ref()[..16] {
        // Writing to a String cannot fail.
        let _ = write!(tag, "{byte:02x}");
    }
    tag.push_str(if coded { "-gzip\"" } else { "\"" });
    tag
}

/// Whether `If-None-Match` names this tag. Tags are compared weakly: a cache on the way may have made it so.
fn is_known(asked: &HeaderMap, tag: &str) -> bool {
    let values = asked.get_all(IF_NONE_MATCH).iter();
    let mut tags = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim);
    tags.any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one) == tag)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn policy(kind: Kind, auth: Vec<&'static str>) -> OperationPolicy {
        OperationPolicy {
            operation: "find",
            kind,
            auth,
            allow: vec![],
            when: None,
            audited: false,
            rate_limit: None,
            timeout: None,
            max_body: None,
            idempotent: None,
            cache: Some(Duration::from_secs(30)),
        }
    }

    #[test]
    fn what_is_one_users_is_kept_for_that_user() {
        let staff = Scheme::Jwt {
            secret: None,
            name: "staff",
            issuer: "",
            audience: "",
            algorithms: vec!["ES256"],
            roles: vec![],
        };
        let schemes = [Scheme::Mtls { name: "mesh" }, staff];
        let of = |auth| Caching::of(&policy(Kind::Query, auth), &schemes, true);
        for (auth, control, vary) in [
            (
                vec!["mesh", "staff"],
                "private, max-age=30",
                Some("authorization"),
            ),
            (vec!["mesh"], "private, max-age=30", None),
            (vec![], "public, max-age=30", None),
        ] {
            let caching = of(auth).expect("a query's answers are kept");
            assert_eq!(caching.control, control);
            assert_eq!(
                caching.vary,
                vary.map(|it: &str| HeaderValue::try_from(it).unwrap())
            );
        }
    }

    #[test]
    fn only_what_is_read_is_kept() {
        for kind in [Kind::Query, Kind::Command, Kind::Event] {
            for read in [false, true] {
                let kept = Caching::of(&policy(kind, vec![]), &[], read).is_some();
                assert_eq!(kept, kind == Kind::Query && read, "{kind:?} {read}");
            }
        }
    }
}
