//! The parser that pest derives from `grammar/arch.pest`.

/// Rules of the grammar are found in [`Rule`]; nothing outside of `syntax` sees them.
#[derive(pest_derive::Parser)]
#[grammar = "../grammar/arch.pest"]
pub(super) struct Grammar;
