//! Tokens that end are replaced, once for all who need them: one request, of whichever instance, asks the provider, and
//! the token that it asked with is worth nothing afterwards (rotation). The others go on with what is there, or wait.

use std::sync::Arc;
use std::time::Duration;

use super::kept::{Id, Kept, Session};
use super::provider::Provider;
use super::{Verifier, ended};
use crate::oauth::{Granted, Refusal};
use crate::problem::Problem;
use crate::state::{Claim, Claimed, hashed};

/// How long one renewal may take; if who is at it dies, another tries then.
const LEASE: Duration = Duration::from_secs(15);

/// How often those who wait look.
const LOOK: Duration = Duration::from_millis(25);

/// For how long it is told that a token was replaced: longer than any request that read it before goes on.
const TOLD: Duration = Duration::from_secs(300);

/// For how long a provider that failed is left alone.
const PAUSE: Duration = Duration::from_secs(1);

/// What became of a renewal, as the others are told.
const DONE: &[u8] = b"done";
const FAILED: &[u8] = b"failed";
const ENDED: &[u8] = b"ended";

/// Renews the tokens of one scheme's sessions.
#[derive(Clone, Debug)]
pub(super) struct Renewal {
    pub(super) provider: Arc<Provider>,
    pub(super) verifier: Arc<Verifier>,
    pub(super) kept: Arc<Kept>,
}

impl Renewal {
    /// Renews the token of a session that is still good, unless somebody is at it; nobody waits for that.
    pub(super) async fn ahead(&self, id: &Id, session: &Session) {
        let turn = self.turn(id, session);
        if let Ok(Claimed::Yours) = self.claim(&turn).await {
            drop(tokio::spawn(self.clone().work(
                turn,
                id.clone(),
                session.clone(),
            )));
        }
    }

    /// The session with another token, instead of the one that has ended.
    ///
    /// # Errors
    /// When there is none: the session has ended, or nobody can say now.
    pub(super) async fn now(&self, id: &Id, session: &Session) -> Result<Session, Problem> {
        let turn = self.turn(id, session);
        loop {
            let outcome = match self.claim(&turn).await? {
                Claimed::Yours => {
                    let (turn, id, session) = (turn.clone(), id.clone(), session.clone());
                    // A task of its own: what the provider gave must not get lost when the caller leaves.
                    let work = tokio::spawn(self.clone().work(turn, id, session));
                    work.await.unwrap_or(FAILED).to_vec()
                }
                Claimed::Running => {
                    tokio::time::sleep(LOOK).await;
                    continue;
                }
                Claimed::Done(outcome) => outcome,
                Claimed::Other => ENDED.to_vec(),
            };
            return match &*outcome {
                DONE => self.kept.read(id).await?.ok_or_else(ended),
                FAILED => Err(Problem::from(Refusal::Unavailable).retry_after(PAUSE)),
                _ => Err(ended()),
            };
        }
    }

    async fn work(self, turn: Turn, id: Id, session: Session) -> &'static [u8] {
        let outcome = self.renewed(&id, session).await.unwrap_or(FAILED);
        let span = if outcome == FAILED { PAUSE } else { TOLD };
        let store = &self.kept.store;
        store.finish_renewal(turn.as_claim(), outcome, span).await;
        outcome
    }

    async fn renewed(&self, id: &Id, old: Session) -> Result<&'static [u8], Problem> {
        let refresh = old.refresh.as_deref().unwrap_or_default();
        let tokens = match self.provider.renew(refresh).await {
            Ok(tokens) => tokens,
            Err(Refusal::Unavailable) => return Ok(FAILED),
            Err(Refusal::Grant) => {
                self.kept.end(id).await?;
                return Ok(ENDED);
            }
        };
        let rotated = tokens.refresh.clone();
        let session = self.session(tokens, old).await?;
        if self.kept.change(id, &session).await? {
            return Ok(DONE);
        }
        // The user logged out meanwhile.
        if let Some(refresh) = rotated {
            self.provider.revoke(&refresh).await;
        }
        Ok(ENDED)
    }

    /// The session with these tokens; those that did not come stay.
    async fn session(&self, tokens: Granted, old: Session) -> Result<Session, Problem> {
        let now = self.kept.clock.unix_seconds();
        Ok(Session {
            expires: expires(&self.verifier, &tokens, now).await?,
            access: tokens.access,
            refresh: tokens.refresh.or(old.refresh),
            identity: tokens.identity.or(old.identity),
            given: now,
            ends: old.ends,
        })
    }

    fn turn(&self, id: &Id, session: &Session) -> Turn {
        let refresh = session.refresh.as_deref().unwrap_or_default();
        Turn {
            key: format!("{}:{}", self.kept.place(id), hashed(refresh)),
            owner: format!("{:032x}", fastrand::u128(..)),
        }
    }

    async fn claim(&self, turn: &Turn) -> Result<Claimed, Problem> {
        let store = &self.kept.store;
        store.claim_renewal(turn.as_claim(), LEASE).await
    }
}

/// When a token that came just now ends, by what the provider and the token itself say.
///
/// # Errors
/// When the token is not one that is accepted here.
pub(super) async fn expires(
    verifier: &Verifier,
    tokens: &Granted,
    now: u64,
) -> Result<u64, Problem> {
    let user = verifier.verify(&tokens.access).await.map_err(|problem| {
        tracing::warn!(%problem, "the provider gave a token that is not accepted here");
        Problem::bad_gateway("the identity provider gave a token that is not accepted here")
    })?;
    let told = now.saturating_add(tokens.lifetime.as_secs());
    // Saturates, as a date beyond time should.
    Ok(user.expires().map_or(told, |own| told.min(own as u64)))
}

/// One renewal, which one request at a time may do.
#[derive(Clone)]
struct Turn {
    key: String,
    owner: String,
}

impl Turn {
    fn as_claim(&self) -> Claim<'_> {
        Claim {
            key: &self.key,
            request: "renew",
            owner: &self.owner,
        }
    }
}
