//! Source files, byte spans and line positions. Knows nothing of the language.

mod load;

pub use load::{Disk, LoadError, Loader, MAX_FILE_BYTES, Memory, beside, load};

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// Index of a file in [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A half-open range of bytes in one file. Offsets are `u32`: files are bounded to 16 MiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file the range lies in.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The smallest span that covers both; both must lie in one file.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        debug_assert_eq!(self.file, other.file);
        Self {
            file: self.file,
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }
}

/// A value together with where it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it was written.
    pub span: Span,
}

/// One source file, with an index of its lines.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// The path as the user gave it (relative paths stay relative), for messages.
    pub path: PathBuf,
    /// The whole text.
    pub text: String,
    /// Looked for once somebody asks for a place.
    line_starts: OnceLock<Vec<u32>>,
}

impl SourceFile {
    fn new(path: PathBuf, text: String) -> Self {
        Self {
            path,
            text,
            line_starts: OnceLock::new(),
        }
    }

    fn line_starts(&self) -> &[u32] {
        self.line_starts.get_or_init(|| {
            let ends = self.text.match_indices('\n');
            let starts = ends.map(|(at, _)| at as u32 + 1);
            std::iter::once(0).chain(starts).collect()
        })
    }

    /// One-based line and column (in characters) of a byte offset.
    #[must_use]
    pub fn position(&self, offset: u32) -> (usize, usize) {
        let starts = self.line_starts();
        let line = starts.partition_point(|start| *start <= offset) - 1;
        let start = starts[line] as usize;
        let column = self
            .text
            .get(start..offset as usize)
            .map_or(0, |text| text.chars().count());
        (line + 1, column + 1)
    }
}

/// All files of one run.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
}

impl Sources {
    /// Adds a text under a path.
    pub fn add(&mut self, path: impl Into<PathBuf>, text: impl Into<String>) -> FileId {
        let id = FileId(self.files.len() as u32);
        self.files.push(SourceFile::new(path.into(), text.into()));
        id
    }

    /// The file behind an id of this set.
    #[must_use]
    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[id.0 as usize]
    }

    /// The text under a span.
    #[must_use]
    pub fn text(&self, span: Span) -> &str {
        &self.file(span.file).text[span.start as usize..span.end as usize]
    }

    /// The same files with what stands in quotes under some spans, or all of a span without quotes, made unreadable, so
    /// that excerpts can be shown. Places stay what they are.
    #[must_use]
    pub fn masked(&self, spans: impl IntoIterator<Item = Span>) -> Cow<'_, Self> {
        let mut masked = Cow::Borrowed(self);
        for span in spans {
            let text = self.text(span);
            let first = text.find('"').map_or(0, |at| at + 1);
            let last = text.rfind('"').filter(|at| *at >= first);
            let secret = &text[first..last.unwrap_or(text.len())];
            let stars: String = secret
                .chars()
                .flat_map(|it| {
                    let shown = if it == '\n' { '\n' } else { '*' };
                    std::iter::repeat_n(shown, it.len_utf8())
                })
                .collect();
            let start = span.start as usize + first;
            masked.to_mut().files[span.file.0 as usize]
                .text
                .replace_range(start..start + secret.len(), &stars);
        }
        masked
    }

    /// The id of a path that was added before, compared as given.
    #[must_use]
    pub fn find(&self, path: &Path) -> Option<FileId> {
        self.files
            .iter()
            .position(|file| file.path == path)
            .map(|at| FileId(at as u32))
    }

    /// All files with their ids, in the order they were added.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.files
            .iter()
            .enumerate()
            .map(|(at, file)| (FileId(at as u32), file))
    }
}

#[cfg(test)]
mod tests {
    use super::{Sources, Span};

    #[test]
    fn masked_texts_keep_their_places_and_lose_their_words() {
        let mut sources = Sources::default();
        let file = sources.add("a.arch", "url = \"pässword\"\nkeys = bare\n");
        let whole = Span {
            file,
            start: 0,
            end: 17,
        };
        let bare = Span {
            file,
            start: 25,
            end: 29,
        };
        let masked = sources.masked([whole, bare]);
        assert_eq!(masked.file(file).text, "url = \"*********\"\nkeys = ****\n");
        assert_eq!(
            masked.file(file).position(25),
            sources.file(file).position(25)
        );
    }
}
