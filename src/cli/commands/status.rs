//! `archwright status`

mod unwritten;

use crate::cli::args::Status as Arguments;
use crate::cli::output::Output;
use crate::cli::table::Table;
use crate::cli::{Failure, Status};
use crate::workspace::Folder;

/// Lists the operations of a workspace that nobody has written yet.
///
/// # Errors
/// The folder is no workspace, or cannot be read.
pub fn run(arguments: &Arguments, output: &mut Output) -> Result<Status, Failure> {
    let folder = Folder::open(&arguments.folder)?;
    let Some(lock) = folder.lock()? else {
        let path = arguments.folder.display();
        return Err(format!("`{path}` is no workspace: there is no arch.lock in it").into());
    };
    let operations = unwritten::operations(&arguments.folder, lock.paths())?;
    let total = operations.len();
    let mut table = Table::new(["service", "operation", "belongs into"]);
    let mut open = 0;
    for operation in operations.into_iter().filter(|it| !it.is_written) {
        let name = format!("{}.{}", operation.api, operation.name);
        table.row([operation.service, name, operation.file]);
        open += 1;
    }
    if open > 0 {
        output.print_foreign(&format!("{table}\n"));
    }
    output.print(&match (total, open) {
        (0, _) => "no operation needs a handler\n".to_owned(),
        (_, 0) => format!("all {total} operations are written\n"),
        _ => format!("{open} of {total} operations are not written yet: they answer 501, and a sample in dev\n"),
    });
    Ok(Status::Clean)
}
