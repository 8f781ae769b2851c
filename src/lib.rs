//! archwright reads `.arch` drawings of cloud systems, lints them and generates Rust workspaces from them.
//!
//! # The map
//! Data flows in one direction:
//! ```text
//! .arch files ─ syntax ─> Ast ─ model::resolve ─> Model ─ topology ─> Topology ─ lint ─> Diagnostics ─ diagnostic::render
//!                                                   └─ generate: plan ─> files ─ render ─> bytes
//!                                                        └─ workspace: reconcile(lock, disk) ─> actions ─ apply ─> disk
//! ```
//! Everything before `workspace`'s apply is pure.
#![warn(missing_docs)]

pub mod cli;
pub mod diagnostic;
pub mod format;
pub mod generate;
pub mod lint;
pub mod model;
pub mod protocol;
pub mod source;
pub mod syntax;
pub mod topology;
mod words;
pub mod workspace;
