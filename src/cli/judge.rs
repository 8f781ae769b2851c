//! Reads, resolves and lints one drawing.

use std::path::Path;

use super::args::Format;
use super::output::Output;
use super::{Failure, input, report};
use crate::diagnostic::{Diagnostic, Level, Unknown};
use crate::lint;
use crate::model::Model;
use crate::model::contracts_lock::ContractsLock;
use crate::model::resolve::{Scope, resolve_scope};
use crate::source::{Disk, FileId, Loader, Sources};

/// A drawing and what is to be said about it.
#[derive(Debug)]
pub struct Judged {
    /// The model, when the drawing could be resolved.
    pub model: Option<Model>,
    /// Everything found, sorted by place.
    pub diagnostics: Vec<Diagnostic>,
    /// What the findings are about, where that was asked for.
    pub names: Vec<String>,
    /// What rules could not judge, where that was asked for.
    pub unknown: Vec<Unknown>,
    /// The level from which a finding fails the run; `None`: none does.
    pub fails_at: Option<Level>,
    /// What the file of field numbers should hold.
    pub contracts_lock: ContractsLock,
    /// The files of the drawing.
    pub files: Vec<FileId>,
}

impl Judged {
    /// Whether something is wrong enough to generate nothing.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|it| it.level == Level::Error)
    }
}

/// Judges the one drawing that a file holds, as of today; none when it cannot be read, which is told.
///
/// # Errors
/// The output cannot be written.
pub fn judge_file(
    path: &Path,
    sources: &mut Sources,
    output: &mut Output,
) -> Result<Option<Judged>, Failure> {
    let Some(root) = root_of(path, sources, output)? else {
        return Ok(None);
    };
    let options = lint::Options::on(lint::Date::today());
    Ok(Some(judge(root, sources, &options)))
}

/// The drawing that a file holds; none when it cannot be read, which is told.
///
/// # Errors
/// The output cannot be written.
pub fn root_of(
    path: &Path,
    sources: &mut Sources,
    output: &mut Output,
) -> Result<Option<FileId>, Failure> {
    let drawings = input::drawings(&[path.to_owned()], sources, &Disk);
    let [root] = drawings.roots.as_slice() else {
        report::findings(&drawings.diagnostics, sources, 1, Format::Human, output)?;
        return Ok(None);
    };
    Ok(Some(*root))
}

/// Judges the drawing that starts at a file. The rules run when nothing stands against the drawing as such.
pub fn judge(root: FileId, sources: &mut Sources, options: &lint::Options) -> Judged {
    judge_with(root, sources, &Disk, options, Scope::Whole)
}

/// The same of files that come from anywhere, and of parts of systems.
pub fn judge_with(
    root: FileId,
    sources: &mut Sources,
    loader: &dyn Loader,
    options: &lint::Options,
    scope: Scope,
) -> Judged {
    let lock = match input::contracts_lock(root, sources, loader) {
        Ok(lock) => lock,
        Err(diagnostic) => {
            return Judged {
                model: None,
                diagnostics: vec![*diagnostic],
                names: Vec::new(),
                unknown: Vec::new(),
                fails_at: Some(Level::Error),
                contracts_lock: ContractsLock::default(),
                files: vec![root],
            };
        }
    };
    let resolution = resolve_scope(sources, root, loader, lock, scope);
    let mut diagnostics = resolution.diagnostics;
    let (mut names, mut unknown) = (Vec::new(), Vec::new());
    let mut fails_at = Some(Level::Error);
    if let Some(model) = &resolution.model {
        let report = lint::report(model, sources, options);
        diagnostics.extend(report.findings);
        names = report.names;
        unknown = report.unknown;
        fails_at = report.fails_at;
    }
    diagnostics.sort_by_key(|it| (it.primary.span, it.code));
    Judged {
        model: resolution.model,
        diagnostics,
        names,
        unknown,
        fails_at,
        contracts_lock: resolution.contracts_lock,
        files: resolution.files,
    }
}
