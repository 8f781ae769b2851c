//! The running state of an edge's policies.

use std::{collections::HashMap, sync::Arc};

use tokio::time::Instant;

use super::{
    breaker::Breaker,
    budget::Budget,
    bulkhead::Bulkhead,
    policy::Policy,
    series::{EdgeMetrics, Series},
    throttle::Throttle,
};
use crate::{
    clock::Clock,
    policy::{self, EdgePolicy},
};

/// Guards of one edge, each made once for each distinct value, so that operations with the same value share one.
#[derive(Debug)]
pub struct Shared {
    now: Instant,
    breakers: Vec<(policy::Breaker, Arc<Breaker>)>,
    bulkheads: Vec<(usize, Arc<Bulkhead>)>,
    throttles: Vec<(policy::Rate, Arc<Throttle>)>,
    budgets: Vec<(f64, Arc<Budget>)>,
}

impl Shared {
    /// The policies of all operations of an edge, by operation.
    #[must_use]
    pub fn policies(
        edge: &EdgePolicy,
        clock: Clock,
        metrics: &EdgeMetrics,
    ) -> HashMap<&'static str, Policy> {
        let mut shared = Self {
            now: clock.now(),
            breakers: Vec::new(),
            bulkheads: Vec::new(),
            throttles: Vec::new(),
            budgets: Vec::new(),
        };
        let policies = edge.operations.iter().map(|call| {
            let breaker = call.breaker.as_ref().map(|value| shared.breaker(value));
            let state = breaker.map(|breaker| move || breaker.state(clock.now()));
            let policy = Policy::new(
                call,
                &mut shared,
                clock,
                Series::new(metrics, edge.edge, call.operation, state),
                edge.edge,
            );
            (call.operation, policy)
        });
        policies.collect()
    }

    pub(super) fn breaker(&mut self, value: &policy::Breaker) -> Arc<Breaker> {
        let now = self.now;
        once(&mut self.breakers, value, |value| Breaker::new(*value, now))
    }

    pub(super) fn bulkhead(&mut self, limit: usize) -> Arc<Bulkhead> {
        once(&mut self.bulkheads, &limit, |limit| Bulkhead::new(*limit))
    }

    pub(super) fn throttle(&mut self, rate: &policy::Rate) -> Arc<Throttle> {
        let now = self.now;
        once(&mut self.throttles, rate, |rate| Throttle::new(rate, now))
    }

    pub(super) fn budget(&mut self, share: f64) -> Arc<Budget> {
        let now = self.now;
        once(&mut self.budgets, &share, |share| Budget::new(*share, now))
    }
}

/// The guard that was made for an equal value, or a new one.
fn once<V: Clone + PartialEq, G>(
    known: &mut Vec<(V, Arc<G>)>,
    value: &V,
    make: impl FnOnce(&V) -> G,
) -> Arc<G> {
    if let Some((_, guard)) = known.iter().find(|(same, _)| same == value) {
        return Arc::clone(guard);
    }
    let guard = Arc::new(make(value));
    known.push((value.clone(), Arc::clone(&guard)));
    guard
}
