//! gRPC-Web: gRPC for pages in browsers, which see neither frames of HTTP/2 nor trailers.
//!
//! Messages are framed as in gRPC; the trailers are one more frame behind them. Where a page cannot read bytes, all of it
//! is written in base64. What a page cannot do is to send messages one after another.

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::{BufMut, Bytes, BytesMut};
use futures_util::{StreamExt, TryStreamExt};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};
use http_body::Frame;
use http_body_util::BodyStream;

/// The flag of the frame that holds the trailers.
const TRAILERS: u8 = 0x80;

/// How bytes are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// As they are.
    Binary,
    /// In base64.
    Text,
}

impl Form {
    /// The form of a request, if it is one of gRPC-Web with protobuf messages.
    fn of(headers: &HeaderMap) -> Option<Self> {
        match headers.get(CONTENT_TYPE)?.as_bytes() {
            b"application/grpc-web" | b"application/grpc-web+proto" => Some(Self::Binary),
            b"application/grpc-web-text" | b"application/grpc-web-text+proto" => Some(Self::Text),
            _ => None,
        }
    }

    const fn media_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Binary => "application/grpc-web+proto",
            Self::Text => "application/grpc-web-text+proto",
        })
    }

    fn written(self, bytes: Bytes) -> Bytes {
        match self {
            Self::Binary => bytes,
            Self::Text => STANDARD.encode(bytes).into(),
        }
    }
}

/// Serves a request as gRPC, whichever of the two it speaks.
pub(super) async fn translated<F>(
    mut request: Request,
    serve: impl FnOnce(Request) -> F,
) -> Response
where
    F: Future<Output = Response>,
{
    let Some(form) = Form::of(request.headers()) else {
        return serve(request).await;
    };
    let headers = request.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    headers.remove(CONTENT_LENGTH);
    if form == Form::Text {
        request = request.map(decoded);
    }
    let mut response = serve(request).await;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, form.media_type());
    response.map(|body| encoded(form, body))
}

/// What a page wrote in base64; it may have done so in pieces, each with a padding of its own.
fn decoded(body: Body) -> Body {
    let mut rest = Vec::new();
    let pieces = body.into_data_stream().map(move |piece| {
        rest.extend_from_slice(&piece?);
        let whole = rest.len() - rest.len() % 4;
        let mut bytes = Vec::with_capacity(whole / 4 * 3);
        for four in rest[..whole].chunks(4) {
            STANDARD
                .decode_vec(four, &mut bytes)
                .map_err(axum::Error::new)?;
        }
        rest.drain(..whole);
        Ok::<_, axum::Error>(Bytes::from(bytes))
    });
    Body::from_stream(pieces)
}

/// The answer with its trailers where a page can read them.
fn encoded(form: Form, body: Body) -> Body {
    let frames = BodyStream::new(body).map_ok(move |frame: Frame<Bytes>| {
        let bytes = frame
            .into_data()
            .or_else(|frame| frame.into_trailers().map(|it| framed(&it)));
        // A frame is either of the two.
        form.written(bytes.unwrap_or_default())
    });
    Body::from_stream(frames)
}

/// Trailers as a frame, written as headers are in HTTP/1.
fn framed(trailers: &HeaderMap) -> Bytes {
    let mut lines = Vec::new();
    for (name, value) in trailers {
        lines.extend_from_slice(name.as_str().as_bytes());
        lines.extend_from_slice(b": ");
        lines.extend_from_slice(value.as_bytes());
        lines.extend_from_slice(b"\r\n");
    }
    let mut frame = BytesMut::with_capacity(lines.len() + 5);
    frame.put_u8(TRAILERS);
    frame.put_u32(u32::try_from(lines.len()).unwrap_or(u32::MAX));
    frame.put_slice(&lines);
    frame.freeze()
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    #[test]
    fn its_media_types_are_its_own() {
        let of = |media_type| {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
            Form::of(&headers)
        };
        assert_eq!(of("application/grpc-web"), Some(Form::Binary));
        assert_eq!(of("application/grpc-web-text+proto"), Some(Form::Text));
        for other in [
            "application/grpc",
            "application/grpc+proto",
            "application/grpc-web+json",
        ] {
            assert_eq!(of(other), None, "{other}");
        }
    }

    #[tokio::test]
    async fn text_may_come_in_any_pieces() {
        for size in 1..9 {
            let text = b"aGVsbG8sIA==d29ybGQ="
                .chunks(size)
                .map(|piece| Ok::<_, std::convert::Infallible>(Bytes::copy_from_slice(piece)));
            let pieces: Vec<_> = text.collect();
            let body = Body::from_stream(futures_util::stream::iter(pieces));
            let bytes = decoded(body).collect().await.unwrap().to_bytes();
            assert_eq!(bytes, "hello, world", "{size}");
        }
        assert!(decoded(Body::from("a*==")).collect().await.is_err());
    }
}
