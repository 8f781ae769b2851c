//! Drawings that nobody would draw, made for what they hold, give workspaces that are in order too.
//!
//! Their runtime is the examples', which is tested there: here the tests of what is generated run, the others are only
//! compiled.

use std::fs;

use super::drawing::drawing;
use super::support::{Workspace, passes, root, scratch};

/// Every type, mark, kind of operation and policy that is generated.
#[test]
fn a_drawing_of_everything_builds_and_passes_its_tests() {
    let workspace = Workspace::generate("matrix", &root().join("tests/generate/matrix.arch"));
    let packages = ["-p", "matrix-proofs", "-p", "matrix-contracts"];
    assert!(
        passes(&workspace, &packages) > 0,
        "the generated workspace has tests"
    );
}

/// Keywords, names of the prelude, quotes and braces where names and texts are the drawing's own.
#[test]
fn a_drawing_of_hostile_names_builds_and_passes_its_tests() {
    let folder = scratch().join("drawings/hostile");
    fs::create_dir_all(&folder).expect("the scratch folder is writable");
    let file = folder.join("drawing.arch");
    fs::write(&file, drawing(true)).expect("the scratch folder is writable");
    let workspace = Workspace::generate("hostile", &file);
    let packages = ["-p", "macro-proofs", "-p", "macro-contracts"];
    assert!(
        passes(&workspace, &packages) > 0,
        "the generated workspace has tests"
    );
}
