//! The package that runs the whole system in one process.

use super::Failure;
use super::callers;
use super::cases;
use super::names::package;
use super::output::Output;
use super::proofs::rows::served;
use super::proofs::{dependencies, protocol};
use super::render::{rust, toml};
use super::requests;
use super::services::Parts;
use super::services::names::Service;
use super::view::dev as view;
use crate::diagnostic::Diagnostic;
use crate::model::{ApiId, Model, NodeKind, OperationId, OperationKind};
use crate::protocol::Protocol;

/// Plans the package.
pub fn plan(parts: &Parts<'_>, services: &[Service], out: &mut Output) -> Result<(), Failure> {
    let model = parts.model;
    out.shared_toml(
        "dev/Cargo.toml",
        view::Manifest {
            package: toml::string(&package(model, "dev")),
            platform: toml::string(&package(model, "platform")),
            services: dependencies(services),
        },
    )?;
    out.real(
        "dev/src/main.rs",
        include_str!("../../templates/dev/src/main.rs"),
    );
    let actors = services
        .iter()
        .map(|service| actor(model, service))
        .collect::<Result<_, _>>()?;
    let entry_list: Vec<_> = entries(model)
        .into_iter()
        .map(|(api, protocol)| entry(parts, api, protocol))
        .collect::<Result<_, _>>()?;
    let roles: Vec<_> = model
        .roles
        .iter()
        .map(|role| rust::string(&role.name))
        .collect();
    out.ours(
        "dev/src/system.rs",
        view::System {
            name: rust::string(&model.system.name),
            roles: rust::slice(&roles),
            services: actors,
            entries: !entry_list.is_empty(),
            entry_list,
        },
    )?;
    Ok(())
}

fn actor(model: &Model, service: &Service) -> Result<view::Actor, Diagnostic> {
    let apis = model[service.node].apis.iter().map(|api| &model[*api]);
    // The built-in api answers by itself.
    let operations = apis
        .filter(|api| !api.built_in)
        .flat_map(|api| &api.operations);
    let handled = operations.filter(|it| model[**it].via.is_none());
    let samples = handled
        .map(|&operation| {
            let name = format!(
                "{}.{}",
                model[model[operation].api].label(),
                model[operation].name
            );
            Ok(view::Sample {
                operation: rust::string(&name),
                json: rust::json(&requests::answer(model, operation)?),
            })
        })
        .collect::<Result<_, Diagnostic>>()?;
    Ok(view::Actor {
        name: rust::string(&model[service.node].name),
        krate: rust::name(service.krate.clone()),
        samples,
    })
}

/// The apis that clients and externals call; where there are none, those that no service calls.
fn entries(model: &Model) -> Vec<(ApiId, Protocol)> {
    let served = served(model);
    let called_by = |outside: bool, api: ApiId, protocol: Protocol| {
        callers::edges(model, api, protocol).any(|edge| {
            let kind = model[model.node_of(edge.from)].kind;
            matches!(kind, NodeKind::Client(_) | NodeKind::External) == outside
        })
    };
    let from_outside: Vec<_> = served
        .iter()
        .copied()
        .filter(|(api, protocol)| called_by(true, *api, *protocol))
        .collect();
    if from_outside.is_empty() {
        return served
            .into_iter()
            .filter(|(api, protocol)| !called_by(false, *api, *protocol))
            .collect();
    }
    from_outside
}

fn entry(parts: &Parts<'_>, api: ApiId, served_by: Protocol) -> Result<view::Entry, Diagnostic> {
    let &Parts { model, names, .. } = parts;
    let service = model[api].node;
    let operations = callers::carried(model, api, served_by)
        .map(|operation| attempt(parts, operation, served_by));
    let proto = match served_by {
        Protocol::Grpc => format!("{}.proto", names.api(&model[api]).file.join("/")),
        _ => String::new(),
    };
    Ok(view::Entry {
        service: rust::string(&model[service].name),
        api: rust::string(&model[api].label()),
        protocol: protocol(served_by),
        proto: rust::string(&proto),
        operations: operations.collect::<Result<_, _>>()?,
    })
}

fn attempt(
    parts: &Parts<'_>,
    id: OperationId,
    served_by: Protocol,
) -> Result<view::Try, Diagnostic> {
    let &Parts { model, names, wire } = parts;
    let operation = &model[id];
    let (method, path, status) = match served_by {
        Protocol::Grpc => (String::new(), wire.method_path(names, id), 0),
        _ => {
            let status = match (operation.kind, &operation.output) {
                (OperationKind::Event, _) => 202,
                (_, None) => 204,
                (_, Some(_)) => 200,
            };
            (
                operation.route.method.name().to_uppercase(),
                operation.route.path.clone(),
                status,
            )
        }
    };
    let judged = cases::cases(model, id);
    let asks_claims = judged
        .as_ref()
        .is_some_and(|_| cases::asks_claims(model, id));
    let (request, claims) = match judged {
        Some(judged) => (judged.holds.request, judged.holds.claims),
        None => (requests::request(model, id)?, serde_json::Map::new()),
    };
    Ok(view::Try {
        name: rust::string(&operation.name),
        doc: rust::string(
            operation
                .doc
                .as_deref()
                .and_then(|doc| doc.lines().next())
                .unwrap_or_default(),
        ),
        method: rust::string(&method),
        path: rust::string(&path),
        takes_stream: operation.takes_stream(),
        answers_stream: operation.answers_stream(),
        request: rust::json(&request),
        asks_claims: rust::name(asks_claims.to_string()),
        claims: rust::json(&serde_json::Value::Object(claims)),
        status: rust::integer(status),
    })
}
