//! Sessions as they are kept: found by a hash of what the cookie carries, and sealed with a key made of it. Who reads the
//! store finds neither a cookie to show nor a token.

use std::time::Duration;

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::random;
use crate::clock::Clock;
use crate::problem::Problem;
use crate::state::Shared;

/// What the cookie carries: nobody can guess it.
#[derive(Clone)]
pub(super) struct Id([u8; 32]);

impl Id {
    /// A new one.
    ///
    /// # Errors
    /// When there are no random numbers.
    pub(super) fn new() -> Result<Self, Problem> {
        random()
            .map(Self)
            .map_err(|error| Problem::internal(error.to_string()))
    }

    /// As a cookie carries it.
    pub(super) fn text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        bytes.try_into().ok().map(Self)
    }

    fn derived(&self, purpose: &str) -> impl AsRef<[u8]> + use<> {
        sign(&Key::new(HMAC_SHA256, &self.0), purpose.as_bytes())
    }
}

/// A user's session. Times are in seconds since 1970.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Session {
    /// The token that says who the user is.
    pub(super) access: String,
    /// What a new one is had for.
    pub(super) refresh: Option<String>,
    /// What tells the provider at the end whose login it was.
    pub(super) identity: Option<String>,
    /// When the token was given.
    pub(super) given: u64,
    /// When it ends.
    pub(super) expires: u64,
    /// When the session ends, however often its token is renewed.
    pub(super) ends: u64,
}

/// Where the sessions of one scheme are kept.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) store: Shared,
    pub(super) scheme: &'static str,
    pub(super) clock: Clock,
}

impl Kept {
    /// The name of a session's place.
    pub(super) fn place(&self, id: &Id) -> String {
        let place = URL_SAFE_NO_PAD.encode(id.derived("place"));
        self.store.key("session", self.scheme, &place)
    }

    /// The session of a cookie, if it has not ended.
    ///
    /// # Errors
    /// When the store does not answer, here and below.
    pub(super) async fn read(&self, id: &Id) -> Result<Option<Session>, Problem> {
        let sealed = self.store.session(&self.place(id)).await?;
        let session = sealed.and_then(|sealed| open(id, sealed));
        Ok(session.filter(|session| session.ends > self.clock.unix_seconds()))
    }

    pub(super) async fn begin(&self, id: &Id, session: &Session) -> Result<(), Problem> {
        let (sealed, span) = self.sealed(id, session)?;
        let place = self.place(id);
        self.store.begin_session(&place, &sealed, span).await
    }

    /// Whether it was still there.
    pub(super) async fn change(&self, id: &Id, session: &Session) -> Result<bool, Problem> {
        let (sealed, span) = self.sealed(id, session)?;
        let place = self.place(id);
        self.store.change_session(&place, &sealed, span).await
    }

    pub(super) async fn end(&self, id: &Id) -> Result<(), Problem> {
        self.store.end_session(&self.place(id)).await
    }

    fn sealed(&self, id: &Id, session: &Session) -> Result<(Vec<u8>, Duration), Problem> {
        let span = session.ends.saturating_sub(self.clock.unix_seconds());
        let sealed = seal(id, session).ok_or_else(|| Problem::internal("sealing a session"))?;
        Ok((sealed, Duration::from_secs(span.max(1))))
    }
}

fn key(id: &Id) -> Option<RandomizedNonceKey> {
    RandomizedNonceKey::new(&AES_256_GCM, id.derived("seal").as_ref()).ok()
}

fn seal(id: &Id, session: &Session) -> Option<Vec<u8>> {
    let mut text = serde_json::to_vec(session).ok()?;
    let nonce = key(id)?
        .seal_in_place_append_tag(Aad::empty(), &mut text)
        .ok()?;
    let mut sealed = nonce.as_ref().to_vec();
    sealed.append(&mut text);
    Some(sealed)
}

fn open(id: &Id, mut sealed: Vec<u8>) -> Option<Session> {
    let (nonce, text) = sealed.split_at_mut_checked(NONCE_LEN)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let text = key(id)?.open_in_place(nonce, Aad::empty(), text).ok()?;
    serde_json::from_slice(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_its_own_cookie_opens_a_session() {
        let id = Id::new().unwrap();
        let session = Session {
            access: "the-access-token".into(),
            refresh: Some("the-refresh-token".into()),
            identity: None,
            given: 1,
            expires: 2,
            ends: 3,
        };
        let sealed = seal(&id, &session).unwrap();
        let shown = String::from_utf8_lossy(&sealed);
        assert!(!shown.contains("token"), "{shown}");
        assert_ne!(seal(&id, &session).unwrap(), sealed);
        let same = Id::parse(&id.text()).unwrap();
        assert_eq!(open(&same, sealed.clone()).unwrap().access, session.access);
        assert!(open(&Id::new().unwrap(), sealed.clone()).is_none());
        assert!(open(&id, sealed[1..].to_vec()).is_none());
        assert!(open(&id, Vec::new()).is_none());
    }

    #[test]
    fn a_cookie_is_read_whole_or_not_at_all() {
        let id = Id::new().unwrap().text();
        assert_eq!(Id::parse(&id).map(|it| it.text()), Some(id.clone()));
        for wrong in ["", "a", &id[1..], &format!("{id}a")] {
            assert!(Id::parse(wrong).is_none(), "{wrong}");
        }
    }
}
