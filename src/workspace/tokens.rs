//! Rust without its layout: what stays the same when a formatter has been at it.
//!
//! A scanner of its own instead of a lexer: it runs over everything that is generated, at the speed of reading, and has
//! nothing to say about texts that are no Rust.

/// The text without blanks and without commas before a closing bracket. Words that blanks kept apart stay apart; comments
/// count, their layout does not; texts and characters are kept as they are.
pub fn without_layout(text: &[u8]) -> Vec<u8> {
    let mut scanner = Scanner {
        text,
        at: 0,
        out: Vec::with_capacity(text.len()),
        comma: false,
        gap: false,
    };
    scanner.run();
    scanner.out
}

struct Scanner<'a> {
    text: &'a [u8],
    at: usize,
    out: Vec<u8>,
    /// A comma that is written if no closing bracket follows.
    comma: bool,
    /// Blanks or comments stand before what comes next.
    gap: bool,
}

impl Scanner<'_> {
    fn run(&mut self) {
        while let Some(&byte) = self.text.get(self.at) {
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' => {
                    self.at += 1;
                    self.gap = true;
                }
                b'/' if self.peek(1) == Some(b'/') => self.line_comment(),
                b'/' if self.peek(1) == Some(b'*') => self.block_comment(),
                b'"' => self.take(self.end_of_text(self.at)),
                b'\'' => self.take(self.end_of_quote()),
                b',' => {
                    self.put(&[]);
                    self.comma = true;
                    self.at += 1;
                }
                b')' | b']' | b'}' => {
                    self.comma = false;
                    self.take(self.at + 1);
                }
                _ if is_word(byte) => self.word(),
                _ => self.take(self.at + 1),
            }
        }
        self.put(&[]);
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.text.get(self.at + ahead).copied()
    }

    /// Writes what stands up to `end`.
    fn take(&mut self, end: usize) {
        let end = end.min(self.text.len());
        let token = &self.text[self.at..end];
        self.at = end;
        self.put(token);
    }

    fn put(&mut self, token: &[u8]) {
        if self.comma {
            self.out.push(b',');
            self.comma = false;
        }
        let joins = self.out.last().copied().is_some_and(is_word)
            && token.first().copied().is_some_and(is_word);
        if self.gap && joins {
            self.out.push(b' ');
        }
        self.gap = false;
        self.out.extend_from_slice(token);
    }

    fn line_comment(&mut self) {
        let rest = &self.text[self.at..];
        let end = rest
            .iter()
            .position(|it| *it == b'\n')
            .unwrap_or(rest.len());
        self.comment(self.at + end);
    }

    fn block_comment(&mut self) {
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
        self.comment(end);
    }

    /// Writes a comment word by word, on a line of its own.
    fn comment(&mut self, end: usize) {
        let words = self.text[self.at..end].split(u8::is_ascii_whitespace);
        for word in words.filter(|it| !it.is_empty()) {
            self.put(word);
            self.out.push(b' ');
        }
        self.out.push(b'\n');
        self.gap = true;
        self.at = end;
    }

    /// An identifier, keyword or number, with the text that it prefixes: `r#"..."#`, `b'x'`.
    fn word(&mut self) {
        let rest = &self.text[self.at..];
        let length = rest
            .iter()
            .position(|it| !is_word(*it))
            .unwrap_or(rest.len());
        let end = self.at + length;
        let end = match (&rest[..length], rest.get(length)) {
            (b"r" | b"br" | b"cr", Some(b'"' | b'#')) => self.end_of_raw(end),
            (b"b" | b"c", Some(b'"')) => self.end_of_text(end),
            _ => end,
        };
        self.take(end);
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

/// Letters, digits and everything that is not ASCII.
const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use super::without_layout;

    fn read(text: &str) -> String {
        String::from_utf8(without_layout(text.as_bytes())).unwrap()
    }

    #[test]
    fn layout_goes_and_words_stay_apart() {
        assert_eq!(
            read("pub fn  f(\n    a: u8,\n) -> u8 {\n    a\n}\n"),
            "pub fn f(a:u8)->u8{a}"
        );
        assert_eq!(read("f(1, 2,); [a, b ,]"), "f(1,2);[a,b]");
        assert_eq!(read("a,"), "a,");
    }

    #[test]
    fn comments_count_and_their_layout_does_not() {
        assert_eq!(read("a  // c  d\nb"), read("a // c d  \n\n  b"));
        assert_eq!(
            read("a /* x\n  /* y */ z */ b"),
            read("a\n/* x /* y */ z */\nb")
        );
        assert_ne!(read("a // c\nb"), read("a // d\nb"));
        assert_ne!(read("a // c\nb"), read("a\nb"));
        assert_ne!(read("// a\nb"), read("// a b\n"));
    }

    #[test]
    fn texts_and_characters_are_kept() {
        for text in [
            "\"a  , // \\\" b\"",
            "r#\"a  \" b\"#",
            "br\"  \"",
            "b\" \\\\\"",
            "c\"  \"",
            "' '",
            "'\\''",
            "b'\\u{20}'",
            "'ж'",
            "'\\u{7f}'",
        ] {
            assert_eq!(read(&format!("{text} ;")), format!("{text};"));
        }
        assert_eq!(read("&'a  str"), "&'a str");
        assert_eq!(
            read("fn f<'a>(x: &'a str) -> &'static str { 'x' }"),
            "fn f<'a>(x:&'a str)->&'static str{'x'}"
        );
        assert_eq!(read("r#fn  x"), "r#fn x");
    }

    #[test]
    fn unfinished_texts_are_read_to_their_end() {
        for text in [
            "\"a", "r#\"a\"", "'", "'\\", "'\\n", "/* a", "b\"", "\"\\", "r###", "'ж",
        ] {
            let _ = read(text);
        }
    }
}
