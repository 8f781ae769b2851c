//! The only values that print.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use minijinja::Value;
use minijinja::value::{Object, ObjectRepr};

/// A language that templates write. JSON is not among them: it is made of values, not of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// Rust.
    Rust,
    /// TOML.
    Toml,
    /// Protobuf.
    Proto,
    /// Markdown, with Mermaid diagrams in it.
    Markdown,
    /// YAML.
    Yaml,
}

/// A language as a type, so that code of one does not land in a view of another.
pub trait Written: 'static {
    /// It as a value.
    const LANGUAGE: Language;
}

macro_rules! languages {
    ($($name:ident)*) => {$(
        #[doc = concat!("[`Language::", stringify!($name), "`] as a type.")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name {}
        impl Written for $name {
            const LANGUAGE: Language = Language::$name;
        }
    )*};
}

languages! { Rust Toml Proto Markdown Yaml }

/// A piece of valid code of one language.
pub struct Code<L> {
    text: String,
    language: PhantomData<fn() -> L>,
}

impl<L> Code<L> {
    /// What the caller has made valid. Only the modules of the languages make code.
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            language: PhantomData,
        }
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl<L> Clone for Code<L> {
    fn clone(&self) -> Self {
        Self {
            text: self.text.clone(),
            language: PhantomData,
        }
    }
}

impl<L> fmt::Debug for Code<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Code").field(&self.text).finish()
    }
}

impl<L: Written> From<Code<L>> for Value {
    fn from(code: Code<L>) -> Self {
        Self::from_object(Token {
            language: L::LANGUAGE,
            text: code.text,
        })
    }
}

/// [`Code`] on its way through minijinja.
#[derive(Debug)]
pub(super) struct Token {
    pub(super) language: Language,
    pub(super) text: String,
}

impl Object for Token {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }
}

/// A line of a comment: nothing in it ends the comment, and what reorders or hides text is taken out.
pub(super) fn comment_line(line: &str) -> String {
    if line.bytes().all(|it| matches!(it, b' '..=b'~')) {
        return line.trim().to_owned();
    }
    let plain: String = line
        .chars()
        .map(|c| {
            if c.is_control() || is_invisible(c) {
                ' '
            } else {
                c
            }
        })
        .collect();
    plain.trim().to_owned()
}

/// Bidirectional controls, line and paragraph separators, zero-width characters.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{061C}')
}

/// The lines of a documentation, without empty ones at its ends.
pub(super) fn comment_lines(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = text.lines().map(comment_line).collect();
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    let empty = lines.iter().take_while(|line| line.is_empty()).count();
    lines.drain(..empty);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_line_stays_one_line() {
        assert_eq!(comment_line("a\r*/ b\u{2028}c\u{202E}d\0"), "a */ b c d");
        assert_eq!(comment_lines("\n a\n\n b\n\n"), ["a", "", "b"]);
    }
}
