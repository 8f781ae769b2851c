//! The server of an api over one protocol, and the client of an edge.

use super::api::{input, output, unwraps, wraps};
use super::names::{Api, Client, Service};
use super::{Parts, callee, edge_text};
use crate::generate::callers;
use crate::generate::contracts::{self, Message, openapi_constant};
use crate::generate::naming::paths;
use crate::generate::render::{Code, Rust, rust};
use crate::generate::view::service as view;
use crate::model::attributes::Idempotent;
use crate::model::types::TypeRef;
use crate::model::{CallTarget, Input, Method, Operation, OperationId, StructId, Via};
use crate::protocol::Protocol;

/// The server.
pub fn server(parts: &Parts<'_>, service: &Service, api: &Api, protocol: Protocol) -> view::Routes {
    let model = parts.model;
    let it = &model[api.id];
    let owner = &model[it.node].name;
    let title = format!("{owner}.{}", it.label());
    let served = |id: OperationId| protocol.carries(model[id].shape());
    let operations: Vec<view::Routed> = api
        .operations
        .iter()
        .filter(|names| served(names.id))
        .map(|names| routed(parts, service, names.id, &names.name, protocol))
        .collect();
    view::Routes {
        api: rust::comment(&it.label()),
        protocol: rust::comment(title_of(protocol)),
        grpc: protocol == Protocol::Grpc,
        web: callers::pages(model, api.id, protocol),
        forwards: operations.iter().any(|operation| operation.via),
        module: rust::name(api.module.clone()),
        name: rust::name(api.name.clone()),
        label: rust::string(&it.label()),
        openapi_path: rust::string(&format!("/openapi/{}", openapi_file(owner, &it.label()))),
        openapi: rust::name(openapi_constant(&title)),
        operations,
    }
}

/// The OpenAPI file of an api.
pub fn openapi_file(service: &str, api: &str) -> String {
    format!("{}.{}.json", paths::stem(service), paths::stem(api))
}

const fn title_of(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Grpc => "gRPC",
        _ => "HTTP with JSON",
    }
}

fn routed(
    parts: &Parts<'_>,
    service: &Service,
    id: OperationId,
    name: &str,
    protocol: Protocol,
) -> view::Routed {
    let it = &parts.model[id];
    let forward = it
        .via
        .as_ref()
        .and_then(|via| Forward::new(parts, service, it, via));
    let forward = forward.as_ref();
    let field = |pick: fn(&Forward) -> &Code<Rust>| {
        forward.map_or_else(rust::nothing, |it| pick(it).clone())
    };
    view::Routed {
        label: rust::string(&it.name),
        adds: rust::name(match (shape(it), it.attributes.idempotent()) {
            ("unary", _) => "operation",
            ("client_stream", Some(Idempotent::Key(_))) => "keyed_stream",
            _ => "streaming",
        }),
        shape: rust::name(shape(it)),
        name: rust::name(name),
        method: rust::name(it.route.method.name()),
        path: path(parts, id, protocol),
        wire_input: wire(parts, id, true),
        wire_output: wire(parts, id, false),
        requested: it.input != Input::None,
        argument: rust::name(if forward.is_none_or(|it| it.passes) {
            "request"
        } else {
            "_"
        }),
        input: input(parts, it),
        via: forward.is_some(),
        target: field(|it| &it.target),
        client: field(|it| &it.client),
        call: field(|it| &it.call),
        copies: forward.is_some_and(|it| it.copies),
        copies_each: it.takes_stream(),
        built: field(|it| &it.built),
        fields: forward.map(|it| it.fields.clone()).unwrap_or_default(),
        passes: forward.is_some_and(|it| it.passes),
        wraps: wraps(it),
    }
}

/// The runtime's name of what an operation is over gRPC.
fn shape(operation: &Operation) -> &'static str {
    match (operation.takes_stream(), operation.answers_stream()) {
        (false, false) => "unary",
        (false, true) => "server_stream",
        (true, false) => "client_stream",
        (true, true) => "bidi",
    }
}

/// Where an operation is found over a protocol.
fn path(parts: &Parts<'_>, id: OperationId, protocol: Protocol) -> Code<Rust> {
    match protocol {
        Protocol::Grpc => rust::string(&parts.wire.method_path(parts.names, id)),
        _ => rust::string(&parts.model[id].route.path),
    }
}

/// The protobuf message that an operation takes or answers.
fn wire(parts: &Parts<'_>, id: OperationId, input: bool) -> Code<Rust> {
    let message = if input {
        parts.wire.input(id)
    } else {
        parts.wire.output(id)
    };
    match message {
        Message::Empty => rust::ty::unit(),
        message => rust::name(parts.wire.rust_path(parts.names, id, &message, "contracts")),
    }
}

/// How an operation is forwarded.
struct Forward {
    target: Code<Rust>,
    client: Code<Rust>,
    call: Code<Rust>,
    passes: bool,
    copies: bool,
    built: Code<Rust>,
    fields: Vec<view::Copied>,
}

impl Forward {
    /// Nothing for what is not forwarded to an operation over an edge of the service.
    fn new(parts: &Parts<'_>, service: &Service, from: &Operation, via: &Via) -> Option<Self> {
        let model = parts.model;
        let CallTarget::Operation(to) = via.target else {
            return None;
        };
        let client = service.client(via.edge)?;
        let target = &model[to];
        let api = model[target.api].label();
        let (source, wanted) = (message(&from.input), message(&target.input));
        let copied = match (source, wanted) {
            (Some(source), Some(wanted)) if source != wanted => Some((source, wanted)),
            _ => None,
        };
        Some(Self {
            target: rust::comment(&format!(
                "via {}.{api}.{}",
                callee(model, to).name,
                target.name
            )),
            client: rust::name(format!("{}::{}", client.module, client.ty)),
            call: rust::name(client.functions.get(&to)?.clone()),
            passes: target.input != Input::None,
            copies: copied.is_some(),
            built: copied.map_or_else(rust::nothing, |(_, wanted)| {
                rust::name(parts.names.struct_path("contracts", wanted))
            }),
            fields: copied.map_or_else(Vec::new, |(source, wanted)| copies(parts, source, wanted)),
        })
    }
}

/// The message that an operation takes.
const fn message(input: &Input) -> Option<StructId> {
    match input {
        Input::Parameters(id) => Some(*id),
        Input::Message(payload) => match payload.ty {
            TypeRef::Struct(id) => Some(id),
            _ => None,
        },
        Input::None => None,
    }
}

/// The fields of `wanted`, each from the field of `source` with the same name.
fn copies(parts: &Parts<'_>, source: StructId, wanted: StructId) -> Vec<view::Copied> {
    let (source, wanted) = (&parts.model[source], &parts.model[wanted]);
    let from = contracts::fields(source);
    wanted
        .fields
        .iter()
        .zip(contracts::fields(wanted))
        .filter_map(|(field, to)| {
            let at = source
                .fields
                .iter()
                .position(|one| one.name == field.name)?;
            Some(view::Copied {
                from: rust::name(from[at].clone()),
                to: rust::name(to),
            })
        })
        .collect()
}

/// The client of an edge.
pub fn client(parts: &Parts<'_>, client: &Client) -> view::EdgeClient {
    let model = parts.model;
    let edge = &model[client.edge];
    let api = &model[client.api];
    let protocol = edge.protocol().unwrap_or(Protocol::Rest);
    view::EdgeClient {
        edge: rust::comment(&format!(
            "The client of `{}`.",
            edge_text(model, client.edge)
        )),
        api: rust::comment(&api.label()),
        callee: rust::comment(&model[api.node].name),
        ty: rust::name(client.ty.clone()),
        field: rust::name(client.field.clone()),
        grpc: protocol == Protocol::Grpc,
        operations: edge
            .operations
            .iter()
            .filter_map(|one| Some((one.operation, client.functions.get(&one.operation)?)))
            .map(|(id, name)| {
                let it = &model[id];
                view::Called {
                    docs: rust::docs(it.doc.as_deref(), &format!("Calls `{}`.", it.name)),
                    label: rust::string(&it.name),
                    name: rust::name(name.clone()),
                    requested: it.input != Input::None,
                    input: input(parts, it),
                    output: output(parts, it),
                    unwraps: unwraps(it),
                    wire_input: wire(parts, id, true),
                    wire_output: wire(parts, id, false),
                    method: rust::name(method(it.route.method)),
                    path: path(parts, id, protocol),
                    call: rust::name(match shape(it) {
                        "unary" => "grpc".to_owned(),
                        shape => format!("grpc_{shape}"),
                    }),
                }
            })
            .collect(),
    }
}

/// The constant of the `http` crate.
const fn method(method: Method) -> &'static str {
    match method {
        Method::Get => "GET",
        Method::Post => "POST",
        Method::Put => "PUT",
        Method::Patch => "PATCH",
        Method::Delete => "DELETE",
    }
}
