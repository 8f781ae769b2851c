//! The command as its users meet it: what it prints, where, and how it ends.

#[path = "common/run.rs"]
mod run;
#[path = "render/schema.rs"]
mod schema;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use run::Run;
use tempfile::TempDir;

/// A drawing that nothing is wrong with but what is built in.
const CLEAN: &str = "system small { title = \"Small\" }\nclient web : cli\nservice front { api Front { public = true, rate_limit = 50/s\n  query ping2(id: uuid) -> string\n} }\nweb -> front : rest { tls = server }\n";

/// A drawing with an error of the linter: a retry that never ends.
const WRONG: &str = "service a\nservice b\na -> b : grpc { retry = exponential(base = 50ms) }\n";

/// A drawing that cannot be resolved.
const BROKEN: &str = "service a\na -> c : grpc\nservice {\n";

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_archwright"));
    command
        .current_dir(folder)
        .args(arguments)
        .env_remove("CLICOLOR_FORCE")
        .stdin(Stdio::null());
    command
}

fn run(folder: &TempDir, arguments: &[&str]) -> Run {
    command(folder.path(), arguments).output().unwrap().into()
}

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn json(run: &Run) -> serde_json::Value {
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {}", run.stdout))
}

#[test]
fn lint_says_by_its_status_what_it_found() {
    let drawings = folder(&[
        ("clean.arch", CLEAN),
        ("wrong.arch", WRONG),
        ("broken.arch", BROKEN),
    ]);
    let clean = run(&drawings, &["lint", "clean.arch"]);
    assert_eq!(clean.status, Some(0), "{}", clean.stdout);
    let wrong = run(&drawings, &["lint", "wrong.arch"]);
    assert_eq!(wrong.status, Some(1), "{}", wrong.stdout);
    assert!(wrong.stdout.contains("error[RTY001]"), "{}", wrong.stdout);
    assert!(
        wrong.stdout.contains("--> wrong.arch:3:"),
        "{}",
        wrong.stdout
    );
    assert_eq!(run(&drawings, &["lint", "broken.arch"]).status, Some(1));
    assert_eq!(run(&drawings, &["lint", "missing.arch"]).status, Some(2));
    assert_eq!(
        run(&drawings, &["lint", "clean.arch", "--no-such-option"]).status,
        Some(2)
    );
    assert_eq!(run(&folder(&[]), &["lint"]).status, Some(2));
}

#[test]
fn lint_reads_folders_and_several_systems_at_once() {
    let drawings = folder(&[
        (
            "one/one.arch",
            "import \"../shared/policies.arch\"\nsystem one { title = \"1\" }\nservice a\nservice b\na -> b : grpc with calm\n",
        ),
        (
            "two/two.arch",
            "system two { title = \"2\" }\nservice a\nservice b\na -> b : grpc { retry = exponential(base = 50ms) }\n",
        ),
        ("shared/policies.arch", "policy calm { timeout = 1s }\n"),
        ("shared/unused.arch", "type Nothing { id: uuid }\n"),
        ("loose.arch", WRONG),
        (".hidden/x.arch", BROKEN),
        ("target/x.arch", BROKEN),
    ]);
    let found = run(&drawings, &["lint", "--format", "json"]);
    let report = json(&found);
    let errors: Vec<_> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|it| it["level"] == "error")
        .collect();
    let places: Vec<_> = errors
        .iter()
        .map(|it| it["primary"]["file"].as_str().unwrap())
        .collect();
    assert_eq!(places, ["loose.arch", "two/two.arch"], "{}", found.stdout);
    assert_eq!(report["summary"]["files"], 5);
    assert_eq!(found.status, Some(1));
}

#[test]
fn a_file_that_several_systems_import_is_told_of_once() {
    let drawings = folder(&[
        (
            "one.arch",
            "import \"shared.arch\"\nsystem one { title = \"1\" }\nservice a\n",
        ),
        (
            "two.arch",
            "import \"shared.arch\"\nsystem two { title = \"2\" }\nservice a\n",
        ),
        ("shared.arch", "type T { id: uid }\n"),
    ]);
    let report = json(&run(&drawings, &["lint", "--format", "json"]));
    let unknown = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|it| it["code"] == "ARC026")
        .count();
    assert_eq!(unknown, 1, "{report:#}");
}

#[test]
fn rules_can_be_chosen() {
    let drawings = folder(&[("wrong.arch", WRONG)]);
    assert_eq!(
        run(&drawings, &["lint", "--ignore", "RTY", "wrong.arch"]).status,
        Some(0)
    );
    assert_eq!(
        run(&drawings, &["lint", "--select", "TMO", "wrong.arch"]).status,
        Some(0)
    );
    assert_eq!(
        run(
            &drawings,
            &["lint", "--select", "retry-unbounded", "wrong.arch"]
        )
        .status,
        Some(1)
    );
    let unknown = run(&drawings, &["lint", "--select", "RTY01", "wrong.arch"]);
    assert_eq!(unknown.status, Some(2));
    assert!(
        unknown.stderr.contains("did you mean"),
        "{}",
        unknown.stderr
    );
    assert_eq!(
        run(&drawings, &["lint", "--today", "yesterday", "wrong.arch"]).status,
        Some(2)
    );
}

#[test]
fn warnings_fail_where_they_are_denied() {
    let warned = "service a\nservice b\nservice c\na -> b : grpc { tls = off, timeout = 1s }\n";
    let drawings = folder(&[("warned.arch", warned)]);
    let report = json(&run(
        &drawings,
        &["lint", "--format", "json", "warned.arch"],
    ));
    assert_eq!(report["summary"]["errors"], 0, "{report:#}");
    assert_ne!(report["summary"]["warnings"], 0, "{report:#}");
    assert_eq!(run(&drawings, &["lint", "warned.arch"]).status, Some(0));
    assert_eq!(
        run(&drawings, &["lint", "--deny", "warning", "warned.arch"]).status,
        Some(1)
    );
}

#[test]
fn all_formats_hold_the_finding() {
    let drawings = folder(&[("wrong.arch", WRONG)]);
    for format in ["human", "json", "sarif", "github"] {
        let found = run(&drawings, &["lint", "--format", format, "wrong.arch"]);
        assert_eq!(found.status, Some(1), "{format}");
        assert!(
            found.stdout.contains("RTY001"),
            "{format}: {}",
            found.stdout
        );
        assert_eq!(found.stderr, "", "{format}");
    }
    let log = json(&run(
        &drawings,
        &["lint", "--format", "sarif", "wrong.arch"],
    ));
    let schema = schema::sarif();
    let errors: Vec<_> = schema.iter_errors(&log).map(|it| it.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let rules = log["runs"][0]["tool"]["driver"]["rules"]
        .as_array()
        .unwrap();
    assert!(
        rules.iter().all(|it| it["help"]["text"]
            .as_str()
            .is_some_and(|text| text.len() > 40)),
        "{rules:#?}"
    );
}

#[test]
fn what_cannot_be_judged_is_told_on_demand() {
    let drawing = "client web : cli\nservice front\nstore notes : postgres\nweb -> front : rest\nfront -> notes\n";
    let folder = folder(&[("notes.arch", drawing)]);
    let quiet = run(&folder, &["lint", "notes.arch"]);
    assert!(!quiet.stdout.contains("not judged"), "{}", quiet.stdout);
    let human = run(&folder, &["lint", "--explain", "notes.arch"]);
    assert!(
        human
            .stdout
            .contains("notes.arch:3 `notes`: write how secret it is"),
        "{}",
        human.stdout
    );
    let report = json(&run(
        &folder,
        &["lint", "--explain", "--format", "json", "notes.arch"],
    ));
    let unknown = &report["unknown"][0];
    assert_eq!(unknown["code"], "AUN002");
    assert_eq!(unknown["fact"], "data");
    assert_eq!(unknown["subject"], "notes");
    assert_eq!(unknown["line"], 3);
}

#[test]
fn colours_only_where_they_are_wanted() {
    let drawings = folder(&[("wrong.arch", WRONG)]);
    let plain = run(&drawings, &["lint", "wrong.arch"]);
    assert!(!plain.stdout.contains('\u{1b}'));
    let forced = Run::from(
        command(drawings.path(), &["lint", "wrong.arch"])
            .env("CLICOLOR_FORCE", "1")
            .output()
            .unwrap(),
    );
    assert!(forced.stdout.contains('\u{1b}'));
    let refused = command(drawings.path(), &["lint", "wrong.arch"])
        .env("CLICOLOR_FORCE", "1")
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    assert!(!Run::from(refused).stdout.contains('\u{1b}'));
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let many: String = (0..400).map(|it| format!("service s{it}\n")).collect();
    let drawings = folder(&[("many.arch", &many)]);
    let mut child = command(drawings.path(), &["lint", "many.arch"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let run = Run::from(child.wait_with_output().unwrap());
    assert_eq!((run.status, run.stderr.as_str()), (Some(0), ""));
}

#[test]
fn every_code_and_every_rule_can_be_explained() {
    let here = folder(&[]);
    let rules = json(&run(&here, &["rules", "--format", "json"]));
    let rules = rules.as_array().unwrap();
    assert!(rules.len() >= 20);
    for rule in rules {
        for word in ["code", "name"] {
            let explained = run(&here, &["explain", rule[word].as_str().unwrap()]);
            assert_eq!(explained.status, Some(0));
            assert!(explained.stdout.contains(rule["code"].as_str().unwrap()));
        }
    }
    let table = run(&here, &["rules"]).stdout;
    assert!(
        rules
            .iter()
            .all(|it| table.contains(it["code"].as_str().unwrap()))
    );
    for code in codes_in_source() {
        let explained = run(&here, &["explain", &code]);
        assert_eq!(explained.status, Some(0), "{code} is not explained");
    }
    let unknown = run(&here, &["explain", "TMO00"]);
    assert_eq!(unknown.status, Some(2));
    assert!(
        unknown.stderr.contains("did you mean"),
        "{}",
        unknown.stderr
    );
}

/// Every `"ARCnnn"` that the program may write.
fn codes_in_source() -> std::collections::BTreeSet<String> {
    fn walk(folder: &Path, codes: &mut std::collections::BTreeSet<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, codes);
            } else if path.extension().is_some_and(|it| it == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
                let quoted = text
                    .match_indices("\"ARC")
                    .filter_map(|(at, _)| text.get(at + 1..at + 8));
                codes.extend(
                    quoted
                        .filter(|it| it.ends_with('"'))
                        .map(|it| it[..6].to_owned()),
                );
            }
        }
    }
    let mut codes = std::collections::BTreeSet::new();
    walk(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut codes,
    );
    assert!(codes.len() > 40, "{codes:?}");
    codes
}

#[test]
fn an_edge_is_explained_with_its_origins() {
    let drawing = "policy calm { timeout = 700ms }\nservice a\nservice b\ndefaults { deadline = 3s }\na -> b : grpc with calm { bulkhead = 8 }\n";
    let drawings = folder(&[("x.arch", drawing)]);
    let explained = run(&drawings, &["explain", "x.arch", "a", "b"]);
    assert_eq!(explained.status, Some(0), "{}", explained.stderr);
    let line = |name: &str| {
        let line = explained
            .stdout
            .lines()
            .find(|it| it.trim_start().starts_with(name));
        line.unwrap_or_default()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(line("timeout"), "timeout 700ms policy calm x.arch:1");
    assert_eq!(line("bulkhead"), "bulkhead 8 the edge x.arch:5");
    assert_eq!(line("deadline"), "deadline 3s defaults x.arch:4");
    assert_eq!(line("tls"), "tls mutual built in");
    let unknown = run(&drawings, &["explain", "x.arch", "a", "c"]);
    assert_eq!(unknown.status, Some(2));
    assert!(unknown.stderr.contains("`b"), "{}", unknown.stderr);
    assert_eq!(run(&drawings, &["explain", "x.arch", "a"]).status, Some(2));
}

#[test]
fn generate_writes_once_and_then_nothing() {
    let drawings = folder(&[("small.arch", CLEAN)]);
    let dry = run(&drawings, &["generate", "small.arch", "--dry-run"]);
    assert_eq!(dry.status, Some(0), "{}{}", dry.stdout, dry.stderr);
    assert!(dry.stdout.contains("create"), "{}", dry.stdout);
    let checked = run(&drawings, &["generate", "small.arch", "--check"]);
    assert_eq!(checked.status, Some(1));
    assert!(checked.stdout.contains("+++ b/"), "{}", checked.stdout);
    assert!(!drawings.path().join("small").exists(), "neither writes");
    assert!(!drawings.path().join("small.contracts.lock").exists());
    let first = run(&drawings, &["generate", "small.arch"]);
    assert_eq!(first.status, Some(0), "{}{}", first.stdout, first.stderr);
    assert!(drawings.path().join("small/arch.lock").exists());
    let second = run(&drawings, &["generate", "small.arch"]);
    assert!(
        second.stdout.contains("unchanged") && !second.stdout.contains("created"),
        "{}",
        second.stdout
    );
    assert_eq!(
        run(&drawings, &["generate", "small.arch", "--check"]).status,
        Some(0)
    );
}

#[test]
fn generate_refuses_drawings_with_errors() {
    let drawings = folder(&[("wrong.arch", WRONG), ("broken.arch", BROKEN)]);
    for drawing in ["wrong.arch", "broken.arch"] {
        let refused = run(&drawings, &["generate", drawing, "-o", "out"]);
        assert_eq!(refused.status, Some(1));
        assert!(refused.stdout.contains("error["), "{}", refused.stdout);
        assert!(
            refused.stderr.contains("nothing was generated"),
            "{}",
            refused.stderr
        );
        assert!(!drawings.path().join("out").exists());
    }
    assert_eq!(
        run(&drawings, &["generate", "missing.arch"]).status,
        Some(2)
    );
}

#[test]
fn generate_shows_conflicts_and_writes_nothing() {
    let drawings = folder(&[("small.arch", CLEAN)]);
    run(&drawings, &["generate", "small.arch"]);
    let edited = drawings.path().join("small/contracts/src/lib.rs");
    let text = fs::read_to_string(&edited).unwrap() + "\npub fn mine() {}\n";
    fs::write(&edited, &text).unwrap();
    let refused = run(&drawings, &["generate", "small.arch"]);
    assert_eq!(refused.status, Some(1));
    assert!(
        refused.stdout.contains("-pub fn mine() {}"),
        "{}",
        refused.stdout
    );
    assert!(refused.stderr.contains("--force"), "{}", refused.stderr);
    assert_eq!(fs::read_to_string(&edited).unwrap(), text);
    let forced = run(&drawings, &["generate", "small.arch", "--force"]);
    assert_eq!(forced.status, Some(0), "{}", forced.stderr);
    assert!(forced.stdout.contains(".orig"), "{}", forced.stdout);
    assert_eq!(
        fs::read_to_string(edited.with_extension("rs.orig")).unwrap(),
        text
    );
}

/// No edit, branch or lost file ever renumbers the wire.
#[test]
fn lost_numbers_are_missed() {
    let reordered = CLEAN.replace("ping2(id: uuid)", "ping2(zone: string, id: uuid)");
    let drawings = folder(&[("small.arch", CLEAN)]);
    let lock = drawings.path().join("small.contracts.lock");
    let copy = drawings.path().join("small/contracts/contracts.lock");
    let made = run(&drawings, &["generate", "small.arch"]);
    assert_eq!(made.status, Some(0), "{}{}", made.stdout, made.stderr);
    let given = fs::read_to_string(&lock).unwrap();
    assert!(given.contains("FrontPing2Request.id = 1"), "{given}");
    assert_eq!(fs::read_to_string(&copy).unwrap(), given);

    // Nothing is lost while the same numbers come out.
    fs::remove_file(&lock).unwrap();
    assert_eq!(run(&drawings, &["generate", "small.arch"]).status, Some(0));
    assert_eq!(fs::read_to_string(&lock).unwrap(), given);

    fs::remove_file(&lock).unwrap();
    fs::write(drawings.path().join("small.arch"), &reordered).unwrap();
    let refused = run(&drawings, &["generate", "small.arch"]);
    assert_eq!(refused.status, Some(1), "{}", refused.stderr);
    assert_eq!(
        refused.stderr,
        "error: `small.contracts.lock` is gone, and with it the numbers of fields that were given out\n  \
         front.FrontPing2Request.id = 1\n\
         note: what is deployed may use them; the workspace still knows them\n\
         help: bring them back: `git checkout -- small.contracts.lock`, or `cp ./small/contracts/contracts.lock small.contracts.lock`\n\
         help: if nobody uses these numbers yet, `--force` gives them out anew\n"
    );
    assert!(!lock.exists(), "nothing is written");
    assert_eq!(
        run(&drawings, &["generate", "small.arch", "--check"]).status,
        Some(1)
    );

    fs::write(&lock, "# emptied by a merge\n").unwrap();
    let refused = run(&drawings, &["generate", "small.arch"]);
    assert!(
        refused.stderr.contains("does not hold all numbers"),
        "{}",
        refused.stderr
    );

    // What the message says helps.
    fs::copy(&copy, &lock).unwrap();
    assert_eq!(run(&drawings, &["generate", "small.arch"]).status, Some(0));
    let kept = fs::read_to_string(&lock).unwrap();
    assert!(kept.contains("FrontPing2Request.id = 1"), "{kept}");
    assert!(kept.contains("FrontPing2Request.zone = 2"), "{kept}");

    fs::remove_file(&lock).unwrap();
    fs::remove_file(&copy).unwrap();
    let refused = run(&drawings, &["generate", "small.arch"]);
    assert_eq!(refused.status, Some(1), "{}", refused.stderr);
    let forced = run(&drawings, &["generate", "small.arch", "--force"]);
    assert_eq!(forced.status, Some(0), "{}", forced.stderr);
    let anew = fs::read_to_string(&lock).unwrap();
    assert!(anew.contains("FrontPing2Request.zone = 1"), "{anew}");
}

#[test]
fn generate_keeps_out_of_foreign_folders() {
    let drawings = folder(&[
        ("small.arch", CLEAN),
        ("out/Cargo.toml", "[package]\nname = \"mine\"\n"),
    ]);
    let refused = run(&drawings, &["generate", "small.arch", "-o", "out"]);
    assert_eq!(refused.status, Some(1));
    assert!(
        refused.stdout.contains("was not written by archwright"),
        "{}",
        refused.stdout
    );
    assert!(
        refused.stderr.contains("choose another folder"),
        "{}",
        refused.stderr
    );
    let names: Vec<_> = fs::read_dir(drawings.path().join("out")).unwrap().collect();
    assert_eq!(names.len(), 1);
}

#[test]
fn fmt_writes_the_canonical_form() {
    let drawings = folder(&[
        ("a.arch", "service   a\nservice b {   }\na->b:grpc\n"),
        ("broken.arch", BROKEN),
    ]);
    let checked = run(&drawings, &["fmt", "--check", "a.arch"]);
    assert_eq!(checked.status, Some(1), "{}", checked.stderr);
    assert!(
        checked.stdout.contains("+service a\n"),
        "{}",
        checked.stdout
    );
    let piped = fs::File::open(drawings.path().join("a.arch")).unwrap();
    let piped = Run::from(
        command(drawings.path(), &["fmt", "-"])
            .stdin(piped)
            .output()
            .unwrap(),
    );
    assert_eq!(piped.status, Some(0));
    assert_eq!(run(&drawings, &["fmt", "a.arch"]).status, Some(0));
    assert_eq!(
        fs::read_to_string(drawings.path().join("a.arch")).unwrap(),
        piped.stdout
    );
    assert_eq!(
        run(&drawings, &["fmt", "--check", "a.arch"]).status,
        Some(0)
    );
    assert_eq!(run(&drawings, &["fmt", "broken.arch"]).status, Some(1));
    assert_eq!(
        fs::read_to_string(drawings.path().join("broken.arch")).unwrap(),
        BROKEN
    );
    let piped = fs::File::open(drawings.path().join("broken.arch")).unwrap();
    let piped = Run::from(
        command(drawings.path(), &["fmt", "-"])
            .stdin(piped)
            .output()
            .unwrap(),
    );
    assert_eq!((piped.status, piped.stdout.as_str()), (Some(1), ""));
    assert!(piped.stderr.contains("<stdin>"), "{}", piped.stderr);
    assert_eq!(run(&drawings, &["fmt", "missing.arch"]).status, Some(2));
}

#[test]
fn status_needs_a_workspace() {
    let here = folder(&[]);
    let refused = run(&here, &["status"]);
    assert_eq!(refused.status, Some(2));
    assert!(refused.stderr.contains("arch.lock"), "{}", refused.stderr);
}

#[test]
fn help_and_version_are_no_failures() {
    let here = folder(&[]);
    assert_eq!(run(&here, &["--help"]).status, Some(0));
    assert!(
        run(&here, &["--version"])
            .stdout
            .contains(env!("CARGO_PKG_VERSION"))
    );
    for verb in ["lint", "fmt", "explain", "rules", "generate", "status"] {
        let help = run(&here, &[verb, "--help"]);
        assert_eq!(help.status, Some(0));
        assert!(help.stdout.contains("Usage:"), "{verb}");
    }
    let nothing = run(&here, &[]);
    assert_eq!(nothing.status, Some(2));
    assert!(nothing.stderr.contains("Usage:"));
}

#[test]
fn hostile_files_end_in_messages() {
    let deep = "zone a { ".repeat(100_000);
    let cases: [(&str, Vec<u8>); 6] = [
        ("nul.arch", b"service a\0b\n".to_vec()),
        ("bytes.arch", vec![0xff, 0xfe, b'\n']),
        ("deep.arch", deep.into_bytes()),
        ("large.arch", vec![b'a'; 17 * 1024 * 1024]),
        ("escape.arch", "service \u{1b}[31mred\u{9b}31m\n".into()),
        ("no_newline.arch", b"service a\nservice b\na -> b".to_vec()),
    ];
    let here = folder(&[]);
    for (name, bytes) in cases {
        fs::File::create(here.path().join(name))
            .unwrap()
            .write_all(&bytes)
            .unwrap();
        for verb in ["lint", "generate"] {
            let found = run(&here, &[verb, name]);
            assert!(
                matches!(found.status, Some(1 | 2)),
                "{verb} {name}: {:?} {}",
                found.status,
                found.stderr
            );
            assert!(
                found.stdout.contains("error["),
                "{verb} {name}: {}",
                found.stdout
            );
            assert!(
                !found.stdout.contains(['\u{1b}', '\u{9b}', '\0']),
                "{verb} {name}"
            );
        }
    }
}

#[test]
fn the_readme_shows_what_is_printed() {
    let readme = include_str!("../README.md");
    let block = |start: &str| {
        readme
            .split(start)
            .nth(1)
            .unwrap()
            .split("```")
            .next()
            .unwrap()
    };
    let drawings = folder(&[("shop.arch", block("```arch\n"))]);
    let found = run(&drawings, &["lint", "shop.arch"]);
    assert!(
        found
            .stdout
            .contains(block("$ archwright lint shop.arch\n")),
        "{}",
        found.stdout
    );
    let help = run(&drawings, &["--help"]).stdout;
    for line in help
        .lines()
        .filter(|it| it.starts_with("  ") && !it.contains("help"))
    {
        let verb = line.split_whitespace().next().unwrap();
        assert!(
            verb.starts_with('-') || readme.contains(&format!("| `archwright {verb}")),
            "{verb} is not in the README"
        );
    }
}
