//! Good drawings of the article's six patterns: whole, clean under the strictest profile, and each flaw that is put into
//! them is found where it is, and nothing else.

#[path = "ui/common.rs"]
mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use archwright::diagnostic::render::human;
use archwright::diagnostic::{Diagnostic, Level};
use archwright::lint::{Options, Profile};
use archwright::model::attributes::Pattern;
use archwright::model::resolve::resolve;
use archwright::source::{Memory, Sources};
use archwright::topology::Topology;
use common::{findings, findings_with, today};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/drawings/patterns")
}

fn drawing(name: &str) -> String {
    fs::read_to_string(folder().join(name).with_extension("arch")).expect("a drawing")
}

/// What fails a run under the strict profile.
fn strict(name: &str, text: &str) -> (Sources, Vec<Diagnostic>) {
    let options = Options {
        profile: Some(Profile::Strict),
        ..Options::on(today())
    };
    let (sources, mut found) = findings_with(name, text, &options);
    found.retain(|it| it.level >= Level::Warning);
    (sources, found)
}

fn report(sources: &Sources, found: &[Diagnostic]) -> String {
    found.iter().map(|it| human(it, sources, false)).collect()
}

#[test]
fn good_drawings_are_clean_under_the_strict_profile() {
    for pattern in Pattern::ALL {
        let (sources, found) = strict(pattern.name(), &drawing(pattern.name()));
        assert!(found.is_empty(), "{pattern}:\n{}", report(&sources, &found));
        let usual = findings(pattern.name(), &drawing(pattern.name())).1;
        assert!(
            usual.iter().all(|it| it.level == Level::Info),
            "{pattern}: {usual:?}"
        );
    }
}

#[test]
fn good_drawings_have_their_pattern_and_everything_that_it_needs() {
    for pattern in Pattern::ALL {
        let mut sources = Sources::default();
        let root = sources.add(pattern.name(), drawing(pattern.name()));
        let resolution = resolve(&mut sources, root, &Memory::default(), None);
        let model = resolution.model.expect("a model");
        let found = Topology::new(&model).pattern(*pattern, None);
        assert!(
            (found.score() - 1.0).abs() < f64::EPSILON,
            "{pattern}: {:?}",
            found.shares
        );
        assert_eq!(found.missing, [], "{pattern}");
        for condition in &found.conditions {
            assert_eq!(condition.gaps, [], "{pattern}: {}", condition.what);
        }
    }
}

#[test]
fn a_drawing_of_one_service_has_no_pattern() {
    let mut sources = Sources::default();
    let root = sources.add(
        "one.arch",
        "client web : browser\nservice a\nweb -> a : rest\n",
    );
    let resolution = resolve(&mut sources, root, &Memory::default(), None);
    let model = resolution.model.expect("a model");
    for found in Topology::new(&model).patterns(None) {
        assert!(found.score() < 0.3, "{found:?}");
        assert!(!found.missing.is_empty(), "{found:?}");
    }
}

/// A flaw of the file: what is replaced by what, and what is found where.
struct Flaw {
    drawing: String,
    what: String,
    /// Lines that go, and lines that come.
    hunks: Vec<(Vec<String>, Vec<String>)>,
    code: String,
    line: String,
}

fn flaws() -> Vec<Flaw> {
    let text = fs::read_to_string(folder().join("flaws.txt")).expect("the flaws");
    let blocks = text.split("\n\n").skip(1);
    blocks.map(|block| flaw(block.trim_end())).collect()
}

fn flaw(block: &str) -> Flaw {
    let mut lines = block.lines();
    let (drawing, what) = lines
        .next()
        .and_then(|it| it.split_once(": "))
        .expect("a drawing and a name");
    let mut flaw = Flaw {
        drawing: drawing.to_owned(),
        what: what.to_owned(),
        hunks: Vec::new(),
        code: String::new(),
        line: String::new(),
    };
    for line in lines {
        let (mark, rest) = line.split_at(1);
        let rest = rest.strip_prefix(' ').unwrap_or(rest).to_owned();
        match mark {
            "-" => match flaw.hunks.last_mut() {
                Some((gone, come)) if come.is_empty() => gone.push(rest),
                _ => flaw.hunks.push((vec![rest], Vec::new())),
            },
            "." => flaw.hunks.push((Vec::new(), Vec::new())),
            "+" => flaw.hunks.last_mut().expect("lines that go").1.push(rest),
            "=" => {
                let (code, place) = rest.split_once(' ').expect("a code and a line");
                (flaw.code, flaw.line) = (code.to_owned(), place.to_owned());
            }
            _ => panic!("{what}: {line}"),
        }
    }
    flaw
}

/// The drawing with the flaw in it.
fn flawed(flaw: &Flaw) -> String {
    let text = drawing(&flaw.drawing);
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for (gone, come) in &flaw.hunks {
        let places: Vec<usize> = (0..lines.len())
            .filter(|at| lines[*at..].starts_with(gone))
            .collect();
        let [at] = places.as_slice() else {
            panic!(
                "{}: {}: found {} times: {gone:?}",
                flaw.drawing,
                flaw.what,
                places.len()
            );
        };
        lines.splice(at..&(at + gone.len()), come.iter().cloned());
    }
    lines.join("\n") + "\n"
}

#[test]
fn each_flaw_raises_its_rule_alone_and_in_its_place() {
    let flaws = flaws();
    assert!(flaws.len() >= 30, "{} flaws", flaws.len());
    let drawings: BTreeSet<&str> = flaws.iter().map(|it| it.drawing.as_str()).collect();
    assert!(drawings.len() >= 5, "{drawings:?}");
    let mut wrong = Vec::new();
    for flaw in &flaws {
        let text = flawed(flaw);
        let (sources, found) = strict(&flaw.drawing, &text);
        let raised: Vec<(&str, String)> = found
            .iter()
            .map(|it| {
                let span = it.primary.span;
                let line = sources.file(span.file).position(span.start).0;
                let line = text.lines().nth(line - 1).unwrap_or_default();
                (it.code, line.trim().to_owned())
            })
            .collect();
        if raised != [(flaw.code.as_str(), flaw.line.clone())] {
            wrong.push(format!(
                "{}: {}: expected {} at {}, raised\n{}",
                flaw.drawing,
                flaw.what,
                flaw.code,
                flaw.line,
                report(&sources, &found)
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn patterns(drawing: &Path, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_archwright"))
        .arg("patterns")
        .arg(drawing)
        .args(arguments)
        .output()
        .expect("the command runs");
    assert_eq!(output.status.code(), Some(0));
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn the_command_tells_how_far_a_pattern_is_there_and_what_is_missing() {
    let whole = patterns(&folder().join("rest_gateway_grpc_mesh.arch"), &[]);
    assert!(
        whole.contains("(rest_gateway_grpc_mesh): 100%, declared"),
        "{whole}"
    );
    assert!(whole.contains("mesh     catalog, orders"), "{whole}");
    let flaws = flaws();
    let keeps = flaws
        .iter()
        .find(|it| it.what == "the gateway keeps data of its own");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("flawed.arch");
    fs::write(&path, flawed(keeps.expect("the flaw"))).expect("the drawing is written");
    let text = patterns(&path, &[]);
    assert!(text.contains("no   the gateway owns no data"), "{text}");
    assert!(text.contains("`front -> front_db`"), "{text}");
    assert!(text.contains("not there: 7.2 REST + Kafka"), "{text}");
    let json: serde_json::Value =
        serde_json::from_str(&patterns(&path, &["--format", "json"])).expect("json");
    let first = &json[0];
    assert_eq!(
        (&first["standing"], &first["score"]),
        (&"declared".into(), &1.0.into()),
        "{json:#}"
    );
    let broken = first["conditions"]
        .as_array()
        .expect("conditions")
        .iter()
        .find(|it| it["holds"] == false);
    assert_eq!(
        broken.expect("a condition that does not hold")["rule"],
        serde_json::Value::Null
    );
    assert_eq!(json[1]["standing"], "absent");
    assert_ne!(json[1]["missing"].as_array().map(Vec::len), Some(0));
}

#[test]
fn a_zone_can_declare_a_pattern_of_its_own() {
    let drawing = "system s { title = \"S\" }\nservice other\nzone shop : internal { pattern = async_queues\n  service a\n}\nother -> a : grpc\n";
    let (sources, found) = strict("zone.arch", drawing);
    let told = found.iter().filter(|it| it.code == "TOP011").count();
    assert_eq!(told, 1, "{}", report(&sources, &found));
}
