//! Leaving a failing callee alone for a while.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use super::window::{Counts, Window};
use crate::policy::Breaker as Settings;

/// What callers are told to wait while the probes of a half-open breaker are still out.
const PROBING: Duration = Duration::from_secs(1);

/// What a breaker does with the next call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BreakerState {
    /// Lets every call through and counts failures.
    Closed,
    /// Refuses every call.
    Open {
        /// Time until probes are let through.
        retry_after: Duration,
    },
    /// Lets a few probes through to see whether the callee is well again.
    HalfOpen,
}

/// What a finished attempt says about the callee.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// It answered as it should, or refused a request that was at fault.
    Well,
    /// It failed, or took longer than it may.
    Ill,
    /// Nothing is known: the attempt was given up, or had less time than it should have had.
    Unknown,
}

/// A circuit breaker over a true sliding time window.
///
/// It opens when, within `window`, there were at least `min_calls` calls and the share of failures reached `error_rate`;
/// stays open for `cooldown`; then lets `probes` calls through. All of them well: closed, with an empty window.
/// One of them ill: open again.
#[derive(Debug)]
pub(super) struct Breaker {
    settings: Settings,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    /// Changes with every change of phase, so that an outcome from an earlier phase is not taken for one of this.
    generation: u64,
    phase: Phase,
}

#[derive(Debug)]
enum Phase {
    Closed(Box<Window>),
    Open { until: Instant },
    HalfOpen { in_flight: u32, well: u32 },
}

impl Breaker {
    pub fn new(settings: Settings, now: Instant) -> Self {
        let window = Box::new(Window::new(settings.window, now));
        Self {
            settings,
            inner: Mutex::new(Inner {
                generation: 0,
                phase: Phase::Closed(window),
            }),
        }
    }

    /// Lets a call through, or says how long to stay away.
    pub fn admit(&self, now: Instant) -> Result<Permit<'_>, Duration> {
        let mut inner = self.lock();
        if let Phase::Open { until } = inner.phase {
            if now < until {
                return Err(until - now);
            }
            inner.enter(Phase::HalfOpen {
                in_flight: 0,
                well: 0,
            });
        }
        if let Phase::HalfOpen { in_flight, well } = &mut inner.phase {
            if *in_flight + *well >= self.probes() {
                return Err(PROBING);
            }
            *in_flight += 1;
        }
        Ok(Permit {
            breaker: self,
            generation: inner.generation,
            settled: false,
        })
    }

    /// What the next call would meet.
    pub fn state(&self, now: Instant) -> BreakerState {
        match self.lock().phase {
            Phase::Closed(_) => BreakerState::Closed,
            Phase::Open { until } if now < until => BreakerState::Open {
                retry_after: until - now,
            },
            Phase::Open { .. } | Phase::HalfOpen { .. } => BreakerState::HalfOpen,
        }
    }

    fn settle(&self, generation: u64, health: Health, now: Instant) {
        let mut inner = self.lock();
        if inner.generation != generation {
            return;
        }
        let next = match &mut inner.phase {
            Phase::Closed(window) => self.count(window, health, now),
            Phase::HalfOpen { in_flight, well } => {
                *in_flight = in_flight.saturating_sub(1);
                match health {
                    Health::Unknown => None,
                    Health::Ill => Some(self.opened(now)),
                    Health::Well => {
                        *well += 1;
                        (*well >= self.probes()).then(|| {
                            Phase::Closed(Box::new(Window::new(self.settings.window, now)))
                        })
                    }
                }
            }
            Phase::Open { .. } => None,
        };
        if let Some(phase) = next {
            inner.enter(phase);
        }
    }

    /// Counts an outcome in the window; the phase that it leads to, if that is another one.
    fn count(&self, window: &mut Window, health: Health, now: Instant) -> Option<Phase> {
        let marked = match health {
            Health::Well => 0,
            Health::Ill => 1,
            Health::Unknown => return None,
        };
        window.add(now, Counts { total: 1, marked });
        let Counts { total, marked } = window.counts(now);
        let enough = total >= self.settings.min_calls.max(1);
        let failing = f64::from(marked) >= self.settings.error_rate * f64::from(total);
        (enough && failing && marked > 0).then(|| self.opened(now))
    }

    fn opened(&self, now: Instant) -> Phase {
        Phase::Open {
            until: now + self.settings.cooldown,
        }
    }

    fn probes(&self) -> u32 {
        self.settings.probes.max(1)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn enter(&mut self, phase: Phase) {
        self.generation += 1;
        self.phase = phase;
    }
}

/// Leave for one call. Dropped without an outcome (the call was cancelled) it gives its slot back and counts for nothing.
#[derive(Debug)]
pub(super) struct Permit<'a> {
    breaker: &'a Breaker,
    generation: u64,
    settled: bool,
}

impl Permit<'_> {
    pub fn settle(mut self, health: Health, now: Instant) {
        self.settled = true;
        self.breaker.settle(self.generation, health, now);
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if !self.settled {
            self.breaker
                .settle(self.generation, Health::Unknown, Instant::now());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn breaker(now: Instant) -> Breaker {
        let settings = Settings {
            error_rate: 0.5,
            window: 10 * SECOND,
            min_calls: 20,
            cooldown: 5 * SECOND,
            probes: 3,
        };
        Breaker::new(settings, now)
    }

    fn run(breaker: &Breaker, health: Health, times: usize, now: Instant) {
        for _ in 0..times {
            breaker.admit(now).unwrap().settle(health, now);
        }
    }

    #[test]
    fn opens_at_its_rate_and_not_before_its_minimum() {
        let now = Instant::now();
        let some = breaker(now);
        run(&some, Health::Ill, 19, now);
        assert_eq!(some.state(now), BreakerState::Closed);
        run(&some, Health::Ill, 1, now);
        assert_eq!(some.admit(now).unwrap_err(), 5 * SECOND);

        let other = breaker(now);
        run(&other, Health::Well, 100, now);
        run(&other, Health::Ill, 99, now);
        assert_eq!(other.state(now), BreakerState::Closed);
        run(&other, Health::Ill, 1, now);
        assert!(matches!(other.state(now), BreakerState::Open { .. }));
    }

    #[test]
    fn forgets_what_is_older_than_its_window() {
        let now = Instant::now();
        let breaker = breaker(now);
        run(&breaker, Health::Ill, 19, now);
        let later = now + 10 * SECOND;
        run(&breaker, Health::Ill, 19, later);
        assert_eq!(breaker.state(later), BreakerState::Closed);
    }

    #[test]
    fn closes_after_its_probes_and_opens_at_an_ill_one() {
        let now = Instant::now();
        let breaker = breaker(now);
        run(&breaker, Health::Ill, 20, now);
        let then = now + 5 * SECOND;
        let probes: Vec<_> = (0..3).map(|_| breaker.admit(then).unwrap()).collect();
        assert_eq!(breaker.admit(then).unwrap_err(), PROBING);
        for probe in probes {
            assert_eq!(breaker.state(then), BreakerState::HalfOpen);
            probe.settle(Health::Well, then);
        }
        assert_eq!(breaker.state(then), BreakerState::Closed);

        run(&breaker, Health::Ill, 20, then);
        let again = then + 5 * SECOND;
        run(&breaker, Health::Ill, 1, again);
        assert_eq!(breaker.admit(again).unwrap_err(), 5 * SECOND);
    }

    #[test]
    fn a_cancelled_probe_gives_its_slot_back() {
        let now = Instant::now();
        let breaker = breaker(now);
        run(&breaker, Health::Ill, 20, now);
        let then = now + 5 * SECOND;
        for _ in 0..10 {
            drop(breaker.admit(then).unwrap());
        }
        run(&breaker, Health::Well, 3, then);
        assert_eq!(breaker.state(then), BreakerState::Closed);
    }

    #[test]
    fn outcomes_of_an_earlier_phase_do_not_count() {
        let now = Instant::now();
        let breaker = breaker(now);
        let slow = breaker.admit(now).unwrap();
        run(&breaker, Health::Ill, 20, now);
        let then = now + 5 * SECOND;
        let _probe = breaker.admit(then).unwrap();
        slow.settle(Health::Ill, then);
        assert_eq!(breaker.state(then), BreakerState::HalfOpen);
    }

    #[test]
    fn unknown_outcomes_do_not_count() {
        let now = Instant::now();
        let breaker = breaker(now);
        run(&breaker, Health::Unknown, 100, now);
        run(&breaker, Health::Ill, 19, now);
        assert_eq!(breaker.state(now), BreakerState::Closed);
    }
}
