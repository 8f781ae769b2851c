//! What a file is compared by: its text with LF, and of Rust its tokens too, so that formatting it is no edit.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use xxhash_rust::xxh3::xxh3_128;

use super::layout::without_layout;

/// Hashes of a file's content. They tell edits from none; they are no defence against forgery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash {
    /// Of the text, line ends normalised.
    text: u128,
    /// Of Rust, without its layout.
    tokens: Option<u128>,
}

impl Hash {
    /// Of a file's content; the path tells the language.
    pub fn of(path: &str, bytes: &[u8]) -> Self {
        Self {
            text: text(bytes),
            tokens: tokens(path, bytes),
        }
    }

    /// Whether the content is what was hashed, formatting of Rust aside.
    pub fn matches(self, path: &str, bytes: &[u8]) -> bool {
        self.is_text(bytes) || (self.tokens.is_some() && self.tokens == tokens(path, bytes))
    }

    /// Whether the content is what was hashed, to the letter.
    pub fn is_text(self, bytes: &[u8]) -> bool {
        // Nearly all are written with LF alone, and are what was hashed.
        self.text == xxh3_128(bytes) || (bytes.contains(&b'\r') && self.text == text(bytes))
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.text)?;
        self.tokens
            .map_or(Ok(()), |tokens| write!(f, ":{tokens:032x}"))
    }
}

impl FromStr for Hash {
    type Err = std::num::ParseIntError;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let number = |digits| u128::from_str_radix(digits, 16);
        Ok(match word.split_once(':') {
            Some((text, tokens)) => Self {
                text: number(text)?,
                tokens: Some(number(tokens)?),
            },
            None => Self {
                text: number(word)?,
                tokens: None,
            },
        })
    }
}

/// The content with LF only.
pub fn normalised(bytes: &[u8]) -> Cow<'_, [u8]> {
    if !bytes.contains(&b'\r') {
        return Cow::Borrowed(bytes);
    }
    let mut normalised = Vec::with_capacity(bytes.len());
    for (at, byte) in bytes.iter().enumerate() {
        if *byte != b'\r' || bytes.get(at + 1) != Some(&b'\n') {
            normalised.push(*byte);
        }
    }
    Cow::Owned(normalised)
}

fn text(bytes: &[u8]) -> u128 {
    xxh3_128(&normalised(bytes))
}

/// Of Rust alone.
fn tokens(path: &str, bytes: &[u8]) -> Option<u128> {
    path.ends_with(".rs")
        .then(|| xxh3_128(&without_layout(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formatting_rust_is_no_edit() {
        let hash = Hash::of("a.rs", b"fn f(a: u8, b: u8) { g([1, 2]) }\n");
        let formatted = b"fn f(\n    a: u8,\n    b: u8,\n) {\n    g([1, 2,])\n}\n";
        assert!(hash.matches("a.rs", formatted));
        assert!(!hash.is_text(formatted));
        assert!(!hash.matches("a.rs", b"fn f(a: u8, b: u8) { g([1, 3]) }"));
        assert!(!hash.matches("a.rs", b"fn f(a: u8, b: u8) { g([12]) }"));
        assert!(!hash.matches("a.rs", b"fn f( {"));
    }

    #[test]
    fn line_ends_are_no_edit() {
        assert!(Hash::of("a.toml", b"x = 1\ny = 2\n").is_text(b"x = 1\r\ny = 2\r\n"));
        assert!(!Hash::of("a.toml", b"x = 1\ny = 2\n").matches("a.toml", b"x = 1\ny  = 2\n"));
        assert!(!Hash::of("a.txt", b"a\rb").is_text(b"ab"));
    }

    #[test]
    fn hashes_can_be_written_and_read() {
        for hash in [Hash::of("a.rs", b"fn f() {}"), Hash::of("b.toml", b"x = 1")] {
            assert_eq!(hash.to_string().parse(), Ok(hash));
        }
        assert!("xyz".parse::<Hash>().is_err());
    }
}
