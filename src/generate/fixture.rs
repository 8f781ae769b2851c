//! A system for the tests of views.

use std::path::Path;

use crate::model::{Model, resolve};
use crate::source::{Memory, Sources, load};

/// The shop of the examples.
pub fn shop() -> Model {
    let mut sources = Sources::default();
    let loader = Memory::new([("shop.arch", include_str!("../../examples/shop.arch"))]);
    let root = load(&mut sources, &loader, Path::new("shop.arch")).unwrap();
    resolve::resolve(&mut sources, root, &loader, None)
        .model
        .unwrap()
}
