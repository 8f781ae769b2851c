//! Imports: all files of a drawing, each read once.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Loader, Sources, Span, beside};
use crate::syntax::{self, ast};

/// All files of a drawing.
pub(super) struct Files {
    /// The root first, then in the order of the imports.
    pub trees: Vec<ast::File>,
    /// Syntax errors, files that cannot be read, cycles.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads the root and all that it imports, directly or not.
pub(super) fn read(sources: &mut Sources, root: FileId, loader: &dyn Loader) -> Files {
    let mut reader = Reader {
        sources,
        loader,
        files: Files {
            trees: Vec::new(),
            diagnostics: Vec::new(),
        },
        imports: HashMap::new(),
        open: Vec::new(),
        paths: HashMap::new(),
    };
    // The root may have been named in another way (`./shop.arch`) than its imports name it.
    let path = beside(
        Path::new(""),
        &reader.sources.file(root).path.to_string_lossy(),
    );
    reader.paths.insert(path, root);
    reader.file(root);
    reader.files
}

struct Reader<'s> {
    sources: &'s mut Sources,
    loader: &'s dyn Loader,
    files: Files,
    /// The imports that each file was reached by; none for the root.
    imports: HashMap<FileId, Vec<Span>>,
    /// The files being read, from the root inwards, each with the import that leads on.
    open: Vec<(FileId, Option<Span>)>,
    /// Files by the one path that `import` gives them.
    paths: HashMap<PathBuf, FileId>,
}

impl Reader<'_> {
    fn file(&mut self, id: FileId) {
        let parsed = syntax::parse(self.sources, id);
        self.files.diagnostics.extend(parsed.diagnostics);
        let imports: Vec<_> = parsed
            .file
            .items
            .iter()
            .filter_map(|item| match &item.kind {
                ast::ItemKind::Import(path) => Some(path.clone()),
                _ => None,
            })
            .collect();
        self.files.trees.push(parsed.file);
        self.imports.entry(id).or_default();
        self.open.push((id, None));
        for import in imports {
            if let Some(top) = self.open.last_mut() {
                top.1 = Some(import.span);
            }
            self.import(id, &import.value, import.span);
        }
        self.open.pop();
    }

    fn import(&mut self, from: FileId, path: &str, at: Span) {
        let path = beside(&self.sources.file(from).path, path);
        let known = self.paths.get(&path).copied();
        let loaded = known.map_or_else(
            || syntax::load(self.sources, self.loader, &path, Some(at)),
            Ok,
        );
        let id = match loaded {
            Ok(id) => id,
            Err(diagnostic) => return self.files.diagnostics.push(*diagnostic),
        };
        self.paths.insert(path.clone(), id);
        let Some(earlier) = self.imports.get_mut(&id) else {
            self.imports.insert(id, vec![at]);
            return self.file(id);
        };
        if let Some(first) = earlier.iter().find(|span| span.file == from) {
            let message = format!("`{}` is imported twice", path.display());
            let found = Diagnostic::error("ARC021", message, at)
                .here("again here")
                .label(*first, "first here");
            return self
                .files
                .diagnostics
                .push(found.help("remove one of the two"));
        }
        earlier.push(at);
        if let Some(start) = self.open.iter().position(|(open, _)| *open == id) {
            let message = if id == from {
                format!("`{}` imports itself", path.display())
            } else {
                format!("`{}` imports itself by way of other files", path.display())
            };
            let mut found = Diagnostic::error("ARC020", message, at).here("closes the circle");
            for (_, import) in &self.open[start..] {
                if let Some(span) = import.filter(|span| *span != at) {
                    found = found.label(span, "leads on");
                }
            }
            let found = found.help("put what both need into a file of its own, which both import");
            self.files.diagnostics.push(found);
        }
    }
}
