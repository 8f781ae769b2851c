//! `archwright fmt`

use std::io::Read;
use std::path::{Path, PathBuf};

use crate::cli::args::{Fmt, Format};
use crate::cli::output::Output;
use crate::cli::{Failure, Status, input, report};
use crate::diagnostic::{Diagnostic, render};
use crate::format;
use crate::source::{Disk, FileId, Loader, Sources};
use crate::{syntax, workspace};

/// The name of standard input on the command line.
const STDIN: &str = "-";

/// Formats files in place, or standard input to standard output.
///
/// # Errors
/// Paths that are not there, and files that cannot be written.
pub fn run(arguments: &Fmt, output: &mut Output) -> Result<Status, Failure> {
    if arguments.paths == [PathBuf::from(STDIN)] {
        return stdin(arguments.check, output);
    }
    let paths = input::files(&arguments.paths)?;
    if paths.is_empty() {
        return Err("there is no `.arch` file here".into());
    }
    let mut sources = Sources::default();
    let mut diagnostics = Vec::new();
    let (mut is_unreadable, mut changed) = (false, 0);
    for path in &paths {
        let id = match syntax::load(&mut sources, &Disk, path, None) {
            Ok(id) => id,
            Err(diagnostic) => {
                is_unreadable = true;
                diagnostics.push(*diagnostic);
                continue;
            }
        };
        match format::format(&sources, id) {
            Ok(text) => {
                changed += usize::from(settle(id, &text, &sources, arguments.check, output)?)
            }
            Err(errors) => diagnostics.extend(errors),
        }
    }
    if !diagnostics.is_empty() {
        report::findings(&diagnostics, &sources, paths.len(), Format::Human, output)?;
    }
    let verb = if arguments.check {
        "would change"
    } else {
        "changed"
    };
    output.say(&format!("{changed} of {} files {verb}\n", paths.len()));
    Ok(match is_unreadable {
        true => Status::Failed,
        false if !diagnostics.is_empty() || arguments.check && changed > 0 => Status::Findings,
        false => Status::Clean,
    })
}

/// Writes what a file should be, or shows it. Whether it was another.
fn settle(
    id: FileId,
    text: &str,
    sources: &Sources,
    is_check: bool,
    output: &mut Output,
) -> Result<bool, Failure> {
    let file = sources.file(id);
    if file.text == text {
        return Ok(false);
    }
    if is_check {
        let path = file.path.display().to_string();
        let (before, after) = (file.text.as_bytes(), text.as_bytes());
        output.print_foreign(&workspace::unified(&path, Some(before), Some(after)));
    } else {
        workspace::write_atomic(&file.path, text.as_bytes())?;
    }
    Ok(true)
}

/// Standard input to standard output. What is wrong with it goes to standard error, since the other is the text.
fn stdin(is_check: bool, output: &mut Output) -> Result<Status, Failure> {
    let mut sources = Sources::default();
    let loaded = syntax::load(&mut sources, &Stdin, Path::new("<stdin>"), None);
    let id = match loaded {
        Ok(id) => id,
        Err(diagnostic) => {
            say(&[*diagnostic], &sources, output);
            return Ok(Status::Failed);
        }
    };
    match format::format(&sources, id) {
        Ok(text) if is_check => Ok(match settle(id, &text, &sources, true, output)? {
            true => Status::Findings,
            false => Status::Clean,
        }),
        Ok(text) => {
            output.print(&text);
            Ok(Status::Clean)
        }
        Err(errors) => {
            say(&errors, &sources, output);
            Ok(Status::Findings)
        }
    }
}

fn say(diagnostics: &[Diagnostic], sources: &Sources, output: &mut Output) {
    for diagnostic in diagnostics {
        output.say(&render::human(diagnostic, sources, false));
    }
}

/// Reads standard input, whatever the path.
struct Stdin;

impl Loader for Stdin {
    fn read(&self, _: &Path, limit: usize) -> std::io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let stdin = std::io::stdin().lock();
        stdin.take(limit as u64 + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}
