//! `archwright advise`

mod answers;
mod human;
mod json;
mod subject;
mod table;
mod write;

use std::path::Path;

use crate::cli::args::{Advise, Format, TableFormat};
use crate::cli::judge::root_of;
use crate::cli::output::Output;
use crate::cli::{Failure, Status, input, report};
use crate::model::resolve::{Resolution, resolve};
use crate::protocol::{Known, Requirements};
use crate::source::{Disk, Sources};
use subject::Subject;

/// Judges how edges travel by the selection guide, or one choice without a drawing.
///
/// # Errors
/// Criteria and edges that are not there, and files that cannot be written.
pub fn run(arguments: &Advise, output: &mut Output) -> Result<Status, Failure> {
    if arguments.table {
        output.print(&table::render(arguments.format)?);
        return Ok(Status::Clean);
    }
    let said = answers::read(&arguments.set, &arguments.must)?;
    let Some(path) = &arguments.file else {
        return without_drawing(arguments, said, output);
    };
    let mut sources = Sources::default();
    let resolution = match drawing(path, &mut sources, output)? {
        Ok(resolution) => resolution,
        Err(status) => return Ok(status),
    };
    let Some(model) = resolution.model.as_ref().or(resolution.draft.as_ref()) else {
        let (found, files) = (&resolution.diagnostics, resolution.files.len());
        report::findings(found, &sources, files, Format::Human, output)?;
        return Ok(Status::Findings);
    };
    let mut subjects = subject::all(model, &resolution.undecided);
    let one = arguments.from.as_deref().zip(arguments.to.as_deref());
    if let Some((from, to)) = one {
        subjects = subject::between(subjects, from, to)?;
    }
    for subject in &mut subjects {
        for known in &said {
            subject.requirements.say(known.clone());
        }
        if arguments.ask && one.is_some() {
            answers::ask(&subject.name, &mut subject.requirements, output)?;
        }
    }
    match arguments.format {
        TableFormat::Json => output.print(&json::render(&subjects, &sources)?),
        TableFormat::Human if one.is_some() => {
            for (at, subject) in subjects.iter().enumerate() {
                output.print(if at == 0 { "" } else { "\n" });
                output.print_foreign(&human::full(subject, &sources));
            }
        }
        TableFormat::Human => output.print_foreign(&human::overview(&subjects, path)),
    }
    if !arguments.write {
        return Ok(Status::Clean);
    }
    write::choices(&subjects, &sources, output)
}

/// What `--set`, `--must` and `--ask` alone lead to.
fn without_drawing(
    arguments: &Advise,
    said: Vec<Known>,
    output: &mut Output,
) -> Result<Status, Failure> {
    if arguments.write {
        return Err("name the drawing whose undecided edges are to be written".into());
    }
    let mut requirements = Requirements::default();
    for known in said {
        requirements.say(known);
    }
    if arguments.ask {
        answers::ask("a new edge", &mut requirements, output)?;
    } else if requirements.known.is_empty() {
        return Err(
            "name a drawing, or say what is wanted: `--set audience=browser`, or `--ask`".into(),
        );
    }
    let subject = Subject::imagined(requirements);
    let sources = Sources::default();
    output.print(&match arguments.format {
        TableFormat::Json => json::render(&[subject], &sources)?,
        TableFormat::Human => human::full(&subject, &sources),
    });
    Ok(Status::Clean)
}

/// Resolves a drawing; undecided edges are nothing against it here.
fn drawing(
    path: &Path,
    sources: &mut Sources,
    output: &mut Output,
) -> Result<Result<Resolution, Status>, Failure> {
    let Some(root) = root_of(path, sources, output)? else {
        return Ok(Err(Status::Failed));
    };
    match input::contracts_lock(root, sources, &Disk) {
        Ok(lock) => Ok(Ok(resolve(sources, root, &Disk, lock))),
        Err(unreadable) => {
            report::findings(&[*unreadable], sources, 1, Format::Human, output)?;
            Ok(Err(Status::Failed))
        }
    }
}
