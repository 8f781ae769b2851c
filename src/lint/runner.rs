//! Runs rules over a drawing: levels, acceptance, what follows from what, order.

use super::built_ins;
use super::context::Context;
use super::finding::Finding;
use super::identity::identify;
use super::part::keep_known;
use super::registry::rules;
use super::root::group;
use super::rule::{self, Rule};
use super::settings::{Options, Settings};
use super::subsume::{subsume, tell};
use super::suppress::suppress;
use super::temper::temper;
use crate::diagnostic::{Diagnostic, Level, Unknown};
use crate::model::Model;
use crate::source::Sources;
use crate::topology::Topology;

/// What came out of judging a drawing.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// All findings, by file, place and code.
    pub findings: Vec<Diagnostic>,
    /// What the findings are about, by name, those of a baseline included; empty unless it was asked for.
    pub names: Vec<String>,
    /// What could not be judged for want of facts, by rule and place; empty unless it was asked for.
    pub unknown: Vec<Unknown>,
    /// The level from which a finding fails the run, by the profile; `None`: none does.
    pub fails_at: Option<Level>,
}

/// All findings about a drawing, by file, place and code. The drawing has to be resolved without errors.
#[must_use]
pub fn run(model: &Model, sources: &Sources, options: &Options) -> Vec<Diagnostic> {
    report(model, sources, options).findings
}

/// Judges a drawing, which has to be resolved without errors.
#[must_use]
pub fn report(model: &Model, sources: &Sources, options: &Options) -> Report {
    let settings = Settings::new(model, options);
    let topology = Topology::new(model);
    let context = Context::new(model, &topology, sources, &settings, options.explain);
    let mut findings: Vec<(&'static str, Finding)> = Vec::new();
    let mut unknown: Vec<Unknown> = Vec::new();
    let asked: Vec<&Rule> = (rules().iter().enumerate())
        .filter(|(at, _)| settings.level(*at).is_some())
        .map(|(_, rule)| rule)
        .collect();
    for (rule, found) in asked.iter().zip(rule::run(&asked, &context)) {
        for mut finding in found {
            match finding.wants.take() {
                None => findings.push((rule.code, finding)),
                Some((fact, declare)) => unknown.push(Unknown {
                    code: rule.code,
                    subject: finding.diagnostic.message,
                    fact,
                    at: finding.diagnostic.primary.span,
                    declare,
                }),
            }
        }
    }
    unknown.sort_by_key(|it| (it.code, it.at));
    unknown.dedup();
    if settings.engine("ARC080").is_some() {
        findings.extend(
            built_ins::check(&context)
                .into_iter()
                .map(|it| ("ARC080", it)),
        );
    }
    temper(model, &mut findings);
    let mut diagnostics = suppress(model, &settings, options.today, &mut findings);
    // After acceptances: what is accepted for the sake of the whole has its effect there.
    keep_known(model, &mut findings);
    diagnostics.extend(settings.problems.iter().cloned());
    let mut names = Vec::new();
    if options.identify {
        identify(&context, &mut findings);
        names.extend(findings.iter().flat_map(|(_, it)| it.names.iter().cloned()));
    }
    if let Some(known) = &options.baseline {
        findings.retain(|(_, it)| !known.holds(&model.system.name, &it.names));
    }
    let findings = subsume(findings);
    let findings = group(&context, findings, options);
    diagnostics.extend(findings.into_iter().map(|(code, mut finding)| {
        let level = level_of(code, &settings);
        tell(&mut finding);
        let mut diagnostic = finding.diagnostic;
        diagnostic.code = code;
        diagnostic.level = settings.weigh(level, finding.shift, finding.assumed);
        finding.names.sort_unstable();
        diagnostic.identity = finding.names;
        diagnostic
    }));
    diagnostics.sort_by(|a, b| {
        let key = |it: &Diagnostic| (it.primary.span.file, it.primary.span.start, it.code);
        key(a).cmp(&key(b))
    });
    Report {
        findings: diagnostics,
        names,
        unknown,
        fails_at: settings.profile.fails_at(),
    }
}

fn level_of(code: &str, settings: &Settings) -> Level {
    match rules().binary_search_by_key(&code, |rule| rule.code) {
        Ok(at) => settings.level(at),
        Err(_) => settings.engine(code),
    }
    .unwrap_or(Level::Info)
}
