//! Tokens that were verified before.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::{Arc, Mutex, PoisonError};

use crate::context::User;

/// Maps are split so that requests on different cores seldom wait for each other.
const SHARDS: usize = 16;

/// Most tokens remembered in a shard; 16 of them hold 8192 users, about 16 MB where token and claims have 2 kB.
const TOKENS: usize = if cfg!(test) { 32 } else { 512 };

/// Users by their tokens, until these expire or there are too many.
///
/// Each instance has its own, whatever the drawing says of `state`: remembering saves a verification and decides nothing.
///
/// Found by a hash and then compared whole: only what was verified, to the last byte, is known.
#[derive(Debug, Default)]
pub(super) struct Remembered {
    /// Keyed by a secret of this process.
    hasher: RandomState,
    shards: [Mutex<HashMap<u64, Entry>>; SHARDS],
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
        let (key, shard) = self.place(token);
        let shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = shard.get(&key).filter(|entry| entry.user.token == token)?;
        (entry.expires > now && entry.generation == generation).then(|| entry.user.clone())
    }

    /// Remembers a verified token.
    pub(super) fn put(&self, user: Arc<User>, expires: u64, now: u64, generation: u64) {
        let (key, shard) = self.place(&user.token);
        let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
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
            key,
            Entry {
                user,
                expires,
                generation,
            },
        );
    }

    fn place(&self, token: &str) -> (u64, &Mutex<HashMap<u64, Entry>>) {
        let key = self.hasher.hash_one(token);
        (key, &self.shards[key as usize % SHARDS])
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
