//! How long to wait before the next attempt.

use std::time::Duration;

use crate::policy::{Backoff, Jitter, Retry};

/// The pause after attempt `number` (the first is 1) failed.
///
/// Full jitter draws from zero to the computed pause, so that callers who failed together do not come back together.
pub(super) fn pause(retry: &Retry, number: u32) -> Duration {
    let longest = match retry.backoff {
        Backoff::Fixed { delay } => delay,
        Backoff::Exponential { base, max } => {
            let factor = 1_u32
                .checked_shl(number.saturating_sub(1))
                .unwrap_or(u32::MAX);
            base.saturating_mul(factor).min(max)
        }
    };
    match retry.jitter {
        Jitter::None => longest,
        Jitter::Full => longest.mul_f64(fastrand::f64()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exponential(jitter: Jitter) -> Retry {
        Retry {
            attempts: 9,
            backoff: Backoff::Exponential {
                base: Duration::from_millis(30),
                max: Duration::from_millis(200),
            },
            jitter,
            budget: None,
        }
    }

    #[test]
    fn doubles_up_to_its_maximum() {
        let retry = exponential(Jitter::None);
        let pauses: Vec<_> = [1, 2, 3, 4, 5, 40, u32::MAX]
            .map(|number| pause(&retry, number).as_millis())
            .into();
        assert_eq!(pauses, [30, 60, 120, 200, 200, 200, 200]);
    }

    #[test]
    fn full_jitter_stays_below_and_spreads() {
        let retry = exponential(Jitter::Full);
        let pauses: Vec<_> = (0..200).map(|_| pause(&retry, 2)).collect();
        assert!(pauses.iter().all(|p| *p <= Duration::from_millis(60)));
        assert!(pauses.iter().any(|p| *p < Duration::from_millis(20)));
        assert!(pauses.iter().any(|p| *p > Duration::from_millis(40)));
    }
}
