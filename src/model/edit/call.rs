//! Arguments of a call: `exponential(attempts = 3, base = 40ms)`.

use std::ops::Range;

use crate::diagnostic::Edit;
use crate::source::Span;

/// Gives a named argument a value: replaces what it has, or adds it as the last one.
pub(super) fn set(text: &str, at: Span, name: &str, value: &str) -> Option<Edit> {
    let arguments = arguments(text)?;
    if let Some(argument) = arguments
        .iter()
        .find(|it| is_called(&text[(*it).clone()], name))
    {
        return Some(edit(at, argument.clone(), format!("{name} = {value}")));
    }
    let close = text.rfind(')')?;
    let end = arguments.last().map_or(close, |it| it.end);
    let separator = if arguments.is_empty() { "" } else { ", " };
    Some(edit(at, end..end, format!("{separator}{name} = {value}")))
}

/// Takes a named argument out, with one of the commas around it.
pub(super) fn remove(text: &str, at: Span, name: &str) -> Option<Edit> {
    let arguments = arguments(text)?;
    let index = arguments
        .iter()
        .position(|it| is_called(&text[it.clone()], name))?;
    let own = &arguments[index];
    let range = match (index.checked_sub(1), arguments.get(index + 1)) {
        (Some(before), _) => arguments[before].end..own.end,
        (None, Some(after)) => own.start..after.start,
        (None, None) => own.clone(),
    };
    Some(edit(at, range, String::new()))
}

fn is_called(argument: &str, name: &str) -> bool {
    argument
        .split_once('=')
        .is_some_and(|(it, _)| it.trim() == name)
}

fn edit(at: Span, range: Range<usize>, replacement: String) -> Edit {
    Edit {
        span: Span {
            start: at.start + range.start as u32,
            end: at.start + range.end as u32,
            ..at
        },
        replacement,
    }
}

/// Where the arguments of a call stand, blanks around them left out. `None` of what is no call, and of one with comments
/// in it, which could belong to any of them.
fn arguments(text: &str) -> Option<Vec<Range<usize>>> {
    let open = text.find('(')?;
    if !text.ends_with(')') || text.contains("/*") {
        return None;
    }
    let close = text.len() - 1;
    let mut parts = Vec::new();
    let (mut depth, mut quoted, mut escaped) = (0_u32, false, false);
    let mut start = open + 1;
    for (at, it) in text[..close]
        .char_indices()
        .skip_while(|(at, _)| *at <= open)
    {
        match it {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '/' if text[at..].starts_with("//") => return None,
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.checked_sub(1)?,
            ',' if depth == 0 => {
                parts.push(start..at);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(start..close);
    let trimmed = parts.into_iter().map(|part| {
        let own = &text[part.clone()];
        let start = part.start + (own.len() - own.trim_start().len());
        start..start + own.trim().len()
    });
    Some(trimmed.filter(|it| !it.is_empty()).collect())
}
