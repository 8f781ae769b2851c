//! What travels with a call, and over which connection: identity, safety, TLS.

use std::sync::Arc;
use std::time::Duration;

use http::header::AUTHORIZATION;

use super::super::peer::Peer;
use super::{Answer, Client, Subject};
use crate::client::{self, Credential, Target};
use crate::clock::Clock;
use crate::config::{ServiceConfig, TlsConfig};
use crate::context::{Scope, User};
use crate::dev::{Authority, Keyring};
use crate::policy::{Backoff, EdgePolicy, Identity, Jitter, Retry, Safety, Tls};
use crate::resilience::EdgeMetrics;
use crate::tls;

/// The user's token arrives, or does not.
pub(super) async fn identity(subject: &Subject<'_>, expected: Identity) {
    let peer = Peer::start(subject.edge.protocol, None, |_| Answer::Well).await;
    let policy = EdgePolicy {
        identity: subject.policy().identity,
        ..subject.isolated(|_, _| {})
    };
    let user = User {
        subject: "ann".into(),
        roles: Vec::new(),
        claims: serde_json::Map::new(),
        token: "the-users-token".into(),
    };
    let scope = Scope {
        user: Some(Arc::new(user)),
        ..Scope::background(Clock::system())
    };
    subject
        .client(&policy, peer.uri())
        .call_for(&Arc::new(scope))
        .await;
    let arrivals = peer.arrivals();
    assert_eq!(arrivals.len(), 1, "calls that arrived");
    let token = arrivals[0]
        .headers
        .get(AUTHORIZATION)
        .map(|value| value.as_bytes());
    let forwarded: Option<&[u8]> = match expected {
        Identity::None => None,
        Identity::Forward => Some(b"Bearer the-users-token"),
    };
    assert_eq!(token, forwarded, "the user's token at the callee");
}

/// The service's own key, or name and password, arrives.
pub(super) async fn auth(subject: &Subject<'_>, scheme: &str) {
    let peer = Peer::start(subject.edge.protocol, None, |_| Answer::Well).await;
    let (caller, service) = (subject.edge.caller, subject.service());
    let policy = EdgePolicy {
        auth: subject.policy().auth,
        ..subject.isolated(|_, _| {})
    };
    let keyring = Keyring::new(&service.schemes, &[caller]);
    let keyring = keyring.unwrap_or_else(|error| panic!("{error}"));
    let config = ServiceConfig {
        secrets: keyring.secrets(caller),
        ..ServiceConfig::default()
    };
    let credential = Credential::new(&policy, &service, &config);
    let target = Target {
        addresses: vec![peer.uri()],
        tls: None,
        credential: Arc::new(credential.unwrap_or_else(|error| panic!("{error}"))),
    };
    let edge = client::Edge::new(&policy, &target, Clock::system(), &EdgeMetrics::default());
    let client = Client {
        edge: edge.unwrap_or_else(|error| panic!("{error}")),
        call: subject.edge.call,
        operation: subject.operation,
    };
    client.call().await;
    let shown = keyring.shown(scheme, caller).unwrap_or_default();
    let header = keyring.header(scheme, &shown);
    let (name, value) = header.unwrap_or_else(|| panic!("nobody shows anything of {scheme}"));
    let arrivals = peer.arrivals();
    assert_eq!(arrivals.len(), 1, "calls that arrived");
    let arrived = arrivals[0].headers.get(name).map(|value| value.as_bytes());
    assert_eq!(arrived, Some(value.as_bytes()), "what {caller} shows");
}

/// A failed call is repeated where that is safe, with the same key where it is safe by its key; else it is not.
pub(super) async fn safety(subject: &Subject<'_>) {
    let retry = Retry {
        attempts: 2,
        backoff: Backoff::Fixed {
            delay: Duration::from_millis(1),
        },
        jitter: Jitter::None,
        budget: None,
    };
    let keep = |real: &crate::policy::CallPolicy, call: &mut crate::policy::CallPolicy| {
        call.safety = real.safety;
        call.retry = Some(retry);
    };
    let rig = subject.rig(keep, |_| Answer::Ill).await;
    rig.call().await;
    let arrivals = rig.peer.arrivals();
    let expected = if subject.safety == Safety::Unsafe {
        1
    } else {
        2
    };
    assert_eq!(
        arrivals.len(),
        expected,
        "attempts of an operation that is {:?}",
        subject.safety
    );
    let keys: Vec<_> = arrivals
        .iter()
        .map(|arrival| arrival.headers.get("idempotency-key"))
        .collect();
    let keyed = subject.safety == Safety::IdempotentByKey;
    assert!(
        keys.iter().all(|key| key.is_some() == keyed),
        "keys of the attempts: {keys:?}"
    );
    assert!(
        keys.iter().all(|key| *key == keys[0]),
        "attempts have different keys: {keys:?}"
    );
}

/// The caller shows who it is where both sides must, and speaks only to those whom the system's authority vouches for.
pub(super) async fn tls(subject: &Subject<'_>) {
    let policy = EdgePolicy {
        tls: subject.policy().tls,
        ..subject.isolated(|_, _| {})
    };
    let system = subject.system.name;
    let authority = new_authority(system);
    let own = identity_of(&authority, subject.edge.caller);
    if subject.edge.tls == Tls::Off {
        let peer = Peer::start(subject.edge.protocol, None, |_| Answer::Well).await;
        secure_client(subject, &policy, &peer, &own).call().await;
        assert_eq!(peer.count(), 1, "calls in plain text that arrived");
        return;
    }
    let callee = policy.callee;
    let peer = secure_peer(subject, &identity_of(&authority, callee)).await;
    secure_client(subject, &policy, &peer, &own).call().await;
    assert_eq!(peer.count(), 1, "calls that arrived");
    let shown = peer
        .certificate()
        .and_then(|certificate| tls::service_of(&certificate, system));
    let expected = (subject.edge.tls == Tls::Mutual).then_some(subject.edge.caller);
    assert_eq!(shown.as_deref(), expected, "who the caller says it is");

    // The same names, vouched for by somebody else; it takes our certificate, we must not take its.
    let impostor = TlsConfig {
        authorities: own.authorities.clone(),
        ..identity_of(&new_authority(system), callee)
    };
    let peer = secure_peer(subject, &impostor).await;
    let called = secure_client(subject, &policy, &peer, &own).call().await;
    assert_eq!(
        (called.code.as_str(), peer.count()),
        ("unavailable", 0),
        "a call of an impostor"
    );
}

fn new_authority(system: &str) -> Authority {
    Authority::new(system).unwrap_or_else(|error| panic!("{error}"))
}

fn identity_of(authority: &Authority, service: &str) -> TlsConfig {
    authority
        .identity(service)
        .unwrap_or_else(|error| panic!("{error}"))
}

async fn secure_peer(subject: &Subject<'_>, identity: &TlsConfig) -> Peer {
    let server = tls::server(subject.edge.tls, identity).unwrap_or_else(|error| panic!("{error}"));
    Peer::start(subject.edge.protocol, Some(server), |_| Answer::Well).await
}

/// The generated client with the real protection, as the caller.
fn secure_client(
    subject: &Subject<'_>,
    policy: &EdgePolicy,
    peer: &Peer,
    own: &TlsConfig,
) -> Client {
    let tls = tls::client(policy.tls, own).unwrap_or_else(|error| panic!("{error}"));
    let target = Target {
        addresses: vec![peer.uri()],
        tls: Some(Arc::new(tls)),
        credential: Arc::default(),
    };
    let edge = client::Edge::new(policy, &target, Clock::system(), &EdgeMetrics::default());
    let edge = edge.unwrap_or_else(|error| panic!("{error}"));
    Client {
        edge,
        call: subject.edge.call,
        operation: subject.operation,
    }
}
