//! What becomes of repetitions.

use std::time::Duration;

use tokio::time::advance;

use super::Subject;
use super::stage::{Props, Stage};
use crate::policy::{Idempotent, OperationPolicy};

/// Long enough for no window to end in a proof that is not about it.
pub(super) const LONG: Duration = Duration::from_secs(3600);

async fn stage(subject: Subject<'_>, take: impl Fn(Idempotent) -> Idempotent) -> Stage {
    let props = Props {
        tls: Some(subject.probe.strictest()),
        ..Props::default()
    };
    let keep = |real: &OperationPolicy, kept: &mut OperationPolicy| {
        kept.idempotent = real.idempotent.map(&take)
    };
    subject.stage(props, keep).await
}

/// The key that a first request and its repetition have in common, where the caller names it.
pub(super) fn key(expected: Idempotent) -> Option<&'static str> {
    matches!(expected, Idempotent::Key { .. }).then_some("the-first")
}

/// The same with another window.
pub(super) fn lasting(idempotent: Idempotent, window: Duration) -> Idempotent {
    match idempotent {
        Idempotent::Natural => Idempotent::Natural,
        Idempotent::Key { .. } => Idempotent::Key { window },
        Idempotent::By { field, .. } => Idempotent::By { field, window },
    }
}

/// A repetition is answered, but reaches no handler; what is no repetition does.
pub(super) async fn idempotent(subject: Subject<'_>, expected: Idempotent) {
    let stage = stage(subject, |real| lasting(real, LONG)).await;
    let asker = subject.asker(&stage);
    let (request, other) = (subject.probe.request, subject.probe.other);
    for time in ["first", "second"] {
        let answer = asker.ask_with(request, key(expected)).await;
        assert_eq!(answer.code, "ok", "a request for the {time} time");
        assert_eq!(
            stage.script.arrivals(),
            1,
            "requests that reached a handler after the {time} time"
        );
    }
    if let Idempotent::Key { .. } = expected {
        if request != other {
            let reused = asker.ask_with(other, key(expected)).await;
            assert_eq!(
                reused.code, "idempotency-key-reused",
                "another request with the same key"
            );
        }
        assert_eq!(
            asker.ask_with(request, Some("another")).await.code,
            "ok",
            "the same request with another key"
        );
    } else {
        assert_eq!(
            asker.ask_with(other, None).await.code,
            "ok",
            "another request"
        );
    }
    assert_eq!(
        stage.script.arrivals(),
        2,
        "requests that reached a handler"
    );
}

/// A repetition is known as one until the window has passed.
pub(super) async fn window(subject: Subject<'_>, expected: Idempotent) {
    let (Idempotent::Key { window } | Idempotent::By { window, .. }) = expected else {
        panic!("{expected:?} has no window")
    };
    let take = |real| match real {
        Idempotent::Natural => Idempotent::Natural,
        Idempotent::Key { window } | Idempotent::By { window, .. } => lasting(expected, window),
    };
    let stage = stage(subject, take).await;
    let mut expected_arrivals = 1;
    for (pause, arrivals) in [
        (Duration::ZERO, 1),
        (window.mul_f64(0.9), 1),
        (window.mul_f64(0.2), 2),
    ] {
        advance(pause).await;
        expected_arrivals = arrivals.max(expected_arrivals);
        // A new connection each time: those of yesterday may have ended.
        let answer = subject
            .asker(&stage)
            .ask_with(subject.probe.request, key(expected))
            .await;
        assert_eq!(answer.code, "ok", "a repetition");
        assert_eq!(
            stage.script.arrivals(),
            expected_arrivals,
            "requests that reached a handler, {pause:?} later"
        );
    }
}
