//! The tokens of a file that reads without error, comments among them.

use crate::syntax::ast::{Body, Input, Item, ItemKind};
use crate::syntax::{Comment, CommentKind, Parsed};

/// What a token is to its neighbours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name, keyword, number, text, mark or operator: blanks on both sides.
    Word,
    /// `,`
    Comma,
    /// `:` between a declaration and what it is.
    Colon,
    /// `:` after a field's name, `?` after a type, `<` of a map: stands at what is before it.
    Tight,
    /// `<` of a map.
    MapOpen,
    /// `(` or `[`
    Open,
    /// `(` right after what is called.
    Call,
    /// `)`, `]` or the `>` of a map.
    Close,
    /// `{`
    BraceOpen,
    /// `}`
    BraceClose,
    /// A comment that may stand anywhere: `/* ... */` on one line.
    Inline,
    /// A comment that ends its line or has several.
    Breaking,
}

/// A token and where it was written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub kind: Kind,
    pub start: usize,
    pub end: usize,
}

impl Token {
    pub fn is_comment(&self) -> bool {
        matches!(self.kind, Kind::Inline | Kind::Breaking)
    }
}

/// All tokens in source order.
pub(super) fn tokens(text: &str, parsed: &Parsed) -> Vec<Token> {
    let mut names = Vec::new();
    field_names(&parsed.file.items, &mut names);
    names.sort_unstable();
    let mut lexer = Lexer {
        text,
        at: if text.starts_with('\u{FEFF}') { 3 } else { 0 },
        names,
        maps: 0,
        tokens: Vec::new(),
    };
    for comment in &parsed.trivia {
        lexer.run(comment.span.start as usize);
        lexer.comment(comment);
    }
    lexer.run(text.len());
    lexer.tokens
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    /// Where the names of fields and parameters end, sorted.
    names: Vec<usize>,
    /// Maps that are open.
    maps: usize,
    tokens: Vec<Token>,
}

impl Lexer<'_> {
    fn comment(&mut self, comment: &Comment) {
        let (start, end) = (comment.span.start as usize, comment.span.end as usize);
        let inline = comment.kind == CommentKind::Block && !self.text[start..end].contains('\n');
        let kind = if inline { Kind::Inline } else { Kind::Breaking };
        self.tokens.push(Token { kind, start, end });
        self.at = end;
    }

    fn run(&mut self, end: usize) {
        loop {
            let rest = &self.text[self.at..end];
            let start = end - rest.trim_ascii_start().len();
            let Some(first) = self.text[start..end].chars().next() else {
                self.at = end;
                return;
            };
            let (kind, length) = self.token(first, start, &self.text[start..end]);
            self.tokens.push(Token {
                kind,
                start,
                end: start + length,
            });
            self.at = start + length;
        }
    }

    fn token(&mut self, first: char, start: usize, rest: &str) -> (Kind, usize) {
        let last = self
            .tokens
            .iter()
            .rev()
            .find(|token| !token.is_comment())
            .copied();
        match first {
            ',' => (Kind::Comma, 1),
            '{' => (Kind::BraceOpen, 1),
            '}' => (Kind::BraceClose, 1),
            ')' | ']' => (Kind::Close, 1),
            '?' => (Kind::Tight, 1),
            '[' => (Kind::Open, 1),
            '(' => (self.parenthesis(), 1),
            ':' => {
                let field = last.is_some_and(|last| self.names.binary_search(&last.end).is_ok());
                (if field { Kind::Tight } else { Kind::Colon }, 1)
            }
            '<' if self.text[..start].ends_with("map") && !rest.starts_with("<=") => {
                self.maps += 1;
                (Kind::MapOpen, 1)
            }
            '>' if self.maps > 0 => {
                self.maps -= 1;
                (Kind::Close, 1)
            }
            '"' => (Kind::Word, text_length(rest)),
            _ if ["->", "==", "!=", "<=", ">="]
                .iter()
                .any(|sign| rest.starts_with(sign)) =>
            {
                (Kind::Word, 2)
            }
            '=' | '<' | '>' => (Kind::Word, 1),
            _ => {
                // A name, path or mark; `%`, `/` and `-` stand in numbers only.
                let number = first.is_ascii_digit() || matches!(first, '-' | '.');
                let inside = |letter: char| {
                    letter.is_alphanumeric()
                        || matches!(letter, '_' | '.')
                        || (number && matches!(letter, '%' | '/' | '-'))
                };
                let after = &rest[first.len_utf8()..];
                let length = after.find(|letter| !inside(letter)).unwrap_or(after.len());
                (Kind::Word, first.len_utf8() + length)
            }
        }
    }

    /// Whether a parenthesis follows what is called, or opens a group of an expression.
    fn parenthesis(&self) -> Kind {
        match self.tokens.last() {
            Some(token) if token.kind == Kind::Word => {
                let word = &self.text[token.start..token.end];
                let called = word.starts_with(|letter: char| {
                    letter.is_alphabetic() || matches!(letter, '_' | '@')
                });
                match called && !matches!(word, "not" | "and" | "or" | "in") {
                    true => Kind::Call,
                    false => Kind::Open,
                }
            }
            _ => Kind::Open,
        }
    }
}

/// The bytes of the text that starts here, quotes included.
fn text_length(rest: &str) -> usize {
    let mut escaped = false;
    for (at, letter) in rest.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

fn field_names(items: &[Item], names: &mut Vec<usize>) {
    for item in items {
        match &item.kind {
            ItemKind::Field(field) => names.push(field.name.span.end as usize),
            ItemKind::Operation(operation) => {
                if let Some(Input::Parameters(parameters)) = &operation.input {
                    names.extend(parameters.iter().map(|field| field.name.span.end as usize));
                }
            }
            _ => {}
        }
        if let Some(body) = body(&item.kind) {
            field_names(&body.items, names);
        }
    }
}

/// The block of items that an item ends with.
pub(super) fn body(kind: &ItemKind) -> Option<&Body> {
    match kind {
        ItemKind::Node(node) => node.body.as_deref(),
        ItemKind::Api(api) => api.body.as_deref(),
        ItemKind::Operation(operation) => operation.body.as_deref(),
        ItemKind::Type(declaration) => Some(&declaration.body),
        ItemKind::Edge(edge) => edge.body.as_deref(),
        ItemKind::Override(part) => Some(&part.body),
        ItemKind::Enum(_)
        | ItemKind::Roles(_)
        | ItemKind::Import(_)
        | ItemKind::Attribute(_)
        | ItemKind::Field(_) => None,
    }
}
