//! All drawings that some paths mean, judged: what `lint` reports, fixes and compares with a baseline.

use std::collections::{BTreeSet, HashSet};
use std::path::PathBuf;

use super::args::Deny;
use super::input;
use super::judge::judge_with;
use crate::diagnostic::{Diagnostic, Level, Unknown};
use crate::lint::{Baseline, Options};
use crate::model::resolve::Scope;
use crate::source::{Loader, Sources, Span};

/// What came out.
#[derive(Debug, Default)]
pub struct Survey {
    /// The files that were read.
    pub sources: Sources,
    /// Everything found, drawing by drawing.
    pub diagnostics: Vec<Diagnostic>,
    /// What rules could not judge, where that was asked for.
    pub unknown: Vec<Unknown>,
    /// What all findings are about, those of a baseline included, where that was asked for.
    pub found: Baseline,
    /// How many files were read.
    pub files: usize,
    /// How many drawings could not be resolved.
    pub unresolved: usize,
    /// Whether a finding is as grave as its drawing's profile, or who asked, lets none be.
    pub fails: bool,
    /// Whether a file could not be read at all.
    pub is_unreadable: bool,
}

impl Survey {
    /// Adds findings, those that were told already left out: what is wrong with a file that several drawings import is
    /// told once.
    pub fn extend(&mut self, found: Vec<Diagnostic>, told: &mut Told) {
        let new = found.into_iter().filter(|it| told.is_new(it));
        self.diagnostics.extend(new);
    }
}

/// What was told already.
#[derive(Debug, Default)]
pub struct Told(HashSet<(&'static str, Span, String)>);

impl Told {
    fn is_new(&mut self, it: &Diagnostic) -> bool {
        self.0
            .insert((it.code, it.primary.span, it.message.clone()))
    }
}

/// Judges all drawings among some files.
pub fn survey(
    paths: &[PathBuf],
    loader: &dyn Loader,
    options: &Options,
    scope: Scope,
    deny: Option<Deny>,
) -> Survey {
    let mut survey = Survey::default();
    let mut told = Told::default();
    let mut sources = Sources::default();
    let drawings = input::drawings(paths, &mut sources, loader);
    survey.is_unreadable = drawings.is_unreadable;
    survey.fails = fails(&drawings.diagnostics, Some(Level::Error), deny);
    survey.extend(drawings.diagnostics, &mut told);
    let mut files: BTreeSet<_> = sources.iter().map(|(id, _)| id).collect();
    let mut roots = drawings.roots.into_iter().peekable();
    while let Some(root) = roots.next() {
        let judged = judge_with(root, &mut sources, loader, options, scope);
        survey.fails |= fails(&judged.diagnostics, judged.fails_at, deny);
        match &judged.model {
            Some(model) => survey.found.add(&model.system.name, judged.names),
            None => survey.unresolved += 1,
        }
        files.extend(judged.files);
        survey.extend(judged.diagnostics, &mut told);
        survey.unknown.extend(judged.unknown);
        if roots.peek().is_none() {
            // Taking a model apart costs as much as several rules, and the process that this is the end of does it at once.
            std::mem::forget(judged.model);
        }
    }
    survey.files = files.len();
    survey.sources = sources;
    survey
}

/// Whether a finding is as grave as the profile, or who asked, lets none be.
pub fn fails(diagnostics: &[Diagnostic], profile: Option<Level>, deny: Option<Deny>) -> bool {
    let denied = deny.map(|deny| match deny {
        Deny::Warning => Level::Warning,
        Deny::Info => Level::Info,
    });
    let least = profile.into_iter().chain(denied).min();
    least.is_some_and(|least| diagnostics.iter().any(|it| it.level >= least))
}
