//! Runs of tokens as text: on one line, or broken at their brackets.

use super::WIDTH;
use super::tokens::{Kind, Token};

/// Two blanks a level.
pub(super) fn indentation(level: usize) -> String {
    "  ".repeat(level)
}

/// A token as written; comments without blanks at the ends of their lines.
pub(super) fn written(text: &str, token: Token) -> String {
    let written = &text[token.start..token.end];
    match token.kind {
        Kind::Breaking => written
            .lines()
            .map(str::trim_end)
            .collect::<Vec<_>>()
            .join("\n"),
        _ => written.to_owned(),
    }
}

/// Whether nothing stands between two tokens.
fn glued(left: Kind, right: Kind) -> bool {
    matches!(
        right,
        Kind::Comma | Kind::Tight | Kind::MapOpen | Kind::Call | Kind::Close
    ) || matches!(left, Kind::Open | Kind::Call | Kind::MapOpen)
        || (left == Kind::BraceOpen && right == Kind::BraceClose)
}

/// Whether a token is a comma that closes a list, which is not printed.
fn closing_comma(tokens: &[Token], at: usize) -> bool {
    tokens[at].kind == Kind::Comma
        && tokens
            .get(at + 1)
            .is_some_and(|next| matches!(next.kind, Kind::Close | Kind::BraceClose))
}

/// The tokens on one line; nothing if a comment among them cannot stand there.
pub(super) fn flat(text: &str, tokens: &[Token]) -> Option<String> {
    let mut line = String::new();
    let mut last: Option<Kind> = None;
    for (at, token) in tokens.iter().enumerate() {
        if token.kind == Kind::Breaking {
            return None;
        }
        if closing_comma(tokens, at) {
            continue;
        }
        if last.is_some_and(|last| !glued(last, token.kind)) {
            line.push(' ');
        }
        line.push_str(&text[token.start..token.end]);
        last = Some(token.kind);
    }
    Some(line)
}

/// How many columns a line takes.
pub(super) fn width(line: &str) -> usize {
    line.chars().count()
}

/// The tokens on one line if they fit, else broken: at the widest of their brackets, or at those that hold comments.
/// The first line comes without its indentation. `after` columns are left for what follows.
pub(super) fn fitted(text: &str, tokens: &[Token], level: usize, after: usize) -> String {
    match flat(text, tokens) {
        Some(line) if 2 * level + width(&line) + after <= WIDTH => line,
        Some(_) => {
            let widest = groups(tokens)
                .into_iter()
                .filter(|(open, close)| close - open > 1)
                .max_by_key(|(open, close)| tokens[*close].end - tokens[*open].start);
            broken(text, tokens, level, widest.map(|(open, _)| open))
        }
        None => broken(text, tokens, level, None),
    }
}

/// The outermost brackets: where each opens and closes.
fn groups(tokens: &[Token]) -> Vec<(usize, usize)> {
    let mut groups = Vec::new();
    let mut open = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        match token.kind {
            Kind::Open | Kind::Call | Kind::MapOpen => open.push(at),
            Kind::Close => match (open.pop(), open.is_empty()) {
                (Some(start), true) if tokens[start].kind != Kind::MapOpen => {
                    groups.push((start, at))
                }
                _ => {}
            },
            _ => {}
        }
    }
    groups
}

fn broken(text: &str, tokens: &[Token], level: usize, chosen: Option<usize>) -> String {
    let groups = groups(tokens);
    let mut out = String::new();
    let mut last: Option<Kind> = None;
    let mut at = 0;
    while at < tokens.len() {
        let token = tokens[at];
        match last {
            // Nothing can stand on the line after a comment that ends it.
            Some(Kind::Breaking) if out.ends_with('\n') => out.push_str(&indentation(level + 1)),
            Some(last) if !glued(last, token.kind) => out.push(' '),
            _ => {}
        }
        let group = groups
            .iter()
            .find(|(open, _)| *open == at)
            .map(|(_, close)| *close);
        match group {
            Some(close) if chosen == Some(at) || flat(text, &tokens[at..=close]).is_none() => {
                elements(text, &tokens[at..=close], level, &mut out);
                at = close;
            }
            Some(close) => {
                out.push_str(&flat(text, &tokens[at..=close]).unwrap_or_default());
                at = close;
            }
            None => {
                out.push_str(&written(text, token));
                if text[token.start..].starts_with("//") {
                    out.push('\n');
                }
            }
        }
        last = Some(tokens[at].kind);
        at += 1;
    }
    if out.ends_with('\n') {
        out.pop();
    }
    out
}

/// What stands between two commas of a list, and the comments about it.
#[derive(Default)]
struct Element {
    /// Comments on lines of their own, before it.
    before: Vec<Token>,
    tokens: Vec<Token>,
    /// Comments after it, or after its comma, on its line or below.
    after: Vec<Token>,
}

/// A bracket with one element a line.
fn elements(text: &str, group: &[Token], level: usize, out: &mut String) {
    let (open, inside, close) = (group[0], &group[1..group.len() - 1], group[group.len() - 1]);
    let same_line = |left: Token, right: Token| !text[left.end..right.start].contains('\n');
    let mut elements = vec![Element::default()];
    let mut beside_open = Vec::new();
    let mut depth = 0;
    for (at, token) in inside.iter().copied().enumerate() {
        let previous = if at == 0 { open } else { inside[at - 1] };
        let next = inside.get(at + 1).copied().unwrap_or(close);
        let first = elements.len() == 1;
        let Some(element) = elements.last_mut() else {
            return;
        };
        match token.kind {
            Kind::Open | Kind::Call | Kind::MapOpen => depth += 1,
            Kind::Close => depth -= 1,
            _ => {}
        }
        let ends_line =
            token.is_comment() && (token.kind == Kind::Breaking || !same_line(token, next));
        if token.kind == Kind::Comma && depth == 0 {
            elements.push(Element::default());
        } else if !ends_line || depth > 0 {
            element.tokens.push(token);
        } else if !element.tokens.is_empty() {
            // A comment inside of an element stays there; one at its end stands after it.
            element.tokens.push(token);
        } else if !same_line(previous, token) {
            element.before.push(token);
        } else if first {
            beside_open.push(token);
        } else {
            let above = elements.len() - 2;
            elements[above].after.push(token);
        }
    }
    for element in &mut elements {
        while element.tokens.last().is_some_and(Token::is_comment)
            && element.tokens.iter().any(|it| !it.is_comment())
        {
            element.after.extend(element.tokens.pop());
        }
        // They were taken from the end; comments after the comma were there before and stay behind.
        element.after.sort_by_key(|token| token.start);
    }
    // What follows the last comma may be comments alone.
    if elements.last().is_some_and(|last| last.tokens.is_empty()) && elements.len() > 1 {
        let rest = elements.pop().unwrap_or_default();
        if let Some(last) = elements.last_mut() {
            last.after.extend(rest.before);
        }
    }
    let inner = indentation(level + 1);
    out.push_str(&text[open.start..open.end]);
    for comment in beside_open {
        out.push(' ');
        out.push_str(&written(text, comment));
    }
    let count = elements.len();
    for (at, element) in elements.iter().enumerate() {
        for comment in &element.before {
            out.push_str(&format!("\n{inner}{}", written(text, *comment)));
        }
        if !element.tokens.is_empty() {
            out.push_str(&format!(
                "\n{inner}{}",
                fitted(text, &element.tokens, level + 1, 1)
            ));
            if at + 1 < count {
                out.push(',');
            }
        }
        let mut previous = element.tokens.last().copied();
        for comment in &element.after {
            let beside = previous.is_some_and(|previous| same_line(previous, *comment))
                && !out
                    .lines()
                    .next_back()
                    .is_some_and(|line| line.contains("//"));
            let gap = if beside {
                " ".to_owned()
            } else {
                format!("\n{inner}")
            };
            out.push_str(&gap);
            out.push_str(&written(text, *comment));
            previous = Some(*comment);
        }
    }
    out.push('\n');
    out.push_str(&indentation(level));
    out.push_str(&text[close.start..close.end]);
}
