//! A line that counts the files, where somebody watches.

use std::time::{Duration, Instant};

use crate::cli::output::Output;
use crate::workspace::{self, Disk, Error, Folder, Reconciled};

/// How often the line changes: often enough to be alive, rarely enough to cost nothing.
const TICK: Duration = Duration::from_millis(50);

/// A disk that counts.
pub struct Progress<'a> {
    folder: &'a mut Folder,
    output: &'a mut Output,
    /// Whether somebody watches, asked once.
    is_watched: bool,
    total: usize,
    done: usize,
    shown: Option<Instant>,
}

impl<'a> Progress<'a> {
    /// Carries the actions out and shows how far it is.
    ///
    /// # Errors
    /// See [`workspace::apply`].
    pub fn apply(
        reconciled: &Reconciled,
        folder: &'a mut Folder,
        output: &'a mut Output,
    ) -> Result<(), Error> {
        let changes = reconciled.actions.iter().filter(|it| it.kind.is_change());
        let mut progress = Self {
            is_watched: output.is_watched(),
            folder,
            output,
            total: changes.count(),
            done: 0,
            shown: None,
        };
        let result = workspace::apply(reconciled, &mut progress);
        if progress.shown.is_some() {
            progress.output.say("\r\u{1b}[K");
        }
        result
    }

    fn count(&mut self, path: &str) {
        self.done += 1;
        if path == workspace::LOCK_NAME || !self.is_watched {
            return;
        }
        if self.shown.is_none_or(|it| it.elapsed() >= TICK) {
            self.shown = Some(Instant::now());
            let line = format!(
                "\r\u{1b}[Kwriting {} of {}: {path}",
                self.done.min(self.total),
                self.total
            );
            self.output.say(&line);
        }
    }
}

impl Disk for Progress<'_> {
    fn write(&mut self, path: &str, bytes: &[u8]) -> Result<(), Error> {
        self.count(path);
        self.folder.write(path, bytes)
    }

    fn remove(&mut self, path: &str) -> Result<(), Error> {
        self.count(path);
        self.folder.remove(path)
    }

    fn set_aside(&mut self, path: &str) -> Result<(), Error> {
        self.folder.set_aside(path)
    }
}
