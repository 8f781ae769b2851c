//! `archwright rules`

use serde::Serialize;

use crate::cli::args::{Rules, TableFormat};
use crate::cli::output::Output;
use crate::cli::table::Table;
use crate::cli::{Failure, Status};
use crate::diagnostic::Level;
use crate::lint::{self, Rule};

/// A line of the table, for programs.
#[derive(Serialize)]
struct Line {
    code: &'static str,
    name: &'static str,
    area: &'static str,
    level: Level,
    /// `on`, `off` or `gated`: whether it runs by itself.
    runs: &'static str,
    scope: &'static str,
    summary: String,
}

impl Line {
    fn of(rule: &Rule) -> Self {
        Self {
            code: rule.code,
            name: rule.name,
            area: rule.area,
            level: rule.level,
            runs: rule.activation.name(),
            scope: rule.check.scope(),
            summary: rule.documentation().summary(),
        }
    }
}

/// Lists all rules.
///
/// # Errors
/// None that input can cause.
pub fn run(arguments: &Rules, output: &mut Output) -> Result<Status, Failure> {
    let lines: Vec<_> = lint::rules().iter().map(Line::of).collect();
    match arguments.format {
        TableFormat::Json => output.print(&(serde_json::to_string_pretty(&lines)? + "\n")),
        TableFormat::Human => {
            let mut table = Table::new(["code", "level", "runs", "judges", "name"]);
            for line in lines {
                let level = format!("{:?}", line.level).to_lowercase();
                table.row([
                    line.code.into(),
                    level,
                    line.runs.into(),
                    line.scope.into(),
                    line.name.into(),
                ]);
            }
            output.print(&table.to_string());
            output.print("\n`archwright explain CODE` tells why, with a bad and a good example.\n");
        }
    }
    Ok(Status::Clean)
}
