//! Bulkhead and throttle.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::sleep;

use super::{Answer, Subject};
use crate::policy::Rate;

/// Of one call more than may be under way at once, one is refused.
pub(super) async fn bulkhead(subject: &Subject<'_>, expected: usize) {
    let slow = |_| Answer::WellAfter(Duration::from_secs(1));
    let rig = subject
        .rig(|real, call| call.bulkhead = real.bulkhead, slow)
        .await;
    let called = join_all((0..=expected).map(|_| rig.call())).await;
    assert_eq!(rig.peer.count(), expected, "calls that were let through");
    assert_eq!(
        called
            .iter()
            .filter(|call| call.code == "overloaded")
            .count(),
        1,
        "calls that were refused"
    );
}

/// Of one call more than the period allows, one is refused; its place is free again after a period's part.
pub(super) async fn throttle(subject: &Subject<'_>, expected: Rate) {
    let rig = subject
        .rig(|real, call| call.throttle = real.throttle, |_| Answer::Well)
        .await;
    let permits = expected.permits as usize;
    rig.calls(permits).await;
    assert_eq!(rig.peer.count(), permits, "calls that were let through");
    assert_eq!(rig.call().await.code, "overloaded", "a call more");
    sleep(expected.per / expected.permits).await;
    rig.calls(2).await;
    assert_eq!(
        rig.peer.count(),
        permits + 1,
        "calls let through after {:?}",
        expected.per / expected.permits
    );
}
