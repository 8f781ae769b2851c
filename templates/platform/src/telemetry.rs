//! Log lines of a process.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::config::LogConfig;
use crate::error::Error;

/// Writes log lines to standard error as `config` says, from now on; the variable `RUST_LOG` overrides its filter.
///
/// # Errors
/// When the filter cannot be read, or lines are written already.
pub fn init(config: &LogConfig) -> Result<(), Error> {
    let filter = std::env::var("RUST_LOG").unwrap_or_else(|_| config.filter.clone());
    let filter: EnvFilter = filter
        .parse()
        .map_err(|error| Error::because(format!("the log filter {filter}"), error))?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    let started = if config.json {
        lines.json().try_init()
    } else {
        lines.try_init()
    };
    started.map_err(|error| Error::because("starting the log", error))
}
