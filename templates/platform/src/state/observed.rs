//! What is seen from outside of the store that state is kept in.

use std::sync::atomic::{AtomicBool, Ordering};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;

use super::Lost;
use crate::metrics::Metrics;

/// What a store is asked for, and what became of that.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    store: &'static str,
    /// `limit`, `idempotency` or `session`.
    purpose: &'static str,
    /// `ok`, or what holds instead of the store's answer.
    outcome: &'static str,
}

/// Counts what a store is asked, and tells when its health changes.
#[derive(Debug)]
pub(super) struct Observed {
    store: &'static str,
    calls: Family<Labels, Counter>,
    up: Gauge,
    reachable: AtomicBool,
}

impl Observed {
    /// Of memory, which always answers: nobody needs to be told.
    pub(super) fn unseen() -> Self {
        Self::of("memory")
    }

    fn of(store: &'static str) -> Self {
        Self {
            store,
            calls: Family::default(),
            up: Gauge::default(),
            reachable: AtomicBool::new(true),
        }
    }

    pub(super) fn new(store: &'static str, metrics: &Metrics) -> Self {
        let observed = Self::of(store);
        observed.up.set(1);
        metrics.register(
            "state_calls",
            "What the store of shared state was asked, by what became of it",
            observed.calls.clone(),
        );
        metrics.register(
            "state_up",
            "Whether the store of shared state answered when it was last asked",
            observed.up.clone(),
        );
        observed
    }

    /// Notes how a call ended; `otherwise` is what holds where the store did not answer.
    pub(super) fn note<T>(
        &self,
        purpose: &'static str,
        otherwise: &'static str,
        answer: &Result<T, Lost>,
    ) {
        let well = answer.is_ok();
        let labels = Labels {
            store: self.store,
            purpose,
            outcome: if well { "ok" } else { otherwise },
        };
        self.calls.get_or_create(&labels).inc();
        // Told once for each change, however many requests see it.
        if self.reachable.swap(well, Ordering::Relaxed) != well {
            self.up.set(i64::from(well));
            if well {
                tracing::info!(
                    store = self.store,
                    "the store of shared state answers again"
                );
            } else {
                tracing::warn!(
                    store = self.store,
                    "the store of shared state does not answer: rate limits are open, keyed requests and sessions are refused"
                );
            }
        }
    }

    pub(super) fn is_reachable(&self) -> bool {
        self.reachable.load(Ordering::Relaxed)
    }
}
