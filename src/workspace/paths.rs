//! Which paths a workspace may have, on every platform.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::Error;

/// Names that are devices on Windows, with any extension.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "conin$", "conout$"];

/// Longest name of one file or folder in bytes; the bound of every usual file system.
const LONGEST_NAME: usize = 255;

/// Refuses a path that is absolute, leads upwards, or does not mean the same everywhere.
pub(super) fn check(path: &str) -> Result<(), Error> {
    path.split('/')
        .try_for_each(check_name)
        .map_err(|why| Error::Path {
            path: path.to_owned(),
            why,
        })
}

fn check_name(name: &str) -> Result<(), &'static str> {
    let stem = name.split('.').next().unwrap_or(name);
    let numbered = |device: &str| {
        let ends = stem.char_indices().nth(device.len());
        ends.is_some_and(|(at, digit)| {
            stem[..at].eq_ignore_ascii_case(device)
                && is_device_digit(digit)
                && stem.len() == at + digit.len_utf8()
        })
    };
    // What nearly all names are made of.
    let is_plain = |it: u8| it.is_ascii_alphanumeric() || matches!(it, b'.' | b'-' | b'_');
    let is_plain = name.bytes().all(is_plain);
    if name.is_empty() {
        Err("it is absolute, or has an empty part")
    } else if matches!(name, "." | "..") {
        Err("it has `.` or `..` in it")
    } else if !is_plain && name.contains(|it: char| it.is_control() || it.is_whitespace()) {
        Err("it has white space or control characters in it")
    } else if !is_plain && name.contains(['\\', ':', '<', '>', '"', '|', '?', '*']) {
        Err("it has a character in it that not every platform allows")
    } else if name.ends_with('.') {
        Err("a part of it ends with a dot")
    } else if DEVICES.iter().any(|it| stem.eq_ignore_ascii_case(it))
        || numbered("com")
        || numbered("lpt")
    {
        Err("a part of it is the name of a device on Windows")
    } else if name.len() > LONGEST_NAME {
        Err("a part of it is longer than 255 bytes")
    } else {
        Ok(())
    }
}

const fn is_device_digit(character: char) -> bool {
    matches!(character, '1'..='9' | '¹' | '²' | '³')
}

/// Checks all paths of a plan, also against each other: no two may be one where capitals do not count, none may be
/// both a file and a folder.
pub(super) fn check_all<'a>(paths: impl IntoIterator<Item = &'a str>) -> Result<(), Error> {
    let mut spellings = HashMap::<String, &str>::new();
    let mut files = HashSet::new();
    let mut folders = BTreeSet::new();
    for path in paths {
        check(path)?;
        if path == super::LOCK_NAME {
            return Err(Error::Path {
                path: path.to_owned(),
                why: "the lock has that name",
            });
        }
        if !files.insert(path) {
            return Err(Error::Twice {
                path: path.to_owned(),
            });
        }
        let mut part = path;
        loop {
            let spelling = spellings.entry(part.to_lowercase()).or_insert(part);
            if *spelling != part {
                return Err(Error::Collision {
                    first: (*spelling).to_owned(),
                    second: part.to_owned(),
                });
            }
            // A folder once for all that is in it.
            match part.rsplit_once('/') {
                Some((folder, _)) if folders.insert(folder) => part = folder,
                _ => break,
            }
        }
    }
    match folders.into_iter().find(|it| files.contains(it)) {
        Some(folder) => Err(Error::Twice {
            path: folder.to_owned(),
        }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_paths_are_refused() {
        for path in [
            "",
            "/etc/passwd",
            "../up",
            "a/../b",
            "a/./b",
            "a//b",
            "a/",
            "C:/x",
            "a\\b",
            "nul",
            "a/COM1.rs",
            "lpt¹",
            "Aux.toml",
            "a b",
            "a\nb",
            "a.",
            "a\u{7}",
            "x?",
            "arch.lock",
        ] {
            assert!(check_all([path]).is_err(), "{path:?}");
        }
        assert!(check(&"x".repeat(256)).is_err());
    }

    #[test]
    fn usual_paths_are_taken() {
        for path in [
            ".github/workflows/ci.yml",
            "services/com/src/lib.rs",
            "com10",
            "console/nulls.rs",
            "größe/ж.rs",
        ] {
            assert!(check(path).is_ok(), "{path}");
        }
    }

    #[test]
    fn paths_that_meet_are_refused() {
        assert!(matches!(
            check_all(["a/b", "a/b"]),
            Err(Error::Twice { .. })
        ));
        assert!(matches!(
            check_all(["a/B", "a/b"]),
            Err(Error::Collision { .. })
        ));
        assert!(matches!(
            check_all(["A/x", "a/y"]),
            Err(Error::Collision { .. })
        ));
        assert!(matches!(
            check_all(["a/b/c", "a"]),
            Err(Error::Twice { .. })
        ));
        assert!(check_all(["a/b", "a/c", "ab"]).is_ok());
    }
}
