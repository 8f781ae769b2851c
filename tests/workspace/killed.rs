//! Killed at any moment, the next run finishes the work.

use super::*;
use archwright::workspace::Disk;
use proptest::collection::vec;
use proptest::prelude::*;

/// A disk that dies after so many steps.
struct Mortal {
    folder: Folder,
    steps: usize,
}

impl Mortal {
    fn step(&mut self) -> Result<(), Error> {
        self.steps = self
            .steps
            .checked_sub(1)
            .ok_or(Error::Conflicts { count: 0 })?;
        Ok(())
    }
}

impl Disk for Mortal {
    fn write(&mut self, path: &str, bytes: &[u8]) -> Result<(), Error> {
        self.step()?;
        self.folder.write(path, bytes)
    }

    fn remove(&mut self, path: &str) -> Result<(), Error> {
        self.step()?;
        self.folder.remove(path)
    }

    fn set_aside(&mut self, path: &str) -> Result<(), Error> {
        self.step()?;
        self.folder.set_aside(path)
    }
}

/// The files a drawing may lead to: some of each ownership, in folders that come and go with them.
const PATHS: [(&str, Ownership); 9] = [
    ("Cargo.toml", Ownership::Shared),
    ("a/Cargo.toml", Ownership::Shared),
    ("a/gen/x.rs", Ownership::Ours),
    ("a/gen/y.rs", Ownership::Ours),
    ("a/app.rs", Ownership::Theirs),
    ("b/deep/er/x.proto", Ownership::Ours),
    ("b/app.rs", Ownership::Theirs),
    ("b/Cargo.toml", Ownership::Shared),
    ("docs.md", Ownership::Ours),
];

/// For each path, whether it is planned and with which content.
type Choice = Vec<Option<u8>>;

fn choice() -> impl Strategy<Value = Choice> {
    vec(prop::option::weighted(0.8, 0..3_u8), PATHS.len())
}

fn content(path: &str, version: u8) -> String {
    match path.rsplit('.').next() {
        Some("toml") => format!(
            "[package]\nname = \"n\"\nversion = \"{version}\"\nlist = [\"all\", \"v{version}\"]\n[dependencies]\nd{version} = \"1\"\n"
        ),
        Some("rs") => format!("fn f() -> u8 {{ {version} }}\n"),
        _ => format!("version {version}\n"),
    }
}

fn plan(choice: &Choice) -> Vec<Planned> {
    PATHS
        .iter()
        .zip(choice)
        .filter_map(|((path, ownership), version)| {
            Some(planned(path, *ownership, &content(path, (*version)?)))
        })
        .collect()
}

/// What an owner may do to a file between two runs.
#[derive(Clone, Copy, Debug)]
enum Edit {
    Nothing,
    Append,
    Remove,
    Format,
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let edit = prop_oneof![4 => Just(Edit::Nothing), 1 => Just(Edit::Append), 1 => Just(Edit::Remove), 1 => Just(Edit::Format)];
    vec(edit, PATHS.len())
}

fn edit(root: &Path, edits: &[Edit]) {
    for ((path, _), edit) in PATHS.iter().zip(edits) {
        let path = root.join(path);
        let Ok(text) = fs::read_to_string(&path) else {
            continue;
        };
        match edit {
            Edit::Nothing => {}
            Edit::Append if path.extension().is_some_and(|it| it == "rs") => {
                fs::write(&path, text + "fn mine() {}\n").unwrap()
            }
            Edit::Append => fs::write(&path, text + "# mine\n").unwrap(),
            Edit::Remove => fs::remove_file(&path).unwrap(),
            Edit::Format => {
                fs::write(&path, text.replace("{ ", "{\n    ").replace('\n', "\r\n")).unwrap()
            }
        }
    }
}

fn copy(from: &Path, to: &Path) {
    for (name, text) in tree(from) {
        let path = to.join(&name);
        if name.ends_with('/') {
            fs::create_dir_all(path).unwrap();
        } else {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }
}

/// Starts to bring a folder to a plan and dies after so many steps. Whether it got to the end.
fn die(root: &Path, plan: &[Planned], options: Options, steps: usize) -> bool {
    let Ok(reconciled) = compare(root, plan, options) else {
        return false;
    };
    let folder = Folder::open(root).unwrap();
    apply(&reconciled, &mut Mortal { folder, steps }).is_ok()
}

/// Killed in the middle of one file: what was written aside is of no use to anybody.
#[test]
fn half_a_file_is_cleaned_up() {
    let root = tempfile::tempdir().unwrap();
    let staging = root.path().join(".archwright-tmp");
    fs::create_dir(&staging).unwrap();
    fs::write(staging.join("next"), "half a fi").unwrap();
    fs::create_dir_all(staging.join("fresh/b")).unwrap();
    fs::write(staging.join("fresh/b/c"), "half a fo").unwrap();
    fs::write(staging.join("running"), "").unwrap();
    generate(
        root.path(),
        &[ours("a", "whole\n"), ours("b/d", "whole\n")],
        GENTLE,
    )
    .unwrap();
    assert_eq!(
        tree(root.path()).into_keys().collect::<Vec<_>>(),
        ["a", "arch.lock", "b/", "b/d"]
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// At each step of a regeneration of an edited workspace.
    #[test]
    fn a_killed_run_is_finished_by_the_next(v1 in choice(), v2 in choice(), edits in edits(), force: bool) {
        let (start, straight) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let options = Options { force };
        generate(start.path(), &plan(&v1), GENTLE).unwrap();
        edit(start.path(), &edits);
        copy(start.path(), straight.path());
        let before = tree(straight.path());
        if generate(straight.path(), &plan(&v2), options).is_err() {
            prop_assert_eq!(tree(straight.path()), before, "a refused run wrote something");
            return Ok(());
        }
        let expected = tree(straight.path());
        for steps in 0.. {
            let broken = tempfile::tempdir().unwrap();
            copy(start.path(), broken.path());
            let done = die(broken.path(), &plan(&v2), options, steps);
            generate(broken.path(), &plan(&v2), options).unwrap();
            prop_assert_eq!(tree(broken.path()), expected.clone(), "killed after {} steps", steps);
            if done {
                break;
            }
        }
    }

    /// The drawing changes again after the kill: nothing that we wrote is taken for an edit.
    #[test]
    fn a_killed_run_is_no_edit(v1 in choice(), v2 in choice(), v3 in choice(), steps in 0..12_usize) {
        let root = tempfile::tempdir().unwrap();
        generate(root.path(), &plan(&v1), GENTLE).unwrap();
        die(root.path(), &plan(&v2), GENTLE, steps);
        let result = generate(root.path(), &plan(&v3), GENTLE);
        prop_assert!(result.is_ok(), "{:?}", result);
        for (path, ownership) in PATHS {
            let expected = plan(&v3).into_iter().find(|it| it.path == path);
            if ownership == Ownership::Ours {
                let there = fs::read(root.path().join(path)).ok();
                prop_assert_eq!(there, expected.map(|it| it.bytes), "{}", path);
            }
        }
    }

    /// The first run of all, into a folder that does not exist.
    #[test]
    fn a_killed_first_run_is_finished(v1 in choice(), v2 in choice(), steps in 0..12_usize) {
        let root = tempfile::tempdir().unwrap();
        let target = root.path().join("shop");
        die(&target, &plan(&v1), GENTLE, steps);
        let result = generate(&target, &plan(&v2), GENTLE);
        prop_assert!(result.is_ok(), "{:?}", result);
    }
}
