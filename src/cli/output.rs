//! Standard output and standard error: colour where it is wanted, quiet when nobody listens any more.

use std::error::Error;
use std::io::{self, BufWriter, ErrorKind, IsTerminal, Write};

use anstream::ColorChoice;

/// Where a command writes to.
pub struct Output {
    stdout: BufWriter<io::Stdout>,
    /// The reader went away: what is still written goes nowhere, and that is no failure.
    is_closed: bool,
    colour: bool,
}

impl Output {
    /// The process' own. Colours follow `NO_COLOR`, `CLICOLOR`, `CLICOLOR_FORCE` and whether it is a terminal.
    pub fn new() -> Self {
        let choice = anstream::AutoStream::choice(&io::stdout());
        Self {
            stdout: BufWriter::with_capacity(64 * 1024, io::stdout()),
            is_closed: false,
            colour: !matches!(choice, ColorChoice::Never),
        }
    }

    /// Whether escape sequences may be written to standard output.
    pub const fn colour(&self) -> bool {
        self.colour
    }

    /// Writes to standard output.
    pub fn print(&mut self, text: &str) {
        if !self.is_closed {
            let result = self.stdout.write_all(text.as_bytes());
            self.settle(result);
        }
    }

    /// Writes a text that comes from files to standard output, so that nothing in it drives the terminal.
    pub fn print_foreign(&mut self, text: &str) {
        let is_harmful = |it: char| it.is_control() && !matches!(it, '\n' | '\t');
        match text.contains(is_harmful) {
            true => self.print(&text.replace(is_harmful, "\u{fffd}")),
            false => self.print(text),
        }
    }

    /// Writes to standard error.
    pub fn say(&mut self, text: &str) {
        self.flush();
        let _ = io::stderr().write_all(text.as_bytes());
    }

    /// Whether somebody watches standard error.
    pub fn is_watched(&self) -> bool {
        io::stderr().is_terminal()
    }

    /// Tells of a failure and what caused it.
    pub fn failure(&mut self, failure: &dyn Error) {
        let mut text = format!("error: {failure}\n");
        let mut cause = failure.source();
        while let Some(error) = cause {
            text.push_str(&format!("  because: {error}\n"));
            cause = error.source();
        }
        self.say(&text);
    }

    /// Hands over what was written so far.
    pub fn flush(&mut self) {
        if !self.is_closed {
            let result = self.stdout.flush();
            self.settle(result);
        }
    }

    fn settle(&mut self, result: io::Result<()>) {
        if let Err(error) = result {
            self.is_closed = true;
            if error.kind() != ErrorKind::BrokenPipe {
                self.failure(&error);
            }
        }
    }
}
