//! The one error of every operation, on every protocol (RFC 9457).

mod grpc;
mod http;

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use self::grpc::PROBLEM_METADATA;
pub use self::http::PROBLEM_JSON;

/// Why an operation failed, in a form that survives every protocol.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// Decides the status on each protocol.
    pub kind: ProblemKind,
    /// What programs tell problems apart by; the kind's own code unless [`Problem::with_code`] gave another.
    pub code: Cow<'static, str>,
    /// A sentence for people; never anything secret.
    pub detail: Cow<'static, str>,
    /// What is wrong with which field of the request.
    pub errors: Vec<FieldError>,
    /// When another try makes sense.
    pub retry_after: Option<Duration>,
}

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// The field's path: `items[0].quantity`.
    pub field: String,
    /// What is wrong with it.
    pub message: String,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident $make:ident $code:literal $title:literal $http:literal $grpc:ident;)*) => {
        /// What kind of failure it is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ProblemKind {
            $($(#[$doc])* $kind,)*
        }

        impl ProblemKind {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$kind,)*];

            /// The code that programs tell it by.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$kind => $code,)* }
            }

            /// A short title for people.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$kind => $title,)* }
            }

            /// The HTTP status.
            pub const fn status(self) -> u16 {
                match self { $(Self::$kind => $http,)* }
            }

            /// The gRPC status.
            pub const fn grpc(self) -> tonic::Code {
                match self { $(Self::$kind => tonic::Code::$grpc,)* }
            }
        }

        impl Problem {
            $($(#[$doc])* pub fn $make(detail: impl Into<Cow<'static, str>>) -> Self {
                Self::new(ProblemKind::$kind, detail)
            })*
        }
    };
}

kinds! {
    /// The request is not what the operation takes.
    InvalidInput invalid_input "invalid-input" "Invalid input" 400 InvalidArgument;
    /// Nobody proved who calls.
    Unauthenticated unauthenticated "unauthenticated" "Unauthenticated" 401 Unauthenticated;
    /// Who calls may not do this.
    Forbidden forbidden "forbidden" "Forbidden" 403 PermissionDenied;
    /// What was asked for does not exist.
    NotFound not_found "not-found" "Not found" 404 NotFound;
    /// The path exists, but not with this method.
    MethodNotAllowed method_not_allowed "method-not-allowed" "Method not allowed" 405 Unimplemented;
    /// The present state does not allow it.
    Conflict conflict "conflict" "Conflict" 409 Aborted;
    /// The state is not what the caller said it must be.
    PreconditionFailed precondition_failed "precondition-failed" "Precondition failed" 412 FailedPrecondition;
    /// The request's body is larger than the operation takes.
    PayloadTooLarge payload_too_large "payload-too-large" "Payload too large" 413 ResourceExhausted;
    /// The body is not in a format that the operation takes.
    UnsupportedMediaType unsupported_media_type "unsupported-media-type" "Unsupported media type" 415 InvalidArgument;
    /// The caller asks too often.
    RateLimited rate_limited "rate-limited" "Too many requests" 429 ResourceExhausted;
    /// Something went wrong here; the caller cannot help it.
    Internal internal "internal" "Internal error" 500 Internal;
    /// The operation is declared, but not written yet.
    NotImplemented not_implemented "not-implemented" "Not implemented" 501 Unimplemented;
    /// A service that this one needs answered with nonsense.
    BadGateway bad_gateway "bad-gateway" "Bad gateway" 502 Internal;
    /// A service that this one needs cannot be reached.
    Unavailable unavailable "unavailable" "Unavailable" 503 Unavailable;
    /// There is more to do than can be done: nothing of this request was.
    Overloaded overloaded "overloaded" "Overloaded" 503 Unavailable;
    /// Calls to a failing service are held back for a while.
    CircuitOpen circuit_open "circuit-open" "Circuit open" 503 Unavailable;
    /// The time set for it was not enough.
    Timeout timeout "timeout" "Timeout" 504 DeadlineExceeded;
    /// Nobody waits for the answer any more.
    DeadlineExceeded deadline_exceeded "deadline-exceeded" "Deadline exceeded" 504 DeadlineExceeded;
}

impl Problem {
    /// A problem of a kind, with its kind's code.
    pub fn new(kind: ProblemKind, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            kind,
            code: Cow::Borrowed(kind.code()),
            detail: detail.into(),
            errors: Vec::new(),
            retry_after: None,
        }
    }

    /// A request whose fields are wrong.
    pub fn invalid_fields(errors: Vec<FieldError>) -> Self {
        Self {
            errors,
            ..Self::invalid_input("the request is not valid")
        }
    }

    /// A request one field of which is wrong.
    pub fn invalid_field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::invalid_fields(vec![FieldError {
            field: field.into(),
            message: message.into(),
        }])
    }

    /// The same with a code of its own, in kebab-case.
    #[must_use]
    pub fn with_code(mut self, code: impl Into<Cow<'static, str>>) -> Self {
        self.code = code.into();
        self
    }

    /// The same, telling when another try makes sense.
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// The same, as the callers of this service see a failure of a service behind it: what the callee could not do
    /// is a bad gateway, and so is its refusal of our own credentials; all else passes through.
    #[must_use]
    pub fn of_callee(self) -> Self {
        match self.kind {
            ProblemKind::Internal => Self::bad_gateway("a service behind this one failed"),
            ProblemKind::Unauthenticated => {
                Self::bad_gateway("a service behind this one refused our credentials")
            }
            _ => self,
        }
    }
}

impl ProblemKind {
    /// The kind that has this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.code() == code)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.detail)?;
        self.errors
            .iter()
            .try_for_each(|error| write!(f, "; {} {}", error.field, error.message))
    }
}

impl std::error::Error for Problem {}

/// The body of `application/problem+json`, which gRPC carries too.
#[derive(Serialize, Deserialize)]
struct Document<'a> {
    #[serde(rename = "type", default)]
    type_uri: Cow<'a, str>,
    #[serde(default)]
    title: Cow<'a, str>,
    #[serde(default)]
    status: u16,
    #[serde(default)]
    detail: Cow<'a, str>,
    #[serde(default)]
    code: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "<[FieldError]>::is_empty")]
    errors: Cow<'a, [FieldError]>,
    /// Seconds; HTTP says it by a header as well, gRPC only here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    retry_after: Option<f64>,
}

impl Problem {
    /// The problem as JSON.
    pub fn to_json(&self) -> Vec<u8> {
        let document = Document {
            type_uri: Cow::Owned(format!("urn:problem:{}", self.code)),
            title: Cow::Borrowed(self.kind.title()),
            status: self.kind.status(),
            detail: Cow::Borrowed(&self.detail),
            code: Cow::Borrowed(&self.code),
            errors: Cow::Borrowed(&self.errors),
            retry_after: self.retry_after.map(|wait| wait.as_secs_f64()),
        };
        // Strings and numbers alone: this cannot fail.
        serde_json::to_vec(&document).unwrap_or_default()
    }

    /// Reads a problem back; `None` when the bytes are no problem document.
    pub(crate) fn from_json(bytes: &[u8]) -> Option<Self> {
        let document: Document<'_> = serde_json::from_slice(bytes).ok()?;
        if document.type_uri.is_empty() {
            return None;
        }
        let kind = ProblemKind::from_code(&document.code)
            .or_else(|| ProblemKind::from_status(document.status))?;
        let code = if document.code.is_empty() {
            kind.code().into()
        } else {
            document.code.into_owned().into()
        };
        let retry_after = document
            .retry_after
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        let detail = document.detail.into_owned().into();
        Some(Self {
            kind,
            code,
            detail,
            errors: document.errors.into_owned(),
            retry_after,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_holds_everything() {
        for &kind in ProblemKind::ALL {
            let mut problem = Problem::new(kind, "why").retry_after(Duration::from_millis(1500));
            problem.errors.push(FieldError {
                field: "items[0].sku".into(),
                message: "must be".into(),
            });
            assert_eq!(Problem::from_json(&problem.to_json()), Some(problem));
        }
        let own = Problem::conflict("sold").with_code("out-of-stock");
        assert_eq!(Problem::from_json(&own.to_json()), Some(own));
    }

    #[test]
    fn json_reads_as_rfc_9457_says() {
        let json = String::from_utf8(Problem::not_found("no such order").to_json()).unwrap();
        assert_eq!(
            json,
            r#"{"type":"urn:problem:not-found","title":"Not found","status":404,"detail":"no such order","code":"not-found"}"#
        );
    }

    #[test]
    fn a_callee_is_not_the_callers_fault() {
        assert_eq!(
            Problem::internal("x").of_callee().kind,
            ProblemKind::BadGateway
        );
        assert_eq!(
            Problem::unauthenticated("x").of_callee().kind,
            ProblemKind::BadGateway
        );
        assert_eq!(Problem::forbidden("x").of_callee(), Problem::forbidden("x"));
    }
}
