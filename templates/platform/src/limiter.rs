//! Counts how often something happens, for each of many keys.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hash};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::clock::{Clock, Instant};

/// Maps are split so that requests on different cores seldom wait for each other.
const SHARDS: usize = 16;

/// Most keys remembered in a shard: beyond, keys that owe nothing are forgotten first, then any. 16 of them hold
/// 131 072 callers in about 4 MB.
const KEYS: usize = if cfg!(test) { 64 } else { 8192 };

/// A token bucket for each key, by the generic cell rate algorithm: one moment a key is all that is stored.
#[derive(Debug)]
pub struct Limiter {
    /// The time in which one permit comes back.
    interval: Duration,
    /// How far ahead of now a key may have spent: a full bucket.
    ahead: Duration,
    clock: Clock,
    hasher: RandomState,
    shards: [Mutex<HashMap<u64, Instant>>; SHARDS],
}

impl Limiter {
    /// `permits` each `per`, up to `burst` at once. Nothing is ever permitted when one of them is zero.
    pub fn new(permits: u32, per: Duration, burst: u32, clock: Clock) -> Self {
        let interval = if permits == 0 {
            Duration::MAX
        } else {
            per / permits
        };
        let ahead = if permits == 0 {
            Duration::ZERO
        } else {
            interval.saturating_mul(burst)
        };
        Self {
            interval,
            ahead,
            clock,
            hasher: RandomState::new(),
            shards: std::array::from_fn(|_| Mutex::default()),
        }
    }

    /// Takes one permit of `key`.
    ///
    /// # Errors
    /// How long until there is one.
    pub fn take(&self, key: impl Hash) -> Result<(), Duration> {
        let now = self.clock.now();
        // Keyed by a secret of this process: nobody can make two keys meet on purpose.
        let key = self.hasher.hash_one(key);
        let mut shard = self.shards[key as usize % SHARDS]
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let spent = shard
            .get(&key)
            .map_or(Duration::ZERO, |until| until.saturating_duration_since(now));
        let after = spent.saturating_add(self.interval);
        if after > self.ahead {
            return Err(after - self.ahead);
        }
        if shard.len() >= KEYS && !shard.contains_key(&key) {
            shard.retain(|_, until| *until > now);
            if shard.len() >= KEYS {
                let mut keep = false;
                shard.retain(|_, _| {
                    keep = !keep;
                    keep
                });
            }
        }
        shard.insert(key, now + after);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_burst_then_the_rate() {
        let limiter = Limiter::new(50, Duration::from_secs(1), 100, Clock::system());
        for _ in 0..100 {
            assert_eq!(limiter.take("a"), Ok(()));
        }
        assert_eq!(limiter.take("a"), Err(Duration::from_millis(20)));
        assert_eq!(limiter.take("b"), Ok(()), "each key has its own count");
        tokio::time::advance(Duration::from_secs(1)).await;
        for _ in 0..50 {
            assert_eq!(limiter.take("a"), Ok(()));
        }
        assert!(limiter.take("a").is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_nothing() {
        assert!(
            Limiter::new(0, Duration::from_secs(1), 10, Clock::system())
                .take(1)
                .is_err()
        );
        assert!(
            Limiter::new(10, Duration::from_secs(1), 0, Clock::system())
                .take(1)
                .is_err()
        );
    }

    #[tokio::test(start_paused = true)]
    async fn memory_is_bounded() {
        let limiter = Limiter::new(1, Duration::from_secs(60), 1, Clock::system());
        for key in 0..3000 {
            assert_eq!(limiter.take(key), Ok(()));
        }
        let kept: usize = limiter
            .shards
            .iter()
            .map(|shard| shard.lock().unwrap().len())
            .sum();
        assert!(kept <= SHARDS * KEYS);
        tokio::time::advance(Duration::from_secs(61)).await;
        for key in 3000..4500 {
            assert_eq!(limiter.take(key), Ok(()));
        }
    }
}
