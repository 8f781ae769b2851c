//! Pairs of the grammar to the syntax tree, in one walk.

mod expression;
mod items;
mod number;
mod text;
mod types;
mod values;

use pest::Parser;
use pest::iterators::{Pair, Pairs};

use super::ast::{Ident, Item, Path};
use super::grammar::{Grammar, Rule};
use super::scan::{Comment, CommentKind};
use crate::diagnostic::{Diagnostic, Level};
use crate::source::{FileId, Span, Spanned};

/// What the walk made.
pub(super) struct Built {
    pub items: Vec<Item>,
    /// What could not be read, in source order.
    pub junk: Vec<Span>,
    /// What could be read but is wrong.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads a text that the scan let through.
pub(super) fn build(id: FileId, text: &str, comments: &[Comment]) -> Built {
    let mut builder = Builder {
        id,
        text,
        comments,
        documented: 0,
        before: 0,
        junk: Vec::new(),
        diagnostics: Vec::new(),
    };
    let mut items = Vec::new();
    match Grammar::parse(Rule::file, text) {
        Ok(pairs) => {
            for file in pairs {
                items = builder.items(file.into_inner());
            }
        }
        // The grammar reads whatever the scan lets through; if it ever does not, the text is junk from there on.
        Err(error) => {
            let at = match error.location {
                pest::error::InputLocation::Pos(at) | pest::error::InputLocation::Span((at, _)) => {
                    at
                }
            };
            builder.junk.push(builder.between(at, text.len()));
        }
    }
    builder.documentation_left_over(text.len());
    Built {
        items,
        junk: builder.junk,
        diagnostics: builder.diagnostics,
    }
}

struct Builder<'t> {
    id: FileId,
    text: &'t str,
    comments: &'t [Comment],
    /// How many comments the walk has passed.
    documented: usize,
    /// Where what stands before the next item ends: documentation after it belongs to that item.
    before: usize,
    junk: Vec<Span>,
    diagnostics: Vec<Diagnostic>,
}

impl<'t> Builder<'t> {
    fn between(&self, start: usize, end: usize) -> Span {
        Span {
            file: self.id,
            start: start as u32,
            end: end as u32,
        }
    }

    /// The span of a pair, without the blanks and comments that the grammar passed while it looked for more.
    fn span(&self, pair: &Pair<'t, Rule>) -> Span {
        let span = pair.as_span();
        let mut end = span.end();
        loop {
            end = self.text[..end]
                .trim_end_matches([' ', '\t', '\r', '\n'])
                .len();
            match self
                .comments
                .binary_search_by_key(&(end as u32), |comment| comment.span.end)
            {
                Ok(at) if self.comments[at].span.start as usize > span.start() => {
                    end = self.comments[at].span.start as usize;
                }
                _ => break,
            }
        }
        self.between(span.start(), end)
    }

    fn ident(&self, pair: &Pair<'t, Rule>) -> Ident {
        let span = pair.as_span();
        Spanned {
            value: span.as_str().to_owned(),
            span: self.between(span.start(), span.end()),
        }
    }

    fn path(&self, pair: &Pair<'t, Rule>) -> Path {
        let span = pair.as_span();
        Path {
            span: self.between(span.start(), span.end()),
            segments: self.segments(span.start(), span.as_str()),
        }
    }

    fn segments(&self, start: usize, text: &str) -> Vec<Ident> {
        let mut at = start;
        let mut segments =
            Vec::with_capacity(1 + text.bytes().filter(|byte| *byte == b'.').count());
        for segment in text.split('.') {
            segments.push(Spanned {
                value: segment.to_owned(),
                span: self.between(at, at + segment.len()),
            });
            at += segment.len() + 1;
        }
        segments
    }

    /// A name that the grammar has read as a path.
    fn single(&mut self, pair: &Pair<'t, Rule>, what: &str) -> Ident {
        let ident = self.ident(pair);
        if ident.value.contains('.') {
            self.error(
                Diagnostic::error(
                    "ARC001",
                    format!("{what} has one name, without dots"),
                    ident.span,
                )
                .help(format!(
                    "write `{}`",
                    ident.value.rsplit('.').next().unwrap_or_default()
                )),
            );
        }
        ident
    }

    fn error(&mut self, error: Diagnostic) {
        self.diagnostics.push(error);
    }

    /// The documentation that stands before `start` and after what came before it.
    fn documentation(&mut self, start: usize) -> Option<Spanned<String>> {
        let first = self.documented;
        if self
            .comments
            .get(first)
            .is_none_or(|comment| comment.span.start as usize >= start)
        {
            return None;
        }
        self.documentation_left_over(self.before);
        let mut doc: Option<Spanned<String>> = None;
        while let Some(comment) = self.comments.get(self.documented) {
            if comment.span.start as usize >= start {
                break;
            }
            self.documented += 1;
            if comment.kind != CommentKind::Doc {
                continue;
            }
            if !comment.leads_line {
                self.undocumented(comment.span);
                continue;
            }
            let written = &self.text[comment.span.start as usize + 3..comment.span.end as usize];
            let line = written.strip_prefix(' ').unwrap_or(written).trim_end();
            match &mut doc {
                Some(doc) => {
                    doc.value.push('\n');
                    doc.value.push_str(line);
                    doc.span = doc.span.to(comment.span);
                }
                None => {
                    doc = Some(Spanned {
                        value: line.to_owned(),
                        span: comment.span,
                    });
                }
            }
        }
        doc
    }

    /// Passes the comments before `end`; documentation among them belongs to nothing.
    fn documentation_left_over(&mut self, end: usize) {
        while let Some(comment) = self.comments.get(self.documented) {
            if comment.span.start as usize >= end {
                break;
            }
            self.documented += 1;
            if comment.kind == CommentKind::Doc {
                self.undocumented(comment.span);
            }
        }
    }

    fn undocumented(&mut self, at: Span) {
        self.diagnostics.push(
            Diagnostic::new(
                "ARC001",
                Level::Warning,
                "this documentation belongs to nothing",
                at,
            )
            .help(
                "`///` stands on its own lines, before what it documents; write `//` for a remark",
            ),
        );
    }

    /// A doc comment that junk holds or follows has lost what it belongs to by that, and is not spoken of.
    fn junk(&mut self, pair: &Pair<'t, Rule>) {
        let span = self.span(pair);
        self.junk.push(span);
        self.before = span.end as usize;
        while self
            .comments
            .get(self.documented)
            .is_some_and(|comment| comment.span.start < span.end)
        {
            self.documented += 1;
        }
    }
}

/// The next pair if it is of this rule.
fn take<'t>(pairs: &mut Pairs<'t, Rule>, rule: Rule) -> Option<Pair<'t, Rule>> {
    if pairs.peek().is_some_and(|pair| pair.as_rule() == rule) {
        pairs.next()
    } else {
        None
    }
}
