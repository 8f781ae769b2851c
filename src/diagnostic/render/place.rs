//! Where a finding is, in the forms that programs want.

use std::collections::HashMap;

use crate::diagnostic::Diagnostic;
use crate::source::{Sources, Span};

/// Lines and columns of a span: one-based, columns in characters, the end exclusive.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Place {
    /// The path as the user gave it, with forward slashes.
    pub file: String,
    /// First line.
    pub line: usize,
    /// First column.
    pub column: usize,
    /// Last line.
    pub end_line: usize,
    /// One past the last column.
    pub end_column: usize,
}

impl Place {
    /// The place of a span.
    pub fn of(span: Span, sources: &Sources) -> Self {
        let file = sources.file(span.file);
        let (line, column) = file.position(span.start);
        let (end_line, end_column) = file.position(span.end);
        Self {
            file: path(span, sources),
            line,
            column,
            end_line,
            end_column,
        }
    }
}

/// The path of a span's file with forward slashes, on every platform.
pub fn path(span: Span, sources: &Sources) -> String {
    let path = sources.file(span.file).path.to_string_lossy();
    match std::path::MAIN_SEPARATOR {
        '/' => path.into_owned(),
        separator => path.replace(separator, "/"),
    }
}

/// Names each finding by what it is about instead of where it stands, so that it survives lines being added above it.
/// Where a finding does not know that, it is the code, the file and the text under the primary span with its blanks
/// normalised. Equal ones are numbered.
pub fn fingerprints(diagnostics: &[Diagnostic], sources: &Sources) -> Vec<String> {
    let mut seen = HashMap::<u128, u32>::new();
    diagnostics
        .iter()
        .map(|diagnostic| {
            let span = diagnostic.primary.span;
            let mut identity = diagnostic.identity.join("\0");
            if identity.is_empty() {
                identity = format!("{}\0{}", diagnostic.code, path(span, sources));
                for word in sources.text(span).split_whitespace() {
                    identity.push('\0');
                    identity.push_str(word);
                }
            }
            let hash = xxhash_rust::xxh3::xxh3_128(identity.as_bytes());
            let count = seen.entry(hash).or_insert(0);
            *count += 1;
            format!("{hash:032x}/{count}")
        })
        .collect()
}
