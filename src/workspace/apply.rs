//! Does what was decided, so that being killed at any moment loses nothing.

use super::{Error, Kind, LOCK_NAME, Reconciled};

/// What writes. Each call is done as a whole or not at all, also when the process is killed in it. Files of a folder that
/// was not there may all come to their place with the next call that is not about it.
pub trait Disk {
    /// Creates or replaces a file, and the folders that it needs.
    ///
    /// # Errors
    /// The file system refuses.
    fn write(&mut self, path: &str, bytes: &[u8]) -> Result<(), Error>;

    /// Removes a file, if it is there, and the folders that become empty by it.
    ///
    /// # Errors
    /// The file system refuses.
    fn remove(&mut self, path: &str) -> Result<(), Error>;

    /// Moves a file to a name beside it that was free.
    ///
    /// # Errors
    /// The file system refuses.
    fn set_aside(&mut self, path: &str) -> Result<(), Error>;
}

/// Carries the actions out. The lock is written before, with both what was there and what will be, and after, with
/// what is there: an interrupted run's files are known to the next as ours, whatever it plans. Nothing is written where everything is as it should be.
///
/// # Errors
/// There are conflicts (then nothing was written), or the file system refuses (then the next run finishes the work).
pub fn apply(reconciled: &Reconciled, disk: &mut dyn Disk) -> Result<(), Error> {
    let count = reconciled.conflicts().count();
    if count > 0 {
        return Err(Error::Conflicts { count });
    }
    let after = &reconciled.after;
    let before = reconciled.before.as_ref();
    if reconciled.actions.iter().any(|it| it.kind.is_change()) {
        let intent = reconciled.intent();
        if before != Some(&intent) {
            disk.write(LOCK_NAME, intent.to_string().as_bytes())?;
        }
    }
    for action in &reconciled.actions {
        let path = &action.path;
        if action.kind == Kind::Replace {
            disk.set_aside(path)?;
        }
        match (&action.kind, &action.after) {
            (Kind::Remove, _) => disk.remove(path)?,
            (kind, Some(bytes)) if kind.is_change() => disk.write(path, bytes)?,
            _ => {}
        }
    }
    if !reconciled.is_current() {
        disk.write(LOCK_NAME, after.to_string().as_bytes())?;
    }
    Ok(())
}
