//! How long and how large.

use std::time::Duration;

use super::Subject;
use super::stage::Props;
use crate::proofs::assert_took;

/// A handler that never answers is given up after the timeout.
pub(super) async fn timeout(subject: Subject<'_>, expected: Duration) {
    let props = Props {
        tls: Some(subject.probe.strictest()),
        ..Props::default()
    };
    let stage = subject
        .stage(props, |real, kept| kept.timeout = real.timeout)
        .await;
    stage.script.never_answer();
    let answer = subject.asker(&stage).ask_beside(expected).await;
    // A handler that calls on may notice first: the budget is the deadline of its calls.
    let in_time = ["timeout", "deadline-exceeded"].contains(&answer.code.as_str());
    assert!(
        in_time,
        "a request whose handler never answers ended as {}",
        answer.code
    );
    assert_took("a request", answer.took, expected);
}

/// A body of exactly the limit is read, one byte more is not.
pub(super) async fn max_body(subject: Subject<'_>, expected: usize) {
    let props = Props {
        tls: Some(subject.probe.strictest()),
        ..Props::default()
    };
    let stage = subject
        .stage(props, |real, kept| kept.max_body = real.max_body)
        .await;
    let asker = subject.asker(&stage);
    if let Some(answer) = asker.ask_sized(expected).await {
        assert_eq!(answer.code, "ok", "a body of {expected} bytes");
    }
    let answer = asker.ask_sized(expected + 16).await;
    let answer =
        answer.unwrap_or_else(|| panic!("the sample alone is longer than {expected} bytes"));
    assert_eq!(
        answer.code,
        "payload-too-large",
        "a body of {} bytes",
        expected + 16
    );
}
