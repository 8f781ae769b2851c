//! One cause is not reported five times: some findings make others about the same edge a note.

use std::collections::HashMap;

use super::finding::Finding;
use crate::model::EdgeId;

/// Where the left rule has found something about an edge, what the right one finds about it follows from it.
const FOLLOWS: &[(&str, &str)] = &[
    ("AUN001", "AUN002"),
    ("RTY001", "RTY002"),
    ("RTY001", "RTY003"),
    ("RTY001", "RTY005"),
    ("TMO001", "TMO002"),
    ("TOP001", "RTY005"),
    ("TOP001", "TOP002"),
];

/// Turns findings that follow from others into notes of these.
pub(super) fn subsume(mut findings: Vec<(&'static str, Finding)>) -> Vec<(&'static str, Finding)> {
    let mut graver: HashMap<(&'static str, EdgeId), usize> = HashMap::new();
    for (at, (code, finding)) in findings.iter().enumerate() {
        if FOLLOWS.iter().any(|(left, _)| left == code) {
            for &edge in &finding.edges {
                graver.entry((code, edge)).or_insert(at);
            }
        }
    }
    let mut notes: Vec<(usize, String)> = Vec::new();
    let mut drop = vec![false; findings.len()];
    for (at, (code, finding)) in findings.iter().enumerate() {
        let lefts = FOLLOWS.iter().filter(|(_, right)| right == code);
        let cause = lefts
            .flat_map(|(left, _)| finding.edges.iter().map(move |edge| (*left, *edge)))
            .find_map(|key| graver.get(&key));
        if let Some(&cause) = cause {
            drop[at] = true;
            notes.push((
                cause,
                format!("it also leads to {code}: {}", finding.diagnostic.message),
            ));
        }
    }
    for (cause, note) in notes {
        findings[cause].1.diagnostic.notes.push(note);
    }
    let mut dropped = drop.into_iter();
    findings.retain(|_| !dropped.next().unwrap_or(false));
    findings
}
