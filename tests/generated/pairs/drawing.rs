//! Rows as a drawing, and the calls of a drawing as rows.

use std::collections::BTreeMap;

use archwright::model::attributes::{Attr, Idempotent, Identity, LimitKey, Tls, Value};
use archwright::model::{Edge, EdgeOperation, End, Input, Link, Model, Operation, OperationKind};
use archwright::protocol::Protocol;

use super::levels::{FACTORS, Place};

const HEAD: &str = include_str!("head.arch");

/// A drawing with a call for each row: `desk` calls one operation of one api.
pub fn text(rows: &[Vec<usize>]) -> String {
    let mut services: BTreeMap<(&str, &str), String> = BTreeMap::new();
    let mut edges = String::new();
    for (at, row) in rows.iter().enumerate() {
        let level = |factor: &str| {
            let place = FACTORS.iter().position(|it| it.name == factor);
            let place = place.expect("it is a factor");
            FACTORS[place].levels[row[place]].0
        };
        let group = (level("state"), level("replicas"));
        let service = format!("s_{}_{}", group.0, group.1);
        let body = services.entry(group).or_default();
        *body += &api(at, level);
        edges += &format!(
            "desk -> {service}.R{at} : {} {{\n{}}}\n",
            level("protocol"),
            edge(level)
        );
    }
    let mut text = HEAD.to_owned();
    for ((state, replicas), apis) in services {
        let shared = if state == "none" {
            ""
        } else {
            "state = shared, "
        };
        text +=
            &format!("service s_{state}_{replicas} {{ {shared}replicas = {replicas}\n{apis}}}\n");
    }
    text + &edges
}

fn api<'l>(at: usize, level: impl Fn(&str) -> &'l str) -> String {
    let mut attributes = vec![match level("auth") {
        "public" => "public = true".to_owned(),
        scheme => format!("auth = {scheme}_scheme"),
    }];
    match level("authorization") {
        "allow" => attributes.push("allow = [reader]".to_owned()),
        "when" => attributes.push("when = caller.region == \"north\"".to_owned()),
        _ => {}
    }
    match level("rate_limit") {
        "none" => {}
        per => attributes.push(format!("rate_limit = limit(20/s, burst = 30, per = {per})")),
    }
    let (signature, repeat) = match level("operation") {
        "query" => ("query ask(id: uuid) -> Thing", None),
        "command" => ("command ask(Thing)", None),
        "command by nature" => ("command ask(id: uuid)", Some("idempotent = true")),
        "command by key" => ("command ask(Thing) -> Thing", Some("idempotent = key")),
        "event by content" => ("event ask(Thing)", Some("idempotent = by(id, window = 1h)")),
        "server stream" => ("query ask(id: uuid) -> stream Thing", None),
        "client stream" => ("command ask(stream Thing) -> Thing", None),
        _ => ("command ask(stream Thing) -> stream Thing", None),
    };
    attributes.extend(repeat.map(ToOwned::to_owned));
    format!(
        "  api R{at} {{ {signature} {{ {} }} }}\n",
        attributes.join(", ")
    )
}

fn edge<'l>(level: impl Fn(&str) -> &'l str) -> String {
    let mut attributes = vec![
        format!("tls = {}", level("tls")),
        "timeout = 500ms".to_owned(),
        format!("identity = {}", level("identity")),
        match level("retry") {
            "fixed" => "retry = fixed(attempts = 2, base = 20ms, jitter = full, budget = 20%)",
            "exponential" => {
                "retry = exponential(attempts = 3, base = 10ms, max = 40ms, jitter = full, budget = 20%)"
            }
            _ => "retry = none",
        }
        .to_owned(),
        match level("breaker") {
            "errors" => {
                "breaker = errors(50%, window = 10s, min_calls = 10, cooldown = 2s, probes = 2)"
            }
            _ => "breaker = none",
        }
        .to_owned(),
    ];
    if level("fallback") == "cached" {
        attributes.push("fallback = cached(10s)".to_owned());
    }
    attributes.iter().map(|it| format!("  {it}\n")).collect()
}

/// The levels of each call of `desk`, by factor, as the model has them.
pub fn calls(model: &Model) -> Vec<Vec<Place>> {
    let desk = model.nodes().find(|(_, node)| node.name == "desk");
    let desk = desk.map(|(id, _)| End::Node(id));
    let mut calls = Vec::new();
    for (_, edge) in model.edges().filter(|(_, edge)| Some(edge.from) == desk) {
        for call in &edge.operations {
            let level = |factor: &str| of(model, edge, call, factor);
            let places = FACTORS.iter().enumerate().map(|(at, factor)| {
                let name = level(factor.name);
                let level = factor.levels.iter().position(|level| level.0 == name);
                Place(
                    at,
                    level.unwrap_or_else(|| panic!("{} = {name}", factor.name)),
                )
            });
            calls.push(places.collect());
        }
    }
    calls
}

/// The level of one factor.
fn of(model: &Model, edge: &Edge, call: &EdgeOperation, factor: &str) -> String {
    let operation = &model[call.operation];
    let node = &model[model[operation.api].node];
    let own = |attr| {
        call.overrides
            .as_deref()
            .unwrap_or(&edge.attributes)
            .value(attr)
    };
    let name = match factor {
        "protocol" => match edge.link {
            Link::Call {
                protocol: Protocol::Rest,
                ..
            } => "rest",
            _ => "grpc",
        },
        "operation" => shape(operation),
        "tls" => match own(Attr::Tls) {
            Some(Value::Tls(Tls::Off)) => "off",
            Some(Value::Tls(Tls::Server)) => "server",
            _ => "mutual",
        },
        "auth" => match operation.attributes.value(Attr::Auth) {
            Some(Value::Auths(schemes)) if schemes.len() == 1 => model[schemes[0]].scheme.name(),
            _ => "public",
        },
        "authorization" => {
            let allowed = matches!(operation.attributes.value(Attr::Allow), Some(Value::Roles(roles)) if !roles.is_empty());
            match operation.attributes.value(Attr::When) {
                Some(_) => "when",
                None if allowed => "allow",
                None => "none",
            }
        }
        "identity" => match own(Attr::Identity) {
            Some(Value::Identity(Identity::Forward)) => "forward",
            Some(Value::Identity(Identity::Exchange)) => "exchange",
            _ => "none",
        },
        "retry" => match own(Attr::Retry) {
            Some(Value::Retry(retry)) if retry.exponential => "exponential",
            Some(Value::Retry(_)) => "fixed",
            _ => "none",
        },
        "breaker" => match own(Attr::Breaker) {
            Some(Value::Breaker(_)) => "errors",
            _ => "none",
        },
        "rate_limit" => match operation.attributes.value(Attr::RateLimit) {
            Some(Value::RateLimit(limit)) => match limit.per {
                LimitKey::User => "user",
                LimitKey::Ip => "ip",
                LimitKey::Service => "service",
                LimitKey::Global => "global",
            },
            _ => "none",
        },
        "fallback" => match own(Attr::Fallback) {
            None | Some(Value::Off) => "none",
            Some(_) => "cached",
        },
        "state" => match node.attributes.value(Attr::State) {
            Some(_) => "redis",
            None => "none",
        },
        _ => match node.attributes.value(Attr::Replicas) {
            Some(Value::Integer(2)) => "2",
            _ => "1",
        },
    };
    name.to_owned()
}

fn shape(operation: &Operation) -> &'static str {
    let takes = matches!(&operation.input, Input::Message(payload) if payload.stream);
    let gives = operation.output.as_ref().is_some_and(|it| it.stream);
    match (
        takes,
        gives,
        operation.kind,
        operation.attributes.idempotent(),
    ) {
        (true, true, ..) => "both streams",
        (true, false, ..) => "client stream",
        (false, true, ..) => "server stream",
        (_, _, OperationKind::Query, _) => "query",
        (_, _, OperationKind::Event, _) => "event by content",
        (_, _, _, Some(Idempotent::Natural)) => "command by nature",
        (_, _, _, Some(Idempotent::Key(_))) => "command by key",
        (_, _, _, _) => "command",
    }
}
