//! Findings in the form that was asked for.

use super::Failure;
use super::args::Format;
use super::output::Output;
use crate::diagnostic::codes::CODES;
use crate::diagnostic::render::{self, Counts, RuleInfo};
use crate::diagnostic::{Diagnostic, Level};
use crate::lint;
use crate::source::Sources;

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
    match format {
        Format::Human => {
            let colour = output.colour();
            // Excerpts must not carry a secret on, whichever finding stands on its line.
            let secrets = diagnostics.iter().filter(|it| it.code == "SEC001");
            let masked = sources.masked(secrets.map(|it| it.primary.span));
            for diagnostic in diagnostics {
                output.print(&render::human(diagnostic, &masked, colour));
            }
            output.print(&(render::summary(Counts::of(diagnostics), files) + "\n"));
        }
        Format::Json => output.print(&render::json(diagnostics, sources, files)?),
        Format::Sarif => output.print(&render::sarif(diagnostics, sources, &rules())?),
        Format::Github => {
            for diagnostic in diagnostics {
                output.print(&render::github(diagnostic, sources));
            }
        }
    }
    Ok(())
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
