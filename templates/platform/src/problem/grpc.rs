//! Problems over gRPC: a status, and the whole problem as JSON in the trailing metadata.

use tonic::metadata::{MetadataMap, MetadataValue};
use tonic::{Code, Status};

use super::{Problem, ProblemKind};

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
        Self::with_metadata(problem.kind.grpc(), message, metadata)
    }
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
    use crate::problem::FieldError;

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
    fn a_bare_status_is_understood() {
        let problem = Problem::from(&Status::unavailable("gone"));
        assert_eq!(
            (problem.kind, problem.detail.as_ref()),
            (ProblemKind::Unavailable, "gone")
        );
    }
}
