//! Timeout and deadline.

use std::sync::Arc;
use std::time::Duration;

use super::super::peer::Nobody;
use super::{Answer, Subject};
use crate::clock::Clock;
use crate::context::Scope;
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
    };
    // What could not be sent is repeated whatever it does.
    let scope = Arc::new(Scope::background(Clock::system()));
    let nobody = Nobody::new();
    let unsent = subject
        .client(&subject.isolated(repeating), nobody.address.clone())
        .call_within(expected * 20, &scope)
        .await;
    let took = unsent.took;
    assert!(
        took <= expected,
        "attempts went on for {took:?}, beyond the deadline of {expected:?}"
    );
    assert!(
        took >= expected / 2,
        "attempts went on for {took:?} alone, and the deadline is {expected:?}"
    );
}
