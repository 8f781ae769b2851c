//! Pieces of protobuf.

use super::code::comment_lines;
use super::{Code, Proto};
use crate::generate::naming;

/// A name, or names joined by dots, that [`naming::proto`] made.
pub fn name(name: impl Into<String>) -> Code<Proto> {
    let name: String = name.into();
    debug_assert!(
        name.chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.')),
        "{name} is no name"
    );
    Code::new(name)
}

/// A field's number.
pub fn number(number: u32) -> Code<Proto> {
    Code::new(number.to_string())
}

/// `map<string, T>`
pub fn map(value: &Code<Proto>) -> Code<Proto> {
    Code::new(format!("map<string, {}>", value.as_str()))
}

/// A file that is imported, by the parts of its path.
pub fn import(parts: &[&str]) -> Code<Proto> {
    let parts: Vec<String> = parts
        .iter()
        .map(|part| naming::proto::package(part))
        .collect();
    Code::new(format!("\"{}.proto\"", parts.join("/")))
}

/// The lines of a comment.
pub fn docs(text: Option<&str>) -> Vec<Code<Proto>> {
    comment_lines(text.unwrap_or_default())
        .into_iter()
        .map(|line| {
            Code::new(if line.is_empty() {
                line
            } else {
                format!(" {line}")
            })
        })
        .collect()
}
