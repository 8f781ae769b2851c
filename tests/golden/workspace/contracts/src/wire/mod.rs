//! Between messages and their protobuf forms. Generated from the drawing, do not edit.

mod fields;
mod uuid;
#[rustfmt::skip]
mod types;
#[rustfmt::skip]
mod archive;

use fields::{Field, field};
