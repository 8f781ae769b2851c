//! Accepted findings.

use rustc_hash::FxHashMap as HashMap;

use super::date::Date;
use super::engine;
use super::finding::Finding;
use super::locks;
use super::registry::{rule, rules};
use super::settings::{Settings, unknown_rule};
use crate::diagnostic::Diagnostic;
use crate::model::{Accept, Model};
use crate::source::Span;

/// The acceptances of one code. Scopes nest or are apart, as blocks do.
struct Scopes<'m> {
    /// Sorted by where the scope starts, wider ones first.
    accepts: Vec<&'m Accept>,
    /// For each the one around it.
    around: Vec<Option<usize>>,
    used: Vec<bool>,
}

impl<'m> Scopes<'m> {
    fn new(mut accepts: Vec<&'m Accept>) -> Self {
        accepts.sort_by_key(|it| {
            (
                it.scope.file,
                it.scope.start,
                std::cmp::Reverse(it.scope.end),
            )
        });
        let mut around = Vec::with_capacity(accepts.len());
        let mut open: Vec<usize> = Vec::new();
        for (at, accept) in accepts.iter().enumerate() {
            while open
                .last()
                .is_some_and(|&it| !contains(accepts[it].scope, accept.scope))
            {
                open.pop();
            }
            around.push(open.last().copied());
            open.push(at);
        }
        let used = vec![false; accepts.len()];
        Self {
            accepts,
            around,
            used,
        }
    }

    /// The innermost acceptance around a place.
    fn find(&self, place: Span) -> Option<usize> {
        let after = self
            .accepts
            .partition_point(|it| (it.scope.file, it.scope.start) <= (place.file, place.start));
        let mut at = after.checked_sub(1);
        while let Some(index) = at {
            if contains(self.accepts[index].scope, place) {
                return Some(index);
            }
            at = self.around[index];
        }
        None
    }
}

/// Takes accepted findings out, and says what is wrong with the acceptances.
pub(super) fn suppress(
    model: &Model,
    settings: &Settings,
    today: Date,
    findings: &mut Vec<(&'static str, Finding)>,
) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    let mut by_code: HashMap<&str, Vec<&Accept>> = HashMap::default();
    for accept in &model.accepts {
        let Some(code) = rule(&accept.code).map(|it| it.code) else {
            problems.push(
                match engine::ENGINE.iter().find(|it| it.code == accept.code) {
                    Some(it) => problem(
                        "ARC093",
                        format!("`{}` cannot be accepted", it.code),
                        accept.span,
                    )
                    .help(format!(
                        "switch it off for the whole drawing: `lint {{ {} = off }}`",
                        it.code
                    )),
                    None => unknown_rule(&accept.code, accept.span),
                },
            );
            continue;
        };
        let at = rules().iter().position(|rule| rule.code == code);
        if let Some(lock) = at.and_then(|at| settings.locks.of(at)) {
            problems.push(
                locks::problem(
                    format!("`{code}` is locked and cannot be accepted"),
                    accept.span,
                )
                .label(lock, "locked here")
                .help("fix what it finds, or have the lock changed"),
            );
            continue;
        }
        if accept.reason.as_ref().is_none_or(|it| it.trim().is_empty()) {
            problems.push(
                problem(
                    "ARC090",
                    format!("`{code}` is accepted without a reason"),
                    accept.span,
                )
                .help("say what was weighed: `@accept(CODE, reason = \"...\")`"),
            );
        }
        let expired = accept
            .until
            .as_ref()
            .and_then(|until| match Date::parse(&until.value) {
                Some(day) if day >= today => None,
                Some(_) => Some((
                    until.span,
                    format!("`{code}` was accepted until {}", until.value),
                )),
                None => Some((until.span, format!("`{}` is not a day", until.value))),
            });
        match expired {
            Some((span, message)) => problems.push(
                problem("ARC092", message, span)
                    .here(format!("today is {today}"))
                    .help("fix what was accepted, or decide anew and write a new day, as `until = \"YYYY-MM-DD\"`"),
            ),
            None => by_code.entry(code).or_default().push(accept),
        }
    }
    let mut scopes: HashMap<&str, Scopes<'_>> = by_code
        .into_iter()
        .map(|(code, accepts)| (code, Scopes::new(accepts)))
        .collect();
    findings.retain(|(code, finding)| {
        let Some(scopes) = scopes.get_mut(code) else {
            return true;
        };
        let diagnostic = &finding.diagnostic;
        let labels = diagnostic.labels.iter().map(|it| it.span);
        let root = finding.root.iter().map(|it| it.at);
        let mut places = std::iter::once(diagnostic.primary.span)
            .chain(labels)
            .chain(root);
        let Some(at) = places.find_map(|place| scopes.find(place)) else {
            return true;
        };
        scopes.used[at] = true;
        false
    });
    for (code, scopes) in scopes {
        if !settings.ran(code) {
            continue;
        }
        for (accept, used) in scopes.accepts.iter().zip(scopes.used) {
            if !used {
                let message = format!("nothing here raises `{code}`: accepting it has no effect");
                problems.push(problem("ARC091", message, accept.span).help("delete the `@accept`"));
            }
        }
    }
    problems.retain(|it| settings.engine(it.code).is_some());
    for it in &mut problems {
        it.level = settings.engine(it.code).unwrap_or(it.level);
    }
    problems
}

fn problem(code: &'static str, message: String, at: Span) -> Diagnostic {
    Diagnostic::new(code, engine::level(code), message, at)
}

fn contains(outer: Span, inner: Span) -> bool {
    outer.file == inner.file && outer.start <= inner.start && inner.end <= outer.end
}
