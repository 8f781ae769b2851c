//! `lint { }` and `limits { }` of the system, and those that a file locks for all drawings that import it.

use std::time::Duration;

use super::place::Around;
use super::{Resolver, items, owned};
use crate::diagnostic::Diagnostic;
use crate::model::attributes::{Rate, Value};
use crate::source::Spanned;
use crate::syntax::ast::{self, Item, ItemKind, Keyword, ValueKind};

/// A code or limit, and what it is set to.
type Lines<T> = Vec<(Spanned<String>, Spanned<T>)>;

impl<'a> Resolver<'a> {
    /// Reads the blocks of the system.
    pub(super) fn settings(&mut self, body: &'a [Item]) {
        for item in body {
            let ItemKind::Node(block) = &item.kind else {
                continue;
            };
            if matches!(block.keyword.value, Keyword::Lint | Keyword::Limits)
                && let Some(name) = &block.name
            {
                let message = "what the system sets has no name";
                let mut found = Diagnostic::error("ARC028", message, name.span);
                if name.value == "locked" {
                    found =
                        found.help("locks stand at the top of a file, as `lint locked { ... }`");
                }
                self.report(found);
            }
            match block.keyword.value {
                Keyword::Lint => {
                    let lines = self.lint_levels(block);
                    self.model.system.lint.extend(lines);
                }
                Keyword::Limits => {
                    let lines = self.limits(block);
                    self.model.system.limits.extend(lines);
                }
                _ => {}
            }
        }
    }

    /// Reads the locks of all files.
    pub(super) fn locks(&mut self) {
        for block in std::mem::take(&mut self.locks) {
            let name = block.name.as_ref();
            if name.is_none_or(|it| it.value != "locked") {
                let at = name.map_or(block.keyword.span, |it| it.span);
                let word = super::place::keyword(block.keyword.value);
                let message = format!("`{word}` at the top of a file says that it is `locked`");
                let found = Diagnostic::error("ARC028", message, at).help(format!(
                    "write `{word} locked {{ ... }}` for what no drawing may weaken, or move it into `system {{ ... }}`"
                ));
                self.report(found);
                continue;
            }
            if block.keyword.value == Keyword::Lint {
                let lines = self.lint_levels(block);
                self.model.system.locked_lint.extend(lines);
            } else {
                let lines = self.limits(block);
                self.model.system.locked_limits.extend(lines);
            }
        }
    }

    fn lint_levels(&mut self, block: &'a ast::Node) -> Lines<String> {
        let mut lines = Vec::new();
        for item in self.housed(items(&block.body), Around::Lint) {
            let ItemKind::Attribute(line) = &item.kind else {
                continue;
            };
            let level = match &line.value.value {
                ValueKind::Name(path) if path.len() == 1 => path[0].value.as_str(),
                _ => "",
            };
            if ["off", "info", "warning", "error"].contains(&level) {
                let level = Spanned {
                    value: level.to_owned(),
                    span: line.value.span,
                };
                lines.push((owned(&line.name), level));
            } else {
                let message = format!(
                    "`{}` takes `off`, `info`, `warning` or `error`",
                    line.name.value
                );
                self.report(Diagnostic::error("ARC031", message, line.value.span));
            }
        }
        lines
    }

    fn limits(&mut self, block: &'a ast::Node) -> Lines<Value> {
        let mut lines = Vec::new();
        for item in self.housed(items(&block.body), Around::Limits) {
            let ItemKind::Attribute(line) = &item.kind else {
                continue;
            };
            let limit = match line.value.value {
                ValueKind::Integer(it) if it > 0 => u64::try_from(it).ok().map(Value::Integer),
                ValueKind::Duration(nanos) if nanos > 0 => {
                    Some(Value::Duration(Duration::from_nanos(nanos)))
                }
                ValueKind::Rate(count, nanos) if count > 0 => Some(Value::Rate(Rate {
                    count,
                    per: Duration::from_nanos(nanos),
                })),
                _ => None,
            };
            match limit {
                Some(value) => {
                    let span = line.value.span;
                    lines.push((owned(&line.name), Spanned { value, span }));
                }
                None => {
                    let message = format!(
                        "the limit `{}` is a number above 0, a duration or a rate",
                        line.name.value
                    );
                    self.report(Diagnostic::error("ARC031", message, line.value.span));
                }
            }
        }
        lines
    }
}
