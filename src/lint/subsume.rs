//! One flaw is not reported five times: some findings make others about the same edge a note.

use rustc_hash::FxHashMap as HashMap;

use super::finding::Finding;
use crate::model::EdgeId;

/// How many findings of one rule that follow from another are told in full.
const TOLD: usize = 2;

/// Where the left rule has found something about an edge, what the right one finds about it follows from it. A letter means
/// that variant of the rule's findings alone (`Finding::variant`).
///
/// RTY005 and TOP002 stand in no pair with TOP001: on a cycle there is no heaviest way, so they say nothing there, and what
/// they say of other operations over the same edges is none of its business.
const FOLLOWS: &[(&str, &str)] = &[
    ("AUN001", "AUN002"),
    ("DLQ001", "DLQ002"),
    ("DLQ001", "DLQ005"),
    ("PRT001", "SEC005(a)"),
    ("PRT004", "PRT005"),
    ("RTL001", "RTL002"),
    ("RTY001", "RTY002"),
    ("RTY001", "RTY003"),
    ("RTY001", "RTY005"),
    ("SEC004", "AUN001"),
    ("SEC004", "AUN002"),
    ("SEC004", "SEC006"),
    ("SEC004", "TOP008(b)"),
    ("SEC004", "TRN001"),
    ("SEC005", "TOP008(b)"),
    ("SEC006", "TOP008(b)"),
    ("TMO001", "CBR002(d)"),
    ("TMO001", "TMO002"),
    ("TMO001", "TMO004"),
    ("TMO002", "TMO004"),
    ("TOP001", "TMO003"),
    ("TOP008(c)", "SEC006"),
    ("TOP011", "TOP007"),
    ("TRN001", "TRN002"),
    ("TRN002", "AUN003"),
    ("TRN004", "TRN001"),
    ("WHK001", "AUN002"),
    ("WHK001", "WHK002(a)"),
    ("WHK001", "WHK004"),
];

/// Whether an entry of the table means a finding.
fn means(entry: &str, code: &str, finding: &Finding) -> bool {
    match entry.split_once('(') {
        None => entry == code,
        Some((rule, variant)) => rule == code && variant.chars().next() == finding.variant,
    }
}

/// Turns findings that follow from others into notes of these.
pub(super) fn subsume(mut findings: Vec<(&'static str, Finding)>) -> Vec<(&'static str, Finding)> {
    let mut graver: HashMap<(&'static str, EdgeId), usize> = HashMap::default();
    for (at, (code, finding)) in findings.iter().enumerate() {
        for (left, _) in FOLLOWS
            .iter()
            .filter(|(left, _)| means(left, code, finding))
        {
            for &edge in &finding.edges {
                graver.entry((left, edge)).or_insert(at);
            }
        }
    }
    if graver.is_empty() {
        return findings;
    }
    let cause_of = |code: &str, finding: &Finding| {
        let lefts = FOLLOWS
            .iter()
            .filter(|(_, right)| means(right, code, finding));
        lefts
            .flat_map(|(left, _)| finding.edges.iter().map(move |edge| (*left, *edge)))
            .find_map(|key| graver.get(&key).copied())
    };
    let causes: Vec<Option<usize>> = findings
        .iter()
        .map(|(code, finding)| cause_of(code, finding))
        .collect();
    for (at, cause) in causes.iter().enumerate() {
        if let Some(cause) = *cause {
            let (code, finding) = &findings[at];
            let note = (*code, finding.diagnostic.message.clone());
            findings[cause].1.follows.push(note);
        }
    }
    let mut causes = causes.into_iter();
    findings.retain(|_| causes.next().flatten().is_none());
    findings
}

/// Says in its notes what follows from a finding.
pub(super) fn tell(finding: &mut Finding) {
    let mut follows = std::mem::take(&mut finding.follows);
    follows.sort();
    follows.dedup();
    for group in follows.chunk_by(|a, b| a.0 == b.0) {
        let code = group[0].0;
        let notes = &mut finding.diagnostic.notes;
        if group.len() > TOLD {
            notes.push(format!(
                "it also leads to {} findings of {code}",
                group.len()
            ));
        } else {
            notes.extend(
                group
                    .iter()
                    .map(|(_, message)| format!("it also leads to {code}: {message}")),
            );
        }
    }
}
