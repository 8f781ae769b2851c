//! One protobuf package: its file, and the conversions of its messages.

use std::collections::BTreeSet;

use super::sensitive::{hides_keys, is_sensitive};
use super::types::{enumeration, fields, form, rust_type};
use super::wire::{Message, Wire};
use super::{leaf, owner};
use crate::generate::names::Names;
use crate::generate::naming::{Scope, proto as names_of, rust as rust_names};
use crate::generate::render::{Code, Proto, proto, rust};
use crate::generate::view::contracts as view;
use crate::model::types::{Scalar, StructDef, TypeRef};
use crate::model::{ApiId, EnumId, OperationId, StructId};

/// One protobuf package.
pub struct Package<'a> {
    wire: &'a Wire<'a>,
    names: &'a Names,
    at: usize,
}

impl<'a> Package<'a> {
    pub fn new(wire: &'a Wire<'a>, names: &'a Names, at: usize) -> Self {
        Self { wire, names, at }
    }

    fn structs(&self) -> impl Iterator<Item = StructId> {
        let here = |id: &StructId| self.names.structs[id.0 as usize].module == self.at;
        self.wire.structs.iter().copied().filter(here)
    }

    fn enums(&self) -> impl Iterator<Item = EnumId> {
        let here = |id: &EnumId| self.names.enums[id.0 as usize].module == self.at;
        self.wire.enums.iter().copied().filter(here)
    }

    fn apis(&self) -> impl Iterator<Item = ApiId> {
        let here = |id: &ApiId| {
            let api = &self.wire.model[*id];
            self.names.api_index(api) == self.at && api.proto.is_none()
        };
        self.wire.apis.iter().copied().filter(here)
    }

    fn operations(&self) -> impl Iterator<Item = OperationId> {
        self.apis()
            .flat_map(|api| self.wire.model[api].operations.iter().copied())
    }

    /// Messages made for what is none.
    fn wrappers(&self) -> impl Iterator<Item = (String, &'a TypeRef)> {
        self.operations()
            .flat_map(|it| [self.wire.input(it), self.wire.output(it)])
            .filter_map(|message| match message {
                Message::Wrapper(name, ty) => Some((name, ty)),
                Message::Empty | Message::Struct(_) | Message::Taken(_) => None,
            })
    }

    /// Messages made for what stands inside a list, map or optional value and is one itself.
    /// The last says whether it is sensitive.
    fn held(&self) -> impl Iterator<Item = (String, &'a TypeRef, bool)> {
        let of_structs = self.structs().flat_map(|id| {
            let name = &self.names.structs[id.0 as usize].proto;
            let it = &self.wire.model[id];
            it.fields.iter().flat_map(move |field| {
                let sensitive = it.sensitive || field.sensitive;
                let held = held(of_field(name, &field.name), &field.ty);
                held.map(move |(name, ty)| (name, ty, sensitive))
            })
        });
        let of_wrappers = self.wrappers().flat_map(|(name, ty)| held(name, ty));
        of_structs.chain(of_wrappers.map(|(name, ty)| (name, ty, false)))
    }

    /// The messages with sensitive values, as prost-build names them.
    pub fn redacted(&self) -> impl Iterator<Item = String> {
        let package = self.names.modules[self.at].package_name();
        let structs = self
            .structs()
            .filter(|id| is_sensitive(&self.wire.model[*id]));
        let structs = structs.map(|id| self.names.structs[id.0 as usize].proto.clone());
        let held = self.held().filter(|(_, _, sensitive)| *sensitive);
        let names = structs.chain(held.map(|(name, ..)| name));
        names.map(move |name| format!(".{package}.{name}"))
    }

    pub fn is_empty(&self) -> bool {
        self.structs().next().is_none()
            && self.enums().next().is_none()
            && self.apis().next().is_none()
    }

    /// Whether there is anything to convert.
    pub fn has_messages(&self) -> bool {
        self.structs().next().is_some()
            || self.enums().next().is_some()
            || self.wrappers().next().is_some()
    }

    pub fn stem(&self) -> String {
        self.names.modules[self.at].stem.clone()
    }

    pub fn file(&self) -> String {
        format!("{}.proto", self.names.modules[self.at].file.join("/"))
    }

    pub fn rust_view(&self) -> view::Messages {
        let model = self.wire.model;
        let structs: Vec<view::WireStruct> = self
            .structs()
            .map(|id| self.wire_struct(id, &model[id]))
            .collect();
        let wrappers: Vec<view::Wrapper> = self
            .wrappers()
            .map(|(name, ty)| self.rust_wrapper(&name, ty))
            .collect();
        let held: Vec<view::Held> = self
            .held()
            .map(|(name, ty, sensitive)| view::Held {
                ty: rust_type(self.names, "crate", ty),
                wire: rust::name(self.prost(&name)),
                field: rust::name(wrapped(ty)),
                sensitive,
            })
            .collect();
        let enums: Vec<view::Enum> = self
            .enums()
            .map(|id| enumeration(self.names, id, &model[id]))
            .collect();
        let filled = structs.iter().any(|it| it.filled) || !wrappers.is_empty();
        let all = || structs.iter().flat_map(|it| &it.fields);
        view::Messages {
            package: rust::comment(&self.names.modules[self.at].package_name()),
            nested: filled || !enums.is_empty() || structs.iter().any(|it| it.nested),
            fields: wrappers.iter().any(|it| !it.required) || all().any(|field| !field.required),
            required: wrappers.iter().any(|it| it.required) || all().any(|field| field.required),
            hidden: all().any(|field| field.hidden),
            messages: !structs.is_empty() || !wrappers.is_empty(),
            problems: !structs.is_empty() || !wrappers.is_empty() || !enums.is_empty(),
            structs,
            wrappers,
            held,
            enums,
        }
    }

    fn rust_wrapper(&self, name: &str, ty: &TypeRef) -> view::Wrapper {
        let form = form("crate", ty);
        view::Wrapper {
            bare: form.is_some(),
            ty: match form {
                Some(form) => rust::ty::generic("crate::json::Bare", &[form]),
                None => rust_type(self.names, "crate", ty),
            },
            wire: rust::name(self.prost(name)),
            field: rust::name(wrapped(ty)),
            label: rust::string(wrapped(ty)),
            required: is_message(ty),
        }
    }

    /// The path of a message in the crate's `proto`.
    fn prost(&self, message: &str) -> String {
        format!(
            "{}::{}",
            self.names.modules[self.at].prost_path(),
            rust_names::prost_type(message)
        )
    }

    fn wire_struct(&self, id: StructId, it: &StructDef) -> view::WireStruct {
        let mut scope = Scope::default();
        view::WireStruct {
            path: rust::name(self.names.struct_path("crate", id)),
            wire: rust::name(self.prost(&self.names.structs[id.0 as usize].proto)),
            nested: self.wire.nested.contains(&id),
            filled: !it.fields.is_empty(),
            sensitive: is_sensitive(it),
            label: rust::string(&it.name),
            fields: it
                .fields
                .iter()
                .zip(fields(it))
                .map(|(field, name)| view::WireField {
                    name: rust::name(name),
                    wire: rust::name(rust_names::prost_field(
                        &scope.claim(names_of::field(&field.name)),
                    )),
                    label: rust::string(&field.name),
                    required: is_message(&field.ty),
                    hidden: hides_keys(self.wire.model, it, field),
                    sensitive: it.sensitive || field.sensitive,
                })
                .collect(),
        }
    }

    pub fn proto_view(&self) -> view::Package {
        let model = self.wire.model;
        let module = &self.names.modules[self.at];
        let title = match (owner(model, module), module.version) {
            (Some(owner), 1) => format!("The apis of `{owner}` and its own messages."),
            (Some(owner), version) => format!("Version {version} of what `{owner}` offers."),
            (None, _) => "Messages that more than one service knows.".to_owned(),
        };
        view::Package {
            docs: proto::docs(Some(&title)),
            package: proto::name(module.package_name()),
            imports: self.imports(),
            services: self.apis().map(|api| self.service(api)).collect(),
            messages: self
                .structs()
                .map(|id| self.message(id, &model[id]))
                .chain(self.wrappers().map(|(name, ty)| self.wrapper(&name, ty)))
                .chain(self.held().map(|(name, ty, _)| self.wrapper(&name, ty)))
                .collect(),
            enums: self.enums().map(|id| self.enumeration(id)).collect(),
        }
    }

    fn imports(&self) -> Vec<Code<Proto>> {
        let model = self.wire.model;
        let mut imports = BTreeSet::new();
        let mut refer = |ty: &TypeRef| match leaf(ty) {
            TypeRef::Struct(id) => {
                imports.insert(Import::Package(self.names.structs[id.0 as usize].module));
            }
            TypeRef::Enum(id) => {
                imports.insert(Import::Package(self.names.enums[id.0 as usize].module));
            }
            TypeRef::Scalar(Scalar::Timestamp) => {
                imports.insert(Import::Timestamp);
            }
            TypeRef::Scalar(Scalar::Duration) => {
                imports.insert(Import::Duration);
            }
            _ => {}
        };
        for id in self.structs() {
            model[id].fields.iter().for_each(|field| refer(&field.ty));
        }
        let mut empty = false;
        for operation in self.operations() {
            for message in [self.wire.input(operation), self.wire.output(operation)] {
                match message {
                    Message::Empty => empty = true,
                    Message::Taken(_) => {}
                    Message::Struct(id) => refer(&TypeRef::Struct(id)),
                    Message::Wrapper(_, ty) => refer(ty),
                }
            }
        }
        if empty {
            imports.insert(Import::Empty);
        }
        imports.remove(&Import::Package(self.at));
        imports
            .into_iter()
            .map(|import| match import {
                Import::Duration => proto::import(&["google", "protobuf", "duration"]),
                Import::Empty => proto::import(&["google", "protobuf", "empty"]),
                Import::Timestamp => proto::import(&["google", "protobuf", "timestamp"]),
                Import::Package(at) => {
                    let parts: Vec<&str> = self.names.modules[at]
                        .file
                        .iter()
                        .map(String::as_str)
                        .collect();
                    proto::import(&parts)
                }
            })
            .collect()
    }

    fn service(&self, api: ApiId) -> view::ProtoService {
        let it = &self.wire.model[api];
        view::ProtoService {
            docs: proto::docs(it.doc.as_deref()),
            name: proto::name(names_of::ty(&it.name)),
            methods: it
                .operations
                .iter()
                .map(|id| view::ProtoMethod {
                    docs: proto::docs(self.wire.model[*id].doc.as_deref()),
                    name: proto::name(names_of::method(&self.wire.model[*id].name)),
                    takes_stream: self.wire.model[*id].takes_stream(),
                    input: self.message_name(&self.wire.input(*id)),
                    answers_stream: self.wire.model[*id].answers_stream(),
                    output: self.message_name(&self.wire.output(*id)),
                })
                .collect(),
        }
    }

    /// A message's name, whole where it stands in another package.
    fn message_name(&self, message: &Message<'_>) -> Code<Proto> {
        match message {
            Message::Empty => proto::name("google.protobuf.Empty"),
            Message::Struct(id) => {
                let name = &self.names.structs[id.0 as usize];
                self.reference(name.module, &name.proto)
            }
            Message::Taken(id) => proto::name(self.wire.model[*id].full_name()),
            Message::Wrapper(name, _) => proto::name(name.clone()),
        }
    }

    fn reference(&self, module: usize, name: &str) -> Code<Proto> {
        if module == self.at {
            proto::name(name)
        } else {
            proto::name(format!(
                ".{}.{name}",
                self.names.modules[module].package_name()
            ))
        }
    }

    fn message(&self, id: StructId, it: &StructDef) -> view::ProtoMessage {
        let mut scope = Scope::default();
        let message = &self.names.structs[id.0 as usize].proto;
        view::ProtoMessage {
            docs: proto::docs(it.doc.as_deref()),
            name: proto::name(message.clone()),
            fields: it
                .fields
                .iter()
                .map(|field| {
                    let name = scope.claim(names_of::field(&field.name));
                    view::ProtoField {
                        docs: proto::docs(field.doc.as_deref()),
                        ..self.field(&of_field(message, &field.name), &name, &field.ty, field.tag)
                    }
                })
                .collect(),
        }
    }

    fn wrapper(&self, name: &str, ty: &TypeRef) -> view::ProtoMessage {
        view::ProtoMessage {
            docs: Vec::new(),
            name: proto::name(name),
            fields: vec![self.field(name, wrapped(ty), ty, 1)],
        }
    }

    /// A field; `held_by` is what names of messages begin with that stand for what it holds.
    fn field(&self, held_by: &str, name: &str, ty: &TypeRef, tag: u32) -> view::ProtoField {
        let inside = |inner: &TypeRef| match inside(held_by, ty) {
            Some((name, _)) => proto::name(name),
            None => self.ty(inner),
        };
        view::ProtoField {
            docs: Vec::new(),
            repeated: matches!(ty, TypeRef::List(_)),
            optional: matches!(ty, TypeRef::Optional(_)),
            ty: match ty {
                TypeRef::List(inner) | TypeRef::Optional(inner) => inside(inner),
                TypeRef::Map(inner) => proto::map(&inside(inner)),
                ty => self.ty(ty),
            },
            name: proto::name(name),
            tag: proto::number(tag),
        }
    }

    fn ty(&self, ty: &TypeRef) -> Code<Proto> {
        match ty {
            TypeRef::Message(id) => proto::name(self.wire.model[*id].full_name()),
            TypeRef::Struct(id) => {
                let name = &self.names.structs[id.0 as usize];
                self.reference(name.module, &name.proto)
            }
            TypeRef::Enum(id) => {
                let name = &self.names.enums[id.0 as usize];
                self.reference(name.module, &name.proto)
            }
            // These stand in a message of their own, or are the field's own label.
            TypeRef::Map(inner) | TypeRef::List(inner) | TypeRef::Optional(inner) => self.ty(inner),
            TypeRef::Scalar(scalar) => proto::name(match scalar {
                Scalar::Bool => "bool",
                Scalar::Int32 => "int32",
                Scalar::Int64 => "int64",
                Scalar::Float64 => "double",
                Scalar::Decimal | Scalar::String | Scalar::Uuid | Scalar::Date | Scalar::Json => {
                    "string"
                }
                Scalar::Bytes => "bytes",
                Scalar::Timestamp => "google.protobuf.Timestamp",
                Scalar::Duration => "google.protobuf.Duration",
            }),
        }
    }

    fn enumeration(&self, id: EnumId) -> view::ProtoEnum {
        let it = &self.wire.model[id];
        view::ProtoEnum {
            docs: proto::docs(it.doc.as_deref()),
            name: proto::name(self.names.enums[id.0 as usize].proto.clone()),
            zero: proto::name(names_of::value(&it.name, "unspecified")),
            values: it
                .values
                .iter()
                .map(|value| view::ProtoValue {
                    docs: proto::docs(value.doc.as_deref()),
                    name: proto::name(names_of::value(&it.name, &value.name)),
                    tag: proto::number(value.tag),
                })
                .collect(),
        }
    }
}

/// A file that a protobuf file imports, in the order that they are written in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Import {
    Duration,
    Empty,
    Timestamp,
    Package(usize),
}

/// What the names of messages begin with that stand for what a field holds.
pub fn of_field(message: &str, field: &str) -> String {
    format!("{message}{}", names_of::method(field))
}

/// The messages made for what a type holds, where that is a list, a map or optional itself: protobuf has no list of
/// lists, but lists of messages that hold one. `[[string]]` as the field `cells` of `Grid` makes a `GridCellsList`.
pub fn held(name: String, ty: &TypeRef) -> impl Iterator<Item = (String, &TypeRef)> {
    std::iter::successors(inside(&name, ty), |(name, ty)| inside(name, ty))
}

/// The first of them.
fn inside<'t>(around: &str, ty: &'t TypeRef) -> Option<(String, &'t TypeRef)> {
    let (TypeRef::List(inner) | TypeRef::Map(inner) | TypeRef::Optional(inner)) = ty else {
        return None;
    };
    let suffix = match **inner {
        TypeRef::List(_) => "List",
        TypeRef::Map(_) => "Map",
        TypeRef::Optional(_) => "Item",
        _ => return None,
    };
    Some((format!("{around}{suffix}"), inner))
}

/// The name of a wrapper's only field.
const fn wrapped(ty: &TypeRef) -> &'static str {
    match ty {
        TypeRef::List(_) => "items",
        _ => "value",
    }
}

/// Whether protobuf lets a field be absent that the drawing does not.
const fn is_message(ty: &TypeRef) -> bool {
    matches!(
        ty,
        TypeRef::Struct(_) | TypeRef::Scalar(Scalar::Timestamp | Scalar::Duration)
    )
}
