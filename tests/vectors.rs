//! The catalogue's own vectors of its graph rules: small drawings that must raise a rule, or must not, and six good
//! designs with flaws put into them one at a time.
//!
//! Where the language means something else than the catalogue's sketch, the line says why. What nothing declares is
//! assumed, and one level milder, so most vectors declare what calls what.

#[path = "ui/common.rs"]
mod common;
#[path = "vectors/designs.rs"]
mod designs;
#[path = "vectors/small.rs"]
mod small;

use std::collections::BTreeSet;

use archwright::diagnostic::Level;
use archwright::diagnostic::render::human;
use archwright::lint::Options;
use common::{findings, findings_with, today};

/// The rules that the vectors are about; others may find what they like.
const RULES: &[&str] = &[
    "AUN002", "AUZ003", "DLQ004", "PRT004", "PRT005", "RES002", "RES003", "RTY005", "TMO002",
    "TMO005", "TOP001", "TOP003", "TOP004", "WHK007",
];

/// What the rules find in a drawing, from warnings on: `RTY005 error`, and the whole report.
fn raised(name: &str, drawing: &str) -> (BTreeSet<String>, String) {
    let options = Options {
        select: RULES.iter().map(|it| (*it).to_owned()).collect(),
        ..Options::on(today())
    };
    let (sources, found) = findings_with(name, drawing, &options);
    let report = found.iter().map(|it| human(it, &sources, false)).collect();
    let grave = found.iter().filter(|it| it.level >= Level::Warning);
    let raised = grave
        .map(|it| format!("{} {:?}", it.code, it.level).to_lowercase())
        .collect();
    (raised, report)
}

#[test]
fn small_drawings_raise_what_the_catalogue_says() {
    let mut wrong = Vec::new();
    for it in small::VECTORS {
        let (raised, report) = raised(it.name, it.drawing);
        let expected: BTreeSet<String> = it.raises.iter().map(|it| it.to_lowercase()).collect();
        let told = it.tells.iter().all(|text| report.contains(text));
        if raised != expected || !told {
            wrong.push(format!(
                "{}: expected {expected:?} and {:?}, raised {raised:?}\n{report}",
                it.name, it.tells
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(small::VECTORS.len(), 36);
}

#[test]
fn good_designs_are_clean_and_each_flaw_is_found() {
    let mut wrong = Vec::new();
    for (name, drawing) in designs::GOOD {
        // With all rules at work, of which others may ask for more.
        let (sources, found) = findings(name, drawing);
        let grave = found.iter().filter(|it| it.level >= Level::Warning);
        let ours = grave.filter(|it| RULES.contains(&it.code) || it.code.starts_with("ARC"));
        let report: String = ours.map(|it| human(it, &sources, false)).collect();
        if !report.is_empty() {
            wrong.push(format!("{name} raises\n{report}"));
        }
    }
    for flaw in designs::FLAWS {
        let (name, good) = designs::GOOD[flaw.design];
        let mut drawing = good.to_owned();
        for (from, to) in flaw.edits {
            assert!(drawing.contains(from), "{name} does not hold `{from}`");
            drawing = drawing.replace(from, to);
        }
        let (raised, report) = raised(flaw.name, &drawing);
        let codes: BTreeSet<String> = raised.iter().map(|it| it[..6].to_uppercase()).collect();
        let expected: BTreeSet<String> = flaw.raises.iter().map(|it| (*it).to_owned()).collect();
        if codes != expected {
            wrong.push(format!(
                "{}: expected {expected:?}, raised {raised:?}\n{report}",
                flaw.name
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!((designs::GOOD.len(), designs::FLAWS.len()), (6, 12));
}
