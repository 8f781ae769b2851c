//! The numbers of a breaker.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::sleep;

use super::{Answer, Rig, Subject};
use crate::policy::{Breaker, CallPolicy};
use crate::proofs::assert_took;

const SECOND: Duration = Duration::from_secs(1);

/// A breaker of which nothing is the real one's: ten failures in an hour open it for ten seconds.
const PLAIN: Breaker = Breaker {
    error_rate: 0.5,
    window: Duration::from_secs(3600),
    min_calls: 10,
    cooldown: Duration::from_secs(10),
    probes: 1,
};

/// A rig whose breaker is `make(real)`; no breaker stays none.
async fn rig(
    subject: &Subject<'_>,
    make: impl FnOnce(&Breaker) -> Breaker,
    script: impl Fn(usize) -> Answer + Clone + Send + Sync + 'static,
) -> Rig {
    let keep =
        |real: &CallPolicy, call: &mut CallPolicy| call.breaker = real.breaker.as_ref().map(make);
    subject.rig(keep, script).await
}

impl Rig {
    /// Whether the next call is refused, without asking the peer.
    async fn is_open(&self) -> bool {
        let before = self.peer.count();
        let called = self.call().await;
        let arrived = self.peer.count() > before;
        assert_eq!(
            called.code == "circuit-open",
            !arrived,
            "a call ended as {} (arrived: {arrived})",
            called.code
        );
        !arrived
    }
}

/// With one failure less than the rate it stays closed, with that one it opens.
pub(super) async fn rate(subject: &Subject<'_>, expected: f64) {
    let calls = (10.0 / expected).ceil().max(20.0);
    let ill = (expected * calls - 1e-6).ceil();
    for (ill, opens) in [(ill - 1.0, false), (ill, true)] {
        let well = (calls - ill) as usize;
        let make = |real: &Breaker| Breaker {
            error_rate: real.error_rate,
            min_calls: calls as u32,
            ..PLAIN
        };
        let rig = rig(subject, make, move |number| {
            if number < well {
                Answer::Well
            } else {
                Answer::Ill
            }
        })
        .await;
        rig.calls(calls as usize).await;
        assert_eq!(
            rig.is_open().await,
            opens,
            "open after {ill} failures in {calls} calls"
        );
    }
}

/// Failures within the window are added up, those before it are forgotten.
pub(super) async fn window(subject: &Subject<'_>, expected: Duration) {
    for (pause, opens) in [
        (expected.mul_f64(0.9), true),
        (expected.mul_f64(1.1), false),
    ] {
        let rig = rig(
            subject,
            |real| Breaker {
                window: real.window,
                ..PLAIN
            },
            |_| Answer::Ill,
        )
        .await;
        rig.calls(9).await;
        sleep(pause).await;
        rig.call().await;
        assert_eq!(
            rig.is_open().await,
            opens,
            "open by a tenth failure after {pause:?}"
        );
    }
}

/// It opens at exactly this many failures.
pub(super) async fn min_calls(subject: &Subject<'_>, expected: u32) {
    let rig = rig(
        subject,
        |real| Breaker {
            min_calls: real.min_calls,
            ..PLAIN
        },
        |_| Answer::Ill,
    )
    .await;
    rig.calls(expected as usize).await;
    assert_eq!(
        rig.peer.count(),
        expected as usize,
        "failures that were let through"
    );
    assert!(
        rig.is_open().await,
        "still closed after {expected} failures"
    );
}

/// It says for how long it is open, is until then, and is not after.
pub(super) async fn cooldown(subject: &Subject<'_>, expected: Duration) {
    let rig = rig(
        subject,
        |real| Breaker {
            cooldown: real.cooldown,
            ..PLAIN
        },
        |_| Answer::Ill,
    )
    .await;
    rig.calls(10).await;
    sleep(expected.mul_f64(0.9)).await;
    assert!(rig.is_open().await, "not open after 0.9 of its cooldown");
    sleep(expected.mul_f64(0.2)).await;
    assert!(!rig.is_open().await, "still open after its cooldown");
}

/// Half open, it lets exactly this many calls through, and closes when they went well.
pub(super) async fn probes(subject: &Subject<'_>, expected: u32) {
    let script = |number| {
        if number < 10 {
            Answer::Ill
        } else {
            Answer::WellAfter(SECOND)
        }
    };
    let rig = rig(
        subject,
        |real| Breaker {
            probes: real.probes,
            ..PLAIN
        },
        script,
    )
    .await;
    rig.calls(10).await;
    sleep(PLAIN.cooldown).await;
    let probes = join_all((0..expected + 5).map(|_| rig.call())).await;
    assert_eq!(
        rig.peer.count() - 10,
        expected as usize,
        "probes that were let through"
    );
    assert_eq!(
        probes
            .iter()
            .filter(|probe| probe.code == "circuit-open")
            .count(),
        5,
        "calls refused meanwhile"
    );
    let slowest = probes
        .iter()
        .map(|probe| probe.took)
        .max()
        .unwrap_or_default();
    assert_took("a probe", slowest, SECOND);
    let after = join_all((0..expected + 5).map(|_| rig.call())).await;
    assert!(
        after.iter().all(|call| call.code != "circuit-open"),
        "not closed after its probes went well"
    );
}
