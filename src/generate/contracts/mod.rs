//! The contracts crate: what this system's services exchange.

mod package;
mod rules;
mod sensitive;
mod types;
mod wire;

use std::collections::BTreeSet;

use super::callers;
use super::names::{Module, Names, package};
use super::output::Output;
use super::render::{Defect, rust, toml};
use super::view::contracts as view;
use crate::model::types::{FieldDef, Scalar, TypeRef};
use crate::model::{Input, Model};
use crate::protocol::Protocol;

pub use types::{fields, form, rust_type};
pub use wire::{Message, Wire};

/// Plans the crate. `openapi` names the OpenAPI files that stand in its folder: api and file name.
///
/// # Errors
/// When a template is defective.
pub fn plan(
    model: &Model,
    names: &Names,
    wire: &Wire<'_>,
    openapi: &[(String, String)],
    out: &mut Output,
) -> Result<(), Defect> {
    let scalars = scalars(model);
    let coded = coded_scalars(model);
    let has = |scalar| scalars.contains(&scalar);
    let (grpc, messages) = (wire.has_files(), wire.has_messages());
    let taken = wire.messages(false).next().is_some();
    let well_known = wire.messages(true).next().is_some();
    let hides = sensitive::hidden_fields(model).next().is_some();
    let rules = !model.structs.is_empty() || !model.enums.is_empty();
    out.shared_toml(
        "contracts/Cargo.toml",
        view::Manifest {
            package: toml::string(&package(model, "contracts")),
            platform: toml::string(&package(model, "platform")),
            bytes: has(Scalar::Bytes),
            jiff: has(Scalar::Timestamp) || has(Scalar::Date) || has(Scalar::Duration),
            grpc,
            messages: messages || taken || well_known,
            wire_times: messages && (has(Scalar::Timestamp) || has(Scalar::Duration))
                || model.proto_files.iter().any(|it| it.well_known),
            decimal: has(Scalar::Decimal),
            json: has(Scalar::Json) || !scalars.is_empty() || hides || wire.has_keys(),
            uuid: has(Scalar::Uuid),
        },
    )?;
    let modules: Vec<types::Typed> = (0..names.modules.len())
        .map(|at| types::Typed::new(model, names, at))
        .filter(|module| !module.is_empty())
        .collect();
    let shared = modules.iter().any(|module| module.module().owner.is_none());
    let mut services: Vec<&Module> = modules
        .iter()
        .map(types::Typed::module)
        .filter(|it| it.owner.is_some())
        .collect();
    services.sort_by_key(|module| &module.stem);
    out.ours(
        "contracts/src/lib.rs",
        view::Root {
            docs: rust::docs(
                None,
                &format!(
                    "The messages that the services of {} exchange.",
                    model.system.title
                ),
            ),
            codecs: hides || coded.iter().any(|scalar| codec(*scalar).is_some()),
            bares: bares(model).next().is_some(),
            openapi: !openapi.is_empty(),
            grpc,
            messages,
            shared,
            rules,
            taken,
            well_known,
            enums: !model.enums.is_empty(),
            services: !services.is_empty(),
            modules: services
                .iter()
                .map(|module| rust::name(module.rust.clone()))
                .collect(),
        },
    )?;
    for module in &modules {
        out.ours(
            &format!("contracts/src/{}.rs", module.module().stem),
            module.view(),
        )?;
    }
    if rules {
        out.ours("contracts/src/rules.rs", rules::view(model, names))?;
    }
    if !model.enums.is_empty() {
        out.ours(
            "contracts/src/words.rs",
            view::Words {
                enums: types::all_enums(model, names),
            },
        )?;
    }
    json(model, &coded, out)?;
    if !openapi.is_empty() {
        out.ours("contracts/src/openapi.rs", openapi_view(openapi))?;
    }
    wire.plan(names, &scalars, out)
}

/// The file stem of what reads and writes a scalar in JSON, and the codec's name, where serde's own form is not it.
const fn codec(scalar: Scalar) -> Option<(&'static str, &'static str)> {
    Some(match scalar {
        Scalar::Int32 => ("int32", "Int32"),
        Scalar::Int64 => ("int64", "Int64"),
        Scalar::Decimal => ("decimal", "Decimal"),
        Scalar::Bytes => ("bytes", "Bytes"),
        Scalar::Uuid => ("uuid", "Uuid"),
        Scalar::Timestamp => ("timestamp", "Timestamp"),
        Scalar::Date => ("date", "Date"),
        Scalar::Duration => ("duration", "Duration"),
        Scalar::Bool | Scalar::Float64 | Scalar::String | Scalar::Json => return None,
    })
}

/// The real files of the forms in JSON.
macro_rules! real {
    ($folder:literal: $($stem:literal)*) => {
        &[$(($stem, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/templates/contracts/src/", $folder, "/", $stem, ".rs")))),*]
    };
}

const JSON_FILES: &[(&str, &str)] = real!("json":
    "bare" "element" "hidden" "plain" "list" "map" "maybe" "text" "int32" "int64" "decimal" "bytes" "uuid" "timestamp" "date" "duration");

pub(super) const WIRE_FILES: &[(&str, &str)] = real!("wire":
    "fields" "hidden" "required" "decimal" "uuid" "date" "timestamp" "duration" "value");

fn json(model: &Model, scalars: &BTreeSet<Scalar>, out: &mut Output) -> Result<(), Defect> {
    let containers = &coded_containers(model);
    let bares = bares(model).next().is_some();
    let codecs: Vec<_> = scalars.iter().filter_map(|scalar| codec(*scalar)).collect();
    let hidden: Vec<_> = sensitive::hidden_fields(model).collect();
    if codecs.is_empty() && hidden.is_empty() {
        return Ok(());
    }
    let is_plain = |it: &&FieldDef| types::codec_path(&it.ty).is_none();
    let (hides, plain) = (!hidden.is_empty(), hidden.iter().any(is_plain));
    let text = codecs.iter().any(|(stem, _)| *stem != "int32");
    let parts = |all: &mut dyn Iterator<Item = Container>| {
        all.map(|(stem, name)| view::Codec {
            module: rust::name(stem),
            codec: rust::name(name),
        })
        .collect()
    };
    out.ours(
        "contracts/src/json/mod.rs",
        view::Json {
            bares,
            hidden: hides,
            plain,
            element: !containers.is_empty(),
            containers: parts(&mut containers.iter().copied()),
            text,
            scalars: parts(&mut codecs.iter().copied()),
        },
    )?;
    for (stem, source) in JSON_FILES {
        let wanted = match *stem {
            "bare" => bares,
            "hidden" => hides,
            "plain" => plain,
            "element" => !containers.is_empty(),
            "text" => text,
            stem => codecs.iter().chain(containers).any(|(one, _)| *one == stem),
        };
        if wanted {
            out.real(&format!("contracts/src/json/{stem}.rs"), source);
        }
    }
    Ok(())
}

/// The file stem and the name of a form of lists, maps or optional values.
type Container = (&'static str, &'static str);

fn openapi_view(files: &[(String, String)]) -> view::OpenApi {
    view::OpenApi {
        files: files
            .iter()
            .map(|(api, file)| view::OpenApiFile {
                doc: rust::comment(api),
                name: rust::name(openapi_constant(api)),
                path: rust::string(&format!("../openapi/{file}")),
            })
            .collect(),
    }
}

/// The constant that holds the OpenAPI file of an api, `orders.Orders`: `ORDERS_ORDERS`.
pub fn openapi_constant(api: &str) -> String {
    super::naming::rust::constant(api)
}

/// The scalars that messages are made of.
fn scalars(model: &Model) -> BTreeSet<Scalar> {
    let mut scalars = BTreeSet::new();
    for ty in every_type(model) {
        if let TypeRef::Scalar(scalar) = leaf(ty) {
            scalars.insert(*scalar);
        }
    }
    scalars
}

/// The types that JSON gives a form of their own where somebody asks for it: those of fields, and of bare answers.
fn coded_types(model: &Model) -> impl Iterator<Item = &TypeRef> {
    let fields = model.structs.iter().flat_map(|it| &it.fields);
    fields.map(|field| &field.ty).chain(bares(model))
}

/// What operations answer with a form of its own, outside a message.
fn bares(model: &Model) -> impl Iterator<Item = &TypeRef> {
    let outputs = model.operations.iter().filter_map(|it| it.output.as_ref());
    let types = outputs.map(|it| &it.ty);
    types.filter(|ty| form("crate", ty).is_some())
}

/// The scalars that such types are made of.
fn coded_scalars(model: &Model) -> BTreeSet<Scalar> {
    let leaves = coded_types(model).filter_map(|ty| match leaf(ty) {
        TypeRef::Scalar(scalar) => Some(*scalar),
        _ => None,
    });
    leaves.collect()
}

/// The lists, maps and optional values of something with a form of its own.
fn coded_containers(model: &Model) -> BTreeSet<Container> {
    let mut containers = BTreeSet::new();
    for whole in coded_types(model) {
        let coded = matches!(leaf(whole), TypeRef::Scalar(scalar) if codec(*scalar).is_some());
        let mut ty = coded.then_some(whole);
        while let Some(outer) = ty {
            let (container, inner) = match outer {
                TypeRef::List(inner) => (("list", "List"), inner),
                TypeRef::Map(inner) => (("map", "Map"), inner),
                TypeRef::Optional(inner) => (("maybe", "Maybe"), inner),
                TypeRef::Scalar(_)
                | TypeRef::Struct(_)
                | TypeRef::Enum(_)
                | TypeRef::Message(_) => break,
            };
            containers.insert(container);
            ty = Some(inner);
        }
    }
    containers
}

/// The types of all fields and of all that operations take and answer.
fn every_type(model: &Model) -> impl Iterator<Item = &TypeRef> {
    let fields = model
        .structs
        .iter()
        .flat_map(|it| &it.fields)
        .map(|field| &field.ty);
    let inputs = model.operations.iter().filter_map(|it| match &it.input {
        Input::Message(payload) => Some(&payload.ty),
        Input::None | Input::Parameters(_) => None,
    });
    let outputs = model
        .operations
        .iter()
        .filter_map(|it| it.output.as_ref())
        .map(|it| &it.ty);
    fields.chain(inputs).chain(outputs)
}

/// What a type is made of inside lists, maps and optional values.
pub fn leaf(ty: &TypeRef) -> &TypeRef {
    match ty {
        TypeRef::List(inner) | TypeRef::Map(inner) | TypeRef::Optional(inner) => leaf(inner),
        TypeRef::Scalar(_) | TypeRef::Struct(_) | TypeRef::Enum(_) | TypeRef::Message(_) => ty,
    }
}

/// Whether an edge carries `api` over `protocol`.
pub fn is_carried(model: &Model, api: crate::model::ApiId, protocol: Protocol) -> bool {
    callers::edges(model, api, protocol).next().is_some()
}

/// The owner of a module, for sentences.
fn owner<'m>(model: &'m Model, module: &Module) -> Option<&'m str> {
    module.owner.map(|node| model[node].name.as_str())
}
