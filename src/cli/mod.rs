//! The command line: reads arguments, calls the library, reports, and says by its exit status what came of it.

mod args;
mod commands;
mod input;
mod judge;
mod output;
mod reference;
mod report;
mod survey;
mod table;

use std::error::Error;
use std::process::ExitCode;

use clap::Parser;

use args::{Arguments, Command};
use output::Output;

/// What a run came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// Nothing to object to.
    Clean,
    /// The drawing, or the workspace, is not as it should be.
    Findings,
    /// Something could not be read or written, or was not understood.
    Failed,
}

/// A failure with its causes.
pub(crate) type Failure = Box<dyn Error>;

/// Runs the command that the process was started with.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are errors of clap with the status 0. A closed pipe is nothing to tell of.
            let _ = error.print();
            return ExitCode::from(u8::from(error.use_stderr()) * 2);
        }
    };
    let mut output = Output::new();
    let status = match run(arguments.command, &mut output) {
        Ok(status) => status,
        Err(failure) => {
            output.failure(failure.as_ref());
            Status::Failed
        }
    };
    output.flush();
    match status {
        Status::Clean => ExitCode::SUCCESS,
        Status::Findings => ExitCode::from(1),
        Status::Failed => ExitCode::from(2),
    }
}

fn run(command: Command, output: &mut Output) -> Result<Status, Failure> {
    match command {
        Command::Lint(arguments) => commands::lint::run(&arguments, output),
        Command::Fmt(arguments) => commands::fmt::run(&arguments, output),
        Command::Explain(arguments) => commands::explain::run(&arguments, output),
        Command::Rules(arguments) => commands::rules::run(&arguments, output),
        Command::Advise(arguments) => commands::advise::run(&arguments, output),
        Command::Patterns(arguments) => commands::patterns::run(&arguments, output),
        Command::Generate(arguments) => commands::generate::run(&arguments, output),
        Command::Reference(arguments) => commands::reference::run(&arguments, output),
        Command::Status(arguments) => commands::status::run(&arguments, output),
    }
}
