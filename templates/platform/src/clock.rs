//! The one source of time.
//!
//! Rate limits, breakers, caches of tokens and answers, backoff and the expiry of tokens all ask this clock and
//! nothing else, so that a test that moves tokio's paused clock moves them all.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub use tokio::time::Instant;

/// Tells the time, twice: a monotonic one to measure with, and the wall's to compare with dates.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clock {
    /// Where a virtual wall clock started, and the monotonic moment of that start.
    base: Option<(Instant, SystemTime)>,
}

impl Clock {
    /// The clock of the machine.
    pub const fn system() -> Self {
        Self { base: None }
    }

    /// A clock whose wall time starts at `wall` now and moves with [`Clock::now`] from then on: under tokio's paused
    /// clock it moves only when that is advanced.
    pub fn virtual_from(wall: SystemTime) -> Self {
        Self {
            base: Some((Instant::now(), wall)),
        }
    }

    /// The monotonic now.
    pub fn now(&self) -> Instant {
        Instant::now()
    }

    /// What the wall shows now.
    pub fn wall(&self) -> SystemTime {
        match self.base {
            None => SystemTime::now(),
            Some((start, wall)) => wall + start.elapsed(),
        }
    }

    /// The moment at which the wall will show so many seconds since 1970; now if it did already, `None` if it never will.
    pub fn at_unix_seconds(&self, seconds: f64) -> Option<Instant> {
        let since = Duration::try_from_secs_f64(seconds.max(0.0)).ok()?;
        let shown = self
            .wall()
            .duration_since(UNIX_EPOCH)
            .unwrap_or(Duration::ZERO);
        self.now().checked_add(since.saturating_sub(shown))
    }

    /// Whole seconds since 1970, as tokens count them.
    pub fn unix_seconds(&self) -> u64 {
        self.wall()
            .duration_since(UNIX_EPOCH)
            .unwrap_or(Duration::ZERO)
            .as_secs()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_virtual_wall_moves_with_the_paused_clock() {
        let clock = Clock::virtual_from(UNIX_EPOCH + Duration::from_secs(1000));
        assert_eq!(clock.unix_seconds(), 1000);
        tokio::time::advance(Duration::from_secs(24 * 3600)).await;
        assert_eq!(clock.unix_seconds(), 1000 + 24 * 3600);
        let now = clock.now();
        let tomorrow = f64::from(1010 + 24 * 3600);
        assert_eq!(
            clock.at_unix_seconds(tomorrow),
            Some(now + Duration::from_secs(10))
        );
        assert_eq!(clock.at_unix_seconds(7.0), Some(now));
        assert_eq!(clock.at_unix_seconds(f64::INFINITY), None);
    }
}
