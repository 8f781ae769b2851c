//! The messages that the services of Notes exchange.
//!
//! Generated from the drawing, do not edit. Other languages find the same contracts in `openapi/` and `proto/`.

#[rustfmt::skip]
mod json;
#[rustfmt::skip]
pub mod openapi;
pub mod proto;
#[rustfmt::skip]
mod rules;
#[rustfmt::skip]
mod types;
#[rustfmt::skip]
mod wire;
#[rustfmt::skip]
mod words;

#[rustfmt::skip]
pub mod archive;
#[rustfmt::skip]
pub mod front;

pub use types::*;
