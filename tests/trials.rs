//! Public systems, drawn as they are, and what is found in them: each finding was reviewed by hand, and `docs/trials.md`
//! holds the verdicts. The page is held against what the linter finds now.
//!
//! `BLESS=1` writes the page anew: verdicts that are still about something are kept, new findings get a `?`, which fails
//! until somebody has reviewed them.

#[path = "ui/common.rs"]
mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use common::findings;

/// The drawings, as the page names them, in its order.
const SYSTEMS: [&str; 3] = ["online_boutique", "sock_shop", "petclinic"];

fn page_path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/trials.md")
}

/// What is found: code, level and message. What is built in is no finding, nor is a remark of the resolver.
fn found(system: &str) -> Vec<(String, String, String)> {
    let path = format!(
        "{}/tests/drawings/public/{system}.arch",
        env!("CARGO_MANIFEST_DIR")
    );
    let text = fs::read_to_string(path).expect("a drawing");
    let (_, found) = findings(system, &text);
    let rules = found.into_iter().filter(|it| !it.code.starts_with("ARC"));
    let mut rows: Vec<_> = rules
        .map(|it| {
            let level = format!("{:?}", it.level).to_lowercase();
            (it.code.to_owned(), level, it.message.replace('|', "\\|"))
        })
        .collect();
    rows.sort();
    rows
}

/// The rows of the page by system: code, level, message, verdict, why.
fn reviewed(page: &str) -> BTreeMap<String, Vec<[String; 5]>> {
    let mut reviewed: BTreeMap<String, Vec<[String; 5]>> = BTreeMap::new();
    let mut system = String::new();
    for line in page.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            heading.clone_into(&mut system);
        }
        let cells = line.strip_prefix("| ").and_then(|it| it.strip_suffix(" |"));
        let cells: Vec<&str> = cells
            .map(|it| it.split(" | ").collect())
            .unwrap_or_default();
        if let [code, level, message, verdict, why] = cells.as_slice()
            && *code != "code"
        {
            let row = [code, level, message, verdict, why].map(|it| (*it).to_owned());
            reviewed.entry(system.clone()).or_default().push(row);
        }
    }
    reviewed
}

fn table(system: &str, known: &BTreeMap<String, Vec<[String; 5]>>) -> String {
    let mut table =
        "| code | level | finding | verdict | why |\n|---|---|---|---|---|\n".to_owned();
    for (code, level, message) in found(system) {
        let rows = known.get(system).into_iter().flatten();
        let mut same = rows.filter(|it| it[0] == code && it[2] == message);
        let (verdict, why) = same
            .next()
            .map_or(("?", "?"), |it| (it[3].as_str(), it[4].as_str()));
        table.push_str(&format!(
            "| {code} | {level} | {message} | {verdict} | {why} |\n"
        ));
    }
    table
}

/// `42 findings, 3 of them false: 7%.`
fn share(page: &str) -> String {
    let rows: Vec<[String; 5]> = reviewed(page).into_values().flatten().collect();
    let wrong = rows.iter().filter(|it| it[3] == "false").count();
    let percent = (wrong as f64 * 100.0 / rows.len().max(1) as f64).round();
    format!(
        "{} findings, {wrong} of them false: {percent}%.",
        rows.len()
    )
}

#[test]
fn every_finding_in_public_systems_is_reviewed() {
    let page = fs::read_to_string(page_path()).expect("the page");
    let known = reviewed(&page);
    let (intro, _) = page.split_once("## ").expect("the first system");
    let (before, _) = intro
        .split_once("In all: ")
        .expect("the share of false findings");
    let mut tables = String::new();
    for system in SYSTEMS {
        let (_, rest) = page
            .split_once(&format!("## {system}\n"))
            .expect("a section");
        let (words, _) = rest.split_once("| code").expect("a table");
        tables.push_str(&format!("## {system}\n{words}{}\n", table(system, &known)));
    }
    let expected = format!(
        "{before}In all: {}\n\n{}\n",
        share(&tables),
        tables.trim_end()
    );
    if std::env::var_os("BLESS").is_some() {
        fs::write(page_path(), &expected).expect("the page is written");
    }
    assert!(
        page == expected,
        "docs/trials.md is not what is found now; `BLESS=1` writes it, then review the rows with `?`\n{expected}"
    );
    let verdicts = known.values().flatten().map(|it| it[3].as_str());
    let open = verdicts
        .filter(|it| !["true", "false"].contains(it))
        .count();
    assert_eq!(open, 0, "findings without a verdict");
}

#[test]
fn few_findings_in_public_systems_are_false() {
    let page = fs::read_to_string(page_path()).expect("the page");
    let rows: Vec<[String; 5]> = reviewed(&page).into_values().flatten().collect();
    let wrong = rows.iter().filter(|it| it[3] == "false").count();
    assert!(rows.len() >= 30, "{} findings", rows.len());
    assert!(
        wrong * 5 <= rows.len(),
        "{wrong} of {} are false",
        rows.len()
    );
}
