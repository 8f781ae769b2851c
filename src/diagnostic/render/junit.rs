//! JUnit XML, as CI servers read it: one test case a finding, errors and warnings failed.

use super::Counts;
use super::place::Place;
use crate::diagnostic::{Diagnostic, Level};
use crate::source::Sources;

/// The whole report. A run without findings is one case that passed.
#[must_use]
pub fn junit(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let counts = Counts::of(diagnostics);
    let failures = counts.errors + counts.warnings;
    let tests = counts.total().max(1);
    let totals = format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"0\"");
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"archwright\" {totals}>\n  <testsuite name=\"archwright lint\" {totals}>\n"
    );
    for diagnostic in diagnostics {
        text.push_str(&case(diagnostic, sources));
    }
    if diagnostics.is_empty() {
        text.push_str("    <testcase classname=\"archwright\" name=\"no findings\"/>\n");
    }
    text + "  </testsuite>\n</testsuites>\n"
}

fn case(diagnostic: &Diagnostic, sources: &Sources) -> String {
    let place = Place::of(diagnostic.primary.span, sources);
    let level = match diagnostic.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Info => "info",
    };
    let mut lines = vec![format!(
        "{level}[{}]: {}",
        diagnostic.code, diagnostic.message
    )];
    lines.push(format!("{}:{}:{}", place.file, place.line, place.column));
    lines.extend(diagnostic.notes.iter().map(|it| format!("note: {it}")));
    lines.extend(diagnostic.advice().map(|it| format!("help: {it}")));
    let lines = escaped(&lines.join("\n"));
    let inside = match diagnostic.level {
        Level::Info => format!("<system-out>{lines}</system-out>"),
        _ => format!(
            "<failure type=\"{level}\" message=\"{}\">{lines}</failure>",
            escaped(&diagnostic.message)
        ),
    };
    format!(
        "    <testcase classname=\"{}\" name=\"{} at line {}: {}\" file=\"{}\" line=\"{}\">\n      {inside}\n    </testcase>\n",
        escaped(&place.file),
        diagnostic.code,
        place.line,
        escaped(&diagnostic.message),
        escaped(&place.file),
        place.line,
    )
}

/// Text for content and attributes; characters that XML cannot hold are replaced.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for it in text.chars() {
        match it {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' => escaped.push(it),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            it if it.is_control() => escaped.push('\u{fffd}'),
            it => escaped.push(it),
        }
    }
    escaped
}
