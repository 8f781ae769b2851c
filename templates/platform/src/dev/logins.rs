//! Who can log in at the identity provider, and who did.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::identity::Claims;
use super::keyring::random;
use crate::clock::Clock;
use crate::error::Error;

/// Seconds until a code is worth nothing.
const CODE: u64 = 60;

/// Most codes, and most logins: beyond, all are forgotten. Whoever is concerned logs in again.
const MOST: usize = 10_000;

/// All of it.
#[derive(Default)]
pub(super) struct Logins(Mutex<State>);

#[derive(Default)]
struct State {
    users: BTreeMap<String, Claims>,
    /// With the ends of their times.
    codes: BTreeMap<String, (Code, u64)>,
    /// By number.
    families: BTreeMap<u64, Login>,
    /// The family of each token, and whether it was used.
    tokens: BTreeMap<String, (u64, bool)>,
    /// The number of the next family.
    next: u64,
    renewals: usize,
}

/// Whom a client's user logged in as.
#[derive(Clone)]
pub(super) struct Login {
    pub(super) scheme: String,
    pub(super) client: String,
    pub(super) scope: String,
    pub(super) user: Claims,
}

/// What a code was given for.
pub(super) struct Code {
    pub(super) login: Login,
    pub(super) back: String,
    pub(super) challenge: String,
    pub(super) nonce: String,
}

impl Logins {
    /// Lets a user of this name log in, who is what `claims` say at that time.
    pub(super) fn add(&self, name: impl Into<String>, claims: Claims) {
        self.lock().users.insert(name.into(), claims);
    }

    pub(super) fn user(&self, name: &str) -> Option<Claims> {
        self.lock().users.get(name).cloned()
    }

    pub(super) fn names(&self) -> Vec<String> {
        self.lock().users.keys().cloned().collect()
    }

    /// How often tokens were asked for with a token that renews them.
    pub(super) fn renewals(&self) -> usize {
        self.lock().renewals
    }

    /// A code for it, which is good once and soon.
    pub(super) fn code(&self, given: Code, clock: &Clock) -> Result<String, Error> {
        let code = random()?;
        let mut state = self.lock();
        if state.codes.len() >= MOST {
            state.codes.clear();
        }
        let until = clock.unix_seconds() + CODE;
        state.codes.insert(code.clone(), (given, until));
        Ok(code)
    }

    pub(super) fn redeem(&self, code: &str, clock: &Clock) -> Option<Code> {
        let (given, until) = self.lock().codes.remove(code)?;
        (clock.unix_seconds() < until).then_some(given)
    }

    /// The login that a token renews, with the number of its family. One that comes a second time was stolen, from us or
    /// from whoever came first: the whole family ends.
    pub(super) fn renew(&self, token: &str) -> Option<(Login, u64)> {
        let mut state = self.lock();
        state.renewals += 1;
        let (family, used) = state.tokens.get_mut(token)?;
        let (family, used) = (*family, std::mem::replace(used, true));
        if used {
            state.families.remove(&family);
        }
        let login = state.families.get(&family)?;
        Some((login.clone(), family))
    }

    /// The next token of a family, or the first one of a new family.
    pub(super) fn rotated(&self, login: Login, family: Option<u64>) -> Result<String, Error> {
        let token = random()?;
        let mut state = self.lock();
        if state.tokens.len() >= MOST {
            state.tokens.clear();
            state.families.clear();
        }
        let family = family.unwrap_or(state.next);
        state.next = state.next.max(family + 1);
        state.families.insert(family, login);
        state.tokens.insert(token.clone(), (family, false));
        Ok(token)
    }

    /// Ends all families.
    pub(super) fn end(&self) {
        self.lock().families.clear();
    }

    /// Ends a token's family.
    pub(super) fn revoke(&self, token: &str) {
        let mut state = self.lock();
        if let Some((family, _)) = state.tokens.remove(token) {
            state.families.remove(&family);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn login() -> Login {
        Login {
            scheme: "staff".into(),
            client: "front".into(),
            scope: "openid".into(),
            user: Claims::of("ann", &[]),
        }
    }

    #[test]
    fn a_code_is_good_once() {
        let (logins, clock) = (Logins::default(), Clock::system());
        let code = Code {
            login: login(),
            back: String::new(),
            challenge: String::new(),
            nonce: String::new(),
        };
        let code = logins.code(code, &clock).unwrap();
        assert!(logins.redeem(&code, &clock).is_some());
        assert!(logins.redeem(&code, &clock).is_none());
    }

    #[test]
    fn a_token_that_comes_twice_ends_its_family_and_no_other() {
        let logins = Logins::default();
        let first = logins.rotated(login(), None).unwrap();
        let other = logins.rotated(login(), None).unwrap();
        let (user, family) = logins.renew(&first).unwrap();
        let second = logins.rotated(user, Some(family)).unwrap();
        assert!(logins.renew(&first).is_none());
        assert!(logins.renew(&second).is_none(), "its family has ended");
        assert!(logins.renew(&other).is_some());
    }

    #[test]
    fn a_revoked_token_renews_nothing() {
        let logins = Logins::default();
        let token = logins.rotated(login(), None).unwrap();
        logins.revoke(&token);
        assert!(logins.renew(&token).is_none());
    }
}
