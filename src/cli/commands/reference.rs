//! `archwright reference`

use crate::cli::args::Reference;
use crate::cli::output::Output;
use crate::cli::{Failure, Status, reference};
use crate::workspace;

/// Writes the reference, or tells how a folder differs from it.
///
/// # Errors
/// Files that cannot be written.
pub fn run(arguments: &Reference, output: &mut Output) -> Result<Status, Failure> {
    let pages = reference::pages();
    let folder = &arguments.output;
    if arguments.check {
        let different = workspace::differences(folder, &pages);
        for path in &different {
            output.print_foreign(&format!("{path}\n"));
        }
        output.say(&format!(
            "{} of {} pages differ\n",
            different.len(),
            pages.len()
        ));
        return Ok(match different.is_empty() {
            true => Status::Clean,
            false => Status::Findings,
        });
    }
    let changed = workspace::mirror(folder, &pages)?;
    output.say(&format!("{changed} of {} pages changed\n", pages.len()));
    Ok(Status::Clean)
}
