//! Problems over HTTP.

use std::time::Duration;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, StatusCode};

use super::{Problem, ProblemKind};

/// The media type of a problem.
pub const PROBLEM_JSON: &str = "application/problem+json";

impl ProblemKind {
    /// The kind that fits a status which came without a problem document; `None` for a success.
    pub fn from_status(status: u16) -> Option<Self> {
        Some(match status {
            401 => Self::Unauthenticated,
            403 => Self::Forbidden,
            404 | 410 => Self::NotFound,
            405 => Self::MethodNotAllowed,
            409 => Self::Conflict,
            412 | 428 => Self::PreconditionFailed,
            413 => Self::PayloadTooLarge,
            415 => Self::UnsupportedMediaType,
            429 => Self::RateLimited,
            400..=499 => Self::InvalidInput,
            501 => Self::NotImplemented,
            502 => Self::BadGateway,
            503 => Self::Unavailable,
            504 => Self::Timeout,
            500..=599 => Self::Internal,
            _ => return None,
        })
    }
}

impl Problem {
    /// The problem that an unsuccessful answer tells of, whether or not it holds a problem document.
    pub fn from_http(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Self {
        let problem = Self::from_json(body).unwrap_or_else(|| {
            let kind = ProblemKind::from_status(status.as_u16()).unwrap_or(ProblemKind::BadGateway);
            Self::new(kind, format!("answered with status {}", status.as_u16()))
        });
        let wait = headers
            .get(RETRY_AFTER)
            .and_then(|value| value.to_str().ok()?.trim().parse().ok());
        // The document is finer than the header's whole seconds.
        Self {
            retry_after: problem.retry_after.or(wait.map(Duration::from_secs)),
            ..problem
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.to_json()));
        *response.status_mut() =
            StatusCode::from_u16(self.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        // Without a word on it, caches keep some of these (404, 405, 501) for as long as they see fit.
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(wait) = self.retry_after {
            // Whole seconds, rounded up: coming back too early is refused again.
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds.max(1)));
        }
        if self.kind == ProblemKind::Unauthenticated {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_response_reads_back() {
        for &kind in ProblemKind::ALL {
            let problem = Problem::new(kind, "why").retry_after(Duration::from_millis(2200));
            let response = problem.clone().into_response();
            assert_eq!(response.status().as_u16(), kind.status());
            assert_eq!(response.headers()[RETRY_AFTER], "3");
            let (parts, body) = response.into_parts();
            let body = axum::body::to_bytes(body, 10_000).await.unwrap();
            assert_eq!(
                Problem::from_http(parts.status, &parts.headers, &body),
                problem
            );
        }
    }

    #[test]
    fn a_status_without_a_document_is_understood() {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, HeaderValue::from_static("7"));
        let problem = Problem::from_http(StatusCode::SERVICE_UNAVAILABLE, &headers, b"<html>");
        assert_eq!(
            (problem.kind, problem.retry_after),
            (ProblemKind::Unavailable, Some(Duration::from_secs(7)))
        );
        let problem = Problem::from_http(StatusCode::IM_A_TEAPOT, &HeaderMap::new(), b"");
        assert_eq!(problem.kind, ProblemKind::InvalidInput);
    }
}
