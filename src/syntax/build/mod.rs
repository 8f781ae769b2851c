//! Pairs of the grammar to the syntax tree, in one walk.

mod expression;
mod items;
mod number;
mod text;
mod types;
mod values;
mod zones;

use std::iter::Peekable;

use items::Gap;
use pest::Parser;
use pest::iterators::{Pair, Pairs};
use zones::OpenZone;

use super::MAX_ERRORS;
use super::ast::{Ident, Item, Mark, Path};
use super::grammar::{Grammar, Rule};
use super::scan::{Comment, CommentKind};
use crate::diagnostic::{Diagnostic, Level};
use crate::source::{FileId, Span, Spanned};

/// What the walk made.
pub(super) struct Built {
    pub items: Vec<Item>,
    /// What could not be read, in source order.
    pub junk: Vec<Junk>,
    /// What could be read but is wrong.
    pub diagnostics: Vec<Diagnostic>,
}

/// What could not be read.
pub(super) struct Junk {
    pub span: Span,
    /// Where the item begins that it seems to continue: one that ends on the same line, with no comma between.
    pub from: u32,
    /// Whether it stands among names, in an enum or the roles.
    pub names: bool,
}

/// Reads a text that the scan let through.
///
/// `bare` is the text without its comments, byte for byte in the same places.
pub(super) fn build(id: FileId, text: &str, bare: &str, comments: &[Comment]) -> Built {
    let mut builder = Builder {
        id,
        text,
        bare,
        is_ascii: bare.is_ascii(),
        comments,
        base: 0,
        documented: 0,
        before: 0,
        junk: Vec::new(),
        diagnostics: Vec::new(),
    };
    let items = builder.file();
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
    bare: &'t str,
    /// Whether all letters are those that names may be made of.
    is_ascii: bool,
    comments: &'t [Comment],
    /// Where the piece that the grammar was given begins: its positions count from there.
    base: usize,
    /// How many comments the walk has passed.
    documented: usize,
    /// Where what stands before the next item ends: documentation after it belongs to that item.
    before: usize,
    junk: Vec<Junk>,
    diagnostics: Vec<Diagnostic>,
}

impl<'t> Builder<'t> {
    /// Reads a few items after the other: the grammar's tokens take several times the room of the tree, so they are let
    /// go of soon. Zones may hold most of a file, and are opened and closed here.
    fn file(&mut self) -> Vec<Item> {
        let mut zones: Vec<OpenZone> = Vec::new();
        // An item takes a line of some forty bytes, if not several lines.
        let mut items = Vec::with_capacity(self.bare.len() / 64);
        let mut gap = Gap::Opening(0);
        let mut rest = self.bare.strip_prefix('\u{FEFF}').unwrap_or(self.bare);
        loop {
            let next = rest.trim_start_matches([' ', '\t', '\r', '\n', ',']);
            self.base = self.bare.len() - next.len();
            if next.starts_with('}')
                && let Some(zone) = zones.pop()
            {
                gap = self.close(zone, &mut items, self.base + 1);
                rest = &next[1..];
                continue;
            }
            let mut end = 0;
            for piece in Grammar::parse(Rule::piece, next).into_iter().flatten() {
                end = piece.as_span().end();
                for entry in piece.into_inner() {
                    if entry.as_rule() == Rule::opening {
                        zones.extend(self.open(entry, gap, &mut items));
                        gap = Gap::Opening(self.before);
                    } else {
                        gap = self.entry(entry, gap, &mut items);
                    }
                }
            }
            if end == 0 {
                // The grammar reads whatever the scan lets through; if it ever does not, the rest is one piece of junk.
                if !next.is_empty() {
                    let span = self.between(self.base, self.bare.len());
                    self.unreadable(span, None, false);
                }
                while let Some(zone) = zones.pop() {
                    self.close(zone, &mut items, self.bare.len());
                }
                return items;
            }
            rest = &next[end..];
        }
    }

    fn between(&self, start: usize, end: usize) -> Span {
        Span {
            file: self.id,
            start: start as u32,
            end: end as u32,
        }
    }

    /// The span of a pair, without the blanks that the grammar passed while it looked for more.
    fn span(&self, pair: &Pair<'t, Rule>) -> Span {
        let start = self.start(pair);
        self.between(start, start + pair.as_str().trim_ascii_end().len())
    }

    /// The same with the sign or word of so many bytes before it, which the grammar passes before it enters the rule.
    fn span_with(&self, pair: &Pair<'t, Rule>, before: usize) -> Span {
        let span = self.span(pair);
        self.between(span.start as usize - before, span.end as usize)
    }

    fn start(&self, pair: &Pair<'t, Rule>) -> usize {
        self.base + pair.as_span().start()
    }

    /// The word that starts there.
    fn word(&self, start: usize) -> &'t str {
        let rest = &self.bare[start..];
        let end = rest.bytes().position(|byte| !byte.is_ascii_alphabetic());
        &rest[..end.unwrap_or(rest.len())]
    }

    fn ident(&mut self, pair: &Pair<'t, Rule>) -> Ident {
        self.name(self.start(pair), pair.as_str())
    }

    fn name(&mut self, start: usize, written: &str) -> Ident {
        let span = self.between(start, start + written.len());
        if !self.is_ascii && !written.is_ascii() {
            let error = Diagnostic::error("ARC001", format!("`{written}` is no name"), span)
                .help("names are made of the letters a to z and A to Z, digits and `_`");
            self.error(error);
        }
        Spanned {
            value: written.into(),
            span,
        }
    }

    fn path(&mut self, pair: &Pair<'t, Rule>) -> Path {
        let (start, text) = (self.start(pair), pair.as_str());
        if !text.as_bytes().contains(&b'.') {
            return Path::from_iter([self.name(start, text)]);
        }
        let mut at = start;
        let segments = text.split('.').map(|segment| {
            if !segment.starts_with(|letter: char| letter == '_' || letter.is_alphabetic()) {
                let place = self.between(start, start + text.len());
                self.error(
                    Diagnostic::error("ARC001", format!("`{text}` is no path"), place)
                        .help("a path is names with one dot between them: `orders.Orders.find`"),
                );
            }
            let name = self.name(at, segment);
            at += segment.len() + 1;
            name
        });
        segments.collect()
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
        if self.diagnostics.len() < 2 * MAX_ERRORS {
            self.diagnostics.push(error);
        }
    }

    /// The documentation that stands before `start` and after what came before it, but not within the marks between.
    fn documentation(&mut self, start: usize, accepts: &[Mark]) -> Option<Box<Spanned<String>>> {
        let first = self.documented;
        if self
            .comments
            .get(first)
            .is_none_or(|comment| comment.span.start as usize >= start)
        {
            return None;
        }
        self.documentation_left_over(self.before);
        let mut doc: Option<Box<Spanned<String>>> = None;
        while let Some(comment) = self.comments.get(self.documented) {
            if comment.span.start as usize >= start {
                break;
            }
            self.documented += 1;
            if comment.kind != CommentKind::Doc {
                continue;
            }
            let within = |accept: &Mark| {
                accept.span.start < comment.span.start && comment.span.start < accept.span.end
            };
            if !comment.leads_line || accepts.iter().any(within) {
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
                    doc = Some(Box::new(Spanned {
                        value: line.to_owned(),
                        span: comment.span,
                    }));
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

    /// Remembers junk. `last` is the item before it.
    ///
    /// A doc comment that junk holds or follows has lost what it belongs to by that, and is not spoken of.
    fn unreadable(&mut self, span: Span, last: Option<Span>, names: bool) {
        let from = last
            .filter(|last| {
                let between = &self.bare.as_bytes()[last.end as usize..span.start as usize];
                !between.iter().any(|byte| matches!(byte, b'\n' | b','))
            })
            .map_or(span.start, |last| last.start);
        self.junk.push(Junk { span, from, names });
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

/// What is in a pair.
type Parts<'t> = Peekable<Pairs<'t, Rule>>;

fn parts(pair: Pair<'_, Rule>) -> Parts<'_> {
    pair.into_inner().peekable()
}

/// The next pair if it is of this rule.
fn take<'t>(parts: &mut Parts<'t>, rule: Rule) -> Option<Pair<'t, Rule>> {
    parts.next_if(|pair| pair.as_rule() == rule)
}
