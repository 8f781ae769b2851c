//! A drawing changes: what becomes of what its owner wrote in the meantime.

use super::*;
use archwright::workspace::Ownership::{Ours, Shared, Theirs};
use archwright::{generate as generator, model, source};

/// The files of a drawing under `drawings/`.
fn plan_of(name: &str) -> Vec<Planned> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/workspace/drawings")
        .join(name);
    let mut sources = source::Sources::default();
    let root = source::load(&mut sources, &source::Disk, &path).unwrap();
    let resolved = model::resolve::resolve(&mut sources, root, &source::Disk, None);
    let model = resolved
        .model
        .unwrap_or_else(|| panic!("{:?}", resolved.diagnostics));
    generator::plan(&model).unwrap_or_else(|failure| panic!("{failure}"))
}

fn edit(root: &Path, path: &str, edit: impl Fn(String) -> String) {
    let path = root.join(path);
    let text =
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    fs::write(path, edit(text)).unwrap();
}

#[test]
fn a_changed_drawing_leaves_its_owners_work() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    generate(root, &plan_of("v1.arch"), GENTLE).unwrap();

    let handler = "services/stock/src/handlers/stock.rs";
    edit(root, handler, |text| text + "\n// how we count\n");
    edit(root, "services/prices/src/app.rs", |text| {
        text + "\n// a cache of prices\n"
    });
    edit(root, "services/stock/Cargo.toml", |text| {
        text.replace(
            "[dependencies]\n",
            "[dependencies]\n# for counting\nitoa = \"1\"\n",
        )
    });
    edit(root, "README.md", |_| "# Our market\n".to_owned());
    let before = tree(root);

    let v2 = plan_of("v2.arch");
    let actions = generate(root, &v2, GENTLE).unwrap();
    let after = tree(root);

    for path in [handler, "README.md", "services/prices/src/app.rs"] {
        assert_eq!(after[path], before[path], "{path} is its owner's");
    }
    assert!(after["services/stock/Cargo.toml"].contains("# for counting\nitoa = \"1\""));
    assert!(
        after["Cargo.toml"].contains("services/tariffs")
            && !after["Cargo.toml"].contains("services/prices")
    );
    assert!(after["services/stock/src/generated/api_stock.rs"].contains("fn reserve"));

    assert_eq!(kind(&actions, "services/prices/src/app.rs"), Kind::Leftover);
    let gone: Vec<_> = after
        .keys()
        .filter(|it| it.starts_with("services/prices/"))
        .collect();
    assert_eq!(
        gone,
        [
            "services/prices/",
            "services/prices/src/",
            "services/prices/src/app.rs"
        ],
        "what nobody wrote in is gone"
    );
    for planned in &v2 {
        let there = &after[&planned.path];
        match planned.ownership {
            Ours => assert_eq!(there.as_bytes(), planned.bytes, "{}", planned.path),
            Theirs | Shared => {}
        }
    }
}

#[test]
fn the_same_drawing_gives_the_same_files() {
    assert_eq!(plan_of("v1.arch"), plan_of("v1.arch"));
}

#[test]
fn going_back_is_going_back() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let (v1, v2) = (plan_of("v1.arch"), plan_of("v2.arch"));
    generate(root, &v1, GENTLE).unwrap();
    let first = tree(root);
    generate(root, &v2, GENTLE).unwrap();
    generate(root, &v1, GENTLE).unwrap();
    let back = tree(root);
    for planned in v1.iter().filter(|it| it.ownership != Theirs) {
        assert_eq!(
            back[&planned.path], first[&planned.path],
            "{}",
            planned.path
        );
    }
}
