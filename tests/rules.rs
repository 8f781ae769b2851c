//! The table of rules polices itself: what is documented is true, and what is listed exists.

#[path = "ui/common.rs"]
mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use archwright::diagnostic::render::human;
use archwright::diagnostic::{Diagnostic, Level};
use archwright::lint::{ENGINE, Options, Profile, SECTIONS, limits, rule, rules, unknown_codes};
use common::{findings, today};

#[test]
fn codes_and_names_are_unique_and_sorted() {
    let codes: Vec<_> = rules().iter().map(|rule| rule.code).collect();
    let sorted: BTreeSet<_> = codes.iter().copied().collect();
    assert_eq!(codes, sorted.into_iter().collect::<Vec<_>>());
    let names: BTreeSet<_> = rules().iter().map(|rule| rule.name).collect();
    assert_eq!(names.len(), codes.len());
    for code in codes {
        let (area, number) = code.split_at(3);
        assert!(area.bytes().all(|it| it.is_ascii_uppercase()), "{code}");
        assert!(
            number.len() == 3 && number.bytes().all(|it| it.is_ascii_digit()),
            "{code}"
        );
    }
}

#[test]
fn the_files_are_the_table() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lint/rules");
    let mut files = BTreeSet::new();
    for area in fs::read_dir(folder).expect("the folder of rules") {
        let area = area.expect("an entry").path();
        if !area.is_dir() {
            continue;
        }
        for file in fs::read_dir(&area).expect("an area") {
            let file = file.expect("an entry").path();
            let name = |path: &Path| {
                path.file_stem()
                    .expect("a name")
                    .to_string_lossy()
                    .into_owned()
            };
            files.insert((name(&area), name(&file)));
        }
    }
    let listed: BTreeSet<_> = rules()
        .iter()
        .map(|rule| (rule.area.to_owned(), rule.file.to_owned()))
        .collect();
    assert_eq!(files, listed);
    for rule in rules() {
        assert_eq!(rule.name, rule.file.replace('_', "-"), "{}", rule.code);
    }
}

#[test]
fn the_documentation_is_whole_and_in_order() {
    for rule in rules() {
        let text = rule.markdown();
        let headings: Vec<_> = text
            .lines()
            .filter_map(|line| line.strip_prefix("## "))
            .collect();
        assert_eq!(headings, SECTIONS, "{}", rule.code);
        let documentation = rule.documentation();
        assert_eq!(documentation.title, format!("{} {}", rule.code, rule.name));
        for section in [
            &documentation.what,
            &documentation.why,
            &documentation.bad,
            &documentation.good,
            &documentation.fix,
            &documentation.limits,
        ] {
            assert!(
                !section.trim().is_empty(),
                "{} has an empty section",
                rule.code
            );
        }
        let why = documentation
            .why
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        assert!(
            why.contains("article") && why.contains("section"),
            "{} cites no section",
            rule.code
        );
        assert!(documentation.summary().ends_with('.'), "{}", rule.code);
    }
}

#[test]
fn the_bad_example_raises_its_rule_alone_and_at_its_level() {
    let mut wrong = Vec::new();
    for rule in rules() {
        let (sources, found) = findings("bad.arch", &rule.documentation().bad);
        let grave: Vec<_> = found
            .iter()
            .filter(|it| it.level >= Level::Warning)
            .collect();
        let shown: String = found.iter().map(|it| human(it, &sources, false)).collect();
        let alone = grave.iter().all(|it| it.code == rule.code);
        let raised = |it: &Diagnostic| it.code == rule.code && it.level == rule.level;
        if !alone || !found.iter().any(raised) {
            wrong.push(format!("the bad example of {} raises:\n{shown}", rule.code));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_good_example_raises_nothing() {
    let mut wrong = Vec::new();
    for rule in rules() {
        let (sources, found) = findings("good.arch", &rule.documentation().good);
        let shown: String = found
            .iter()
            .filter(|it| it.code != "ARC080")
            .map(|it| human(it, &sources, false))
            .collect();
        if !shown.is_empty() {
            wrong.push(format!(
                "the good example of {} raises:\n{shown}",
                rule.code
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn examples_differ_by_what_the_rule_is_about() {
    for rule in rules() {
        let documentation = rule.documentation();
        assert_ne!(documentation.bad, documentation.good, "{}", rule.code);
    }
}

#[test]
fn words_of_the_user_find_their_rule() {
    assert_eq!(rule("timeout-inversion").map(|it| it.code), Some("TMO002"));
    assert_eq!(rule("TMO002").map(|it| it.name), Some("timeout-inversion"));
    assert!(rule("TMO").is_none());
    let mut options = Options::on(today());
    options.select = vec!["TMO".into(), "retry-unbounded".into(), "TMO0O2".into()];
    options.ignore = vec!["ARC080".into()];
    assert_eq!(
        unknown_codes(&options),
        ["there is no rule `TMO0O2`; did you mean `TMO002`?"]
    );
}

#[test]
fn selecting_and_ignoring_narrows() {
    let drawing = "service orders\nservice stock\nservice idle\norders -> stock : grpc\nstock -> orders : grpc\n";
    let run = |select: &[&str], ignore: &[&str]| {
        let words = |words: &[&str]| words.iter().map(|it| (*it).to_owned()).collect();
        let options = Options {
            select: words(select),
            ignore: words(ignore),
            ..Options::on(today())
        };
        let found = common::findings_with("narrow.arch", drawing, &options).1;
        let codes = found.into_iter().map(|it| it.code);
        codes.filter(|it| *it != "ARC080").collect::<Vec<_>>()
    };
    assert_eq!(run(&[], &[]), ["TOP006", "TOP001"]);
    assert_eq!(run(&["TOP001"], &[]), ["TOP001"]);
    assert_eq!(run(&["TOP"], &["synchronous-cycle"]), ["TOP006"]);
}

#[test]
fn engine_codes_stay_in_their_range() {
    for it in ENGINE {
        assert!(("ARC080"..="ARC099").contains(&it.code), "{}", it.code);
        assert!(it.text.ends_with('.'), "{}", it.code);
    }
}

#[test]
fn examples_are_clean() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let examples = fs::read_dir(folder.join("examples")).expect("the examples");
    let mut drawings: Vec<_> = examples.map(|it| it.expect("an entry").path()).collect();
    drawings.retain(|it| it.extension().is_some_and(|it| it == "arch"));
    assert!(!drawings.is_empty(), "the examples are gone");
    for drawing in drawings {
        let text = fs::read_to_string(&drawing).expect("a drawing");
        let (sources, found) = findings(&drawing.to_string_lossy(), &text);
        let shown: String = found
            .iter()
            .filter(|it| it.level >= Level::Warning)
            .map(|it| human(it, &sources, false))
            .collect();
        assert!(shown.is_empty(), "{}:\n{shown}", drawing.display());
    }
}

/// A drawing may be as long as it likes: nothing recurses along it.
#[test]
fn long_ways_and_rings_need_no_stack() {
    const LENGTH: usize = 3000;
    for ring in [false, true] {
        let mut text = String::from("client web : browser\nweb -> s0 : rest\n");
        for at in 0..LENGTH {
            text.push_str(&format!("service s{at}\n"));
        }
        for at in 1..LENGTH {
            text.push_str(&format!("s{} -> s{at} : grpc\n", at - 1));
        }
        if ring {
            text.push_str(&format!("s{} -> s0 : grpc\n", LENGTH - 1));
        }
        let mut sources = archwright::source::Sources::default();
        let root = sources.add("long.arch", text);
        let nothing = archwright::source::Memory::default();
        let resolution = archwright::model::resolve::resolve(&mut sources, root, &nothing, None);
        let model = resolution.model.expect("a model");
        let lint = move || archwright::lint::run(&model, &sources, &Options::on(today()));
        let small = std::thread::Builder::new().stack_size(256 * 1024);
        let found = small
            .spawn(lint)
            .expect("a thread")
            .join()
            .expect("no overflow");
        let codes: Vec<_> = found
            .iter()
            .map(|it| it.code)
            .filter(|it| *it != "ARC080")
            .collect();
        assert_eq!(codes, [if ring { "TOP001" } else { "TOP002" }]);
    }
}

/// What an organisation locks in a file of its own holds, and both places are shown.
#[test]
fn locks_of_an_imported_file_hold() {
    let house = "lint locked { TMO001 = error }\nlimits locked { max_timeout = 10s }\n";
    let loader = archwright::source::Memory::new([("house.arch", house)]);
    let text = "import \"house.arch\"\nsystem shop {\n  lint { TMO001 = info }\n  limits { max_timeout = 1m }\n}\n\
                client web : cli\nservice a { api A { public = true, rate_limit = 1/s\n  query q() -> string\n} }\n\
                service b\nweb -> a : rest\na -> b : grpc { timeout = 20s }\n";
    let mut sources = archwright::source::Sources::default();
    let root = sources.add("shop.arch", text.to_owned());
    let resolution = archwright::model::resolve::resolve(&mut sources, root, &loader, None);
    let model = resolution.model.expect("a model");
    let found = archwright::lint::run(&model, &sources, &Options::on(today()));
    let shown: String = found.iter().map(|it| human(it, &sources, false)).collect();
    let locks: Vec<_> = found.iter().filter(|it| it.code == "ARC095").collect();
    assert_eq!(locks.len(), 2, "{shown}");
    for it in locks {
        let place = |span: archwright::source::Span| sources.file(span.file).path.clone();
        assert_eq!(place(it.primary.span), Path::new("shop.arch"), "{shown}");
        assert_eq!(place(it.labels[0].span), Path::new("house.arch"), "{shown}");
    }
    let late = found.iter().find(|it| it.code == "TMO001");
    let late = late.unwrap_or_else(|| panic!("the limit is not 10s: {shown}"));
    assert_eq!(late.level, Level::Warning, "{shown}");
}

#[test]
fn profiles_of_the_command_line_win() {
    let drawing = "service front\nservice stock { api Stock { public = true\n  query left() -> int32\n} }\nfront -> stock : grpc { tls = server }\n";
    let level = |profile| {
        let options = Options {
            profile,
            ..Options::on(today())
        };
        let found = common::findings_with("profile.arch", drawing, &options).1;
        let hop = found.iter().find(|it| it.code == "AUN003");
        hop.map(|it| it.level)
    };
    assert_eq!(level(None), Some(Level::Warning));
    assert_eq!(level(Some(Profile::Strict)), Some(Level::Error));
    assert_eq!(level(Some(Profile::Advisory)), Some(Level::Info));
}

#[test]
fn the_table_of_limits_is_whole() {
    let names: BTreeSet<_> = limits().iter().map(|it| it.name).collect();
    assert_eq!(names.len(), limits().len());
    for limit in limits() {
        let rules = limit.meaning.rsplit_once('(').map_or("", |it| it.1);
        let [area, number] = [rules.get(..3), rules.get(3..6)].map(Option::unwrap_or_default);
        assert!(rules.ends_with(")."), "{} names no rule", limit.name);
        assert!(
            area.bytes().all(|it| it.is_ascii_uppercase()),
            "{}",
            limit.name
        );
        assert!(
            number.bytes().all(|it| it.is_ascii_digit()),
            "{}",
            limit.name
        );
    }
}
