//! What is proved with a store in the process holds with a real one.

use std::process::Command;

use super::processes::{TcpStore, shop};
use super::support::{root, succeed};

#[test]
fn what_instances_share_is_proved_over_a_real_store() {
    let workspace = shop();
    let binary = workspace.test_binary("shop-proofs", "proofs");
    let list = succeed(Command::new(&binary).arg("--list"));
    let list = String::from_utf8(list.stdout).expect("names are text");
    let names: Vec<&str> = list
        .lines()
        .filter_map(|line| line.strip_suffix(": test"))
        .filter(|name| {
            let row = name.split_once("__");
            row.is_some_and(|(_, row)| row.starts_with("state_"))
        })
        .collect();
    assert!(!names.is_empty(), "{list}");
    let store = TcpStore::start();
    let mut proofs = Command::new(&binary);
    proofs
        .current_dir(&workspace.dir)
        .env("PROOFS_REDIS", store.url())
        .arg("--exact")
        .args(&names);
    let output = succeed(&mut proofs);
    let text = String::from_utf8_lossy(&output.stdout);
    let passed = format!("test result: ok. {} passed", names.len());
    assert!(text.contains(&passed), "{text}");
}

/// One suite for the store in the process and a real one: the runtime's own, which its owners are spared.
#[test]
fn every_store_keeps_to_the_same_suite() {
    let workspace = shop();
    let suite = root().join("templates/platform/tests/state");
    workspace.overlay_at("platform/tests/state", &suite);
    let output = workspace.cargo(&[
        "test",
        "--offline",
        "-p",
        "shop-platform",
        "--test",
        "state",
    ]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(!text.contains(" 0 passed"), "{text}");
}
