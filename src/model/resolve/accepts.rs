//! `@accept(CODE, reason = "...", until = "2027-06-30")`.

use super::{Resolver, items};
use crate::diagnostic::Diagnostic;
use crate::model::Accept;
use crate::source::{Span, Spanned};
use crate::syntax::ast::{self, Field, Input, Item, ItemKind, Mark, ValueKind};
use crate::syntax::nearest;

impl Resolver<'_> {
    /// Collects all of them, each with what it stands before.
    pub(super) fn accepts(&mut self, trees: &[ast::File]) {
        for tree in trees {
            self.accepts_in(&tree.items);
        }
    }

    fn accepts_in(&mut self, list: &[Item]) {
        for item in list {
            self.marks_before(&item.accepts, item.span);
            match &item.kind {
                ItemKind::Node(node) => self.accepts_in(items(&node.body)),
                ItemKind::Api(api) => self.accepts_in(items(&api.body)),
                ItemKind::Operation(operation) => {
                    if let Some(Input::Parameters(fields)) = &operation.input {
                        fields.iter().for_each(|field: &Field| {
                            self.marks_before(&field.accepts, field.span)
                        });
                    }
                    self.accepts_in(items(&operation.body));
                }
                ItemKind::Type(decl) => self.accepts_in(&decl.body.items),
                ItemKind::Edge(edge) => self.accepts_in(items(&edge.body)),
                ItemKind::Override(it) => self.accepts_in(&it.body.items),
                _ => {}
            }
        }
    }

    fn marks_before(&mut self, marks: &[Mark], scope: Span) {
        for mark in marks {
            if let Some(accept) = self.accept(mark, scope) {
                self.model.accepts.push(accept);
            }
        }
    }

    fn accept(&mut self, mark: &Mark, scope: Span) -> Option<Accept> {
        let mut accept = Accept {
            span: mark.span,
            scope,
            code: String::new(),
            reason: None,
            until: None,
        };
        for argument in &mark.arguments {
            let name = argument.name.as_ref().map(|it| it.value.as_str());
            match (name, &argument.value.value) {
                (None, ValueKind::Name(path)) if path.len() == 1 && accept.code.is_empty() => {
                    accept.code = path[0].value.to_string();
                }
                (Some("reason"), ValueKind::Text(reason)) => accept.reason = Some(reason.clone()),
                (Some("until"), ValueKind::Text(until)) if is_date(until) => {
                    accept.until = Some(Spanned {
                        value: until.clone(),
                        span: argument.value.span,
                    });
                }
                (Some("until"), _) => {
                    let found =
                        Diagnostic::error("ARC059", "`until` is a day", argument.value.span);
                    self.report(found.help("write it as `until = \"2027-06-30\"`"));
                }
                (Some("reason"), _) => {
                    self.report(Diagnostic::error(
                        "ARC059",
                        "`reason` is a text",
                        argument.value.span,
                    ));
                }
                (Some(unknown), _) => {
                    let at = argument
                        .name
                        .as_ref()
                        .map_or(argument.value.span, |it| it.span);
                    let mut found = Diagnostic::error(
                        "ARC059",
                        format!("`@accept` has no argument called `{unknown}`"),
                        at,
                    );
                    if let Some(near) = nearest(unknown, ["reason", "until"]) {
                        found = found.help(format!("did you mean `{near}`?"));
                    }
                    self.report(found.note("it takes a code, `reason` and `until`"));
                }
                (None, _) => {
                    let found = Diagnostic::error(
                        "ARC059",
                        "`@accept` takes one code",
                        argument.value.span,
                    );
                    self.report(found.help("write one `@accept` a line for each finding"));
                }
            }
        }
        if accept.code.is_empty() {
            let found = Diagnostic::error("ARC059", "`@accept` does not say what", mark.span);
            self.report(found.help("name the finding: `@accept(TMO001, reason = \"why\")`"));
            return None;
        }
        Some(accept)
    }
}

/// `YYYY-MM-DD`, of a day that there is.
fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else {
        return false;
    };
    if (year.len(), month.len(), day.len()) != (4, 2, 2)
        || !text.bytes().all(|it| it.is_ascii_digit() || it == b'-')
    {
        return false;
    }
    let (Ok(year), Ok(month), Ok(day)) = (
        year.parse::<u32>(),
        month.parse::<u32>(),
        day.parse::<u32>(),
    ) else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 0,
    };
    (1..=days).contains(&day)
}
