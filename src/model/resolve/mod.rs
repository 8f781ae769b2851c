//! From syntax trees to the [`Model`]: names looked up, attributes checked, effective values computed.
//!
//! One pass a file of this folder, in this order: `files` follows imports, `declare` gives every declaration its place
//! and name, `types` reads messages, `facts` reads what stands on systems, zones, nodes and policies, `apis` reads
//! operations, `edges` reads arrows, `forward` follows `via` and `calls`, `routes` and `numbers` fix what is seen
//! on the wire. Each pass reports what is wrong and goes on with what it understood; what refers to something that was
//! refused is dropped silently, so that one mistake gives one message.

mod accepts;
mod apis;
mod arguments;
mod calls;
mod condition;
mod declare;
mod edge_attributes;
mod edges;
mod elsewhere;
mod entries;
mod facts;
mod files;
mod forward;
mod handlers;
mod layers;
mod lookup;
mod names;
mod numbers;
mod place;
mod proto;
mod routes;
mod settings;
mod sizes;
mod type_cycles;
mod types;
mod undecided;
mod values;

#[cfg(test)]
mod tests;

use rustc_hash::{FxHashMap as HashMap, FxHashSet as HashSet};

use super::attributes::Attributes;
use super::contracts_lock::ContractsLock;
use super::*;
use crate::diagnostic::{Diagnostic, Level};
use crate::source::{FileId, Loader, Sources};
use crate::syntax::ast;
use names::Space;
pub use undecided::Undecided;

/// What resolving gave.
#[derive(Clone, Debug)]
pub struct Resolution {
    /// The model, when nothing is wrong.
    pub model: Option<Model>,
    /// Edges that do not say how they travel, in source order.
    pub undecided: Vec<Undecided>,
    /// The model without the undecided edges, when these are all that is wrong.
    pub draft: Option<Model>,
    /// What is wrong, sorted by place; also warnings and information about a model that is right.
    pub diagnostics: Vec<Diagnostic>,
    /// What `contracts.lock` should hold, with what is new in it; only of use with a model.
    pub contracts_lock: ContractsLock,
    /// The files that were read, the root first.
    pub files: Vec<FileId>,
}

/// Resolves a drawing from its root file.
///
/// Imports are read with the loader. `lock` is the `contracts.lock` beside the root, added to the sources; without one,
/// every field gets its first number.
#[must_use]
pub fn resolve(
    sources: &mut Sources,
    root: FileId,
    loader: &dyn Loader,
    lock: Option<FileId>,
) -> Resolution {
    resolve_scope(sources, root, loader, lock, Scope::Whole)
}

/// How much of a system a drawing is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// All of it: what nobody declares is an error.
    #[default]
    Whole,
    /// One team's part: nodes that edges mention and nobody declares stand in other files, and nothing is known of them.
    Part,
}

/// Resolves a drawing that may be a part of a system.
#[must_use]
pub fn resolve_scope(
    sources: &mut Sources,
    root: FileId,
    loader: &dyn Loader,
    lock: Option<FileId>,
    scope: Scope,
) -> Resolution {
    let files::Files {
        trees,
        mut diagnostics,
    } = files::read(sources, root, loader);
    let contracts = proto::Contracts::read(sources, loader, &trees, &mut diagnostics);
    let ids = trees.iter().map(|tree| tree.id).collect();
    if has_errors(&diagnostics) {
        // What could not be read would be missing from the tree, and every mention of it a false error.
        return Resolution {
            model: None,
            undecided: Vec::new(),
            draft: None,
            diagnostics: sorted(diagnostics),
            contracts_lock: ContractsLock::default(),
            files: ids,
        };
    }
    let mut resolver = Resolver::new(sources, &contracts, root);
    let sizes = sizes::Sizes::of(&trees);
    resolver.reserve(&sizes);
    resolver.declare(&trees);
    resolver.types();
    resolver.facts();
    if scope == Scope::Part {
        resolver.elsewhere();
    }
    resolver.apis();
    resolver.edges();
    resolver.forward();
    resolver.tell_undecided();
    resolver.routes();
    resolver.conditions();
    resolver.accepts(&trees);
    let numbers = resolver.numbers(lock);
    diagnostics.append(&mut resolver.diagnostics);
    resolver.model.declarations = written::Declarations::of(&trees, sizes.declarations());
    let undecided = resolver.undecided;
    let is_grave = |it: &Diagnostic| it.level == Level::Error && it.code != undecided::CODE;
    let (model, draft) = match (has_errors(&diagnostics), diagnostics.iter().any(is_grave)) {
        (false, _) => (Some(resolver.model), None),
        (true, false) => (None, Some(resolver.model)),
        (true, true) => (None, None),
    };
    Resolution {
        model,
        undecided,
        draft,
        diagnostics: sorted(diagnostics),
        contracts_lock: numbers,
        files: ids,
    }
}

fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|it| it.level == Level::Error)
}

fn sorted(mut diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    diagnostics.sort_by_key(|it| (it.primary.span, it.code));
    diagnostics
}

/// What an operation was made from.
#[derive(Clone, Copy)]
enum OperationSource<'a> {
    /// A declaration.
    Written(&'a ast::Operation),
    /// `api ... via`: the operation of the other api.
    Forwarded(OperationId),
    /// A method of a proto file that the drawing says nothing about.
    Method(&'a proto::Method),
    /// The built-in `ping`.
    Ping,
}

/// Things of which a part was refused.
#[derive(Default)]
struct Broken<'a> {
    /// Messages that lack a field.
    structs: HashSet<StructId>,
    /// Operations that lack a type.
    signatures: HashSet<OperationId>,
    /// Operations that lack an attribute.
    attributes: HashSet<OperationId>,
    /// Brokers whose engine is unknown.
    brokers: HashSet<NodeId>,
    /// Whether an edge was refused, so that another may only seem to be missing.
    edges: bool,
    /// Apis and operations that were missed already.
    mentions: HashSet<(Space, &'a str)>,
}

/// The state that the passes share: the model so far, and beside each of its tables the declarations it came from.
struct Resolver<'a> {
    sources: &'a Sources,
    /// Proto files that apis name.
    contracts: &'a proto::Contracts,
    model: Model,
    diagnostics: Vec<Diagnostic>,
    names: names::Names<'a>,
    layers: layers::Layers,
    /// Mentions of unknown names that were told of once.
    unknown: HashSet<(&'static str, &'a str)>,
    /// What was not understood in full: what depends on the missing part is not judged.
    broken: Broken<'a>,
    /// How many more "did you mean" are looked for: each is a scan over all names.
    suggestions: u32,
    system: Option<&'a ast::Node>,
    zones: Vec<&'a ast::Node>,
    nodes: Vec<&'a ast::Node>,
    apis: Vec<Option<&'a ast::Api>>,
    operations: Vec<OperationSource<'a>>,
    channels: Vec<Option<&'a ast::Node>>,
    auths: Vec<&'a ast::Node>,
    policies: Vec<&'a ast::Node>,
    structs: Vec<&'a ast::TypeDecl>,
    defaults: Vec<(Option<ZoneId>, &'a ast::Node)>,
    /// `lint locked` and `limits locked` of all files.
    locks: Vec<&'a ast::Node>,
    edges: Vec<(&'a ast::Item, &'a ast::Edge)>,
    schedules: Vec<(NodeId, &'a ast::Item, &'a ast::Node)>,
    /// `@tag(...)` of fields and enum values, for [`numbers`].
    tags: numbers::Tags,
    /// Raw `calls = [...]` of operations, consuming edges and schedules.
    calls: Vec<(handlers::CallsOf, &'a ast::Value)>,
    /// `via` of fields: the message, the field's place in it, and what was written.
    field_vias: Vec<(StructId, usize, &'a ast::Via)>,
    /// Consuming edges by consumer and channel.
    consumed: HashMap<(NodeId, ChannelId), EdgeId>,
    /// Edges as they must be alone, with where they are drawn.
    drawn: HashMap<(End, End, Option<ApiId>, Option<Protocol>), Span>,
    /// Edges that do not say how they travel.
    undecided: Vec<Undecided>,
    /// Edges by where they start and what they reach, once all are read and somebody asks.
    by_ends: Option<forward::ByEnds>,
}

impl<'a> Resolver<'a> {
    fn new(sources: &'a Sources, contracts: &'a proto::Contracts, root: FileId) -> Self {
        let start = Span {
            file: root,
            start: 0,
            end: 0,
        };
        let name = names::from_file(&sources.file(root).path);
        Self {
            sources,
            contracts,
            model: Model {
                system: System {
                    title: name.clone(),
                    name,
                    span: start,
                    doc: None,
                    attributes: Attributes::default(),
                    lint: Vec::new(),
                    limits: Vec::new(),
                    locked_lint: Vec::new(),
                    locked_limits: Vec::new(),
                },
                zones: Vec::new(),
                nodes: Vec::new(),
                apis: Vec::new(),
                operations: Vec::new(),
                channels: Vec::new(),
                edges: Vec::new(),
                auths: Vec::new(),
                roles: Vec::new(),
                policies: Vec::new(),
                structs: Vec::new(),
                enums: Vec::new(),
                messages: Vec::new(),
                proto_files: Vec::new(),
                accepts: Vec::new(),
                elsewhere: None,
                declarations: written::Declarations::default(),
            },
            diagnostics: Vec::new(),
            names: names::Names::default(),
            layers: layers::Layers::default(),
            unknown: HashSet::default(),
            broken: Broken::default(),
            suggestions: 100,
            system: None,
            zones: Vec::new(),
            nodes: Vec::new(),
            apis: Vec::new(),
            operations: Vec::new(),
            channels: Vec::new(),
            auths: Vec::new(),
            policies: Vec::new(),
            structs: Vec::new(),
            defaults: Vec::new(),
            locks: Vec::new(),
            edges: Vec::new(),
            schedules: Vec::new(),
            tags: numbers::Tags::default(),
            calls: Vec::new(),
            field_vias: Vec::new(),
            consumed: HashMap::default(),
            drawn: HashMap::default(),
            undecided: Vec::new(),
            by_ends: None,
        }
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }
}

/// Documentation, where it is written.
fn doc(written: &Option<Box<Spanned<String>>>) -> Option<String> {
    written.as_ref().map(|it| it.value.clone())
}

/// A name as the model keeps it.
fn owned(name: &ast::Ident) -> Spanned<String> {
    Spanned {
        value: name.value.to_string(),
        span: name.span,
    }
}

/// The items of a block that may be missing.
fn items(body: &Option<Box<ast::Body>>) -> &[ast::Item] {
    body.as_ref().map_or(&[], |body| &body.items)
}
