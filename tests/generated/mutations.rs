//! Proofs are no theatre: each fails when what it proves is taken out or changed tenfold, and no other does.
//!
//! One build serves all mutants: a test-only overlay changes one value of one service's policy, picked at run time.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;

use archwright::generate::not_generated::{Feature, NOT_GENERATED};
use archwright::generate::proofs::rows::{Row, Subject, rows};
use archwright::model::attributes::Attr;
use archwright::model::schema::{self, Place, Proof, TABLE};
use archwright::model::{Link, Model, NodeId, OperationId};

use super::support::{Workspace, model, root};

/// Of the proofs of other operations each mutant meets one of so many, in turn: all of them would take half an hour.
const FAR: usize = 8;

/// A changed value, and the proofs that must notice.
#[derive(Debug)]
struct Mutant {
    spec: String,
    /// What is changed, and the operation that the change was made for.
    about: (Subject, OperationId),
    noticed_by: BTreeSet<String>,
    /// The service whose policy is changed, which proofs of others never start; none: the change is made in several.
    service: Option<NodeId>,
}

/// The service whose policy a proof is about: the one that it starts.
fn started(model: &Model, row: &Row) -> NodeId {
    match row.subject {
        Subject::Edge(id) => model.node_of(model[id].from),
        Subject::Api(api, _) | Subject::Scheme(_, api, _) => model[api].node,
        Subject::Service(service) => service,
    }
}

/// What the overlay calls the part of the policy that a row is about.
fn subject(model: &Model, row: &Row) -> String {
    match row.subject {
        Subject::Edge(id) => {
            let edge = &model[id];
            let Link::Call {
                protocol,
                api: Some(api),
            } = edge.link
            else {
                panic!("{row:?} is about no call")
            };
            format!(
                "{} -> {}.{} : {protocol}",
                model.end_name(edge.from),
                model.end_name(edge.to),
                model[api].name
            )
        }
        Subject::Api(api, protocol) => format!(
            "{}.{} : {protocol}",
            model[model[api].node].name, model[api].name
        ),
        Subject::Scheme(auth, ..) => model[auth].name.clone(),
        Subject::Service(service) => model[service].name.clone(),
    }
}

/// Every value taken out alone, and every number changed tenfold.
fn mutants(model: &Model, rows: &[Row]) -> Vec<Mutant> {
    let mut mutants: Vec<Mutant> = Vec::new();
    for row in rows {
        let operation = &model[row.operation].name;
        let subject = subject(model, row);
        let service = (!matches!(row.subject, Subject::Scheme(..))).then(|| started(model, row));
        let same = |other: &&Row| {
            other.subject == row.subject && other.about() == row.about() && other.attr == row.attr
        };
        let whole = rows.iter().filter(same).map(|it| it.name.clone()).collect();
        let mut add = |attribute: &str, change: &str, noticed_by: BTreeSet<String>| {
            let spec = format!("{subject};{operation};{attribute};{change}");
            if mutants.iter().all(|it| it.spec != spec) {
                mutants.push(Mutant {
                    spec,
                    about: (row.subject, row.operation),
                    noticed_by,
                    service,
                });
            }
        };
        let alone = BTreeSet::from([row.name.clone()]);
        match row.part {
            None if row.attr == Attr::When => {
                add("when", "out", whole);
                add("when_negated", "out", alone);
                continue;
            }
            None => add(row.attr.name(), "out", whole),
            Some("jitter" | "per") => {
                add(row.attr.name(), "out", whole);
                add(
                    &format!("{}_{}", row.attr, row.part.unwrap_or_default()),
                    "out",
                    alone,
                );
                continue;
            }
            Some(_) => add(row.attr.name(), "out", whole),
        }
        let number = match (row.attr, row.part) {
            (Attr::State, _) => continue,
            (_, Some(part)) => format!("{}_{part}", row.attr),
            (
                Attr::Timeout
                | Attr::Deadline
                | Attr::Bulkhead
                | Attr::Throttle
                | Attr::MaxBody
                | Attr::Cache
                | Attr::Fallback,
                None,
            ) => row.attr.to_string(),
            _ => continue,
        };
        add(&number, "tenfold", alone);
    }
    mutants
}

/// The names of the proofs that fail, and how many ran: of these, or of all when none is named.
fn failing(
    binary: &Path,
    folder: &Path,
    mutant: Option<&str>,
    proofs: &[&str],
) -> (BTreeSet<String>, usize) {
    let mut command = Command::new(binary);
    command
        .current_dir(folder)
        .args(proofs)
        .args(Some("--exact").filter(|_| !proofs.is_empty()))
        .env_remove("MUTANT")
        .env("RUST_BACKTRACE", "0");
    if let Some(mutant) = mutant {
        command.env("MUTANT", mutant);
    }
    let output = command.output().expect("the proofs run");
    let text = String::from_utf8_lossy(&output.stdout);
    let results: Vec<(&str, bool)> = text
        .lines()
        .filter_map(|line| line.strip_prefix("test ")?.split_once(" ... "))
        .map(|(name, result)| (name, result == "ok"))
        .collect();
    let failed = results
        .iter()
        .filter(|(_, ok)| !ok)
        .map(|(name, _)| (*name).to_owned())
        .collect();
    (failed, results.len())
}

/// Lays the overlay over every service: its policy goes through the mutator.
fn overlay(workspace: &Workspace) {
    let services = workspace.dir.join("services");
    for service in std::fs::read_dir(services).expect("there are services") {
        let generated = service
            .expect("it is readable")
            .path()
            .join("src/generated");
        let policy = generated.join("policy.rs");
        let write = |name: &str, text: &str| {
            std::fs::write(generated.join(name), text).expect("it is writable")
        };
        let drawn = std::fs::read_to_string(&policy).expect("each service has a policy");
        write("drawn.rs", &drawn);
        write("mutate.rs", include_str!("overlay/mutate.rs"));
        write(
            "policy.rs",
            "#[path = \"drawn.rs\"]\nmod drawn;\n#[path = \"mutate.rs\"]\nmod mutate;\n\n\
             pub fn policy() -> platform::policy::ServicePolicy {\n    mutate::mutated(drawn::policy())\n}\n",
        );
    }
}

#[test]
fn each_proof_fails_for_its_own_value_and_no_other() {
    let drawing = root().join("tests/generated/every_policy.arch");
    let model = model(&drawing);
    let rows = rows(&model);
    let names: BTreeSet<String> = rows.iter().map(|row| row.name.clone()).collect();
    let workspace = Workspace::generate("mutations", &drawing);
    overlay(&workspace);
    let binary = workspace.test_binary(
        &format!("{}-proofs", model.system.name.replace('_', "-")),
        "proofs",
    );

    let (failed, ran) = failing(&binary, &workspace.dir, None, &[]);
    assert_eq!(
        (failed, ran),
        (BTreeSet::new(), names.len()),
        "unchanged code passes every proof"
    );
    let (failed, _) = failing(&binary, &workspace.dir, Some("all"), &[]);
    assert_eq!(failed, names, "with everything taken out every proof fails");

    let mutants = mutants(&model, &rows);
    let wrong = judge(&binary, &workspace.dir, &mutants, |number, mutant| {
        let could_notice = |(at, row): &(usize, &Row)| {
            let service = mutant.service;
            let near = mutant.about == (row.subject, row.operation);
            service.is_none_or(|service| service == started(&model, row))
                && (near || mutant.noticed_by.contains(&row.name) || (at + number) % FAR == 0)
        };
        let proofs = rows.iter().enumerate().filter(could_notice);
        proofs.map(|(_, row)| row.name.as_str()).collect()
    });
    assert!(
        wrong.is_empty(),
        "{} of {} mutants:\n{}",
        wrong.len(),
        mutants.len(),
        wrong.join("\n")
    );
    println!(
        "{} proofs, {} mutants, each noticed by exactly its own proofs",
        names.len(),
        mutants.len()
    );
}

/// Runs all mutants on both cores, each with the `proofs` of its number; says which were noticed by others than they should.
fn judge<'a>(
    binary: &Path,
    folder: &Path,
    mutants: &[Mutant],
    proofs: impl Fn(usize, &Mutant) -> Vec<&'a str> + Sync,
) -> Vec<String> {
    let left = Mutex::new(mutants.iter().enumerate());
    let wrong = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let next = left.lock().expect("nobody panics here").next();
                    let Some((number, mutant)) = next else {
                        break;
                    };
                    let proofs = proofs(number, mutant);
                    let (failed, _) = failing(binary, folder, Some(&mutant.spec), &proofs);
                    if failed != mutant.noticed_by {
                        let text = format!(
                            "{}: should fail {:?}, failed {failed:?}",
                            mutant.spec, mutant.noticed_by
                        );
                        wrong.lock().expect("nobody panics here").push(text);
                    }
                }
            });
        }
    });
    wrong.into_inner().expect("nobody panicked")
}

#[test]
fn every_provable_attribute_has_a_proof() {
    let model = model(&root().join("tests/generated/every_policy.arch"));
    let proved: BTreeSet<Attr> = rows(&model).iter().map(|row| row.attr).collect();
    let provable: BTreeSet<Attr> = TABLE
        .iter()
        .filter(|row| row.proof == Proof::Behaviour && is_generated(row))
        .map(|row| row.attr)
        .collect();
    assert_eq!(proved, provable);
}

/// Whether the generator makes what a row of the attribute table says, at any place where it can be written.
fn is_generated(row: &schema::Row) -> bool {
    let place = |place: &Place| {
        use Place::{Channel, Consume, Publish, Queue, Schedule, Topic, Webhook};
        !matches!(
            place,
            Channel | Consume | Publish | Queue | Schedule | Topic | Webhook
        )
    };
    !NOT_GENERATED.contains(&Feature::Attribute(row.attr)) && row.places.iter().any(place)
}
