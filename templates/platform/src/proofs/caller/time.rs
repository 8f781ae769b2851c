//! Timeout and deadline.

use std::time::Duration;

use super::{Answer, Subject};
use crate::policy::{Backoff, Jitter, Retry};
use crate::proofs::assert_took;

/// A peer that never answers is given up after the timeout.
pub(super) async fn timeout(subject: &Subject<'_>, expected: Duration) {
    let rig = subject
        .rig(|real, call| call.timeout = real.timeout, |_| Answer::Never)
        .await;
    let called = rig.call_beside(expected).await;
    assert_eq!(
        called.code, "timeout",
        "a call of a peer that never answers"
    );
    assert_took("an attempt", called.took, expected);
}

/// The same, but after the deadline; and attempts that fail are not repeated beyond it.
pub(super) async fn deadline(subject: &Subject<'_>, expected: Duration) {
    let rig = subject
        .rig(
            |real, call| call.deadline = real.deadline,
            |_| Answer::Never,
        )
        .await;
    let called = rig.call_beside(expected).await;
    assert_eq!(
        called.code, "deadline-exceeded",
        "a call of a peer that never answers"
    );
    assert_took("a call", called.took, expected);

    let retry = Retry {
        attempts: 50,
        backoff: Backoff::Fixed {
            delay: expected / 4,
        },
        jitter: Jitter::None,
        budget: None,
    };
    let repeating = |real: &crate::policy::CallPolicy, call: &mut crate::policy::CallPolicy| {
        call.deadline = real.deadline;
        call.retry = Some(retry);
        call.safety = crate::policy::Safety::Safe;
    };
    let rig = subject.rig(repeating, |_| Answer::Ill).await;
    let called = rig.call_beside(expected).await;
    assert!(
        called.took <= expected,
        "attempts went on for {:?}, beyond the deadline of {expected:?}",
        called.took
    );
    assert!(
        (3..=5).contains(&rig.peer.count()),
        "{} attempts instead of about 4",
        rig.peer.count()
    );
}
