//! The canonical form of a file: one item a line, two blanks a level, columns where they help, comments where they were.
//!
//! Only blanks, line breaks and commas change; every other token is printed as it was written, in its order, so that
//! the meaning cannot change. Where a line breaks follows from the tokens alone, with one exception that leaves the
//! choice to the author: a block that was written on one line stays on it as long as it fits.

mod align;
mod layout;
mod print;
mod tokens;

use crate::diagnostic::{Diagnostic, Level};
use crate::source::{FileId, Sources};
use crate::syntax::parse;

/// The most columns a line takes if it can be broken.
const WIDTH: usize = 120;

/// A file in canonical form.
///
/// # Errors
/// The errors of a file that cannot be read: what is not understood is not rearranged.
pub fn format(sources: &Sources, id: FileId) -> Result<String, Vec<Diagnostic>> {
    let parsed = parse(sources, id);
    if parsed.has_errors() {
        return Err(parsed
            .diagnostics
            .into_iter()
            .filter(|found| found.level == Level::Error)
            .collect());
    }
    let text = sources.file(id).text.as_str();
    let tokens = tokens::tokens(text, &parsed);
    Ok(align::render(&layout::layout(text, &tokens, &parsed)))
}
