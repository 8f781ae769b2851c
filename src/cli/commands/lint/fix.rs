//! `--fix` and `--diff`

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use crate::cli::args::Lint;
use crate::cli::output::Output;
use crate::cli::survey::{Survey, survey};
use crate::cli::{Failure, Status};
use crate::diagnostic::Safety;
use crate::diagnostic::apply::{apply, fix_of};
use crate::lint::Options;
use crate::source::{Disk, Loader, Sources};
use crate::{format, workspace};

/// Rounds after which it is enough: a fix may show what another one can mend, but not for ever.
const ROUNDS: usize = 10;

/// What fixing came to.
pub struct Fixed {
    /// The files as they were, those that change alone, what is secret in them masked for showing.
    before: BTreeMap<PathBuf, String>,
    /// The same files as they should be.
    after: BTreeMap<PathBuf, String>,
    /// What is shown of them.
    shown: BTreeMap<PathBuf, String>,
    /// What was done, for each file in the order of its text.
    done: Vec<String>,
    /// A round that was taken back because the drawing could not be read after it.
    broken: Vec<&'static str>,
}

/// Fixes in memory: rounds of applying and judging again, until nothing is left to do.
///
/// # Errors
/// None that input can cause.
pub fn fix(arguments: &Lint, paths: &[PathBuf], options: &Options) -> Result<Fixed, Failure> {
    let least = match arguments.r#unsafe {
        true => Safety::Suggested,
        false => Safety::Safe,
    };
    let options = Options {
        apart: true,
        ..options.clone()
    };
    let judge = |overlay: &Overlay| survey(paths, overlay, &options, super::scope(arguments), None);
    let mut overlay = Overlay::default();
    let mut now = judge(&overlay);
    let mut before = BTreeMap::new();
    let mut originals = BTreeMap::new();
    let (mut done, mut broken) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let applied = apply(&now.diagnostics, &now.sources, least);
        if applied.texts.is_empty() {
            break;
        }
        let mut next = overlay.clone();
        let masked = masked(&now);
        for (file, text) in applied.texts {
            let path = &now.sources.file(file).path;
            before
                .entry(path.clone())
                .or_insert_with(|| masked.file(file).text.clone());
            originals
                .entry(path.clone())
                .or_insert_with(|| now.sources.file(file).text.clone());
            next.0.insert(path.clone(), text);
        }
        let then = judge(&next);
        if then.unresolved > now.unresolved {
            broken = applied
                .fixed
                .iter()
                .map(|&at| now.diagnostics[at].code)
                .collect();
            break;
        }
        for &at in &applied.fixed {
            let found = &now.diagnostics[at];
            let file = now.sources.file(found.primary.span.file);
            let title = fix_of(found, least).map_or("", |it| &it.title);
            let line = file.position(found.primary.span.start).0;
            done.push(format!(
                "{}:{line}: {}: {title}",
                file.path.display(),
                found.code
            ));
        }
        (overlay, now) = (next, then);
    }
    // What was in canonical form stays in it.
    let laid_out = |path: &Path, text: &str| {
        let original = originals.get(path);
        let canonical = original.is_some_and(|it| formatted(it).as_ref() == Some(it));
        let text_in_form = formatted(text).filter(|_| canonical);
        text_in_form.unwrap_or_else(|| text.to_owned())
    };
    let masked = masked(&now);
    let texts = masked
        .iter()
        .filter(|(_, it)| overlay.0.contains_key(&it.path));
    let shown = texts.map(|(_, it)| (it.path.clone(), laid_out(&it.path, &it.text)));
    let shown = shown.collect();
    let after = overlay.0.iter();
    let after = after.map(|(path, text)| (path.clone(), laid_out(path, text)));
    Ok(Fixed {
        before,
        after: after.collect(),
        shown,
        done,
        broken,
    })
}

impl Fixed {
    /// Shows what would change.
    pub fn show(&self, output: &mut Output) -> Status {
        for (path, text) in &self.shown {
            let before = self.before.get(path).map(String::as_bytes);
            let path = path.display().to_string();
            output.print_foreign(&workspace::unified(&path, before, Some(text.as_bytes())));
        }
        self.tell(output, "would be fixed");
        match self.after.is_empty() {
            true => Status::Clean,
            false => Status::Findings,
        }
    }

    /// Writes what changes, each file at once.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn write(&self, output: &mut Output) -> Result<(), Failure> {
        for (path, text) in &self.after {
            workspace::write_atomic(path, text.as_bytes())?;
        }
        for line in &self.done {
            output.say(&format!("fixed {line}\n"));
        }
        self.tell(output, "fixed");
        Ok(())
    }

    fn tell(&self, output: &mut Output, verb: &str) {
        let count = self.done.len();
        let s = if count == 1 { "" } else { "s" };
        output.say(&format!("{count} finding{s} {verb}\n"));
        if !self.broken.is_empty() {
            let codes: BTreeSet<_> = self.broken.iter().copied().collect();
            let codes: Vec<_> = codes.into_iter().collect();
            output.say(&format!(
                "fixes of {} were taken back, since the drawing could not be read after them: a bug of archwright\n",
                codes.join(", ")
            ));
        }
    }
}

/// The files with their secrets made unreadable.
fn masked(survey: &Survey) -> Cow<'_, Sources> {
    let secrets = survey.diagnostics.iter().filter(|it| it.code == "SEC001");
    survey.sources.masked(secrets.map(|it| it.primary.span))
}

/// A text in canonical form; `None` of one that cannot be read.
fn formatted(text: &str) -> Option<String> {
    let mut sources = Sources::default();
    let file = sources.add("text.arch", text);
    format::format(&sources, file).ok()
}

/// Files on disk, some of them with other texts.
#[derive(Clone, Default)]
struct Overlay(BTreeMap<PathBuf, String>);

impl Loader for Overlay {
    fn read(&self, path: &Path, limit: usize) -> io::Result<Vec<u8>> {
        match self.0.get(path) {
            Some(text) => Ok(text.as_bytes()[..text.len().min(limit + 1)].to_vec()),
            None => Disk.read(path, limit),
        }
    }
}
