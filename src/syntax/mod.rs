//! Text to syntax tree: the only place that knows pest.
//!
//! `scan` looks at the brackets and takes the comments out, the grammar (`grammar/arch.pest`) reads items and leaves what it cannot
//! read as junk, `build` makes the tree in one walk, and `explain` says what is wrong with each piece of junk.

pub mod ast;
mod build;
mod explain;
mod grammar;
mod load;
mod nearest;
mod scan;

pub use load::load;
pub use nearest::nearest;
pub use scan::{Comment, CommentKind, MAX_DEPTH};

use crate::diagnostic::{Diagnostic, Level};
use crate::source::{FileId, Sources};

/// How many errors of one file are told. Beyond that, one is looking at a file of another kind.
const MAX_ERRORS: usize = 50;

/// What a text was read as.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// What could be read; items that could not are left out.
    pub file: ast::File,
    /// What is wrong, in source order.
    pub diagnostics: Vec<Diagnostic>,
    /// Every comment, in source order.
    pub trivia: Vec<Comment>,
}

impl Parsed {
    /// Whether something could not be read.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.diagnostics
            .iter()
            .any(|found| found.level == Level::Error)
    }
}

/// Reads one file.
#[must_use]
pub fn parse(sources: &Sources, id: FileId) -> Parsed {
    let text = sources.file(id).text.as_str();
    let mut scan = scan::scan(id, text);
    let mut diagnostics = std::mem::take(&mut scan.errors);
    let mut items = Vec::new();
    if scan.readable {
        let bare = scan.bare(text);
        let built = build::build(id, text, &bare, &scan.comments);
        items = built.items;
        let torn = diagnostics.len();
        for junk in built.junk.into_iter().take(MAX_ERRORS + 1) {
            // A text that never ends was told of already, and is why this could not be read.
            if !diagnostics[..torn]
                .iter()
                .any(|error| overlaps(error.primary.span, junk.span))
            {
                diagnostics.push(explain::explain(&bare, &junk));
            }
        }
        diagnostics.extend(built.diagnostics);
        diagnostics.sort_by_key(|found| found.primary.span.start);
    }
    if diagnostics.len() > MAX_ERRORS {
        diagnostics.truncate(MAX_ERRORS);
        if let Some(last) = diagnostics.pop() {
            diagnostics.push(last.note("there are more errors after this one"));
        }
    }
    Parsed {
        file: ast::File { id, items },
        diagnostics,
        trivia: scan.comments,
    }
}

fn overlaps(one: crate::source::Span, other: crate::source::Span) -> bool {
    one.start < other.end && other.start < one.end
}
