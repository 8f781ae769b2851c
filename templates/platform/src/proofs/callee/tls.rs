//! How connections to an api are protected, and whom they let in.

use super::Subject;
use super::ask::Line;
use super::stage::Props;
use crate::dev::Authority;
use crate::policy::Tls;

/// The connection is as it should be, and no other is served; where both sides show certificates, only services that the
/// drawing lets in are.
pub(super) async fn tls(subject: Subject<'_>) {
    let probe = subject.probe;
    let stage = subject.stage(Props::default(), |_, _| {}).await;
    let ask = async |line: Line<'_>| subject.asker_by(&stage, line).ask().await.code;
    let straight = Line::of(probe);
    if probe.tls != Tls::Mutual || !probe.peers.is_empty() {
        assert_eq!(ask(straight).await, "ok", "a connection by {:?}", probe.tls);
    }
    if probe.tls != Tls::Off {
        let plain = ask(Line {
            tls: Tls::Off,
            ..straight
        })
        .await;
        assert_eq!(plain, "unreachable", "a connection in plain text");
    }
    if probe.tls == Tls::Mutual {
        let silent = ask(Line {
            shows: None,
            ..straight
        })
        .await;
        assert_eq!(silent, "unreachable", "a connection without a certificate");
        let stranger =
            Authority::new(subject.system.name).unwrap_or_else(|error| panic!("{error}"));
        let name = probe.peers.first().copied().unwrap_or("somebody");
        let forged = ask(Line {
            shows: Some(name),
            issued_by: Some(&stranger),
            ..straight
        })
        .await;
        assert_eq!(
            forged, "unreachable",
            "a certificate that somebody else issued"
        );
        let uninvited = ask(Line {
            shows: Some("a-service-without-an-edge"),
            ..straight
        })
        .await;
        assert_eq!(
            uninvited, "forbidden",
            "the certificate of a service without an edge"
        );
    }
}
