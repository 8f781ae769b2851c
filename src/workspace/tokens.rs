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
            Class::Blank => (Kind::Blank, self.end_of(Class::Blank)),
            Class::Word => self.word(),
            Class::Sign => match (byte, self.peek(1)) {
                (b'/', Some(b'/')) => (Kind::Comment, self.end_of_line()),
                (b'/', Some(b'*')) => (Kind::Comment, self.end_of_block()),
                (b'"', _) => (Kind::Text, self.end_of_text(self.at)),
                (b'\'', _) => (Kind::Quote, self.end_of_quote()),
                _ => (Kind::Sign, self.at + 1),
            },
        };
        let end = end.min(self.text.len());
        let bytes = &self.text[self.at..end];
        self.at = end;
        Some(Token { kind, bytes })
    }
}

impl Tokens<'_> {
    fn peek(&self, ahead: usize) -> Option<u8> {
        self.text.get(self.at + ahead).copied()
    }

    /// After all bytes of a class.
    fn end_of(&self, class: Class) -> usize {
        let rest = &self.text[self.at..];
        let length = rest.iter().position(|it| CLASSES[*it as usize] != class);
        self.at + length.unwrap_or(rest.len())
    }

    fn end_of_line(&self) -> usize {
        let rest = &self.text[self.at..];
        let length = rest.iter().position(|it| *it == b'\n');
        self.at + length.unwrap_or(rest.len())
    }

    fn end_of_block(&self) -> usize {
        let mut depth = 0;
        let mut end = self.at;
        while let Some(byte) = self.text.get(end) {
            match (byte, self.text.get(end + 1)) {
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

    /// A word, or the text that it prefixes: `r#"..."#`, `b"x"`.
    fn word(&self) -> (Kind, usize) {
        let end = self.end_of(Class::Word);
        let text = match (&self.text[self.at..end], self.text.get(end)) {
            (b"r" | b"br" | b"cr", Some(b'"' | b'#')) => self.end_of_raw(end),
            (b"b" | b"c", Some(b'"')) => self.end_of_text(end),
            _ => end,
        };
        match text == end {
            true => (Kind::Word, end),
            false => (Kind::Text, text),
        }
    }

    /// After the text that opens with the quotation mark at a place.
    fn end_of_text(&self, from: usize) -> usize {
        let mut at = from + 1;
        while let Some(byte) = self.text.get(at) {
            match byte {
                b'\\' => at += 2,
                b'"' => return at + 1,
                _ => at += 1,
            }
        }
        at
    }

    /// After the raw text whose signs begin at a place; the place itself, if it is a raw identifier.
    fn end_of_raw(&self, from: usize) -> usize {
        let rest = &self.text[from..];
        let signs = rest.iter().position(|it| *it != b'#').unwrap_or(rest.len());
        if rest.get(signs) != Some(&b'"') {
            return from;
        }
        let close = [b"\"".as_slice(), &rest[..signs]].concat();
        let body = from + signs + 1;
        let found = self.text[body..]
            .windows(close.len())
            .position(|it| it == close);
        found.map_or(self.text.len(), |at| body + at + close.len())
    }

    /// After a character, or after the mark of a lifetime.
    fn end_of_quote(&self) -> usize {
        if self.peek(1) == Some(b'\\') {
            let rest = self.text.get(self.at + 3..).unwrap_or_default();
            let close = rest
                .iter()
                .position(|it| *it == b'\'')
                .unwrap_or(rest.len());
            return self.at + 3 + close + 1;
        }
        let width = match self.peek(1) {
            None => return self.at + 1,
            Some(0..=0x7f) => 1,
            Some(..=0xdf) => 2,
            Some(..=0xef) => 3,
            Some(_) => 4,
        };
        match self.peek(1 + width) {
            Some(b'\'') => self.at + 2 + width,
            _ => self.at + 1,
        }
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
