//! Reading files, from disk or, in tests and editors, from memory.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use super::{FileId, Sources, Span};

/// The most bytes one file may hold: 16 MiB, several hundred times the largest drawing that people keep in one file.
pub const MAX_FILE_BYTES: usize = 16 * 1024 * 1024;

/// Where the bytes behind a path come from.
pub trait Loader {
    /// The bytes of a file; at most `limit + 1` of them, so that a file that is too large is noticed and never held.
    ///
    /// # Errors
    /// What the reading met: no such file, no permission, a folder.
    fn read(&self, path: &Path, limit: usize) -> io::Result<Vec<u8>>;
}

/// Files on disk.
#[derive(Clone, Copy, Debug, Default)]
pub struct Disk;

impl Loader for Disk {
    fn read(&self, path: &Path, limit: usize) -> io::Result<Vec<u8>> {
        let file = std::fs::File::open(path)?;
        let mut bytes = Vec::with_capacity((file.metadata()?.len() as usize).min(limit) + 1);
        file.take(limit as u64 + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

/// Files in memory, by path.
#[derive(Clone, Debug, Default)]
pub struct Memory(pub BTreeMap<PathBuf, Vec<u8>>);

impl Memory {
    /// Files from pairs of path and text.
    #[must_use]
    pub fn new<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        Self(
            files
                .into_iter()
                .map(|(path, text)| (PathBuf::from(path), text.as_bytes().to_vec()))
                .collect(),
        )
    }
}

impl Loader for Memory {
    fn read(&self, path: &Path, limit: usize) -> io::Result<Vec<u8>> {
        let bytes = self.0.get(path).ok_or(io::ErrorKind::NotFound)?;
        Ok(bytes[..bytes.len().min(limit + 1)].to_vec())
    }
}

/// Why a file could not become a source.
#[derive(Debug)]
pub enum LoadError {
    /// It could not be read.
    Read {
        /// The path that was tried.
        path: PathBuf,
        /// What the reading met.
        error: io::Error,
    },
    /// It holds more than [`MAX_FILE_BYTES`].
    TooLarge {
        /// The path that was tried.
        path: PathBuf,
    },
    /// It is not UTF-8. The part up to there has been added to the sources, so that the place can be shown.
    NotUtf8 {
        /// The path that was read.
        path: PathBuf,
        /// The end of the valid part.
        at: Span,
    },
}

impl fmt::Display for LoadError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read { path, error } if error.kind() == io::ErrorKind::NotFound => {
                write!(out, "there is no file `{}`", path.display())
            }
            Self::Read { path, error } => {
                write!(out, "`{}` cannot be read: {error}", path.display())
            }
            Self::TooLarge { path } => write!(
                out,
                "`{}` holds more than {} MiB, the most that is read",
                path.display(),
                MAX_FILE_BYTES / (1024 * 1024)
            ),
            Self::NotUtf8 { path, .. } => write!(out, "`{}` is not UTF-8 text", path.display()),
        }
    }
}

impl std::error::Error for LoadError {}

/// Adds the file behind a path to the sources. A path that was added before is not read again.
///
/// # Errors
/// See [`LoadError`].
pub fn load(sources: &mut Sources, loader: &dyn Loader, path: &Path) -> Result<FileId, LoadError> {
    if let Some(id) = sources.find(path) {
        return Ok(id);
    }
    let path = path.to_path_buf();
    let bytes = match loader.read(&path, MAX_FILE_BYTES) {
        Ok(bytes) => bytes,
        Err(error) => return Err(LoadError::Read { path, error }),
    };
    if bytes.len() > MAX_FILE_BYTES {
        return Err(LoadError::TooLarge { path });
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(sources.add(path, text)),
        Err(error) => {
            let end = error.utf8_error().valid_up_to();
            let valid = String::from_utf8_lossy(&error.as_bytes()[..end]).into_owned();
            let file = sources.add(path.clone(), valid);
            let at = Span {
                file,
                start: end as u32,
                end: end as u32,
            };
            Err(LoadError::NotUtf8 { path, at })
        }
    }
}

/// The path that an `import` means: beside the file that holds it, with `.` and `..` taken out as far as names allow,
/// so that one file has one path.
#[must_use]
pub fn beside(importer: &Path, import: &str) -> PathBuf {
    let mut path = PathBuf::new();
    for part in importer
        .parent()
        .unwrap_or(Path::new(""))
        .join(import)
        .components()
    {
        match part {
            Component::CurDir => {}
            Component::ParentDir
                if matches!(path.components().next_back(), Some(Component::Normal(_))) =>
            {
                path.pop();
            }
            part => path.push(part),
        }
    }
    path
}
