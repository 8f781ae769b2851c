//! A folder that holds exactly some files, for what is written as a whole.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::error::Error;
use super::folder::write_atomic;

/// Makes a folder hold these files, by paths with forward slashes, and no other ones with their endings. Files that are
/// as they should be are left alone. How many were written or removed.
///
/// # Errors
/// The file system refuses.
pub fn mirror(folder: &Path, files: &BTreeMap<String, String>) -> Result<usize, Error> {
    let mut changed = 0;
    for (path, text) in files {
        let target = folder.join(path);
        if fs::read(&target).is_ok_and(|it| it == text.as_bytes()) {
            continue;
        }
        let parent = target.parent().unwrap_or(folder);
        fs::create_dir_all(parent).map_err(Error::io("create", parent))?;
        write_atomic(&target, text.as_bytes())?;
        changed += 1;
    }
    for path in surplus(folder, files) {
        let target = folder.join(path);
        fs::remove_file(&target).map_err(Error::io("remove", &target))?;
        changed += 1;
    }
    Ok(changed)
}

/// What differs between a folder and the files that it should hold: paths, sorted.
#[must_use]
pub fn differences(folder: &Path, files: &BTreeMap<String, String>) -> Vec<String> {
    let differs = |(path, text): &(&String, &String)| {
        !fs::read(folder.join(path)).is_ok_and(|it| it == text.as_bytes())
    };
    let changed = files.iter().filter(differs).map(|(path, _)| path.clone());
    let mut all: Vec<String> = changed.chain(surplus(folder, files)).collect();
    all.sort();
    all
}

/// Files of a folder that it should not hold, sorted.
fn surplus(folder: &Path, files: &BTreeMap<String, String>) -> Vec<String> {
    let mut found = Vec::new();
    pages(folder, "", &mut found);
    found.retain(|path| !files.contains_key(path));
    found.sort();
    found
}

/// The pages below a folder, by their paths from it; what cannot be read holds none.
fn pages(folder: &Path, below: &str, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = format!("{below}{}", entry.file_name().to_string_lossy());
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => pages(&entry.path(), &format!("{path}/"), found),
            Ok(_) if path.ends_with(".md") => found.push(path),
            _ => {}
        }
    }
}
