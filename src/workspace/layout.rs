//! Rust without its layout: what stays the same when a formatter has been at it.

use super::tokens::{Kind, Tokens, is_word};

/// The text without blanks and without commas before a closing bracket. Words that blanks kept apart stay apart; comments
/// count, their layout does not; texts and characters are kept as they are.
pub fn without_layout(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    // A comma that is written if no closing bracket follows.
    let mut comma = false;
    // Blanks or comments stand before what comes next.
    let mut gap = false;
    for token in Tokens::new(text) {
        let is_comma = token.kind == Kind::Sign && token.bytes == b",";
        match (token.kind, token.bytes[0]) {
            (Kind::Blank, _) => {
                gap = true;
                continue;
            }
            (Kind::Sign, b')' | b']' | b'}') => {}
            _ if comma => out.push(b','),
            _ => {}
        }
        comma = is_comma;
        if token.kind == Kind::Comment {
            comment(token.bytes, &mut out);
            gap = true;
            continue;
        }
        if gap && is_word(token.bytes[0]) && out.last().copied().is_some_and(is_word) {
            out.push(b' ');
        }
        gap = false;
        match token.bytes {
            [_] if is_comma => {}
            [sign] => out.push(*sign),
            bytes => out.extend_from_slice(bytes),
        }
    }
    if comma {
        out.push(b',');
    }
    out
}

/// Writes a comment word by word, on a line of its own.
fn comment(text: &[u8], out: &mut Vec<u8>) {
    for word in text
        .split(u8::is_ascii_whitespace)
        .filter(|it| !it.is_empty())
    {
        out.extend_from_slice(word);
        out.push(b' ');
    }
    out.push(b'\n');
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
