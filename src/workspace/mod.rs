//! Ownership, lock, reconcile, apply: how planned files reach a folder without losing what its owner wrote there. Knows
//! paths and bytes, never the model.
//!
//! ```text
//! planned files ┐
//! arch.lock     ├─ reconcile ─> actions ─ apply ─> disk
//! what is there ┘
//! ```
//! [`reconcile`] is pure; generating, checking and a dry run differ only in what is done with its actions.
//!
//! # What holds
//! - Conflicts are found before the first write, and then nothing at all is written.
//! - Each file, and each folder that is new, comes at once (written aside, then renamed). Before the first, the lock is told what is about to be
//!   written, after the last what is there; killed at any moment, the next run finishes the work, whatever the drawing
//!   has become in between.
//! - No path leads out of the folder.

mod apply;
mod diff;
mod error;
mod folder;
mod hash;
mod layout;
mod lock;
mod merge;
mod mirror;
mod paths;
mod reconcile;
pub mod tokens;

pub use apply::{Disk, apply};
pub use diff::unified;
pub use error::Error;
pub use folder::{Folder, write_atomic};
pub use lock::{LOCK_NAME, Lock};
pub use mirror::{differences, mirror};
pub use reconcile::{Action, Conflict, Kind, Options, Reconciled, reconcile};

use std::collections::BTreeMap;

/// A file that should be in the workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// Relative to the workspace, with forward slashes.
    pub path: String,
    /// Whose it is.
    pub ownership: Ownership,
    /// What should be in it: UTF-8 with LF.
    pub bytes: Vec<u8>,
    /// What produced it, for the lock; no white space.
    pub template: String,
}

/// Whose a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ownership {
    /// Rewritten whenever what it should hold changes.
    Ours,
    /// Created once, never touched again.
    Theirs,
    /// TOML, merged leaf by leaf.
    Shared,
}

impl Ownership {
    /// The word in the lock.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Theirs => "theirs",
            Self::Shared => "shared",
        }
    }

    /// Reads the word of the lock.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Ours, Self::Theirs, Self::Shared]
            .into_iter()
            .find(|it| it.name() == name)
    }
}

/// What stands at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A plain file and its content.
    File(Vec<u8>),
    /// A symbolic link, wherever it leads.
    Link,
    /// A folder, or anything else that is no file; also a file where a folder is needed.
    Other,
}

/// What stands at the paths of interest; absent means nothing does.
pub type View = BTreeMap<String, Entry>;
