//! `--baseline` and `--write-baseline`

use std::path::{Path, PathBuf};

use crate::cli::output::Output;
use crate::cli::survey::Survey;
use crate::cli::{Failure, Status};
use crate::diagnostic::{Diagnostic, Level};
use crate::lint::Baseline;
use crate::source::{Disk, FileId, Loader, MAX_FILE_BYTES, Sources, Span};
use crate::workspace;

/// A baseline with the file that it came from.
pub struct Known {
    path: PathBuf,
    text: String,
    /// What it holds.
    pub baseline: Baseline,
}

impl Known {
    /// Reads a file.
    ///
    /// # Errors
    /// It is not there, or is no baseline.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let shown = path.display();
        let bytes = Disk
            .read(path, MAX_FILE_BYTES)
            .map_err(|it| format!("the baseline `{shown}` cannot be read: {it}"))?;
        let text = String::from_utf8(bytes)
            .map_err(|_| format!("the baseline `{shown}` is not UTF-8 text"))?;
        let baseline = Baseline::parse(&text)
            .map_err(|it| format!("`{shown}` is no baseline of archwright: {it}"))?;
        Ok(Self {
            path: path.to_owned(),
            text,
            baseline,
        })
    }

    /// A finding for each entry that nothing raises any more.
    #[must_use]
    pub fn stale(&self, survey: &mut Survey) -> Vec<Diagnostic> {
        let gone: Vec<_> = self.baseline.stale(&survey.found).collect();
        if gone.is_empty() {
            return Vec::new();
        }
        let file = survey.sources.add(self.path.clone(), self.text.clone());
        let stale = gone.into_iter().map(|(system, name)| {
            let message =
                format!("`{name}` is in the baseline of `{system}` and is no longer found");
            let at = entry(&survey.sources, file, system, name);
            Diagnostic::new("ARC096", Level::Warning, message, at)
                .help("write the baseline anew: `--write-baseline`")
        });
        stale.collect()
    }
}

/// Where an entry stands in its file.
fn entry(sources: &Sources, file: FileId, system: &str, name: &str) -> Span {
    let text = sources.file(file).text.as_str();
    let quoted = |word: &str| serde_json::Value::from(word).to_string();
    let after = text.find(&quoted(system)).unwrap_or(0);
    let (start, length) = match text[after..].find(&quoted(name)) {
        Some(at) => (after + at, quoted(name).len()),
        None => (0, 0),
    };
    Span {
        file,
        start: start as u32,
        end: (start + length) as u32,
    }
}

/// Writes what was found as a baseline. What cannot be resolved has no findings yet, and is none of it.
///
/// # Errors
/// Drawings that cannot be resolved, and files that cannot be written.
pub fn write(path: &Path, survey: &Survey, output: &mut Output) -> Result<Status, Failure> {
    if survey.is_unreadable || survey.unresolved > 0 {
        return Err("a drawing has errors of its own: `archwright lint` shows them; a baseline holds findings of rules".into());
    }
    workspace::write_atomic(path, survey.found.text()?.as_bytes())?;
    output.say(&format!(
        "{} findings are known from now on: {}\n",
        survey.found.len(),
        path.display()
    ));
    Ok(Status::Clean)
}
