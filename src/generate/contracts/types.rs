//! Types in Rust.

use super::sensitive::{hides_keys, is_sensitive};
use super::{codec, leaf, owner};
use crate::generate::names::{Module, Names, TypeName};
use crate::generate::naming::{Scope, rust as names_of};
use crate::generate::render::{Code, Rust, rust};
use crate::generate::view::contracts as view;
use crate::model::types::{EnumDef, FieldDef, Scalar, StructDef, TypeRef};
use crate::model::{EnumId, Model, StructId};

/// The types of one module.
pub struct Typed<'m> {
    model: &'m Model,
    names: &'m Names,
    at: usize,
}

impl<'m> Typed<'m> {
    pub fn new(model: &'m Model, names: &'m Names, at: usize) -> Self {
        Self { model, names, at }
    }

    pub fn module(&self) -> &'m Module {
        &self.names.modules[self.at]
    }

    fn structs(&self) -> impl Iterator<Item = (StructId, &'m StructDef)> {
        let of_module = |id: StructId| self.names.structs[id.0 as usize].module == self.at;
        structs(self.model).filter(move |(id, _)| of_module(*id))
    }

    fn enums(&self) -> impl Iterator<Item = (EnumId, &'m EnumDef)> {
        let of_module = |id: EnumId| self.names.enums[id.0 as usize].module == self.at;
        enums(self.model).filter(move |(id, _)| of_module(*id))
    }

    pub fn is_empty(&self) -> bool {
        self.structs().next().is_none() && self.enums().next().is_none()
    }

    pub fn view(&self) -> view::Types {
        let structs: Vec<view::Struct> = self
            .structs()
            .map(|(id, it)| self.structure(id, it))
            .collect();
        let otherwise = match owner(self.model, self.module()) {
            Some(owner) => format!("The messages of `{owner}`."),
            None => "Messages that more than one service knows.".to_owned(),
        };
        view::Types {
            docs: rust::docs(None, &otherwise),
            codecs: structs
                .iter()
                .flat_map(|it| &it.fields)
                .any(|field| field.coded),
            structs,
            enums: self
                .enums()
                .map(|(id, it)| enumeration(self.names, id, it))
                .collect(),
        }
    }

    fn structure(&self, id: StructId, it: &StructDef) -> view::Struct {
        let fields = fields(it);
        let otherwise = match it.request_of {
            Some(operation) => {
                let operation = &self.model[operation];
                format!(
                    "What `{}.{}` takes.",
                    self.model[operation.api].label(),
                    operation.name
                )
            }
            None => format!("The message `{}`.", it.name),
        };
        view::Struct {
            docs: rust::docs(it.doc.as_deref(), &otherwise),
            name: rust::name(self.names.structs[id.0 as usize].rust.clone()),
            label: rust::string(&it.name),
            sensitive: is_sensitive(it),
            fields: it
                .fields
                .iter()
                .zip(fields)
                .map(|(field, name)| self.field(it, field, name))
                .collect(),
        }
    }

    fn field(&self, it: &StructDef, field: &FieldDef, name: String) -> view::Field {
        let ty = field_type(self.names, self.at, field);
        let mut codec = codec_path(&field.ty);
        if hides_keys(self.model, it, field) {
            let inner = codec.unwrap_or_else(|| format!("json::Plain::<{}>", ty.as_str()));
            codec = Some(format!("json::Hidden::<{inner}>"));
        }
        view::Field {
            docs: rust::docs(field.doc.as_deref(), ""),
            json: rust::string(&field.name),
            ty,
            renamed: name.trim_start_matches("r#") != field.name,
            name: rust::name(name),
            optional: matches!(field.ty, TypeRef::Optional(_)),
            coded: codec.is_some(),
            codec: rust::string(&codec.unwrap_or_default()),
            sensitive: it.sensitive || field.sensitive,
        }
    }
}

/// Messages with their ids.
pub fn structs(model: &Model) -> impl Iterator<Item = (StructId, &StructDef)> {
    (0..).map(StructId).zip(&model.structs)
}

/// Enumerations with their ids.
pub fn enums(model: &Model) -> impl Iterator<Item = (EnumId, &EnumDef)> {
    (0..).map(EnumId).zip(&model.enums)
}

/// The names of a message's fields, in order.
pub fn fields(it: &StructDef) -> Vec<String> {
    let mut scope = Scope::default();
    it.fields
        .iter()
        .map(|field| scope.claim(names_of::value(&field.name)))
        .collect()
}

/// All enumerations, with their paths in the crate.
pub fn all_enums(model: &Model, names: &Names) -> Vec<view::Enum> {
    enums(model)
        .map(|(id, it)| enumeration(names, id, it))
        .collect()
}

/// One enumeration.
pub fn enumeration(names: &Names, id: EnumId, it: &EnumDef) -> view::Enum {
    let mut scope = Scope::default();
    let values = it
        .values
        .iter()
        .map(|value| view::EnumValue {
            docs: rust::docs(value.doc.as_deref(), ""),
            name: rust::name(scope.claim(names_of::variant(&value.name))),
            text: rust::string(&value.name),
            tag: rust::integer(u64::from(value.tag)),
        })
        .collect();
    let known: Vec<&str> = it.values.iter().map(|value| value.name.as_str()).collect();
    view::Enum {
        docs: rust::docs(
            it.doc.as_deref(),
            &format!("The enumeration `{}`.", it.name),
        ),
        name: rust::name(names.enums[id.0 as usize].rust.clone()),
        path: rust::name(names.enum_path("crate", id)),
        unknown: rust::name(scope.claim("Unknown".to_owned())),
        message: rust::string(&format!("must be one of {}", known.join(", "))),
        values,
    }
}

/// A type in Rust, messages by their paths from `root`.
pub fn rust_type(names: &Names, root: &str, ty: &TypeRef) -> Code<Rust> {
    typed(names, root, None, ty)
}

/// A type in Rust; those of the module `here` by their names alone.
fn typed(names: &Names, root: &str, here: Option<usize>, ty: &TypeRef) -> Code<Rust> {
    let inner = |inner: &TypeRef| typed(names, root, here, inner);
    let named = |name: &TypeName, path: String| {
        rust::name(if here == Some(name.module) {
            name.rust.clone()
        } else {
            path
        })
    };
    match ty {
        TypeRef::Scalar(Scalar::Bytes) => rust::ty::generic("Vec", &[rust::name("u8")]),
        TypeRef::Scalar(scalar) => rust::name(scalar_type(*scalar)),
        TypeRef::Struct(id) => named(&names.structs[id.0 as usize], names.struct_path(root, *id)),
        TypeRef::Enum(id) => named(&names.enums[id.0 as usize], names.enum_path(root, *id)),
        TypeRef::Message(id) => rust::name(names.message_path(root, *id)),
        TypeRef::List(it) => rust::ty::generic("Vec", &[inner(it)]),
        TypeRef::Map(it) => rust::ty::generic(
            "std::collections::BTreeMap",
            &[rust::name("String"), inner(it)],
        ),
        TypeRef::Optional(it) => rust::ty::generic("Option", &[inner(it)]),
    }
}

const fn scalar_type(scalar: Scalar) -> &'static str {
    match scalar {
        Scalar::Bool => "bool",
        Scalar::Int32 => "i32",
        Scalar::Int64 => "i64",
        Scalar::Float64 => "f64",
        Scalar::Decimal => "rust_decimal::Decimal",
        Scalar::String => "String",
        Scalar::Bytes => "u8",
        Scalar::Uuid => "uuid::Uuid",
        Scalar::Timestamp => "jiff::Timestamp",
        Scalar::Date => "jiff::civil::Date",
        Scalar::Duration => "jiff::SignedDuration",
        Scalar::Json => "serde_json::Value",
    }
}

/// A field's type, in a box where its message would hold itself without one. prost boxes the same fields.
fn field_type(names: &Names, module: usize, field: &FieldDef) -> Code<Rust> {
    let code = typed(names, "crate", Some(module), &field.ty);
    match field.ty {
        _ if !field.boxed => code,
        TypeRef::Optional(_) => rust::ty::boxed_option(&code),
        _ => rust::ty::generic("Box", &[code]),
    }
}

/// The type that reads and writes a value in JSON as a field of it does, where serde's own form is not it, seen from
/// `root`. A number of 32 bits is one in JSON as it is; only fields read it from other spellings.
pub fn form(root: &str, ty: &TypeRef) -> Option<Code<Rust>> {
    let around = |name: &str, inner: &TypeRef| {
        let outer = format!("{root}::json::{name}");
        Some(rust::ty::generic(&outer, &[form(root, inner)?]))
    };
    match ty {
        TypeRef::List(inner) => around("List", inner),
        TypeRef::Map(inner) => around("Map", inner),
        TypeRef::Optional(inner) => around("Maybe", inner),
        TypeRef::Scalar(Scalar::Int32) => None,
        TypeRef::Scalar(scalar) => {
            let (_, name) = codec(*scalar)?;
            Some(rust::name(format!("{root}::json::{name}")))
        }
        TypeRef::Struct(_) | TypeRef::Enum(_) | TypeRef::Message(_) => None,
    }
}

/// The path of what reads and writes a field in JSON, where serde's own form is not it.
pub fn codec_path(ty: &TypeRef) -> Option<String> {
    let TypeRef::Scalar(scalar) = leaf(ty) else {
        return None;
    };
    let (_, name) = codec(*scalar)?;
    Some(match ty {
        TypeRef::List(inner) => format!("json::List::<{}>", codec_path(inner)?),
        TypeRef::Map(inner) => format!("json::Map::<{}>", codec_path(inner)?),
        TypeRef::Optional(inner) => format!("json::Maybe::<{}>", codec_path(inner)?),
        TypeRef::Scalar(_) | TypeRef::Struct(_) | TypeRef::Enum(_) | TypeRef::Message(_) => {
            format!("json::{name}")
        }
    })
}
