//! The engine's own codes: what `explain ARC012` says. Rules explain theirs themselves.

/// A code and its explanation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// `ARC012`.
    pub code: &'static str,
    /// What is wrong, in a few words.
    pub title: &'static str,
    /// What it means and what to write instead, as Markdown.
    pub text: &'static str,
}

/// All codes, sorted.
pub const CODES: &[Code] = &[];

/// Finds a code, in any case.
#[must_use]
pub fn find(code: &str) -> Option<&'static Code> {
    CODES.iter().find(|it| it.code.eq_ignore_ascii_case(code))
}
