//! SARIF 2.1.0, for code scanning.

use serde_json::{Value, json};

use super::RuleInfo;
use super::place::{Place, fingerprints};
use crate::diagnostic::{Diagnostic, Fix, Label, Level};
use crate::source::Sources;

/// The whole log, with a final newline. `rules` explain the codes; only those that occur are written.
///
/// # Errors
/// None that input can cause: only text and numbers are written.
pub fn sarif(
    diagnostics: &[Diagnostic],
    sources: &Sources,
    rules: &[RuleInfo],
) -> serde_json::Result<String> {
    let rules: Vec<_> = rules
        .iter()
        .filter(|rule| diagnostics.iter().any(|it| it.code == rule.code))
        .collect();
    let results: Vec<_> = diagnostics
        .iter()
        .zip(fingerprints(diagnostics, sources))
        .map(|(it, fingerprint)| result(it, &fingerprint, sources, &rules))
        .collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "archwright",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.iter().map(|rule| descriptor(rule)).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    serde_json::to_string_pretty(&log).map(|text| text + "\n")
}

const fn level(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Info => "note",
    }
}

fn descriptor(rule: &RuleInfo) -> Value {
    json!({
        "id": rule.code,
        "name": rule.name,
        "shortDescription": { "text": rule.summary },
        "help": { "text": rule.help, "markdown": rule.help },
        "defaultConfiguration": { "level": level(rule.level) },
    })
}

fn result(
    diagnostic: &Diagnostic,
    fingerprint: &str,
    sources: &Sources,
    rules: &[&RuleInfo],
) -> Value {
    let mut text = diagnostic.message.clone();
    let notes = diagnostic.notes.iter().map(String::as_str);
    for line in notes.chain(diagnostic.advice()) {
        text.push('\n');
        text.push_str(line);
    }
    let mut result = json!({
        "ruleId": diagnostic.code,
        "level": level(diagnostic.level),
        "message": { "text": text },
        "locations": [location(&diagnostic.primary, sources)],
        "partialFingerprints": { "archwright/v1": fingerprint },
    });
    if let Some(index) = rules.iter().position(|rule| rule.code == diagnostic.code) {
        result["ruleIndex"] = index.into();
    }
    if !diagnostic.labels.is_empty() {
        let related = diagnostic.labels.iter().enumerate().map(|(at, label)| {
            let mut location = location(label, sources);
            location["id"] = (at + 1).into();
            location
        });
        result["relatedLocations"] = related.collect();
    }
    if !diagnostic.fixes.is_empty() {
        result["fixes"] = diagnostic.fixes.iter().map(|it| fix(it, sources)).collect();
    }
    result
}

fn location(label: &Label, sources: &Sources) -> Value {
    let place = Place::of(label.span, sources);
    let mut location = json!({
        "physicalLocation": { "artifactLocation": { "uri": uri(&place.file) }, "region": region(&place) },
    });
    if !label.text.is_empty() {
        location["message"] = json!({ "text": label.text });
    }
    location
}

fn region(place: &Place) -> Value {
    json!({
        "startLine": place.line,
        "startColumn": place.column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
    })
}

fn fix(fix: &Fix, sources: &Sources) -> Value {
    let mut files: Vec<(String, Vec<Value>)> = Vec::new();
    for edit in &fix.edits {
        let place = Place::of(edit.span, sources);
        let replacement = json!({
            "deletedRegion": region(&place),
            "insertedContent": { "text": edit.replacement },
        });
        match files.iter_mut().find(|(file, _)| *file == place.file) {
            Some((_, replacements)) => replacements.push(replacement),
            None => files.push((place.file, vec![replacement])),
        }
    }
    let changes = files.into_iter().map(|(file, replacements)| {
        json!({ "artifactLocation": { "uri": uri(&file) }, "replacements": replacements })
    });
    json!({ "description": { "text": fix.title }, "artifactChanges": changes.collect::<Vec<_>>() })
}

/// A path as a URI reference: relative ones stay relative, other bytes than unreserved ones are percent-encoded.
fn uri(path: &str) -> String {
    let mut uri = String::from(if path.starts_with('/') { "file://" } else { "" });
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(byte.into());
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}
