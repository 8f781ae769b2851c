//! What is wrong with a piece of text that is no item, said so that a person can mend it.

use crate::diagnostic::Diagnostic;
use crate::source::Span;

pub(super) fn explain(_text: &str, junk: Span) -> Diagnostic {
    Diagnostic::error("ARC001", "this cannot be read", junk)
}
