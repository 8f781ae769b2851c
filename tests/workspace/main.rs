//! What happens to files when a workspace is generated again: ownership, conflicts, being killed, hostile folders.

mod hostile;
mod killed;
mod ownership;
mod regenerate;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use archwright::workspace::{
    Action, Error, Folder, Kind, Options, Ownership, Planned, Reconciled, apply, reconcile,
};

const FORCE: Options = Options { force: true };
const GENTLE: Options = Options { force: false };

fn planned(path: &str, ownership: Ownership, text: &str) -> Planned {
    Planned {
        path: path.to_owned(),
        ownership,
        bytes: text.as_bytes().to_vec(),
        template: "test".to_owned(),
    }
}

fn ours(path: &str, text: &str) -> Planned {
    planned(path, Ownership::Ours, text)
}

fn theirs(path: &str, text: &str) -> Planned {
    planned(path, Ownership::Theirs, text)
}

fn shared(path: &str, text: &str) -> Planned {
    planned(path, Ownership::Shared, text)
}

/// Compares a plan with a folder.
fn compare(root: &Path, plan: &[Planned], options: Options) -> Result<Reconciled, Error> {
    let folder = Folder::open(root)?;
    let lock = folder.lock()?;
    let known: Vec<_> = lock
        .iter()
        .flat_map(|it| it.paths().map(str::to_owned))
        .collect();
    let paths = plan
        .iter()
        .map(|it| it.path.as_str())
        .chain(known.iter().map(String::as_str));
    let view = folder.view(paths)?;
    reconcile(plan.to_vec(), lock, &view, options)
}

/// Brings a folder to a plan, and checks that doing it again does nothing.
fn generate(root: &Path, plan: &[Planned], options: Options) -> Result<Vec<Action>, Error> {
    let reconciled = compare(root, plan, options)?;
    apply(&reconciled, &mut Folder::open(root)?)?;
    let again = compare(root, plan, GENTLE)?;
    assert!(
        again.is_current(),
        "a second run finds work: {:?}",
        again.actions
    );
    Ok(reconciled.actions)
}

fn kind(actions: &[Action], path: &str) -> Kind {
    let action = actions.iter().find(|it| it.path == path);
    action
        .unwrap_or_else(|| panic!("no action for {path}"))
        .kind
        .clone()
}

/// All files and folders (the latter ending in a slash) below a folder.
fn tree(root: &Path) -> BTreeMap<String, String> {
    fn walk(root: &Path, folder: &Path, into: &mut BTreeMap<String, String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path
                .strip_prefix(root)
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned();
            if path.is_symlink() {
                into.insert(
                    name,
                    format!("-> {}", fs::read_link(&path).unwrap().display()),
                );
            } else if path.is_dir() {
                into.insert(name + "/", String::new());
                walk(root, &path, into);
            } else {
                into.insert(name, fs::read_to_string(&path).unwrap());
            }
        }
    }
    let mut all = BTreeMap::new();
    if root.exists() {
        walk(root, root, &mut all);
    }
    all
}
