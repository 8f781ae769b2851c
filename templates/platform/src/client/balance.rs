//! Spreading calls over the instances of a callee.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::resilience::{Failure, Verdict};

/// The instances of a callee, taken in turn.
pub(super) struct Balance<T> {
    instances: Vec<T>,
    next: AtomicUsize,
}

impl<T> Balance<T> {
    pub fn new(instances: Vec<T>) -> Self {
        Self {
            instances,
            next: AtomicUsize::new(fastrand::usize(..)),
        }
    }

    /// Sends to the instance whose turn it is, and to the following ones as long as the request could not even be sent: an instance
    /// that is gone costs a call nothing but the try.
    pub async fn send<'a, R, Fut>(
        &'a self,
        mut send: impl FnMut(&'a T) -> Fut,
    ) -> Result<R, Failure>
    where
        Fut: Future<Output = Result<R, Failure>>,
    {
        let count = self.instances.len();
        let first = self.next.fetch_add(1, Ordering::Relaxed);
        let mut result = send(&self.instances[first % count]).await;
        for step in 1..count {
            match &result {
                Err(failure) if failure.verdict == Verdict::NotSent => {
                    result = send(&self.instances[first.wrapping_add(step) % count]).await;
                }
                _ => break,
            }
        }
        result
    }
}
