use std::sync::atomic::{AtomicU32, Ordering};

use super::*;
use crate::policy::{self, Backoff, EdgePolicy, Identity, Jitter, Protocol, Rate, Tls};
use crate::resilience::EdgeMetrics;

const MS: Duration = Duration::from_millis(1);

fn plain(safety: Safety) -> CallPolicy {
    CallPolicy::new("charge", safety)
}

fn retry(attempts: u32, delay: Duration) -> Option<Retry> {
    Some(Retry {
        attempts,
        backoff: Backoff::Fixed { delay },
        jitter: Jitter::None,
        budget: None,
    })
}

fn breaker() -> Option<policy::Breaker> {
    Some(policy::Breaker {
        error_rate: 0.5,
        window: 10_000 * MS,
        min_calls: 4,
        cooldown: 5_000 * MS,
        probes: 1,
    })
}

fn edge() -> EdgePolicy {
    EdgePolicy {
        edge: "orders -> billing.Billing : grpc",
        callee: "billing",
        api: "Billing",
        protocol: Protocol::Grpc,
        tls: Tls::Off,
        auth: None,
        identity: Identity::None,
        operations: vec![],
    }
}

fn running(call: CallPolicy) -> Policy {
    let edge = EdgePolicy {
        operations: vec![call],
        ..edge()
    };
    Shared::policies(&edge, Clock::system(), &EdgeMetrics::default())
        .remove("charge")
        .expect("the operation has a policy")
}

fn unavailable(retry_after: Option<Duration>) -> Failure {
    let mut problem = Problem::unavailable("down");
    problem.retry_after = retry_after;
    Failure::answered(problem)
}

/// Calls once; every attempt takes `takes` and ends in `answer`. The result, the attempts made, and the time that passed.
async fn call(
    policy: &Policy,
    inherited: Option<Duration>,
    takes: Duration,
    answer: Result<(), Failure>,
) -> (Result<(), Problem>, u32, Duration) {
    let attempts = AtomicU32::new(0);
    let started = Instant::now();
    let inherited = inherited.map(|left| started + left);
    let result = policy.call(inherited, |_| {
        attempts.fetch_add(1, Ordering::Relaxed);
        let answer = answer.clone();
        async move {
            sleep(takes).await;
            answer
        }
    });
    let result = result.await.map_err(|failure| failure.problem);
    (result, attempts.into_inner(), started.elapsed())
}

fn code(result: &Result<(), Problem>) -> &str {
    result
        .as_ref()
        .map_or_else(|problem| &*problem.code, |()| "ok")
}

#[tokio::test(start_paused = true)]
async fn repeats_what_is_safe_and_pauses_between() {
    let policy = running(CallPolicy {
        retry: retry(3, 40 * MS),
        ..plain(Safety::Safe)
    });
    let (result, attempts, took) = call(&policy, None, MS, Err(unavailable(None))).await;
    assert_eq!((code(&result), attempts, took), ("unavailable", 3, 83 * MS));
    let keyed = running(CallPolicy {
        retry: retry(3, 40 * MS),
        ..plain(Safety::IdempotentByKey)
    });
    assert_eq!(call(&keyed, None, MS, Err(unavailable(None))).await.1, 3);
}

#[tokio::test(start_paused = true)]
async fn an_unsafe_command_is_repeated_only_when_it_was_not_sent() {
    let policy = running(CallPolicy {
        retry: retry(3, 40 * MS),
        ..plain(Safety::Unsafe)
    });
    assert_eq!(call(&policy, None, MS, Err(unavailable(None))).await.1, 1);
    let refused = Failure::new(Problem::unavailable("refused"), Verdict::NotSent);
    assert_eq!(call(&policy, None, MS, Err(refused)).await.1, 3);
}

#[tokio::test(start_paused = true)]
async fn the_callers_fault_and_bugs_are_not_repeated() {
    let policy = running(CallPolicy {
        retry: retry(3, 40 * MS),
        ..plain(Safety::Safe)
    });
    for problem in [Problem::not_found("gone"), Problem::internal("bug")] {
        let answer = Err(Failure::answered(problem));
        assert_eq!(call(&policy, None, MS, answer).await.1, 1);
    }
}

#[tokio::test(start_paused = true)]
async fn waits_as_long_as_it_was_asked_to_and_gives_up_when_that_is_too_long() {
    let policy = running(CallPolicy {
        retry: retry(2, 40 * MS),
        deadline: Some(3_000 * MS),
        ..plain(Safety::Safe)
    });
    let two_seconds = Err(unavailable(Some(2_000 * MS)));
    let (_, attempts, took) = call(&policy, None, MS, two_seconds).await;
    assert_eq!((attempts, took), (2, 2_002 * MS));
    let four_seconds = Err(unavailable(Some(4_000 * MS)));
    let (result, attempts, took) = call(&policy, None, MS, four_seconds).await;
    assert_eq!((code(&result), attempts, took), ("unavailable", 1, MS));
}

#[tokio::test(start_paused = true)]
async fn each_attempt_has_its_timeout_and_all_of_them_the_deadline() {
    let policy = running(CallPolicy {
        timeout: Some(300 * MS),
        deadline: Some(1_000 * MS),
        retry: retry(9, 100 * MS),
        ..plain(Safety::Safe)
    });
    let (result, attempts, took) = call(&policy, None, 60_000 * MS, Ok(())).await;
    assert_eq!(
        (code(&result), attempts, took),
        ("deadline-exceeded", 3, 1_000 * MS)
    );
    let once = running(CallPolicy {
        timeout: Some(300 * MS),
        ..plain(Safety::Safe)
    });
    let (result, _, took) = call(&once, None, 60_000 * MS, Ok(())).await;
    assert_eq!((code(&result), took), ("timeout", 300 * MS));
}

#[tokio::test(start_paused = true)]
async fn a_short_inherited_deadline_is_not_the_callees_failure() {
    let policy = running(CallPolicy {
        timeout: Some(300 * MS),
        breaker: breaker(),
        ..plain(Safety::Safe)
    });
    for _ in 0..20 {
        let (result, _, took) = call(&policy, Some(100 * MS), 200 * MS, Ok(())).await;
        assert_eq!((code(&result), took), ("deadline-exceeded", 100 * MS));
    }
    assert_eq!(policy.breaker(), Some(BreakerState::Closed));
    for _ in 0..20 {
        let (result, ..) = call(&policy, None, 400 * MS, Ok(())).await;
        assert!(result.is_err());
    }
    assert!(matches!(policy.breaker(), Some(BreakerState::Open { .. })));
}

#[tokio::test(start_paused = true)]
async fn a_callee_that_ran_out_of_the_time_it_was_given_is_judged_like_a_silent_one() {
    let policy = running(CallPolicy {
        timeout: Some(300 * MS),
        breaker: breaker(),
        ..plain(Safety::Safe)
    });
    let late = || Err(Failure::answered(Problem::deadline_exceeded("late")));
    for _ in 0..4 {
        let (result, ..) = call(&policy, Some(100 * MS), 99 * MS, late()).await;
        assert_eq!(code(&result), "deadline-exceeded");
    }
    assert_eq!(policy.breaker(), Some(BreakerState::Closed));
    for _ in 0..4 {
        let (result, ..) = call(&policy, None, 299 * MS, late()).await;
        assert_eq!(code(&result), "timeout");
    }
    assert!(matches!(policy.breaker(), Some(BreakerState::Open { .. })));
}

#[tokio::test(start_paused = true)]
async fn an_open_breaker_refuses_at_once_and_says_for_how_long() {
    let policy = running(CallPolicy {
        breaker: breaker(),
        retry: retry(3, MS),
        ..plain(Safety::Safe)
    });
    for _ in 0..2 {
        assert!(
            call(&policy, None, Duration::ZERO, Err(unavailable(None)))
                .await
                .0
                .is_err()
        );
    }
    let (result, attempts, _) = call(&policy, None, MS, Ok(())).await;
    assert_eq!((code(&result), attempts), ("circuit-open", 0));
    let wait = result.unwrap_err().retry_after.expect("says how long");
    assert!(wait <= 5_000 * MS && wait > 4_900 * MS);
    sleep(5_000 * MS).await;
    assert_eq!(code(&call(&policy, None, MS, Ok(())).await.0), "ok");
    assert_eq!(policy.breaker(), Some(BreakerState::Closed));
}

#[tokio::test(start_paused = true)]
async fn a_full_bulkhead_and_an_empty_throttle_refuse() {
    let policy = running(CallPolicy {
        bulkhead: Some(2),
        ..plain(Safety::Safe)
    });
    let calls = (0..5).map(|_| call(&policy, None, 50 * MS, Ok(())));
    let results = futures_util::future::join_all(calls).await;
    let done = results.iter().filter(|(result, ..)| result.is_ok()).count();
    assert_eq!((done, code(&results[2].0)), (2, "overloaded"));
    assert_eq!(policy.in_flight(), Some(0));

    let throttled = running(CallPolicy {
        throttle: Some(Rate {
            permits: 3,
            per: 1_000 * MS,
        }),
        ..plain(Safety::Safe)
    });
    for expected in ["ok", "ok", "ok", "overloaded"] {
        let (result, ..) = call(&throttled, None, Duration::ZERO, Ok(())).await;
        assert_eq!(code(&result), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn the_budget_bounds_all_retries_together() {
    let mut with_budget = retry(3, Duration::ZERO);
    with_budget.as_mut().expect("a retry").budget = Some(0.2);
    let policy = running(CallPolicy {
        retry: with_budget,
        ..plain(Safety::Safe)
    });
    let mut attempts = 0;
    for _ in 0..100 {
        attempts += call(&policy, None, Duration::ZERO, Err(unavailable(None)))
            .await
            .1;
    }
    assert_eq!(attempts, 130);
}

#[tokio::test(start_paused = true)]
async fn a_breakers_metric_follows_the_clock_and_not_the_calls() {
    let edge = EdgePolicy {
        operations: vec![CallPolicy {
            breaker: breaker(),
            ..plain(Safety::Safe)
        }],
        ..edge()
    };
    let metrics = crate::Metrics::new();
    let policies = Shared::policies(&edge, Clock::system(), metrics.edges());
    let shown = || {
        let text = metrics.text();
        let line = text
            .lines()
            .find(|line| line.starts_with("edge_breaker_state"));
        line.and_then(|line| line.chars().last())
    };
    assert_eq!(shown(), Some('0'));
    for _ in 0..4 {
        call(&policies["charge"], None, MS, Err(unavailable(None)))
            .await
            .0
            .unwrap_err();
    }
    assert_eq!(shown(), Some('2'));
    sleep(5_000 * MS).await;
    assert_eq!(shown(), Some('1'), "it would let a call through");
}

#[tokio::test(start_paused = true)]
async fn attempts_are_counted_while_they_last() {
    let metrics = crate::Metrics::new();
    let edge = EdgePolicy {
        operations: vec![plain(Safety::Safe)],
        ..edge()
    };
    let policies = Shared::policies(&edge, Clock::system(), metrics.edges());
    let under_way = |count| {
        let text = metrics.text();
        let line = format!(
            "edge_attempts_in_flight{{edge=\"{}\",operation=\"charge\"}} {count}\n",
            edge.edge
        );
        assert!(text.contains(&line), "{line}{text}");
    };
    let call = call(&policies["charge"], None, 10 * MS, Ok(()));
    let ((result, ..), ()) = tokio::join!(call, async {
        sleep(5 * MS).await;
        under_way(1);
    });
    assert_eq!(code(&result), "ok");
    under_way(0);
}
