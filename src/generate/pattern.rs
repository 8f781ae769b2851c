//! Regular expressions of a drawing: in words that mean the same everywhere, and texts that they match.

use regex_syntax::hir::{Class, Hir, HirKind};

/// The same expression in words that mean the same to Rust's `regex` and to JSON Schema (ECMA 262): `\d`, `\w` and `\s`
/// are ASCII, spelled out; the anchors of a whole text and named groups are written as both read them.
#[must_use]
pub fn portable(expression: &str) -> String {
    let mut portable = String::with_capacity(expression.len());
    let mut rest = expression;
    // How many brackets are open: inside, a class is a part of another.
    let mut depth = 0_usize;
    while let Some(c) = rest.chars().next() {
        let escaped = if c == '\\' {
            rest[1..].chars().next()
        } else {
            None
        };
        let (read, written) = match (c, escaped) {
            ('\\', Some(escaped)) => {
                let read = 1 + escaped.len_utf8();
                (read, spelled(escaped, depth > 0).unwrap_or(&rest[..read]))
            }
            ('(', _) if depth == 0 && rest.starts_with("(?P<") => (4, "(?<"),
            _ => {
                match c {
                    '[' => depth += 1,
                    ']' => depth = depth.saturating_sub(1),
                    _ => {}
                }
                (c.len_utf8(), &rest[..c.len_utf8()])
            }
        };
        portable.push_str(written);
        rest = &rest[read..];
    }
    portable
}

/// What an escape means, written out.
const fn spelled(escape: char, in_class: bool) -> Option<&'static str> {
    Some(match (escape, in_class) {
        ('d', false) => "[0-9]",
        ('d', true) => "0-9",
        ('D', false) => "[^0-9]",
        ('w', false) => "[A-Za-z0-9_]",
        ('w', true) => "A-Za-z0-9_",
        ('W', false) => "[^A-Za-z0-9_]",
        ('s', false) => "[\\t\\n\\v\\f\\r ]",
        ('s', true) => "\\t\\n\\v\\f\\r ",
        ('S', false) => "[^\\t\\n\\v\\f\\r ]",
        ('A', false) => "^",
        ('z', false) => "$",
        _ => return None,
    })
}

/// Texts that are likely to match an expression, short ones first, one of them at least `length` characters long if the
/// expression can repeat anything. Judging them is the caller's. Empty when the expression is none.
#[must_use]
pub fn candidates(expression: &str, length: usize) -> Vec<String> {
    let Ok(hir) = regex_syntax::parse(expression) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    // A little more than the least, so that what may be left out shows; the least; then as long as asked.
    for extra in [1, 0, length.min(MOST_REPEATS)] {
        let mut walk = Walk {
            extra,
            text: String::new(),
        };
        if walk.write(&hir).is_some() && !found.contains(&walk.text) {
            found.push(walk.text);
        }
    }
    // One repetition stretched to the very length.
    for repeats in 0..=length.min(MOST_REPEATS) {
        let mut walk = Walk {
            extra: 0,
            text: String::new(),
        };
        if walk.stretch(&hir, &mut Some(repeats)).is_some() && walk.text.chars().count() == length {
            found.push(walk.text);
            break;
        }
    }
    found
}

/// Most times that something is repeated beyond what the expression asks.
const MOST_REPEATS: usize = 512;

/// Longest text that is written.
const LONGEST: usize = 65_536;

struct Walk {
    extra: usize,
    text: String,
}

impl Walk {
    fn write(&mut self, hir: &Hir) -> Option<()> {
        self.stretch(hir, &mut None)
    }

    /// Writes one text; `stretched` is given to the first repetition that can take it.
    fn stretch(&mut self, hir: &Hir, stretched: &mut Option<usize>) -> Option<()> {
        if self.text.len() > LONGEST {
            return None;
        }
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => Some(()),
            HirKind::Literal(literal) => {
                self.text.push_str(std::str::from_utf8(&literal.0).ok()?);
                Some(())
            }
            HirKind::Class(class) => {
                self.text.push(readable(class)?);
                Some(())
            }
            HirKind::Repetition(repetition) => {
                let min = repetition.min as usize;
                let room = repetition.max.map_or(usize::MAX, |max| max as usize - min);
                let more = match stretched.take() {
                    Some(repeats) if room >= repeats => repeats,
                    Some(repeats) => {
                        *stretched = Some(repeats);
                        0
                    }
                    None => self.extra.min(room),
                };
                for _ in 0..min.checked_add(more)? {
                    self.stretch(&repetition.sub, stretched)?;
                }
                Some(())
            }
            HirKind::Capture(capture) => self.stretch(&capture.sub, stretched),
            HirKind::Concat(parts) => parts
                .iter()
                .try_for_each(|part| self.stretch(part, stretched)),
            HirKind::Alternation(choices) => {
                let before = self.text.len();
                choices.iter().find_map(|choice| {
                    self.text.truncate(before);
                    self.stretch(choice, stretched)
                })
            }
        }
    }
}

/// The most readable character of a class.
fn readable(class: &Class) -> Option<char> {
    let ranges: Vec<(char, char)> = match class {
        Class::Unicode(class) => class
            .ranges()
            .iter()
            .map(|it| (it.start(), it.end()))
            .collect(),
        Class::Bytes(class) => class
            .ranges()
            .iter()
            .filter(|it| it.end().is_ascii())
            .map(|it| (char::from(it.start()), char::from(it.end())))
            .collect(),
    };
    let has = |wanted: &char| {
        ranges
            .iter()
            .any(|(from, to)| (from..=to).contains(&wanted))
    };
    ('a'..='z')
        .chain('A'..='Z')
        .chain('1'..='9')
        .chain('0'..='0')
        .chain('!'..='~')
        .find(has)
        .or_else(|| ranges.first().map(|it| it.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use regex::Regex;

    #[test]
    fn spells_classes_out() {
        assert_eq!(portable(r"\A\d{3}[\d.]\\d\z"), r"^[0-9]{3}[0-9.]\\d$");
        assert_eq!(
            portable(r"(?P<a>\w+)\.[^\s]"),
            r"(?<a>[A-Za-z0-9_]+)\.[^\t\n\v\f\r ]"
        );
        assert_eq!(portable("é[a-z]\\"), "é[a-z]\\");
    }

    #[test]
    fn spelled_out_it_is_ascii() {
        for (expression, other) in [
            (r"^\d$", "٣"),
            (r"^\w$", "é"),
            (r"^\s$", "\u{a0}"),
            (r"^[\d-]$", "٣"),
        ] {
            assert!(Regex::new(expression).unwrap().is_match(other));
            assert!(
                !Regex::new(&portable(expression)).unwrap().is_match(other),
                "{expression}"
            );
        }
        for expression in [r"^\d\w\s$", r"^\D\W\S$"] {
            assert!(Regex::new(&portable(expression)).is_ok());
        }
    }

    #[test]
    fn finds_readable_texts() {
        let first = |expression: &str| candidates(expression, 0).remove(0);
        assert_eq!(first("^[A-Z]{2}-[0-9]{4}$"), "AA-1111");
        assert_eq!(first("^(paid|open)$"), "paid");
        assert_eq!(first("^x?[^a-z]$"), "xA");
    }

    #[test]
    fn what_it_finds_matches() {
        for expression in [
            r"^\d{3}$",
            r"^\w+@\w+$",
            r"^(a|b)*c$",
            r"\bfoo\b",
            "^[\u{e4}-\u{fc}]$",
            "(?i)^abc$",
            ".+",
            r"\p{Greek}",
        ] {
            let regex = Regex::new(expression).unwrap();
            assert!(
                candidates(expression, 0)
                    .iter()
                    .any(|it| regex.is_match(it)),
                "{expression}"
            );
        }
    }

    #[test]
    fn stretches_to_a_length() {
        let found = candidates("^[a-z]{2,}-[0-9]+$", 40);
        assert!(found.iter().any(|it| it.len() == 40), "{found:?}");
    }

    #[test]
    fn nested_repeats_stay_small() {
        assert!(
            candidates("((a{1000}){1000}){1000}", 0)
                .iter()
                .all(|it| it.len() <= LONGEST + 1000)
        );
        assert!(candidates("(", 0).is_empty());
    }
}
