//! What whole drawings resolve to. What single mistakes are told of stands in `tests/resolve`.

use super::*;
use crate::source::Memory;

fn resolved(text: &str) -> Resolution {
    let mut sources = Sources::default();
    let root = sources.add("test.arch", text);
    resolve(&mut sources, root, &Memory::default(), None)
}

fn model(text: &str) -> Model {
    let resolution = resolved(text);
    assert!(
        resolution.diagnostics.is_empty(),
        "{:#?}",
        resolution.diagnostics
    );
    resolution.model.expect("nothing is wrong")
}

#[test]
fn the_whole_system_of_the_language_resolves() {
    model(include_str!("../../../tests/drawings/whole.arch"));
}

#[test]
fn the_examples_resolve() {
    model(include_str!("../../../examples/shop.arch"));
    model(include_str!("../../../examples/sketch.arch"));
}
