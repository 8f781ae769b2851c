//! Files on their way in: what is read, what is refused, and under which path.

use std::path::{Path, PathBuf};

use archwright::source::{Disk, MAX_FILE_BYTES, Memory, Sources, Span, beside};
use archwright::syntax::{load, nearest};

#[test]
fn a_file_is_read_once() {
    let files = Memory::new([("a.arch", "service a")]);
    let mut sources = Sources::default();
    let first = load(&mut sources, &files, Path::new("a.arch"), None).expect("it is there");
    let again = load(&mut sources, &files, Path::new("a.arch"), None).expect("it is there");
    assert_eq!(first, again);
    assert_eq!(sources.file(first).text, "service a");
}

#[test]
fn what_cannot_be_read_says_why() {
    let mut files = Memory::default();
    files
        .0
        .insert(PathBuf::from("latin.arch"), b"title = \"caf\xe9\"".to_vec());
    files
        .0
        .insert(PathBuf::from("huge.arch"), vec![b' '; MAX_FILE_BYTES + 1]);
    files
        .0
        .insert(PathBuf::from("full.arch"), vec![b' '; MAX_FILE_BYTES]);
    let mut sources = Sources::default();
    let importer = sources.add("main.arch", "import \"latin.arch\"");
    let import = Span {
        file: importer,
        start: 0,
        end: 19,
    };
    for (path, code, message) in [
        ("missing.arch", "ARC007", "there is no file `missing.arch`"),
        ("latin.arch", "ARC006", "`latin.arch` is not UTF-8 text"),
        (
            "huge.arch",
            "ARC004",
            "`huge.arch` holds more than 16 MiB, the most that is read",
        ),
    ] {
        let error = load(&mut sources, &files, Path::new(path), Some(import)).expect_err(path);
        assert_eq!((error.code, error.message.as_str()), (code, message));
        if path == "latin.arch" {
            assert_eq!(error.primary.span.start, 12, "the first byte that is none");
            assert_eq!(error.labels[0].span, import);
        } else {
            assert_eq!(error.primary.span, import);
        }
        let error = load(&mut Sources::default(), &files, Path::new(path), None).expect_err(path);
        assert_eq!(error.message, message);
    }
    assert!(load(&mut sources, &files, Path::new("full.arch"), None).is_ok());
}

#[test]
fn files_come_from_disk() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.arch");
    std::fs::write(&path, "service a").expect("written");
    let mut sources = Sources::default();
    let id = load(&mut sources, &Disk, &path, None).expect("it is there");
    assert_eq!(sources.file(id).text, "service a");
    let error = load(&mut sources, &Disk, folder.path(), None).expect_err("a folder is no file");
    assert_eq!(error.code, "ARC007");
}

#[test]
fn imports_lie_beside_their_importer() {
    for (importer, import, expected) in [
        ("main.arch", "types.arch", "types.arch"),
        ("a/main.arch", "./types.arch", "a/types.arch"),
        ("a/b/main.arch", "../types.arch", "a/types.arch"),
        ("a/main.arch", "../../types.arch", "../types.arch"),
        ("../a/main.arch", "../b.arch", "../b.arch"),
        ("/a/main.arch", "b/../c.arch", "/a/c.arch"),
        ("a/main.arch", "/b.arch", "/b.arch"),
    ] {
        assert_eq!(
            beside(Path::new(importer), import),
            PathBuf::from(expected),
            "{importer} {import}"
        );
    }
}

#[test]
fn the_nearest_word_is_found() {
    let words = ["timeout", "retry", "deadline", "throttle", "tls"];
    for (written, expected) in [
        ("timout", Some("timeout")),
        ("tiemout", Some("timeout")),
        ("Timeout", Some("timeout")),
        ("retries", Some("retry")),
        ("tsl", Some("tls")),
        ("x", None),
        ("", None),
        ("deadpool", None),
    ] {
        assert_eq!(nearest(written, words), expected, "{written}");
    }
}
