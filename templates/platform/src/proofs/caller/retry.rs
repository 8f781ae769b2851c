//! The numbers of a retry.

use std::time::Duration;

use super::super::peer::Nobody;
use super::{Answer, Rig, Subject};
use crate::policy::{Backoff, CallPolicy, Jitter, Retry, Safety};
use crate::proofs::assert_took;

/// The pause that stands in for the real one where that is not the question.
const PAUSE: Duration = Duration::from_millis(100);

/// A retry of which nothing is the real one's.
fn plain(attempts: u32) -> Retry {
    Retry {
        attempts,
        backoff: Backoff::Fixed { delay: PAUSE },
        jitter: Jitter::None,
        budget: None,
    }
}

/// A rig whose peer is always ill, and whose retry is `make(real)`; no retry stays none.
async fn failing(subject: &Subject<'_>, make: impl FnOnce(&Retry) -> Retry) -> Rig {
    let keep = |real: &CallPolicy, call: &mut CallPolicy| {
        call.safety = Safety::Safe;
        call.retry = real.retry.as_ref().map(make);
    };
    subject.rig(keep, |_| Answer::Ill).await
}

/// The pauses between the arrivals of one failing call.
async fn pauses(rig: &Rig) -> Vec<Duration> {
    rig.call().await;
    let arrivals = rig.peer.arrivals();
    arrivals
        .windows(2)
        .map(|pair| pair[1].at - pair[0].at)
        .collect()
}

/// A call that fails is made so often, and no oftener. Where repeating is not safe, it is not repeated, unless it
/// could not be sent at all.
pub(super) async fn attempts(subject: &Subject<'_>, expected: u32) {
    let keep = |real: &CallPolicy, call: &mut CallPolicy| {
        call.retry = real.retry.as_ref().map(|retry| plain(retry.attempts));
    };
    let rig = subject.rig(keep, |_| Answer::Ill).await;
    rig.call().await;
    let safe = subject.safety != Safety::Unsafe;
    let at_the_peer = if safe { expected as usize } else { 1 };
    assert_eq!(rig.peer.count(), at_the_peer, "attempts that arrived");

    let nobody = Nobody::new();
    let unsent = subject
        .client(&subject.isolated(keep), nobody.address.clone())
        .call()
        .await;
    assert_eq!(unsent.code, "unavailable", "a call that cannot be sent");
    assert_took(
        "a call that cannot be sent",
        unsent.took,
        PAUSE * (expected - 1),
    );
}

/// The second attempt comes after the base.
pub(super) async fn base(subject: &Subject<'_>, expected: Duration) {
    let backoff = |real: &Retry| match real.backoff {
        Backoff::Exponential { base, .. } => Backoff::Exponential {
            base,
            max: Duration::MAX,
        },
        fixed @ Backoff::Fixed { .. } => fixed,
    };
    let rig = failing(subject, |real| Retry {
        backoff: backoff(real),
        ..plain(2)
    })
    .await;
    let pauses = pauses(&rig).await;
    assert_eq!(pauses.len(), 1, "pauses between two attempts");
    assert_took("the first pause", pauses[0], expected);
}

/// A pause that would be longer is as long as the maximum.
pub(super) async fn max(subject: &Subject<'_>, expected: Duration) {
    let backoff = |real: &Retry| match real.backoff {
        Backoff::Exponential { max, .. } => Backoff::Exponential {
            base: expected * 20,
            max,
        },
        fixed @ Backoff::Fixed { .. } => fixed,
    };
    let rig = failing(subject, |real| Retry {
        backoff: backoff(real),
        ..plain(3)
    })
    .await;
    let pauses = pauses(&rig).await;
    assert_eq!(pauses.len(), 2, "pauses between three attempts");
    pauses
        .iter()
        .for_each(|pause| assert_took("a long pause", *pause, expected));
}

/// Pauses are spread as they should be. 40 even draws that all fall into the upper half happen once in 10^12 times.
pub(super) async fn jitter(subject: &Subject<'_>, expected: Jitter) {
    let rig = failing(subject, |real| Retry {
        jitter: real.jitter,
        ..plain(41)
    })
    .await;
    let pauses = pauses(&rig).await;
    assert_eq!(pauses.len(), 40, "pauses between 41 attempts");
    let longest = PAUSE + Duration::from_millis(5);
    assert!(
        pauses.iter().all(|pause| *pause <= longest),
        "a pause is longer than it may be: {pauses:?}"
    );
    let spread = pauses.iter().any(|pause| *pause < PAUSE / 2);
    assert_eq!(
        spread,
        expected == Jitter::Full,
        "whether pauses are spread: {pauses:?}"
    );
}

/// When everything fails, all retries together are ten and their share of the calls.
pub(super) async fn budget(subject: &Subject<'_>, expected: f64) {
    let calls = (10.0 / expected).ceil();
    let quick = Backoff::Fixed {
        delay: Duration::ZERO,
    };
    let rig = failing(subject, |real| Retry {
        backoff: quick,
        budget: real.budget,
        ..plain(40)
    })
    .await;
    rig.calls(calls as usize).await;
    let retries = rig.peer.count() as f64 - calls;
    let granted = (10.0 + expected * calls + 1e-6).floor();
    assert!(
        (retries - granted).abs() < 0.5,
        "{retries} retries of {calls} calls instead of {granted}"
    );
}
