//! A system for the tests of views.

use std::path::Path;

use crate::model::{Model, resolve};
use crate::source::{Memory, Sources, load};

/// The shop of the examples.
pub fn shop() -> Model {
    model(include_str!("../../examples/shop.arch"))
}

/// What a drawing says.
pub fn model(drawing: &'static str) -> Model {
    let mut sources = Sources::default();
    let loader = Memory::new([("drawing.arch", drawing)]);
    let root = load(&mut sources, &loader, Path::new("drawing.arch")).unwrap();
    let resolution = resolve::resolve(&mut sources, root, &loader, None);
    resolution
        .model
        .unwrap_or_else(|| panic!("{:#?}", resolution.diagnostics))
}
