//! One proof for each value that the drawing makes effective. Generated from the drawing, do not edit.
//!
//! Every number here is the drawing's; `policy.rs` of each service holds what the service really does.

use std::time::Duration;

use platform::policy::{Idempotent, Identity, Jitter, LimitKey, RateLimit, Safety};
use platform::proofs;
use platform::proofs::{Callee, probe};
use platform::proofs::{Caller, edge};

use notes_proofs::edges;
use notes_proofs::probes;
use notes_proofs::system::system;

proofs! {
    system();

    front_to_archive_grpc__find__timeout => edge(&edges::FRONT_TO_ARCHIVE_GRPC, "find", Safety::Safe, Caller::Timeout(Duration::from_millis(300)));
    front_to_archive_grpc__find__retry_attempts => edge(&edges::FRONT_TO_ARCHIVE_GRPC, "find", Safety::Safe, Caller::RetryAttempts(3));
    front_to_archive_grpc__find__retry_base => edge(&edges::FRONT_TO_ARCHIVE_GRPC, "find", Safety::Safe, Caller::RetryBase(Duration::from_millis(30)));
    front_to_archive_grpc__find__retry_max => edge(&edges::FRONT_TO_ARCHIVE_GRPC, "find", Safety::Safe, Caller::RetryMax(Duration::from_millis(200)));
    front_to_archive_grpc__find__retry_jitter => edge(&edges::FRONT_TO_ARCHIVE_GRPC, "find", Safety::Safe, Caller::RetryJitter(Jitter::Full));
    front_to_archive_grpc__find__retry_budget => edge(&edges::FRONT_TO_ARCHIVE_GRPC, "find", Safety::Safe, Caller::RetryBudget(0.2));
    front_to_archive_grpc__find__breaker_rate => edge(&edges::FRONT_TO_ARCHIVE_GRPC, "find", Safety::Safe, Caller::BreakerRate(0.5));
    front_to_archive_grpc__find__breaker_window => edge(&edges::FRONT_TO_ARCHIVE_GRPC, "find", Safety::Safe, Caller::BreakerWindow(Duration::from_secs(10)));
    front_to_archive_grpc__find__breaker_min_calls => edge(&edges::FRONT_TO_ARCHIVE_GRPC, "find", Safety::Safe, Caller::BreakerMinCalls(20));
    front_to_archive_grpc__find__breaker_cooldown => edge(&edges::FRONT_TO_ARCHIVE_GRPC, "find", Safety::Safe, Caller::BreakerCooldown(Duration::from_secs(5)));
    front_to_archive_grpc__find__breaker_probes => edge(&edges::FRONT_TO_ARCHIVE_GRPC, "find", Safety::Safe, Caller::BreakerProbes(3));
    front_to_archive_grpc__keep__timeout => edge(&edges::FRONT_TO_ARCHIVE_GRPC, "keep", Safety::IdempotentByKey, Caller::Timeout(Duration::from_millis(300)));
    front_to_archive_grpc__keep__retry_attempts => edge(&edges::FRONT_TO_ARCHIVE_GRPC, "keep", Safety::IdempotentByKey, Caller::RetryAttempts(3));
    front_to_archive_grpc__keep__retry_base => edge(&edges::FRONT_TO_ARCHIVE_GRPC, "keep", Safety::IdempotentByKey, Caller::RetryBase(Duration::from_millis(30)));
    front_to_archive_grpc__keep__retry_max => edge(&edges::FRONT_TO_ARCHIVE_GRPC, "keep", Safety::IdempotentByKey, Caller::RetryMax(Duration::from_millis(200)));
    front_to_archive_grpc__keep__retry_jitter => edge(&edges::FRONT_TO_ARCHIVE_GRPC, "keep", Safety::IdempotentByKey, Caller::RetryJitter(Jitter::Full));
    front_to_archive_grpc__keep__retry_budget => edge(&edges::FRONT_TO_ARCHIVE_GRPC, "keep", Safety::IdempotentByKey, Caller::RetryBudget(0.2));
    front_to_archive_grpc__keep__breaker_rate => edge(&edges::FRONT_TO_ARCHIVE_GRPC, "keep", Safety::IdempotentByKey, Caller::BreakerRate(0.5));
    front_to_archive_grpc__keep__breaker_window => edge(&edges::FRONT_TO_ARCHIVE_GRPC, "keep", Safety::IdempotentByKey, Caller::BreakerWindow(Duration::from_secs(10)));
    front_to_archive_grpc__keep__breaker_min_calls => edge(&edges::FRONT_TO_ARCHIVE_GRPC, "keep", Safety::IdempotentByKey, Caller::BreakerMinCalls(20));
    front_to_archive_grpc__keep__breaker_cooldown => edge(&edges::FRONT_TO_ARCHIVE_GRPC, "keep", Safety::IdempotentByKey, Caller::BreakerCooldown(Duration::from_secs(5)));
    front_to_archive_grpc__keep__breaker_probes => edge(&edges::FRONT_TO_ARCHIVE_GRPC, "keep", Safety::IdempotentByKey, Caller::BreakerProbes(3));
    front_to_archive_grpc__keep__idempotent => edge(&edges::FRONT_TO_ARCHIVE_GRPC, "keep", Safety::IdempotentByKey, Caller::Safety);
    front_to_archive_grpc__identity => edge(&edges::FRONT_TO_ARCHIVE_GRPC, "find", Safety::Safe, Caller::Identity(Identity::Forward));
    front_to_archive_grpc__tls => edge(&edges::FRONT_TO_ARCHIVE_GRPC, "find", Safety::Safe, Caller::Tls);
    front_notes_rest__find__auth => probe(&probes::FRONT_NOTES_REST_FIND, Callee::Auth);
    front_notes_rest__find__allow => probe(&probes::FRONT_NOTES_REST_FIND, Callee::Allow(&["reader", "writer"]));
    front_notes_rest__find__rate_limit_rate => probe(&probes::FRONT_NOTES_REST_FIND, Callee::RateLimitRate(RateLimit { permits: 20, per: Duration::from_secs(1), burst: 40, key: LimitKey::User }));
    front_notes_rest__find__rate_limit_burst => probe(&probes::FRONT_NOTES_REST_FIND, Callee::RateLimitBurst(RateLimit { permits: 20, per: Duration::from_secs(1), burst: 40, key: LimitKey::User }));
    front_notes_rest__find__rate_limit_per => probe(&probes::FRONT_NOTES_REST_FIND, Callee::RateLimitPer(RateLimit { permits: 20, per: Duration::from_secs(1), burst: 40, key: LimitKey::User }));
    front_notes_rest__find__timeout => probe(&probes::FRONT_NOTES_REST_FIND, Callee::Timeout(Duration::from_secs(30)));
    front_notes_rest__keep__auth => probe(&probes::FRONT_NOTES_REST_KEEP, Callee::Auth);
    front_notes_rest__keep__allow => probe(&probes::FRONT_NOTES_REST_KEEP, Callee::Allow(&["writer"]));
    front_notes_rest__keep__rate_limit_rate => probe(&probes::FRONT_NOTES_REST_KEEP, Callee::RateLimitRate(RateLimit { permits: 20, per: Duration::from_secs(1), burst: 40, key: LimitKey::User }));
    front_notes_rest__keep__rate_limit_burst => probe(&probes::FRONT_NOTES_REST_KEEP, Callee::RateLimitBurst(RateLimit { permits: 20, per: Duration::from_secs(1), burst: 40, key: LimitKey::User }));
    front_notes_rest__keep__rate_limit_per => probe(&probes::FRONT_NOTES_REST_KEEP, Callee::RateLimitPer(RateLimit { permits: 20, per: Duration::from_secs(1), burst: 40, key: LimitKey::User }));
    front_notes_rest__keep__timeout => probe(&probes::FRONT_NOTES_REST_KEEP, Callee::Timeout(Duration::from_secs(30)));
    front_notes_rest__keep__max_body => probe(&probes::FRONT_NOTES_REST_KEEP, Callee::MaxBody(1_048_576));
    front_notes_rest__keep__idempotent => probe(&probes::FRONT_NOTES_REST_KEEP, Callee::Idempotent(Idempotent::Key { window: Duration::from_secs(86_400) }));
    front_notes_rest__keep__idempotent_window => probe(&probes::FRONT_NOTES_REST_KEEP, Callee::IdempotentWindow(Idempotent::Key { window: Duration::from_secs(86_400) }));
    front_notes_rest__tls => probe(&probes::FRONT_NOTES_REST_FIND, Callee::Tls);
    archive_archive_grpc__find__auth => probe(&probes::ARCHIVE_ARCHIVE_GRPC_FIND, Callee::Auth);
    archive_archive_grpc__find__allow => probe(&probes::ARCHIVE_ARCHIVE_GRPC_FIND, Callee::Allow(&["reader", "writer"]));
    archive_archive_grpc__find__timeout => probe(&probes::ARCHIVE_ARCHIVE_GRPC_FIND, Callee::Timeout(Duration::from_secs(30)));
    archive_archive_grpc__find__max_body => probe(&probes::ARCHIVE_ARCHIVE_GRPC_FIND, Callee::MaxBody(1_048_576));
    archive_archive_grpc__keep__auth => probe(&probes::ARCHIVE_ARCHIVE_GRPC_KEEP, Callee::Auth);
    archive_archive_grpc__keep__allow => probe(&probes::ARCHIVE_ARCHIVE_GRPC_KEEP, Callee::Allow(&["writer"]));
    archive_archive_grpc__keep__timeout => probe(&probes::ARCHIVE_ARCHIVE_GRPC_KEEP, Callee::Timeout(Duration::from_secs(30)));
    archive_archive_grpc__keep__max_body => probe(&probes::ARCHIVE_ARCHIVE_GRPC_KEEP, Callee::MaxBody(1_048_576));
    archive_archive_grpc__keep__idempotent => probe(&probes::ARCHIVE_ARCHIVE_GRPC_KEEP, Callee::Idempotent(Idempotent::Key { window: Duration::from_secs(86_400) }));
    archive_archive_grpc__keep__idempotent_window => probe(&probes::ARCHIVE_ARCHIVE_GRPC_KEEP, Callee::IdempotentWindow(Idempotent::Key { window: Duration::from_secs(86_400) }));
    archive_archive_grpc__tls => probe(&probes::ARCHIVE_ARCHIVE_GRPC_FIND, Callee::Tls);
    people__issuer => probe(&probes::FRONT_NOTES_REST_FIND, Callee::Issuer("people", "https://id.example.com"));
    people__audience => probe(&probes::FRONT_NOTES_REST_FIND, Callee::Audience("people", "notes"));
    people__algorithms => probe(&probes::FRONT_NOTES_REST_FIND, Callee::Algorithms("people", &["ES256"]));
}
