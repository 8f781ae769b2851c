//! The whole workspace of a small drawing, kept in `tests/golden/workspace` and reviewed like code.
//!
//! Files that are copied as they are, such as the runtime's, are reviewed where they stand, in `templates/`, and left
//! out here. When what is generated changes on purpose, `GOLDEN=write cargo test --test golden` writes the tree anew;
//! the difference is then read before it is committed.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use archwright::workspace::unified;
use common::planned;

const DRAWING: &str = include_str!("golden/notes.arch");

/// All files below a folder.
fn tree(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    walkdir::WalkDir::new(folder)
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let path = entry.path().strip_prefix(folder).expect("it lies below");
            let name = path.to_str().expect("names are ours").replace('\\', "/");
            (name, fs::read(entry.path()).expect("it is readable"))
        })
        .collect()
}

#[test]
fn the_workspace_is_as_it_was_reviewed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let golden = root.join("tests/golden/workspace");
    let copied: BTreeSet<Vec<u8>> = tree(&root.join("templates")).into_values().collect();
    let generated: BTreeMap<String, Vec<u8>> = planned(DRAWING)
        .into_iter()
        .filter(|file| !copied.contains(&file.bytes))
        .map(|file| (file.path, file.bytes))
        .collect();
    assert!(generated.len() > 20, "{:?}", generated.keys());
    if std::env::var_os("GOLDEN").is_some_and(|it| it == "write") {
        if golden.exists() {
            fs::remove_dir_all(&golden).expect("the old tree can be removed");
        }
        for (path, bytes) in &generated {
            let path = golden.join(path);
            fs::create_dir_all(path.parent().expect("it has one")).expect("it is writable");
            fs::write(path, bytes).expect("it is writable");
        }
    }
    let reviewed = tree(&golden);
    let paths: BTreeSet<&String> = reviewed.keys().chain(generated.keys()).collect();
    let differences: String = paths
        .into_iter()
        .filter(|path| reviewed.get(*path) != generated.get(*path))
        .map(|path| {
            let side = |files: &BTreeMap<String, Vec<u8>>| files.get(path).cloned();
            unified(
                path,
                side(&reviewed).as_deref(),
                side(&generated).as_deref(),
            )
        })
        .collect();
    assert!(
        differences.is_empty(),
        "what is generated differs from what was reviewed; `GOLDEN=write` takes it over\n{differences}"
    );
}
