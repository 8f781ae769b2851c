//! Putting something in: a body where there is none, a line in a body of several lines, a further part in a short one.

use crate::diagnostic::Edit;
use crate::model::written::Written;
use crate::source::Span;

/// Two blanks a level.
const STEP: &str = "  ";

/// Adds attributes: where items stand in the body too, before them.
pub(super) fn attributes(text: &str, written: &Written, new: &[String]) -> Option<Edit> {
    let new = new.join(", ");
    let Some(body) = written.body() else {
        return without_body(text, written, &new);
    };
    let inside = &text[body.start as usize + 1..body.end as usize - 1];
    let Some(line_end) = inside.find('\n') else {
        return Some(at_end(text, body, &new));
    };
    let first_line = inside[..line_end].trim();
    if first_line.is_empty() || first_line.starts_with("//") {
        // Before what has braces of its own, else as the last line.
        let place = match inside.contains('{') {
            true => body.start as usize + 1 + line_end + 1,
            false => return Some(at_end(text, body, &new)),
        };
        let indent = format!("{}{STEP}", indent(text, written.first_word as usize));
        return Some(insertion(body, place, format!("{indent}{new}\n")));
    }
    let place = body.start as usize + 1;
    Some(insertion(body, place, format!(" {new},")))
}

/// Adds an item after all others in the body.
pub(super) fn item(text: &str, written: &Written, new: &str) -> Option<Edit> {
    match written.body() {
        None => without_body(text, written, new),
        Some(body) => Some(at_end(text, body, new)),
    }
}

/// Adds an item after a declaration, on a line of its own; in a body of one line, after a comma.
pub(super) fn after(text: &str, written: &Written, new: &str) -> Edit {
    let end = written.end as usize;
    let rest = text[end..].split('\n').next().unwrap_or_default();
    let closes = rest.trim_start_matches([' ', ',']).starts_with('}');
    if closes {
        return insertion(written.item(), end, format!(", {new}"));
    }
    let indent = indent(text, written.first_word as usize);
    insertion(written.item(), end + rest.len(), format!("\n{indent}{new}"))
}

fn without_body(text: &str, written: &Written, new: &str) -> Option<Edit> {
    if written.is_of_chain() {
        return split_chain(text, written, new);
    }
    let place = written.end as usize;
    Some(insertion(written.item(), place, format!(" {{ {new} }}")))
}

/// A chain takes no body: each of its edges gets a line, and one of them the body.
fn split_chain(text: &str, written: &Written, new: &str) -> Option<Edit> {
    let item = written.item();
    let chain = &text[item.start as usize..item.end as usize];
    if written.start != written.first_word || chain.contains("//") || chain.contains("/*") {
        return None;
    }
    let own: Vec<&str> = ends(&text[written.name.start as usize..written.name.end as usize]);
    let indent = indent(text, item.start as usize);
    let lines: Vec<String> = ends(chain)
        .windows(2)
        .map(|pair| match pair == own.as_slice() {
            true => format!("{} -> {} {{ {new} }}", pair[0], pair[1]),
            false => format!("{} -> {}", pair[0], pair[1]),
        })
        .collect();
    Some(Edit {
        span: item,
        replacement: lines.join(&format!("\n{indent}")),
    })
}

fn ends(chain: &str) -> Vec<&str> {
    chain.split("->").map(str::trim).collect()
}

/// Before the closing brace.
fn at_end(text: &str, body: Span, new: &str) -> Edit {
    let close = body.end as usize - 1;
    let inside = &text[body.start as usize + 1..close];
    let last_line = inside.rfind('\n').map(|at| body.start as usize + 2 + at);
    if let Some(start) = last_line.filter(|&start| text[start..close].trim().is_empty()) {
        let indent = &text[start..close];
        return insertion(body, start, format!("{indent}{STEP}{new}\n"));
    }
    let used = inside.trim_end();
    let place = body.start as usize + 1 + used.len();
    let separator = match used {
        "" => "",
        it if it.ends_with([',', '\n']) => "",
        _ => ",",
    };
    Edit {
        span: Span {
            start: place as u32,
            end: close as u32,
            ..body
        },
        replacement: format!("{separator} {new} "),
    }
}

fn insertion(near: Span, place: usize, replacement: String) -> Edit {
    let place = place as u32;
    Edit {
        span: Span {
            start: place,
            end: place,
            ..near
        },
        replacement,
    }
}

/// The blanks that the line of a place starts with.
fn indent(text: &str, place: usize) -> &str {
    let start = text[..place].rfind('\n').map_or(0, |at| at + 1);
    let line = &text[start..place];
    &line[..line.len() - line.trim_start().len()]
}
