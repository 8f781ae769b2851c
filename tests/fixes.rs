//! Every fix of every rule's bad example mends what it says, keeps comments, and has nothing left to do afterwards.

#[path = "ui/common.rs"]
mod common;

use archwright::diagnostic::apply::{apply, fix_of};
use archwright::diagnostic::{Diagnostic, Safety};
use archwright::lint::rules;
use archwright::model::resolve::resolve;
use archwright::source::{Memory, Sources};
use archwright::syntax::parse;
use common::findings;

/// Rounds after which a drawing has to be mended.
const ROUNDS: usize = 10;

/// A drawing with a comment on each line that ends an item, and some between.
fn commented(text: &str) -> String {
    let mut commented = String::new();
    for (at, line) in text.lines().enumerate() {
        commented.push_str(&format!("// before {at}\n{line} // after {at}\n"));
    }
    commented
}

fn comments(text: &str) -> Vec<String> {
    let mut sources = Sources::default();
    let file = sources.add("comments.arch", text);
    let parsed = parse(&sources, file);
    assert!(!parsed.has_errors(), "{text}\n{:?}", parsed.diagnostics);
    parsed
        .trivia
        .iter()
        .map(|it| sources.text(it.span).trim_end().to_owned())
        .collect()
}

/// The drawing when nothing can be fixed any more.
fn fixed(text: &str, least: Safety) -> String {
    let mut text = text.to_owned();
    for _ in 0..ROUNDS {
        let (sources, found) = findings("bad.arch", &text);
        let applied = apply(&found, &sources, least);
        let Some((_, changed)) = applied.texts.into_iter().next() else {
            return text;
        };
        text = changed;
    }
    panic!("there is always something left to fix:\n{text}");
}

fn has_fix(found: &[Diagnostic], code: &str, least: Safety) -> bool {
    found
        .iter()
        .any(|it| it.code == code && fix_of(it, least).is_some())
}

#[test]
fn a_fixed_bad_example_no_longer_raises_its_rule() {
    let mut wrong = Vec::new();
    for rule in rules() {
        let bad = rule.documentation().bad;
        for least in [Safety::Safe, Safety::Suggested] {
            for text in [bad.clone(), commented(&bad)] {
                let (_, found) = findings("bad.arch", &text);
                if !has_fix(&found, rule.code, least) {
                    continue;
                }
                let mended = fixed(&text, least);
                let mut sources = Sources::default();
                let root = sources.add("bad.arch", mended.clone());
                let resolution = resolve(&mut sources, root, &Memory::default(), None);
                if resolution.model.is_none() {
                    let why = resolution.diagnostics;
                    wrong.push(format!("{} does not resolve: {why:?}\n{mended}", rule.code));
                    continue;
                }
                let (_, left) = findings("bad.arch", &mended);
                if has_fix(&left, rule.code, least) || left.iter().any(|it| it.code == rule.code) {
                    wrong.push(format!("{} is still raised by\n{mended}", rule.code));
                }
                if comments(&text) != comments(&mended) {
                    wrong.push(format!("{} loses comments:\n{mended}", rule.code));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn fixing_again_changes_nothing() {
    for rule in rules() {
        let bad = rule.documentation().bad;
        for least in [Safety::Safe, Safety::Suggested] {
            let once = fixed(&bad, least);
            assert_eq!(fixed(&once, least), once, "{}", rule.code);
        }
    }
}

#[test]
fn bounds_are_safe_and_controls_are_not() {
    let safety = |code: &str| {
        let rule = archwright::lint::rule(code).expect("the rule");
        let (_, found) = findings("bad.arch", &rule.documentation().bad);
        let found = found.into_iter().find(|it| it.code == code);
        found.expect("a finding").fixes.first().map(|it| it.safety)
    };
    for code in ["RTY001", "RTY002", "RTY003"] {
        assert_eq!(safety(code), Some(Safety::Safe), "{code}");
    }
    for code in ["TRN001", "AUN003", "RTL001", "DLQ001", "CBR001", "TMO001"] {
        assert_eq!(safety(code), Some(Safety::Suggested), "{code}");
    }
}

#[test]
fn nothing_is_safe_on_what_exists() {
    let drawing = |existing: &str| {
        format!(
            "service front {existing}\nservice stock {{\n  api Stock {{ public = true\n    query left() -> int32\n  }}\n}}\n\
             policy herd {{ retry = exponential(attempts = 3, max = 1s, jitter = none), breaker = errors(50%, cooldown = 5s) }}\n\
             front -> stock : grpc with herd {{ tls = mutual, timeout = 1s }}\n"
        )
    };
    let safety = |text: &str| {
        let (_, found) = findings("a.arch", text);
        let found = found.into_iter().find(|it| it.code == "RTY003");
        found.expect("RTY003").fixes[0].safety
    };
    assert_eq!(safety(&drawing("")), Safety::Safe);
    assert_eq!(safety(&drawing("{ existing = true }")), Safety::Suggested);
}

#[test]
fn a_secret_makes_room_for_its_name() {
    let text = "external bank\nservice shop {\n  api Shop { rate_limit = limit(5/s, per = ip)\n    event paid(Paid) { idempotent = by(id) }\n  }\n}\n\
                bank -> shop : webhook { signature = stripe(secret = \"whsec_0123456789abcdef\") }\ntype Paid { id: string }\n";
    let mended = fixed(text, Safety::Suggested);
    assert!(
        mended.contains("stripe(secret = env(\"BANK_SHOP_SHOP_SIGNATURE\"))"),
        "{mended}"
    );
}

#[test]
fn what_has_one_cause_is_mended_by_one_line_there() {
    let drawing = |defaults: &str| {
        format!(
            "zone core : internal {{\n{defaults}  service a {{ existing = true }}\n  service b {{ existing = true }}\n  \
             service c {{ existing = true }}\n  service d {{ existing = true }}\n}}\n\
             a -> b : rest\nb -> c : rest\nc -> d : rest\n"
        )
    };
    for (before, after) in [
        ("", "  defaults { timeout = 2s }\n"),
        (
            "  defaults { tls = mutual } // ours\n",
            "  defaults { tls = mutual, timeout = 2s } // ours\n",
        ),
    ] {
        let (sources, mut found) = findings("bad.arch", &drawing(before));
        found.retain(|it| it.code == "TMO001");
        assert_eq!(found.len(), 1, "one finding for three edges");
        let applied = apply(&found, &sources, Safety::Suggested);
        let texts: Vec<String> = applied.texts.into_values().collect();
        assert_eq!(texts, [drawing(after)]);
        let (_, left) = findings("bad.arch", &texts[0]);
        assert!(left.iter().all(|it| it.code != "TMO001"), "{left:?}");
    }
}
