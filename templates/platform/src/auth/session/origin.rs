//! Whether a browser sends a request on behalf of a page of ours.
//!
//! A cookie comes with whatever any page makes the browser send. `SameSite` holds most of it back; this holds back the
//! rest, before anything is changed: browsers say where a request comes from, and pages cannot make them say otherwise.

use http::header::{HOST, HeaderName, ORIGIN};
use http::{HeaderMap, HeaderValue};

use crate::problem::Problem;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Goes on where the request comes from this very origin, or from one of `listed`.
///
/// # Errors
/// Forbidden, where it comes from elsewhere, or does not say.
pub(super) fn check(
    headers: &HeaderMap,
    own: Option<&str>,
    listed: &[&'static str],
) -> Result<(), Problem> {
    let origin = headers.get(ORIGIN).map(HeaderValue::as_bytes);
    let is_listed = origin.is_some_and(|origin| listed.iter().any(|it| it.as_bytes() == origin));
    let is_ours = match headers.get(SEC_FETCH_SITE).map(HeaderValue::as_bytes) {
        // None: the user's own doing, in the browser itself.
        Some(site) => matches!(site, b"same-origin" | b"none"),
        None => origin.is_some_and(|origin| is_own(origin, own, headers)),
    };
    if is_listed || is_ours {
        return Ok(());
    }
    Err(Problem::forbidden(
        "with a session's cookie this can be asked for by pages of this site alone",
    )
    .with_code("cross-site"))
}

/// Whether an origin is the configured one, or else names the host that is asked.
fn is_own(origin: &[u8], own: Option<&str>, headers: &HeaderMap) -> bool {
    if let Some(own) = own {
        return origin.eq_ignore_ascii_case(own.as_bytes());
    }
    let host = headers.get(HOST).map(HeaderValue::as_bytes);
    let named = [&b"https://"[..], b"http://"]
        .iter()
        .find_map(|scheme| origin.strip_prefix(*scheme));
    named.is_some() && named == host
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(said: &[(&'static str, &'static str)], own: Option<&str>) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, HeaderValue::from_static("shop.example"));
        for (name, value) in said {
            headers.insert(*name, HeaderValue::from_static(value));
        }
        check(&headers, own, &["https://app.example"]).is_ok()
    }

    #[test]
    fn pages_of_this_origin_and_of_listed_ones_are_let_in() {
        assert!(judged(&[("sec-fetch-site", "same-origin")], None));
        assert!(judged(&[("sec-fetch-site", "none")], None));
        assert!(judged(&[("origin", "https://shop.example")], None));
        let listed = [
            ("sec-fetch-site", "cross-site"),
            ("origin", "https://app.example"),
        ];
        assert!(judged(&listed, None));
        let public = Some("https://www.shop.example");
        assert!(judged(&[("origin", "https://www.shop.example")], public));
    }

    #[test]
    fn all_others_are_not() {
        assert!(!judged(&[], None), "whoever does not say");
        assert!(!judged(&[("origin", "null")], None));
        assert!(!judged(&[("origin", "https://evil.example")], None));
        assert!(!judged(&[("origin", "https://shop.example.evil")], None));
        for site in ["same-site", "cross-site"] {
            assert!(!judged(&[("sec-fetch-site", site)], None), "{site}");
        }
        // What the browser judged is not judged again by a header that says less.
        let both = [
            ("sec-fetch-site", "cross-site"),
            ("origin", "https://shop.example"),
        ];
        assert!(!judged(&both, None));
        let public = Some("https://www.shop.example");
        assert!(!judged(&[("origin", "https://shop.example")], public));
    }
}
