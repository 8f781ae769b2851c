//! A call whose answer goes on.

use std::sync::Arc;

use tokio::time::Instant;

use super::breaker::{Breaker, Health};
use super::bulkhead::Kept;
use crate::clock::Clock;
use crate::problem::Problem;

/// What holds for a stream while it lasts: its place among the calls under way, and its end.
#[derive(Debug)]
pub struct Opened {
    pub(super) edge: &'static str,
    pub(super) operation: &'static str,
    pub(super) until: Option<Instant>,
    pub(super) breaker: Option<Arc<Breaker>>,
    pub(super) clock: Clock,
    pub(super) _place: Option<Kept>,
}

impl Opened {
    /// Resolves when the call's time is up, with what its reader is told.
    pub async fn expired(&self) -> Problem {
        match self.until {
            Some(until) => tokio::time::sleep_until(until).await,
            None => std::future::pending().await,
        }
        let (edge, operation) = (self.edge, self.operation);
        Problem::deadline_exceeded(format!(
            "{edge}: {operation} was not done before the deadline"
        ))
    }

    /// The connection broke under it: the breaker takes that for a failure of the callee.
    pub fn broke(&self) {
        let now = self.clock.now();
        if let Some(Ok(permit)) = self.breaker.as_ref().map(|breaker| breaker.admit(now)) {
            permit.settle(Health::Ill, now);
        }
    }
}
