//! What several test files need.

use std::path::Path;

use archwright::model::{Model, resolve};
use archwright::source::{Memory, Sources, load};
use archwright::workspace::Planned;

/// The proto files of the drawing that holds everything.
const DEMO: &str = include_str!("../generate/protos/demo.proto");
const MONEY: &str = include_str!("../generate/protos/shop/money.proto");

/// The model of a drawing, which must be right.
pub fn model(text: &str) -> Model {
    let mut sources = Sources::default();
    let loader = Memory::new([
        ("drawing.arch", text),
        ("protos/demo.proto", DEMO),
        ("protos/shop/money.proto", MONEY),
    ]);
    let root =
        load(&mut sources, &loader, Path::new("drawing.arch")).expect("the drawing is there");
    let resolution = resolve::resolve(&mut sources, root, &loader, None);
    let told: Vec<_> = resolution
        .diagnostics
        .iter()
        .map(|it| (it.code, &it.message))
        .collect();
    resolution.model.unwrap_or_else(|| panic!("{told:?}"))
}

/// The files of the workspace of a drawing.
pub fn planned(text: &str) -> Vec<Planned> {
    archwright::generate::plan(&model(text)).unwrap_or_else(|failure| panic!("{failure:?}"))
}
