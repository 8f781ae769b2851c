//! The rules, one a file, by area. A rule is entered in the table of the registry.

pub(super) mod authentication {
    pub mod auth_method_misfit;
    pub mod credential_over_plaintext;
    pub mod shared_credential;
    pub mod unauthenticated_entry;
    pub mod unauthenticated_internal_hop;
    pub mod unauthenticated_path_to_sensitive_data;
}
pub(super) mod authorization {
    pub mod confused_deputy;
    pub mod edge_only_authorization;
    pub mod graphql_field_authorization;
    pub mod missing_authorization;
    pub mod wildcard_privilege;
}
pub(super) mod breaker {
    pub mod breaker_cannot_recover;
    pub mod missing_breaker;
}
pub(super) mod dead_letter {
    pub mod dlq_policy_inconsistent;
    pub mod dlq_unattended;
    pub mod missing_dlq;
    pub mod poison_message_loop;
    pub mod unbounded_redelivery;
}
pub(super) mod exposure {
    pub mod cross_origin_unchecked;
    pub mod data_plane_exposed;
    pub mod gateway_bypass;
    pub mod internal_surface_exposed;
    pub mod sensitive_data_escapes;
    pub mod sensitive_data_in_url;
    pub mod unvalidated_input;
}
pub(super) mod protocol {
    pub mod better_protocol_available;
    pub mod broadcast_through_competing_consumers;
    pub mod connection_lifecycle_missing;
    pub mod contract_missing;
    pub mod delivery_guarantee_unmet;
    pub mod graphql_n_plus_one;
    pub mod grpc_from_browser;
    pub mod intermediary_unsupported;
    pub mod ordering_not_guaranteed;
    pub mod realtime_without_backplane;
    pub mod rest_for_realtime_or_streaming;
    pub mod sse_misfit;
    pub mod state_change_behind_get;
    pub mod stream_misprovisioned;
    pub mod sync_reply_over_queue;
}
pub(super) mod rate_limit {
    pub mod auth_endpoint_unlimited;
    pub mod graphql_query_unbounded;
    pub mod limit_not_per_client;
    pub mod public_entry_unlimited;
    pub mod rate_limit_inversion;
}
pub(super) mod resilience {
    pub mod consumer_not_idempotent;
    pub mod dual_write;
    pub mod fan_out_without_bulkhead;
    pub mod hard_dependency_on_less_critical;
    pub mod health_missing;
    pub mod no_backpressure;
    pub mod observability_gap;
}
pub(super) mod retry {
    pub mod missing_retry;
    pub mod retry_amplification;
    pub mod retry_non_idempotent;
    pub mod retry_unbounded;
    pub mod retry_without_backoff;
    pub mod retry_without_jitter;
}
pub(super) mod secret {
    pub mod secret_literal;
}
pub(super) mod timeout {
    pub mod ack_window_too_short;
    pub mod latency_budget_exceeded;
    pub mod no_overall_deadline;
    pub mod timeout_inversion;
    pub mod timeout_missing_or_excessive;
}
pub(super) mod token {
    pub mod clear_text_issuer;
    pub mod connection_outlives_token;
    pub mod credential_not_rotated;
    pub mod insecure_token_storage;
    pub mod jwt_validation_gap;
    pub mod token_leaves_trust_zone;
    pub mod token_lifetime_unmanaged;
    pub mod unsafe_oauth_flow;
}
pub(super) mod topology {
    pub mod dangling_channel;
    pub mod declared_pattern_not_met;
    pub mod distributed_transaction_without_compensation;
    pub mod event_cycle;
    pub mod orphan_element;
    pub mod shared_database;
    pub mod single_point_of_failure;
    pub mod sync_and_event_duplicate;
    pub mod synchronous_chain_too_long;
    pub mod synchronous_cycle;
    pub mod zone_policy_violation;
}
pub(super) mod transport {
    pub mod plaintext_across_boundary;
    pub mod plaintext_sensitive_path;
    pub mod transport_conflict;
    pub mod weak_tls;
}
pub(super) mod webhook {
    pub mod callback_url_ssrf;
    pub mod webhook_delivery_not_guaranteed;
    pub mod webhook_loop;
    pub mod webhook_processed_inline;
    pub mod webhook_replayable;
    pub mod webhook_single_defence;
    pub mod webhook_unsigned;
}
