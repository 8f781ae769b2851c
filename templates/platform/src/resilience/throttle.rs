//! How often an edge may be used.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use crate::policy::Rate;

/// A rate of calls, as a token bucket that holds one period's permits (GCRA: one instant is all its state).
#[derive(Debug)]
pub(super) struct Throttle {
    /// Time that one call is worth.
    interval: Duration,
    /// How far ahead of the clock the calls may run.
    tolerance: Duration,
    /// When the bucket will be full again.
    full_at: Mutex<Instant>,
}

impl Throttle {
    pub fn new(rate: &Rate, now: Instant) -> Self {
        let interval = rate.per / rate.permits.max(1);
        Self {
            interval,
            tolerance: rate.per.saturating_sub(interval),
            full_at: Mutex::new(now),
        }
    }

    /// Takes a permit, or says how long until there is one.
    pub fn take(&self, now: Instant) -> Result<(), Duration> {
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let ahead = full_at.saturating_duration_since(now);
        if ahead > self.tolerance {
            return Err(ahead - self.tolerance);
        }
        *full_at = now + ahead + self.interval;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_at_once_then_one_each_interval() {
        let now = Instant::now();
        let rate = Rate {
            permits: 100,
            per: Duration::from_secs(1),
        };
        let throttle = Throttle::new(&rate, now);
        assert_eq!((0..150).filter(|_| throttle.take(now).is_ok()).count(), 100);
        assert_eq!(throttle.take(now), Err(Duration::from_millis(10)));
        let later = now + Duration::from_millis(35);
        assert_eq!((0..150).filter(|_| throttle.take(later).is_ok()).count(), 3);
    }
}
