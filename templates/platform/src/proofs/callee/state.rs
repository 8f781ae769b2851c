//! What the instances of a service share, shown with two of them.

use super::Subject;
use super::ask::{Asker, Line};
use super::repeat::{LONG, key, lasting};
use super::stage::{Props, Stage};
use crate::policy::{Idempotent, OperationPolicy, RateLimit};

async fn stage(
    subject: Subject<'_>,
    keep: impl Fn(&OperationPolicy, &mut OperationPolicy),
) -> Stage {
    let props = Props {
        tls: Some(subject.probe.strictest()),
        twice: true,
        ..Props::default()
    };
    subject.stage(props, keep).await
}

/// The same caller, at each of the two instances.
fn askers(subject: Subject<'_>, stage: &Stage) -> [Asker; 2] {
    [false, true].map(|second| {
        let line = Line {
            second,
            ..Line::of(subject.probe)
        };
        let asker = subject.asker_by(stage, line);
        match subject.accepted_jwt() {
            Some(scheme) => asker.with_token(subject.token(stage, scheme, "ann", &[])),
            None => asker,
        }
    })
}

/// A limit of N lets N in over both instances, and then none at either.
pub(super) async fn rate_limit(subject: Subject<'_>, expected: RateLimit) {
    let auth: Vec<_> = subject.accepted_jwt().into_iter().collect();
    let stage = stage(subject, |_, kept| {
        kept.auth.clone_from(&auth);
        kept.rate_limit = Some(expected);
    })
    .await;
    let askers = askers(subject, &stage);
    for (number, asker) in (0..expected.burst).zip(askers.iter().cycle()) {
        assert_eq!(asker.ask().await.code, "ok", "request number {number}");
    }
    for asker in &askers {
        assert_eq!(
            asker.ask().await.code,
            "rate-limited",
            "one request more than {} at once",
            expected.burst
        );
    }
}

/// A repetition is known as one at the other instance.
pub(super) async fn idempotent(subject: Subject<'_>, expected: Idempotent) {
    let stage = stage(subject, |_, kept| {
        kept.idempotent = Some(lasting(expected, LONG));
    })
    .await;
    for (asker, instance) in askers(subject, &stage)
        .iter()
        .zip(["the first", "the other"])
    {
        let answer = asker.ask_with(subject.probe.request, key(expected)).await;
        assert_eq!(answer.code, "ok", "a request at {instance} instance");
        assert_eq!(
            stage.script.arrivals(),
            1,
            "requests that reached a handler after one at {instance} instance"
        );
    }
}
