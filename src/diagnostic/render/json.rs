//! For programs. The form is stable: members are added, never changed or taken away, while `version` is 1.
//!
//! ```json
//! {
//!   "version": 1,
//!   "findings": [{
//!     "code": "TMO001", "level": "error", "message": "...", "fingerprint": "...",
//!     "primary": { "file": "shop.arch", "line": 3, "column": 1, "end_line": 3, "end_column": 9, "text": "..." },
//!     "labels": [], "notes": [], "help": [],
//!     "fixes": [{ "title": "...", "safe": true, "edits": [{ "file": "...", "line": 1, "...": 0, "replacement": "..." }] }]
//!   }],
//!   "unknown": [{ "code": "TOP003", "subject": "orders_db", "fact": "replicas", "declare": "...", "file": "...", "line": 1, "...": 0 }],
//!   "summary": { "errors": 1, "warnings": 0, "infos": 0, "files": 1 }
//! }
//! ```
//! `unknown` is there when it was asked for: what could not be judged, and what to write so that it can.
//! Lines and columns are one-based, columns count characters, ends are exclusive.

use serde::Serialize;

use super::Counts;
use super::place::{Place, fingerprints};
use crate::diagnostic::{Diagnostic, Label, Level, Safety, Unknown};
use crate::source::Sources;

#[derive(Serialize)]
struct Report<'a> {
    version: u32,
    findings: Vec<Finding<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unknown: Option<Vec<Wanted<'a>>>,
    summary: Summary,
}

#[derive(Serialize)]
struct Summary {
    #[serde(flatten)]
    counts: Counts,
    files: usize,
}

#[derive(Serialize)]
struct Finding<'a> {
    code: &'a str,
    level: Level,
    message: &'a str,
    fingerprint: String,
    primary: Marked<'a>,
    labels: Vec<Marked<'a>>,
    notes: &'a [String],
    help: &'a [String],
    fixes: Vec<Fix<'a>>,
}

#[derive(Serialize)]
struct Wanted<'a> {
    code: &'a str,
    subject: &'a str,
    fact: &'a str,
    declare: &'a str,
    #[serde(flatten)]
    place: Place,
}

#[derive(Serialize)]
struct Marked<'a> {
    #[serde(flatten)]
    place: Place,
    text: &'a str,
}

#[derive(Serialize)]
struct Fix<'a> {
    title: &'a str,
    safe: bool,
    edits: Vec<Edit<'a>>,
}

#[derive(Serialize)]
struct Edit<'a> {
    #[serde(flatten)]
    place: Place,
    replacement: &'a str,
}

/// The whole report, with a final newline. `files` says how many files were read.
///
/// # Errors
/// None that input can cause: only text and numbers are written.
pub fn json(
    diagnostics: &[Diagnostic],
    unknown: Option<&[Unknown]>,
    sources: &Sources,
    files: usize,
) -> serde_json::Result<String> {
    let marked = |label: &'_ Label| Place::of(label.span, sources);
    let findings = diagnostics
        .iter()
        .zip(fingerprints(diagnostics, sources))
        .map(|(it, fingerprint)| Finding {
            code: it.code,
            level: it.level,
            message: &it.message,
            fingerprint,
            primary: Marked {
                place: marked(&it.primary),
                text: &it.primary.text,
            },
            labels: it
                .labels
                .iter()
                .map(|label| Marked {
                    place: marked(label),
                    text: &label.text,
                })
                .collect(),
            notes: &it.notes,
            help: &it.help,
            fixes: it
                .fixes
                .iter()
                .map(|fix| Fix {
                    title: &fix.title,
                    safe: fix.safety == Safety::Safe,
                    edits: fix
                        .edits
                        .iter()
                        .map(|edit| Edit {
                            place: Place::of(edit.span, sources),
                            replacement: &edit.replacement,
                        })
                        .collect(),
                })
                .collect(),
        })
        .collect();
    let unknown = unknown.map(|all| {
        all.iter()
            .map(|it| Wanted {
                code: it.code,
                subject: &it.subject,
                fact: it.fact,
                declare: &it.declare,
                place: Place::of(it.at, sources),
            })
            .collect()
    });
    let report = Report {
        version: 1,
        findings,
        unknown,
        summary: Summary {
            counts: Counts::of(diagnostics),
            files,
        },
    };
    serde_json::to_string_pretty(&report).map(|text| text + "\n")
}
