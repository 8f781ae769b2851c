//! Pieces of YAML.

use super::code::comment_line;
use super::{Code, Yaml};

/// Words that YAML 1.1, which many tools still read, takes for something else than a text.
const RESERVED: &[&str] = &["true", "false", "null", "yes", "no", "on", "off", "y", "n"];

/// A text: plain where nothing can take it for something else, quoted as JSON is where not.
pub fn string(text: &str) -> Code<Yaml> {
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.ends_with(|c: char| c.is_ascii_alphanumeric())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/'))
        && !RESERVED.contains(&text.to_ascii_lowercase().as_str());
    if plain {
        return Code::new(text);
    }
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => literal.extend(['\\', c]),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{FEFF}') => {
                literal.push_str(&format!("\\u{:04X}", u32::from(c)));
            }
            c => literal.push(c),
        }
    }
    literal.push('"');
    Code::new(literal)
}

/// A whole number.
pub fn integer(number: u64) -> Code<Yaml> {
    Code::new(number.to_string())
}

/// A number that need not be whole.
pub fn number(number: f64) -> Code<Yaml> {
    Code::new(number.to_string())
}

/// A text inside an expression of Prometheus, in a block of YAML: escaped for the first, which leaves nothing that the
/// second could take for its own.
pub fn label(text: &str) -> Code<Yaml> {
    Code::new(format!("{:?}", comment_line(text)))
}

/// A list on one line.
pub fn array(items: &[Code<Yaml>]) -> Code<Yaml> {
    let items: Vec<&str> = items.iter().map(Code::as_str).collect();
    Code::new(format!("[{}]", items.join(", ")))
}

/// What stands in a comment.
pub fn comment(text: &str) -> Code<Yaml> {
    Code::new(comment_line(text))
}

#[cfg(test)]
mod tests {
    use saphyr::{LoadableYamlNode, Yaml};

    use super::*;

    #[test]
    fn every_text_comes_back() {
        for text in [
            "",
            "orders",
            "orders-db",
            "off",
            "No",
            "1e3",
            "a\"b\\c",
            "a\nb\r\t\0\u{7f}",
            "${{ x }}",
            "# a",
            "a: b",
            "- a",
            "ä\u{2028}",
            "*a",
            "&a",
            "{a",
            "redis:8",
        ] {
            let document = format!("it: {}", string(text).as_str());
            let document = Yaml::load_from_str(&document).unwrap();
            assert_eq!(document[0]["it"].as_str(), Some(text));
        }
    }
}
