//! Findings in the form that was asked for.

use super::Failure;
use super::args::Format;
use super::output::Output;
use crate::diagnostic::codes::CODES;
use crate::diagnostic::render::{self, Counts, RuleInfo};
use crate::diagnostic::{Diagnostic, Level, Safety, Unknown};
use crate::lint;
use crate::source::Sources;

/// What a run has to tell.
#[derive(Clone, Copy)]
pub struct Found<'a> {
    /// All findings.
    pub diagnostics: &'a [Diagnostic],
    /// What could not be judged, where that was asked for.
    pub unknown: Option<&'a Vec<Unknown>>,
    /// How many files were read.
    pub files: usize,
}

/// Writes findings to standard output. `files` says how many files were read.
///
/// # Errors
/// None that input can cause.
pub fn findings(
    diagnostics: &[Diagnostic],
    sources: &Sources,
    files: usize,
    format: Format,
    output: &mut Output,
) -> Result<(), Failure> {
    let found = Found {
        diagnostics,
        unknown: None,
        files,
    };
    self::found(found, sources, format, output)
}

/// Writes all that a run has to tell to standard output.
///
/// # Errors
/// None that input can cause.
pub fn found(
    found: Found<'_>,
    sources: &Sources,
    format: Format,
    output: &mut Output,
) -> Result<(), Failure> {
    let Found {
        diagnostics,
        unknown,
        files,
    } = found;
    match format {
        Format::Human => {
            let colour = output.colour();
            // Excerpts must not carry a secret on, whichever finding stands on its line.
            let secrets = diagnostics.iter().filter(|it| it.code == "SEC001");
            let masked = sources.masked(secrets.map(|it| it.primary.span));
            for diagnostic in diagnostics {
                output.print(&render::human(diagnostic, &masked, colour));
            }
            if let Some(unknown) = unknown {
                output.print_foreign(&unknowns(unknown, sources));
            }
            output.print(&(render::summary(Counts::of(diagnostics), files) + "\n"));
            output.print(&fixable(diagnostics));
        }
        Format::Json => output.print(&render::json(
            diagnostics,
            unknown.map(Vec::as_slice),
            sources,
            files,
        )?),
        Format::Sarif => output.print(&render::sarif(diagnostics, sources, &rules())?),
        Format::Github => {
            for diagnostic in diagnostics {
                output.print(&render::github(diagnostic, sources));
            }
        }
        Format::Junit => output.print(&render::junit(diagnostics, sources)),
        Format::Markdown => output.print(&render::markdown(diagnostics, sources, files)),
    }
    Ok(())
}

/// How many findings can be fixed; empty when none can.
fn fixable(diagnostics: &[Diagnostic]) -> String {
    let count = |safety| {
        let has = |it: &&Diagnostic| it.fixes.iter().any(|fix| fix.safety == safety);
        diagnostics.iter().filter(has).count()
    };
    match (count(Safety::Safe), count(Safety::Suggested)) {
        (0, 0) => String::new(),
        (safe, 0) => format!("{safe} can be fixed by `--fix`\n"),
        (0, other) => format!(
            "{other} can be fixed by `--fix --unsafe`: look at them first, with `--diff --unsafe`\n"
        ),
        (safe, other) => {
            format!("{safe} can be fixed by `--fix`, {other} more by `--fix --unsafe`\n")
        }
    }
}

/// What could not be judged, grouped by rule.
fn unknowns(unknown: &[Unknown], sources: &Sources) -> String {
    if unknown.is_empty() {
        return "every rule had the facts that it needs\n\n".to_owned();
    }
    let mut text = String::from("not judged, because the drawing does not say enough:\n");
    for group in unknown.chunk_by(|a, b| a.code == b.code) {
        let code = group[0].code;
        let name = lint::rule(code).map_or("", |it| it.name);
        text.push_str(&format!("  {code} {name}\n"));
        for it in group {
            text.push_str(&format!(
                "    {} `{}`: {}\n",
                render::line(it.at, sources),
                it.subject,
                it.declare
            ));
        }
    }
    text + "\n"
}

/// Everything that can be found, explained.
fn rules() -> Vec<RuleInfo> {
    let rules = lint::rules().iter().map(|rule| RuleInfo {
        code: rule.code,
        name: rule.name.to_owned(),
        summary: rule.documentation().summary(),
        help: rule.markdown(),
        level: rule.level,
    });
    let engine = lint::ENGINE.iter().map(|it| RuleInfo {
        code: it.code,
        name: it.name.to_owned(),
        summary: it.name.replace('-', " "),
        help: it.text.to_owned(),
        level: it.level,
    });
    let codes = CODES.iter().map(|it| RuleInfo {
        code: it.code,
        name: it.title.replace(' ', "-"),
        summary: it.title.to_owned(),
        help: it.text.to_owned(),
        level: Level::Error,
    });
    rules.chain(engine).chain(codes).collect()
}
