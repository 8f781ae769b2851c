//! One operation's policy, running.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::SemaphorePermit,
    time::{Instant, sleep, timeout_at},
};

use super::{
    backoff,
    breaker::{Breaker, BreakerState, Health},
    budget::Budget,
    bulkhead::Bulkhead,
    failure::{Failure, Verdict},
    opened::Opened,
    series::Series,
    shared::Shared,
    throttle::Throttle,
};
use crate::{
    clock::Clock,
    policy::{CallPolicy, Retry, Safety},
    problem::Problem,
};

/// The longest `Retry-After` that is waited for when no deadline bounds the call.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// The policy of one operation of an edge, with the state that it shares with its siblings.
#[derive(Debug)]
pub struct Policy {
    edge: &'static str,
    operation: &'static str,
    safety: Safety,
    timeout: Option<Duration>,
    deadline: Option<Duration>,
    retry: Option<Retry>,
    budget: Option<Arc<Budget>>,
    throttle: Option<Arc<Throttle>>,
    bulkhead: Option<Arc<Bulkhead>>,
    breaker: Option<Arc<Breaker>>,
    clock: Clock,
    series: Series,
}

/// One attempt, as the closure that makes it sees it.
#[derive(Clone, Copy, Debug)]
pub struct Attempt {
    /// Counted from 1.
    pub number: u32,
    /// When its time is up.
    pub deadline: Option<Instant>,
    /// When the time of the whole call is up: a stream that an attempt began may go on until then.
    pub until: Option<Instant>,
}

/// When an attempt must end, and whose limit that is.
#[derive(Clone, Copy)]
struct Limit {
    at: Instant,
    by: Bound,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Bound {
    /// The policy's `timeout`: the callee took too long.
    Timeout,
    /// The policy's `deadline`.
    Deadline,
    /// The deadline of the request that this call is made for.
    Inherited,
}

impl Policy {
    pub(super) fn new(
        call: &CallPolicy,
        shared: &mut Shared,
        clock: Clock,
        series: Series,
        edge: &'static str,
    ) -> Self {
        Self {
            edge,
            operation: call.operation,
            safety: call.safety,
            timeout: call.timeout,
            deadline: call.deadline,
            budget: (call.retry.as_ref())
                .and_then(|retry| retry.budget)
                .map(|share| shared.budget(share)),
            retry: call.retry,
            throttle: call.throttle.as_ref().map(|rate| shared.throttle(rate)),
            bulkhead: call.bulkhead.map(|limit| shared.bulkhead(limit)),
            breaker: call.breaker.as_ref().map(|value| shared.breaker(value)),
            clock,
            series,
        }
    }

    /// Makes a call: runs `attempt` until it succeeds, or until this policy says that it is over.
    ///
    /// `inherited` is the deadline of the request that the call is made for.
    ///
    /// # Errors
    /// The last attempt's failure; `timeout` when an attempt took longer than the policy allows; `deadline-exceeded`;
    /// `overloaded` when throttle or bulkhead refused; `circuit-open`.
    pub async fn call<T, F, Fut>(
        &self,
        inherited: Option<Instant>,
        attempt: F,
    ) -> Result<T, Failure>
    where
        F: FnMut(Attempt) -> Fut,
        Fut: Future<Output = Result<T, Failure>>,
    {
        let limit = self.limit(self.clock.now(), inherited);
        let answer = self.attempts(limit, attempt).await;
        answer.map(|(value, _)| value)
    }

    /// The same for a call whose answer is a stream: an attempt succeeds when the answer begins, and nothing is repeated
    /// from then on.
    ///
    /// # Errors
    /// As of [`Policy::call`].
    pub async fn open<T, F, Fut>(
        &self,
        inherited: Option<Instant>,
        attempt: F,
    ) -> Result<(T, Opened), Failure>
    where
        F: FnMut(Attempt) -> Fut,
        Fut: Future<Output = Result<T, Failure>>,
    {
        let limit = self.limit(self.clock.now(), inherited);
        let (value, place) = self.attempts(limit, attempt).await?;
        let kept = self.bulkhead.as_ref().zip(place);
        let opened = Opened {
            edge: self.edge,
            operation: self.operation,
            until: limit.map(|limit| limit.at),
            breaker: self.breaker.clone(),
            clock: self.clock,
            _place: kept.map(|(bulkhead, place)| bulkhead.keep(place)),
        };
        Ok((value, opened))
    }

    /// Attempts until one succeeds, or until this policy says that it is over; with the place that it has among the calls
    /// under way.
    async fn attempts<T, F, Fut>(
        &self,
        limit: Option<Limit>,
        mut attempt: F,
    ) -> Result<(T, Option<SemaphorePermit<'_>>), Failure>
    where
        F: FnMut(Attempt) -> Fut,
        Fut: Future<Output = Result<T, Failure>>,
    {
        let started = self.clock.now();
        if let Some(budget) = &self.budget {
            budget.deposit(started);
        }
        let mut number = 1;
        let result = loop {
            let failure = match self.once(number, limit, &mut attempt).await {
                Ok(value) => break Ok(value),
                Err(failure) => failure,
            };
            match self.pause(number, &failure, limit) {
                Some(pause) => sleep(pause).await,
                None => break Err(failure),
            }
            number += 1;
        };
        let outcome = result.as_ref().err().map(|failure| &failure.problem.code);
        self.series
            .call(outcome, self.clock.now().duration_since(started));
        result
    }

    /// What the breaker would do with the next call, if there is one.
    #[must_use]
    pub fn breaker(&self) -> Option<BreakerState> {
        (self.breaker.as_ref()).map(|breaker| breaker.state(self.clock.now()))
    }

    /// Attempts under way in the bulkhead, if there is one.
    #[must_use]
    pub fn in_flight(&self) -> Option<usize> {
        self.bulkhead.as_ref().map(|bulkhead| bulkhead.in_flight())
    }

    /// One attempt: throttle, bulkhead, breaker, timeout.
    async fn once<T, F, Fut>(
        &self,
        number: u32,
        overall: Option<Limit>,
        attempt: &mut F,
    ) -> Result<(T, Option<SemaphorePermit<'_>>), Failure>
    where
        F: FnMut(Attempt) -> Fut,
        Fut: Future<Output = Result<T, Failure>>,
    {
        let now = self.clock.now();
        if let Some(limit) = overall.filter(|limit| limit.at <= now) {
            return Err(self.expired(limit.by, number).0);
        }
        if let Some(Err(wait)) = self.throttle.as_ref().map(|throttle| throttle.take(now)) {
            let problem = Problem::overloaded(format!("{} is throttled", self.edge));
            return Err(Failure::new(problem.retry_after(wait), Verdict::Refused));
        }
        let place = match self.bulkhead.as_ref().map(|bulkhead| bulkhead.enter()) {
            Some(None) => {
                let detail = format!("too many calls of {} are under way", self.edge);
                return Err(Failure::new(Problem::overloaded(detail), Verdict::Refused));
            }
            place => place.flatten(),
        };
        let permit = match self.breaker.as_ref().map(|breaker| breaker.admit(now)) {
            Some(Err(wait)) => {
                let detail = format!("{} failed too often and is left alone", self.edge);
                let problem = Problem::circuit_open(detail).retry_after(wait);
                return Err(Failure::new(problem, Verdict::Refused));
            }
            Some(Ok(permit)) => Some(permit),
            None => None,
        };

        let _in_flight = self.series.attempt(number);
        let limit = self.attempt_limit(now, overall);
        let sent = attempt(Attempt {
            number,
            deadline: limit.map(|limit| limit.at),
            until: overall.map(|limit| limit.at),
        });
        let answer = match limit {
            None => Some(sent.await),
            Some(limit) => timeout_at(limit.at, sent).await.ok(),
        };
        let (result, health) = self.judge(answer, limit, number);
        if let Some(permit) = permit {
            permit.settle(health, self.clock.now());
        }
        result.map(|value| (value, place))
    }

    /// What an attempt's end says about the callee. No answer at all means that its time was up.
    fn judge<T>(
        &self,
        answer: Option<Result<T, Failure>>,
        limit: Option<Limit>,
        number: u32,
    ) -> (Result<T, Failure>, Health) {
        let failure = match answer {
            Some(Ok(value)) => return (Ok(value), Health::Well),
            Some(Err(failure)) if failure.verdict != Verdict::Expired => failure,
            Some(Err(_)) | None => {
                let by = limit.map_or(Bound::Inherited, |limit| limit.by);
                let (failure, health) = self.expired(by, number);
                return (Err(failure), health);
            }
        };
        let health = match failure.verdict {
            Verdict::Caller | Verdict::Unauthenticated | Verdict::Limited { .. } => Health::Well,
            Verdict::Transient { .. } | Verdict::Fatal | Verdict::NotSent => Health::Ill,
            Verdict::Expired | Verdict::Refused => Health::Unknown,
        };
        (Err(failure), health)
    }

    /// The failure of an attempt that ran out of time, and what it says about the callee: only the time that this policy
    /// itself grants to an attempt is a measure of the callee. What was left of somebody's deadline is not.
    fn expired(&self, by: Bound, number: u32) -> (Failure, Health) {
        let (edge, operation) = (self.edge, self.operation);
        if by == Bound::Timeout {
            let detail = format!("{edge}: {operation} did not answer in time");
            let verdict = Verdict::Transient { retry_after: None };
            return (Failure::new(Problem::timeout(detail), verdict), Health::Ill);
        }
        let had_it_all = by == Bound::Deadline && number == 1 && self.timeout.is_none();
        let health = if had_it_all {
            Health::Ill
        } else {
            Health::Unknown
        };
        let detail = format!("{edge}: {operation} was not done before the deadline");
        let failure = Failure::new(Problem::deadline_exceeded(detail), Verdict::Expired);
        (failure, health)
    }

    /// The pause before the next attempt; `None` when there is to be none.
    fn pause(&self, number: u32, failure: &Failure, limit: Option<Limit>) -> Option<Duration> {
        let retry = self.retry.as_ref()?;
        let safe = !matches!(self.safety, Safety::Unsafe);
        let asked = match failure.verdict {
            Verdict::NotSent => None,
            Verdict::Transient { retry_after } | Verdict::Limited { retry_after } if safe => {
                retry_after
            }
            _ => return None,
        };
        if number >= retry.attempts {
            return None;
        }
        let pause = backoff::pause(retry, number).max(asked.unwrap_or_default());
        let now = self.clock.now();
        let in_time = match limit {
            Some(limit) => now + pause < limit.at,
            None => pause <= LONGEST_PAUSE,
        };
        let granted = || {
            self.budget
                .as_ref()
                .is_none_or(|budget| budget.withdraw(now))
        };
        (in_time && granted()).then_some(pause)
    }

    /// The nearer of the inherited deadline and this policy's own.
    fn limit(&self, now: Instant, inherited: Option<Instant>) -> Option<Limit> {
        let own = self.deadline.map(|deadline| Limit {
            at: now + deadline,
            by: Bound::Deadline,
        });
        let inherited = inherited.map(|at| Limit {
            at,
            by: Bound::Inherited,
        });
        own.into_iter()
            .chain(inherited)
            .min_by_key(|limit| limit.at)
    }

    /// The nearer of the attempt's timeout and the call's limit.
    fn attempt_limit(&self, now: Instant, overall: Option<Limit>) -> Option<Limit> {
        let timeout = self.timeout.map(|timeout| Limit {
            at: now + timeout,
            by: Bound::Timeout,
        });
        timeout
            .into_iter()
            .chain(overall)
            .min_by_key(|limit| limit.at)
    }
}

#[cfg(test)]
#[path = "policy_tests.rs"]
mod tests;
