//! What an organisation locks: `lint locked { }` and `limits locked { }` in a file that drawings import.

use super::engine;
use super::limits::Limits;
use super::registry::rules;
use super::settings::{level_of_word, unknown_limit, unknown_rule};
use crate::diagnostic::{Diagnostic, Level};
use crate::model::{Model, text};
use crate::source::Span;

/// The least that holds, whatever the drawing says.
#[derive(Debug)]
pub(super) struct Locks {
    /// For each rule, in the registry's order.
    levels: Vec<Option<(Level, Span)>>,
    /// The locked limits: the name, where it stands.
    limits: Vec<(&'static str, Span)>,
    /// Their values; of the others any.
    values: Limits,
}

impl Locks {
    /// Reads the locks of all files; the strictest holds.
    pub(super) fn new(model: &Model, base: Limits, problems: &mut Vec<Diagnostic>) -> Self {
        let mut locks = Self {
            levels: vec![None; rules().len()],
            limits: Vec::new(),
            values: base,
        };
        for (code, word) in &model.system.locked_lint {
            let Some(level) = level_of_word(&word.value).flatten() else {
                problems.push(problem("`off` locks nothing", word.span).help(
                    "name the least level that the rule keeps: `info`, `warning` or `error`",
                ));
                continue;
            };
            let meant: Vec<usize> = (0..rules().len())
                .filter(|&at| rules()[at].is_meant_by(&code.value))
                .collect();
            if meant.is_empty() {
                problems.push(unknown_rule(&code.value, code.span));
            }
            for at in meant {
                if locks.levels[at].is_none_or(|(known, _)| known < level) {
                    locks.levels[at] = Some((level, code.span));
                }
            }
        }
        for (name, value) in &model.system.locked_limits {
            let mut locked = locks.values;
            if !locked.set(&name.value, &value.value) {
                problems.push(unknown_limit(&name.value, name.span, value.span));
                continue;
            }
            let known = locks.limits.iter().position(|it| it.0 == name.value);
            match known {
                Some(at) if locks.values.is_weaker(&locked, &name.value) => {
                    locks.limits[at].1 = name.span;
                }
                Some(_) => continue,
                None => {
                    let own = super::limits::NAMES.iter().find(|it| **it == name.value);
                    locks.limits.extend(own.map(|it| (*it, name.span)));
                }
            }
            locks.values = locked;
        }
        locks
    }

    /// Where a rule is locked.
    pub(super) fn of(&self, rule: usize) -> Option<Span> {
        self.levels[rule].map(|(_, span)| span)
    }

    /// Raises what is below its lock. `set` is where the drawing itself set the level of a rule.
    pub(super) fn raise(
        &self,
        levels: &mut [Option<Level>],
        set: &[Option<Span>],
        problems: &mut Vec<Diagnostic>,
    ) {
        for (at, lock) in self.levels.iter().enumerate() {
            let Some((least, span)) = *lock else { continue };
            if levels[at] >= Some(least) {
                continue;
            }
            levels[at] = Some(least);
            if let Some(line) = set[at] {
                let code = rules()[at].code;
                let word = format!("{least:?}").to_lowercase();
                problems.push(
                    problem(format!("`{code}` is set below its lock"), line)
                        .label(span, format!("locked here: at least `{word}`"))
                        .note(format!("`{word}` holds"))
                        .help("delete the line, or have the lock changed"),
                );
            }
        }
    }

    /// Tightens limits that are weaker than their lock. `set` is where the drawing itself set a limit.
    pub(super) fn tighten(
        &self,
        model: &Model,
        limits: &mut Limits,
        set: &[(String, Span)],
        problems: &mut Vec<Diagnostic>,
    ) {
        for (name, span) in &self.limits {
            if !limits.is_weaker(&self.values, name) {
                continue;
            }
            let Some(value) = self.values.get(name) else {
                continue;
            };
            limits.set(name, &value);
            if let Some((_, line)) = set.iter().find(|it| it.0 == *name) {
                let value = text::value(model, &value);
                problems.push(
                    problem(format!("`{name}` is set weaker than its lock"), *line)
                        .label(*span, format!("locked here at `{value}`"))
                        .note(format!("`{value}` holds"))
                        .help("delete the line, or have the lock changed"),
                );
            }
        }
    }
}

/// A lock that is not kept.
pub(super) fn problem(message: impl Into<String>, at: Span) -> Diagnostic {
    Diagnostic::new("ARC095", engine::level("ARC095"), message, at)
}
