//! Counts over the last stretch of time.

use std::time::Duration;

use tokio::time::Instant;

/// How finely a window slides: it moves on in steps of a 32nd of its length.
const STEPS: usize = 32;

/// How many events there were, and how many of them were of the marked kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub total: u32,
    pub marked: u32,
}

/// A sliding time window: an event counts until it is as old as the window is long, at most one step
/// (a 32nd) less. Constant in memory and in time, whatever the traffic.
#[derive(Debug)]
pub(super) struct Window {
    start: Instant,
    step: Duration,
    /// The number of the newest step, counted from `start`.
    newest: u64,
    steps: [Counts; STEPS],
    sum: Counts,
}

impl Window {
    pub fn new(length: Duration, now: Instant) -> Self {
        let step = (length / STEPS as u32).max(Duration::from_micros(1));
        Self {
            start: now,
            step,
            newest: 0,
            steps: [Counts::default(); STEPS],
            sum: Counts::default(),
        }
    }

    /// Adds events that happened just now.
    pub fn add(&mut self, now: Instant, events: Counts) {
        self.slide(now);
        let step = &mut self.steps[(self.newest % STEPS as u64) as usize];
        for counts in [step, &mut self.sum] {
            counts.total = counts.total.saturating_add(events.total);
            counts.marked = counts.marked.saturating_add(events.marked);
        }
    }

    /// What the window holds now.
    pub fn counts(&mut self, now: Instant) -> Counts {
        self.slide(now);
        self.sum
    }

    /// Forgets the steps that are older than the window.
    fn slide(&mut self, now: Instant) {
        let elapsed = now.saturating_duration_since(self.start).as_nanos();
        let current = u64::try_from(elapsed / self.step.as_nanos()).unwrap_or(u64::MAX);
        let passed = current.saturating_sub(self.newest);
        if passed >= STEPS as u64 {
            self.steps = [Counts::default(); STEPS];
            self.sum = Counts::default();
        } else {
            for number in self.newest + 1..=current {
                let step = std::mem::take(&mut self.steps[(number % STEPS as u64) as usize]);
                self.sum.total = self.sum.total.saturating_sub(step.total);
                self.sum.marked = self.sum.marked.saturating_sub(step.marked);
            }
        }
        self.newest = self.newest.max(current);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Counts = Counts {
        total: 1,
        marked: 1,
    };

    #[test]
    fn slides_and_forgets_bit_by_bit() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let mut window = Window::new(Duration::from_secs(10), start);
        window.add(at(0), ONE);
        window.add(
            at(5_000),
            Counts {
                total: 2,
                marked: 0,
            },
        );
        assert_eq!(
            window.counts(at(9_600)),
            Counts {
                total: 3,
                marked: 1
            }
        );
        assert_eq!(
            window.counts(at(10_000)),
            Counts {
                total: 2,
                marked: 0
            }
        );
        assert_eq!(window.counts(at(15_001)), Counts::default());
    }

    #[test]
    fn a_thousand_old_successes_do_not_hide_new_failures() {
        let start = Instant::now();
        let mut window = Window::new(Duration::from_secs(10), start);
        window.add(
            start,
            Counts {
                total: 1000,
                marked: 0,
            },
        );
        let later = start + Duration::from_secs(60);
        window.add(later, ONE);
        assert_eq!(window.counts(later), ONE);
    }
}
