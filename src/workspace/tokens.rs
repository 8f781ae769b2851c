//! The tokens of Rust, as far as texts are compared by them.
//!
//! A scanner of its own instead of a lexer: it runs over everything that is generated, at the speed of reading, and has
//! nothing to say about texts that are no Rust.

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Blanks and ends of lines.
    Blank,
    /// `// ...` or `/* ... */`, documentation too.
    Comment,
    /// A text with its quotes and what prefixes it: `"..."`, `r#"..."#`, `b"..."`.
    Text,
    /// A character with its quotes, or the mark of a lifetime alone.
    Quote,
    /// An identifier, keyword or number.
    Word,
    /// A byte of anything else.
    Sign,
}

/// A part of a text; all of them together are the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'a> {
    /// What it is.
    pub kind: Kind,
    /// What stands there, never empty.
    pub bytes: &'a [u8],
}

/// Runs over a text.
#[derive(Clone, Debug)]
pub struct Tokens<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Tokens<'a> {
    /// From its beginning.
    #[must_use]
    pub const fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0 }
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let byte = *self.text.get(self.at)?;
        let (kind, end) = match CLASSES[byte as usize] {
            Class::Blank => (Kind::Blank, end_of(self.text, self.at, Class::Blank)),
            Class::Word => self.word(),
            Class::Sign => match (byte, self.text.get(self.at + 1)) {
                (b'/', Some(b'/')) => (Kind::Comment, end_of_line(self.text, self.at)),
                (b'/', Some(b'*')) => (Kind::Comment, end_of_block(self.text, self.at)),
                (b'"', _) => (Kind::Text, end_of_text(self.text, self.at)),
                (b'\'', _) => (Kind::Quote, end_of_quote(self.text, self.at)),
                _ => (Kind::Sign, self.at + 1),
            },
        };
        let bytes = &self.text[self.at..end];
        self.at = end;
        Some(Token { kind, bytes })
    }
}

impl Tokens<'_> {
    /// A word, or the text that it prefixes: `r#"..."#`, `b"x"`.
    fn word(&self) -> (Kind, usize) {
        let end = end_of(self.text, self.at, Class::Word);
        let text = match (&self.text[self.at..end], self.text.get(end)) {
            (b"r" | b"br" | b"cr", Some(b'"' | b'#')) => end_of_raw(self.text, end),
            (b"b" | b"c", Some(b'"')) => end_of_text(self.text, end),
            _ => end,
        };
        match text == end {
            true => (Kind::Word, end),
            false => (Kind::Text, text),
        }
    }
}

/// After all bytes of a class from a place on.
fn end_of(text: &[u8], from: usize, class: Class) -> usize {
    let rest = &text[from..];
    let length = rest.iter().position(|it| CLASSES[*it as usize] != class);
    from + length.unwrap_or(rest.len())
}

/// After the comment that begins at a place with two slashes.
pub(super) fn end_of_line(text: &[u8], from: usize) -> usize {
    let rest = &text[from..];
    let length = rest.iter().position(|it| *it == b'\n');
    from + length.unwrap_or(rest.len())
}

/// After the comment that begins at a place with a slash and a star.
pub(super) fn end_of_block(text: &[u8], from: usize) -> usize {
    let mut depth = 0;
    let mut end = from;
    while let Some(byte) = text.get(end) {
        match (byte, text.get(end + 1)) {
            (b'/', Some(b'*')) => depth += 1,
            (b'*', Some(b'/')) => depth -= 1,
            _ => {
                end += 1;
                continue;
            }
        }
        end += 2;
        if depth == 0 {
            break;
        }
    }
    end
}

/// After the text that opens with the quotation mark at a place.
pub(super) fn end_of_text(text: &[u8], from: usize) -> usize {
    let mut at = from + 1;
    while let Some(byte) = text.get(at) {
        match byte {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    text.len()
}

/// After the raw text whose signs begin at a place; the place itself, if it is a raw identifier.
pub(super) fn end_of_raw(text: &[u8], from: usize) -> usize {
    let rest = &text[from..];
    let signs = rest.iter().position(|it| *it != b'#').unwrap_or(rest.len());
    if rest.get(signs) != Some(&b'"') {
        return from;
    }
    let close = [b"\"".as_slice(), &rest[..signs]].concat();
    let body = from + signs + 1;
    let found = text[body..].windows(close.len()).position(|it| it == close);
    found.map_or(text.len(), |at| body + at + close.len())
}

/// After the character that begins at a place, or after the mark of a lifetime.
pub(super) fn end_of_quote(text: &[u8], from: usize) -> usize {
    let peek = |ahead: usize| text.get(from + ahead).copied();
    if peek(1) == Some(b'\\') {
        let rest = text.get(from + 3..).unwrap_or_default();
        let close = rest
            .iter()
            .position(|it| *it == b'\'')
            .unwrap_or(rest.len());
        return (from + 3 + close + 1).min(text.len());
    }
    let width = match peek(1) {
        None => return from + 1,
        Some(0..=0x7f) => 1,
        Some(..=0xdf) => 2,
        Some(..=0xef) => 3,
        Some(_) => 4,
    };
    match peek(1 + width) {
        Some(b'\'') => from + 2 + width,
        _ => from + 1,
    }
}

/// What a byte can begin.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Blank,
    /// Letters, digits and everything that is not ASCII.
    Word,
    Sign,
}

/// The class of each byte: looked up for every one that is generated.
const CLASSES: [Class; 256] = {
    let mut classes = [Class::Sign; 256];
    let mut at = 0;
    while at < classes.len() {
        let byte = at as u8;
        if matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
            classes[at] = Class::Blank;
        } else if is_word(byte) {
            classes[at] = Class::Word;
        }
        at += 1;
    }
    classes
};

/// Letters, digits and everything that is not ASCII.
pub(super) const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use super::{Kind, Tokens};

    #[test]
    fn tokens_are_the_whole_text() {
        use Kind::{Blank, Comment, Quote, Sign, Text, Word};
        let text = "fn f<'a>(x: &'a str) { r#\"\"b\"#; b'x' } // end";
        let kinds: Vec<_> = Tokens::new(text.as_bytes()).map(|it| it.kind).collect();
        assert_eq!(
            kinds,
            [
                Word, Blank, Word, Sign, Quote, Word, Sign, Sign, Word, Sign, Blank, Sign, Quote,
                Word, Blank, Word, Sign, Blank, Sign, Blank, Text, Sign, Blank, Word, Quote, Blank,
                Sign, Blank, Comment
            ]
        );
        let all: Vec<u8> = Tokens::new(text.as_bytes())
            .flat_map(|it| it.bytes.to_vec())
            .collect();
        assert_eq!(all, text.as_bytes());
    }
}
