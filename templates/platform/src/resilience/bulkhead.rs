//! How many calls of an edge may be under way at once.

use std::sync::Arc;

use tokio::sync::{Semaphore, SemaphorePermit};

/// A cap on attempts in flight. A full one refuses at once: a queue would only hide that the callee is too slow,
/// and spend the deadline of those who wait.
#[derive(Debug)]
pub(super) struct Bulkhead {
    limit: usize,
    free: Semaphore,
}

impl Bulkhead {
    pub fn new(limit: usize) -> Self {
        let limit = limit.min(Semaphore::MAX_PERMITS);
        Self {
            limit,
            free: Semaphore::new(limit),
        }
    }

    /// A place, given back when it is dropped; `None` when all are taken.
    pub fn enter(&self) -> Option<SemaphorePermit<'_>> {
        self.free.try_acquire().ok()
    }

    /// Keeps a place for a call that goes on beyond its attempt.
    pub fn keep(self: &Arc<Self>, place: SemaphorePermit<'_>) -> Kept {
        place.forget();
        Kept(Arc::clone(self))
    }

    /// Attempts that are under way.
    pub fn in_flight(&self) -> usize {
        self.limit - self.free.available_permits()
    }
}

/// A place that is kept until this is dropped.
#[derive(Debug)]
pub(super) struct Kept(Arc<Bulkhead>);

impl Drop for Kept {
    fn drop(&mut self) {
        self.0.free.add_permits(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_its_limit_and_frees_what_is_dropped() {
        let bulkhead = Bulkhead::new(2);
        let first = bulkhead.enter();
        let second = bulkhead.enter();
        assert!(first.is_some() && second.is_some() && bulkhead.enter().is_none());
        drop(first);
        assert_eq!(bulkhead.in_flight(), 1);
        assert!(bulkhead.enter().is_some());
    }
    #[test]
    fn a_kept_place_is_free_again_when_it_is_dropped() {
        let bulkhead = Arc::new(Bulkhead::new(1));
        let place = bulkhead.enter().expect("is free");
        let kept = bulkhead.keep(place);
        assert!(bulkhead.enter().is_none());
        drop(kept);
        assert_eq!(bulkhead.in_flight(), 0);
    }
}
