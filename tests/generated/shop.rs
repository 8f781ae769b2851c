//! The examples generate workspaces that build, pass their tests and are quiet, from the lock that came with them.

use super::support::{Workspace, passes, root};

/// Runs in a generated workspace what its owner's CI would run. The first build may fetch crates, nothing after it may.
fn stands(workspace: &Workspace) -> usize {
    let lock = std::fs::read_to_string(workspace.dir.join("Cargo.lock"))
        .expect("the workspace has a lock");
    workspace.cargo(&["fetch"]);
    let pruned = std::fs::read_to_string(workspace.dir.join("Cargo.lock"))
        .expect("the workspace has a lock");
    for version in versions(&pruned) {
        assert!(
            versions(&lock).contains(&version),
            "{version:?} does not come from the lock of the generator"
        );
    }
    workspace.cargo(&["build", "--workspace", "--offline"]);
    passes(workspace, &["--workspace"])
}

/// Name and version of every package of a lock that comes from a registry.
fn versions(lock: &str) -> Vec<(String, String)> {
    let lock: toml_edit::DocumentMut = lock.parse().expect("the lock is TOML");
    let packages = lock["package"]
        .as_array_of_tables()
        .expect("the lock has packages");
    packages
        .iter()
        .filter(|package| package.contains_key("source"))
        .map(|package| {
            let text = |key: &str| package[key].as_str().expect("packages have it").to_owned();
            (text("name"), text("version"))
        })
        .collect()
}

#[test]
fn shop_with_its_owners_handlers_builds_and_passes_its_tests() {
    let workspace = Workspace::generate("shop", &root().join("examples/shop.arch"));
    workspace.overlay(&root().join("examples/shop"));
    // The runtime's own tests against real sockets, which its owners are spared.
    let tests = root().join("templates/platform/tests/server");
    workspace.overlay_at("platform/tests/server", &tests);
    assert!(stands(&workspace) > 0, "the generated workspace has tests");
}

#[test]
fn the_sketch_builds_and_passes_its_tests() {
    let workspace = Workspace::generate("sketch", &root().join("examples/sketch.arch"));
    assert!(stands(&workspace) > 0, "the generated workspace has tests");
}
