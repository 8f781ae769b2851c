//! The one shape every message to the user has: syntax errors, resolution errors and lint findings alike.

pub mod apply;
pub mod codes;
pub mod render;
mod unknown;

use crate::source::Span;
pub use unknown::Unknown;

/// How much a finding matters. Ordered: `Info < Warning < Error`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Worth knowing; never fails a run.
    Info,
    /// Probably wrong; fails a run under `--deny warning`.
    Warning,
    /// Wrong; fails a run, and `generate` refuses.
    Error,
}

/// A place with what it has to do with the finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What is there; may be empty on a primary label.
    pub text: String,
}

/// A replacement of the text under a span.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced; empty for an insertion.
    pub span: Span,
    /// What stands there afterwards.
    pub replacement: String,
}

/// A way to make the finding go away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What the fix does, in the imperative.
    pub title: String,
    /// The edits, in source order, not overlapping.
    pub edits: Vec<Edit>,
    /// Whether somebody has to look at it first.
    pub safety: Safety,
}

/// How far a fix can be trusted. No fix makes the drawing claim what is not so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Safety {
    /// Can be applied unseen.
    Safe,
    /// Changes what is generated, or holds only if the system is made so: to be judged by a person.
    Suggested,
}

/// One message to the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// `ARC012` for the engine's own, `TMO002` and the like for rules.
    pub code: &'static str,
    /// How much it matters.
    pub level: Level,
    /// One sentence: what is wrong, with the names of the things involved.
    pub message: String,
    /// Where it is wrong.
    pub primary: Label,
    /// The other places that matter, in the order they should be read.
    pub labels: Vec<Label>,
    /// Why it matters, the witness path, the arithmetic: one line each.
    pub notes: Vec<String>,
    /// What to write instead: one line each.
    pub help: Vec<String>,
    /// Edits that do what the help says.
    pub fixes: Vec<Fix>,
    /// What it is about, by name, whatever its words and wherever it stands; empty where that is not known.
    pub identity: Vec<String>,
}

impl Diagnostic {
    /// A message at a place, with nothing else yet.
    #[must_use]
    pub fn new(code: &'static str, level: Level, message: impl Into<String>, at: Span) -> Self {
        Self {
            code,
            level,
            message: message.into(),
            primary: Label {
                span: at,
                text: String::new(),
            },
            labels: Vec::new(),
            notes: Vec::new(),
            help: Vec::new(),
            fixes: Vec::new(),
            identity: Vec::new(),
        }
    }

    /// An error of the engine.
    #[must_use]
    pub fn error(code: &'static str, message: impl Into<String>, at: Span) -> Self {
        Self::new(code, Level::Error, message, at)
    }

    /// What stands at the primary place.
    #[must_use]
    pub fn here(mut self, text: impl Into<String>) -> Self {
        self.primary.text = text.into();
        self
    }

    /// Another place that matters.
    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label {
            span,
            text: text.into(),
        });
        self
    }

    /// Why it matters, or how it was computed.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    /// What to write instead, the titles of fixes included.
    pub fn advice(&self) -> impl Iterator<Item = &str> {
        let fixes = self.fixes.iter().map(|it| it.title.as_str());
        self.help.iter().map(String::as_str).chain(fixes)
    }

    /// What to write instead.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }
}
