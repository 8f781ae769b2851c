//! Doing what fixes say, to texts in memory.

use std::collections::{BTreeMap, BTreeSet};

use super::{Diagnostic, Edit, Fix, Safety};
use crate::source::{FileId, Sources, Span};

/// Texts with fixes in them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// The changed texts, whole.
    pub texts: BTreeMap<FileId, String>,
    /// The places in the list of the findings that were fixed.
    pub fixed: Vec<usize>,
}

/// Applies one fix of each finding, as far as they leave each other alone: of two that touch each other the first one
/// counts, and the other has to be asked for again of the changed text. `Safety::Safe` takes only safe fixes,
/// `Safety::Suggested` both.
#[must_use]
pub fn apply(diagnostics: &[Diagnostic], sources: &Sources, least: Safety) -> Applied {
    let mut taken = Taken::default();
    let mut edits: BTreeMap<FileId, Vec<&Edit>> = BTreeMap::new();
    let mut fixed = Vec::new();
    for (at, diagnostic) in diagnostics.iter().enumerate() {
        let Some(fix) = fix_of(diagnostic, least) else {
            continue;
        };
        if fix.edits.is_empty() || fix.edits.iter().any(|it| taken.touches(it.span)) {
            continue;
        }
        for edit in &fix.edits {
            taken.add(edit.span);
            edits.entry(edit.span.file).or_default().push(edit);
        }
        fixed.push(at);
    }
    let texts = edits
        .into_iter()
        .map(|(file, mut edits)| {
            // Stable: insertions of one fix at one place stay in their order.
            edits.sort_by_key(|it| (it.span.start, it.span.end));
            (file, edited(&sources.file(file).text, &edits))
        })
        .collect();
    Applied { texts, fixed }
}

/// The fix of a finding that may be applied, safe ones first.
#[must_use]
pub fn fix_of(diagnostic: &Diagnostic, least: Safety) -> Option<&Fix> {
    let find = |safety| diagnostic.fixes.iter().find(|it| it.safety == safety);
    find(Safety::Safe).or_else(|| find(least))
}

fn edited(text: &str, edits: &[&Edit]) -> String {
    let mut result = String::with_capacity(text.len());
    let mut done = 0;
    for edit in edits {
        result.push_str(&text[done..edit.span.start as usize]);
        result.push_str(&edit.replacement);
        done = edit.span.end as usize;
    }
    result.push_str(&text[done..]);
    result
}

/// What is edited already.
#[derive(Default)]
struct Taken(BTreeSet<(FileId, u32, u32)>);

impl Taken {
    fn add(&mut self, span: Span) {
        self.0.insert((span.file, span.start, span.end));
    }

    fn touches(&self, span: Span) -> bool {
        let end = (span.file, span.end, u32::MAX);
        // They are apart, so that only the last one that starts before the end can reach in.
        self.0
            .range(..=end)
            .next_back()
            .is_some_and(|&(file, _, end)| file == span.file && end >= span.start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(start: u32, end: u32) -> Span {
        Span {
            file: FileId(0),
            start,
            end,
        }
    }

    fn found(safety: Safety, edits: &[(u32, u32, &str)]) -> Diagnostic {
        let mut found = Diagnostic::error("ARC001", "", span(0, 0));
        found.fixes.push(Fix {
            title: String::new(),
            edits: edits
                .iter()
                .map(|&(start, end, replacement)| Edit {
                    span: span(start, end),
                    replacement: replacement.to_owned(),
                })
                .collect(),
            safety,
        });
        found
    }

    #[test]
    fn fixes_that_touch_wait_for_another_round() {
        let mut sources = Sources::default();
        let file = sources.add("a.arch", "abcdef");
        let found = [
            found(Safety::Safe, &[(1, 2, "X"), (4, 4, "1"), (4, 4, "2")]),
            found(Safety::Safe, &[(2, 3, "never")]),
            found(Safety::Suggested, &[(6, 6, "!")]),
        ];
        let safe = apply(&found, &sources, Safety::Safe);
        assert_eq!(safe.texts[&file], "aXcd12ef");
        assert_eq!(safe.fixed, [0]);
        let all = apply(&found, &sources, Safety::Suggested);
        assert_eq!(all.texts[&file], "aXcd12ef!");
        assert_eq!(all.fixed, [0, 2]);
    }
}
