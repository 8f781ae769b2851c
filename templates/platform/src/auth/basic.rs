//! Names and passwords that come with each request (RFC 7617).

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_lc_rs::{hmac, rand};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tokio::sync::Semaphore;

use super::password::{Hash, ROUNDS};
use crate::clock::{Clock, Instant};
use crate::config::ServiceConfig;
use crate::context::Credential;
use crate::error::Error;
use crate::policy::Secret;
use crate::problem::Problem;
use crate::watched::Watched;

/// How long a password that was right need not be hashed again.
const REMEMBERED: Duration = Duration::from_secs(60);

/// Most passwords remembered.
const MOST: usize = 1024;

/// Verifies the users of one scheme.
pub(super) struct Users {
    scheme: &'static str,
    users: Watched<List>,
    clock: Clock,
    /// Hashing is slow on purpose: it must not take all cores at once.
    hashing: Semaphore,
    remembered: Mutex<Remembered>,
}

/// All users with the hashes of their passwords.
struct List {
    users: HashMap<Arc<str>, Hash>,
    /// What the passwords of unknown users are compared with: they cost the same.
    nobody: Hash,
}

/// Passwords that were right lately, as keyed hashes whose key never leaves this process.
struct Remembered {
    key: hmac::Key,
    right: HashMap<[u8; 32], (Arc<str>, Instant)>,
    /// The list that they were compared with; those of another one count no more.
    list: Arc<List>,
}

impl Users {
    /// The users that the secret lists; see [`parse`].
    ///
    /// # Errors
    /// When there is no such secret, or it cannot be read.
    pub(super) fn new(
        scheme: &'static str,
        users: Secret,
        config: &ServiceConfig,
        clock: Clock,
    ) -> Result<Self, Error> {
        let users = config.secret(&format!("users of {scheme}"), users, parse)?;
        let mut key = [0; 32];
        rand::fill(&mut key).map_err(|error| Error::because("making a key", error))?;
        let remembered = Remembered {
            key: hmac::Key::new(hmac::HMAC_SHA256, &key),
            right: HashMap::new(),
            list: users.current(),
        };
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Self {
            scheme,
            users,
            clock,
            hashing: Semaphore::new(cores),
            remembered: Mutex::new(remembered),
        })
    }

    /// Whose name and password these are, as the header has them: base64 of `name:password`.
    ///
    /// # Errors
    /// When the user is unknown or the password is another.
    pub(super) async fn verify(&self, encoded: &str) -> Result<Credential, Problem> {
        let refused = || Problem::unauthenticated("the user name or password is wrong");
        let decoded = STANDARD.decode(encoded).map_err(|_| refused())?;
        let decoded = String::from_utf8(decoded).map_err(|_| refused())?;
        let (name, password) = decoded.split_once(':').ok_or_else(refused)?;
        let list = self.users.current();
        if let Some(name) = self.known(&list, &decoded) {
            return Ok(self.credential(name));
        }
        let user = list.users.get_key_value(name);
        let hash = user.map_or(&list.nobody, |(_, hash)| hash).clone();
        let _turn = self.hashing.acquire().await.map_err(|_| refused())?;
        let password = password.to_owned();
        let right = tokio::task::spawn_blocking(move || hash.verify(&password)).await;
        let (name, _) = user
            .filter(|_| right.unwrap_or(false))
            .ok_or_else(refused)?;
        self.remember(&list, &decoded, name);
        Ok(self.credential(name.clone()))
    }

    fn credential(&self, name: Arc<str>) -> Credential {
        let scheme = self.scheme;
        Credential { scheme, name }
    }

    /// Whose this is, if it was right lately.
    fn known(&self, list: &Arc<List>, decoded: &str) -> Option<Arc<str>> {
        let mut remembered = self.lock();
        if !Arc::ptr_eq(&remembered.list, list) {
            remembered.right.clear();
            remembered.list = list.clone();
        }
        let (name, until) = remembered.right.get(&remembered.place(decoded))?;
        (*until > self.clock.now()).then(|| name.clone())
    }

    fn remember(&self, list: &Arc<List>, decoded: &str, name: &Arc<str>) {
        let mut remembered = self.lock();
        if !Arc::ptr_eq(&remembered.list, list) {
            return;
        }
        let now = self.clock.now();
        if remembered.right.len() >= MOST {
            remembered.right.retain(|_, (_, until)| *until > now);
        }
        if remembered.right.len() < MOST {
            let place = remembered.place(decoded);
            let entry = (name.clone(), now + REMEMBERED);
            remembered.right.insert(place, entry);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Remembered> {
        self.remembered
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Remembered {
    fn place(&self, decoded: &str) -> [u8; 32] {
        let mut place = [0; 32];
        place.copy_from_slice(hmac::sign(&self.key, decoded.as_bytes()).as_ref());
        place
    }
}

impl fmt::Debug for Users {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Users").field(&self.scheme).finish()
    }
}

/// Reads a list of `name:hash` with white space between them; see [`Hash`].
fn parse(text: &str) -> Result<List, Error> {
    let mut users = HashMap::new();
    for (number, entry) in text.split_whitespace().enumerate() {
        let (name, hash) = entry.split_once(':').ok_or_else(|| {
            Error::new(format!("entry {} is not of the form name:hash", number + 1))
        })?;
        let hash = Hash::parse(hash).ok_or_else(|| {
            Error::new(format!(
                "what stands for `{name}` is no hash of the form $pbkdf2-sha256$i=600000,l=32$SALT$HASH with 100000 \
                 rounds or more"
            ))
        })?;
        if users.insert(Arc::from(name), hash).is_some() {
            return Err(Error::new(format!("`{name}` stands in it twice")));
        }
    }
    let rounds = users.values().map(Hash::rounds).max();
    let rounds = rounds.ok_or_else(|| Error::new("there is no user in it"))?;
    Ok(List {
        nobody: Hash::of("", rounds.min(ROUNDS))?,
        users,
    })
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;
    use crate::config::SecretSource;

    fn users(text: &str) -> Result<Users, Error> {
        let mut config = ServiceConfig::default();
        let text = SecretSource::Text(text.to_owned());
        config.secrets.insert("users".to_owned(), text);
        Users::new("legacy", Secret::Env("USERS"), &config, Clock::system())
    }

    #[tokio::test]
    async fn a_password_is_known_by_its_hash() {
        let rounds = NonZeroU32::new(100_000).unwrap();
        let hash = Hash::of("se:cret", rounds).unwrap();
        let users = users(&format!("ann:{hash}\nbob:{hash}")).unwrap();
        let ask = async |text: &str| {
            let encoded = STANDARD.encode(text);
            let found = users.verify(&encoded).await;
            found.map_or_else(
                |problem| problem.code.into_owned(),
                |it| it.name.to_string(),
            )
        };
        // The second time it is remembered.
        for _ in 0..2 {
            assert_eq!(ask("ann:se:cret").await, "ann");
            assert_eq!(ask("bob:se:cret").await, "bob");
            for wrong in ["ann:se:cre", "ann:", "carl:se:cret", "ann", ""] {
                assert_eq!(ask(wrong).await, "unauthenticated", "{wrong}");
            }
        }
        assert_eq!(users.lock().right.len(), 2);
        assert!(users.verify("no base64").await.is_err());
        assert!(!format!("{users:?}").contains("pbkdf2"));
    }

    #[test]
    fn a_list_that_cannot_be_read_is_told_without_its_hashes() {
        for (list, told) in [
            ("", "there is no user in it"),
            ("ann", "entry 1 is not of the form name:hash"),
            ("ann:secret", "what stands for `ann` is no hash"),
        ] {
            let error = users(list).unwrap_err().to_string();
            assert!(
                error.starts_with(&format!("users of legacy: {told}")),
                "{error}"
            );
            assert!(!error.contains("secret"));
        }
    }
}
