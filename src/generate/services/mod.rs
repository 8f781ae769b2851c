//! The crates of services: what each one serves, calls and decides.

mod api;
mod conditions;
pub mod config;
pub mod names;
pub mod policy;
mod routes;
pub mod schemes;
pub mod secrets;

use std::collections::BTreeSet;

use crate::generate::contracts::{Wire, leaf};
use crate::generate::names::{Names, package};
use crate::generate::output::Output;
use crate::generate::render::{Defect, rust, toml};
use crate::generate::view::service as view;
use crate::model::condition::{Condition, Operand};
use crate::model::types::{Scalar, TypeRef};
use crate::model::{EdgeId, Input, Link, Model, Node, OperationId, StructId};
use crate::protocol::Protocol;
pub use api::{many, unwraps};
use names::Service;
pub use routes::openapi_file;

/// What all services are generated from.
pub struct Parts<'m> {
    pub model: &'m Model,
    pub names: &'m Names,
    pub wire: &'m Wire<'m>,
}

/// Plans the crate of one service.
///
/// # Errors
/// When a template is defective.
pub fn plan(parts: &Parts<'_>, service: &Service, out: &mut Output) -> Result<(), Defect> {
    let node = &parts.model[service.node];
    let at = |path: &str| format!("{}/{path}", service.folder);
    out.shared_toml(&at("Cargo.toml"), manifest(parts, service))?;
    out.theirs(
        &at("config/default.toml"),
        config::view(parts.model, service),
    )?;
    out.theirs(
        &at("src/main.rs"),
        view::Main {
            service: rust::comment(&node.name),
            krate: rust::name(service.krate.clone()),
        },
    )?;
    out.theirs(
        &at("src/lib.rs"),
        view::Root {
            docs: rust::docs(
                node.doc.as_deref(),
                &format!("The service `{}`.", node.name),
            ),
        },
    )?;
    out.theirs(
        &at("src/app.rs"),
        view::App {
            service: rust::comment(&node.name),
        },
    )?;
    for api in &service.apis {
        out.theirs(
            &at(&format!("src/handlers/{}.rs", api.stem)),
            api::handlers(parts, service, api),
        )?;
        out.ours(
            &at(&format!("src/generated/{}.rs", api.module)),
            api::view(parts, service, api),
        )?;
        for protocol in &api.protocols {
            let file = format!("src/generated/{}.rs", api.server(*protocol));
            out.ours(&at(&file), routes::server(parts, service, api, *protocol))?;
        }
    }
    for client in &service.clients {
        out.ours(
            &at(&format!("src/generated/{}.rs", client.module)),
            routes::client(parts, client),
        )?;
    }
    if let Some(conditions) = conditions::view(parts, service) {
        out.ours(&at("src/generated/conditions.rs"), conditions)?;
    }
    out.ours(
        &at("src/generated/policy.rs"),
        policy::view(parts.model, service),
    )?;
    out.ours(&at("src/generated/mod.rs"), wiring(parts, service))
}

fn manifest(parts: &Parts<'_>, service: &Service) -> view::Manifest {
    let model = parts.model;
    let scalars = scalars(model, service);
    let has = |scalar| scalars.contains(&scalar);
    view::Manifest {
        package: toml::string(&service.package),
        contracts: toml::string(&package(model, "contracts")),
        platform: toml::string(&package(model, "platform")),
        http: service
            .clients
            .iter()
            .any(|client| model[client.edge].protocol() == Some(Protocol::Rest)),
        jiff: has(Scalar::Timestamp) || has(Scalar::Date) || has(Scalar::Duration),
        decimal: has(Scalar::Decimal),
        json: has(Scalar::Json),
        streams: operations(model, service)
            .any(|it| model[it].takes_stream() || model[it].answers_stream()),
        uuid: has(Scalar::Uuid),
    }
}

/// The operations that a service serves or may call.
fn operations<'m>(
    model: &'m Model,
    service: &'m Service,
) -> impl Iterator<Item = OperationId> + 'm {
    let served = service.apis.iter().map(|api| api.id);
    let called = service.clients.iter().map(|client| client.api);
    served
        .chain(called)
        .flat_map(|api| model[api].operations.iter().copied())
}

/// The scalars in all messages that a service's handlers see.
fn scalars(model: &Model, service: &Service) -> BTreeSet<Scalar> {
    let mut found = Found {
        model,
        structs: BTreeSet::new(),
        scalars: BTreeSet::new(),
    };
    for id in operations(model, service) {
        let operation = &model[id];
        match &operation.input {
            Input::None => {}
            Input::Parameters(id) => found.message(*id),
            Input::Message(payload) => found.ty(&payload.ty),
        }
        if let Some(output) = &operation.output {
            found.ty(&output.ty);
        }
    }
    // Claims that conditions read as such.
    let judged = service.apis.iter().flat_map(|api| &api.operations);
    for condition in judged.filter_map(|it| Condition::of(model, it.id)) {
        for operand in condition.operands() {
            if let Operand::Claim(_, ty) = operand {
                found.ty(ty);
            }
        }
    }
    found.scalars
}

struct Found<'m> {
    model: &'m Model,
    structs: BTreeSet<StructId>,
    scalars: BTreeSet<Scalar>,
}

impl Found<'_> {
    fn ty(&mut self, ty: &TypeRef) {
        match leaf(ty) {
            TypeRef::Struct(id) => self.message(*id),
            TypeRef::Scalar(scalar) => {
                self.scalars.insert(*scalar);
            }
            _ => {}
        }
    }

    fn message(&mut self, id: StructId) {
        if self.structs.insert(id) {
            for field in &self.model[id].fields {
                self.ty(&field.ty);
            }
        }
    }
}

fn wiring(parts: &Parts<'_>, service: &Service) -> view::Wiring {
    let servers: Vec<view::Server> = service
        .apis
        .iter()
        .flat_map(|api| api.protocols.iter().map(|protocol| api.server(*protocol)))
        .map(|module| view::Server {
            module: rust::name(module),
        })
        .collect();
    view::Wiring {
        service: rust::comment(&parts.model[service.node].name),
        apis: service
            .apis
            .iter()
            .map(|api| view::WiredApi {
                module: rust::name(api.module.clone()),
                name: rust::name(api.name.clone()),
                handlers: rust::name(api.handlers()),
                path: rust::string(&format!("../handlers/{}.rs", api.stem)),
            })
            .collect(),
        clients: service
            .clients
            .iter()
            .map(|client| api::client(parts.model, client))
            .collect(),
        conditions: !conditions::functions(parts.model, service).is_empty(),
        calls: !service.clients.is_empty(),
        served: !servers.is_empty(),
        servers,
    }
}

/// An edge as the drawing writes it: `front -> orders.Orders : grpc`.
pub fn edge_text(model: &Model, id: EdgeId) -> String {
    let edge = &model[id];
    let (from, to) = (model.end_name(edge.from), model.end_name(edge.to));
    match edge.link {
        Link::Call {
            protocol,
            api: Some(api),
        } if !model[api].built_in => {
            format!("{from} -> {to}.{} : {protocol}", model[api].label())
        }
        Link::Call { protocol, .. } => format!("{from} -> {to} : {protocol}"),
        Link::Store | Link::Publish | Link::Consume => format!("{from} -> {to}"),
    }
}

/// The protocol's variant in platform's policy.
fn protocol_variant(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Grpc => "Grpc",
        _ => "Rest",
    }
}

/// What serves an operation.
fn callee(model: &Model, operation: OperationId) -> &Node {
    &model[model[model[operation].api].node]
}
