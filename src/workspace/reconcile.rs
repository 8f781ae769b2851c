//! What has to be done to bring a folder to its plan. Pure: it reads no disk and writes none.

use std::collections::BTreeSet;

use super::hash::{Hash, normalised};
use super::lock::{Lock, Written};
use super::{Entry, Error, Ownership, Planned, View, merge, paths};

/// How conflicts are met.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Take ours, keep theirs beside it.
    pub force: bool,
}

/// What happens to one path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// The path.
    pub path: String,
    /// Whose it is.
    pub ownership: Ownership,
    /// What happens.
    pub kind: Kind,
    /// What the file should hold: what is written, or, where nothing is, what would be.
    pub after: Option<Vec<u8>>,
    /// What produced it.
    pub template: String,
}

/// What happens to a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It is new.
    Create,
    /// It is replaced.
    Update,
    /// A shared file is brought up to date; these leaves of the plan were kept as their owner has them.
    Merge(Vec<String>),
    /// What is there is moved aside, then it is replaced.
    Replace,
    /// It is removed.
    Remove,
    /// It holds what it should.
    Unchanged,
    /// It is its owner's.
    Keep {
        /// Whether we would now write it differently than when it was created.
        offered: bool,
    },
    /// It is its owner's, who removed it.
    Gone,
    /// Its declaration is gone, but its owner has written in it.
    Leftover,
    /// It stands in the way.
    Conflict(Conflict),
}

/// Why a file stands in the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conflict {
    /// It was generated, then edited.
    Edited,
    /// It was never generated.
    Foreign,
    /// It is shared, and no valid TOML.
    Broken,
    /// It is a symbolic link.
    Link,
    /// It is a folder where a file is needed, or a file where a folder is.
    NoFile,
}

impl Conflict {
    /// A few words for its owner.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Edited => "was generated and then edited by hand",
            Self::Foreign => "was not written by archwright",
            Self::Broken => "is not valid TOML any more",
            Self::Link => "is a symbolic link",
            Self::NoFile => "is a folder where a file is needed, or the other way round",
        }
    }

    /// Whether there is a content to compare with.
    #[must_use]
    pub const fn has_content(self) -> bool {
        matches!(self, Self::Edited | Self::Foreign | Self::Broken)
    }
}

impl Kind {
    /// Whether it changes the disk.
    #[must_use]
    pub const fn is_change(&self) -> bool {
        matches!(
            self,
            Self::Create | Self::Update | Self::Merge(_) | Self::Replace | Self::Remove
        )
    }
}

/// All that has to be done.
#[derive(Clone, Debug)]
pub struct Reconciled {
    /// Sorted by path, each path once.
    pub actions: Vec<Action>,
    /// What was read; `None`: there was none.
    pub(super) before: Option<Lock>,
    /// What holds when all is done.
    pub(super) after: Lock,
}

impl Reconciled {
    /// What stands in the way.
    pub fn conflicts(&self) -> impl Iterator<Item = (&Action, Conflict)> {
        self.actions.iter().filter_map(|action| match action.kind {
            Kind::Conflict(conflict) => Some((action, conflict)),
            _ => None,
        })
    }

    /// Whether the folder is what the plan says, its lock included.
    #[must_use]
    pub fn is_current(&self) -> bool {
        let is_settled =
            |it: &Action| !it.kind.is_change() && !matches!(it.kind, Kind::Conflict(_));
        self.before.as_ref() == Some(&self.after) && self.actions.iter().all(is_settled)
    }

    /// The lock while the work is done: what was there and what will be. Files that will be their owner's enter it
    /// when they exist, since one that is known and absent counts as removed by its owner.
    pub(super) fn intent(&self) -> Lock {
        let mut intent = self.after.clone();
        for action in &self.actions {
            if action.kind == Kind::Create && action.ownership == Ownership::Theirs {
                intent.forget(&action.path);
            }
        }
        let before = self.before.clone().unwrap_or_default();
        before.towards(&intent)
    }
}

/// Compares what should be with what is known and what is there. `view` must have been taken of the paths of both the
/// plan and the lock.
///
/// # Errors
/// A path that no workspace may have, or a shared file of the plan that is no TOML. Conflicts are no errors: they are
/// among the actions.
pub fn reconcile(
    mut planned: Vec<Planned>,
    lock: Option<Lock>,
    view: &View,
    options: Options,
) -> Result<Reconciled, Error> {
    paths::check_all(planned.iter().map(|it| it.path.as_str()))?;
    planned.sort_by(|a, b| a.path.cmp(&b.path));
    let wanted: BTreeSet<_> = planned.iter().map(|it| it.path.clone()).collect();
    let nothing = Lock::new();
    let mut judge = Judge {
        is_foreign: lock.is_none(),
        lock: lock.as_ref().unwrap_or(&nothing),
        after: Lock::new(),
        options,
    };
    let mut actions = Vec::with_capacity(planned.len());
    for planned in planned {
        let entry = view.get(&planned.path);
        actions.push(judge.wanted(planned, entry)?);
    }
    for path in judge.lock.paths().filter(|it| !wanted.contains(*it)) {
        actions.extend(judge.unwanted(path, view.get(path)));
    }
    actions.sort_by(|a, b| a.path.cmp(&b.path));
    let after = judge.after;
    Ok(Reconciled {
        actions,
        before: lock,
        after,
    })
}

struct Judge<'a> {
    /// There is no lock: whatever is there is not from us.
    is_foreign: bool,
    lock: &'a Lock,
    after: Lock,
    options: Options,
}

impl Judge<'_> {
    fn wanted(&mut self, planned: Planned, entry: Option<&Entry>) -> Result<Action, Error> {
        let kind = match entry {
            None => self.absent(&planned),
            Some(Entry::Link) if planned.ownership == Ownership::Theirs && !self.is_foreign => {
                Kind::Keep { offered: false }
            }
            Some(Entry::Link) => self.in_the_way(Conflict::Link),
            Some(Entry::Other) => Kind::Conflict(Conflict::NoFile),
            Some(Entry::File(there)) if *there == planned.bytes => Kind::Unchanged,
            Some(Entry::File(there)) => match planned.ownership {
                _ if self.is_foreign => self.in_the_way(Conflict::Foreign),
                Ownership::Ours => self.ours(&planned, there),
                Ownership::Theirs => self.theirs(&planned),
                Ownership::Shared => return self.shared(planned, there),
            },
        };
        if planned.ownership == Ownership::Shared {
            let leaves = leaves_of(&planned)?;
            self.after.add_leaves(&planned.path, leaves);
        }
        self.remember(&planned, &kind, &planned.bytes);
        Ok(Action {
            path: planned.path,
            ownership: planned.ownership,
            kind,
            after: Some(planned.bytes),
            template: planned.template,
        })
    }

    fn absent(&self, planned: &Planned) -> Kind {
        match planned.ownership {
            Ownership::Theirs if self.lock.knows(&planned.path) => Kind::Gone,
            _ => Kind::Create,
        }
    }

    fn ours(&self, planned: &Planned, there: &[u8]) -> Kind {
        let path = &planned.path;
        let mut written = self.lock.written(path);
        let is_formatted =
            written.any(|it| it.hash.is_text(&planned.bytes) && it.hash.matches(path, there));
        let is_known = self.lock.is_untouched(path, there);
        if normalised(there) == planned.bytes.as_slice() || is_formatted {
            // Only the layout differs, which is no reason to write the file again.
            Kind::Unchanged
        } else if is_known || Hash::of(path, &planned.bytes).matches(path, there) {
            Kind::Update
        } else if self.lock.knows(path) {
            self.in_the_way(Conflict::Edited)
        } else {
            self.in_the_way(Conflict::Foreign)
        }
    }

    fn theirs(&self, planned: &Planned) -> Kind {
        let path = &planned.path;
        let same = |it: &Written| it.hash.is_text(&planned.bytes);
        Kind::Keep {
            offered: self.lock.knows(path) && !self.lock.written(path).any(same),
        }
    }

    fn shared(&mut self, planned: Planned, there: &[u8]) -> Result<Action, Error> {
        let path = planned.path.clone();
        let leaves = leaves_of(&planned)?;
        let text = String::from_utf8_lossy(&planned.bytes);
        let base = merge::Base {
            written: self.lock.leaves(&path),
            intended: self.lock.intended(&path),
        };
        let merged = std::str::from_utf8(there)
            .ok()
            .and_then(|there| merge::merge(there, &text, &base).ok());
        let (kind, after) = match merged {
            Some(merged) if merged.text.as_bytes() == there => {
                (Kind::Unchanged, merged.text.into_bytes())
            }
            Some(merged) => (Kind::Merge(merged.kept), merged.text.into_bytes()),
            None => (self.in_the_way(Conflict::Broken), planned.bytes.clone()),
        };
        self.after.add_leaves(&path, leaves);
        // What we would write alone is what tells whether the whole file is untouched, and can go with its declaration.
        self.remember(&planned, &kind, &planned.bytes);
        Ok(Action {
            path,
            ownership: planned.ownership,
            kind,
            after: Some(after),
            template: planned.template,
        })
    }

    fn in_the_way(&self, conflict: Conflict) -> Kind {
        if self.options.force {
            Kind::Replace
        } else {
            Kind::Conflict(conflict)
        }
    }

    /// Puts a line for the file into the new lock.
    fn remember(&mut self, planned: &Planned, kind: &Kind, bytes: &[u8]) {
        let path = &planned.path;
        let stays = matches!(kind, Kind::Keep { .. } | Kind::Gone);
        let mut known = self
            .lock
            .written(path)
            .filter(|it| stays || it.hash.is_text(bytes))
            .map(|it| it.hash)
            .peekable();
        // The hash of tokens costs more than all else here, so what is known is not computed again.
        let hashes: Vec<_> = match known.peek() {
            Some(_) => known.collect(),
            None => vec![Hash::of(path, bytes)],
        };
        for hash in hashes {
            let written = Written {
                ownership: planned.ownership,
                hash,
                template: planned.template.clone(),
            };
            self.after.add_file(path, written);
        }
    }

    /// A path that the lock knows and the plan does not.
    fn unwanted(&mut self, path: &str, entry: Option<&Entry>) -> Option<Action> {
        let Written {
            ownership,
            template,
            ..
        } = self.lock.written(path).next()?.clone();
        let kind = match entry {
            // Absent: an interrupted run has removed it; its folders may still be there.
            None => Kind::Remove,
            Some(Entry::File(there)) if self.lock.is_untouched(path, there) => Kind::Remove,
            Some(_) => {
                let written: Vec<_> = self.lock.written(path).cloned().collect();
                for it in written {
                    self.after.add_file(path, it);
                }
                Kind::Leftover
            }
        };
        Some(Action {
            path: path.to_owned(),
            ownership,
            kind,
            after: None,
            template,
        })
    }
}

fn leaves_of(planned: &Planned) -> Result<BTreeSet<merge::Leaf>, Error> {
    merge::leaves(&String::from_utf8_lossy(&planned.bytes)).map_err(|source| Error::Template {
        path: planned.path.clone(),
        source,
    })
}
