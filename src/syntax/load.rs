//! Loading failures as diagnostics.

use std::path::Path;

use crate::diagnostic::Diagnostic;
use crate::source::{self, FileId, LoadError, Loader, Sources, Span};

/// Adds the file behind a path to the sources.
///
/// `from` is the `import` that asks for it. Without one (a file named on the command line) an empty text is added
/// under the path, so that the message has a place.
///
/// # Errors
/// One diagnostic that says why the file could not be read.
pub fn load(
    sources: &mut Sources,
    loader: &dyn Loader,
    path: &Path,
    from: Option<Span>,
) -> Result<FileId, Box<Diagnostic>> {
    source::load(sources, loader, path).map_err(|error| {
        let at = match (&error, from) {
            (LoadError::NotUtf8 { at, .. }, _) => *at,
            (_, Some(import)) => import,
            (_, None) => {
                let file = sources.add(path, "");
                Span {
                    file,
                    start: 0,
                    end: 0,
                }
            }
        };
        Box::new(diagnostic(&error, at, from))
    })
}

fn diagnostic(error: &LoadError, at: Span, from: Option<Span>) -> Diagnostic {
    let message = error.to_string();
    match error {
        LoadError::Read { .. } => Diagnostic::error("ARC007", message, at),
        LoadError::TooLarge { .. } => Diagnostic::error("ARC004", message, at)
            .help("split the drawing into several files and `import` them"),
        LoadError::NotUtf8 { .. } => {
            let found = Diagnostic::error("ARC006", message, at)
                .here("valid up to here")
                .help("save the file as UTF-8");
            match from {
                Some(import) => found.label(import, "imported here"),
                None => found,
            }
        }
    }
}
