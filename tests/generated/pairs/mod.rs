//! Every value of what a drawing can say together with every value of everything else, at least once.
//!
//! A drawing is made that has one call for each row of a covering array, and what its model holds in the end is what
//! is counted: a pair that is not there fails, and one that cannot be is listed with the reason.

mod cover;
mod drawing;
mod levels;

use std::collections::BTreeSet;
use std::fs;

use archwright::model::Model;

use super::support::{Workspace, model, passes, scratch};
use levels::{FACTORS, Place};

/// The rows, as levels by factor.
fn rows() -> Vec<Vec<usize>> {
    let sizes: Vec<Vec<usize>> = FACTORS
        .iter()
        .map(|factor| factor.generated().collect())
        .collect();
    cover::rows(&sizes, |a, b| levels::impossible(a, b).is_none())
}

/// Pairs of places, the earlier factor's first.
type Pairs = BTreeSet<(Place, Place)>;

/// The pairs that the calls of a model hold.
fn held(model: &Model) -> Pairs {
    let mut held = Pairs::new();
    for call in drawing::calls(model) {
        for (at, one) in call.iter().enumerate() {
            held.extend(call[at + 1..].iter().map(|other| (*one, *other)));
        }
    }
    held
}

/// All pairs of levels that are generated, and why some of them cannot be.
fn all() -> Vec<(Place, Place, Option<&'static str>)> {
    let mut all = Vec::new();
    for (first, one) in FACTORS.iter().enumerate() {
        for (second, other) in FACTORS.iter().enumerate().skip(first + 1) {
            for a in one.generated().map(|level| Place(first, level)) {
                for b in other.generated().map(|level| Place(second, level)) {
                    all.push((a, b, levels::impossible(a, b)));
                }
            }
        }
    }
    all
}

#[test]
fn every_pair_is_drawn_and_the_workspace_passes_its_tests() {
    let folder = scratch().join("drawings/pairs");
    fs::create_dir_all(&folder).expect("the scratch folder is writable");
    let file = folder.join("pairs.arch");
    fs::write(&file, drawing::text(&rows())).expect("the scratch folder is writable");
    let model = model(&file);
    let (held, all) = (held(&model), all());
    let mut missing = Vec::new();
    let mut reasons = BTreeSet::new();
    let (mut covered, mut excluded) = (0, 0);
    for (a, b, reason) in &all {
        match (held.contains(&(*a, *b)), reason) {
            (true, None) => covered += 1,
            (false, Some(reason)) => {
                excluded += 1;
                reasons.insert(format!("{a} with {b}: {reason}"));
            }
            (false, None) => missing.push(format!("{a} with {b}")),
            (true, Some(reason)) => {
                panic!("{a} with {b} is said to be impossible, and is drawn: {reason}")
            }
        }
    }
    for line in &reasons {
        println!("impossible: {line}");
    }
    for factor in FACTORS {
        for level in factor.refused() {
            println!("not generated yet: {} = {level}", factor.name);
        }
    }
    println!(
        "{covered} pairs are covered by {} calls, {excluded} cannot be",
        rows().len()
    );
    assert!(missing.is_empty(), "{missing:#?}");
    let workspace = Workspace::generate("pairs", &file);
    let proved = passes(&workspace, &["-p", "pairs-proofs"]);
    assert!(proved > 0, "the generated workspace has proofs");
    println!("{proved} proofs");
}
