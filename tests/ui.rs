//! Drawings with the findings that they must raise written in them: `//~ CODE level` at the end of the line of a finding's
//! place, or on a line of its own below it with a `^` for each line up. Nothing else may be raised; what is built in
//! (ARC080) is left out unless a drawing speaks of it.
//!
//! Where a `.txt` stands beside a drawing, it holds the whole report, word for word. `BLESS=1` writes it anew.

#[path = "ui/common.rs"]
mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use archwright::diagnostic::render::human;
use common::findings;

/// Line, code and level.
type Expected = BTreeMap<(usize, String, String), usize>;

#[test]
fn drawings_raise_what_they_say() {
    let mut failures = Vec::new();
    let cases = cases();
    assert!(cases.len() > 20, "the drawings are gone");
    for case in cases {
        let name = case
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        let text = fs::read_to_string(&case).expect("a drawing");
        let (sources, found) = findings(&name, &text);
        let spoken = text.contains("ARC080");
        let found: Vec<_> = found
            .into_iter()
            .filter(|it| it.code != "ARC080" || spoken)
            .collect();
        let mut raised = Expected::new();
        for it in &found {
            let line = sources
                .file(it.primary.span.file)
                .position(it.primary.span.start)
                .0;
            let level = format!("{:?}", it.level).to_lowercase();
            *raised.entry((line, it.code.to_owned(), level)).or_default() += 1;
        }
        let expected = expected(&text);
        let secrets = found.iter().filter(|it| it.code == "SEC001");
        let shown = sources.masked(secrets.map(|it| it.primary.span));
        let report: String = found.iter().map(|it| human(it, &shown, false)).collect();
        if raised != expected {
            failures.push(format!(
                "{name}\n expected {expected:?}\n raised   {raised:?}\n{report}"
            ));
        }
        let snapshot = case.with_extension("txt");
        if std::env::var_os("BLESS").is_some() && snapshot.exists() {
            fs::write(&snapshot, &report).expect("the report is written");
        } else if snapshot.exists() && fs::read_to_string(&snapshot).expect("a report") != report {
            failures.push(format!(
                "{name}: the report is not what {} says:\n{report}",
                snapshot.display()
            ));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ui");
    let mut cases: Vec<PathBuf> = fs::read_dir(folder)
        .expect("the folder of drawings")
        .map(|it| it.expect("an entry").path())
        .filter(|it| it.extension().is_some_and(|it| it == "arch"))
        .collect();
    cases.sort();
    cases
}

fn expected(text: &str) -> Expected {
    let mut expected = Expected::new();
    for (at, line) in text.lines().enumerate() {
        let Some((_, comment)) = line.split_once("//~") else {
            continue;
        };
        let up = comment.bytes().take_while(|it| *it == b'^').count();
        for finding in comment.trim_start_matches('^').split(',') {
            let (code, level) = finding.trim().split_once(' ').expect("a code and a level");
            *expected
                .entry((at + 1 - up, code.to_owned(), level.to_owned()))
                .or_default() += 1;
        }
    }
    expected
}
