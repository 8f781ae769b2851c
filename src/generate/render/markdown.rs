//! Pieces of Markdown, and of the Mermaid diagrams in it.

use super::code::comment_line;
use super::{Code, Markdown};

/// Text of one line, nothing in it being markup.
pub fn text(text: &str) -> Code<Markdown> {
    let mut escaped = String::with_capacity(text.len());
    for c in line(text).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            c if c.is_ascii_punctuation()
                && !matches!(
                    c,
                    '.' | ',' | ';' | ':' | '\'' | '"' | '/' | '?' | '%' | '='
                ) =>
            {
                escaped.extend(['\\', c]);
            }
            c => escaped.push(c),
        }
    }
    Code::new(escaped)
}

/// Text as code of one line; safe in a table.
pub fn code(text: &str) -> Code<Markdown> {
    let text = line(text);
    if !text.contains(['|', '`']) {
        return Code::new(format!("`{text}`"));
    }
    let text = text.replace('|', "\\|");
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let space = if text.starts_with('`') || text.ends_with('`') {
        " "
    } else {
        ""
    };
    Code::new(format!("{fence}{space}{text}{space}{fence}"))
}

/// A label in a Mermaid diagram, with its quotes.
pub fn label(text: &str) -> Code<Markdown> {
    let mut label = String::from("\"");
    for c in line(text).chars() {
        if c.is_alphanumeric() || matches!(c, ' ' | '_' | '-' | '.' | ',' | ':' | '/') {
            label.push(c);
        } else {
            label.push_str(&format!("#{};", u32::from(c)));
        }
    }
    label.push('"');
    Code::new(label)
}

/// A node in a Mermaid diagram.
pub fn node(prefix: &str, index: usize) -> Code<Markdown> {
    debug_assert!(prefix.chars().all(|c| c.is_ascii_lowercase()));
    Code::new(format!("{prefix}{index}"))
}

/// White space before a line of a diagram.
pub fn indent(depth: usize) -> Code<Markdown> {
    Code::new("  ".repeat(depth))
}

/// A name that `naming` made, where no markup is looked for.
pub fn word(name: &str) -> Code<Markdown> {
    debug_assert!(
        name.chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')),
        "{name} is no name"
    );
    Code::new(name)
}

/// All on one line, and never nothing.
fn line(text: &str) -> String {
    let line = comment_line(text);
    if line.is_empty() {
        "-".to_owned()
    } else {
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_never_markup() {
        assert_eq!(
            text("a *b* `c` <d>\n| #e").as_str(),
            "a \\*b\\* \\`c\\` &lt;d&gt; \\| \\#e"
        );
        assert_eq!(code("a|b`c").as_str(), "``a\\|b`c``");
        assert_eq!(label("a\"]; end").as_str(), "\"a#34;#93;#59; end\"");
    }
}
