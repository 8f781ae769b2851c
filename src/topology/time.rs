//! How long one logical call may take at worst.

use std::time::Duration;

use crate::model::attributes::{Attr, Attributes, Retry, Value};

/// The worst case of one logical call, with its parts, so that it can be recomputed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorstCase {
    /// The whole: the sum of the parts, or the deadline where that is shorter.
    pub total: Duration,
    /// The first try included.
    pub attempts: u64,
    /// Of one attempt.
    pub timeout: Option<Duration>,
    /// The waits between attempts, together. Jitter only ever shortens them.
    pub waits: Duration,
    /// The deadline, where it is what ends the call.
    pub cut_at: Option<Duration>,
}

/// `min(deadline, attempts × timeout + Σ min(max, base × 2^(i-1)))`. `None` where nothing bounds the call.
/// `retries`: whether the call is repeated at all.
#[must_use]
pub fn worst_case(attributes: &Attributes, retries: bool) -> Option<WorstCase> {
    let timeout = attributes.timeout();
    let deadline = attributes.deadline();
    let retry = match attributes.value(Attr::Retry) {
        Some(Value::Retry(retry)) if retries => Some(retry),
        _ => None,
    };
    let attempts = retry.map_or(Some(1), |it| it.attempts);
    let waits = match (retry, attempts) {
        (Some(retry), Some(attempts)) => waits(retry, attempts),
        _ => Duration::ZERO,
    };
    let unbounded = match (attempts, timeout) {
        (Some(attempts), Some(timeout)) => Some(times(timeout, attempts).saturating_add(waits)),
        _ => None,
    };
    let total = match (unbounded, deadline) {
        (Some(sum), Some(deadline)) => sum.min(deadline),
        (Some(only), None) | (None, Some(only)) => only,
        (None, None) => return None,
    };
    Some(WorstCase {
        total,
        attempts: attempts.unwrap_or(1),
        timeout,
        waits,
        cut_at: deadline.filter(|_| unbounded.is_none_or(|sum| sum > total)),
    })
}

/// Where sums stop to grow: nobody waits for 584 years.
const LONGEST: Duration = Duration::from_nanos(u64::MAX);

fn waits(retry: &Retry, attempts: u64) -> Duration {
    let cap = retry.max.unwrap_or(LONGEST).min(LONGEST);
    let mut wait = retry.base.min(cap);
    let mut sum = Duration::ZERO;
    let mut left = attempts.saturating_sub(1);
    // A wait that no longer grows is multiplied instead of added so many times.
    while left > 0 && retry.exponential && wait < cap {
        sum = sum.saturating_add(wait);
        wait = times(wait, 2).min(cap);
        left -= 1;
    }
    sum.saturating_add(times(wait, left))
}

fn times(duration: Duration, count: u64) -> Duration {
    let nanos = duration.as_nanos().saturating_mul(u128::from(count));
    u64::try_from(nanos).map_or(LONGEST, Duration::from_nanos)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::attributes::{Effective, Jitter, Origin};

    const MS: fn(u64) -> Duration = Duration::from_millis;

    fn call(timeout: u64, retry: Retry, deadline: Option<u64>) -> Attributes {
        let mut attributes = Attributes::default();
        let mut set = |attr, value| {
            let origin = Origin::BuiltIn;
            attributes.set(attr, Effective { value, origin });
        };
        set(Attr::Timeout, Value::Duration(MS(timeout)));
        set(Attr::Retry, Value::Retry(Box::new(retry)));
        if let Some(deadline) = deadline {
            set(Attr::Deadline, Value::Duration(MS(deadline)));
        }
        attributes
    }

    fn exponential(attempts: u64, base: u64, max: Option<u64>) -> Retry {
        Retry {
            attempts: Some(attempts),
            exponential: true,
            base: MS(base),
            max: max.map(MS),
            jitter: Jitter::Full,
            budget: None,
        }
    }

    #[test]
    fn attempts_and_backoff_add_up() {
        let worst = worst_case(&call(600, exponential(3, 100, None), None), true).unwrap();
        assert_eq!(worst.total, MS(2100));
        assert_eq!(worst.waits, MS(300));
        assert_eq!(worst.cut_at, None);
    }

    #[test]
    fn the_deadline_cuts() {
        let worst = worst_case(&call(600, exponential(3, 100, None), Some(1500)), true).unwrap();
        assert_eq!(worst.total, MS(1500));
        assert_eq!(worst.cut_at, Some(MS(1500)));
    }

    #[test]
    fn waits_stop_growing_at_their_longest() {
        let worst = worst_case(&call(10, exponential(5, 100, Some(250)), None), true).unwrap();
        assert_eq!(worst.waits, MS(100 + 200 + 250 + 250));
    }

    #[test]
    fn what_is_not_repeated_takes_one_attempt() {
        let worst = worst_case(&call(600, exponential(3, 100, None), None), false).unwrap();
        assert_eq!(worst.total, MS(600));
    }

    #[test]
    fn absurd_numbers_saturate() {
        let worst = worst_case(&call(600, exponential(u64::MAX, 100, None), None), true).unwrap();
        assert!(worst.total > Duration::from_secs(60 * 60 * 24 * 365));
    }

    #[test]
    fn nothing_bounds_endless_attempts_but_a_deadline() {
        let endless = Retry {
            attempts: None,
            ..exponential(1, 100, None)
        };
        assert_eq!(worst_case(&call(600, endless, None), true), None);
        let worst = worst_case(&call(600, endless, Some(1500)), true).unwrap();
        assert_eq!(worst.total, MS(1500));
    }
}
