//! Markdown for a comment on a pull request: a table of what matters, the reasons folded away.

use super::place::Place;
use super::{Counts, summary};
use crate::diagnostic::{Diagnostic, Level};
use crate::source::Sources;

/// How many findings are shown: comments have a largest length, and nobody reads more.
const SHOWN: usize = 50;

/// The whole comment. Infos are counted and not shown.
#[must_use]
pub fn markdown(diagnostics: &[Diagnostic], sources: &Sources, files: usize) -> String {
    let title = summary(Counts::of(diagnostics), files);
    let mut text = format!("### archwright: {title}\n");
    let mut grave: Vec<&Diagnostic> = diagnostics
        .iter()
        .filter(|it| it.level > Level::Info)
        .collect();
    grave.sort_by_key(|it| std::cmp::Reverse(it.level));
    if grave.is_empty() {
        return text;
    }
    text.push_str("\n| | Rule | Where | What |\n|---|---|---|---|\n");
    for diagnostic in grave.iter().take(SHOWN) {
        text.push_str(&row(diagnostic, sources));
    }
    if grave.len() > SHOWN {
        let more = grave.len() - SHOWN;
        text.push_str(&format!("\n{more} more are in the report of the run.\n"));
    }
    text.push_str("\n<details><summary>Why, and what to write instead</summary>\n\n");
    for diagnostic in grave.iter().take(SHOWN) {
        let place = Place::of(diagnostic.primary.span, sources);
        text.push_str(&format!(
            "- **{}** {}:{}\n",
            diagnostic.code,
            escaped(&place.file),
            place.line
        ));
        let notes = diagnostic.notes.iter().map(|it| ("note", it.as_str()));
        for (word, line) in notes.chain(diagnostic.advice().map(|it| ("help", it))) {
            text.push_str(&format!("  - {word}: {}\n", escaped(line)));
        }
    }
    text + "\n</details>\n"
}

fn row(diagnostic: &Diagnostic, sources: &Sources) -> String {
    let place = Place::of(diagnostic.primary.span, sources);
    let level = match diagnostic.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Info => "info",
    };
    format!(
        "| {level} | {} | {}:{} | {} |\n",
        diagnostic.code,
        escaped(&place.file),
        place.line,
        escaped(&diagnostic.message)
    )
}

/// Text that can become neither markup nor a cell of its own. What stands in backquotes is code already, in which only
/// the bar has a meaning.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for (at, part) in text.split('`').enumerate() {
        if at > 0 {
            escaped.push('`');
        }
        let is_code = at % 2 == 1;
        for it in part.chars() {
            match it {
                '|' => escaped.push_str("\\|"),
                '\n' | '\r' => escaped.push(' '),
                '<' if !is_code => escaped.push_str("&lt;"),
                '&' if !is_code => escaped.push_str("&amp;"),
                '*' | '_' | '[' | ']' | '@' | '#' | '~' | '\\' if !is_code => {
                    escaped.push('\\');
                    escaped.push(it);
                }
                it => escaped.push(it),
            }
        }
    }
    escaped
}
