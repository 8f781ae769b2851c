//! Name tables: who is called what, and "did you mean".

use std::path::Path;

use ecow::EcoString;
use rustc_hash::FxHashMap as HashMap;

use super::Resolver;
use crate::diagnostic::{Diagnostic, Edit, Fix, Safety};
use crate::model::{
    ApiId, AuthId, ChannelId, EnumId, NodeId, OperationId, PolicyId, RoleId, StructId, ZoneId,
};
use crate::source::Span;
use crate::syntax::ast::Ident;
use crate::syntax::nearest;

/// The longest name: generated file and type names add to it and must fit every file system.
const MAX_NAME: usize = 64;

/// A message or an enumeration.
#[derive(Clone, Copy, Debug)]
pub(super) enum TypeName {
    Struct(StructId),
    Enum(EnumId),
}

/// In what company a name must be alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Space {
    Zone,
    Node,
    Auth,
    Policy,
    Role,
    Type(Option<NodeId>),
    Api(NodeId, u32),
    Operation(ApiId),
    Channel(NodeId),
    Schedule(NodeId),
    Field(StructId),
    EnumValue(EnumId),
}

/// How a name is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// `order_items`
    Snake,
    /// `OrderItems`
    Camel,
}

/// Who is called what.
#[derive(Default)]
pub(super) struct Names<'a> {
    pub zones: HashMap<&'a str, ZoneId>,
    pub nodes: HashMap<&'a str, NodeId>,
    pub auths: HashMap<&'a str, AuthId>,
    pub roles: HashMap<&'a str, RoleId>,
    pub policies: HashMap<&'a str, PolicyId>,
    pub types: HashMap<(Option<NodeId>, &'a str), TypeName>,
    pub operations: HashMap<(ApiId, &'a str), OperationId>,
    pub channels: HashMap<(NodeId, &'a str), ChannelId>,
    taken: HashMap<(Space, EcoString), &'a Ident>,
}

impl Names<'_> {
    /// Makes room for so many names that must be alone.
    pub(super) fn reserve(&mut self, more: usize) {
        self.taken.reserve(more);
    }
}

impl<'a> Resolver<'a> {
    /// Takes a name in its space. `false`, with a message, when it is taken; a name in the wrong style is told of and kept.
    pub(super) fn claim(
        &mut self,
        space: Space,
        style: Style,
        name: &'a Ident,
        what: &str,
    ) -> bool {
        self.check_name(style, name, what);
        let text = name.value.as_str();
        match self.names.taken.entry((space, folded(&name.value))) {
            std::collections::hash_map::Entry::Vacant(free) => {
                free.insert(name);
                true
            }
            std::collections::hash_map::Entry::Occupied(taken) => {
                let taken = *taken.get();
                let (other, first) = (taken.value.as_str(), taken.span);
                let found = if other == text {
                    Diagnostic::error(
                        "ARC022",
                        format!("there are two {what}s called `{text}`"),
                        name.span,
                    )
                    .here("declared again here")
                    .label(first, "first declared here")
                } else {
                    let message = format!("the {what}s `{other}` and `{text}` are too much alike");
                    Diagnostic::error("ARC023", message, name.span)
                        .here("differs from the other only by case or underscores")
                        .label(first, "the other one")
                        .note("names made from them (types, files, JSON fields) would be the same")
                        .help("give one of them another name")
                };
                self.report(found);
                false
            }
        }
    }

    pub(super) fn check_name(&mut self, style: Style, name: &Ident, what: &str) {
        let text = name.value.as_str();
        let (fits, wanted) = match style {
            Style::Snake => (is_snake(text), "lower_snake"),
            Style::Camel => (is_camel(text), "UpperCamel"),
        };
        if !fits {
            let suggestion = match style {
                Style::Snake => to_snake(text),
                Style::Camel => to_camel(text),
            };
            let message = format!("the {what} `{text}` is not written in {wanted}");
            let mut found = Diagnostic::error("ARC024", message, name.span)
                .here(format!("names of {what}s are"));
            if !suggestion.is_empty() {
                found = found.help(format!("write `{suggestion}`"));
            }
            self.report(found);
        } else if text.len() > MAX_NAME {
            let message = format!(
                "this name is {} letters long, and {MAX_NAME} is the most",
                text.len()
            );
            self.report(Diagnostic::error("ARC024", message, name.span));
        }
    }

    /// Reports a name that nothing is called, once for each name.
    pub(super) fn unknown<'c>(
        &mut self,
        what: &'static str,
        name: &'a str,
        at: Span,
        candidates: impl IntoIterator<Item = &'c str>,
        none: &str,
    ) {
        if !self.unknown.insert((what, name)) {
            return;
        }
        let found = Diagnostic::error("ARC025", format!("there is no {what} called `{name}`"), at);
        let found = self.suggest(found, name, at, candidates, none);
        self.report(found);
    }

    /// Adds "did you mean", or what else can be done.
    pub(super) fn suggest<'c>(
        &mut self,
        mut found: Diagnostic,
        name: &str,
        at: Span,
        candidates: impl IntoIterator<Item = &'c str>,
        none: &str,
    ) -> Diagnostic {
        if self.suggestions == 0 {
            return found;
        }
        self.suggestions -= 1;
        match nearest(name, candidates) {
            Some(near) => {
                found.fixes.push(Fix {
                    title: format!("did you mean `{near}`?"),
                    edits: vec![Edit {
                        span: at,
                        replacement: near.to_owned(),
                    }],
                    safety: Safety::Suggested,
                });
                found
            }
            None if none.is_empty() => found,
            None => found.help(none),
        }
    }
}

/// What two names must not have in common: generated names differ in case and underscores.
fn folded(name: &EcoString) -> EcoString {
    if name
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    {
        name.clone()
    } else {
        name.chars()
            .filter(|it| *it != '_')
            .map(|it| it.to_ascii_lowercase())
            .collect()
    }
}

fn is_snake(name: &str) -> bool {
    name.starts_with(|it: char| it.is_ascii_lowercase())
        && !name.ends_with('_')
        && !name.contains("__")
        && name
            .bytes()
            .all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'_')
}

fn is_camel(name: &str) -> bool {
    name.starts_with(|it: char| it.is_ascii_uppercase())
        && name.bytes().all(|it| it.is_ascii_alphanumeric())
}

/// `OrderItems` as `order_items`; runs of capitals stay together (`HTTPProxy`: `http_proxy`).
pub(super) fn to_snake(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    let mut letters = name.chars().peekable();
    let mut before = None;
    while let Some(letter) = letters.next() {
        let after = letters.peek();
        let starts_word = letter.is_ascii_uppercase()
            && before.is_some_and(|before: char| {
                !before.is_ascii_uppercase() || after.is_some_and(char::is_ascii_lowercase)
            });
        if (starts_word || letter == '_') && !snake.is_empty() && !snake.ends_with('_') {
            snake.push('_');
        }
        if letter != '_' {
            snake.push(letter.to_ascii_lowercase());
        }
        before = Some(letter);
    }
    snake.trim_matches('_').to_owned()
}

/// `order_items` as `OrderItems`.
pub(super) fn to_camel(name: &str) -> String {
    let mut camel = String::with_capacity(name.len());
    push_camel(&mut camel, name);
    camel
}

/// The same at the end of another name.
pub(super) fn push_camel(camel: &mut String, name: &str) {
    let mut starts_word = true;
    for letter in name.chars() {
        match letter {
            '_' => {}
            _ if starts_word => camel.push(letter.to_ascii_uppercase()),
            _ => camel.push(letter),
        }
        starts_word = letter == '_';
    }
}

/// The name of a system that nobody named: its file's, as far as letters allow.
pub(super) fn from_file(path: &Path) -> String {
    let stem = path
        .file_stem()
        .map(|it| it.to_string_lossy().into_owned())
        .unwrap_or_default();
    let letters: String = stem
        .chars()
        .map(|it| if it.is_ascii_alphanumeric() { it } else { '_' })
        .collect();
    let name = to_snake(&letters);
    let mut name: String = name
        .trim_start_matches(|it: char| !it.is_ascii_lowercase())
        .to_owned();
    name.truncate(MAX_NAME);
    if name.is_empty() {
        "system".to_owned()
    } else {
        name
    }
}
