//! Whose file is it.

use super::*;
use archwright::workspace::{Conflict, LOCK_NAME};

#[test]
fn a_fresh_folder_gets_everything_and_a_lock() {
    let root = tempfile::tempdir().unwrap();
    let target = root.path().join("new/shop");
    let plan = [
        ours("dev/src/main.rs", "fn main() {}\n"),
        theirs("README.md", "# shop\n"),
        shared("Cargo.toml", "[workspace]\n"),
    ];
    generate(&target, &plan, GENTLE).unwrap();
    let names: Vec<_> = tree(&target).into_keys().collect();
    assert_eq!(
        names,
        [
            "Cargo.toml",
            "README.md",
            "arch.lock",
            "dev/",
            "dev/src/",
            "dev/src/main.rs"
        ]
    );
}

#[test]
fn ours_is_rewritten_theirs_is_not() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    generate(
        root,
        &[
            ours("gen.rs", "const A: u8 = 1;\n"),
            theirs("app.rs", "// yours\n"),
        ],
        GENTLE,
    )
    .unwrap();
    fs::write(root.join("app.rs"), "my work\n").unwrap();
    let actions = generate(
        root,
        &[
            ours("gen.rs", "const A: u8 = 2;\n"),
            theirs("app.rs", "// newer\n"),
        ],
        GENTLE,
    )
    .unwrap();
    assert_eq!(kind(&actions, "gen.rs"), Kind::Update);
    assert_eq!(kind(&actions, "app.rs"), Kind::Keep { offered: true });
    assert_eq!(tree(root)["app.rs"], "my work\n");
    assert_eq!(tree(root)["gen.rs"], "const A: u8 = 2;\n");
}

#[test]
fn an_edit_of_ours_stops_everything_before_the_first_write() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    generate(
        root,
        &[ours("a.txt", "1\n"), ours("z.rs", "const A: u8 = 1;\n")],
        GENTLE,
    )
    .unwrap();
    fs::write(root.join("z.rs"), "const A: u8 = 42;\n").unwrap();
    let before = tree(root);
    let plan = [
        ours("a.txt", "2\n"),
        ours("new.txt", "n\n"),
        ours("z.rs", "const A: u8 = 2;\n"),
    ];
    let reconciled = compare(root, &plan, GENTLE).unwrap();
    let conflicts: Vec<_> = reconciled
        .conflicts()
        .map(|(it, why)| (it.path.as_str(), why))
        .collect();
    assert_eq!(conflicts, [("z.rs", Conflict::Edited)]);
    assert!(matches!(
        generate(root, &plan, GENTLE),
        Err(Error::Conflicts { count: 1 })
    ));
    assert_eq!(tree(root), before);
}

#[test]
fn force_takes_ours_and_keeps_theirs_beside_it() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    generate(root, &[ours("z.rs", "const A: u8 = 1;\n")], GENTLE).unwrap();
    for (round, text) in ["const A: u8 = 42;\n", "const A: u8 = 43;\n"]
        .into_iter()
        .enumerate()
    {
        fs::write(root.join("z.rs"), text).unwrap();
        let actions = generate(root, &[ours("z.rs", "const A: u8 = 2;\n")], FORCE).unwrap();
        assert_eq!(kind(&actions, "z.rs"), Kind::Replace);
        let aside = ["z.rs.orig", "z.rs.orig2"][round];
        assert_eq!(
            (tree(root)["z.rs"].as_str(), tree(root)[aside].as_str()),
            ("const A: u8 = 2;\n", text)
        );
    }
}

#[test]
fn formatting_and_line_ends_are_no_edit() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    let v1 = [
        ours("z.rs", "fn f(a: u8) {}\n"),
        ours("p.proto", "syntax = 3;\nx\n"),
    ];
    generate(root, &v1, GENTLE).unwrap();
    fs::write(root.join("z.rs"), "fn f(\n    a: u8,\n) {\n}\n").unwrap();
    fs::write(root.join("p.proto"), "syntax = 3;\r\nx\r\n").unwrap();
    assert!(compare(root, &v1, GENTLE).unwrap().is_current());
    generate(
        root,
        &[ours("z.rs", "fn g(a: u8) {}\n"), v1[1].clone()],
        GENTLE,
    )
    .unwrap();
    assert_eq!(tree(root)["z.rs"], "fn g(a: u8) {}\n");
}

#[test]
fn a_comment_that_changes_is_written_even_if_the_file_was_formatted() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    generate(root, &[ours("z.rs", "// 1\nfn f() {}\n")], GENTLE).unwrap();
    fs::write(root.join("z.rs"), "// 1\nfn f() {\n}\n").unwrap();
    let actions = generate(root, &[ours("z.rs", "// 2\nfn f() {}\n")], GENTLE).unwrap();
    assert_eq!(kind(&actions, "z.rs"), Kind::Update);
}

#[test]
fn what_is_not_declared_any_more_goes_if_untouched() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    let v1 = [
        ours("a/gen/x.rs", "x\n"),
        theirs("a/app.rs", "a\n"),
        shared("a/Cargo.toml", "[package]\n"),
        theirs("b/app.rs", "b\n"),
        ours("b/x.rs", "x\n"),
    ];
    generate(root, &v1, GENTLE).unwrap();
    fs::write(root.join("b/app.rs"), "my work\n").unwrap();
    let actions = generate(root, &[ours("c", "c\n")], GENTLE).unwrap();
    assert_eq!(kind(&actions, "b/app.rs"), Kind::Leftover);
    let names: Vec<_> = tree(root).into_keys().collect();
    assert_eq!(names, ["arch.lock", "b/", "b/app.rs", "c"]);
    // Once its owner removes it too, it is forgotten.
    fs::remove_file(root.join("b/app.rs")).unwrap();
    generate(root, &[ours("c", "c\n")], GENTLE).unwrap();
    assert!(!tree(root)[LOCK_NAME].contains("b/app.rs"));
    assert!(!root.join("b").exists());
}

#[test]
fn what_its_owner_removed_stays_removed_and_ours_comes_back() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    let plan = [ours("gen.rs", "g\n"), theirs("deploy/x.yaml", "x\n")];
    generate(root, &plan, GENTLE).unwrap();
    fs::remove_dir_all(root.join("deploy")).unwrap();
    fs::remove_file(root.join("gen.rs")).unwrap();
    let actions = generate(root, &plan, GENTLE).unwrap();
    assert_eq!(kind(&actions, "deploy/x.yaml"), Kind::Gone);
    assert_eq!(kind(&actions, "gen.rs"), Kind::Create);
}

#[test]
fn shared_files_are_merged() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    generate(
        root,
        &[shared(
            "Cargo.toml",
            "[dependencies]\na = \"1\"\nb = \"1\"\n",
        )],
        GENTLE,
    )
    .unwrap();
    fs::write(
        root.join("Cargo.toml"),
        "[dependencies]\na = \"1\"\n# mine\nm = \"1\"\nb = \"1\"\n",
    )
    .unwrap();
    let actions = generate(
        root,
        &[shared("Cargo.toml", "[dependencies]\na = \"2\"\n")],
        GENTLE,
    )
    .unwrap();
    assert_eq!(kind(&actions, "Cargo.toml"), Kind::Merge(vec![]));
    assert_eq!(
        tree(root)["Cargo.toml"],
        "[dependencies]\na = \"2\"\n# mine\nm = \"1\"\n"
    );
}

#[test]
fn a_shared_file_that_is_broken_is_in_the_way() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    let plan = [shared("Cargo.toml", "[dependencies]\n")];
    generate(root, &plan, GENTLE).unwrap();
    fs::write(root.join("Cargo.toml"), "[dependencies\n").unwrap();
    assert!(matches!(
        generate(root, &plan, GENTLE),
        Err(Error::Conflicts { count: 1 })
    ));
    generate(root, &plan, FORCE).unwrap();
    assert_eq!(tree(root)["Cargo.toml.orig"], "[dependencies\n");
}

#[test]
fn a_foreign_folder_is_not_overwritten() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    fs::write(root.join("README.md"), "about something else\n").unwrap();
    fs::write(root.join("same.txt"), "same\n").unwrap();
    let before = tree(root);
    let plan = [
        theirs("README.md", "# shop\n"),
        ours("same.txt", "same\n"),
        ours("x", "x\n"),
    ];
    let reconciled = compare(root, &plan, GENTLE).unwrap();
    let conflicts: Vec<_> = reconciled
        .conflicts()
        .map(|(it, why)| (it.path.as_str(), why))
        .collect();
    assert_eq!(conflicts, [("README.md", Conflict::Foreign)]);
    assert!(generate(root, &plan, GENTLE).is_err());
    assert_eq!(tree(root), before);
    generate(root, &plan, FORCE).unwrap();
    assert_eq!(tree(root)["README.md.orig"], "about something else\n");
}

#[test]
fn nothing_is_written_when_nothing_changes() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    let plan = [
        ours("a.rs", "fn f() {}\n"),
        theirs("b.rs", "b\n"),
        shared("Cargo.toml", "[workspace]\n"),
    ];
    generate(root, &plan, GENTLE).unwrap();
    let stamps = |root: &Path| -> Vec<_> {
        tree(root)
            .keys()
            .map(|it| fs::metadata(root.join(it)).unwrap().modified().unwrap())
            .collect()
    };
    let before = stamps(root);
    let root_before = fs::metadata(root).unwrap().modified().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(20));
    generate(root, &plan, GENTLE).unwrap();
    assert_eq!(stamps(root), before);
    assert_eq!(fs::metadata(root).unwrap().modified().unwrap(), root_before);
}

#[test]
fn a_newer_generators_workspace_is_refused() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    generate(root, &[ours("a", "a\n")], GENTLE).unwrap();
    let lock = tree(root)[LOCK_NAME].replace(
        &format!("archwright {}", env!("CARGO_PKG_VERSION")),
        "archwright 99.0.0",
    );
    fs::write(root.join(LOCK_NAME), lock).unwrap();
    assert!(matches!(
        generate(root, &[ours("a", "b\n")], GENTLE),
        Err(Error::NewerLock { .. })
    ));
}
