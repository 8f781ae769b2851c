//! Proofs about the serving side of apis.

mod access;
mod ask;
mod cache;
mod cors;
mod limits;
mod rate;
mod repeat;
mod scheme;
mod session;
mod stage;
mod state;
mod tls;

use super::row::{Callee, Probe, System};

/// What a proof is about: one operation as it is served over one protocol.
#[derive(Clone, Copy)]
pub(super) struct Subject<'a> {
    pub system: &'a System,
    pub probe: &'static Probe,
}

/// Proves one attribute.
pub(super) async fn prove(subject: Subject<'_>, expected: Callee) {
    match expected {
        Callee::Auth => access::auth(subject).await,
        Callee::Allow(roles) => access::allow(subject, roles).await,
        Callee::When(judged) => access::when(subject, judged).await,
        Callee::Public => access::public(subject).await,
        Callee::RateLimitRate(limit) => rate::rate(subject, limit).await,
        Callee::RateLimitBurst(limit) => rate::burst(subject, limit).await,
        Callee::RateLimitPer(limit) => rate::per(subject, limit).await,
        Callee::Timeout(expected) => limits::timeout(subject, expected).await,
        Callee::MaxBody(expected) => limits::max_body(subject, expected).await,
        Callee::Idempotent(expected) => repeat::idempotent(subject, expected).await,
        Callee::IdempotentWindow(expected) => repeat::window(subject, expected).await,
        Callee::StateRateLimit(limit) => state::rate_limit(subject, limit).await,
        Callee::StateIdempotent(expected) => state::idempotent(subject, expected).await,
        Callee::Tls => tls::tls(subject).await,
        Callee::Cache(age) => cache::cache(subject, age).await,
        Callee::Cors(origins) => cors::cors(subject, origins).await,
        Callee::Issuer(scheme, issuer) => scheme::issuer(subject, scheme, issuer).await,
        Callee::Audience(scheme, audience) => scheme::audience(subject, scheme, audience).await,
        Callee::Algorithms(scheme, algorithms) => {
            scheme::algorithms(subject, scheme, algorithms).await
        }
        Callee::Provider(scheme, provider) if subject.has_sessions(scheme) => {
            session::provider(subject, scheme, provider).await;
        }
        Callee::Scopes(scheme, scopes) if subject.has_sessions(scheme) => {
            session::scopes(subject, scheme, scopes).await;
        }
        Callee::Refresh(scheme, expected) => session::refresh(subject, scheme, expected).await,
        Callee::Provider(scheme, provider) => scheme::provider(subject, scheme, provider).await,
        Callee::Scopes(scheme, scopes) => scheme::scopes(subject, scheme, scopes).await,
        Callee::Header(scheme, header) => scheme::header(subject, scheme, header).await,
        Callee::Roles(scheme, path) => scheme::roles(subject, scheme, path).await,
    }
}
