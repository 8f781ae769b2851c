//! The forms of a report: read them as their readers would.

#[path = "render/schema.rs"]
mod schema;

use archwright::diagnostic::render::{Counts, RuleInfo, github, human, json, sarif, summary};
use archwright::diagnostic::{Diagnostic, Edit, Fix, Level, Safety};
use archwright::source::{Sources, Span};

const SHOP: &str =
    "zone edge : dmz {\n  service front : gateway\n}\nservice orders\nfront -> orders\n";
const POLICIES: &str = "policy steady {\n  timeout = 5s\n}\n";

/// Two files and a finding that has everything a finding can have.
fn sample() -> (Sources, Vec<Diagnostic>) {
    let mut sources = Sources::default();
    let shop = sources.add("drawings/shop.arch", SHOP);
    let policies = sources.add("drawings/policies.arch", POLICIES);
    let span = |file, text: &str, part: &str| {
        let start = text.find(part).expect("the part stands in the text") as u32;
        Span {
            file,
            start,
            end: start + part.len() as u32,
        }
    };
    let edge = span(shop, SHOP, "front -> orders");
    let end = Span {
        start: edge.end,
        ..edge
    };
    let mut first = Diagnostic::new(
        "TMO001",
        Level::Error,
        "`front -> orders` has no protocol",
        edge,
    )
    .here("this edge")
    .label(span(shop, SHOP, "edge"), "starts in this zone")
    .label(
        span(policies, POLICIES, "timeout = 5s"),
        "the policy sets it here",
    )
    .note("two lines\nof a note: 100%")
    .help("say how it travels, e.g. `: grpc`");
    first.fixes.push(Fix {
        title: "let it travel over gRPC".into(),
        edits: vec![Edit {
            span: end,
            replacement: " : grpc".into(),
        }],
        safety: Safety::Suggested,
    });
    let second = Diagnostic::new(
        "ARC001",
        Level::Info,
        "at the very end",
        Span {
            start: SHOP.len() as u32,
            end: SHOP.len() as u32,
            file: shop,
        },
    );
    (sources, vec![first, second])
}

#[test]
fn people_see_every_place_and_the_patch() {
    let (sources, findings) = sample();
    let text = human(&findings[0], &sources, false);
    assert_eq!(text, include_str!("render/finding.txt"));
    let end = human(&findings[1], &sources, false);
    assert!(end.starts_with("info[ARC001]: at the very end\n"), "{end}");
}

#[test]
fn colours_only_when_asked_for() {
    let (sources, findings) = sample();
    assert!(human(&findings[0], &sources, true).contains('\u{1b}'));
    assert!(!human(&findings[0], &sources, false).contains('\u{1b}'));
}

#[test]
fn nothing_in_a_drawing_drives_the_terminal() {
    let mut sources = Sources::default();
    let text = "title \u{1b}[31m \u{9b}31m \u{202e}txet \u{7}\n";
    let file = sources.add("a\u{1b}[2J.arch", text);
    let at = Span {
        file,
        start: 0,
        end: text.len() as u32 - 1,
    };
    let finding = Diagnostic::new("ARC001", Level::Error, "bad \u{1b}[31m\u{9b}m", at)
        .here("here \u{1b}[0m")
        .note("note \u{1b}]0;x\u{7}")
        .help("help \u{9d}");
    let text = human(&finding, &sources, false);
    let controls: Vec<_> = text
        .chars()
        .filter(|it| (it.is_control() && *it != '\n') || *it == '\u{202e}')
        .collect();
    assert!(controls.is_empty(), "{controls:?} in {text}");
}

#[test]
fn far_labels_do_not_show_what_lies_between() {
    let mut sources = Sources::default();
    let text = format!(
        "service a\n{}service b\n",
        "// filler line\n".repeat(50_000)
    );
    let file = sources.add("big.arch", text.clone());
    let last = text.len() as u32 - 10;
    let finding = Diagnostic::new(
        "ARC001",
        Level::Error,
        "twice",
        Span {
            file,
            start: last,
            end: last + 9,
        },
    )
    .label(
        Span {
            file,
            start: 0,
            end: 9,
        },
        "first",
    );
    let text = human(&finding, &sources, false);
    assert!(
        text.contains("50002 | service b") && text.contains("1 | service a"),
        "{text}"
    );
    assert!(text.lines().count() < 14, "{text}");
}

#[test]
fn the_last_line_counts() {
    let counts = |errors, warnings, infos| Counts {
        errors,
        warnings,
        infos,
    };
    assert_eq!(summary(counts(0, 0, 0), 1), "no findings in 1 file");
    assert_eq!(summary(counts(2, 0, 0), 3), "2 errors in 3 files");
    assert_eq!(
        summary(counts(1, 2, 0), 1),
        "1 error and 2 warnings in 1 file"
    );
    assert_eq!(
        summary(counts(1, 2, 3), 2),
        "1 error, 2 warnings and 3 infos in 2 files"
    );
}

#[test]
fn json_says_where_and_what() {
    let (sources, findings) = sample();
    let report: serde_json::Value =
        serde_json::from_str(&json(&findings, None, &sources, 2).unwrap()).unwrap();
    assert_eq!(report["version"], 1);
    assert_eq!(
        report["summary"],
        serde_json::json!({ "errors": 1, "warnings": 0, "infos": 1, "files": 2 })
    );
    let first = &report["findings"][0];
    assert_eq!(first["code"], "TMO001");
    assert_eq!(first["primary"]["file"], "drawings/shop.arch");
    assert_eq!(
        (&first["primary"]["line"], &first["primary"]["end_column"]),
        (&5.into(), &16.into())
    );
    assert_eq!(first["labels"][1]["file"], "drawings/policies.arch");
    assert_eq!(first["fixes"][0]["edits"][0]["replacement"], " : grpc");
}

#[test]
fn github_commands_are_one_line_each() {
    let (sources, findings) = sample();
    assert_eq!(
        github(&findings[0], &sources),
        "::error file=drawings/shop.arch,line=5,endLine=5,col=1,endColumn=16,title=TMO001::`front -> orders` has no protocol\
         %0Anote: two lines%0Aof a note: 100%25%0Ahelp: say how it travels, e.g. `: grpc`%0Ahelp: let it travel over gRPC\n"
    );
}

fn rules() -> Vec<RuleInfo> {
    vec![RuleInfo {
        code: "TMO001",
        name: "missing-timeout".into(),
        summary: "A call without a timeout".into(),
        help: "# why".into(),
        level: Level::Error,
    }]
}

#[test]
fn sarif_is_valid_against_the_official_schema() {
    let schema = schema::sarif();
    let (sources, findings) = sample();
    let log: serde_json::Value =
        serde_json::from_str(&sarif(&findings, &sources, &rules()).unwrap()).unwrap();
    let errors: Vec<_> = schema.iter_errors(&log).map(|it| it.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let empty: serde_json::Value =
        serde_json::from_str(&sarif(&[], &sources, &rules()).unwrap()).unwrap();
    assert!(schema.is_valid(&empty));
    let results = log["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results[0]["ruleIndex"], 0);
    assert_eq!(
        results[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
        "drawings/shop.arch"
    );
    let mut broken = log.clone();
    broken["runs"][0]["results"][0]["level"] = "fatal".into();
    assert!(!schema.is_valid(&broken), "the schema is really applied");
}

#[test]
fn fingerprints_survive_lines_added_above() {
    let print = |text: &str| {
        let mut sources = Sources::default();
        let file = sources.add("a.arch", text);
        let findings: Vec<_> = text
            .match_indices("x -> y")
            .map(|(at, it)| Span {
                file,
                start: at as u32,
                end: (at + it.len()) as u32,
            })
            .map(|span| Diagnostic::new("TMO001", Level::Error, "m", span))
            .collect();
        let report: serde_json::Value =
            serde_json::from_str(&json(&findings, None, &sources, 1).unwrap()).unwrap();
        report["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["fingerprint"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let before = print("x -> y\nx -> y\n");
    assert_eq!(before, print("// more\n\n  x -> y\nx -> y\n"));
    assert_ne!(before[0], before[1]);
}
