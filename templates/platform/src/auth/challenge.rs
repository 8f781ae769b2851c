//! What a refused caller is told to show (`WWW-Authenticate`, RFC 9110).

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue};

use super::INSUFFICIENT_SCOPE;
use crate::problem::{Problem, ProblemKind};

/// What a request showed, as far as its refusal differs by that.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Presented {
    token: bool,
}

impl Presented {
    /// What these headers show.
    pub(crate) fn in_headers(headers: &HeaderMap) -> Self {
        let bearer = |value: &HeaderValue| {
            let scheme = value.as_bytes().get(..7);
            scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"bearer "))
        };
        Self {
            token: headers.get(AUTHORIZATION).is_some_and(bearer),
        }
    }
}

/// One way of proving who calls.
#[derive(Clone, Debug)]
pub(super) enum Challenge {
    /// A token (RFC 6750), with these scopes.
    Bearer(Vec<&'static str>),
    /// A name and password (RFC 7617), in the realm of this system.
    Basic(&'static str),
    /// A key in this header. No standard names this; the name is the one that is widely used.
    ApiKey(String),
    /// The cookie of a session, as it says itself.
    Cookie(String),
    /// A certificate on the connection. No standard names this either.
    Certificate,
}

impl Challenge {
    /// The header's value, where it is what the problem calls for.
    pub(super) fn header(&self, problem: &Problem, presented: Presented) -> Option<HeaderValue> {
        if problem.code == INSUFFICIENT_SCOPE {
            let Self::Bearer(scopes) = self else {
                return None;
            };
            let scopes = scopes.join(" ");
            let text = format!("Bearer error=\"insufficient_scope\", scope=\"{scopes}\"");
            return HeaderValue::try_from(text).ok();
        }
        if problem.kind != ProblemKind::Unauthenticated {
            return None;
        }
        let text = match self {
            Self::Bearer(_) if presented.token => "Bearer error=\"invalid_token\"".to_owned(),
            Self::Bearer(_) => "Bearer".to_owned(),
            Self::Basic(realm) => format!("Basic realm=\"{realm}\", charset=\"UTF-8\""),
            Self::ApiKey(header) => format!("ApiKey header=\"{header}\""),
            Self::Cookie(challenge) => challenge.clone(),
            Self::Certificate => "Certificate".to_owned(),
        };
        HeaderValue::try_from(text).ok()
    }
}
