//! The table of rules, one line each, sorted by code.

use super::rule::{Activation, Check, Rule};
use super::rules as files;
use crate::diagnostic::Level;
use crate::syntax::nearest;

/// A line of the table: code, name, area and file, level, scope, and `off` or `gated` where it does not simply run. The
/// file documents the rule.
macro_rules! table {
    ($($code:literal $name:literal $area:ident::$file:ident $level:ident $scope:ident $($activation:ident)?;)*) => {
        &[$(Rule {
            code: $code,
            name: $name,
            area: stringify!($area),
            file: stringify!($file),
            level: Level::$level,
            activation: table!(@activation $($activation)?),
            check: Check::$scope(files::$area::$file::check),
            source: include_str!(concat!("rules/", stringify!($area), "/", stringify!($file), ".rs")),
        }),*]
    };
    (@activation) => { Activation::On };
    (@activation off) => { Activation::Off };
    (@activation gated) => { Activation::Gated };
}

static RULES: &[Rule] = table! {
    "AUN001" "unauthenticated-entry" authentication::unauthenticated_entry Error Edge;
    "AUN002" "unauthenticated-path-to-sensitive-data" authentication::unauthenticated_path_to_sensitive_data Error System;
    "AUN003" "unauthenticated-internal-hop" authentication::unauthenticated_internal_hop Warning Edge;
    "AUN004" "auth-method-misfit" authentication::auth_method_misfit Warning System;
    "AUN005" "credential-over-plaintext" authentication::credential_over_plaintext Error Edge;
    "AUN006" "shared-credential" authentication::shared_credential Warning System;
    "AUZ001" "missing-authorization" authorization::missing_authorization Warning Api;
    "AUZ002" "wildcard-privilege" authorization::wildcard_privilege Error System;
    "AUZ003" "confused-deputy" authorization::confused_deputy Warning System;
    "AUZ004" "edge-only-authorization" authorization::edge_only_authorization Info System off;
    "AUZ005" "graphql-field-authorization" authorization::graphql_field_authorization Warning Api;
    "CBR001" "missing-breaker" breaker::missing_breaker Warning Edge;
    "CBR002" "breaker-cannot-recover" breaker::breaker_cannot_recover Warning System;
    "DLQ001" "missing-dlq" dead_letter::missing_dlq Error Channel;
    "DLQ002" "unbounded-redelivery" dead_letter::unbounded_redelivery Error System;
    "DLQ003" "dlq-unattended" dead_letter::dlq_unattended Warning System;
    "DLQ004" "poison-message-loop" dead_letter::poison_message_loop Error System;
    "DLQ005" "dlq-policy-inconsistent" dead_letter::dlq_policy_inconsistent Warning System;
    "PRT001" "grpc-from-browser" protocol::grpc_from_browser Error Edge;
    "PRT002" "rest-for-realtime-or-streaming" protocol::rest_for_realtime_or_streaming Warning Edge;
    "PRT003" "sse-misfit" protocol::sse_misfit Error Edge;
    "PRT004" "realtime-without-backplane" protocol::realtime_without_backplane Error Node;
    "PRT005" "broadcast-through-competing-consumers" protocol::broadcast_through_competing_consumers Error Node;
    "PRT006" "intermediary-unsupported" protocol::intermediary_unsupported Error Edge;
    "PRT007" "connection-lifecycle-missing" protocol::connection_lifecycle_missing Warning Api;
    "PRT008" "sync-reply-over-queue" protocol::sync_reply_over_queue Warning Node;
    "PRT009" "ordering-not-guaranteed" protocol::ordering_not_guaranteed Error Edge;
    "PRT010" "stream-misprovisioned" protocol::stream_misprovisioned Warning System;
    "PRT011" "contract-missing" protocol::contract_missing Warning System;
    "PRT012" "delivery-guarantee-unmet" protocol::delivery_guarantee_unmet Error System;
    "PRT013" "graphql-n-plus-one" protocol::graphql_n_plus_one Warning System;
    "PRT014" "better-protocol-available" protocol::better_protocol_available Info System off;
    "PRT015" "state-change-behind-get" protocol::state_change_behind_get Error Api;
    "RES001" "fan-out-without-bulkhead" resilience::fan_out_without_bulkhead Warning Node;
    "RES002" "consumer-not-idempotent" resilience::consumer_not_idempotent Error System;
    "RES003" "dual-write" resilience::dual_write Warning System;
    "RES004" "health-missing" resilience::health_missing Warning Node;
    "RES005" "observability-gap" resilience::observability_gap Info Node off;
    "RES006" "no-backpressure" resilience::no_backpressure Warning System;
    "RES007" "hard-dependency-on-less-critical" resilience::hard_dependency_on_less_critical Warning System;
    "RTL001" "public-entry-unlimited" rate_limit::public_entry_unlimited Error Api;
    "RTL002" "auth-endpoint-unlimited" rate_limit::auth_endpoint_unlimited Error Api;
    "RTL003" "limit-not-per-client" rate_limit::limit_not_per_client Warning System;
    "RTL004" "rate-limit-inversion" rate_limit::rate_limit_inversion Warning System gated;
    "RTL005" "graphql-query-unbounded" rate_limit::graphql_query_unbounded Error Api;
    "RTY001" "retry-unbounded" retry::retry_unbounded Error System;
    "RTY002" "retry-without-backoff" retry::retry_without_backoff Warning System;
    "RTY003" "retry-without-jitter" retry::retry_without_jitter Warning System;
    "RTY004" "retry-non-idempotent" retry::retry_non_idempotent Error Edge;
    "RTY005" "retry-amplification" retry::retry_amplification Error System;
    "RTY006" "missing-retry" retry::missing_retry Info System off;
    "SEC001" "secret-literal" secret::secret_literal Error System;
    "SEC002" "unvalidated-input" exposure::unvalidated_input Warning System;
    "SEC003" "cross-origin-unchecked" exposure::cross_origin_unchecked Warning Api;
    "SEC004" "data-plane-exposed" exposure::data_plane_exposed Error System;
    "SEC005" "internal-surface-exposed" exposure::internal_surface_exposed Warning Edge;
    "SEC006" "gateway-bypass" exposure::gateway_bypass Warning System;
    "SEC007" "sensitive-data-escapes" exposure::sensitive_data_escapes Warning System;
    "SEC008" "sensitive-data-in-url" exposure::sensitive_data_in_url Warning Api;
    "TMO001" "timeout-missing-or-excessive" timeout::timeout_missing_or_excessive Error System;
    "TMO002" "timeout-inversion" timeout::timeout_inversion Error System;
    "TMO003" "latency-budget-exceeded" timeout::latency_budget_exceeded Warning System gated;
    "TMO004" "no-overall-deadline" timeout::no_overall_deadline Warning System;
    "TMO005" "ack-window-too-short" timeout::ack_window_too_short Error Edge;
    "TOK001" "token-lifetime-unmanaged" token::token_lifetime_unmanaged Warning System;
    "TOK002" "unsafe-oauth-flow" token::unsafe_oauth_flow Error System;
    "TOK003" "credential-not-rotated" token::credential_not_rotated Warning System;
    "TOK004" "insecure-token-storage" token::insecure_token_storage Error Node;
    "TOK005" "jwt-validation-gap" token::jwt_validation_gap Error Auth;
    "TOK006" "token-leaves-trust-zone" token::token_leaves_trust_zone Error Edge;
    "TOK007" "connection-outlives-token" token::connection_outlives_token Warning Edge;
    "TOK008" "clear-text-issuer" token::clear_text_issuer Error Auth;
    "TOP001" "synchronous-cycle" topology::synchronous_cycle Error System;
    "TOP002" "synchronous-chain-too-long" topology::synchronous_chain_too_long Warning System;
    "TOP003" "single-point-of-failure" topology::single_point_of_failure Warning System;
    "TOP004" "event-cycle" topology::event_cycle Error System;
    "TOP005" "dangling-channel" topology::dangling_channel Warning Channel;
    "TOP006" "orphan-element" topology::orphan_element Warning System;
    "TOP007" "shared-database" topology::shared_database Warning Node;
    "TOP008" "zone-policy-violation" topology::zone_policy_violation Warning System;
    "TOP009" "sync-and-event-duplicate" topology::sync_and_event_duplicate Info Node off;
    "TOP010" "distributed-transaction-without-compensation" topology::distributed_transaction_without_compensation Warning Node;
    "TOP011" "declared-pattern-not-met" topology::declared_pattern_not_met Error System;
    "TRN001" "plaintext-across-boundary" transport::plaintext_across_boundary Error Edge;
    "TRN002" "plaintext-sensitive-path" transport::plaintext_sensitive_path Error System;
    "TRN003" "weak-tls" transport::weak_tls Error Edge;
    "TRN004" "transport-conflict" transport::transport_conflict Error Node;
    "WHK001" "webhook-unsigned" webhook::webhook_unsigned Error Edge;
    "WHK002" "webhook-replayable" webhook::webhook_replayable Warning Edge;
    "WHK003" "webhook-delivery-not-guaranteed" webhook::webhook_delivery_not_guaranteed Warning Edge;
    "WHK004" "webhook-single-defence" webhook::webhook_single_defence Warning Edge;
    "WHK005" "callback-url-ssrf" webhook::callback_url_ssrf Error System;
    "WHK006" "webhook-processed-inline" webhook::webhook_processed_inline Warning Edge;
    "WHK007" "webhook-loop" webhook::webhook_loop Error System;
};

/// All rules, sorted by code.
#[must_use]
pub fn rules() -> &'static [Rule] {
    RULES
}

/// The rule with a code or a name.
#[must_use]
pub fn rule(code_or_name: &str) -> Option<&'static Rule> {
    RULES
        .iter()
        .find(|rule| rule.code == code_or_name || rule.name == code_or_name)
}

/// The code or name that a misspelt one probably means.
#[must_use]
pub fn suggest(word: &str) -> Option<&'static str> {
    nearest(word, RULES.iter().flat_map(|rule| [rule.code, rule.name]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_the_pen_are_understood() {
        assert_eq!(suggest("TMO02"), Some("TMO002"));
        assert_eq!(suggest("tmo002"), Some("TMO002"));
        assert_eq!(suggest("timeout-invertion"), Some("timeout-inversion"));
        assert_eq!(suggest("quite-another-thing"), None);
    }
}
