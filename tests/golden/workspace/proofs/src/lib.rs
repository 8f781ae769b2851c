//! What the proofs of this system need: its services with scripted handlers, its edges and its operations.
//!
//! The proofs themselves are the rows in `tests/proofs.rs`. Generated from the drawing, do not edit.

#[rustfmt::skip]
pub mod edges;
#[rustfmt::skip]
pub mod probes;
#[rustfmt::skip]
pub mod scripted;
#[rustfmt::skip]
pub mod system;
