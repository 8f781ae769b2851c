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

/// How fast a bucket fills, and how much it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    interval: Duration,
    burst: u32,
}

impl Pace {
    /// `permits` each `per`, up to `burst` at once. Nothing is ever permitted when one of them is zero.
    pub fn new(permits: u32, per: Duration, burst: u32) -> Self {
        Self {
            interval: per.checked_div(permits).unwrap_or(Duration::MAX),
            burst: if permits == 0 { 0 } else { burst },
        }
    }

    /// The time in which one permit comes back.
    pub fn interval(self) -> Duration {
        self.interval
    }

    /// Most permits at once.
    pub fn burst(self) -> u32 {
        self.burst
    }

    /// How far ahead of now a key may have spent: a full bucket.
    fn ahead(self) -> Duration {
        self.interval.saturating_mul(self.burst)
    }

    /// How long to wait where nothing is ever permitted.
    pub fn never(self) -> Option<Duration> {
        (self.burst == 0).then_some(self.interval)
    }
}

/// A token bucket for each key, by the generic cell rate algorithm: one moment a key is all that is stored.
#[derive(Debug)]
pub struct Buckets {
    hasher: RandomState,
    shards: [Mutex<HashMap<u64, Instant>>; SHARDS],
}

impl Default for Buckets {
    fn default() -> Self {
        Self {
            hasher: RandomState::new(),
            shards: std::array::from_fn(|_| Mutex::default()),
        }
    }
}

impl Buckets {
    /// Takes one permit of `key`.
    ///
    /// # Errors
    /// How long until there is one.
    pub fn take(&self, key: impl Hash, pace: Pace, now: Instant) -> Result<(), Duration> {
        // Keyed by a secret of this process: nobody can make two keys meet on purpose.
        let key = self.hasher.hash_one(key);
        let mut shard = self.shards[key as usize % SHARDS]
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let spent = shard
            .get(&key)
            .map_or(Duration::ZERO, |until| until.saturating_duration_since(now));
        let after = spent.saturating_add(pace.interval);
        if after > pace.ahead() {
            return Err(after - pace.ahead());
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

/// Buckets that all fill at one pace.
#[derive(Debug)]
pub struct Limiter {
    pace: Pace,
    clock: Clock,
    buckets: Buckets,
}

impl Limiter {
    /// Full buckets.
    pub fn new(pace: Pace, clock: Clock) -> Self {
        Self {
            pace,
            clock,
            buckets: Buckets::default(),
        }
    }

    /// Takes one permit of `key`.
    ///
    /// # Errors
    /// How long until there is one.
    pub fn take(&self, key: impl Hash) -> Result<(), Duration> {
        self.buckets.take(key, self.pace, self.clock.now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limiter(permits: u32, per: Duration, burst: u32) -> Limiter {
        Limiter::new(Pace::new(permits, per, burst), Clock::system())
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_then_the_rate() {
        let limiter = limiter(50, Duration::from_secs(1), 100);
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
        assert!(limiter(0, Duration::from_secs(1), 10).take(1).is_err());
        assert!(limiter(10, Duration::from_secs(1), 0).take(1).is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn memory_is_bounded() {
        let limiter = limiter(1, Duration::from_secs(60), 1);
        for key in 0..3000 {
            assert_eq!(limiter.take(key), Ok(()));
        }
        let kept: usize = limiter
            .buckets
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
