//! The trait of an api, and its handlers before they are written.

use super::names::{Api, Client, Service};
use super::{Parts, edge_text, protocol_variant};
use crate::generate::contracts::{form, rust_type};
use crate::generate::render::{Code, Rust, rust};
use crate::generate::view::service as view;
use crate::model::{CallTarget, Input, Model, Operation};
use crate::protocol::Protocol;

/// The trait.
pub fn view(parts: &Parts<'_>, service: &Service, api: &Api) -> view::Api {
    let it = &parts.model[api.id];
    let operations = operations(parts, service, api);
    view::Api {
        api: rust::comment(&it.label()),
        service: rust::comment(&parts.model[service.node].name),
        docs: rust::docs(it.doc.as_deref(), &format!("What `{}` offers.", it.label())),
        name: rust::name(api.name.clone()),
        written: !operations.is_empty(),
        binds: operations.iter().any(|operation| operation.bound),
        operations,
    }
}

/// The handlers' file.
pub fn handlers(parts: &Parts<'_>, service: &Service, api: &Api) -> view::Handlers {
    let operations: Vec<view::Operation> = operations(parts, service, api)
        .into_iter()
        .filter(|operation| !operation.ping)
        .collect();
    view::Handlers {
        api: rust::comment(&parts.model[api.id].label()),
        module: rust::name(api.module.clone()),
        name: rust::name(api.name.clone()),
        written: !operations.is_empty(),
        operations,
    }
}

/// The operations that have a handler.
fn operations(parts: &Parts<'_>, service: &Service, api: &Api) -> Vec<view::Operation> {
    let model = parts.model;
    let handled = api
        .operations
        .iter()
        .filter(|operation| model[operation.id].via.is_none());
    handled
        .enumerate()
        .map(|(index, names)| {
            let it = &model[names.id];
            let uses = it.calls.as_ref().map(|calls| {
                service
                    .clients
                    .iter()
                    .filter(|one| calls.iter().any(|call| calls_over(model, one, *call)))
                    .collect::<Vec<_>>()
            });
            let bound = uses.as_ref().is_some_and(|uses| !uses.is_empty());
            let clients = match &uses {
                Some(uses) if uses.is_empty() => rust::nothing(),
                Some(_) => rust::ty::generic("", &[rust::name(names.clients.clone())]),
                None if service.clients.is_empty() => rust::nothing(),
                None => rust::ty::generic("", &[rust::name("super::Clients")]),
            };
            view::Operation {
                follows: index > 0,
                docs: rust::docs(it.doc.as_deref(), ""),
                label: rust::comment(&it.name),
                name: rust::name(names.name.clone()),
                requested: it.input != Input::None,
                input: input(parts, it),
                output: output(parts, it),
                streams: it.answers_stream(),
                bare: is_bare(it),
                unwraps: unwraps(it),
                ping: model[api.id].built_in,
                context: rust::name(names.context.clone()),
                clients,
                bound,
                own: rust::name(names.clients.clone()),
                uses: uses
                    .unwrap_or_default()
                    .into_iter()
                    .map(|one| client(model, one))
                    .collect(),
            }
        })
        .collect()
}

/// Whether a call of the drawing goes over a client's edge.
fn calls_over(model: &Model, client: &Client, call: CallTarget) -> bool {
    match call {
        CallTarget::Operation(id) => model[id].api == client.api,
        CallTarget::Api(api) => api == client.api,
        CallTarget::Channel(_) | CallTarget::Store(..) | CallTarget::Node(_) => false,
    }
}

/// A client among others.
pub fn client(model: &Model, client: &Client) -> view::Client {
    let api = &model[client.api];
    view::Client {
        doc: rust::comment(&format!("`{}`", edge_text(model, client.edge))),
        field: rust::name(client.field.clone()),
        module: rust::name(client.module.clone()),
        ty: rust::name(client.ty.clone()),
        callee: rust::string(&model[api.node].name),
        api: rust::string(&api.label()),
        protocol: rust::name(protocol_variant(
            model[client.edge].protocol().unwrap_or(Protocol::Rest),
        )),
    }
}

/// What an operation takes, as handlers and clients see it.
pub fn input(parts: &Parts<'_>, operation: &Operation) -> Code<Rust> {
    match &operation.input {
        Input::None => rust::ty::unit(),
        Input::Parameters(id) => rust::name(parts.names.struct_path("contracts", *id)),
        Input::Message(payload) => many(
            payload.stream,
            rust_type(parts.names, "contracts", &payload.ty),
        ),
    }
}

/// What an operation answers, as handlers and clients see it.
pub fn output(parts: &Parts<'_>, operation: &Operation) -> Code<Rust> {
    match &operation.output {
        None => rust::ty::unit(),
        Some(payload) => many(
            payload.stream,
            rust_type(parts.names, "contracts", &payload.ty),
        ),
    }
}

/// Whether what an operation answers needs a type that gives it its form.
fn is_bare(operation: &Operation) -> bool {
    let output = operation.output.as_ref();
    output.is_some_and(|it| form("contracts", &it.ty).is_some())
}

/// What stands after an answer that travels on: gives a bare one its form.
pub fn wraps(operation: &Operation) -> Code<Rust> {
    formed(operation, |bare| bare)
}

/// What stands after an answer that came: takes a bare one out of its form.
pub fn unwraps(operation: &Operation) -> Code<Rust> {
    formed(operation, |bare| rust::of(&bare, "into_inner"))
}

fn formed(operation: &Operation, function: fn(Code<Rust>) -> Code<Rust>) -> Code<Rust> {
    let output = operation.output.as_ref();
    let form = output.and_then(|it| Some((it.stream, form("contracts", &it.ty)?)));
    form.map_or_else(rust::nothing, |(stream, form)| {
        let bare = rust::ty::generic("contracts::json::Bare::", &[form]);
        rust::mapped(&function(bare), stream)
    })
}

/// A type, or a stream of it.
pub fn many(stream: bool, ty: Code<Rust>) -> Code<Rust> {
    if stream {
        rust::ty::generic("platform::Streaming", &[ty])
    } else {
        ty
    }
}
