//! The look at a text before the grammar sees it.
//!
//! One pass over the bytes finds the comments, and refuses what the grammar must never meet: brackets that do not pair
//! up, texts and comments that never end, and nesting or size without bound, which a recursive parser would answer with
//! a stack overflow. What it lets through, the grammar can read to the end, whatever stands there.

use std::borrow::Cow;

use crate::diagnostic::Diagnostic;
use crate::source::{FileId, MAX_FILE_BYTES, Span};

/// How deeply brackets may nest. A drawing needs about eight.
pub const MAX_DEPTH: usize = 64;

/// What a comment is to the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommentKind {
    /// `// ...`
    Line,
    /// `/* ... */`
    Block,
    /// `/// ...`
    Doc,
}

/// A comment, where it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comment {
    /// Without the line's end.
    pub span: Span,
    /// Its form.
    pub kind: CommentKind,
    /// Whether nothing but blanks stands before it on its line.
    pub leads_line: bool,
}

/// What the scan found.
pub(super) struct Scan {
    pub comments: Vec<Comment>,
    /// Comments, tabs and carriage returns: from where to where, in source order.
    blanks: Vec<(u32, u32)>,
    pub errors: Vec<Diagnostic>,
    /// Whether the grammar may read the text.
    pub readable: bool,
}

impl Scan {
    /// The text with its comments, tabs and carriage returns overwritten by blanks, every byte elsewhere in its place: the
    /// grammar knows of no other blanks than these and line ends.
    pub fn bare<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.blanks.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut bare = String::with_capacity(text.len());
        for &(start, end) in &self.blanks {
            bare.push_str(&text[bare.len()..start as usize]);
            let over = &text.as_bytes()[start as usize..end as usize];
            bare.extend(over.iter().map(|it| if *it == b'\n' { '\n' } else { ' ' }));
        }
        bare.push_str(&text[bare.len()..]);
        Cow::Owned(bare)
    }
}

/// Scans a text.
pub(super) fn scan(id: FileId, text: &str) -> Scan {
    let mut scan = Scanner {
        id,
        text: text.as_bytes(),
        at: 0,
        line_start: 0,
        open: Vec::new(),
        torn: None,
        angles: 0,
        found: Scan {
            comments: Vec::new(),
            blanks: Vec::new(),
            errors: Vec::new(),
            readable: true,
        },
    };
    if text.len() > MAX_FILE_BYTES {
        let message = format!(
            "this file holds {} bytes, and {} is the most that is read",
            text.len(),
            MAX_FILE_BYTES
        );
        scan.refuse(
            Diagnostic::error("ARC004", message, scan.span(0, 0))
                .help("split the drawing into several files and `import` them"),
        );
        return scan.found;
    }
    scan.run();
    scan.found
}

/// The bytes that the scan stops at; most are none.
static SIGNS: [bool; 256] = {
    let mut signs = [false; 256];
    let mut at = 0;
    while at < STOPS.len() {
        signs[STOPS[at] as usize] = true;
        at += 1;
    }
    signs
};

const STOPS: &[u8] = b"\n\t\r/\"{([<>})]\0";

struct Open {
    bracket: u8,
    at: usize,
    /// Where its line starts.
    line: usize,
}

struct Scanner<'t> {
    id: FileId,
    text: &'t [u8],
    at: usize,
    line_start: usize,
    open: Vec<Open>,
    /// The first block whose closing brace is indented less than the line that opened it: where a brace is missing, if
    /// one is.
    torn: Option<(usize, usize)>,
    /// `map<` that no `>` has closed yet. No type holds braces, so they start the count anew.
    angles: usize,
    found: Scan,
}

impl Scanner<'_> {
    fn span(&self, start: usize, end: usize) -> Span {
        Span {
            file: self.id,
            start: start as u32,
            end: end as u32,
        }
    }

    fn refuse(&mut self, error: Diagnostic) {
        self.found.errors.push(error);
        self.found.readable = false;
    }

    fn run(&mut self) {
        let mut texts_end = true;
        while let Some(plain) = self.text[self.at..]
            .iter()
            .position(|it| SIGNS[*it as usize])
        {
            self.at += plain;
            let byte = self.text[self.at];
            match byte {
                b'\n' => self.line_start = self.at + 1,
                b'\t' | b'\r' => self.blank(self.at + 1),
                b'/' if self.text.get(self.at + 1) == Some(&b'/') => {
                    self.line_comment();
                    continue;
                }
                b'/' if self.text.get(self.at + 1) == Some(&b'*') => {
                    if !self.block_comment() {
                        return;
                    }
                    continue;
                }
                b'"' => {
                    texts_end &= self.string();
                    continue;
                }
                b'{' | b'(' | b'[' => {
                    if byte == b'{' {
                        self.angles = 0;
                    }
                    self.open.push(Open {
                        bracket: byte,
                        at: self.at,
                        line: self.line_start,
                    });
                    if !self.depth_allowed() {
                        return;
                    }
                }
                b'<' if self.text[..self.at].ends_with(b"map") => {
                    self.angles += 1;
                    if !self.depth_allowed() {
                        return;
                    }
                }
                b'>' if self.angles > 0 && self.text[self.at - 1] != b'-' => self.angles -= 1,
                b'}' | b')' | b']' => {
                    if byte == b'}' {
                        self.angles = 0;
                    }
                    if !self.close(byte, texts_end) {
                        return;
                    }
                }
                0 => {
                    let error = Diagnostic::error(
                        "ARC006",
                        "a NUL byte: this is not a text file",
                        self.span(self.at, self.at + 1),
                    )
                    .help("drawings are UTF-8 text");
                    self.refuse(error);
                    return;
                }
                _ => {}
            }
            self.at += 1;
        }
        if let Some(open) = self.open.pop() {
            if texts_end {
                self.never_closed(open.bracket, open.at);
            } else {
                self.found.readable = false;
            }
        }
    }

    fn depth_allowed(&mut self) -> bool {
        if self.open.len() + self.angles <= MAX_DEPTH {
            return true;
        }
        let message = format!("brackets nest deeper than {MAX_DEPTH} levels");
        let error = Diagnostic::error("ARC003", message, self.span(self.at, self.at + 1))
            .here("one too many")
            .help("flatten this part: declare the inner blocks on their own");
        self.refuse(error);
        false
    }

    fn line_comment(&mut self) {
        let rest = &self.text[self.at..];
        let mut length = rest
            .iter()
            .position(|byte| *byte == b'\n')
            .unwrap_or(rest.len());
        if rest[..length].ends_with(b"\r") {
            length -= 1;
        }
        let doc = rest[..length].starts_with(b"///") && !rest[..length].starts_with(b"////");
        self.comment(
            length,
            if doc {
                CommentKind::Doc
            } else {
                CommentKind::Line
            },
        );
    }

    fn block_comment(&mut self) -> bool {
        let inner = &self.text[self.at + 2..];
        let Some(length) = inner.windows(2).position(|pair| pair == b"*/") else {
            let error = Diagnostic::error(
                "ARC002",
                "this comment never ends",
                self.span(self.at, self.at + 2),
            )
            .here("opened here")
            .help("close it with `*/`");
            self.refuse(error);
            return false;
        };
        let start = self.at;
        self.comment(length + 4, CommentKind::Block);
        if let Some(newline) = self.text[start..self.at]
            .iter()
            .rposition(|byte| *byte == b'\n')
        {
            self.line_start = start + newline + 1;
        }
        true
    }

    fn comment(&mut self, length: usize, kind: CommentKind) {
        let leads_line = self.text[self.line_start..self.at]
            .iter()
            .all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | 0xEF | 0xBB | 0xBF));
        let span = self.span(self.at, self.at + length);
        self.blank(self.at + length);
        self.found.comments.push(Comment {
            span,
            kind,
            leads_line,
        });
        self.at += length;
    }

    /// From here to `end` there is nothing for the grammar.
    fn blank(&mut self, end: usize) {
        let (start, end) = (self.at as u32, end as u32);
        match self.found.blanks.last_mut() {
            Some(last) if last.1 == start => last.1 = end,
            _ => self.found.blanks.push((start, end)),
        }
    }

    /// Whether the text ends on its line.
    fn string(&mut self) -> bool {
        let start = self.at;
        self.at += 1;
        while let Some(byte) = self.text.get(self.at) {
            match byte {
                b'"' => {
                    self.at += 1;
                    return true;
                }
                b'\n' => break,
                b'\\' if !matches!(self.text.get(self.at + 1), None | Some(b'\n')) => self.at += 2,
                _ => self.at += 1,
            }
        }
        let error = Diagnostic::error("ARC002", "this text never ends", self.span(start, self.at))
            .help("close it with `\"` on the same line; write a line break as `\\n`");
        self.found.errors.push(error);
        false
    }

    /// Takes a closing bracket; whether scanning can go on.
    fn close(&mut self, bracket: u8, texts_end: bool) -> bool {
        let wanted = match bracket {
            b'}' => b'{',
            b')' => b'(',
            _ => b'[',
        };
        match self.open.pop() {
            Some(open) if open.bracket == wanted => {
                let leads = self.text[self.line_start..self.at].trim_ascii().is_empty();
                if leads
                    && self.torn.is_none()
                    && self.at - self.line_start < self.indent(open.line)
                {
                    self.torn = Some((open.at, self.at));
                }
                return true;
            }
            _ if !texts_end => self.found.readable = false,
            Some(open)
                if bracket == b'}' || self.open.iter().any(|outer| outer.bracket == wanted) =>
            {
                let message = format!(
                    "`{}` is closed by `{}`",
                    char::from(open.bracket),
                    char::from(bracket)
                );
                let error = Diagnostic::error("ARC002", message, self.span(open.at, open.at + 1))
                    .here("opened here")
                    .label(
                        self.span(self.at, self.at + 1),
                        "this closes something else",
                    )
                    .help(format!("close it with `{}` first", closing(open.bracket)));
                self.refuse(error);
            }
            open => {
                let message = format!("`{}` closes nothing", char::from(bracket));
                let mut error =
                    Diagnostic::error("ARC002", message, self.span(self.at, self.at + 1))
                        .help("remove it, or add what it should close");
                if let Some(open) = open {
                    let text = format!("`{}` is what is open here", char::from(open.bracket));
                    error = error.label(self.span(open.at, open.at + 1), text);
                }
                self.refuse(error);
            }
        }
        false
    }

    fn never_closed(&mut self, bracket: u8, at: usize) {
        let (bracket, at, end) = match self.torn {
            Some((open, close)) => (b'{', open, Some(close)),
            None => (bracket, at, self.first_line_outside(at)),
        };
        let message = format!("`{}` is never closed", char::from(bracket));
        let mut error = Diagnostic::error("ARC002", message, self.span(at, at + 1))
            .here("opened here")
            .help(format!("add `{}`", closing(bracket)));
        if let Some(end) = end {
            error = error.label(
                self.span(end, end + 1),
                "by its indentation, it ends before this line",
            );
        }
        self.refuse(error);
    }

    /// How far the line that starts there is indented.
    fn indent(&self, line: usize) -> usize {
        let blank = |byte: &&u8| matches!(byte, b' ' | b'\t');
        self.text[line..].iter().take_while(blank).count()
    }

    /// The first line after `at` that is indented no deeper than `at`'s own, and closes nothing: where a reader would
    /// take the block to have ended.
    fn first_line_outside(&self, at: usize) -> Option<usize> {
        let newlines = |from: usize| {
            let bytes = self.text[from..].iter().enumerate();
            bytes
                .filter(|(_, byte)| **byte == b'\n')
                .map(move |(at, _)| from + at + 1)
        };
        let start = self.text[..at]
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |newline| newline + 1);
        let own = self.indent(start);
        newlines(at).find_map(|line| {
            let indent = self.indent(line);
            let first = self.text.get(line + indent)?;
            (indent <= own && (first.is_ascii_alphabetic() || *first == b'@'))
                .then_some(line + indent)
        })
    }
}

fn closing(bracket: u8) -> char {
    match bracket {
        b'{' => '}',
        b'(' => ')',
        _ => ']',
    }
}
