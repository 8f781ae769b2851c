//! From the model to the files of a workspace.

pub mod number;
pub mod openapi;
pub mod pattern;
pub mod proof;
pub mod sample;
