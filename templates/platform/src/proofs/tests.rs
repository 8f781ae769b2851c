//! The proofs proved: each holds for the policy that it is about, and fails when its own value, and no other, is another.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use http::Method;

use super::*;
use crate::client::Bound;
use crate::error::Error;
use crate::policy::{
    Backoff, Breaker, CallPolicy, EdgePolicy, Identity, Jitter, Protocol, Rate, Retry, Safety,
    ServicePolicy, Tls,
};
use crate::problem::Problem;

thread_local! {
    /// What [`policy`] changes: the mutant under test.
    static MUTATION: RefCell<Mutation> = const { RefCell::new(|_, _| {}) };
    static PROTOCOL: RefCell<Protocol> = const { RefCell::new(Protocol::Rest) };
}

type Mutation = fn(&mut EdgePolicy, &mut CallPolicy);

fn policy() -> ServicePolicy {
    let mut call = CallPolicy {
        operation: "find",
        safety: Safety::Safe,
        timeout: Some(ms(300)),
        deadline: Some(secs(1)),
        retry: Some(Retry {
            attempts: 3,
            backoff: Backoff::Exponential {
                base: ms(30),
                max: ms(200),
            },
            jitter: Jitter::Full,
            budget: Some(0.2),
        }),
        breaker: Some(Breaker {
            error_rate: 0.5,
            window: secs(10),
            min_calls: 20,
            cooldown: secs(5),
            probes: 3,
        }),
        bulkhead: Some(64),
        throttle: Some(Rate {
            permits: 100,
            per: secs(1),
        }),
        fallback: Some(secs(30)),
    };
    let mut edge = EdgePolicy {
        edge: "front -> orders.Orders",
        callee: "orders",
        api: "Orders",
        protocol: PROTOCOL.with_borrow(|protocol| *protocol),
        tls: Tls::Mutual,
        auth: None,
        identity: Identity::Forward,
        operations: Vec::new(),
    };
    MUTATION.with_borrow(|mutate| mutate(&mut edge, &mut call));
    edge.operations.push(call);
    ServicePolicy {
        service: "front",
        edges: vec![edge],
        ..ServicePolicy::default()
    }
}

fn call_rest(bound: Bound, operation: &'static str) -> BoxFuture<'static, Result<(), Problem>> {
    Box::pin(async move { bound.rest(operation, Method::GET, "/find", &()).await })
}

fn call_grpc(bound: Bound, operation: &'static str) -> BoxFuture<'static, Result<(), Problem>> {
    Box::pin(async move {
        bound
            .grpc::<(), (), _, _>(operation, "/shop.Orders/Find", ())
            .await
    })
}

const REST: Edge = Edge {
    caller: "front",
    edge: "front -> orders.Orders",
    protocol: Protocol::Rest,
    tls: Tls::Mutual,
    call: call_rest,
    answer: |_| b"null".to_vec(),
};
const GRPC: Edge = Edge {
    protocol: Protocol::Grpc,
    call: call_grpc,
    answer: |_| Vec::new(),
    ..REST
};

const fn ms(count: u64) -> Duration {
    Duration::from_millis(count)
}

const fn secs(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// Whether the proof holds for the present mutant.
fn holds(edge: &'static Edge, expected: Caller) -> bool {
    let system = System {
        name: "shop",
        services: vec![Cast {
            service: "front",
            policy,
            build: |_, _| Err(Error::new("no callee is proved here")),
        }],
    };
    PROTOCOL.set(edge.protocol);
    let row = super::edge(edge, "find", Safety::Safe, expected);
    catch_unwind(AssertUnwindSafe(|| prove(&system, row))).is_ok()
}

/// Each proof with its mutants: the value taken out, and the number times ten.
fn rows() -> Vec<(&'static str, Caller, Vec<Mutation>)> {
    fn retry(call: &mut CallPolicy) -> &mut Retry {
        call.retry.as_mut().expect("there is a retry")
    }
    fn breaker(call: &mut CallPolicy) -> &mut Breaker {
        call.breaker.as_mut().expect("there is a breaker")
    }
    fn backoff(call: &mut CallPolicy, base: u64, max: u64) {
        retry(call).backoff = Backoff::Exponential {
            base: ms(base),
            max: ms(max),
        };
    }
    vec![
        (
            "timeout",
            Caller::Timeout(ms(300)),
            vec![|_, call| call.timeout = None, |_, call| {
                call.timeout = Some(secs(3));
            }],
        ),
        (
            "deadline",
            Caller::Deadline(secs(1)),
            vec![|_, call| call.deadline = None, |_, call| {
                call.deadline = Some(secs(10));
            }],
        ),
        (
            "attempts",
            Caller::RetryAttempts(3),
            vec![|_, call| retry(call).attempts = 30],
        ),
        (
            "base",
            Caller::RetryBase(ms(30)),
            vec![|_, call| backoff(call, 300, 200)],
        ),
        (
            "max",
            Caller::RetryMax(ms(200)),
            vec![|_, call| backoff(call, 30, 2000)],
        ),
        (
            "jitter",
            Caller::RetryJitter(Jitter::Full),
            vec![|_, call| retry(call).jitter = Jitter::None],
        ),
        (
            "budget",
            Caller::RetryBudget(0.2),
            vec![|_, call| retry(call).budget = None, |_, call| {
                retry(call).budget = Some(0.02);
            }],
        ),
        (
            "rate",
            Caller::BreakerRate(0.5),
            vec![|_, call| breaker(call).error_rate = 0.05],
        ),
        (
            "window",
            Caller::BreakerWindow(secs(10)),
            vec![|_, call| breaker(call).window = secs(100)],
        ),
        (
            "min_calls",
            Caller::BreakerMinCalls(20),
            vec![|_, call| breaker(call).min_calls = 200],
        ),
        (
            "cooldown",
            Caller::BreakerCooldown(secs(5)),
            vec![|_, call| breaker(call).cooldown = secs(50)],
        ),
        (
            "probes",
            Caller::BreakerProbes(3),
            vec![|_, call| breaker(call).probes = 30],
        ),
        (
            "bulkhead",
            Caller::Bulkhead(64),
            vec![|_, call| call.bulkhead = None, |_, call| {
                call.bulkhead = Some(640)
            }],
        ),
        (
            "throttle",
            Caller::Throttle(Rate {
                permits: 100,
                per: secs(1),
            }),
            vec![|_, call| call.throttle = None, |_, call| {
                call.throttle = Some(Rate {
                    permits: 1000,
                    per: secs(1),
                })
            }],
        ),
        (
            "fallback",
            Caller::Fallback(secs(30)),
            vec![|_, call| call.fallback = None, |_, call| {
                call.fallback = Some(secs(300))
            }],
        ),
        (
            "identity",
            Caller::Identity(Identity::Forward),
            vec![|edge, _| edge.identity = Identity::None],
        ),
        (
            "safety",
            Caller::Safety,
            vec![|_, call| call.safety = Safety::Unsafe, |_, call| {
                call.safety = Safety::IdempotentByKey;
            }],
        ),
        (
            "tls",
            Caller::Tls,
            vec![|edge, _| edge.tls = Tls::Off, |edge, _| {
                edge.tls = Tls::Server
            }],
        ),
    ]
}

/// The names of the proofs that do not hold for a mutant.
fn failing(edge: &'static Edge, mutation: Mutation) -> Vec<&'static str> {
    MUTATION.set(mutation);
    rows()
        .into_iter()
        .filter(|(_, row, _)| !holds(edge, *row))
        .map(|(name, ..)| name)
        .collect()
}

#[test]
fn every_proof_of_a_caller_holds() {
    for edge in [&REST, &GRPC] {
        assert_eq!(failing(edge, |_, _| {}), [""; 0], "{:?}", edge.protocol);
    }
}

#[test]
fn a_changed_value_fails_its_proof() {
    for (name, row, mutations) in rows() {
        for mutation in mutations {
            MUTATION.set(mutation);
            assert!(!holds(&GRPC, row), "{name}");
        }
    }
}

#[test]
fn a_changed_value_fails_no_other_proof() {
    // One value of each group; the generator's own tests change every value of a whole system.
    let timeout = failing(&GRPC, |_, call| call.timeout = Some(ms(1)));
    assert_eq!(timeout, ["timeout"]);
    let retry = failing(&GRPC, |_, call| call.retry = None);
    assert_eq!(retry, ["attempts", "base", "max", "jitter", "budget"]);
    let breaker = failing(&GRPC, |_, call| call.breaker = None);
    assert_eq!(
        breaker,
        ["rate", "window", "min_calls", "cooldown", "probes"]
    );
    let bulkhead = failing(&GRPC, |_, call| call.bulkhead = Some(1));
    assert_eq!(bulkhead, ["bulkhead"]);
}
