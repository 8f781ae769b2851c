//! The selection guide: the article's use cases come out as the article says, and `advise` says why.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use archwright::protocol::{Candidate, Criterion, Known, Requirements, rank};

/// One line of the cases: criteria, and who is first and second by how many points.
struct Case {
    name: String,
    requirements: Requirements,
    expected: Vec<(String, i32)>,
}

fn cases() -> Vec<Case> {
    include_str!("selection/cases.txt")
        .lines()
        .filter(|it| !it.is_empty() && !it.starts_with('#'))
        .map(|line| {
            let cells: Vec<&str> = line.split(" | ").collect();
            let [name, criteria, places @ ..] = cells.as_slice() else {
                panic!("a case: {line}")
            };
            let mut requirements = Requirements::default();
            for pair in criteria.split(", ") {
                let (criterion, value) = pair.split_once('=').expect("a criterion and a value");
                let criterion = Criterion::from_name(criterion).expect("a criterion");
                requirements.say(Known::new(criterion, value, "").expect("a value"));
            }
            let place = |it: &&str| {
                let (candidate, score) = it.split_once(' ').expect("a candidate and a score");
                (candidate.to_owned(), score.parse().expect("a score"))
            };
            Case {
                name: (*name).to_owned(),
                requirements,
                expected: places.iter().map(place).collect(),
            }
        })
        .collect()
}

#[test]
fn the_use_cases_of_the_article_come_out_as_it_says() {
    let cases = cases();
    let of_section_7 = cases.iter().filter(|it| it.name.starts_with("7.")).count();
    assert_eq!((cases.len() - of_section_7, of_section_7), (40, 12));
    let mut wrong = Vec::new();
    for case in &cases {
        let ranking = rank(&case.requirements);
        let places: Vec<(String, i32)> = ranking[..2]
            .iter()
            .map(|it| (it.candidate.name().to_owned(), it.score))
            .collect();
        if places != case.expected || ranking[0].is_out || ranking[0].score == ranking[1].score {
            wrong.push(format!(
                "{}: {places:?}, not {:?}",
                case.name, case.expected
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_choice_switches_on_rules_that_there_are() {
    for candidate in Candidate::ALL {
        let rules = candidate.summary().rules;
        assert!(!rules.is_empty(), "{candidate}");
        for code in rules {
            assert!(
                archwright::lint::rule(code).is_some(),
                "{candidate}: {code}"
            );
        }
    }
}

#[test]
fn every_candidate_is_first_somewhere() {
    let firsts: BTreeSet<Candidate> = cases()
        .iter()
        .map(|case| rank(&case.requirements)[0].candidate)
        .collect();
    assert_eq!(firsts.len(), Candidate::ALL.len(), "{firsts:?}");
}

const DRAWING: &str = r#"// who talks with whom
client web   : browser
service front : gateway { api Shop { public = true, rate_limit = 10/s
  query order(id: uuid) -> Order   // looked up
} }
service orders { api Orders { query find(id: uuid) -> Order } }
service mails { api Mails { event sent(Order) } }
broker bus : kafka { topic placed : Order { key = id } }
type Order { id: uuid }

web -> front    // the page asks
front -> orders { timeout = 1s }
orders -> mails
orders -> bus.placed -> mails
"#;

fn archwright(folder: &Path, arguments: &[&str], stdin: Stdio) -> Output {
    Command::new(env!("CARGO_BIN_EXE_archwright"))
        .current_dir(folder)
        .args(arguments)
        .env_remove("CLICOLOR_FORCE")
        .stdin(stdin)
        .output()
        .expect("the command runs")
}

fn advise(arguments: &[&str]) -> (tempfile::TempDir, Output) {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("x.arch"), DRAWING).expect("the drawing is written");
    let output = archwright(
        folder.path(),
        &[&["advise"], arguments].concat(),
        Stdio::null(),
    );
    (folder, output)
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("text")
}

#[test]
fn advice_tells_each_point_with_its_section() {
    let text = stdout(&advise(&["x.arch", "front", "orders"]).1);
    assert!(text.contains("x.arch:12    undecided"), "{text}");
    assert!(text.contains("audience = internal"), "{text}");
    assert!(
        text.contains("gRPC is best inside, where latency and efficiency count (2.2)"),
        "{text}"
    );
    assert!(text.contains("SSE goes one way only (2.6)"), "{text}");
    assert!(text.contains("gRPC: best for"), "{text}");
    assert!(
        text.contains("switches on PRT001 grpc-from-browser"),
        "{text}"
    );
}

#[test]
fn a_tie_is_said_to_be_one_with_what_would_decide() {
    let tie = stdout(&advise(&["x.arch", "web", "front"]).1);
    assert!(tie.contains("a tie of REST and GraphQL"), "{tie}");
    assert!(
        tie.contains("`queries` would decide: flexible gives GraphQL, crud gives REST"),
        "{tie}"
    );
    let decided = stdout(&advise(&["x.arch", "web", "front", "--set", "queries=crud"]).1);
    assert!(decided.contains("REST: best for"), "{decided}");
}

#[test]
fn what_must_be_weighs_twice() {
    let output = advise(&["--must", "replay=yes", "--format", "json"]).1;
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("json");
    let subject = &report["subjects"][0];
    assert_eq!(subject["leaders"][0], "stream", "{report:#}");
    assert_eq!(subject["ranking"][0]["score"], 4);
    let source = &subject["ranking"][0]["points"][0]["sources"][0];
    assert_eq!(source["section"], "2.5");
}

#[test]
fn facts_of_the_drawing_are_criteria() {
    let folder = tempfile::tempdir().expect("a folder");
    let drawing = "service a\nservice b\nservice c\nbroker bus : kafka { topic t : T { key = id, delivery = exactly_once } }\n\
                   type T { id: uuid, blob: bytes }\na -> b : rest { payload = binary, throughput = 5000/s, realtime = true }\n\
                   a -> bus.t\nbus.t -> b { replay = 7d }\nbus.t -> c\n";
    fs::write(folder.path().join("x.arch"), drawing).expect("the drawing is written");
    let arguments = ["advise", "x.arch", "--format", "json"];
    let output = archwright(folder.path(), &arguments, Stdio::null());
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("json");
    let known = |subject: usize| {
        let known = report["subjects"][subject]["known"]
            .as_array()
            .expect("criteria");
        let pairs = known.iter().map(|it| {
            let word = |name: &str| it[name].as_str().expect("a word").to_owned();
            format!("{}={}", word("criterion"), word("value"))
        });
        pairs.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(
        known(0),
        "audience=internal direction=fan_out interaction=async payload=binary ordering=per_key replay=yes \
         delivery=effectively_once"
    );
    assert_eq!(
        known(1),
        "audience=internal timeliness=realtime payload=binary throughput=high"
    );
}

#[test]
fn choices_are_written_where_they_are_clear_and_nothing_else_changes() {
    let (folder, output) = advise(&["x.arch", "--write", "--set", "queries=crud,contract=typed"]);
    let said = String::from_utf8(output.stderr).expect("text");
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("orders -> mails.Mails: left undecided, a message queue takes a broker"),
        "{said}"
    );
    let written = fs::read_to_string(folder.path().join("x.arch")).expect("the drawing");
    let expected = DRAWING
        .replace("web -> front    //", "web -> front : rest    //")
        .replace("front -> orders {", "front -> orders : grpc {");
    assert_eq!(written, expected);
}

#[test]
fn a_drawing_in_canonical_form_stays_in_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("x.arch");
    let drawing = "client web : browser\nservice front\nservice orders { existing = true }\n\nweb            -> front : rest\nfront          -> orders\n";
    fs::write(&path, drawing).expect("the drawing is written");
    archwright(folder.path(), &["fmt", "x.arch"], Stdio::null());
    let arguments = [
        "advise",
        "x.arch",
        "--write",
        "--set",
        "direction=request_response",
    ];
    let output = archwright(folder.path(), &arguments, Stdio::null());
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(
        fs::read_to_string(&path)
            .expect("the drawing")
            .contains("orders : grpc")
    );
    let checked = archwright(folder.path(), &["fmt", "--check", "x.arch"], Stdio::null());
    assert_eq!(checked.status.code(), Some(0), "{}", stdout(&checked));
}

#[test]
fn questions_are_asked_until_it_is_decided() {
    use std::io::Write;
    let folder = tempfile::tempdir().expect("a folder");
    let mut child = Command::new(env!("CARGO_BIN_EXE_archwright"))
        .current_dir(folder.path())
        .args([
            "advise",
            "--ask",
            "--set",
            "audience=browser,direction=request_response",
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command runs");
    let mut stdin = child.stdin.take().expect("standard input");
    stdin.write_all(b"what\nflexible\n").expect("an answer");
    drop(stdin);
    let output = child.wait_with_output().expect("the command ends");
    let asked = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(asked.contains("queries = that is none of them"), "{asked}");
    assert!(
        stdout(&output).contains("GraphQL: best for"),
        "{}",
        stdout(&output)
    );
}

#[test]
fn slips_are_understood_and_other_errors_of_the_drawing_are_told() {
    let said = |arguments: &[&str]| {
        let output = advise(arguments).1;
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).expect("text")
    };
    assert!(said(&["--set", "audiance=browser"]).contains("did you mean `audience`"));
    assert!(said(&["--set", "audience=pages"]).contains("it can be external, browser"));
    assert!(said(&["x.arch", "front", "order"]).contains("did you mean `orders`"));
    assert!(said(&[]).contains("--set audience=browser"));
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("y.arch"), "service a\na -> b\n").expect("the drawing is written");
    let broken = archwright(folder.path(), &["advise", "y.arch"], Stdio::null());
    assert_eq!(broken.status.code(), Some(1));
    assert!(stdout(&broken).contains("error["), "{}", stdout(&broken));
}

#[test]
fn the_table_has_all_eight() {
    let text = stdout(&advise(&["--table"]).1);
    for candidate in Candidate::ALL {
        assert!(text.contains(candidate.summary().best_for), "{candidate}");
    }
    let json: serde_json::Value =
        serde_json::from_slice(&advise(&["--table", "--format", "json"]).1.stdout).expect("json");
    assert_eq!(json.as_array().map(Vec::len), Some(8));
}
