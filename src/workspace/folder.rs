//! A folder on disk: the only place that writes files.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use super::{Disk, Entry, Error, LOCK_NAME, Lock, View};

/// Where files are written before they are renamed. A folder of its own, so that an interrupted run leaves nothing
/// among the owner's files.
const STAGING: &str = ".archwright-tmp";

/// The file in [`STAGING`] whose lock says that somebody writes.
const RUNNING: &str = "running";

/// The file in [`STAGING`] that is being written.
const NEXT: &str = "next";

/// The folder in [`STAGING`] that is being filled.
const FRESH: &str = "fresh";

/// A workspace on disk, or the place where one will be.
#[derive(Debug)]
pub struct Folder {
    root: PathBuf,
    /// Held while we write; the system drops it when the process dies.
    running: Option<File>,
    /// Folders that are known to be there, or in the one that is being filled.
    made: HashSet<String>,
    /// A folder that was not there: it is filled aside and comes to its place as a whole, which costs one renaming for all
    /// of its files.
    fresh: Option<String>,
}

impl Folder {
    /// Takes a folder, which need not exist yet.
    ///
    /// # Errors
    /// It is there and no folder.
    pub fn open(root: &Path) -> Result<Self, Error> {
        let root = match fs::canonicalize(root) {
            Ok(root) if root.is_dir() => root,
            Ok(root) => {
                return Err(Error::io("use", root)(io::Error::from(
                    ErrorKind::NotADirectory,
                )));
            }
            Err(error) if error.kind() == ErrorKind::NotFound => root.to_owned(),
            Err(error) => return Err(Error::io("open", root)(error)),
        };
        Ok(Self {
            root,
            running: None,
            made: HashSet::new(),
            fresh: None,
        })
    }

    /// Reads the lock, if there is one.
    ///
    /// # Errors
    /// It cannot be read, is damaged, or was written by a newer generator.
    pub fn lock(&self) -> Result<Option<Lock>, Error> {
        let path = self.root.join(LOCK_NAME);
        match fs::read_to_string(&path) {
            Ok(text) => Lock::parse(&text).map(Some),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::io("read", path)(error)),
        }
    }

    /// Reads what stands at some paths.
    ///
    /// # Errors
    /// A file cannot be read, or a folder on the way to one is a link that leads out of the workspace.
    pub fn view<'a>(&self, paths: impl IntoIterator<Item = &'a str>) -> Result<View, Error> {
        let mut view = View::new();
        let mut folders = HashMap::new();
        for path in paths.into_iter().collect::<BTreeSet<_>>() {
            let entry = match self.place(folder_of(path), &mut folders)? {
                Place::Missing => None,
                Place::Blocked => Some(Entry::Other),
                Place::Folder => self.entry(path)?,
            };
            view.extend(entry.map(|it| (path.to_owned(), it)));
        }
        Ok(view)
    }

    /// What stands at a path, the folder of which is there.
    fn entry(&self, path: &str) -> Result<Option<Entry>, Error> {
        let path = self.root.join(path);
        let there = match fs::symlink_metadata(&path) {
            Ok(there) => there,
            Err(error) if is_missing(&error) => return Ok(None),
            Err(error) => return Err(Error::io("read", path)(error)),
        };
        Ok(Some(match there.file_type() {
            it if it.is_symlink() => Entry::Link,
            it if it.is_file() => {
                Entry::File(read(&path, there.len()).map_err(Error::io("read", path))?)
            }
            _ => Entry::Other,
        }))
    }

    /// The content of one file, for showing differences; `None` when there is none.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn read(&self, path: &str) -> Result<Option<Vec<u8>>, Error> {
        Ok(match self.view([path])?.remove(path) {
            Some(Entry::File(bytes)) => Some(bytes),
            _ => None,
        })
    }

    /// What stands where a folder of the workspace should: asked once for each, and for none in one that is not there.
    fn place<'a>(
        &self,
        folder: &'a str,
        known: &mut HashMap<&'a str, Place>,
    ) -> Result<Place, Error> {
        if folder.is_empty() {
            return Ok(Place::Folder);
        }
        if let Some(place) = known.get(folder) {
            return Ok(*place);
        }
        let place = match self.place(folder_of(folder), known)? {
            Place::Folder => self.look(folder)?,
            place => place,
        };
        known.insert(folder, place);
        Ok(place)
    }

    /// Follows a link that stands for a folder, and refuses one that leaves the workspace.
    fn look(&self, folder: &str) -> Result<Place, Error> {
        let path = self.root.join(folder);
        let mut there = match fs::symlink_metadata(&path) {
            Ok(there) => there,
            Err(error) if is_missing(&error) => return Ok(Place::Missing),
            Err(error) => return Err(Error::io("read", path)(error)),
        };
        if there.is_symlink() {
            let target = match fs::canonicalize(&path) {
                Ok(target) => target,
                Err(error) if is_missing(&error) => return Ok(Place::Missing),
                Err(error) => return Err(Error::io("follow", path)(error)),
            };
            if !target.starts_with(&self.root) {
                return Err(Error::Outside { path });
            }
            there = fs::metadata(&target).map_err(Error::io("read", target))?;
        }
        Ok(match there.is_dir() {
            true => Place::Folder,
            false => Place::Blocked,
        })
    }

    /// Makes sure that nobody else writes here, and that the staging folder is there and empty.
    fn begin(&mut self) -> Result<(), Error> {
        if self.running.is_some() {
            return Ok(());
        }
        let staging = self.root.join(STAGING);
        fs::create_dir_all(&self.root).map_err(Error::io("create", &self.root))?;
        self.root = fs::canonicalize(&self.root).map_err(Error::io("open", &self.root))?;
        if fs::symlink_metadata(&staging).is_ok_and(|it| it.is_symlink()) {
            return Err(Error::Outside { path: staging });
        }
        fs::create_dir_all(&staging).map_err(Error::io("create", &staging))?;
        let path = staging.join(RUNNING);
        let running = File::create(&path).map_err(Error::io("create", &path))?;
        match running.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Error::Busy {
                    path: self.root.clone(),
                });
            }
            // A file system without locks: writing still is atomic, file by file.
            Err(TryLockError::Error(_)) => {}
        }
        self.running = Some(running);
        // What a run left that was killed.
        let left = staging.join(FRESH);
        match fs::remove_dir_all(&left) {
            Err(error) if !is_missing(&error) => Err(Error::io("remove", left)(error)),
            _ => Ok(()),
        }
    }

    /// Gets ready to write at a path: notes whether one of its folders is to be filled.
    fn enter(&mut self, path: &str) -> Result<(), Error> {
        if self.within_fresh(path).is_some() {
            return Ok(());
        }
        self.settle()?;
        let ends = path.match_indices('/').map(|(at, _)| at);
        for folder in ends.map(|end| &path[..end]) {
            if self.made.contains(folder) {
                continue;
            }
            let there = self.root.join(folder);
            match fs::symlink_metadata(&there) {
                Ok(_) => drop(self.made.insert(folder.to_owned())),
                Err(error) if is_missing(&error) => {
                    self.fresh = Some(folder.to_owned());
                    break;
                }
                Err(error) => return Err(Error::io("read", there)(error)),
            }
        }
        Ok(())
    }

    /// A path's place in the folder that is being filled.
    fn within_fresh<'a>(&self, path: &'a str) -> Option<&'a str> {
        path.strip_prefix(self.fresh.as_deref()?)?.strip_prefix('/')
    }

    /// Brings the folder that was being filled to its place.
    fn settle(&mut self) -> Result<(), Error> {
        if let Some(folder) = &self.fresh {
            let (filled, target) = (self.root.join(STAGING).join(FRESH), self.root.join(folder));
            fs::rename(filled, &target).map_err(Error::io("write", target))?;
            self.fresh = None;
        }
        Ok(())
    }
}

impl Disk for Folder {
    fn write(&mut self, path: &str, bytes: &[u8]) -> Result<(), Error> {
        self.begin()?;
        self.enter(path)?;
        let staging = self.root.join(STAGING);
        let Some(within) = self.within_fresh(path) else {
            let (staged, target) = (staging.join(NEXT), self.root.join(path));
            fs::write(&staged, bytes).map_err(Error::io("write", &staged))?;
            return fs::rename(&staged, &target).map_err(Error::io("write", target));
        };
        let fresh = staging.join(FRESH);
        if self.made.insert(folder_of(path).to_owned()) {
            let folder = fresh.join(folder_of(within));
            fs::create_dir_all(&folder).map_err(Error::io("create", folder))?;
        }
        let staged = fresh.join(within);
        fs::write(&staged, bytes).map_err(Error::io("write", staged))
    }

    fn remove(&mut self, path: &str) -> Result<(), Error> {
        self.begin()?;
        self.settle()?;
        let target = self.root.join(path);
        match fs::remove_file(&target) {
            Ok(()) => {}
            Err(error) if is_missing(&error) => {}
            Err(error) => return Err(Error::io("remove", target)(error)),
        }
        // Refused for the first that is not empty, which is where it ends.
        let mut folder = folder_of(path);
        while !folder.is_empty()
            && !fs::remove_dir(self.root.join(folder)).is_err_and(|it| !is_missing(&it))
        {
            self.made.remove(folder);
            folder = folder_of(folder);
        }
        Ok(())
    }

    fn set_aside(&mut self, path: &str) -> Result<(), Error> {
        self.begin()?;
        self.settle()?;
        let target = self.root.join(path);
        let mut number = 1;
        let aside = loop {
            let suffix = match number {
                1 => ".orig".to_owned(),
                _ => format!(".orig{number}"),
            };
            let aside = self.root.join(format!("{path}{suffix}"));
            if fs::symlink_metadata(&aside).is_err() {
                break aside;
            }
            number += 1;
        };
        fs::rename(&target, aside).map_err(Error::io("move aside", target))
    }
}

impl Drop for Folder {
    /// Leaves no trace of the staging folder; where that fails, the next run does it.
    fn drop(&mut self) {
        if self.running.take().is_some() {
            let staging = self.root.join(STAGING);
            if self.fresh.is_some() {
                drop(fs::remove_dir_all(staging.join(FRESH)));
            }
            for name in [NEXT, RUNNING] {
                drop(fs::remove_file(staging.join(name)));
            }
            drop(fs::remove_dir(staging));
        }
    }
}

/// What stands where a folder should.
#[derive(Clone, Copy)]
enum Place {
    Missing,
    /// A file.
    Blocked,
    Folder,
}

/// The folder of a path, nothing for the workspace itself.
fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Reads a file whose length is known, so that it is not asked for again.
fn read(path: &Path, length: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(usize::try_from(length).unwrap_or_default())?;
    let mut file = File::open(path)?.take(u64::MAX);
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Whether there is no such file, also because a file stands where its folder would.
fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

/// Replaces one file at once, its permissions kept; through a symbolic link, the file that it leads to.
///
/// # Errors
/// The file system refuses.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let staged = target.with_file_name(format!(".{name}{STAGING}"));
    fs::write(&staged, bytes).map_err(Error::io("write", &staged))?;
    if let Ok(there) = fs::metadata(&target) {
        fs::set_permissions(&staged, there.permissions()).map_err(Error::io("write", &staged))?;
    }
    fs::rename(&staged, &target).map_err(Error::io("write", target))
}
