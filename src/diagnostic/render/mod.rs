//! Diagnostics as text: for people, for programs, for code scanning and for GitHub's job log.

mod github;
mod human;
mod json;
mod junit;
mod markdown;
mod place;
mod sarif;

pub use github::github;
pub use human::{human, summary};
pub use json::json;
pub use junit::junit;
pub use markdown::markdown;
pub use sarif::sarif;

use super::{Diagnostic, Level};
use crate::source::{Sources, Span};

/// What a report says about a code, from whoever owns the code.
#[derive(Clone, Debug)]
pub struct RuleInfo {
    /// `TMO001`.
    pub code: &'static str,
    /// `missing-timeout`; of the engine's own errors a short title.
    pub name: String,
    /// One sentence.
    pub summary: String,
    /// The whole explanation, as Markdown.
    pub help: String,
    /// Its level where nothing else is configured.
    pub level: Level,
}

/// `shop.arch:3`
#[must_use]
pub fn line(span: Span, sources: &Sources) -> String {
    let place = place::Place::of(span, sources);
    format!("{}:{}", place.file, place.line)
}

/// How many findings there are of each level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// Errors.
    pub errors: usize,
    /// Warnings.
    pub warnings: usize,
    /// Infos.
    pub infos: usize,
}

impl Counts {
    /// Counts a list.
    #[must_use]
    pub fn of(diagnostics: &[Diagnostic]) -> Self {
        let mut counts = Self::default();
        for diagnostic in diagnostics {
            match diagnostic.level {
                Level::Error => counts.errors += 1,
                Level::Warning => counts.warnings += 1,
                Level::Info => counts.infos += 1,
            }
        }
        counts
    }

    /// All of them.
    #[must_use]
    pub const fn total(self) -> usize {
        self.errors + self.warnings + self.infos
    }
}
