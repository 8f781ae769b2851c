//! Taking something out, with the separators and the line that nobody needs any more. Comments stay.

use std::ops::Range;

use crate::diagnostic::Edit;
use crate::source::Span;

/// Takes an attribute out of a body; with the last one goes the body.
pub(super) fn attribute(text: &str, body: Span, line: Span) -> Edit {
    let inside = |span: Range<u32>| text[span.start as usize..span.end as usize].trim();
    let is_last =
        inside(body.start + 1..line.start).is_empty() && inside(line.end..body.end - 1).is_empty();
    if !is_last {
        return item(text, line);
    }
    let before = text[..body.start as usize].trim_end();
    Edit {
        span: Span {
            start: before.len() as u32,
            ..body
        },
        replacement: String::new(),
    }
}

/// Takes out what stands between commas or on lines of its own.
pub(super) fn item(text: &str, item: Span) -> Edit {
    let (start, end) = (item.start as usize, item.end as usize);
    let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let line_end = text[end..].find('\n').map_or(text.len(), |at| end + at);
    let before = &text[line_start..start];
    let after = &text[end..line_end];
    let comma = after.trim_start().starts_with(',');
    let range = match (before.trim(), after.trim().trim_start_matches(',').trim()) {
        // The line goes with it.
        ("", "") => line_start..(line_end + 1).min(text.len()),
        // What follows on the line takes its place.
        (_, rest) if comma => {
            let rest_at = rest.len();
            start..match rest_at {
                0 => line_end,
                length => line_start + text[line_start..line_end].trim_end().len() - length,
            }
        }
        // The last of several on a line: the comma before it goes too.
        (it, _) if it.ends_with(',') => line_start + before.trim_end().len() - 1..end,
        _ => start..end,
    };
    Edit {
        span: Span {
            start: range.start as u32,
            end: range.end as u32,
            ..item
        },
        replacement: String::new(),
    }
}
