//! The package that proves the drawing's policies against the generated code.

mod expected;
pub mod rows;

use std::collections::BTreeSet;

use super::Failure;
use super::callers;
use super::contracts::{form, leaf, rust_type};
use super::names::{Names, package};
use super::naming::rust as naming;
use super::output::Output;
use super::render::{Code, Rust, rust, toml};
use super::requests;
use super::services::names::{Api, Client, Service};
use super::services::{Parts, edge_text, many, unwraps};
use super::view::dev::Dependency;
use super::view::proofs as view;
use crate::diagnostic::Diagnostic;
use crate::model::attributes::Tls;
use crate::model::types::{Scalar, TypeRef};
use crate::model::{ApiId, Input, Model, OperationId};
use crate::protocol::Protocol;
pub use expected::protocol;
use rows::Row;

/// The runtime's functions that make a sample of what an operation takes.
const SAMPLE: &str = "sample";
const SAMPLE_STREAM: &str = "sample_stream";

/// Plans the package, and gives what it proves.
pub fn plan(
    parts: &Parts<'_>,
    services: &[Service],
    out: &mut Output,
) -> Result<Vec<Row>, Failure> {
    let &Parts { model, names, .. } = parts;
    let served = rows::served(model);
    let edges = edges(parts, services)?;
    let probes = probes(parts, &served)?;
    let rows = rows::rows(model);
    let answered = answered_scalars(model, services);
    let has = |scalar| answered.contains(&scalar);
    out.shared_toml(
        "proofs/Cargo.toml",
        view::Manifest {
            package: toml::string(&package(model, "proofs")),
            contracts: toml::string(&package(model, "contracts")),
            platform: toml::string(&package(model, "platform")),
            jiff: has(Scalar::Timestamp) || has(Scalar::Date) || has(Scalar::Duration),
            decimal: has(Scalar::Decimal),
            json: has(Scalar::Json),
            uuid: has(Scalar::Uuid),
            services: dependencies(services),
        },
    )?;
    out.ours(
        "proofs/src/lib.rs",
        view::Root {
            edges: !edges.edges.is_empty(),
            probes: !probes.probes.is_empty(),
        },
    )?;
    out.ours("proofs/src/system.rs", system(model, services))?;
    out.ours("proofs/src/scripted.rs", scripted(model, names, services)?)?;
    if !edges.edges.is_empty() {
        out.ours("proofs/src/edges.rs", edges)?;
    }
    if !probes.probes.is_empty() {
        out.ours("proofs/src/probes.rs", probes)?;
    }
    out.ours("proofs/tests/proofs.rs", proofs(model, &rows))?;
    Ok(rows)
}

/// What handlers answer outside a message.
fn answered_scalars(model: &Model, services: &[Service]) -> BTreeSet<Scalar> {
    let apis = services.iter().flat_map(|service| &service.apis);
    let operations = apis.flat_map(|api| &api.operations);
    let outputs = operations.filter_map(|it| model[it.id].output.as_ref());
    let scalars = outputs.filter_map(|output| match leaf(&output.ty) {
        TypeRef::Scalar(scalar) => Some(*scalar),
        _ => None,
    });
    scalars.collect()
}

/// The packages of all services, as dependencies of a package beside `services/`.
pub fn dependencies(services: &[Service]) -> Vec<Dependency> {
    services
        .iter()
        .map(|service| Dependency {
            package: toml::key(&service.package),
            path: toml::string(&format!("../{}", service.folder)),
        })
        .collect()
}

fn system(model: &Model, services: &[Service]) -> view::System {
    view::System {
        name: rust::string(&model.system.name),
        services: services
            .iter()
            .map(|service| view::Cast {
                name: rust::string(&model[service.node].name),
                krate: rust::name(service.krate.clone()),
                handlers: handlers(model, service),
            })
            .collect(),
    }
}

/// The type of a service's scripted handlers.
fn handlers(model: &Model, service: &Service) -> Code<Rust> {
    rust::name(naming::named(&model[service.node].name, "Handlers"))
}

fn scripted(
    model: &Model,
    names: &Names,
    services: &[Service],
) -> Result<view::Scripted, Diagnostic> {
    let services: Vec<_> = services
        .iter()
        .map(|service| {
            let apis = service
                .apis
                .iter()
                .map(|api| scripted_api(model, names, api));
            Ok(view::ScriptedService {
                label: rust::comment(&model[service.node].name),
                krate: rust::name(service.krate.clone()),
                handlers: handlers(model, service),
                apis: apis.collect::<Result<_, _>>()?,
            })
        })
        .collect::<Result<_, Diagnostic>>()?;
    let handlers = services
        .iter()
        .flat_map(|it| &it.apis)
        .any(|it| !it.operations.is_empty());
    Ok(view::Scripted { handlers, services })
}

fn scripted_api(model: &Model, names: &Names, api: &Api) -> Result<view::ScriptedApi, Diagnostic> {
    let handled = api
        .operations
        .iter()
        .filter(|it| model[it.id].via.is_none());
    let operations = handled
        .map(|it| {
            let operation = &model[it.id];
            Ok(view::ScriptedOperation {
                name: rust::name(it.name.clone()),
                context: rust::name(it.context.clone()),
                takes: operation.input != Input::None,
                reads: operation.takes_stream(),
                input: many(operation.takes_stream(), taken(model, names, it.id)),
                output: many(operation.answers_stream(), answered(model, names, it.id)),
                answer: rust::name(if operation.answers_stream() {
                    "answer_stream"
                } else {
                    "answer"
                }),
                sample: rust::json(&requests::answer(model, it.id)?),
                unwraps: unwraps(operation),
            })
        })
        .collect::<Result<_, Diagnostic>>()?;
    Ok(view::ScriptedApi {
        module: rust::name(api.module.clone()),
        handler: rust::name(api.name.clone()),
        operations,
    })
}

/// The type that an operation takes, once or many times.
fn taken(model: &Model, names: &Names, operation: OperationId) -> Code<Rust> {
    match &model[operation].input {
        Input::None => rust::ty::unit(),
        Input::Parameters(id) => rust::name(names.struct_path("contracts", *id)),
        Input::Message(payload) => rust_type(names, "contracts", &payload.ty),
    }
}

/// The type that an operation answers.
fn answered(model: &Model, names: &Names, operation: OperationId) -> Code<Rust> {
    match &model[operation].output {
        Some(payload) => rust_type(names, "contracts", &payload.ty),
        None => rust::ty::unit(),
    }
}

fn edges(parts: &Parts<'_>, services: &[Service]) -> Result<view::Edges, Diagnostic> {
    let model = parts.model;
    let mut edges = Vec::new();
    for (service, client) in services
        .iter()
        .flat_map(|service| service.clients.iter().map(move |client| (service, client)))
    {
        if rows::is_proved(model, &model[client.edge]) {
            edges.push(edge(parts, service, client)?);
        }
    }
    let makes = |sample: &str| {
        let mut all = edges.iter().flat_map(|edge: &view::Edge| &edge.operations);
        all.any(|operation| operation.takes && operation.sample.as_str() == sample)
    };
    let encodes = edges
        .iter()
        .flat_map(|edge| &edge.operations)
        .any(|operation| operation.answer.as_str().starts_with("encode"));
    Ok(view::Edges {
        samples: makes(SAMPLE),
        streams: makes(SAMPLE_STREAM),
        encodes,
        edges,
    })
}

fn edge(parts: &Parts<'_>, service: &Service, client: &Client) -> Result<view::Edge, Diagnostic> {
    let &Parts { model, names, .. } = parts;
    let edge = &model[client.edge];
    let name = rows::edge_name(model, edge);
    let protocol = edge.protocol().unwrap_or(Protocol::Rest);
    let falls_back =
        |id: OperationId| callers::fallback(&model[id], edge.attributes_of(id)).is_some();
    let operations: Vec<_> = edge
        .operations
        .iter()
        .map(|carried| {
            let operation = &model[carried.operation];
            Ok(view::Call {
                text: rust::string(&operation.name),
                name: rust::name(client.functions[&carried.operation].clone()),
                takes: operation.input != Input::None,
                sample: rust::name(if operation.takes_stream() {
                    SAMPLE_STREAM
                } else {
                    SAMPLE
                }),
                ty: taken(model, names, carried.operation),
                json: rust::json(&requests::request(model, carried.operation)?),
                falls_back: falls_back(carried.operation),
                answer: match falls_back(carried.operation) {
                    true => answer(parts, carried.operation, protocol)?,
                    false => rust::nothing(),
                },
            })
        })
        .collect::<Result<_, Diagnostic>>()?;
    Ok(view::Edge {
        answers: operations.iter().any(|operation| operation.falls_back),
        label: rust::comment(&edge_text(model, client.edge)),
        constant: rust::name(naming::constant(&name)),
        function: rust::name(name),
        caller: rust::string(&model[service.node].name),
        name: rust::string(&edge_text(model, client.edge)),
        protocol: expected::protocol(protocol),
        tls: expected::tls(edge.attributes.tls().unwrap_or(Tls::Off)),
        client: rust::name(format!(
            "{}::generated::{}::{}",
            service.krate, client.module, client.ty
        )),
        operations,
    })
}

/// A good answer as its bytes travel over a protocol.
fn answer(
    parts: &Parts<'_>,
    operation: OperationId,
    protocol: Protocol,
) -> Result<Code<Rust>, Diagnostic> {
    let &Parts { model, names, wire } = parts;
    let json = rust::json(&requests::answer(model, operation)?);
    if protocol != Protocol::Grpc {
        return Ok(rust::call("Vec::from", &[json]));
    }
    let message = wire.rust_path(names, operation, &wire.output(operation), "contracts");
    let output = model[operation].output.as_ref();
    let answered = match output.and_then(|it| form("contracts", &it.ty)) {
        Some(form) => rust::ty::generic("contracts::json::Bare", &[form]),
        None => answered(model, names, operation),
    };
    let types = [answered, rust::name(message)];
    let encode = rust::ty::generic("encode::", &types);
    Ok(rust::call(encode.as_str(), &[json]))
}

fn probes(parts: &Parts<'_>, served: &[(ApiId, Protocol)]) -> Result<view::Probes, Diagnostic> {
    let model = parts.model;
    let probes = served
        .iter()
        .flat_map(|(api, protocol)| {
            callers::carried(model, *api, *protocol).map(|operation| (*api, *protocol, operation))
        })
        .map(|(api, protocol, operation)| probe(parts, api, protocol, operation))
        .collect::<Result<_, Diagnostic>>()?;
    Ok(view::Probes {
        grpc: served
            .iter()
            .any(|(_, protocol)| *protocol == Protocol::Grpc),
        probes,
    })
}

fn probe(
    parts: &Parts<'_>,
    api: ApiId,
    served_by: Protocol,
    id: OperationId,
) -> Result<view::Probe, Diagnostic> {
    let &Parts { model, names, wire } = parts;
    let operation = &model[id];
    let service = model[api].node;
    let request = requests::request(model, id)?;
    let other = requests::other(model, id, &request);
    let auth = operation.attributes.auths().unwrap_or_default();
    let auth: Vec<_> = auth
        .iter()
        .map(|auth| rust::string(&model[*auth].name))
        .collect();
    let peers: Vec<_> = callers::services(model, api, served_by)
        .into_iter()
        .map(|caller| rust::string(&model[caller].name))
        .collect();
    let ways: Vec<_> = callers::ways(model, api, served_by)
        .into_keys()
        .map(expected::tls)
        .collect();
    Ok(view::Probe {
        label: rust::comment(&format!(
            "{}.{} by {served_by}",
            model[api].label(),
            operation.name
        )),
        constant: probe_name(model, api, served_by, id),
        service: rust::string(&model[service].name),
        api: rust::string(&model[api].label()),
        protocol: expected::protocol(served_by),
        tls: rust::slice(&ways),
        peers: rust::slice(&peers),
        operation: rust::string(&operation.name),
        wire: match served_by {
            Protocol::Grpc => {
                let message = wire.rust_path(names, id, &wire.input(id), "contracts");
                let encode = [taken(model, names, id), rust::name(message)];
                rust::fields(
                    "Wire::Grpc",
                    &[
                        ("path", rust::string(&wire.method_path(names, id))),
                        ("encode", rust::ty::generic("encode::", &encode)),
                    ],
                )
            }
            _ => rust::fields(
                "Wire::Rest",
                &[
                    (
                        "method",
                        rust::string(&operation.route.method.name().to_uppercase()),
                    ),
                    ("path", rust::string(&operation.route.path)),
                ],
            ),
        },
        request: rust::json(&request),
        other: rust::json(&other),
        auth: rust::slice(&auth),
    })
}

fn probe_name(model: &Model, api: ApiId, protocol: Protocol, operation: OperationId) -> Code<Rust> {
    let served = rows::served_name(model, api, protocol);
    rust::name(naming::constant(&format!(
        "{served}_{}",
        model[operation].name
    )))
}

fn proofs(model: &Model, rows: &[Row]) -> view::Proofs {
    let views: Vec<_> = rows
        .iter()
        .map(|row| view::Row {
            name: rust::name(row.name.clone()),
            proof: expected::proof(model, row),
        })
        .collect();
    let text = |word: &str| views.iter().any(|row| row.proof.as_str().contains(word));
    let imports: Vec<&str> = expected::TYPES
        .iter()
        .copied()
        .filter(|name| text(&format!("{name} {{")) || text(&format!("{name}::")))
        .collect();
    view::Proofs {
        krate: rust::name(naming::krate(&package(model, "proofs"))),
        duration: text("Duration::"),
        policy: !imports.is_empty(),
        imports: rust::imports(&imports),
        edges: text("edge(&"),
        probes: text("probe(&"),
        rows: views,
    }
}
