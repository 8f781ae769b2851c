//! What a parser sees of Rust: names, numbers and texts are all alike to it.

use rustc_hash::FxHashSet;

use crate::workspace::tokens::{Kind, Token, Tokens};

/// These stand for what is alike.
const NAME: u8 = 1;
const NUMBER: u8 = 2;
const TEXT: u8 = 3;
const OUTER_DOCS: u8 = 4;
const INNER_DOCS: u8 = 5;

/// How the call of a macro begins.
const CALL: [u8; 2] = [NAME, b'!'];

/// An item of a file, or some that no empty line parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Item {
    /// Items of one form are all valid, or none is.
    pub form: Vec<u8>,
    /// As it stands there; of lines in the body of a macro that have one form, the first.
    pub text: String,
}

/// The line that is being read.
struct Line {
    /// Where it begins in the text.
    text: usize,
    /// Where it begins in the form.
    form: usize,
    /// How many brackets are open where it begins.
    depth: usize,
    /// How few there are in it.
    lowest: usize,
}

/// The items of a file, of which the first takes what belongs to the file. The file is valid if all of them are; where one
/// is not, the file may be valid nevertheless.
pub fn items(text: &str) -> Vec<Item> {
    let mut items = Vec::new();
    let mut item = Item::default();
    let mut known = FxHashSet::default();
    let (mut at, mut depth) = (0, 0_usize);
    let mut line = Line {
        text: 0,
        form: 0,
        depth: 0,
        lowest: 0,
    };
    for token in Tokens::new(text.as_bytes()) {
        at += token.bytes.len();
        match token.bytes {
            [b'(' | b'[' | b'{'] => depth += 1,
            [b')' | b']' | b'}'] => depth = depth.saturating_sub(1),
            _ => {}
        }
        line.lowest = line.lowest.min(depth);
        put(token, &mut item.form);
        if token.kind != Kind::Blank || !token.bytes.contains(&b'\n') {
            continue;
        }
        // Of a macro's body nothing is asked but that it is made of tokens, whose brackets close.
        let is_whole = line.depth > 0 && line.lowest == line.depth && depth == line.depth;
        let is_row = is_whole && item.form.starts_with(&CALL);
        if is_row && !known.insert(item.form[line.form..].to_vec()) {
            item.form.truncate(line.form);
        } else {
            item.text.push_str(&text[line.text..at]);
        }
        let is_end = depth == 0 && token.bytes.starts_with(b"\n\n");
        if is_end && !text[at..].starts_with("//!") && !text[at..].starts_with("#!") {
            items.push(std::mem::take(&mut item));
            known.clear();
        }
        line = Line {
            text: at,
            form: item.form.len(),
            depth,
            lowest: depth,
        };
    }
    item.text.push_str(&text[line.text..]);
    items.push(item);
    items
}

/// Whether a text can be told from its form at all.
pub fn has_form(text: &str) -> bool {
    let is_mark = |it: u8| (NAME..=INNER_DOCS).contains(&it);
    !text.bytes().fold(false, |any, it| any | is_mark(it))
}

fn put(token: Token<'_>, form: &mut Vec<u8>) {
    // Lexers refuse it in some places.
    let returns = || token.bytes.contains(&b'\r');
    match (token.kind, token.bytes) {
        (Kind::Blank, _) => form.push(b' '),
        (Kind::Word, word) if is_kept(word) => form.extend_from_slice(word),
        (Kind::Word, word) if !word[0].is_ascii_digit() && word.is_ascii() => form.push(NAME),
        (Kind::Word, word) if word.len() < 10 && word.iter().all(u8::is_ascii_digit) => {
            form.push(NUMBER);
        }
        (Kind::Text, [b'"', inner @ .., b'"']) if !inner.contains(&b'\\') && !returns() => {
            form.push(TEXT);
        }
        (Kind::Comment, [b'/', b'/', b'/', b'/', ..]) if !returns() => {}
        (Kind::Comment, [b'/', b'/', b'/', ..]) if !returns() => form.push(OUTER_DOCS),
        (Kind::Comment, [b'/', b'/', b'!', ..]) if !returns() => form.push(INNER_DOCS),
        (Kind::Comment, [b'/', b'/', ..]) if !returns() => {}
        (_, bytes) => form.extend_from_slice(bytes),
    }
}

/// Words that mean something to a parser, by their length: keywords, and what prefixes texts and raw names.
const KEPT: [&[&[u8]]; 12] = [
    &[],
    &[b"_", b"b", b"c", b"r"],
    &[b"as", b"br", b"cr", b"do", b"fn", b"if", b"in"],
    &[
        b"box", b"dyn", b"for", b"gen", b"let", b"mod", b"mut", b"pub", b"raw", b"ref", b"try",
        b"use",
    ],
    &[
        b"Self", b"auto", b"else", b"enum", b"impl", b"loop", b"move", b"priv", b"safe", b"self",
        b"true", b"type",
    ],
    &[
        b"async", b"await", b"break", b"const", b"crate", b"false", b"final", b"macro", b"match",
        b"super", b"trait", b"union", b"where", b"while", b"yield",
    ],
    &[
        b"become", b"extern", b"return", b"static", b"struct", b"typeof", b"unsafe",
    ],
    &[b"builtin", b"default", b"unsized", b"virtual"],
    &[b"abstract", b"continue", b"override"],
    &[],
    &[],
    &[b"macro_rules"],
];

fn is_kept(word: &[u8]) -> bool {
    let of_length = KEPT.get(word.len()).copied().unwrap_or_default();
    of_length.iter().any(|it| it[0] == word[0] && *it == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(text: &str) -> Vec<u8> {
        let items = items(text);
        assert_eq!(items.len(), 1, "{text}");
        items[0].form.clone()
    }

    #[test]
    fn names_numbers_and_texts_are_alike() {
        for (one, other) in [
            (
                "fn f(a: u8) { g(1, \"d\") }",
                "fn long(name: Type) { f(234, \"\") }",
            ),
            (
                "/// One.\nstruct A<'a>(&'a u8);",
                "/// Another, (longer.\nstruct Bc<'de>(&'de Fg);",
            ),
            ("//! One.\nfn f() {}", "//! Two.\nfn g() {}"),
            ("fn f() {} // one", "fn f() {} // two"),
        ] {
            assert_eq!(form(one), form(other));
        }
    }

    #[test]
    fn what_parsers_tell_apart_differs() {
        for (one, other) in [
            ("fn a() {}", "fn fn() {}"),
            ("f(a, b)", "f(a b)"),
            ("f(a b)", "f(ab)"),
            ("x.0", "x.99999999999"),
            ("x.0", "x.0x1"),
            ("r#a", "a#a"),
            ("'a'", "'ab'"),
            ("\"a\"", "\"a"),
            ("\"a\"", "\"\\q\""),
            ("\"a\"", "\"\r\""),
            ("b\"a\"", "b\"\u{e4}\""),
            ("/// a", "// a"),
            ("/// a", "//! a"),
            ("a", "\u{20ac}"),
            ("a >> b", "a > > b"),
        ] {
            assert_ne!(form(one), form(other), "{one} and {other}");
        }
    }

    #[test]
    fn empty_lines_part_items_and_not_what_is_within_them() {
        let texts = |text| {
            items(text)
                .into_iter()
                .map(|it| it.text)
                .collect::<Vec<_>>()
        };
        assert_eq!(
            texts(
                "//! A\n\n//! B\n\nuse a;\n\nfn f() {\n    \"\n\n\";\n\n    g(\n\n)\n}\n\nfn h() {}\n"
            ),
            [
                "//! A\n\n//! B\n\n",
                "use a;\n\n",
                "fn f() {\n    \"\n\n\";\n\n    g(\n\n)\n}\n\n",
                "fn h() {}\n",
            ]
        );
    }

    #[test]
    fn lines_of_a_macro_are_read_once_for_each_form() {
        let reduced = |text| items(text).swap_remove(0);
        let body = "p! {\n    one => f(1);\n    two => g(2);\n    e(\n        1,\n        2,\n    );\n    f => 1 2;\n}\n";
        let kept = "p! {\n    one => f(1);\n    e(\n        1,\n        );\n    f => 1 2;\n}\n";
        assert_eq!(reduced(body).text, kept);
        assert_eq!(reduced(body).form, form(kept));
        // What closes more than it opens is no line of the body, and functions are no macros.
        for whole in [
            "p! {\n} p! {\n} p! {\n}\n",
            "fn f() {\n    a(1);\n    b(2);\n}\n",
        ] {
            assert_eq!(reduced(whole).text, whole);
        }
    }

    #[test]
    fn what_could_be_taken_for_a_form_has_none() {
        assert!(has_form("fn f() { \"\t\" }\n"));
        assert!(!has_form("fn f() { \u{1} }"));
    }
}
