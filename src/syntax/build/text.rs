//! Texts in quotes.

use pest::iterators::Pair;

use super::{Builder, Rule};
use crate::diagnostic::Diagnostic;
use crate::source::Spanned;

impl<'t> Builder<'t> {
    /// The text between the quotes, its escapes taken out.
    pub(super) fn text(&mut self, pair: &Pair<'t, Rule>) -> Spanned<String> {
        let span = self.span(pair);
        let written = pair.as_str();
        let inside = written
            .get(1..written.len().saturating_sub(1))
            .unwrap_or_default();
        let value = if inside.contains('\\') {
            self.unescape(inside, span.start as usize + 1)
        } else {
            inside.to_owned()
        };
        Spanned { value, span }
    }

    fn unescape(&mut self, inside: &str, start: usize) -> String {
        let mut text = String::with_capacity(inside.len());
        let mut rest = inside;
        while let Some(at) = rest.find('\\') {
            text.push_str(&rest[..at]);
            let escape = &rest[at..];
            let (letter, length) = match escape[1..].chars().next() {
                Some('"') => (Some('"'), 2),
                Some('\\') => (Some('\\'), 2),
                Some('n') => (Some('\n'), 2),
                Some('t') => (Some('\t'), 2),
                Some('u') => unicode(escape),
                Some(other) => (None, 1 + other.len_utf8()),
                None => (None, 1),
            };
            match letter {
                Some(letter) => text.push(letter),
                None => {
                    let from = start + (inside.len() - escape.len());
                    let place = self.between(from, from + length);
                    self.error(
                        Diagnostic::error("ARC005", format!("`{}` is no escape", &escape[..length]), place)
                            .help(r#"the escapes are \" \\ \n \t and \u{1F600}; a backslash itself is \\"#),
                    );
                }
            }
            rest = &escape[length..];
        }
        text.push_str(rest);
        text
    }
}

/// The character of `\u{1F600}` and the bytes that the escape takes; no character if it is none.
fn unicode(escape: &str) -> (Option<char>, usize) {
    let Some(end) = escape
        .starts_with("\\u{")
        .then(|| escape.find('}'))
        .flatten()
    else {
        return (None, 2);
    };
    let digits = &escape[3..end];
    let letter = (1..=6)
        .contains(&digits.len())
        .then(|| u32::from_str_radix(digits, 16).ok())
        .flatten()
        .filter(|_| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
        .and_then(char::from_u32);
    (letter, end + 1)
}
