//! A rate limit, counted here or together with the other instances.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use super::Host;
use crate::context::{Peer, User};
use crate::limiter::{Limiter, Pace};
use crate::policy::{LimitKey, RateLimit};
use crate::state::Shared;

/// The rate limit of one operation over one protocol.
#[derive(Debug)]
pub(super) struct Quota {
    pub(super) key: LimitKey,
    count: Count,
}

#[derive(Debug)]
enum Count {
    Own(Box<Limiter>),
    Shared {
        state: Shared,
        /// What is counted: `Orders.find.grpc`.
        scope: String,
        pace: Pace,
    },
}

/// Whose requests are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Who<'a> {
    Everybody,
    User { issuer: &'a str, subject: &'a str },
    Credential { scheme: &'a str, name: &'a str },
    Service(&'a str),
    Address(Option<IpAddr>),
}

impl Quota {
    /// The limit, with nothing spent yet; `scope` names what is counted.
    pub(super) fn new(host: &Host, limit: RateLimit, scope: impl FnOnce() -> String) -> Self {
        let pace = Pace::new(limit.permits, limit.per, limit.burst);
        let count = match host.state() {
            None => Count::Own(Box::new(Limiter::new(pace, host.setup().clock))),
            Some(state) => Count::Shared {
                state: state.clone(),
                scope: scope(),
                pace,
            },
        };
        Self {
            key: limit.key,
            count,
        }
    }

    /// Takes one permit of whoever asks.
    ///
    /// # Errors
    /// How long until there is one.
    pub(super) async fn take(&self, peer: &Peer, user: Option<&User>) -> Result<(), Duration> {
        let who = match (self.key, user) {
            (LimitKey::Global, _) => Who::Everybody,
            (LimitKey::Ip, _) => Who::Address(peer.address),
            (LimitKey::User, user) => Who::best(peer, user),
            (LimitKey::Service, _) if peer.service.is_some() => Who::peer(peer),
            (LimitKey::Service, _) => Who::best(peer, None),
        };
        match &self.count {
            Count::Own(limiter) => limiter.take(who),
            Count::Shared { state, scope, pace } => {
                let key = state.key("limit", scope, &who.to_string());
                state.take(&key, *pace).await
            }
        }
    }
}

impl<'a> Who<'a> {
    /// Who asks, by the best name that is known.
    pub(super) fn best(peer: &'a Peer, user: Option<&'a User>) -> Self {
        let credential = || {
            peer.credential.as_ref().map(|it| Self::Credential {
                scheme: it.scheme,
                name: &it.name,
            })
        };
        user.map(Self::user)
            .or_else(credential)
            .unwrap_or_else(|| Self::peer(peer))
    }

    fn user(user: &'a User) -> Self {
        Self::User {
            issuer: user.issuer(),
            subject: &user.subject,
        }
    }

    fn peer(peer: &'a Peer) -> Self {
        peer.service
            .as_deref()
            .map_or(Self::Address(peer.address), Self::Service)
    }
}

/// A text that no two callers have in common.
impl fmt::Display for Who<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everybody => f.write_str("everybody"),
            Self::User { issuer, subject } => write!(f, "user {issuer} {subject}"),
            Self::Credential { scheme, name } => write!(f, "credential {scheme} {name}"),
            Self::Service(service) => write!(f, "service {service}"),
            Self::Address(Some(address)) => write!(f, "address {address}"),
            Self::Address(None) => Ok(()),
        }
    }
}
