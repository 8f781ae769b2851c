//! From paths on the command line to drawings.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::Failure;
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Loader, Sources, beside};
use crate::syntax::{self, ast};

/// The ending of drawings.
const EXTENSION: &str = "arch";

/// All `.arch` files that some paths mean, sorted, each once. Folders are searched through, those whose names start
/// with a dot and `target` left out; a file that is named is taken whatever its name.
///
/// # Errors
/// A path that is not there, or a folder that cannot be read.
pub fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut files = BTreeSet::new();
    for path in paths {
        if !path.is_dir() {
            files.insert(path.clone());
            continue;
        }
        let walk = WalkDir::new(path).sort_by_file_name().into_iter();
        let is_of_interest = |entry: &walkdir::DirEntry| {
            let name = entry.file_name().to_string_lossy();
            let is_left_out = name.starts_with('.') || name == "target";
            entry.depth() == 0 || entry.file_type().is_file() || !is_left_out
        };
        for entry in walk.filter_entry(is_of_interest) {
            let entry = entry?;
            let is_drawing = entry.path().extension().is_some_and(|it| it == EXTENSION);
            if is_drawing && !entry.file_type().is_dir() {
                let path = entry.path();
                files.insert(path.strip_prefix(".").unwrap_or(path).to_owned());
            }
        }
    }
    Ok(files.into_iter().collect())
}

/// What some files hold.
#[derive(Debug, Default)]
pub struct Drawings {
    /// The files to start from, one for each system.
    pub roots: Vec<FileId>,
    /// What is wrong with files that belong to no drawing.
    pub diagnostics: Vec<Diagnostic>,
    /// Whether a file could not be read at all.
    pub is_unreadable: bool,
    /// How many files were looked at, without imports that lie elsewhere.
    pub files: usize,
}

/// Finds the roots among some files: those with a `system`, and those with nodes that nobody imports. A single file is
/// always a root.
pub fn drawings(paths: &[PathBuf], sources: &mut Sources, loader: &dyn Loader) -> Drawings {
    let mut drawings = Drawings::default();
    let mut looks = Vec::new();
    for path in paths {
        match syntax::load(sources, loader, path, None) {
            Ok(id) if paths.len() == 1 => drawings.roots.push(id),
            Ok(id) => looks.push(Look::at(id, path, sources)),
            Err(diagnostic) => {
                drawings.is_unreadable = true;
                drawings.diagnostics.push(*diagnostic);
            }
        }
    }
    drawings.files = paths.len();
    let imported: BTreeSet<_> = looks.iter().flat_map(|it| it.imports.clone()).collect();
    for look in looks {
        let is_part = imported.contains(&look.path);
        if look.has_system || look.has_nodes && !is_part {
            drawings.roots.push(look.id);
        } else if !is_part {
            drawings.diagnostics.extend(look.diagnostics);
        }
    }
    drawings
}

/// What a glance at a file shows.
struct Look {
    id: FileId,
    path: PathBuf,
    imports: Vec<PathBuf>,
    has_system: bool,
    has_nodes: bool,
    diagnostics: Vec<Diagnostic>,
}

impl Look {
    fn at(id: FileId, path: &Path, sources: &Sources) -> Self {
        let parsed = syntax::parse(sources, id);
        let mut look = Self {
            id,
            path: beside(
                path,
                path.file_name().and_then(|it| it.to_str()).unwrap_or(""),
            ),
            imports: Vec::new(),
            has_system: false,
            has_nodes: false,
            diagnostics: parsed.diagnostics,
        };
        for item in &parsed.file.items {
            match &item.kind {
                ast::ItemKind::Import(import) => look.imports.push(beside(path, &import.value)),
                ast::ItemKind::Edge(_) => look.has_nodes = true,
                ast::ItemKind::Node(node) => match node.keyword.value {
                    ast::Keyword::System => look.has_system = true,
                    ast::Keyword::Zone
                    | ast::Keyword::Client
                    | ast::Keyword::External
                    | ast::Keyword::Service
                    | ast::Keyword::Store
                    | ast::Keyword::Broker => look.has_nodes = true,
                    _ => {}
                },
                _ => {}
            }
        }
        look
    }
}

/// The path of the field numbers that belong to a drawing: beside it and named after it, since several drawings may
/// stand in one folder.
#[must_use]
pub fn contracts_lock_path(root: &Path) -> PathBuf {
    root.with_extension("contracts.lock")
}

/// Reads the field numbers of a drawing, if it has any.
///
/// # Errors
/// The file is there and cannot be read.
pub fn contracts_lock(
    root: FileId,
    sources: &mut Sources,
    loader: &dyn Loader,
) -> Result<Option<FileId>, Box<Diagnostic>> {
    let path = contracts_lock_path(&sources.file(root).path);
    // Reading nothing tells whether it is there.
    match loader.read(&path, 0) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        _ => syntax::load(sources, loader, &path, None).map(Some),
    }
}
