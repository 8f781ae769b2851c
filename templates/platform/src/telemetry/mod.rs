//! What a process tells about itself: log lines, and, to whom the configuration names, traces and metrics.

mod environment;
mod fields;
mod log;
mod otlp;
mod span;
#[cfg(test)]
mod tests;
mod tracer;

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

pub(crate) use environment::environment;
pub(crate) use otlp::message::KeyValue;
pub(crate) use otlp::{Exporter, Exporting};
pub(crate) use span::{Span, SpanKind, rpc};
pub use tracer::Tracer;

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
    let terminal = std::io::stderr().is_terminal();
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(terminal)
        .with_writer(std::io::stderr);
    let started = if config.json.unwrap_or(!terminal) {
        lines
            .fmt_fields(fields::Fields)
            .event_format(log::Lines)
            .try_init()
    } else {
        lines.try_init()
    };
    started.map_err(|error| Error::because("starting the log", error))
}
