//! What travels with a call, and over which connection: identity, safety, TLS.

use std::sync::Arc;
use std::time::Duration;

use http::header::AUTHORIZATION;
use serde_json::Value;

use super::super::peer::Peer;
use super::home::Home;
use super::{Answer, Client, Subject};
use crate::client::{self, Target};
use crate::clock::Clock;
use crate::config::TlsConfig;
use crate::context::{Scope, User};
use crate::dev::Authority;
use crate::policy::{Backoff, EdgePolicy, Identity, Jitter, Retry, Safety, Tls};
use crate::resilience::EdgeMetrics;
use crate::tls;

/// The user's token arrives, or one that it was exchanged for, or none.
pub(super) async fn identity(subject: &Subject<'_>, expected: Identity) {
    let audience = match expected {
        Identity::None | Identity::Forward => None,
        Identity::Exchange { audience, .. } => Some(audience),
    };
    let home = Home::of(subject, audience).await;
    let policy = EdgePolicy {
        identity: subject.policy().identity,
        ..subject.isolated(|_, _| {})
    };
    let token = match expected {
        Identity::None | Identity::Forward => "the-users-token".to_owned(),
        Identity::Exchange { scheme, .. } => home.users_token(scheme),
    };
    let user = User {
        subject: "ann".into(),
        roles: Vec::new(),
        claims: serde_json::Map::new(),
        token,
    };
    let scope = Scope {
        user: Some(Arc::new(user)),
        ..Scope::background(Clock::system())
    };
    let arrived = arriving(&home, subject, &policy, scope, AUTHORIZATION.as_str()).await;
    match expected {
        Identity::None => assert_eq!(arrived, None, "the user's token at the callee"),
        Identity::Forward => {
            let forwarded = Some("Bearer the-users-token");
            assert_eq!(arrived.as_deref(), forwarded, "the token at the callee");
        }
        Identity::Exchange { scheme, audience } => {
            let claims = home.said(scheme, arrived);
            assert_eq!(claims["sub"], "ann", "whom the token is about");
            assert_eq!(claims["aud"], audience, "whom the token is for");
            let actor = &claims["act"]["sub"];
            assert_eq!(*actor, *home.client_id(scheme), "who acts for the user");
        }
    }
}

/// The service's own key, name and password, or token arrives.
pub(super) async fn auth(subject: &Subject<'_>, scheme: &str) {
    let (home, caller) = (Home::of(subject, None).await, subject.edge.caller);
    if let Some(scopes) = home.scopes(scheme) {
        let arrived = showing(&home, subject, AUTHORIZATION.as_str()).await;
        let claims = home.said(scheme, arrived);
        let client = &claims["client_id"];
        assert_eq!(*client, *home.client_id(scheme), "whose token is shown");
        let scope = claims.get("scope").and_then(Value::as_str);
        return assert_eq!(scope.unwrap_or_default(), scopes, "what it is for");
    }
    let shown = home.keyring.shown(scheme, caller).unwrap_or_default();
    let header = home.keyring.header(scheme, &shown);
    let (name, value) = header.unwrap_or_else(|| panic!("nobody shows anything of {scheme}"));
    let arrived = showing(&home, subject, name).await;
    assert_eq!(arrived, Some(value), "what {caller} shows");
}

/// What the callee finds in a header, when the service shows what it really shows.
async fn showing(home: &Home, subject: &Subject<'_>, header: &str) -> Option<String> {
    let policy = EdgePolicy {
        auth: subject.policy().auth,
        ..subject.isolated(|_, _| {})
    };
    let scope = Scope::background(Clock::system());
    arriving(home, subject, &policy, scope, header).await
}

/// What the callee finds in a header of the one call that is made.
async fn arriving(
    home: &Home,
    subject: &Subject<'_>,
    policy: &EdgePolicy,
    scope: Scope,
    header: &str,
) -> Option<String> {
    let peer = Peer::start(subject.edge.protocol, None, |_| Answer::Well).await;
    let client = home.client(subject, policy, &peer);
    client.call_for(&Arc::new(scope)).await;
    let arrivals = peer.arrivals();
    assert_eq!(arrivals.len(), 1, "calls that arrived");
    let value = arrivals[0].headers.get(header)?.to_str();
    Some(value.unwrap_or_default().to_owned())
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
        exchange: None,
    };
    let edge = client::Edge::new(policy, &target, Clock::system(), &EdgeMetrics::default());
    let edge = edge.unwrap_or_else(|error| panic!("{error}"));
    Client {
        edge,
        call: subject.edge.call,
        operation: subject.operation,
    }
}
