//! Rust without its layout: what stays the same when a formatter has been at it.

use super::tokens::{end_of_block, end_of_line, end_of_quote, end_of_raw, end_of_text, is_word};

/// The text without blanks and without commas before a closing bracket. Words that blanks kept apart stay apart; comments
/// count, their layout does not; texts and characters are kept as they are.
///
/// It runs over everything that is generated, so that what stands together is copied together, not token by token.
pub fn without_layout(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    // A comma that is written if no closing bracket follows.
    let mut comma = false;
    // Blanks or comments stand before what comes next.
    let mut gap = false;
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        let from = at;
        at = match (byte, text.get(at + 1)) {
            (b' ' | b'\t' | b'\n' | b'\r', _) => {
                gap = true;
                at += 1;
                continue;
            }
            (b'/', Some(b'/')) => end_of_line(text, at),
            (b'/', Some(b'*')) => end_of_block(text, at),
            (b'"' | b'#', _) if is_raw(&text[..at]) => end_of_raw(text, at).max(at + 1),
            (b'"', _) => end_of_text(text, at),
            (b'\'', _) => end_of_quote(text, at),
            (b')' | b']' | b'}', _) => {
                comma = false;
                at + 1
            }
            (b',', _) => at + 1,
            _ => end_of_plain(text, at + 1),
        };
        if comma {
            out.push(b',');
            comma = false;
        }
        match &text[from..at] {
            b"," => {
                comma = true;
                gap = false;
            }
            [b'/', b'/' | b'*', ..] => {
                comment(&text[from..at], &mut out);
                gap = true;
            }
            plain => {
                if gap && is_word(byte) && out.last().copied().is_some_and(is_word) {
                    out.push(b' ');
                }
                gap = false;
                out.extend_from_slice(plain);
            }
        }
    }
    if comma {
        out.push(b',');
    }
    out
}

/// Whether a text that opens after this is a raw one, or a name is.
fn is_raw(before: &[u8]) -> bool {
    let Some(before) = before.strip_suffix(b"r") else {
        return false;
    };
    let before = before
        .strip_suffix(b"b")
        .or(before.strip_suffix(b"c"))
        .unwrap_or(before);
    !before.last().copied().is_some_and(is_word)
}

/// After what is copied as it stands.
fn end_of_plain(text: &[u8], from: usize) -> usize {
    let rest = &text[from..];
    let length = rest.iter().position(|it| !PLAIN[*it as usize]);
    from + length.unwrap_or(rest.len())
}

/// Which bytes mean nothing here, whatever stands around them.
const PLAIN: [bool; 256] = {
    let mut plain = [true; 256];
    let mut special = b" \t\n\r,/\"'#)]}".as_slice();
    while let [byte, rest @ ..] = special {
        plain[*byte as usize] = false;
        special = rest;
    }
    plain
};

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
