//! Tokens that were verified before.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

use crate::context::User;

/// Maps are split so that requests on different cores seldom wait for each other.
const SHARDS: usize = 16;

/// Most tokens remembered in a shard; 16 of them hold 8192 users, about 16 MB of tokens of the usual size at worst.
const TOKENS: usize = if cfg!(test) { 32 } else { 512 };

/// Users by their tokens, until these expire or there are too many.
///
/// The whole token is compared, so that only what was verified, to the last byte, is found.
#[derive(Debug, Default)]
pub(super) struct Remembered {
    hasher: RandomState,
    shards: [Mutex<HashMap<Box<str>, Entry>>; SHARDS],
}

#[derive(Debug)]
struct Entry {
    user: Arc<User>,
    /// Seconds since 1970.
    expires: u64,
    /// Which keys it was verified with.
    generation: u64,
}

impl Remembered {
    /// The user of a token that was verified with the keys of `generation` and has not expired at `now`.
    pub(super) fn get(&self, token: &str, now: u64, generation: u64) -> Option<Arc<User>> {
        let shard = self
            .shard(token)
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let entry = shard.get(token)?;
        (entry.expires > now && entry.generation == generation).then(|| entry.user.clone())
    }

    /// Remembers a verified token.
    pub(super) fn put(&self, user: Arc<User>, expires: u64, now: u64, generation: u64) {
        let mut shard = self
            .shard(&user.token)
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if shard.len() >= TOKENS {
            shard.retain(|_, entry| entry.expires > now && entry.generation == generation);
            if shard.len() >= TOKENS {
                // Any half: they cost one verification each if they come again.
                let mut keep = false;
                shard.retain(|_, _| {
                    keep = !keep;
                    keep
                });
            }
        }
        shard.insert(
            user.token.as_str().into(),
            Entry {
                user,
                expires,
                generation,
            },
        );
    }

    fn shard(&self, token: &str) -> &Mutex<HashMap<Box<str>, Entry>> {
        &self.shards[self.hasher.hash_one(token) as usize % SHARDS]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(token: &str) -> Arc<User> {
        let token = token.to_owned();
        Arc::new(User {
            subject: "u".into(),
            roles: Vec::new(),
            claims: serde_json::Map::new(),
            token,
        })
    }

    #[test]
    fn a_token_is_known_until_it_expires_or_the_keys_change() {
        let remembered = Remembered::default();
        remembered.put(user("a"), 100, 0, 1);
        assert!(remembered.get("a", 99, 1).is_some());
        assert!(remembered.get("a", 100, 1).is_none());
        assert!(remembered.get("a", 99, 2).is_none());
        assert!(remembered.get("b", 99, 1).is_none());
    }

    #[test]
    fn memory_is_bounded() {
        let remembered = Remembered::default();
        for number in 0..2000 {
            remembered.put(user(&number.to_string()), 100, 0, 1);
        }
        let kept: usize = remembered
            .shards
            .iter()
            .map(|shard| shard.lock().unwrap().len())
            .sum();
        assert!(kept <= SHARDS * TOKENS);
        assert!(remembered.get("1999", 0, 1).is_some());
    }
}
