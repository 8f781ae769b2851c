//! Compressed content (RFC 9110, section 8.4), by gzip: every client knows it, and what others save beyond it is little.

use std::io::{Read, Write};

use bytes::Bytes;
use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use http::HeaderMap;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, HeaderName};

use crate::policy::{OperationPolicy, Scheme};
use crate::problem::Problem;

/// Below this many bytes an answer fits a packet or two either way.
const SMALLEST: usize = 1024;

/// From this many bytes on it takes long enough that other requests must not wait for it.
const LONG: usize = 64 * 1024;

/// Whether answers of an operation may be compressed.
///
/// The length of a compressed answer tells something of what is in it: whoever can make a browser ask again and again with words of
/// his choice that the answer repeats, and can see lengths on the way, finds out its secrets (BREACH). That takes a
/// credential which the browser sends by itself, so that where one is accepted answers stay as they are.
pub(super) fn is_safe(policy: &OperationPolicy, schemes: &[Scheme]) -> bool {
    let accepted = |scheme: &&Scheme| policy.auth.contains(&scheme.name());
    !schemes
        .iter()
        .filter(accepted)
        .any(Scheme::is_sent_by_browsers)
}

/// Whether an answer of this length is worth compressing.
pub(super) fn is_worth(length: usize) -> bool {
    length >= SMALLEST
}

/// Whether who asks takes gzip.
pub(super) fn is_wanted(asked: &HeaderMap) -> bool {
    let mut any = false;
    for (coding, wanted) in codings(asked, ACCEPT_ENCODING) {
        if is_gzip(coding) {
            return wanted;
        }
        any |= coding == "*" && wanted;
    }
    any
}

/// The codings of a header, each with whether its weight is above zero.
fn codings(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = (&str, bool)> {
    let values = headers.get_all(name).into_iter();
    let values = values.filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(|one| {
        let (coding, weight) = one.split_once(';').unwrap_or((one, ""));
        let weight = weight.trim().strip_prefix("q=");
        let zero = weight.is_some_and(|weight| weight.trim_matches(['0', '.']).is_empty());
        (coding.trim(), !zero)
    })
}

fn is_gzip(coding: &str) -> bool {
    coding.eq_ignore_ascii_case("gzip") || coding.eq_ignore_ascii_case("x-gzip")
}

/// The content, compressed.
///
/// # Errors
/// Never on a running service: writing to memory does not fail.
pub(super) async fn compressed(content: Bytes) -> Result<Bytes, Problem> {
    apart(content, |content| {
        let mut coder = GzEncoder::new(Vec::with_capacity(content.len() / 4), Compression::fast());
        coder.write_all(content)?;
        coder.finish()
    })
    .await
    .map_err(|error| Problem::internal(format!("the answer cannot be compressed: {error}")))
}

/// The content of a request's body, which the headers say how it is coded: never more than `most` bytes, whatever it claims.
///
/// # Errors
/// `unsupported-media-type` for another coding than gzip, `invalid-input` when it is none.
pub(super) async fn content(
    headers: &HeaderMap,
    body: Bytes,
    most: usize,
    too_large: impl FnOnce() -> Problem,
) -> Result<Bytes, Problem> {
    let mut coded = codings(headers, CONTENT_ENCODING)
        .filter(|(coding, _)| !coding.eq_ignore_ascii_case("identity"));
    match (coded.next(), coded.next()) {
        (None, _) => return Ok(body),
        (Some((coding, _)), None) if is_gzip(coding) => {}
        _ => {
            return Err(Problem::unsupported_media_type(
                "the body may be compressed by gzip only",
            ));
        }
    }
    let enough = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    let content = apart(body, move |body| {
        let mut content = Vec::new();
        MultiGzDecoder::new(body)
            .take(enough)
            .read_to_end(&mut content)?;
        Ok(content)
    })
    .await
    .map_err(|_| Problem::invalid_input("the body is not what gzip writes"))?;
    if content.len() > most {
        return Err(too_large());
    }
    Ok(content)
}

/// Does the work, where it is much beside the requests.
async fn apart(
    bytes: Bytes,
    work: impl FnOnce(&[u8]) -> std::io::Result<Vec<u8>> + Send + 'static,
) -> std::io::Result<Bytes> {
    let done = if bytes.len() < LONG {
        work(&bytes)
    } else {
        tokio::task::spawn_blocking(move || work(&bytes)).await?
    };
    done.map(Bytes::from)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn gzip_is_wanted_by_those_who_say_so() {
        for (text, wanted) in [
            ("gzip", true),
            ("br, GZIP;q=0.5", true),
            ("x-gzip", true),
            ("*", true),
            ("gzip;q=1.0", true),
            ("gzip; q=0.001", true),
            ("", false),
            ("br", false),
            ("identity", false),
            ("gzip;q=0", false),
            ("gzip;q=0.000, *", false),
            ("*;q=0", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(text));
            assert_eq!(is_wanted(&headers), wanted, "{text}");
        }
        assert!(!is_wanted(&HeaderMap::new()));
    }

    #[tokio::test]
    async fn what_is_compressed_is_read_again() {
        for length in [0, 10, LONG * 3] {
            let text = Bytes::from("a line of it\n".repeat(length / 13 + 1));
            let small = compressed(text.clone()).await.unwrap();
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            let read = content(&headers, small.clone(), text.len(), || {
                Problem::payload_too_large("")
            });
            assert_eq!(read.await, Ok(text.clone()));
            let bounded = content(&headers, small, text.len() - 1, || {
                Problem::payload_too_large("bounded")
            });
            assert_eq!(bounded.await, Err(Problem::payload_too_large("bounded")));
        }
    }
}
