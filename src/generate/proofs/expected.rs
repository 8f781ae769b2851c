//! A row as the line of code that proves it, its numbers written out.

use super::probe_name;
use super::rows::{Expected, Row, Safety, Subject, edge_name, safety, served};
use crate::generate::cases::Case;
use crate::generate::naming::rust as naming;
use crate::generate::render::{Code, Rust, rust};
use crate::generate::services::schemes;
use crate::model::Model;
use crate::model::attributes::{Attr, Idempotent, Identity, Jitter, LimitKey, Rate, Tls};
use crate::protocol::Protocol;

/// What a row may take from the runtime's policy.
pub const TYPES: &[&str] = &[
    "Idempotent",
    "Identity",
    "Jitter",
    "LimitKey",
    "Rate",
    "RateLimit",
    "Safety",
];

/// The line: `edge(&edges::FRONT_TO_ORDERS_GRPC, "find", Safety::Safe, Caller::Timeout(...))`.
pub fn proof(model: &Model, row: &Row) -> Code<Rust> {
    match row.subject {
        Subject::Edge(id) => rust::call(
            "edge",
            &[
                rust::reference(&rust::name(format!(
                    "edges::{}",
                    naming::constant(&edge_name(model, &model[id]))
                ))),
                rust::string(&model[row.operation].name),
                rust::name(match safety(&model[row.operation]) {
                    Safety::Safe => "Safety::Safe",
                    Safety::IdempotentByKey => "Safety::IdempotentByKey",
                    Safety::Unsafe => "Safety::Unsafe",
                }),
                what(model, "Caller", row, None),
            ],
        ),
        Subject::Api(api, protocol) => at(model, row, api, protocol, None),
        Subject::Scheme(auth, api, protocol) => {
            at(model, row, api, protocol, Some(&model[auth].name))
        }
        Subject::Service(_) => {
            let api = model[row.operation].api;
            let mut served = served(model).into_iter().filter(|(it, _)| *it == api);
            let (_, protocol) = served.next().unwrap_or((api, Protocol::Rest));
            at(model, row, api, protocol, None)
        }
    }
}

fn at(
    model: &Model,
    row: &Row,
    api: crate::model::ApiId,
    protocol: Protocol,
    scheme: Option<&str>,
) -> Code<Rust> {
    let probe = probe_name(model, api, protocol, row.operation);
    rust::call(
        "probe",
        &[
            rust::reference(&rust::name(format!("probes::{}", probe.as_str()))),
            what(model, "Callee", row, scheme),
        ],
    )
}

/// `Caller::RetryAttempts(3)`
fn what(model: &Model, side: &str, row: &Row, scheme: Option<&str>) -> Code<Rust> {
    let attribute = match (row.attr, side) {
        (Attr::Idempotent, "Caller") => "Safety".to_owned(),
        (attr, _) => naming::variant(attr.name()),
    };
    let variant = format!(
        "{side}::{attribute}{}",
        row.part.map(naming::variant).unwrap_or_default()
    );
    let mut arguments: Vec<Code<Rust>> = scheme.iter().map(|name| rust::string(name)).collect();
    arguments.extend(literal(model, &row.expected));
    if arguments.is_empty() {
        rust::name(variant)
    } else {
        rust::call(&variant, &arguments)
    }
}

fn literal(model: &Model, expected: &Expected) -> Option<Code<Rust>> {
    Some(match expected {
        Expected::AsDrawn => return None,
        Expected::Duration(duration) => rust::duration(*duration),
        Expected::Count(count) => rust::integer(*count),
        Expected::Share(share) => rust::float(*share),
        Expected::Rate(rate) => rust::fields("Rate", &per(*rate)),
        Expected::Limit(rate, burst, key) => {
            let mut fields = per(*rate);
            fields.push(("burst", rust::integer(*burst)));
            fields.push(("key", rust::name(limit_key(*key))));
            rust::fields("RateLimit", &fields)
        }
        Expected::Jitter(Jitter::None) => rust::name("Jitter::None"),
        Expected::Jitter(Jitter::Full) => rust::name("Jitter::Full"),
        Expected::Identity(Identity::Forward) => rust::name("Identity::Forward"),
        Expected::Identity(Identity::None | Identity::Exchange) => rust::name("Identity::None"),
        Expected::Exchange(exchange) => schemes::exchange(model, *exchange),
        Expected::Idempotent(Idempotent::Natural) => rust::name("Idempotent::Natural"),
        Expected::Idempotent(Idempotent::Key(window)) => {
            rust::fields("Idempotent::Key", &[("window", rust::duration(*window))])
        }
        Expected::Idempotent(Idempotent::By { field, window }) => rust::fields(
            "Idempotent::By",
            &[
                ("field", rust::string(field)),
                ("window", rust::duration(*window)),
            ],
        ),
        Expected::Names(names) => {
            let names: Vec<_> = names.iter().map(|name| rust::string(name)).collect();
            rust::slice(&names)
        }
        Expected::Text(text) => rust::string(text),
        Expected::Flag(flag) => rust::name(flag.to_string()),
        Expected::Cases(cases) => rust::fields(
            "proofs::Judged",
            &[("holds", case(&cases.holds)), ("fails", case(&cases.fails))],
        ),
    })
}

fn case(case: &Case) -> Code<Rust> {
    let claims = serde_json::Value::Object(case.claims.clone());
    rust::fields(
        "proofs::Case",
        &[
            ("claims", rust::json(&claims)),
            ("request", rust::json(&case.request)),
        ],
    )
}

fn per(rate: Rate) -> Vec<(&'static str, Code<Rust>)> {
    vec![
        ("permits", rust::integer(rate.count)),
        ("per", rust::duration(rate.per)),
    ]
}

const fn limit_key(key: LimitKey) -> &'static str {
    match key {
        LimitKey::User => "LimitKey::User",
        LimitKey::Ip => "LimitKey::Ip",
        LimitKey::Service => "LimitKey::Service",
        LimitKey::Global => "LimitKey::Global",
    }
}

/// The protocol in the runtime's policy.
pub fn protocol(protocol: Protocol) -> Code<Rust> {
    rust::name(format!("Protocol::{}", naming::variant(protocol.name())))
}

/// Transport security in the runtime's policy.
pub fn tls(tls: Tls) -> Code<Rust> {
    rust::name(format!("Tls::{}", naming::variant(tls.name())))
}
