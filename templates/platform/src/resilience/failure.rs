//! What one attempt's failure means for the calls after it.

use std::time::Duration;

use crate::problem::{Problem, ProblemKind};

/// An attempt that did not succeed: what the handler is told, and what the policy makes of it.
#[derive(Clone, Debug)]
pub struct Failure {
    /// What the handler is told when this was the last attempt.
    pub problem: Problem,
    /// What it says about the callee, and whether another attempt makes sense.
    pub verdict: Verdict,
}

/// Who is to blame, and whether to try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The callee is well, the request was at fault. Not repeated.
    Caller,
    /// The callee is well, and takes what it was shown for nobody's. It has done nothing. Not repeated, unless there is a
    /// token that can be replaced.
    Unauthenticated,
    /// The callee is well and asks us to slow down. Repeated where that is safe, not before `retry_after`.
    Limited {
        /// The pause that the callee asked for.
        retry_after: Option<Duration>,
    },
    /// The callee failed in a way that may pass. Repeated where that is safe.
    Transient {
        /// The pause that the callee asked for.
        retry_after: Option<Duration>,
    },
    /// The callee failed, and would fail again. Not repeated.
    Fatal,
    /// The callee never saw the request (no connection). Repeated even where repeating is not safe.
    NotSent,
    /// The time that the attempt was given is used up, so whose limit that was decides what it means.
    Expired,
    /// Our own throttle, bulkhead or breaker refused. Not repeated.
    Refused,
}

impl Failure {
    /// A failure with its verdict.
    #[must_use]
    pub fn new(problem: Problem, verdict: Verdict) -> Self {
        Self { problem, verdict }
    }

    /// The verdict on a problem that the callee itself answered with.
    ///
    /// Only what is likely to pass by itself is repeated: a 500 is a bug, and would be one again.
    #[must_use]
    pub fn answered(problem: Problem) -> Self {
        let retry_after = problem.retry_after;
        let verdict = match problem.kind {
            ProblemKind::RateLimited => Verdict::Limited { retry_after },
            ProblemKind::DeadlineExceeded => Verdict::Expired,
            ProblemKind::NotImplemented => Verdict::Caller,
            ProblemKind::Unauthenticated => Verdict::Unauthenticated,
            kind => match kind.status() {
                ..=499 => Verdict::Caller,
                502..=504 => Verdict::Transient { retry_after },
                _ => Verdict::Fatal,
            },
        };
        Self {
            problem: problem.of_callee(),
            verdict,
        }
    }
}
