//! Workflow commands: GitHub shows them on the lines of a pull request.

use super::place::Place;
use crate::diagnostic::{Diagnostic, Level};
use crate::source::Sources;

/// One command, one line.
#[must_use]
pub fn github(diagnostic: &Diagnostic, sources: &Sources) -> String {
    let place = Place::of(diagnostic.primary.span, sources);
    let command = match diagnostic.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Info => "notice",
    };
    let mut text = diagnostic.message.clone();
    let notes = diagnostic.notes.iter().map(|note| ("note", note.as_str()));
    let help = diagnostic.advice().map(|help| ("help", help));
    for (word, line) in notes.chain(help) {
        text.push_str(&format!("\n{word}: {line}"));
    }
    format!(
        "::{command} file={},line={},endLine={},col={},endColumn={},title={}::{}\n",
        property(&place.file),
        place.line,
        place.end_line,
        place.column,
        place.end_column,
        property(diagnostic.code),
        data(&text),
    )
}

/// What stands after the second `::`.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// What stands after a `=`.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
