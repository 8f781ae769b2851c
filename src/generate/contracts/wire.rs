//! Protobuf files and conversions to and from their messages.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::package::{Package, held, of_field};
use super::{WIRE_FILES, is_carried, leaf};
use crate::diagnostic::Diagnostic;
use crate::generate::names::Names;
use crate::generate::naming::{Scope, proto as names_of, rust as rust_names};
use crate::generate::output::Output;
use crate::generate::render::{Code, Defect, Rust, rust};
use crate::generate::view::contracts as view;
use crate::model::attributes::Idempotent;
use crate::model::proto::ProtoFile;
use crate::model::types::{Scalar, TypeRef};
use crate::model::{ApiId, EnumId, Input, MessageId, Model, OperationId, StructId};
use crate::protocol::Protocol;
use crate::workspace::Ownership;

/// Everything that travels over gRPC.
pub struct Wire<'m> {
    pub(super) model: &'m Model,
    pub(super) apis: Vec<ApiId>,
    pub(super) structs: BTreeSet<StructId>,
    pub(super) enums: BTreeSet<EnumId>,
    /// Messages that another message holds.
    pub(super) nested: HashSet<StructId>,
}

/// What an operation takes or answers, as a message.
pub enum Message<'m> {
    /// `google.protobuf.Empty`, `()` in Rust.
    Empty,
    /// A message of the drawing.
    Struct(StructId),
    /// A message of a proto file, used as it is.
    Taken(MessageId),
    /// A message made for a list, a map or the like, by this name, with one field.
    Wrapper(String, &'m TypeRef),
}

impl<'m> Wire<'m> {
    /// Follows all that apis over gRPC take and answer.
    pub fn new(model: &'m Model) -> Self {
        let mut wire = Self {
            model,
            apis: model
                .apis()
                .map(|(id, _)| id)
                .filter(|id| is_carried(model, *id, Protocol::Grpc))
                .collect(),
            structs: BTreeSet::new(),
            enums: BTreeSet::new(),
            nested: HashSet::new(),
        };
        for api in wire.apis.clone() {
            for operation in &model[api].operations {
                for message in [wire.input(*operation), wire.output(*operation)] {
                    match message {
                        Message::Empty | Message::Taken(_) => {}
                        Message::Struct(id) => wire.add(id),
                        Message::Wrapper(_, ty) => wire.add_field(ty),
                    }
                }
            }
        }
        wire
    }

    fn add(&mut self, id: StructId) {
        if self.structs.insert(id) {
            for field in &self.model[id].fields {
                self.add_field(&field.ty);
            }
        }
    }

    fn add_field(&mut self, ty: &TypeRef) {
        match leaf(ty) {
            TypeRef::Struct(id) => {
                self.nested.insert(*id);
                self.add(*id);
            }
            TypeRef::Enum(id) => {
                self.enums.insert(*id);
            }
            _ => {}
        }
    }

    /// Whether anything travels over gRPC, so that there are protobuf files.
    pub fn has_files(&self) -> bool {
        !self.apis.is_empty() || self.has_messages()
    }

    /// Whether messages of proto files travel that were taken as they are.
    pub fn takes(&self) -> bool {
        self.apis.iter().any(|api| self.model[*api].proto.is_some())
    }

    /// The messages that operations of proto files exchange: those that every protobuf library brings along, or those
    /// of the files.
    pub fn messages(&self, well_known: bool) -> impl Iterator<Item = MessageId> {
        let all = (0..self.model.messages.len()).map(|at| MessageId(at as u32));
        let wanted = move |id: &MessageId| self.model[*id].is_well_known() == well_known;
        all.filter(move |id| self.takes() && wanted(id))
    }

    fn taken(&self, names: &Names, id: MessageId) -> view::TakenMessage {
        let keys: BTreeSet<String> = self.keys(id).collect();
        let keys = keys.iter().map(|name| view::Key {
            name: rust::string(name),
            field: rust::name(rust_names::prost_field(name)),
        });
        let keys: Vec<_> = keys.collect();
        view::TakenMessage {
            path: rust::name(names.message_path("crate", id)),
            keyed: !keys.is_empty(),
            keys,
        }
    }

    /// The fields of a message of a proto file by which operations know repetitions.
    fn keys(&self, id: MessageId) -> impl Iterator<Item = String> {
        let operations = self.model.operations.iter();
        operations.filter_map(move |it| match (&it.input, it.attributes.idempotent()) {
            (Input::Message(payload), Some(Idempotent::By { field, .. }))
                if payload.ty == TypeRef::Message(id) =>
            {
                Some(field.clone())
            }
            _ => None,
        })
    }

    /// Whether repetitions are known by fields of messages of proto files.
    pub fn has_keys(&self) -> bool {
        self.messages(false)
            .any(|id| self.keys(id).next().is_some())
    }

    fn well_known(&self) -> view::WellKnown {
        let messages = self.messages(true).map(|id| {
            let message = self.model[id].path.join("_");
            let name = rust_names::prost_type(&message);
            view::Known {
                docs: rust::docs(None, &format!("`{}`.", self.model[id].full_name())),
                inner: native(&message)
                    .unwrap_or_else(|| rust::name(format!("prost_types::{name}"))),
                name: rust::name(name),
            }
        });
        view::WellKnown {
            messages: messages.collect(),
        }
    }

    /// Whether any message travels over gRPC; operations may do without.
    pub fn has_messages(&self) -> bool {
        let wraps = |message| matches!(message, Message::Wrapper(..));
        !self.structs.is_empty()
            || !self.enums.is_empty()
            || self
                .apis
                .iter()
                .flat_map(|api| &self.model[*api].operations)
                .any(|id| wraps(self.input(*id)) || wraps(self.output(*id)))
    }

    /// What an operation takes.
    pub fn input(&self, operation: OperationId) -> Message<'m> {
        match &self.model[operation].input {
            Input::None => Message::Empty,
            Input::Parameters(id) => Message::Struct(*id),
            Input::Message(payload) => self.message(operation, &payload.ty, "Request"),
        }
    }

    /// What an operation answers.
    pub fn output(&self, operation: OperationId) -> Message<'m> {
        match &self.model[operation].output {
            None => Message::Empty,
            Some(payload) => self.message(operation, &payload.ty, "Response"),
        }
    }

    fn message(&self, operation: OperationId, ty: &'m TypeRef, suffix: &str) -> Message<'m> {
        match ty {
            TypeRef::Struct(id) => Message::Struct(*id),
            TypeRef::Message(id) => Message::Taken(*id),
            ty => {
                let operation = &self.model[operation];
                let api = names_of::ty(&self.model[operation.api].name);
                Message::Wrapper(
                    format!("{api}{}{suffix}", names_of::method(&operation.name)),
                    ty,
                )
            }
        }
    }

    /// The Rust path of what prost makes of a message, seen from `root`: `crate` in the contracts crate, `contracts`
    /// elsewhere.
    pub fn rust_path(
        &self,
        names: &Names,
        operation: OperationId,
        message: &Message<'_>,
        root: &str,
    ) -> String {
        match message {
            Message::Empty => "()".to_owned(),
            Message::Struct(id) => {
                let name = &names.structs[id.0 as usize];
                let module = names.modules[name.module].prost_path();
                let message = rust_names::prost_type(&name.proto);
                format!("{root}::proto::{module}::{message}")
            }
            Message::Taken(id) => names.message_path(root, *id),
            Message::Wrapper(name, _) => {
                let module = names.api(&self.model[self.model[operation].api]);
                format!(
                    "{root}::proto::{}::{}",
                    module.prost_path(),
                    rust_names::prost_type(name)
                )
            }
        }
    }

    /// The path by which gRPC calls an operation: `/shop.orders.Orders/Find`.
    pub fn method_path(&self, names: &Names, operation: OperationId) -> String {
        let it = &self.model[operation];
        if let Some(method) = &it.method {
            return format!("/{}/{}", method.service, method.name);
        }
        let api = &self.model[it.api];
        let package = names.api(api).package_name();
        format!(
            "/{package}.{}/{}",
            names_of::ty(&api.name),
            names_of::method(&it.name)
        )
    }

    /// Names that the drawing tells apart and protobuf does not.
    pub fn collisions(&self, names: &Names) -> Vec<Diagnostic> {
        let mut taken: BTreeMap<(usize, String), crate::source::Span> = BTreeMap::new();
        let mut errors = Vec::new();
        let mut claim = |module: usize, name: String, span| {
            if let Some(first) = taken.insert((module, name.clone()), span) {
                errors.push(
                    Diagnostic::error(
                        "ARC101",
                        format!("two things would be `{name}` in one protobuf package"),
                        span,
                    )
                    .label(first, "the other one")
                    .help("rename one of them"),
                );
            }
        };
        for id in &self.structs {
            let name = &names.structs[id.0 as usize];
            claim(name.module, name.proto.clone(), self.model[*id].span);
            for field in &self.model[*id].fields {
                let held = held(of_field(&name.proto, &field.name), &field.ty);
                held.for_each(|(held, _)| claim(name.module, held, field.span));
            }
        }
        for id in &self.enums {
            let name = &names.enums[id.0 as usize];
            let it = &self.model[*id];
            claim(name.module, name.proto.clone(), it.span);
            claim(
                name.module,
                names_of::value(&it.name, "unspecified"),
                it.span,
            );
            for value in &it.values {
                claim(
                    name.module,
                    names_of::value(&it.name, &value.name),
                    value.span,
                );
            }
        }
        for api in &self.apis {
            let it = &self.model[*api];
            if it.proto.is_some() {
                continue;
            }
            let module = names.api_index(it);
            claim(module, names_of::ty(&it.name), it.span);
            for operation in &it.operations {
                for message in [self.input(*operation), self.output(*operation)] {
                    let Message::Wrapper(name, ty) = message else {
                        continue;
                    };
                    let span = self.model[*operation].span;
                    claim(module, name.clone(), span);
                    held(name, ty).for_each(|(name, _)| claim(module, name, span));
                }
            }
        }
        errors
    }

    /// Plans the protobuf files, what compiles them, and the conversions.
    pub fn plan(
        &self,
        names: &Names,
        scalars: &BTreeSet<Scalar>,
        out: &mut Output,
    ) -> Result<(), Defect> {
        let packages: Vec<Package<'_>> = (0..names.modules.len())
            .map(|at| Package::new(self, names, at))
            .filter(|package| !package.is_empty())
            .collect();
        for package in &packages {
            let file = format!("contracts/proto/{}", package.file());
            out.ours(&file, package.proto_view())?;
        }
        if !self.has_files() {
            return Ok(());
        }
        let taken: &[ProtoFile] = if self.takes() {
            &self.model.proto_files
        } else {
            &[]
        };
        let redacted = packages.iter().flat_map(Package::redacted);
        let redacted: Vec<_> = redacted.map(|name| rust::string(&name)).collect();
        out.ours(
            "contracts/build.rs",
            view::Build {
                files: packages
                    .iter()
                    .map(Package::file)
                    .chain(taken.iter().map(|it| it.path.clone()))
                    .map(|path| rust::string(&path))
                    .collect(),
                taken: !taken.is_empty(),
                redacts: !redacted.is_empty(),
                redacted,
            },
        )?;
        out.real("contracts/src/proto.rs", PROTO);
        for file in taken {
            let mut text = file.text.replace("\r\n", "\n");
            if !text.ends_with('\n') {
                text.push('\n');
            }
            let path = format!("contracts/third_party/{}", file.path);
            out.push(
                &path,
                Ownership::Ours,
                text.into_bytes(),
                "contracts/third_party",
            );
        }
        if self.messages(false).next().is_some() {
            let messages = self.messages(false).map(|id| self.taken(names, id));
            let messages = messages.collect();
            out.ours("contracts/src/taken.rs", view::Taken { messages })?;
        }
        if self.messages(true).next().is_some() {
            out.ours("contracts/src/well_known.rs", self.well_known())?;
        }
        if !self.has_messages() {
            return Ok(());
        }
        let mut stems = Vec::new();
        let (mut any_required, mut any_hidden) = (false, false);
        for package in packages.iter().filter(|it| it.has_messages()) {
            let messages = package.rust_view();
            any_required |= messages.required;
            any_hidden |= messages.hidden;
            let stem = Scope::with(WIRE_FILES.iter().map(|(stem, _)| *stem)).claim(package.stem());
            out.ours(&format!("contracts/src/wire/{stem}.rs"), messages)?;
            stems.push(stem);
        }
        let kinds: Vec<&str> = scalars
            .iter()
            .filter_map(|scalar| wire_stem(*scalar))
            .collect();
        out.ours(
            "contracts/src/wire/mod.rs",
            view::Wire {
                scalars: kinds.iter().map(|stem| rust::name(*stem)).collect(),
                hidden: any_hidden,
                required: any_required,
                modules: stems.iter().map(|stem| rust::value(stem)).collect(),
            },
        )?;
        for (stem, source) in WIRE_FILES {
            let wanted = match *stem {
                "fields" => true,
                "hidden" => any_hidden,
                "required" => any_required,
                stem => kinds.contains(&stem),
            };
            if wanted {
                out.real(&format!("contracts/src/wire/{stem}.rs"), source);
            }
        }
        Ok(())
    }
}

const PROTO: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/templates/contracts/src/proto.rs"
));

/// What prost makes of a well-known message that holds one value, or none.
fn native(message: &str) -> Option<Code<Rust>> {
    Some(match message {
        "BoolValue" => rust::name("bool"),
        "BytesValue" => rust::ty::generic("Vec", &[rust::name("u8")]),
        "DoubleValue" => rust::name("f64"),
        "Empty" => rust::ty::unit(),
        "FloatValue" => rust::name("f32"),
        "Int32Value" => rust::name("i32"),
        "Int64Value" => rust::name("i64"),
        "StringValue" => rust::name("String"),
        "UInt32Value" => rust::name("u32"),
        "UInt64Value" => rust::name("u64"),
        _ => return None,
    })
}

/// The file stem of a scalar's form in protobuf, where it is not its own form.
const fn wire_stem(scalar: Scalar) -> Option<&'static str> {
    match scalar {
        Scalar::Decimal => Some("decimal"),
        Scalar::Uuid => Some("uuid"),
        Scalar::Timestamp => Some("timestamp"),
        Scalar::Date => Some("date"),
        Scalar::Duration => Some("duration"),
        Scalar::Json => Some("value"),
        Scalar::Bool
        | Scalar::Int32
        | Scalar::Int64
        | Scalar::Float64
        | Scalar::String
        | Scalar::Bytes => None,
    }
}
