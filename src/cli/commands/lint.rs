//! `archwright lint`

use std::collections::BTreeSet;

use crate::cli::args::{Deny, Lint};
use crate::cli::judge::judge;
use crate::cli::output::Output;
use crate::cli::report::Found;
use crate::cli::{Failure, Status, input, report};
use crate::diagnostic::{Diagnostic, Level};
use crate::lint::{self, Date, Options};
use crate::source::Sources;

/// Judges all drawings that the paths mean and reports once.
///
/// # Errors
/// Paths that are not there, and rules and days that are none.
pub fn run(arguments: &Lint, output: &mut Output) -> Result<Status, Failure> {
    let options = options(arguments)?;
    let paths = input::files(&arguments.paths)?;
    if paths.is_empty() {
        return Err("there is no `.arch` file here".into());
    }
    let mut sources = Sources::default();
    let drawings = input::drawings(&paths, &mut sources);
    let mut diagnostics = drawings.diagnostics;
    let mut unknown = Vec::new();
    let mut files: BTreeSet<_> = sources.iter().map(|(id, _)| id).collect();
    let mut fails = fails(&diagnostics, Some(Level::Error), arguments.deny);
    for root in drawings.roots {
        let judged = judge(root, &mut sources, &options);
        fails |= self::fails(&judged.diagnostics, judged.fails_at, arguments.deny);
        files.extend(judged.files);
        // What is wrong with a file that several drawings import is told once.
        let new: Vec<_> = judged
            .diagnostics
            .into_iter()
            .filter(|it| !diagnostics.contains(it))
            .collect();
        diagnostics.extend(new);
        unknown.extend(judged.unknown);
    }
    let found = Found {
        diagnostics: &diagnostics,
        unknown: arguments.explain.then_some(&unknown),
        files: files.len(),
    };
    report::found(found, &sources, arguments.format, output)?;
    if drawings.is_unreadable {
        return Ok(Status::Failed);
    }
    Ok(match fails {
        true => Status::Findings,
        false => Status::Clean,
    })
}

/// Reads what narrows the rules.
fn options(arguments: &Lint) -> Result<Options, Failure> {
    let today = match &arguments.today {
        Some(text) => Date::parse(text)
            .ok_or_else(|| format!("`{text}` is no day: write it as 2026-11-22"))?,
        None => Date::today(),
    };
    let options = Options {
        select: arguments.select.clone(),
        ignore: arguments.ignore.clone(),
        profile: arguments.profile,
        explain: arguments.explain,
        all: arguments.all,
        ..Options::on(today)
    };
    match lint::unknown_codes(&options).as_slice() {
        [] => Ok(options),
        unknown => Err(unknown.join("\nerror: ").into()),
    }
}

/// Whether a finding is as grave as the profile, or who asked, lets none be.
fn fails(diagnostics: &[Diagnostic], profile: Option<Level>, deny: Option<Deny>) -> bool {
    let denied = deny.map(|deny| match deny {
        Deny::Warning => Level::Warning,
        Deny::Info => Level::Info,
    });
    let least = profile.into_iter().chain(denied).min();
    least.is_some_and(|least| diagnostics.iter().any(|it| it.level >= least))
}
