//! The article's protocol selection guide (section 5) as a decision table.
//!
//! What is wanted is said by [criteria](Criterion); each says something for and against the [candidates](Candidate), with
//! the sentences that it rests on; [`rank`] adds it up and [`verdict`] says whether that decides anything.

mod candidate;
mod criterion;
mod rank;
mod sources;
mod table;

pub use candidate::{Candidate, Summary};
pub use criterion::{Criterion, Known, Meaning, Weight};
pub use rank::{Decisive, Point, Ranked, Requirements, Verdict, rank, verdict};
pub use sources::{Reading, Source, sources};
