//! Items to lines.

use super::WIDTH;
use super::align::{Line, Shape};
use super::print::{fitted, flat, width, written};
use super::tokens::{Kind, Token, body};
use crate::source::Span;
use crate::syntax::Parsed;
use crate::syntax::ast::{EnumValue, Ident, Item, ItemKind};

/// The lines of a file.
pub(super) fn layout(text: &str, tokens: &[Token], parsed: &Parsed) -> Vec<Line> {
    let mut layout = Layout {
        text,
        tokens,
        lines: Vec::new(),
        comment: 0,
        before: None,
    };
    layout.entries(&items(&parsed.file.items), 0, text.len());
    layout.lines
}

/// What stands on lines of its own in a block.
struct Entry<'t> {
    accepts: Vec<Span>,
    start: usize,
    end: usize,
    item: Option<&'t Item>,
    block: Option<Block<'t>>,
}

struct Block<'t> {
    start: usize,
    end: usize,
    entries: Entries<'t>,
}

enum Entries<'t> {
    Items(&'t [Item]),
    Values(&'t [EnumValue]),
    Names(&'t [Ident]),
}

fn items(items: &[Item]) -> Vec<Entry<'_>> {
    items
        .iter()
        .map(|item| Entry {
            accepts: item.accepts.iter().map(|accept| accept.span).collect(),
            start: item.span.start as usize,
            end: item.span.end as usize,
            item: Some(item),
            block: block(item),
        })
        .collect()
}

fn plain<'t>(span: Span) -> Entry<'t> {
    Entry {
        accepts: Vec::new(),
        start: span.start as usize,
        end: span.end as usize,
        item: None,
        block: None,
    }
}

fn block(item: &Item) -> Option<Block<'_>> {
    let (span, entries) = match &item.kind {
        ItemKind::Enum(declaration) => {
            (declaration.body_span, Entries::Values(&declaration.values))
        }
        ItemKind::Roles(names) => {
            let start = item.span.start + "roles".len() as u32;
            let span = Span { start, ..item.span };
            (span, Entries::Names(names))
        }
        kind => {
            let body = body(kind)?;
            (body.span, Entries::Items(&body.items))
        }
    };
    Some(Block {
        start: span.start as usize,
        end: span.end as usize,
        entries,
    })
}

impl<'t> Block<'t> {
    fn entries(&self) -> Vec<Entry<'t>> {
        match &self.entries {
            Entries::Items(inside) => items(inside),
            Entries::Values(values) => values
                .iter()
                .map(|value| {
                    plain(
                        value
                            .marks
                            .iter()
                            .fold(value.name.span, |span, mark| span.to(mark.span)),
                    )
                })
                .collect(),
            Entries::Names(names) => names.iter().map(|name| plain(name.span)).collect(),
        }
    }
}

struct Layout<'t> {
    text: &'t str,
    tokens: &'t [Token],
    lines: Vec<Line>,
    /// Where in the tokens the comments are looked for that have not been printed.
    comment: usize,
    /// Where what was printed last ends; nothing at the start of a block.
    before: Option<usize>,
}

impl<'t> Layout<'t> {
    fn between(&self, start: usize, end: usize) -> &'t [Token] {
        let first = self.tokens.partition_point(|token| token.start < start);
        let last = self.tokens.partition_point(|token| token.start < end);
        &self.tokens[first..last.max(first)]
    }

    fn broken_before(&self, start: usize) -> bool {
        self.before.is_some_and(|before| {
            self.text[before..start]
                .bytes()
                .filter(|byte| *byte == b'\n')
                .count()
                > 1
        })
    }

    fn line(&mut self, level: usize, shape: Shape, cells: Vec<String>, start: usize) {
        self.lines.push(Line {
            level,
            shape,
            cells,
            tail: String::new(),
            blank_before: self.broken_before(start),
        });
    }

    /// Everything before `end` is printed, comments included.
    fn passed(&mut self, end: usize) {
        self.before = Some(end);
        self.comment = self.tokens.partition_point(|token| token.start < end);
    }

    /// Prints the comments before `end` that have not been printed.
    fn comments(&mut self, level: usize, end: usize) {
        while let Some(token) = self.tokens.get(self.comment).copied() {
            if token.start >= end {
                return;
            }
            self.comment += 1;
            if !token.is_comment() {
                continue;
            }
            let leads = self.text[..token.start]
                .trim_end_matches([' ', '\t', '\r'])
                .ends_with('\n')
                || self.comment == 1;
            let after = self.text[token.end..].trim_start_matches([' ', '\t', '\r', ',']);
            let ends = after.is_empty() || after.starts_with('\n') || after.starts_with("//");
            let written = written(self.text, token);
            match self.lines.last_mut() {
                Some(line) if !leads && ends => {
                    line.tail.push(' ');
                    line.tail.push_str(&written);
                }
                _ => self.line(level, Shape::Comment, vec![written], token.start),
            }
            self.before = Some(token.end);
        }
    }

    fn entries(&mut self, entries: &[Entry<'t>], level: usize, end: usize) {
        for entry in entries {
            for accept in &entry.accepts {
                let (start, end) = (accept.start as usize, accept.end as usize);
                self.comments(level, start);
                let cells = vec![fitted(self.text, self.between(start, end), level, 0)];
                self.line(level, Shape::Alone, cells, start);
                self.passed(end);
            }
            self.comments(level, entry.start);
            self.entry(entry, level);
            self.passed(entry.end);
        }
        self.comments(level, end);
    }

    fn entry(&mut self, entry: &Entry<'t>, level: usize) {
        let one_line = entry
            .block
            .as_ref()
            .is_none_or(|block| !self.text[block.start..block.end].contains('\n'));
        if one_line && let Some((shape, cells)) = self.cells(entry) {
            let total: usize = cells.iter().map(|cell| width(cell) + 1).sum();
            if 2 * level + total <= WIDTH + 1 {
                self.line(level, shape, cells, entry.start);
                return;
            }
        }
        let Some(block) = &entry.block else {
            let text = fitted(self.text, self.between(entry.start, entry.end), level, 0);
            self.line(level, Shape::Alone, vec![text], entry.start);
            return;
        };
        let inside = block.entries();
        let mut braces = self.between(block.start, block.end).iter();
        let Some(brace) = braces.find(|token| token.kind == Kind::BraceOpen).copied() else {
            return;
        };
        let open = brace.end;
        let mut head = fitted(self.text, self.between(entry.start, brace.start), level, 2);
        // A head that had to break does not make its short block break.
        if one_line
            && head.contains('\n')
            && let Some(inside) = flat(self.text, self.between(brace.start, block.end))
            && !head.lines().next_back().is_some_and(ends_in_comment)
            && width(head.lines().next_back().unwrap_or_default()) + 1 + width(&inside) <= WIDTH
        {
            head.push(' ');
            head.push_str(&inside);
            self.line(level, Shape::Alone, vec![head], entry.start);
            return;
        }
        // A comment that ends its line would swallow the brace.
        let commented = head.lines().next_back().is_some_and(ends_in_comment);
        head.push_str(if commented { "\n{" } else { " {" });
        let mut passed = open;
        let mut rest = inside.as_slice();
        let beside = self.beside(&inside, open);
        if let Some(last) = beside.checked_sub(1).and_then(|last| inside.get(last))
            && let Some(attributes) = flat(self.text, self.between(open, last.end))
            && 2 * level + width(&head) + 1 + width(&attributes) <= WIDTH
            && !head.contains('\n')
        {
            head.push(' ');
            head.push_str(&attributes);
            passed = last.end;
            rest = &inside[beside..];
        }
        self.line(level, Shape::Alone, vec![head], entry.start);
        self.passed(passed);
        self.before = None;
        self.entries(rest, level + 1, block.end - 1);
        self.before = None;
        self.line(level, Shape::Alone, vec!["}".to_owned()], block.end);
    }

    /// How many attributes stand on the line of the opening brace, before what has lines of its own.
    fn beside(&self, entries: &[Entry<'t>], open: usize) -> usize {
        let count = entries
            .iter()
            .take_while(|entry| {
                matches!(
                    entry.item.map(|item| &item.kind),
                    Some(ItemKind::Attribute(_))
                ) && entry.accepts.is_empty()
                    && !self.text[open..entry.end].contains('\n')
            })
            .count();
        if count < entries.len() { count } else { 0 }
    }

    /// An entry on one line, cut into columns; nothing if comments break it.
    fn cells(&self, entry: &Entry<'t>) -> Option<(Shape, Vec<String>)> {
        let tokens = self.between(entry.start, entry.end);
        let block = entry.block.as_ref().map(|block| block.start);
        let first = |kind: Kind| {
            tokens
                .iter()
                .find(|token| token.kind == kind)
                .map(|token| token.start)
        };
        let second = tokens.get(1).map(|token| token.start);
        let colon = first(Kind::Colon).filter(|colon| block.is_none_or(|block| *colon < block));
        let (shape, cuts) = match entry.item.map(|item| &item.kind) {
            Some(ItemKind::Attribute(_)) => (Shape::Attribute, vec![second]),
            Some(ItemKind::Edge(_)) => (Shape::Edge, vec![second, colon]),
            Some(ItemKind::Node(node)) => (Shape::Node(node.keyword.value), vec![colon]),
            Some(ItemKind::Type(_) | ItemKind::Enum(_)) => (Shape::Type, vec![block]),
            Some(ItemKind::Operation(operation)) => {
                // `via` and the block share a column.
                let via = operation
                    .via
                    .as_ref()
                    .map(|via| via.target.span().start as usize);
                let rest = via.and_then(|target| {
                    let word = tokens
                        .iter()
                        .rfind(|token| token.start < target && !token.is_comment());
                    word.map(|word| word.start)
                });
                (Shape::Operation, vec![second, rest.or(block)])
            }
            _ => (Shape::Alone, Vec::new()),
        };
        let mut cells = Vec::new();
        let mut start = entry.start;
        for cut in cuts.into_iter().flatten().chain([entry.end]) {
            cells.push(flat(self.text, self.between(start, cut))?);
            start = cut;
        }
        Some((shape, cells))
    }
}

/// Whether the line ends in a comment that only the line's end ends.
fn ends_in_comment(line: &str) -> bool {
    let mut quoted = false;
    let mut escaped = false;
    let mut last = ' ';
    for letter in line.chars() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '/' if last == '/' && !quoted => return true,
            _ => {}
        }
        last = letter;
    }
    false
}
