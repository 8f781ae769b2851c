//! Pieces of files that hold nothing of a drawing but names.

use super::code::comment_line;
use super::{Code, Text};

/// A name: letters, digits, `_`, `-`, `.` and `/`.
pub fn name(name: &str) -> Code<Text> {
    Code::new(
        name.chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/') {
                    c
                } else {
                    '_'
                }
            })
            .collect::<String>(),
    )
}

/// What stands in a comment of one line.
pub fn comment(text: &str) -> Code<Text> {
    Code::new(comment_line(text))
}
