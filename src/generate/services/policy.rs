//! A service's policy as data, with origins.

use std::collections::HashMap;
use std::time::Duration;

use super::names::{Api, Client, Service};
use super::{conditions, edge_text, protocol_variant, schemes};
use crate::generate::callers;
use crate::generate::render::{Code, Rust, rust};
use crate::generate::state;
use crate::generate::view::service as view;
use crate::model::attributes::{
    Attr, Attributes, Idempotent, Identity, Jitter, LimitKey, Origin, Tls,
};
use crate::model::{
    ApiId, CallTarget, End, Link, Model, NodeId, Operation, OperationId, OperationKind,
};
use crate::protocol::Protocol;

/// The policy of one service.
pub fn view(model: &Model, service: &Service) -> view::Policy {
    let node = &model[service.node];
    let conditions = conditions::functions(model, service);
    let apis: Vec<view::ApiPolicy> = service
        .apis
        .iter()
        .flat_map(|api| {
            api.protocols
                .iter()
                .map(|protocol| api_policy(model, api, *protocol, &conditions))
        })
        .collect();
    let edges: Vec<view::EdgePolicy> = service
        .clients
        .iter()
        .map(|client| edge_policy(model, client))
        .collect();
    let schemes = schemes::views(model, service);
    view::Policy {
        service: rust::comment(&node.name),
        label: rust::string(&node.name),
        system: rust::string(&model.system.name),
        state: state(model, service),
        durations: mentions_duration(&apis, &edges) || schemes.iter().any(|it| it.session),
        schemes,
        apis,
        edges,
    }
}

/// Where the instances of a service share state, if they do.
fn state(model: &Model, service: &Service) -> view::Traced {
    let Some(state) = state::of(model, service.node) else {
        return view::Traced {
            value: rust::name("None"),
            origin: rust::nothing(),
        };
    };
    let fields = [
        ("store", rust::string(&model[state.store].name)),
        (
            "tls",
            rust::name(format!("Tls::{}", tls_variant(state.tls))),
        ),
    ];
    let origin = state
        .effective
        .map(|it| origin_text(model, &it.origin, "the service", "the service"));
    view::Traced {
        value: rust::some(&rust::fields("State", &fields)),
        origin: trailing(origin),
    }
}

/// Whether anything lasts: what is not used is not imported.
fn mentions_duration(apis: &[view::ApiPolicy], edges: &[view::EdgePolicy]) -> bool {
    let lasts = |code: &Code<Rust>| code.as_str().contains("Duration::");
    let served = apis.iter().flat_map(|api| &api.operations);
    let called = edges.iter().flat_map(|edge| &edge.operations);
    served
        .flat_map(|it| [&it.timeout.value, &it.window, &it.per, &it.cache.value])
        .chain(called.flat_map(|it| {
            [
                &it.timeout.value,
                &it.deadline.value,
                &it.base,
                &it.window,
                &it.throttle_per,
                &it.fallback.value,
            ]
        }))
        .any(lasts)
}

fn api_policy(
    model: &Model,
    api: &Api,
    protocol: Protocol,
    conditions: &HashMap<OperationId, String>,
) -> view::ApiPolicy {
    let peers = callers::services(model, api.id, protocol);
    let it = &model[api.id];
    let origins = callers::origins(model, api.id, protocol);
    let at = Traces {
        model,
        attributes: &it.attributes,
        declared: format!("api {}", it.label()),
        inherited: format!("service {}", model[it.node].name),
    };
    view::ApiPolicy {
        label: rust::string(&it.label()),
        protocol: rust::name(protocol_variant(protocol)),
        tls: ways(model, api.id, protocol),
        peers: rust::strings(peers.iter().map(|id| model[*id].name.as_str())),
        cors: at.traced_if(
            !origins.is_empty(),
            Attr::Cors,
            rust::strings(origins.iter().map(String::as_str)),
        ),
        operations: callers::carried(model, api.id, protocol)
            .map(|id| {
                let condition = conditions.get(&id).map(String::as_str);
                operation_policy(model, id, protocol, condition)
            })
            .collect(),
    }
}

/// How connections to an api are protected, with an origin for each way unless they have the same.
fn ways(model: &Model, api: ApiId, protocol: Protocol) -> view::Traced {
    let ways = callers::ways(model, api, protocol);
    let mut origins: Vec<String> = ways
        .values()
        .flatten()
        .map(|it| origin_text(model, &it.origin, "the edge", "the edge"))
        .collect();
    if origins.iter().all(|it| *it == origins[0]) {
        origins.truncate(1);
    }
    let variants: Vec<_> = ways
        .keys()
        .map(|way| rust::name(format!("Tls::{}", tls_variant(*way))))
        .collect();
    view::Traced {
        value: rust::vec(&variants),
        origin: trailing((!origins.is_empty()).then(|| origins.join(", "))),
    }
}

fn operation_policy(
    model: &Model,
    id: OperationId,
    protocol: Protocol,
    condition: Option<&str>,
) -> view::OperationPolicy {
    let it = &model[id];
    let at = Traces::of_operation(model, it);
    let limit = it.attributes.rate_limit();
    let idempotent = it.attributes.idempotent();
    let query = it.kind == OperationKind::Query;
    let cache = callers::cache(it, protocol);
    let window = match &idempotent {
        Some(Idempotent::Key(window) | Idempotent::By { window, .. }) => Some(*window),
        Some(Idempotent::Natural) | None => None,
    };
    view::OperationPolicy {
        label: rust::string(&it.name),
        kind: rust::name(match it.kind {
            OperationKind::Query => "Query",
            OperationKind::Command => "Command",
            OperationKind::Event => "Event",
        }),
        auth: at.traced(Attr::Auth, auth_names(model, &it.attributes)),
        allow: at.traced(Attr::Allow, {
            let roles = if it.attributes.is(Attr::Public) {
                Vec::new()
            } else {
                it.attributes.allow().unwrap_or_default()
            };
            rust::strings(roles.iter().map(|role| model[*role].name.as_str()))
        }),
        when: at.traced(
            Attr::When,
            optional(condition, |name| {
                // By its whole path: where the policy stands is of no matter.
                let judge = rust::name(format!("crate::generated::conditions::{name}"));
                rust::call("When::new", &[judge])
            }),
        ),
        audited: audited(model, it),
        limited: limit.is_some(),
        permits: limit
            .as_ref()
            .map_or_else(rust::nothing, |it| rust::integer(it.rate.count)),
        per: limit
            .as_ref()
            .map_or_else(rust::nothing, |it| rust::duration(it.rate.per)),
        burst: limit
            .as_ref()
            .map_or_else(rust::nothing, |it| rust::integer(it.burst)),
        key: limit.as_ref().map_or_else(rust::nothing, |it| {
            rust::name(match it.per {
                LimitKey::User => "User",
                LimitKey::Ip => "Ip",
                LimitKey::Service => "Service",
                LimitKey::Global => "Global",
            })
        }),
        limit_origin: at.origin(Attr::RateLimit),
        timeout: at.traced(
            Attr::Timeout,
            optional(it.attributes.timeout(), rust::duration),
        ),
        max_body: at.traced(
            Attr::MaxBody,
            optional(it.attributes.max_body(), rust::integer),
        ),
        natural: matches!(idempotent, Some(Idempotent::Natural)) || (idempotent.is_none() && query),
        keyed: matches!(idempotent, Some(Idempotent::Key(_))),
        by_field: matches!(idempotent, Some(Idempotent::By { .. })),
        unrepeatable: idempotent.is_none() && !query,
        field: match &idempotent {
            Some(Idempotent::By { field, .. }) => rust::string(field),
            _ => rust::nothing(),
        },
        window: window.map_or_else(rust::nothing, rust::duration),
        idempotent: if idempotent.is_none() && query {
            trailing(Some("a query".to_owned()))
        } else {
            at.origin(Attr::Idempotent)
        },
        cache: at.traced_if(
            cache.is_some(),
            Attr::Cache,
            optional(cache, rust::duration),
        ),
    }
}

/// Whether the audit log is told of those whom an operation was allowed: what changes something always, and what may read
/// a store of which that is recorded.
fn audited(model: &Model, operation: &Operation) -> view::Traced {
    let changes = operation.kind != OperationKind::Query;
    let recorded = |node: NodeId| model[node].attributes.is(Attr::Audit);
    let read = match &operation.calls {
        Some(calls) => calls.iter().find_map(|call| match call {
            CallTarget::Store(node, _) | CallTarget::Node(node) => recorded(*node).then_some(*node),
            CallTarget::Operation(_) | CallTarget::Api(_) | CallTarget::Channel(_) => None,
        }),
        None => {
            let own = End::Node(model[operation.api].node);
            let stores = model.edges().filter(|(_, edge)| {
                edge.from == own && matches!(edge.link, Link::Store) && operation.via.is_none()
            });
            stores
                .map(|(_, edge)| model.node_of(edge.to))
                .find(|node| recorded(*node))
        }
    };
    let why = match (changes, read) {
        (true, _) => Some("it changes something".to_owned()),
        (false, Some(store)) => Some(format!("audit of {}", model[store].name)),
        (false, None) => None,
    };
    view::Traced {
        value: rust::name(why.is_some().to_string()),
        origin: trailing(why),
    }
}

fn edge_policy(model: &Model, client: &Client) -> view::EdgePolicy {
    let edge = &model[client.edge];
    let api = &model[client.api];
    let at = Traces::of_edge(model, &edge.attributes);
    let identity = edge.attributes.identity().unwrap_or(Identity::None);
    view::EdgePolicy {
        label: rust::string(&edge_text(model, client.edge)),
        callee: rust::string(&model[api.node].name),
        api: rust::string(&api.label()),
        protocol: rust::name(protocol_variant(edge.protocol().unwrap_or(Protocol::Rest))),
        tls: at.traced(
            Attr::Tls,
            rust::name(tls_variant(edge.attributes.tls().unwrap_or(Tls::Mutual))),
        ),
        auth: view::Traced {
            value: optional(callers::shown(model, edge), |id| {
                rust::string(&model[id].name)
            }),
            origin: match edge.attributes.get(Attr::Auth) {
                None if callers::shown(model, edge).is_some() => {
                    trailing(Some(format!("api {}", api.label())))
                }
                _ => at.origin(Attr::Auth),
            },
        },
        identity: at.traced(
            Attr::Identity,
            match (identity, callers::exchange(model, edge)) {
                (Identity::Forward, _) => rust::name("Identity::Forward"),
                (Identity::Exchange, Some(exchange)) => schemes::exchange(model, exchange),
                (Identity::None | Identity::Exchange, _) => rust::name("Identity::None"),
            },
        ),
        operations: edge
            .operations
            .iter()
            .map(|one| {
                call_policy(
                    model,
                    one.operation,
                    edge.attributes_of(one.operation),
                    one.overrides.is_some(),
                )
            })
            .collect(),
    }
}

fn call_policy(
    model: &Model,
    id: OperationId,
    attributes: &Attributes,
    own: bool,
) -> view::CallPolicy {
    let it = &model[id];
    let at = Traces {
        model,
        attributes,
        declared: if own {
            format!("`{}` on the edge", it.name)
        } else {
            "the edge".to_owned()
        },
        inherited: "the edge".to_owned(),
    };
    let (retry, breaker, throttle) = (
        attributes.retry(),
        attributes.breaker(),
        attributes.throttle(),
    );
    let fallback = callers::fallback(it, attributes);
    let (safety, why) = safety(it);
    let of_retry = |pick: &dyn Fn(&crate::model::attributes::Retry) -> Code<Rust>| {
        retry.map_or_else(rust::nothing, pick)
    };
    let of_breaker = |pick: &dyn Fn(&crate::model::attributes::Breaker) -> Code<Rust>| {
        breaker.map_or_else(rust::nothing, pick)
    };
    view::CallPolicy {
        label: rust::string(&it.name),
        safety: view::Traced {
            value: rust::name(safety),
            origin: trailing(Some(why.to_owned())),
        },
        timeout: at.traced(
            Attr::Timeout,
            optional(attributes.timeout(), rust::duration),
        ),
        deadline: at.traced(
            Attr::Deadline,
            optional(attributes.deadline(), rust::duration),
        ),
        retries: retry.is_some(),
        attempts: of_retry(&|it| rust::integer(it.attempts.unwrap_or(u64::from(u32::MAX)))),
        exponential: retry.as_ref().is_some_and(|it| it.exponential),
        base: of_retry(&|it| rust::duration(it.base)),
        max: of_retry(&|it| rust::duration(it.max.unwrap_or(LONGEST_BACKOFF))),
        jitter: of_retry(&|it| {
            rust::name(match it.jitter {
                Jitter::None => "None",
                Jitter::Full => "Full",
            })
        }),
        budget: of_retry(&|it| optional(it.budget, rust::float)),
        retry: at.origin(Attr::Retry),
        breaks: breaker.is_some(),
        error_rate: of_breaker(&|it| rust::float(it.error_rate)),
        window: of_breaker(&|it| rust::duration(it.window)),
        min_calls: of_breaker(&|it| rust::integer(it.min_calls)),
        cooldown: of_breaker(&|it| rust::duration(it.cooldown.unwrap_or(it.window))),
        probes: of_breaker(&|it| rust::integer(it.probes)),
        breaker: at.origin(Attr::Breaker),
        bulkhead: at.traced(
            Attr::Bulkhead,
            optional(attributes.bulkhead(), rust::integer),
        ),
        throttled: throttle.is_some(),
        throttle_permits: throttle.map_or_else(rust::nothing, |it| rust::integer(it.count)),
        throttle_per: throttle.map_or_else(rust::nothing, |it| rust::duration(it.per)),
        throttle: at.origin(Attr::Throttle),
        fallback: at.traced_if(
            fallback.is_some(),
            Attr::Fallback,
            optional(fallback, rust::duration),
        ),
    }
}

/// The longest wait of an exponential backoff that the drawing does not bound.
const LONGEST_BACKOFF: Duration = Duration::from_secs(60);

/// Whether a call may be repeated, and why.
pub fn safety(operation: &Operation) -> (&'static str, &'static str) {
    if operation.takes_stream() {
        return ("Unsafe", "a stream is sent once");
    }
    match operation.attributes.idempotent() {
        Some(Idempotent::Key(_)) => ("IdempotentByKey", "idempotent = key"),
        Some(Idempotent::Natural) => ("Safe", "idempotent = true"),
        Some(Idempotent::By { .. }) => ("Safe", "idempotent = by(...)"),
        None if operation.kind == OperationKind::Query => ("Safe", "a query"),
        None => ("Unsafe", "not idempotent"),
    }
}

fn auth_names(model: &Model, attributes: &Attributes) -> Code<Rust> {
    let schemes = if attributes.is(Attr::Public) {
        Vec::new()
    } else {
        attributes.auths().unwrap_or_default()
    };
    rust::strings(schemes.iter().map(|id| model[*id].name.as_str()))
}

const fn tls_variant(tls: Tls) -> &'static str {
    match tls {
        Tls::Off => "Off",
        Tls::Server => "Server",
        Tls::Mutual => "Mutual",
    }
}

pub(super) fn optional<T>(value: Option<T>, code: impl FnOnce(T) -> Code<Rust>) -> Code<Rust> {
    value.map_or_else(|| rust::name("None"), |value| rust::some(&code(value)))
}

/// Origins of an element's values.
struct Traces<'m> {
    model: &'m Model,
    attributes: &'m Attributes,
    /// What a value of the element's own is said to come from.
    declared: String,
    /// What a value of what is around it is said to come from.
    inherited: String,
}

impl<'m> Traces<'m> {
    fn of_operation(model: &'m Model, operation: &'m Operation) -> Self {
        Self {
            model,
            attributes: &operation.attributes,
            declared: format!("operation {}", operation.name),
            inherited: format!("api {}", model[operation.api].label()),
        }
    }

    fn of_edge(model: &'m Model, attributes: &'m Attributes) -> Self {
        Self {
            model,
            attributes,
            declared: "the edge".to_owned(),
            inherited: "the edge".to_owned(),
        }
    }

    fn traced(&self, attr: Attr, value: Code<Rust>) -> view::Traced {
        view::Traced {
            value,
            origin: self.origin(attr),
        }
    }

    /// The same for an attribute that may mean nothing for this operation: then it comes from nowhere.
    fn traced_if(&self, meant: bool, attr: Attr, value: Code<Rust>) -> view::Traced {
        match meant {
            true => self.traced(attr, value),
            false => view::Traced {
                value,
                origin: trailing(None),
            },
        }
    }

    /// The comment that ends the line of an attribute.
    fn origin(&self, attr: Attr) -> Code<Rust> {
        let effective = self.attributes.get(attr);
        trailing(
            effective
                .map(|it| origin_text(self.model, &it.origin, &self.declared, &self.inherited)),
        )
    }
}

fn origin_text(model: &Model, origin: &Origin, declared: &str, inherited: &str) -> String {
    match origin {
        Origin::Declared(_) => declared.to_owned(),
        Origin::Inherited(_) => inherited.to_owned(),
        Origin::Policy(id, _) => format!("policy {}", model[*id].name),
        Origin::Defaults(_) => "defaults".to_owned(),
        Origin::BuiltIn => "built in".to_owned(),
    }
}

/// A comment at the end of a line, or nothing.
fn trailing(text: Option<String>) -> Code<Rust> {
    text.map_or_else(rust::nothing, |text| rust::trailing(&text))
}
