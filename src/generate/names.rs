//! The names that a drawing's elements have in generated code, collisions settled.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::naming::{Scope, paths, proto, rust};
use crate::diagnostic::Diagnostic;
use crate::model::proto::ProtoMessage;
use crate::model::types::{EnumDef, StructDef};
use crate::model::{Api, EnumId, MessageId, Model, NodeId, StructId};
use crate::source::Span;

/// Modules of the contracts crate that no service's module may shadow.
const CONTRACT_MODULES: &[&str] = &[
    "json",
    "proto",
    "rules",
    "taken",
    "types",
    "well_known",
    "wire",
    "words",
];

/// The module of types that no service owns.
pub const SHARED: &str = "types";

/// Where a type is defined, and what it is called there.
#[derive(Clone, Debug)]
pub struct TypeName {
    /// The module's place in [`Names::modules`].
    pub module: usize,
    /// In Rust.
    pub rust: String,
    /// In protobuf, without its package.
    pub proto: String,
}

/// A module of the contracts crate, and a protobuf package: the shared types, or one service's own.
#[derive(Clone, Debug)]
pub struct Module {
    /// Whose types these are; `None`: everybody's.
    pub owner: Option<NodeId>,
    /// The version of its apis. The first holds the types of all.
    pub version: u32,
    /// The Rust module, and the stem of its file.
    pub rust: String,
    /// The stem of its files, without what makes a keyword a name.
    pub stem: String,
    /// The protobuf package's parts.
    pub package: Vec<String>,
    /// The path of the protobuf file, in parts, without its extension.
    pub file: Vec<String>,
}

/// All of them.
#[derive(Clone, Debug)]
pub struct Names {
    /// Modules that hold a type or an api, the shared one first.
    pub modules: Vec<Module>,
    /// By [`StructId`].
    pub structs: Vec<TypeName>,
    /// By [`EnumId`].
    pub enums: Vec<TypeName>,
    /// By [`crate::model::MessageId`]: the path of what prost makes of it, below the contracts crate.
    messages: Vec<String>,
    by_owner: HashMap<Option<NodeId>, usize>,
    /// Those of later versions of a service's apis: packages of their own, without types.
    by_version: HashMap<(NodeId, u32), usize>,
}

impl Names {
    /// Names everything in `model`; fails where two names that the drawing tells apart are one in protobuf.
    pub fn new(model: &Model) -> Result<Self, Vec<Diagnostic>> {
        let system = proto::package(&model.system.name);
        let mut names = Self {
            modules: vec![Module {
                owner: None,
                version: 1,
                rust: SHARED.to_owned(),
                stem: SHARED.to_owned(),
                package: vec![system.clone()],
                file: vec![system.clone(), SHARED.to_owned()],
            }],
            structs: Vec::with_capacity(model.structs.len()),
            enums: Vec::with_capacity(model.enums.len()),
            messages: model.messages.iter().map(message_path).collect(),
            by_owner: HashMap::from([(None, 0)]),
            by_version: HashMap::new(),
        };
        let mut modules = Scope::with(CONTRACT_MODULES.iter().copied());
        for (id, node) in model.nodes() {
            let owns = model.structs.iter().any(|it| it.owner == Some(id))
                || model.enums.iter().any(|it| it.owner == Some(id));
            if !owns && node.apis.is_empty() {
                continue;
            }
            let part = proto::package(&node.name);
            let stem = if CONTRACT_MODULES.contains(&part.as_str()) {
                modules.claim(format!("{part}_service"))
            } else {
                modules.claim(part.clone())
            };
            names.by_owner.insert(Some(id), names.modules.len());
            names.modules.push(Module {
                owner: Some(id),
                version: 1,
                rust: rust::value(&stem),
                stem: stem.clone(),
                package: vec![system.clone(), part],
                file: vec![system.clone(), stem],
            });
        }
        names.add_versions(model, &mut modules);
        let mut scopes = vec![Types::default(); names.modules.len()];
        let mut errors = look_alikes(model);
        for StructDef {
            name, owner, span, ..
        } in &model.structs
        {
            let module = names.module_index(*owner);
            let name = scopes[module].claim(module, name, *span, &mut errors);
            names.structs.push(name);
        }
        for EnumDef {
            name, owner, span, ..
        } in &model.enums
        {
            let module = names.module_index(*owner);
            let name = scopes[module].claim(module, name, *span, &mut errors);
            names.enums.push(name);
        }
        if errors.is_empty() {
            Ok(names)
        } else {
            Err(errors)
        }
    }

    /// Adds a package for each later version of a service's apis.
    fn add_versions(&mut self, model: &Model, modules: &mut Scope) {
        for (_, api) in model.apis().filter(|(_, api)| api.version > 1) {
            let (at, version) = (self.modules.len(), api.version);
            if let Entry::Vacant(place) = self.by_version.entry((api.node, version)) {
                place.insert(at);
                let first = &self.modules[self.by_owner[&Some(api.node)]];
                let stem = modules.claim(format!("{}_v{version}", first.stem));
                let part = |of: &[String], last: String| [of, &[last]].concat();
                let module = Module {
                    owner: Some(api.node),
                    version,
                    rust: rust::value(&stem),
                    package: part(&first.package, format!("v{version}")),
                    file: part(&first.file[..first.file.len() - 1], stem.clone()),
                    stem,
                };
                self.modules.push(module);
            }
        }
    }

    /// The place of an api's protobuf package in [`Names::modules`].
    pub fn api_index(&self, api: &Api) -> usize {
        let later = self.by_version.get(&(api.node, api.version));
        later.map_or_else(|| self.module_index(Some(api.node)), |at| *at)
    }

    /// An api's protobuf package.
    pub fn api(&self, api: &Api) -> &Module {
        &self.modules[self.api_index(api)]
    }

    /// The place of a node's module in [`Names::modules`]; 0 for a node that has none.
    pub fn module_index(&self, owner: Option<NodeId>) -> usize {
        self.by_owner.get(&owner).copied().unwrap_or(0)
    }

    /// The module of a node's own types; that of shared ones for a node that has none.
    pub fn module(&self, owner: Option<NodeId>) -> &Module {
        &self.modules[self.module_index(owner)]
    }

    /// A message's path in Rust, seen from `root` (`crate` in the contracts crate, `contracts` elsewhere).
    pub fn struct_path(&self, root: &str, id: StructId) -> String {
        self.path(root, &self.structs[id.0 as usize])
    }

    /// The path in Rust of a message of a proto file, seen from `root`.
    pub fn message_path(&self, root: &str, id: MessageId) -> String {
        format!("{root}::{}", self.messages[id.0 as usize])
    }

    /// An enumeration's path in Rust.
    pub fn enum_path(&self, root: &str, id: EnumId) -> String {
        self.path(root, &self.enums[id.0 as usize])
    }

    fn path(&self, root: &str, name: &TypeName) -> String {
        match name.module {
            0 => format!("{root}::{}", name.rust),
            at => format!("{root}::{}::{}", self.modules[at].rust, name.rust),
        }
    }
}

impl Module {
    /// The package's dotted name.
    pub fn package_name(&self) -> String {
        self.package.join(".")
    }

    /// The module that prost makes of the package, seen from the contracts crate's `proto`.
    pub fn prost_path(&self) -> String {
        let parts: Vec<String> = self
            .package
            .iter()
            .map(|part| rust::prost_module(part))
            .collect();
        parts.join("::")
    }
}

/// Apis of one node that the drawing tells apart by a version, and the code by a name that another one has.
fn look_alikes(model: &Model) -> Vec<Diagnostic> {
    let mut labels: HashMap<(NodeId, String), Span> = HashMap::new();
    let mut errors = Vec::new();
    for (_, api) in model.apis() {
        let label = paths::stem(&api.label());
        if let Some(first) = labels.insert((api.node, label), api.span) {
            let (node, label) = (&model[api.node].name, api.label());
            errors.push(
                Diagnostic::error(
                    "ARC101",
                    format!("two apis of `{node}` would be `{label}` in generated code"),
                    api.span,
                )
                .label(first, "the other one")
                .help("rename one of them"),
            );
        }
    }
    errors
}

/// Where prost puts a message: in modules of its package and of the messages around it. What every protobuf library
/// brings along is not made anew.
fn message_path(message: &ProtoMessage) -> String {
    if message.is_well_known() {
        return format!("well_known::{}", rust::prost_type(&message.path.join("_")));
    }
    let package = message.package.split('.').filter(|it| !it.is_empty());
    let (name, around) = match message.path.split_last() {
        Some((name, around)) => (name.as_str(), around),
        None => ("", &[][..]),
    };
    let modules = package.chain(around.iter().map(String::as_str));
    let proto = std::iter::once("proto".to_owned());
    let mut parts: Vec<String> = proto.chain(modules.map(rust::prost_module)).collect();
    parts.push(rust::prost_type(name));
    parts.join("::")
}

/// Types of one module.
#[derive(Clone, Debug, Default)]
struct Types {
    rust: Scope,
    /// What prost calls them, with the name in the drawing and its place.
    prost: HashMap<String, (String, Span)>,
}

impl Types {
    fn claim(
        &mut self,
        module: usize,
        name: &str,
        span: Span,
        errors: &mut Vec<Diagnostic>,
    ) -> TypeName {
        let proto = proto::ty(name);
        let prost = rust::prost_type(&proto);
        if let Some((other, first)) = self.prost.get(&prost) {
            errors.push(
                Diagnostic::error(
                    "ARC101",
                    format!("types `{other}` and `{name}` cannot be told apart in generated code"),
                    span,
                )
                .here(format!("both are `{prost}` there"))
                .label(*first, format!("`{other}` is declared here"))
                .help("rename one of them"),
            );
        }
        self.prost.insert(prost, (name.to_owned(), span));
        TypeName {
            module,
            rust: self.rust.claim(rust::ty(name)),
            proto,
        }
    }
}

/// Packages and folders of a workspace.
pub fn package(model: &Model, part: &str) -> String {
    paths::package(&model.system.name, part)
}
