//! How connections to an api are protected, and whom they let in.

use super::Subject;
use super::ask::Line;
use super::stage::{Props, Stage};
use crate::dev::Authority;
use crate::policy::Tls;

/// Connections are as they should be, and no others are served; where both sides show certificates, only services that
/// the drawing lets in are.
pub(super) async fn tls(subject: Subject<'_>) {
    let probe = subject.probe;
    let stage = subject.stage(Props::default(), |_, _| {}).await;
    for way in [Tls::Off, Tls::Server, Tls::Mutual] {
        let straight = Line::over(probe, way);
        if !probe.tls.contains(&way) {
            let answer = ask(subject, &stage, straight).await;
            assert_ne!(answer, "ok", "a connection by {way:?}, which is not drawn");
            continue;
        }
        if way != Tls::Mutual || !probe.peers.is_empty() {
            let answer = ask(subject, &stage, straight).await;
            assert_eq!(answer, "ok", "a connection by {way:?}");
        }
        if way != Tls::Off {
            let plain = Line {
                tls: Tls::Off,
                ..straight
            };
            let answer = ask(subject, &stage, plain).await;
            assert_eq!(answer, "unreachable", "a connection in plain text");
        }
        if way == Tls::Mutual {
            certificates(subject, &stage, straight).await;
        }
    }
}

/// No certificate, a forged one and one of a service without an edge are turned away.
async fn certificates(subject: Subject<'_>, stage: &Stage, straight: Line<'_>) {
    let silent = Line {
        shows: None,
        ..straight
    };
    assert_eq!(
        ask(subject, stage, silent).await,
        "unreachable",
        "a connection without a certificate"
    );
    let stranger = Authority::new(subject.system.name).unwrap_or_else(|error| panic!("{error}"));
    let name = subject.probe.peers.first().copied().unwrap_or("somebody");
    let forged = Line {
        shows: Some(name),
        issued_by: Some(&stranger),
        ..straight
    };
    assert_eq!(
        ask(subject, stage, forged).await,
        "unreachable",
        "a certificate that somebody else issued"
    );
    let uninvited = Line {
        shows: Some("a-service-without-an-edge"),
        ..straight
    };
    assert_eq!(
        ask(subject, stage, uninvited).await,
        "forbidden",
        "the certificate of a service without an edge"
    );
}

async fn ask(subject: Subject<'_>, stage: &Stage, line: Line<'_>) -> String {
    subject.asker_by(stage, line).ask().await.code
}
