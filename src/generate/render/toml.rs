//! Pieces of TOML.

use super::code::comment_line;
use super::{Code, Toml};

/// A text.
pub fn string(text: &str) -> Code<Toml> {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => literal.extend(['\\', c]),
            '\n' => literal.push_str("\\n"),
            '\t' => literal.push_str("\\t"),
            '\r' => literal.push_str("\\r"),
            c if c.is_control() => literal.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => literal.push(c),
        }
    }
    literal.push('"');
    Code::new(literal)
}

/// A key: bare where that is possible.
pub fn key(key: &str) -> Code<Toml> {
    let bare = !key.is_empty()
        && key
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    if bare { Code::new(key) } else { string(key) }
}

/// A list, one item a line.
pub fn array(items: &[Code<Toml>]) -> Code<Toml> {
    let items: String = items
        .iter()
        .map(|item| format!("    {},\n", item.as_str()))
        .collect();
    Code::new(format!("[\n{items}]"))
}

/// A list on one line.
pub fn list(items: &[Code<Toml>]) -> Code<Toml> {
    let items: Vec<_> = items.iter().map(Code::as_str).collect();
    Code::new(format!("[{}]", items.join(", ")))
}

/// What stands in a comment.
pub fn comment(text: &str) -> Code<Toml> {
    Code::new(comment_line(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_comes_back() {
        for text in ["", "a\"b\\c", "a\nb\r\t\0\u{7f}", "${{ x }}", "ä\u{2028}"] {
            let document: toml_edit::DocumentMut =
                format!("it = {}", string(text).as_str()).parse().unwrap();
            assert_eq!(document["it"].as_str(), Some(text));
            let document: toml_edit::DocumentMut =
                format!("{} = 1", key(text).as_str()).parse().unwrap();
            assert!(document.contains_key(text));
        }
    }
}
