//! Reading proto files, with all that they import, by the `protox` compiler.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use heck::ToSnakeCase;
use miette::Diagnostic as _;
use protox::file::{ChainFileResolver, File, FileResolver, GoogleFileResolver};
use protox::prost_reflect::prost_types::method_options::IdempotencyLevel;
use protox::prost_reflect::prost_types::source_code_info::Location;
use protox::prost_reflect::{FileDescriptor, MessageDescriptor, MethodDescriptor};

use super::example::{example, keys};
use super::parts;
use crate::diagnostic::Diagnostic;
use crate::model::proto::ProtoMessage;
use crate::source::{FileId, Loader, Sources, Span, beside};
use crate::syntax::{self, ast};

/// The number of the field `name` in `google.protobuf.MethodDescriptorProto`.
const METHOD_NAME: i32 = 1;

/// The contracts of a drawing, by the file that names them and the path that it writes.
#[derive(Default)]
pub(in crate::model::resolve) struct Contracts(HashMap<(FileId, String), Compiled>);

/// One compiled contract.
pub(in crate::model::resolve) struct Compiled {
    /// Import paths and texts, the contract's own and those that it imports; what protobuf brings along is left out.
    pub files: BTreeMap<String, String>,
    /// The methods of each service, by its full name.
    pub services: BTreeMap<String, Vec<Method>>,
}

/// A method of a service.
pub(in crate::model::resolve) struct Method {
    /// As an operation: `add_item`.
    pub name: String,
    /// In the proto file: `AddItem`.
    pub rpc: String,
    /// Where it has that name, if its file tells.
    pub at: Option<Span>,
    /// The comment before it.
    pub doc: Option<String>,
    /// What it takes; nothing for `google.protobuf.Empty`.
    pub input: Option<Payload>,
    /// What it answers; nothing for `google.protobuf.Empty`.
    pub output: Option<Payload>,
    /// Its option `idempotency_level`.
    pub safety: Safety,
}

/// What a method may be repeated for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::model::resolve) enum Safety {
    /// Nothing is said.
    Unknown,
    /// It changes nothing.
    NoSideEffects,
    /// Done twice is as done once.
    Idempotent,
}

/// A message, perhaps a stream of it.
pub(in crate::model::resolve) struct Payload {
    pub stream: bool,
    pub message: ProtoMessage,
}

impl Contracts {
    /// The contract that stands behind a path in a file of the drawing.
    pub fn of(&self, file: FileId, path: &str) -> Option<&Compiled> {
        self.0.get(&(file, path.to_owned()))
    }

    /// Reads the contracts that `trees` name.
    pub fn read(
        sources: &mut Sources,
        loader: &dyn Loader,
        trees: &[ast::File],
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Self {
        let mut contracts = Self::default();
        for tree in trees {
            for (path, at) in named(&tree.items) {
                let key = (tree.id, path.to_owned());
                if contracts.0.contains_key(&key) {
                    continue;
                }
                match compile(sources, loader, tree.id, path, at) {
                    Ok(compiled) => {
                        contracts.0.insert(key, compiled);
                    }
                    Err(found) => diagnostics.push(*found),
                }
            }
        }
        contracts
    }
}

/// The proto files that apis name, with where they do; apis stand in nodes, and these in zones.
fn named(items: &[ast::Item]) -> Vec<(&str, Span)> {
    let mut found = Vec::new();
    for item in items {
        match &item.kind {
            ast::ItemKind::Node(node) => {
                if let Some(body) = &node.body {
                    found.extend(named(&body.items));
                }
            }
            ast::ItemKind::Api(api) => {
                let contract = api.contract.as_ref();
                found.extend(contract.and_then(|it| Some((parts(it)?.0, it.span))));
            }
            _ => {}
        }
    }
    found
}

fn compile(
    sources: &mut Sources,
    loader: &dyn Loader,
    drawing: FileId,
    path: &str,
    at: Span,
) -> Result<Compiled, Box<Diagnostic>> {
    let drawing = sources.file(drawing).path.clone();
    let path = beside(&drawing, path);
    syntax::load(sources, loader, &path, Some(at))?;
    let read = read(
        sources,
        loader,
        &path,
        drawing.parent().unwrap_or(Path::new("")),
    );
    let mut resolver = ChainFileResolver::new();
    resolver.add(Texts(read.texts.clone()));
    resolver.add(GoogleFileResolver::new());
    let mut compiler = protox::Compiler::with_file_resolver(resolver);
    compiler.include_source_info(true);
    compiler
        .open_file(&read.name)
        .map_err(|error| refused(sources, &read, &error, at))?;
    let pool = compiler.descriptor_pool();
    let services = pool
        .services()
        .filter(|it| read.texts.contains_key(it.parent_file().name()))
        .map(|it| {
            let method = |it| Method {
                at: named_at(sources, &read, &it),
                ..self::method(&it)
            };
            (
                it.full_name().to_owned(),
                it.methods().map(method).collect(),
            )
        });
    Ok(Compiled {
        services: services.collect(),
        files: read.texts.clone(),
    })
}

/// A proto file and those that it imports.
struct Read {
    /// The folder that import paths start in.
    root: PathBuf,
    /// The import path of the file itself.
    name: String,
    /// By import path.
    texts: BTreeMap<String, String>,
}

impl Read {
    /// Where the file behind an import path stands.
    fn place(&self, import: &str) -> PathBuf {
        // `beside` looks in the folder of a file; any name in it will do.
        beside(&self.root.join("file"), import)
    }
}

/// Reads a proto file and its imports. Import paths start in the nearest folder around the file from which all of them
/// are found, the drawing's own at the farthest.
fn read(sources: &mut Sources, loader: &dyn Loader, path: &Path, drawing: &Path) -> Read {
    let mut first = None;
    for root in path.ancestors().skip(1) {
        let mut read = Read {
            root: root.to_owned(),
            name: slashed(path.strip_prefix(root).unwrap_or(path)),
            texts: BTreeMap::new(),
        };
        let name = read.name.clone();
        if follow(sources, loader, &mut read, &name) {
            return read;
        }
        first.get_or_insert(read);
        if root == drawing {
            break;
        }
    }
    first.unwrap_or_else(|| Read {
        root: PathBuf::new(),
        name: slashed(path),
        texts: BTreeMap::new(),
    })
}

/// Reads a file and what it imports; whether all of it was found.
fn follow(sources: &mut Sources, loader: &dyn Loader, read: &mut Read, name: &str) -> bool {
    if read.texts.contains_key(name) || name.starts_with("google/protobuf/") {
        return true;
    }
    let Ok(id) = crate::source::load(sources, loader, &read.place(name)) else {
        return false;
    };
    let text = sources.file(id).text.clone();
    // What does not parse is told of when it is compiled.
    let imports = File::from_source(name, &text)
        .map(|file| file.file_descriptor_proto().dependency.clone())
        .unwrap_or_default();
    read.texts.insert(name.to_owned(), text);
    // All of them are tried, so that what is told of first is what the file says first.
    let missing = imports
        .iter()
        .filter(|import| !follow(sources, loader, read, import));
    missing.count() == 0
}

fn slashed(path: &Path) -> String {
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}

/// Files in memory.
struct Texts(BTreeMap<String, String>);

impl FileResolver for Texts {
    fn open_file(&self, name: &str) -> Result<File, protox::Error> {
        let text = self.0.get(name);
        File::from_source(
            name,
            text.ok_or_else(|| protox::Error::file_not_found(name))?,
        )
    }
}

/// What the compiler found, at its place in the proto file where it has one.
fn refused(
    sources: &Sources,
    read: &Read,
    error: &protox::Error,
    contract: Span,
) -> Box<Diagnostic> {
    let file = error
        .file()
        .and_then(|name| sources.find(&read.place(name)));
    let label = error.labels().and_then(|mut labels| labels.next());
    let place = file.zip(label).and_then(|(file, label)| {
        let length = sources.file(file).text.len();
        let start = label.offset().min(length);
        Some(Span {
            file,
            start: u32::try_from(start).ok()?,
            end: u32::try_from((start + label.len()).min(length)).ok()?,
        })
    });
    let message = format!("the proto file is not valid: {error}");
    Box::new(match place {
        Some(place) => Diagnostic::error("ARC062", message, place)
            .label(contract, "it is taken as a contract here"),
        None => Diagnostic::error("ARC062", message, contract),
    })
}

fn method(method: &MethodDescriptor) -> Method {
    let options = method.method_descriptor_proto().options.as_ref();
    Method {
        name: method.name().to_snake_case(),
        rpc: method.name().to_owned(),
        at: None,
        doc: comment(method),
        input: payload(&method.input(), method.is_client_streaming()),
        output: payload(&method.output(), method.is_server_streaming()),
        safety: match options.map(|it| it.idempotency_level()) {
            Some(IdempotencyLevel::NoSideEffects) => Safety::NoSideEffects,
            Some(IdempotencyLevel::Idempotent) => Safety::Idempotent,
            Some(IdempotencyLevel::IdempotencyUnknown) | None => Safety::Unknown,
        },
    }
}

/// What its file says of the place at `path`.
fn location(file: &FileDescriptor, path: &[i32]) -> Option<Location> {
    let told = file.file_descriptor_proto().source_code_info.as_ref()?;
    told.location.iter().find(|it| it.path == path).cloned()
}

/// The comment before a method.
fn comment(method: &MethodDescriptor) -> Option<String> {
    let text = location(&method.parent_file(), method.path())?.leading_comments?;
    let lines: Vec<&str> = text.lines().map(|line| line.trim()).collect();
    Some(lines.join("\n").trim().to_owned()).filter(|it| !it.is_empty())
}

/// Where a method has its name.
fn named_at(sources: &Sources, read: &Read, method: &MethodDescriptor) -> Option<Span> {
    let file = method.parent_file();
    let name = [method.path(), &[METHOD_NAME]].concat();
    let place = location(&file, &name).or_else(|| location(&file, method.path()))?;
    let file = sources.find(&read.place(file.name()))?;
    // Lines and columns from 0; the last line is left out where it is the first.
    let (first, last) = match place.span[..] {
        [line, from, to] => ((line, from), (line, to)),
        [line, from, last, to] => ((line, from), (last, to)),
        _ => return None,
    };
    let text = &sources.file(file).text;
    let offset = |(line, column): (i32, i32)| {
        let lines = text.split_inclusive('\n').take(usize::try_from(line).ok()?);
        let start: usize = lines.map(str::len).sum();
        let at = (start + usize::try_from(column).ok()?).min(text.len());
        u32::try_from(text.floor_char_boundary(at)).ok()
    };
    Some(Span {
        file,
        start: offset(first)?,
        end: offset(last)?,
    })
}

fn payload(message: &MessageDescriptor, stream: bool) -> Option<Payload> {
    if !stream && message.full_name() == "google.protobuf.Empty" {
        return None;
    }
    let package = message.package_name();
    let path = message
        .full_name()
        .strip_prefix(package)
        .unwrap_or(message.full_name());
    Some(Payload {
        stream,
        message: ProtoMessage {
            package: package.to_owned(),
            path: path
                .split('.')
                .filter(|it| !it.is_empty())
                .map(ToOwned::to_owned)
                .collect(),
            example: example(message),
            keys: match package {
                "google.protobuf" => Vec::new(),
                _ => keys(message),
            },
        },
    })
}
