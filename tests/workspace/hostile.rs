//! Folders and locks that want us to write elsewhere.

#![cfg(unix)]

use super::*;
use std::os::unix::fs::symlink;

#[test]
fn links_that_lead_outside_are_refused() {
    let (root, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    symlink(outside.path(), root.path().join("services")).unwrap();
    let plan = [ours("services/orders/x.rs", "x\n")];
    let result = generate(root.path(), &plan, FORCE);
    assert!(matches!(result, Err(Error::Outside { .. })), "{result:?}");
    assert!(tree(outside.path()).is_empty());
}

#[test]
fn links_within_the_workspace_are_followed() {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join("real")).unwrap();
    symlink("real", root.path().join("services")).unwrap();
    generate(root.path(), &[ours("services/x.rs", "x\n")], GENTLE).unwrap();
    assert_eq!(tree(root.path())["real/x.rs"], "x\n");
}

#[test]
fn a_link_in_place_of_a_file_is_not_written_through() {
    let (root, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let victim = outside.path().join("victim");
    fs::write(&victim, "precious\n").unwrap();
    generate(root.path(), &[ours("a", "1\n")], GENTLE).unwrap();
    fs::remove_file(root.path().join("a")).unwrap();
    symlink(&victim, root.path().join("a")).unwrap();
    assert!(matches!(
        generate(root.path(), &[ours("a", "2\n")], GENTLE),
        Err(Error::Conflicts { .. })
    ));
    generate(root.path(), &[ours("a", "2\n")], FORCE).unwrap();
    assert_eq!(fs::read_to_string(&victim).unwrap(), "precious\n");
    assert_eq!(tree(root.path())["a"], "2\n");
}

#[test]
fn a_staging_folder_that_is_a_link_is_refused() {
    let (root, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    symlink(outside.path(), root.path().join(".archwright-tmp")).unwrap();
    assert!(generate(root.path(), &[ours("a", "1\n")], GENTLE).is_err());
    assert!(tree(outside.path()).is_empty());
}

#[test]
fn a_lock_cannot_have_files_elsewhere_removed() {
    let root = tempfile::tempdir().unwrap();
    let inner = root.path().join("shop");
    generate(&inner, &[ours("a", "1\n")], GENTLE).unwrap();
    fs::write(root.path().join("victim"), "1\n").unwrap();
    let lock = fs::read_to_string(inner.join("arch.lock"))
        .unwrap()
        .replace("file a ", "file ../victim ");
    fs::write(inner.join("arch.lock"), lock).unwrap();
    assert!(matches!(
        generate(&inner, &[ours("a", "1\n")], FORCE),
        Err(Error::Path { .. })
    ));
    assert!(root.path().join("victim").exists());
}

#[test]
fn folders_and_files_in_each_others_place_are_in_the_way() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("services"), "a file\n").unwrap();
    fs::create_dir(root.path().join("a")).unwrap();
    let plan = [ours("services/x/y", "x\n"), ours("a", "a\n")];
    let result = generate(root.path(), &plan, FORCE);
    assert!(
        matches!(result, Err(Error::Conflicts { count: 2 })),
        "{result:?}"
    );
}

#[test]
fn two_runs_at_once_are_refused() {
    let root = tempfile::tempdir().unwrap();
    let staging = root.path().join(".archwright-tmp");
    fs::create_dir(&staging).unwrap();
    let running = fs::File::create(staging.join("running")).unwrap();
    running.lock().unwrap();
    assert!(matches!(
        generate(root.path(), &[ours("a", "1\n")], GENTLE),
        Err(Error::Busy { .. })
    ));
    drop(running);
    generate(root.path(), &[ours("a", "1\n")], GENTLE).unwrap();
    assert_eq!(tree(root.path()).len(), 2);
}
