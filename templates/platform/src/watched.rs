//! What files say, read again when they change: whoever renews them need not restart anything.

use std::fmt;
use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use crate::error::Error;

/// How often files are looked at, at most: those who ask in the seconds between are given what was read before.
pub(crate) const EVERY: Duration = Duration::from_secs(10);

/// A value that is made of files, as they say now.
pub(crate) struct Watched<T> {
    /// What it is, for the log.
    what: String,
    files: Vec<PathBuf>,
    every: Duration,
    read: Box<dyn Fn() -> Result<T, Error> + Send + Sync>,
    state: Mutex<State<T>>,
}

struct State<T> {
    looked: Instant,
    /// When the files were changed last, as they were read.
    changed: Vec<Option<SystemTime>>,
    current: Arc<T>,
}

impl<T> Watched<T> {
    /// Reads it by `read`, and again once one of `files` has changed; never again where there are none.
    ///
    /// # Errors
    /// What the first reading fails with.
    pub(crate) fn new(
        what: impl Into<String>,
        files: Vec<PathBuf>,
        every: Duration,
        read: impl Fn() -> Result<T, Error> + Send + Sync + 'static,
    ) -> Result<Self, Error> {
        let state = State {
            looked: Instant::now(),
            changed: changed(&files),
            current: Arc::new(read()?),
        };
        Ok(Self {
            what: what.into(),
            files,
            every,
            read: Box::new(read),
            state: Mutex::new(state),
        })
    }

    /// As the files say, or said when they could last be used.
    pub(crate) fn current(&self) -> Arc<T> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.files.is_empty() && state.looked.elapsed() >= self.every {
            state.looked = Instant::now();
            let changed = changed(&self.files);
            if changed != state.changed {
                match (self.read)() {
                    Ok(current) => {
                        tracing::info!("{} were read again", self.what);
                        state.current = Arc::new(current);
                        state.changed = changed;
                    }
                    // They may be half written: they are read again at the next look.
                    Err(error) => tracing::warn!(%error, "the old {} stay in use", self.what),
                }
            }
        }
        Arc::clone(&state.current)
    }
}

/// Tells what it is and never what it says: it may be secret.
impl<T> fmt::Debug for Watched<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Watched").field(&self.what).finish()
    }
}

/// When each file was changed last; none for what cannot be looked at.
fn changed(files: &[PathBuf]) -> Vec<Option<SystemTime>> {
    let changed = |file| fs::metadata(file).and_then(|it| it.modified()).ok();
    files.iter().map(changed).collect()
}
