//! Pieces of Rust.

use std::time::Duration;

use super::code::{comment_line, comment_lines};
use super::{Code, Rust};
use crate::generate::naming;

/// A piece of Rust.
pub type Piece = Code<Rust>;

/// A name that [`naming::rust`] made, a path of such, or `()`.
pub fn name(name: impl Into<String>) -> Code<Rust> {
    let name: String = name.into();
    debug_assert!(
        name == "()"
            || name.split("::").all(|part| part
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '#'))),
        "{name} is no path"
    );
    Code::new(name)
}

/// A field, function or module of this name.
pub fn value(from: &str) -> Code<Rust> {
    Code::new(naming::rust::value(from))
}

/// A text.
pub fn string(text: &str) -> Code<Rust> {
    Code::new(format!("{text:?}"))
}

/// A number, digits in groups.
pub fn integer(number: u64) -> Code<Rust> {
    Code::new(grouped(&number.to_string()))
}

/// A number with a fraction.
pub fn float(number: f64) -> Code<Rust> {
    Code::new(format!("{number:?}"))
}

/// A decimal number as the drawing writes it, in the form that a type's literal takes.
pub fn number(written: &str, fraction: bool) -> Code<Rust> {
    let (sign, digits) = written
        .strip_prefix('-')
        .map_or(("", written), |rest| ("-", rest));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let keep = |text: &str| -> String { text.chars().filter(char::is_ascii_digit).collect() };
    let whole = keep(whole).trim_start_matches('0').to_owned();
    let whole = if whole.is_empty() {
        "0".to_owned()
    } else {
        grouped(&whole)
    };
    let part = keep(part);
    Code::new(match (fraction, part.is_empty()) {
        (false, _) => format!("{sign}{whole}"),
        (true, true) => format!("{sign}{whole}.0"),
        (true, false) => format!("{sign}{whole}.{part}"),
    })
}

/// The function that makes a length of time of so many of the largest unit that tells it exactly, and how many.
pub(super) fn exact(nanos: u128) -> (&'static str, u128) {
    [
        ("from_secs", 1_000_000_000),
        ("from_millis", 1_000_000),
        ("from_micros", 1_000),
    ]
    .into_iter()
    .find(|(_, size)| nanos.is_multiple_of(*size))
    .map_or(("from_nanos", nanos), |(unit, size)| (unit, nanos / size))
}

/// `Duration::from_millis(300)`, in the largest unit that tells it exactly.
pub fn duration(duration: Duration) -> Code<Rust> {
    let (unit, count) = exact(duration.as_nanos());
    Code::new(format!("Duration::{unit}({})", grouped(&count.to_string())))
}

/// `Some(value)`
pub fn some(value: &Code<Rust>) -> Code<Rust> {
    Code::new(format!("Some({})", value.as_str()))
}

/// A decimal number as the drawing writes it, as a value of `rust_decimal`.
pub fn decimal(written: &str) -> Code<Rust> {
    let digits: String = written.chars().filter(char::is_ascii_digit).collect();
    let mantissa: u128 = digits.parse().unwrap_or(u128::MAX) & ((1 << 96) - 1);
    let part = |shift: u32| grouped(&((mantissa >> shift) & 0xffff_ffff).to_string());
    let scale = written.split_once('.').map_or(0, |(_, part)| part.len());
    Code::new(format!(
        "rust_decimal::Decimal::from_parts({}, {}, {}, {}, {scale})",
        part(0),
        part(32),
        part(64),
        written.starts_with('-')
    ))
}

/// `vec!["a", "b"]`
pub fn strings<'a>(texts: impl IntoIterator<Item = &'a str>) -> Code<Rust> {
    let literals: Vec<String> = texts.into_iter().map(|text| format!("{text:?}")).collect();
    Code::new(format!("vec![{}]", literals.join(", ")))
}

/// `vec![a, b]`
pub fn vec(items: &[Code<Rust>]) -> Code<Rust> {
    Code::new(format!("vec![{}]", list(items)))
}

/// Nothing at all, where a template prints it under no condition that holds.
pub fn nothing() -> Code<Rust> {
    Code::new("")
}

/// A comment that ends a line of code, with the space before it.
pub fn trailing(text: &str) -> Code<Rust> {
    Code::new(format!(" // {}", comment_line(text)))
}

/// Four spaces for each level.
pub fn indent(levels: usize) -> Code<Rust> {
    Code::new("    ".repeat(levels))
}

/// A documentation's lines; `otherwise` where there is none.
pub fn docs(text: Option<&str>, otherwise: &str) -> Vec<Code<Rust>> {
    let lines = comment_lines(text.unwrap_or_default());
    let lines = if lines.is_empty() {
        comment_lines(otherwise)
    } else {
        lines
    };
    lines.into_iter().map(doc_line).collect()
}

/// `/// line`; an empty one without a space at its end.
fn doc_line(line: String) -> Code<Rust> {
    Code::new(if line.is_empty() {
        line
    } else {
        format!(" {line}")
    })
}

/// What stands in a comment of one line.
pub fn comment(text: &str) -> Code<Rust> {
    Code::new(comment_line(text))
}

/// `function(a, b)`
pub fn call(function: &str, arguments: &[Code<Rust>]) -> Code<Rust> {
    Code::new(format!("{function}({})", list(arguments)))
}

/// `Type::function`
pub fn of(ty: &Code<Rust>, function: &str) -> Code<Rust> {
    Code::new(format!("{}::{function}", ty.as_str()))
}

/// `.map(function)`, made of the value of a `Result`, or of each message of the stream that it is.
pub fn mapped(function: &Code<Rust>, each: bool) -> Code<Rust> {
    let function = function.as_str();
    Code::new(if each {
        format!(".map(|messages| platform::stream::each(messages, {function}))")
    } else {
        format!(".map({function})")
    })
}

/// `Name { field: value, ... }`
pub fn fields(name: &str, fields: &[(&str, Code<Rust>)]) -> Code<Rust> {
    let fields: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{name}: {}", value.as_str()))
        .collect();
    Code::new(format!("{name} {{ {} }}", fields.join(", ")))
}

/// `&[a, b]`
pub fn slice(items: &[Code<Rust>]) -> Code<Rust> {
    Code::new(format!("&[{}]", list(items)))
}

/// `&CONSTANT`
pub fn reference(to: &Code<Rust>) -> Code<Rust> {
    Code::new(format!("&{}", to.as_str()))
}

/// A JSON text, in quotes that leave it readable.
pub fn json(value: &serde_json::Value) -> Code<Rust> {
    let text = value.to_string();
    if !text.contains('"') || text.chars().any(|c| c.is_control() || !c.is_ascii()) {
        return string(&text);
    }
    let longest = text.split(|c| c != '#').map(str::len).max().unwrap_or(0);
    let fence = "#".repeat(longest + 1);
    Code::new(format!("r{fence}\"{text}\"{fence}"))
}

/// `{ A, B }` after `use path::`
pub fn imports(names: &[&str]) -> Code<Rust> {
    match names {
        [one] => name(*one),
        _ => Code::new(format!("{{{}}}", names.join(", "))),
    }
}

fn list(items: &[Code<Rust>]) -> String {
    let items: Vec<&str> = items.iter().map(Code::as_str).collect();
    items.join(", ")
}

/// `1_000_000`.
fn grouped(digits: &str) -> String {
    if digits.len() < 5 {
        return digits.to_owned();
    }
    let first = digits.len() % 3;
    let mut grouped = digits[..first].to_owned();
    for at in (first..digits.len()).step_by(3) {
        if at > 0 {
            grouped.push('_');
        }
        grouped.push_str(&digits[at..at + 3]);
    }
    grouped
}

/// A Rust type, built from names.
pub mod ty {
    use super::{Code, Rust};

    /// `Outer<inner>`
    pub fn generic(outer: &str, inner: &[Code<Rust>]) -> Code<Rust> {
        let inner: Vec<&str> = inner.iter().map(Code::as_str).collect();
        Code::new(format!("{outer}<{}>", inner.join(", ")))
    }

    /// `Option<Box<T>>` of `Option<T>`
    pub fn boxed_option(option: &Code<Rust>) -> Code<Rust> {
        let inner = option.as_str().trim_start_matches("Option<");
        Code::new(format!("Option<Box<{inner}>"))
    }

    /// `()`
    pub fn unit() -> Code<Rust> {
        Code::new("()")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals() {
        assert_eq!(string("a\"b\n\u{202E}{{").as_str(), r#""a\"b\n\u{202e}{{""#);
        assert_eq!(integer(65536).as_str(), "65_536");
        assert_eq!(integer(1000).as_str(), "1000");
        assert_eq!(
            duration(Duration::from_millis(1500)).as_str(),
            "Duration::from_millis(1500)"
        );
        assert_eq!(
            duration(Duration::from_secs(86400)).as_str(),
            "Duration::from_secs(86_400)"
        );
        assert_eq!(duration(Duration::ZERO).as_str(), "Duration::from_secs(0)");
        assert_eq!(number("007", false).as_str(), "7");
        assert_eq!(number("-1.50", true).as_str(), "-1.50");
        assert_eq!(number("3", true).as_str(), "3.0");
    }

    #[test]
    fn documentation_cannot_end_its_comment() {
        let lines = docs(Some("a\npub fn evil() {}\r\n*/"), "");
        let text: Vec<&str> = lines.iter().map(Code::as_str).collect();
        assert_eq!(text, [" a", " pub fn evil() {}", " */"]);
        assert_eq!(docs(Some(" \n "), "A thing.")[0].as_str(), " A thing.");
    }
}
