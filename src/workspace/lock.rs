//! `arch.lock`: which files are whose, and what was last written to them.
//!
//! One independent line a fact, sorted, so that a version control system merges it by keeping the lines of both sides:
//! several lines for one path are understood (whatever one of them says was written counts as unedited), and its own
//! conflict markers are passed over.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use semver::Version;
use smallvec::SmallVec;

use super::hash::Hash;
use super::merge::Leaf;
use super::{Error, Ownership, paths};

/// The lock's name in the workspace.
pub const LOCK_NAME: &str = "arch.lock";

const HEADER: &str = "\
# What archwright wrote here, so that it never overwrites what you wrote. Commit it. Lines are independent:
# when branches meet, keep the lines of both and generate again.
";

/// What is known of one file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Written {
    /// Whose it is.
    pub ownership: Ownership,
    /// What was written.
    pub hash: Hash,
    /// What produced it.
    pub template: String,
}

/// The lock of a workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lock {
    /// The generator that wrote last.
    version: Version,
    /// By path, sorted; more than one after a merge or an interrupted run.
    files: BTreeMap<String, SmallVec<[Written; 1]>>,
    /// What was written into shared files, leaf by leaf.
    leaves: BTreeMap<String, BTreeSet<Leaf>>,
    /// What a run that may have been interrupted was about to write into them.
    intended: BTreeMap<String, BTreeSet<Leaf>>,
}

impl Lock {
    /// Nothing written yet, by this generator.
    #[must_use]
    pub fn new() -> Self {
        Self {
            version: ours(),
            files: BTreeMap::new(),
            leaves: BTreeMap::new(),
            intended: BTreeMap::new(),
        }
    }

    /// Reads a lock.
    ///
    /// # Errors
    /// A line that is not understood, a path that leads out of the workspace, or the lock of a newer generator.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let mut lock = Self {
            version: Version::new(0, 0, 0),
            ..Self::new()
        };
        for (at, line) in text.lines().enumerate() {
            if !lock.understand(line.trim_end())? {
                // A newer generator may write other lines; that it is newer is then the better message.
                lock.refuse_newer()?;
                return Err(Error::Lock {
                    line: at + 1,
                    why: format!("`{}`", line.escape_debug()),
                });
            }
        }
        lock.refuse_newer()?;
        Ok(lock)
    }

    fn refuse_newer(&self) -> Result<(), Error> {
        let ours = ours();
        if self.version > ours {
            return Err(Error::NewerLock {
                theirs: self.version.clone(),
                ours,
            });
        }
        Ok(())
    }

    /// Takes one line in; false when it makes no sense.
    fn understand(&mut self, line: &str) -> Result<bool, Error> {
        let is_marker = ["<<<<<<<", "|||||||", "=======", ">>>>>>>"]
            .iter()
            .any(|marker| line.starts_with(marker));
        if line.is_empty() || line.starts_with('#') || is_marker {
            return Ok(true);
        }
        let Some((kind, rest)) = line.split_once(' ') else {
            return Ok(false);
        };
        match kind {
            "archwright" => {
                let Ok(version) = Version::parse(rest) else {
                    return Ok(false);
                };
                self.version = self.version.clone().max(version);
            }
            "file" => {
                let words: Vec<_> = rest.split(' ').collect();
                let [path, owner, hash, template] = words.as_slice() else {
                    return Ok(false);
                };
                let (Some(ownership), Ok(hash)) = (Ownership::from_name(owner), hash.parse())
                else {
                    return Ok(false);
                };
                paths::check(path)?;
                self.add_file(
                    path,
                    Written {
                        ownership,
                        hash,
                        template: (*template).to_owned(),
                    },
                );
            }
            "leaf" | "intended" => {
                let Some((path, leaf)) = rest.split_once(' ') else {
                    return Ok(false);
                };
                let Some(leaf) = Leaf::parse(leaf) else {
                    return Ok(false);
                };
                paths::check(path)?;
                let leaves = match kind {
                    "leaf" => &mut self.leaves,
                    _ => &mut self.intended,
                };
                leaves.entry(path.to_owned()).or_default().insert(leaf);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    pub(super) fn add_file(&mut self, path: &str, written: Written) {
        let known = self.files.entry(path.to_owned()).or_default();
        if let Err(at) = known.binary_search(&written) {
            known.insert(at, written);
        }
    }

    pub(super) fn add_leaves(&mut self, path: &str, leaves: impl IntoIterator<Item = Leaf>) {
        for leaf in leaves {
            let known = self.leaves.entry(path.to_owned()).or_default();
            known.insert(leaf);
        }
    }

    /// Takes a file out.
    pub(super) fn forget(&mut self, path: &str) {
        self.files.remove(path);
    }

    /// What holds on the way to another lock: the files may be as either of them says.
    pub(super) fn towards(&self, other: &Self) -> Self {
        let mut both = self.clone();
        both.version = both.version.max(other.version.clone());
        for (path, written) in &other.files {
            for it in written {
                both.add_file(path, it.clone());
            }
        }
        for (path, leaves) in &other.leaves {
            let new = leaves
                .difference(&self.leaves(path))
                .cloned()
                .collect::<Vec<_>>();
            if !new.is_empty() {
                both.intended.entry(path.clone()).or_default().extend(new);
            }
        }
        both
    }

    /// The paths of all files in it.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// What was written to a path; empty when nothing is known.
    pub(super) fn written(&self, path: &str) -> impl Iterator<Item = &Written> {
        self.files.get(path).into_iter().flatten()
    }

    /// Whether a path is in it.
    #[must_use]
    pub fn knows(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }

    /// Whether a file holds what was written to it.
    pub(super) fn is_untouched(&self, path: &str, bytes: &[u8]) -> bool {
        self.written(path).any(|it| it.hash.matches(path, bytes))
    }

    /// The leaves that were written to a shared file.
    pub(super) fn leaves(&self, path: &str) -> BTreeSet<Leaf> {
        self.leaves.get(path).cloned().unwrap_or_default()
    }

    /// The leaves that may have been written to a shared file as well.
    pub(super) fn intended(&self, path: &str) -> BTreeSet<Leaf> {
        self.intended.get(path).cloned().unwrap_or_default()
    }
}

impl Default for Lock {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Display for Lock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}archwright {}", self.version)?;
        for (path, all) in &self.files {
            for it in all {
                let owner = it.ownership.name();
                writeln!(f, "file {path} {owner} {} {}", it.hash, it.template)?;
            }
        }
        for (kind, all) in [("leaf", &self.leaves), ("intended", &self.intended)] {
            for (path, leaves) in all {
                for leaf in leaves {
                    writeln!(f, "{kind} {path} {leaf}")?;
                }
            }
        }
        Ok(())
    }
}

/// The version of this program.
fn ours() -> Version {
    let number = |text: &str| text.parse().unwrap_or(0);
    Version::new(
        number(env!("CARGO_PKG_VERSION_MAJOR")),
        number(env!("CARGO_PKG_VERSION_MINOR")),
        number(env!("CARGO_PKG_VERSION_PATCH")),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Lock {
        let mut lock = Lock::new();
        for (path, ownership) in [
            ("a.rs", Ownership::Ours),
            ("b/Cargo.toml", Ownership::Shared),
        ] {
            let written = Written {
                ownership,
                hash: Hash::of(path, b"x = 1\n"),
                template: "t/x".into(),
            };
            lock.add_file(path, written);
        }
        lock.add_leaves("b/Cargo.toml", Leaf::parse("package.\"odd key\" = \"a b\""));
        lock
    }

    #[test]
    fn what_is_written_can_be_read() {
        let lock = sample();
        assert_eq!(Lock::parse(&lock.to_string()).unwrap(), lock);
    }

    #[test]
    fn branches_merge_by_keeping_the_lines_of_both() {
        let text = sample().to_string();
        let (other, hash) = (text.replace("t/x", "t/y"), Hash::of("a.rs", b"y = 2\n"));
        let theirs = format!("file a.rs ours {hash} t/x");
        let merged = format!("<<<<<<< HEAD\n{text}=======\n{other}\n{theirs}\n>>>>>>> branch\n");
        let lock = Lock::parse(&merged).unwrap();
        assert!(lock.is_untouched("a.rs", b"x = 1\n") && lock.is_untouched("a.rs", b"y = 2\n"));
        assert!(!lock.is_untouched("a.rs", b"z = 3\n"));
    }

    #[test]
    fn a_newer_generators_lock_is_refused() {
        let newer = "archwright 999.0.0\nfuture something else\n";
        assert!(matches!(Lock::parse(newer), Err(Error::NewerLock { .. })));
    }

    #[test]
    fn nonsense_and_hostile_paths_are_refused() {
        let hash = Hash::of("x", b"");
        for line in [
            "nonsense".to_owned(),
            "file a.rs".into(),
            "file a.rs ours zz t".into(),
            format!("file a.rs mine {hash} t"),
            format!("file ../../etc/passwd ours {hash} t"),
            format!("file /etc/passwd ours {hash} t"),
            "leaf ../Cargo.toml a = 1".into(),
            "archwright x.y".into(),
        ] {
            assert!(Lock::parse(&line).is_err(), "{line}");
        }
    }
}
