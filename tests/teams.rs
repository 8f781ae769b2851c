//! What teams need of `lint`: fixes in place, baselines, and formats for their tools.

#[path = "common/run.rs"]
mod run;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use run::Run;
use tempfile::TempDir;

/// A retry in step, and a breaker that never closes again: one safe fix, one suggested.
const SHOP: &str = "service front\nservice orders {\n  api Orders { public = true\n    query find(id: uuid) -> string // all\n  }\n}\n\n\
                    policy herd {\n  retry   = exponential(attempts = 3, jitter = none) // in step\n  breaker = errors(50%)\n}\n\n\
                    front -> orders : grpc with herd\n";

fn lint(folder: &TempDir, arguments: &[&str]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_archwright"));
    command
        .current_dir(folder.path())
        .arg("lint")
        .args(arguments)
        .stdin(Stdio::null());
    command.output().expect("a run").into()
}

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (path, text) in files {
        write(folder.path(), path, text);
    }
    folder
}

fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
    fs::write(path, text).expect("a file");
}

fn read(folder: &TempDir, path: &str) -> String {
    fs::read_to_string(folder.path().join(path)).expect("a file")
}

fn codes(run: &Run) -> Vec<String> {
    let report: serde_json::Value = serde_json::from_str(&run.stdout).expect("JSON");
    let findings = report["findings"].as_array().expect("findings");
    let code = |it: &serde_json::Value| it["code"].as_str().expect("a code").to_owned();
    findings
        .iter()
        .map(code)
        .filter(|it| it != "ARC080")
        .collect()
}

#[test]
fn safe_fixes_are_written_and_comments_stay() {
    let drawings = folder(&[("shop.arch", SHOP)]);
    let run = lint(&drawings, &["--fix", "--format", "json"]);
    assert_eq!(run.status, Some(0), "{}", run.stdout);
    assert_eq!(codes(&run), ["CBR002"]);
    assert!(run.stderr.contains("1 finding fixed"), "{}", run.stderr);
    let fixed = SHOP.replace(", jitter = none)", ")");
    assert_eq!(read(&drawings, "shop.arch"), fixed);
    let again = lint(&drawings, &["--fix"]);
    assert!(
        again.stderr.contains("0 findings fixed"),
        "{}",
        again.stderr
    );
    assert_eq!(read(&drawings, "shop.arch"), fixed);
}

#[test]
fn suggested_fixes_are_shown_first_and_written_on_demand() {
    let drawings = folder(&[("shop.arch", SHOP)]);
    let shown = lint(&drawings, &["--diff", "--unsafe"]);
    assert_eq!(shown.status, Some(1));
    assert!(
        shown
            .stdout
            .contains("+  breaker = errors(50%, cooldown = 5s)\n"),
        "{}",
        shown.stdout
    );
    assert_eq!(read(&drawings, "shop.arch"), SHOP, "nothing is written");
    let run = lint(&drawings, &["--fix", "--unsafe", "--format", "json"]);
    assert_eq!(codes(&run), Vec::<String>::new(), "{}", run.stdout);
    let nothing = lint(&drawings, &["--diff", "--unsafe"]);
    assert_eq!((nothing.status, nothing.stdout.as_str()), (Some(0), ""));
}

#[test]
fn a_diff_shows_no_secret() {
    let drawing = "external bank\nservice shop {\n  api Shop { rate_limit = limit(5/s, per = ip)\n    event paid(Paid) { idempotent = by(id) }\n  }\n}\n\
                   bank -> shop : webhook { signature = stripe(secret = \"hunter22hunter22\") }\ntype Paid { id: string }\n";
    let drawings = folder(&[("shop.arch", drawing)]);
    let shown = lint(&drawings, &["--diff", "--unsafe"]);
    assert!(shown.stdout.contains("+bank -> shop"), "{}", shown.stdout);
    assert!(shown.stdout.contains("secret = env("), "{}", shown.stdout);
    assert!(!shown.stdout.contains("hunter22"), "{}", shown.stdout);
}

#[test]
fn imported_files_are_fixed_in_their_place() {
    let policies = "policy herd { retry = exponential(attempts = 3, jitter = none), breaker = errors(50%, cooldown = 5s) }\n";
    let drawing = "import \"policies.arch\"\nservice a\nservice b\na -> b : grpc with herd\n";
    let drawings = folder(&[("shop.arch", drawing), ("policies.arch", policies)]);
    lint(&drawings, &["shop.arch", "--fix"]);
    assert_eq!(read(&drawings, "shop.arch"), drawing);
    assert_eq!(
        read(&drawings, "policies.arch"),
        policies.replace(", jitter = none", "")
    );
}

#[test]
fn a_baseline_knows_findings_by_what_they_are_about() {
    let drawings = folder(&[("shop.arch", SHOP)]);
    let written = lint(&drawings, &["--write-baseline", "known.json"]);
    assert_eq!(written.status, Some(0), "{}", written.stderr);
    let known = ["--baseline", "known.json", "--format", "json"];
    let report = || codes(&lint(&drawings, &known));
    assert_eq!(report(), Vec::<String>::new());

    // Text that moves, is laid out anew, or names an api that went without saying is the same.
    let moved = format!(
        "// A comment.\n\n{}",
        SHOP.replace("orders : grpc", "orders.Orders\n  : grpc")
    );
    write(drawings.path(), "shop.arch", &moved);
    assert_eq!(report(), Vec::<String>::new());

    // So is what goes to a file of its own.
    let (services, rest) = SHOP.split_at(SHOP.find("policy").expect("the policy"));
    write(drawings.path(), "parts/services.arch", services);
    write(
        drawings.path(),
        "shop.arch",
        &format!("import \"parts/services.arch\"\n{rest}"),
    );
    assert_eq!(report(), Vec::<String>::new());

    // One more edge with the same flaw is news, of its policy and of its retry.
    let more = format!(
        "import \"parts/services.arch\"\n{rest}service late\nlate -> orders : grpc with herd\n"
    );
    write(drawings.path(), "shop.arch", &more);
    assert_eq!(report(), ["RTY003", "CBR002"]);

    // What is gone has to go from the baseline too.
    write(drawings.path(), "parts/services.arch", services);
    write(
        drawings.path(),
        "shop.arch",
        &format!("import \"parts/services.arch\"\n{rest}").replace(", jitter = none", ""),
    );
    assert_eq!(report(), ["ARC096"]);
    let run = lint(&drawings, &["--baseline", "known.json"]);
    assert!(run.stdout.contains("known.json:"), "{}", run.stdout);
    assert_eq!(run.status, Some(0));
    let denied = lint(
        &drawings,
        &["--baseline", "known.json", "--deny", "warning"],
    );
    assert_eq!(denied.status, Some(1));
}

#[test]
fn what_is_no_baseline_is_refused() {
    let drawings = folder(&[
        ("shop.arch", SHOP),
        ("known.json", "{ \"version\": 2, \"findings\": {} }"),
    ]);
    let run = lint(&drawings, &["--baseline", "known.json"]);
    assert_eq!(run.status, Some(2));
    assert!(run.stderr.contains("version 2"), "{}", run.stderr);
    let missing = lint(&drawings, &["--baseline", "nowhere.json"]);
    assert_eq!(missing.status, Some(2));
    write(drawings.path(), "shop.arch", "service a\na -> b : grpc\n");
    let broken = lint(&drawings, &["--write-baseline", "new.json"]);
    assert_eq!(broken.status, Some(2), "{}", broken.stderr);
    assert!(!drawings.path().join("new.json").exists());
}

#[test]
fn fingerprints_stay_when_lines_move() {
    let fingerprints = |text: &str| {
        let drawings = folder(&[("shop.arch", text)]);
        let run = lint(&drawings, &["--format", "sarif"]);
        let log: serde_json::Value = serde_json::from_str(&run.stdout).expect("JSON");
        let results = log["runs"][0]["results"].as_array().expect("results");
        let print = |it: &serde_json::Value| it["partialFingerprints"]["archwright/v1"].to_string();
        results.iter().map(print).collect::<Vec<_>>()
    };
    let before = fingerprints(SHOP);
    assert!(before.len() >= 2);
    let moved = format!("\n\n{}", SHOP.replace("jitter = none", "jitter  =  none"));
    assert_eq!(fingerprints(&moved), before);
    let other = fingerprints(&SHOP.replace("herd", "flock"));
    assert_ne!(other, before);
}

#[test]
fn json_is_what_its_schema_says() {
    let schema: serde_json::Value =
        serde_json::from_str(include_str!("../docs/schemas/lint-report.schema.json"))
            .expect("the schema");
    let schema = jsonschema::validator_for(&schema).expect("a schema");
    let check = |drawings: &TempDir, arguments: &[&str]| {
        let run = lint(drawings, &[&["--format", "json"], arguments].concat());
        let report: serde_json::Value = serde_json::from_str(&run.stdout).expect("JSON");
        let errors: Vec<_> = schema
            .iter_errors(&report)
            .map(|it| it.to_string())
            .collect();
        assert!(errors.is_empty(), "{errors:#?}");
        report
    };
    let report = check(&folder(&[("shop.arch", SHOP)]), &["--explain"]);
    assert!(report["unknown"].is_array());
    let fixes = report["findings"].as_array().expect("findings").iter();
    assert!(
        fixes
            .flat_map(|it| it["fixes"].as_array())
            .any(|it| !it.is_empty())
    );
    check(&folder(&[("broken.arch", "service {\n")]), &[]);
    check(&folder(&[("clean.arch", "type Empty { }\n")]), &[]);
    let mut broken = report;
    broken["findings"][0]["level"] = "fatal".into();
    assert!(!schema.is_valid(&broken), "the schema is really applied");
}

#[test]
fn junit_fails_what_matters() {
    let drawings = folder(&[("a&b.arch", SHOP)]);
    let report = lint(&drawings, &["--format", "junit"]).stdout;
    assert!(report.contains("failures=\"2\""), "{report}");
    assert!(
        report.contains("classname=\"a&amp;b.arch\" name=\"RTY003 at line 9:"),
        "{report}"
    );
    assert!(report.contains("front -&gt; orders"), "{report}");
    let clean = folder(&[("clean.arch", "type Empty { }\n")]);
    let report = lint(&clean, &["--format", "junit"]).stdout;
    assert!(report.contains("tests=\"1\" failures=\"0\""), "{report}");
}

#[test]
fn markdown_is_a_comment_for_a_pull_request() {
    let drawings = folder(&[("shop.arch", SHOP)]);
    let comment = lint(&drawings, &["--format", "markdown"]).stdout;
    assert!(
        comment.starts_with("### archwright: 2 warnings"),
        "{comment}"
    );
    assert!(
        comment.contains(
            "| warning | RTY003 | shop.arch:9 | callers of policy `herd` try again in step |\n"
        ),
        "{comment}"
    );
    assert!(
        comment.contains("- help: write `cooldown = 5s` in it\n"),
        "{comment}"
    );
    assert!(
        !comment.contains("ARC080"),
        "infos are counted only: {comment}"
    );
}

/// The reference in the project is what the program would write now. `archwright reference` writes it anew.
#[test]
fn the_reference_is_current() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference");
    let run: Run = Command::new(env!("CARGO_BIN_EXE_archwright"))
        .args(["reference", "--check", "--output"])
        .arg(&folder)
        .output()
        .expect("a run")
        .into();
    assert_eq!(run.status, Some(0), "{}{}", run.stdout, run.stderr);
    let pages = fs::read_dir(folder.join("rules")).expect("pages").count();
    assert_eq!(pages, archwright::lint::rules().len() + 1);
}

#[test]
fn a_reference_that_is_not_current_is_noticed_and_mended() {
    let folder = tempfile::tempdir().expect("a folder");
    let reference = |arguments: &[&str]| -> Run {
        let mut command = Command::new(env!("CARGO_BIN_EXE_archwright"));
        command
            .current_dir(folder.path())
            .arg("reference")
            .args(arguments);
        command.output().expect("a run").into()
    };
    assert_eq!(reference(&[]).status, Some(0));
    assert_eq!(reference(&["--check"]).status, Some(0));
    let pages = folder.path().join("docs/reference/rules");
    fs::write(pages.join("TMO001.md"), "another text").expect("a page");
    fs::write(pages.join("OLD001.md"), "gone").expect("a page");
    let check = reference(&["--check"]);
    assert_eq!(
        (check.status, check.stdout.as_str()),
        (Some(1), "rules/OLD001.md\nrules/TMO001.md\n")
    );
    assert_eq!(reference(&[]).status, Some(0));
    assert!(!pages.join("OLD001.md").exists());
    assert_eq!(reference(&["--check"]).status, Some(0));
}

/// 300 services over many files: one drawing, whose findings cross files, and beside it a second one.
#[test]
fn many_files_are_one_topology() {
    const TEAMS: usize = 30;
    const EACH: usize = 10;
    let mut root = String::from("system big { title = \"Big\" }\n");
    let mut files: Vec<(String, String)> = Vec::new();
    for team in 0..TEAMS {
        root.push_str(&format!("import \"teams/t{team}.arch\"\n"));
        let mut text = String::from("import \"../policies.arch\"\n");
        for at in 0..EACH {
            text.push_str(&format!(
                "service s{team}_{at} {{ api A {{ public = true\n  query find(id: uuid) -> string\n}} }}\n"
            ));
            // Each calls the one of the next team, which stands in another file; the last ones close a ring.
            let next = (team + 1) % TEAMS;
            text.push_str(&format!(
                "s{team}_{at} -> s{next}_{at} : grpc with shared\n"
            ));
        }
        files.push((format!("teams/t{team}.arch"), text));
    }
    files.push((
        "policies.arch".to_owned(),
        "policy shared { retry = exponential(attempts = 3, jitter = none), breaker = errors(50%, cooldown = 5s) }\n".to_owned(),
    ));
    files.push(("big.arch".to_owned(), root));
    files.push((
        "small/small.arch".to_owned(),
        format!("system small {{ title = \"Small\" }}\n{SHOP}"),
    ));
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    let drawings = folder(&files);
    let run = lint(&drawings, &["--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&run.stdout).expect("JSON");
    assert_eq!(report["summary"]["files"], TEAMS + 3);
    let codes = codes(&run);
    let count = |code: &str| codes.iter().filter(|it| *it == code).count();
    assert_eq!(
        count("TOP001"),
        EACH,
        "each ring goes through all files: {codes:?}"
    );
    // One policy is one cause, in each of the two drawings.
    assert_eq!(count("RTY003"), 2, "{codes:?}");
    let shared = report["findings"].as_array().expect("findings").iter();
    let of_policy = |it: &&serde_json::Value| it["primary"]["file"] == "policies.arch";
    let shared: Vec<_> = shared.filter(of_policy).collect();
    assert!(
        shared
            .iter()
            .any(|it| it["notes"].to_string().contains("300 edges in all")),
        "{shared:#?}"
    );
}

/// One team's file: what it calls stands in the files of others.
const PART: &str = "import \"policies.arch\"\nservice orders { api Orders { public = true\n\
                      query find(id: uuid) -> string via stock.Stock.find\n\
                      command place(id: uuid) { idempotent = true, calls = [payments.Payments.charge, bus.placed, ledger.write] }\n\
                    } }\n\
                    service unused { api Unused { public = true\n  query left() -> int32\n} }\n\
                    front -> orders : grpc\n\
                    orders -> payments.Payments : grpc with herd\n\
                    orders -> payments.Refunds : grpc with herd\n\
                    orders -> stock.Stock : grpc\n\
                    orders -> ledger\n\
                    orders -> bus.placed\n\
                    bus.paid -> orders { group = orders }\n";

#[test]
fn a_part_of_a_system_is_judged_by_what_it_says() {
    let policies = "policy herd { retry = exponential(attempts = 3, jitter = none), breaker = errors(50%, cooldown = 5s) }\n";
    let drawings = folder(&[("orders.arch", PART), ("policies.arch", policies)]);
    let whole = lint(&drawings, &["orders.arch", "--format", "json"]);
    assert_eq!(whole.status, Some(1));
    assert!(
        codes(&whole).contains(&"ARC025".to_owned()),
        "{}",
        whole.stdout
    );
    let part = lint(&drawings, &["orders.arch", "--partial", "--format", "json"]);
    assert_eq!(part.status, Some(0), "{}", part.stdout);
    assert_eq!(codes(&part), ["RTY003"], "{}", part.stdout);
    // What is wrong with the part itself is an error all the same.
    let wrong = PART.replace("with herd", "with flock");
    write(drawings.path(), "orders.arch", &wrong);
    let wrong = lint(&drawings, &["orders.arch", "--partial"]);
    assert_eq!(wrong.status, Some(1), "{}", wrong.stdout);
}
