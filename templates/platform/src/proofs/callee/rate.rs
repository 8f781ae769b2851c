//! The numbers of a rate limit.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use tokio::time::sleep;

use super::Subject;
use super::ask::{Asker, Line};
use super::stage::{Props, Stage};
use crate::policy::{LimitKey, OperationPolicy, RateLimit};

/// The stage with a limit of which `take` decides what is the real one's; no limit stays none.
async fn stage(subject: Subject<'_>, take: impl Fn(RateLimit) -> RateLimit) -> Stage {
    let scheme = subject.accepted_jwt().or(subject.accepted_credential());
    let auth: Vec<_> = scheme.into_iter().collect();
    let props = Props {
        tls: Some(subject.probe.strictest()),
        ..Props::default()
    };
    let keep = |real: &OperationPolicy, kept: &mut OperationPolicy| {
        kept.auth.clone_from(&auth);
        kept.rate_limit = real.rate_limit.map(&take);
    };
    subject.stage(props, keep).await
}

/// A user who calls from an address.
fn user(subject: Subject<'_>, stage: &Stage, name: &str, from: Option<IpAddr>) -> Asker {
    let line = Line {
        from,
        ..Line::of(subject.probe)
    };
    with_token(subject, stage, name, line)
}

/// The user `ann` by another service than the first that has an edge.
fn by_service(subject: Subject<'_>, stage: &Stage, service: &'static str) -> Asker {
    let line = Line {
        shows: Some(service),
        ..Line::of(subject.probe)
    };
    with_token(subject, stage, "ann", line)
}

/// Asks over a line as a user, or with the credential of that name, where the operation knows them.
fn with_token(subject: Subject<'_>, stage: &Stage, name: &str, line: Line) -> Asker {
    let asker = subject.asker_by(stage, line);
    match (subject.accepted_jwt(), subject.accepted_credential()) {
        (Some(scheme), _) => asker.with_token(subject.token(stage, scheme, name, &[])),
        (None, Some(scheme)) => asker.with_credential(stage, scheme, name),
        (None, None) => asker,
    }
}

/// Empties the bucket, whose size is not the question.
async fn exhaust(asker: &Asker, burst: u32) {
    assert_eq!(
        asker.count_ok(burst).await,
        burst,
        "requests let in at once"
    );
    let refused = asker.ask().await;
    assert_eq!(
        refused.code, "rate-limited",
        "one request more than {burst} at once"
    );
    assert!(
        refused.retry_after.is_some_and(|wait| !wait.is_zero()),
        "it is not told when to come again"
    );
}

/// An empty bucket fills at the rate: no place after half the time that one takes, one after the whole.
pub(super) async fn rate(subject: Subject<'_>, expected: RateLimit) {
    let stage = stage(subject, |real| RateLimit {
        permits: real.permits,
        ..expected
    })
    .await;
    let asker = user(subject, &stage, "ann", None);
    exhaust(&asker, expected.burst).await;
    // Timers are exact to a millisecond, so high rates are measured over several places.
    let one = expected.per / expected.permits.max(1);
    let places = (Duration::from_millis(20).div_duration_f64(one).ceil() as u32)
        .clamp(1, expected.burst.max(1));
    let many = places * 3 + 2;
    sleep((one * places).mul_f64(0.5)).await;
    let early = asker.count_ok(many).await;
    sleep((one * places).mul_f64(0.6)).await;
    let late = asker.count_ok(many).await;
    assert!(
        early <= places / 2 + places / 10,
        "{early} places came back in half the time of {places}"
    );
    let all = early + late;
    assert!(
        all >= places && all <= places + places / 4 + 1,
        "{all} places came back in the time of {places}"
    );
}

/// Exactly so many are let in at once.
pub(super) async fn burst(subject: Subject<'_>, expected: RateLimit) {
    let stage = stage(subject, |real| RateLimit {
        burst: real.burst,
        ..expected
    })
    .await;
    exhaust(&user(subject, &stage, "ann", None), expected.burst).await;
}

/// Those who share a count are refused together, others are not.
pub(super) async fn per(subject: Subject<'_>, expected: RateLimit) {
    let stage = stage(subject, |real| RateLimit {
        key: real.key,
        ..expected
    })
    .await;
    exhaust(&user(subject, &stage, "ann", None), expected.burst).await;
    let another = user(subject, &stage, "bob", None).ask().await.code;
    let elsewhere = Some(IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2)));
    let from_elsewhere = user(subject, &stage, "ann", elsewhere).ask().await.code;
    // A second service is there to ask only where the drawing has one.
    let by_another = match subject.probe.peers.get(1) {
        Some(service) => Some(by_service(subject, &stage, service).ask().await.code),
        None => None,
    };
    // Where no user or no service is known, the next best name counts: a credential's, the service, then the address.
    let credentials = subject.accepted_jwt().is_none() && subject.accepted_credential().is_some();
    let users = subject.accepted_jwt().is_some() || credentials;
    let services = !subject.probe.peers.is_empty();
    let key = match expected.key {
        LimitKey::Service if !services && credentials => LimitKey::User,
        LimitKey::User if !users && services => LimitKey::Service,
        LimitKey::User | LimitKey::Service if !services && !users => LimitKey::Ip,
        LimitKey::Service if !services => LimitKey::Ip,
        key => key,
    };
    let expected = match key {
        LimitKey::User => ("ok", "rate-limited"),
        LimitKey::Ip => ("rate-limited", "ok"),
        LimitKey::Service | LimitKey::Global => ("rate-limited", "rate-limited"),
    };
    assert_eq!(
        (another.as_str(), from_elsewhere.as_str()),
        expected,
        "another user, and the same from elsewhere"
    );
    let by_another_expected = match key {
        LimitKey::Service => "ok",
        LimitKey::User | LimitKey::Ip | LimitKey::Global => "rate-limited",
    };
    assert_eq!(
        by_another.as_deref().unwrap_or(by_another_expected),
        by_another_expected,
        "the same user by another service"
    );
}
