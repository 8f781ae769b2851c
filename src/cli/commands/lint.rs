//! `archwright lint`

mod fix;
mod known;

use std::sync::Arc;

use crate::cli::args::{Format, Lint};
use crate::cli::output::Output;
use crate::cli::report::Found;
use crate::cli::survey::{Survey, Told, fails, survey};
use crate::cli::{Failure, Status, input, report};
use crate::diagnostic::Level;
use crate::lint::{self, Date, Options};
use crate::model::resolve::Scope;
use crate::source::Disk;

/// Judges all drawings that the paths mean and reports once; fixes them first, where that was asked for.
///
/// # Errors
/// Paths that are not there, rules and days that are none, and files that cannot be written.
pub fn run(arguments: &Lint, output: &mut Output) -> Result<Status, Failure> {
    let mut options = options(arguments)?;
    let paths = input::files(&arguments.paths)?;
    if paths.is_empty() {
        return Err("there is no `.arch` file here".into());
    }
    let known = match &arguments.baseline {
        Some(path) => Some(known::Known::read(path)?),
        None => None,
    };
    options.baseline = known.as_ref().map(|it| Arc::new(it.baseline.clone()));
    if arguments.diff || arguments.fix {
        let fixed = fix::fix(arguments, &paths, &options)?;
        if arguments.diff {
            return Ok(fixed.show(output));
        }
        fixed.write(output)?;
    }
    let mut survey = survey(&paths, &Disk, &options, scope(arguments), arguments.deny);
    if let Some(path) = &arguments.write_baseline {
        return known::write(path, &survey, output);
    }
    if let Some(known) = known.filter(|_| is_whole(arguments)) {
        let stale = known.stale(&mut survey);
        survey.fails |= fails(&stale, Some(Level::Error), arguments.deny);
        survey.extend(stale, &mut Told::default());
    }
    tell(arguments, &survey, output)
}

/// How much of a system the drawings are.
const fn scope(arguments: &Lint) -> Scope {
    match arguments.partial {
        true => Scope::Part,
        false => Scope::Whole,
    }
}

/// Whether all rules ran, so that what was not found is not there.
fn is_whole(arguments: &Lint) -> bool {
    arguments.select.is_empty() && arguments.ignore.is_empty()
}

fn tell(arguments: &Lint, survey: &Survey, output: &mut Output) -> Result<Status, Failure> {
    let found = Found {
        diagnostics: &survey.diagnostics,
        unknown: arguments.explain.then_some(&survey.unknown),
        files: survey.files,
    };
    report::found(found, &survey.sources, arguments.format, output)?;
    Ok(match survey {
        it if it.is_unreadable => Status::Failed,
        it if it.fails => Status::Findings,
        _ => Status::Clean,
    })
}

/// Reads what narrows the rules.
fn options(arguments: &Lint) -> Result<Options, Failure> {
    let today = match &arguments.today {
        Some(text) => Date::parse(text)
            .ok_or_else(|| format!("`{text}` is no day: write it as 2026-11-22"))?,
        None => Date::today(),
    };
    let compares = arguments.baseline.is_some() || arguments.write_baseline.is_some();
    let options = Options {
        select: arguments.select.clone(),
        ignore: arguments.ignore.clone(),
        profile: arguments.profile,
        explain: arguments.explain,
        all: arguments.all,
        identify: compares || matches!(arguments.format, Format::Json | Format::Sarif),
        ..Options::on(today)
    };
    match lint::unknown_codes(&options).as_slice() {
        [] => Ok(options),
        unknown => Err(unknown.join("\nerror: ").into()),
    }
}
