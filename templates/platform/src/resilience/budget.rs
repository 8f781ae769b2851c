//! A limit on how much load retries may add.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use super::window::{Counts, Window};

/// The stretch of time whose calls a budget counts.
const WINDOW: Duration = Duration::from_secs(10);

/// Retries that are granted in a window whatever the traffic, so that a quiet edge may retry at all.
const RESERVE: f64 = 10.0;

/// Retries as a share of calls: in any ten seconds at most `10 + share * calls`.
///
/// When a callee is down, every call wants all its attempts; without a budget that multiplies the load on
/// whoever is trying to get up again.
#[derive(Debug)]
pub(super) struct Budget {
    share: f64,
    window: Mutex<Window>,
}

impl Budget {
    pub fn new(share: f64, now: Instant) -> Self {
        Self {
            share,
            window: Mutex::new(Window::new(WINDOW, now)),
        }
    }

    /// A call has begun.
    pub fn deposit(&self, now: Instant) {
        let call = Counts {
            total: 1,
            marked: 0,
        };
        self.locked(|window| window.add(now, call));
    }

    /// Takes one retry out of the budget; `false` when there is none left.
    pub fn withdraw(&self, now: Instant) -> bool {
        self.locked(|window| {
            let so_far = window.counts(now);
            let allowed = RESERVE + self.share * f64::from(so_far.total);
            let granted = f64::from(so_far.marked) + 1.0 <= allowed;
            if granted {
                window.add(
                    now,
                    Counts {
                        total: 0,
                        marked: 1,
                    },
                );
            }
            granted
        })
    }

    fn locked<T>(&self, work: impl FnOnce(&mut Window) -> T) -> T {
        work(&mut self.window.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grants_the_reserve_and_the_share() {
        let now = Instant::now();
        let budget = Budget::new(0.2, now);
        for _ in 0..100 {
            budget.deposit(now);
        }
        let granted = (0..100).filter(|_| budget.withdraw(now)).count();
        assert_eq!(granted, 30);
    }

    #[test]
    fn is_full_again_after_its_window() {
        let now = Instant::now();
        let budget = Budget::new(0.2, now);
        assert_eq!((0..20).filter(|_| budget.withdraw(now)).count(), 10);
        let later = now + Duration::from_secs(11);
        assert_eq!((0..20).filter(|_| budget.withdraw(later)).count(), 10);
    }
}
