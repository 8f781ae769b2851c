//! For people, in rustc's manner.

use std::ops::Range;

use annotate_snippets::{
    AnnotationKind, Group, Level as Severity, Patch, Renderer, Snippet, normalize_untrusted_str,
};

use super::Counts;
use super::place::path;
use crate::diagnostic::{Diagnostic, Edit, Level};
use crate::source::{FileId, Sources, Span};

/// Labels of one file that are further apart than this many bytes are shown as two excerpts, so that rendering costs
/// what it shows and not what lies between.
const APART: u32 = 8 * 1024;

/// One finding as several lines, the last one blank. Colours are escape sequences, present only when asked for; no
/// control character of the source reaches the text.
#[must_use]
pub fn human(diagnostic: &Diagnostic, sources: &Sources, colour: bool) -> String {
    let mut report = vec![findings(diagnostic, sources)];
    report.extend(diagnostic.fixes.iter().map(|fix| {
        let title = Severity::HELP.secondary_title(normalize_untrusted_str(&fix.title));
        title.elements(patches(&fix.edits, sources))
    }));
    let renderer = match colour {
        true => Renderer::styled(),
        false => Renderer::plain(),
    };
    let mut text = renderer.render(&report);
    // The renderer replaces the control characters below U+0080; the others can drive a terminal as well.
    if text.contains(is_c1) {
        text = text.replace(is_c1, "\u{fffd}");
    }
    text.push_str("\n\n");
    text
}

/// The last line: `2 errors and 1 warning in 3 files`.
#[must_use]
pub fn summary(counts: Counts, files: usize) -> String {
    let parts: Vec<_> = [
        (counts.errors, "error"),
        (counts.warnings, "warning"),
        (counts.infos, "info"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, word)| plural(count, word))
    .collect();
    let found = match parts.as_slice() {
        [] => "no findings".to_owned(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    };
    format!("{found} in {}", plural(files, "file"))
}

fn plural(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}

const fn is_c1(character: char) -> bool {
    matches!(character, '\u{80}'..='\u{9f}')
}

/// The finding itself: title, excerpts, notes and helps.
fn findings<'a>(diagnostic: &'a Diagnostic, sources: &'a Sources) -> Group<'a> {
    let severity = match diagnostic.level {
        Level::Error => Severity::ERROR,
        Level::Warning => Severity::WARNING,
        Level::Info => Severity::INFO,
    };
    let marks = std::iter::once((AnnotationKind::Primary, &diagnostic.primary))
        .chain(
            diagnostic
                .labels
                .iter()
                .map(|label| (AnnotationKind::Context, label)),
        )
        .map(|(kind, label)| (label.span, (kind, label.text.as_str())))
        .collect();
    let mut group = severity
        .primary_title(&diagnostic.message)
        .id(diagnostic.code)
        .elements(excerpts(marks, sources).into_iter().map(|excerpt| {
            let marks = excerpt.marks.iter().map(|(span, (kind, text))| {
                kind.span(span.clone())
                    .label((!text.is_empty()).then(|| normalize_untrusted_str(text)))
            });
            Snippet::source(excerpt.text)
                .line_start(excerpt.line)
                .path(excerpt.path)
                .annotations(marks)
        }));
    for note in &diagnostic.notes {
        group = group.element(Severity::NOTE.message(normalize_untrusted_str(note)));
    }
    for help in &diagnostic.help {
        group = group.element(Severity::HELP.message(normalize_untrusted_str(help)));
    }
    group
}

fn patches<'a>(edits: &'a [Edit], sources: &'a Sources) -> Vec<Snippet<'a, Patch<'a>>> {
    let marks = edits
        .iter()
        .map(|edit| (edit.span, edit.replacement.as_str()))
        .collect();
    excerpts(marks, sources)
        .into_iter()
        .map(|excerpt| {
            let patches = excerpt
                .marks
                .iter()
                .map(|(span, text)| Patch::new(span.clone(), *text));
            Snippet::source(excerpt.text)
                .line_start(excerpt.line)
                .path(excerpt.path)
                .patches(patches)
        })
        .collect()
}

/// Whole lines of one file with marks in them, relative to the lines' start.
struct Excerpt<'a, T> {
    path: String,
    line: usize,
    text: &'a str,
    marks: Vec<(Range<usize>, T)>,
}

/// Marks that are near to each other.
struct Cluster<T> {
    file: FileId,
    range: Range<u32>,
    marks: Vec<(Span, T)>,
}

impl<T> Cluster<T> {
    fn is_near(&self, span: Span) -> bool {
        self.file == span.file
            && span.start <= self.range.end.saturating_add(APART)
            && self.range.start <= span.end.saturating_add(APART)
    }
}

/// Groups marks into as few excerpts as [`APART`] allows. The first mark's file comes first.
fn excerpts<T: Copy>(marks: Vec<(Span, T)>, sources: &Sources) -> Vec<Excerpt<'_, T>> {
    let mut clusters: Vec<Cluster<T>> = Vec::new();
    for (span, mark) in marks {
        match clusters.iter_mut().find(|it| it.is_near(span)) {
            Some(near) => {
                near.range = near.range.start.min(span.start)..near.range.end.max(span.end);
                near.marks.push((span, mark));
            }
            None => clusters.push(Cluster {
                file: span.file,
                range: span.start..span.end,
                marks: vec![(span, mark)],
            }),
        }
    }
    clusters
        .into_iter()
        .map(|cluster| excerpt(cluster, sources))
        .collect()
}

/// The whole lines that a cluster's marks stand on.
fn excerpt<T>(cluster: Cluster<T>, sources: &Sources) -> Excerpt<'_, T> {
    let file = sources.file(cluster.file);
    let (first, last) = (cluster.range.start as usize, cluster.range.end as usize);
    let start = file.text[..first].rfind('\n').map_or(0, |at| at + 1);
    let end = file.text[last..]
        .find('\n')
        .map_or(file.text.len(), |at| last + at);
    let relative = |span: Span| span.start as usize - start..span.end as usize - start;
    Excerpt {
        path: normalize_untrusted_str(&path(cluster.marks[0].0, sources)),
        line: file.position(start as u32).0,
        text: &file.text[start..end],
        marks: cluster
            .marks
            .into_iter()
            .map(|(span, mark)| (relative(span), mark))
            .collect(),
    }
}
