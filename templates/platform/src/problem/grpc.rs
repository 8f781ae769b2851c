//! Problems over gRPC: a status with the wrong fields as its details, and the whole problem as JSON in the trailing
//! metadata.

use prost::Message;
use tonic::metadata::{MetadataMap, MetadataValue};
use tonic::{Code, Status};

use super::{FieldError, Problem, ProblemKind};

/// The metadata that holds the problem as JSON.
pub const PROBLEM_METADATA: &str = "problem-bin";

impl ProblemKind {
    /// The kind that fits a gRPC status which came without a problem; `None` for a success.
    pub fn from_grpc(code: Code) -> Option<Self> {
        Some(match code {
            Code::Ok => return None,
            Code::InvalidArgument | Code::OutOfRange => Self::InvalidInput,
            Code::Unauthenticated => Self::Unauthenticated,
            Code::PermissionDenied => Self::Forbidden,
            Code::NotFound => Self::NotFound,
            Code::AlreadyExists | Code::Aborted => Self::Conflict,
            Code::FailedPrecondition => Self::PreconditionFailed,
            Code::ResourceExhausted => Self::RateLimited,
            Code::Unimplemented => Self::NotImplemented,
            Code::Unavailable => Self::Unavailable,
            Code::DeadlineExceeded | Code::Cancelled => Self::Timeout,
            Code::Internal | Code::Unknown | Code::DataLoss => Self::Internal,
        })
    }
}

impl From<Problem> for Status {
    fn from(problem: Problem) -> Self {
        let mut metadata = MetadataMap::with_capacity(1);
        metadata.insert_bin(
            PROBLEM_METADATA,
            MetadataValue::from_bytes(&problem.to_json()),
        );
        // Trailers are ASCII; a detail that is not still travels whole in the metadata.
        let ascii = problem.detail.bytes().all(|b| (b' '..=b'~').contains(&b));
        let message = if ascii {
            problem.detail.into_owned()
        } else {
            problem.kind.title().to_owned()
        };
        let code = problem.kind.grpc();
        if problem.errors.is_empty() {
            return Self::with_metadata(code, message, metadata);
        }
        let details = details(code, &message, problem.errors);
        Self::with_details_and_metadata(code, message, details.into(), metadata)
    }
}

/// The fields that are wrong, as every client of gRPC reads them: `google.rpc.Status` with a `google.rpc.BadRequest`.
fn details(code: Code, message: &str, errors: Vec<FieldError>) -> Vec<u8> {
    let violations = errors.into_iter().map(|error| FieldViolation {
        field: error.field,
        description: error.message,
    });
    let request = BadRequest {
        violations: violations.collect(),
    };
    let status = RpcStatus {
        code: code.into(),
        message: message.to_owned(),
        details: vec![Any {
            type_url: BAD_REQUEST.to_owned(),
            value: request.encode_to_vec(),
        }],
    };
    status.encode_to_vec()
}

/// What the details of an invalid request are called.
const BAD_REQUEST: &str = "type.googleapis.com/google.rpc.BadRequest";

/// `google.rpc.Status`
#[derive(Clone, PartialEq, Message)]
struct RpcStatus {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    message: String,
    #[prost(message, repeated, tag = "3")]
    details: Vec<Any>,
}

/// `google.protobuf.Any`
#[derive(Clone, PartialEq, Message)]
struct Any {
    #[prost(string, tag = "1")]
    type_url: String,
    #[prost(bytes = "vec", tag = "2")]
    value: Vec<u8>,
}

/// `google.rpc.BadRequest`
#[derive(Clone, PartialEq, Message)]
struct BadRequest {
    #[prost(message, repeated, tag = "1")]
    violations: Vec<FieldViolation>,
}

/// `google.rpc.BadRequest.FieldViolation`
#[derive(Clone, PartialEq, Message)]
struct FieldViolation {
    #[prost(string, tag = "1")]
    field: String,
    #[prost(string, tag = "2")]
    description: String,
}

impl From<&Status> for Problem {
    fn from(status: &Status) -> Self {
        let carried = status
            .metadata()
            .get_bin(PROBLEM_METADATA)
            .and_then(|value| value.to_bytes().ok());
        carried
            .and_then(|json| Self::from_json(&json))
            .unwrap_or_else(|| {
                let kind = ProblemKind::from_grpc(status.code()).unwrap_or(ProblemKind::BadGateway);
                Self::new(kind, status.message().to_owned())
            })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn code_and_fields_survive() {
        for &kind in ProblemKind::ALL {
            let mut problem = Problem::new(kind, "größer")
                .with_code("own-code")
                .retry_after(Duration::from_millis(20));
            problem.errors.push(FieldError {
                field: "a".into(),
                message: "b".into(),
            });
            let status = Status::from(problem.clone());
            assert_eq!(status.code(), kind.grpc());
            assert!(status.message().is_ascii());
            let kind_back = Problem::from(&status).kind;
            // An own code leaves only the status to tell the kind by.
            assert_eq!(kind_back.status(), kind.status());
            problem.code = kind.code().into();
            assert_eq!(Problem::from(&Status::from(problem.clone())), problem);
        }
    }

    #[test]
    fn wrong_fields_are_details() {
        let status = Status::from(Problem::invalid_field("items[0].sku", "is required"));
        let read = RpcStatus::decode(status.details()).unwrap();
        assert_eq!(read.code, i32::from(Code::InvalidArgument));
        assert_eq!(read.details[0].type_url, BAD_REQUEST);
        let request = BadRequest::decode(read.details[0].value.as_slice()).unwrap();
        let violation = &request.violations[0];
        assert_eq!(violation.field, "items[0].sku");
        assert_eq!(violation.description, "is required");
        assert!(Status::from(Problem::not_found("x")).details().is_empty());
    }

    #[test]
    fn a_bare_status_is_understood() {
        let problem = Problem::from(&Status::unavailable("gone"));
        assert_eq!(
            (problem.kind, problem.detail.as_ref()),
            (ProblemKind::Unavailable, "gone")
        );
    }
}
