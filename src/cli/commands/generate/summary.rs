//! What was done, in a few lines.

use std::path::Path;

use crate::model::Model;
use crate::workspace::{Action, Kind, Ownership, Reconciled};

/// Every file that something is done to, or that would be written otherwise today.
#[must_use]
pub fn list(reconciled: &Reconciled) -> String {
    let mut text = String::new();
    for action in &reconciled.actions {
        let what = match &action.kind {
            Kind::Unchanged | Kind::Keep { offered: false } | Kind::Gone | Kind::Conflict(_) => {
                continue;
            }
            Kind::Create => "create",
            Kind::Update => "update",
            Kind::Merge(_) => "merge",
            Kind::Replace => "replace",
            Kind::Remove => "remove",
            Kind::Leftover => "leave",
            Kind::Keep { offered: true } => "keep",
        };
        text.push_str(&format!("{what:8} {}{}\n", action.path, detail(action)));
    }
    text
}

fn detail(action: &Action) -> String {
    match &action.kind {
        Kind::Replace => "  (what is there is kept beside it as .orig)".to_owned(),
        Kind::Leftover => "  (not declared any more, but you have written in it)".to_owned(),
        Kind::Keep { .. } => "  (yours; it would be created otherwise today)".to_owned(),
        Kind::Merge(kept) if !kept.is_empty() => {
            format!("  (kept as you have it: {})", kept.join(", "))
        }
        _ => String::new(),
    }
}

/// What its owner should know of when it was done.
#[must_use]
pub fn notes(reconciled: &Reconciled) -> String {
    let mut text = String::new();
    for action in &reconciled.actions {
        let path = &action.path;
        let line = match &action.kind {
            Kind::Replace => format!("replaced `{path}`; what was there is beside it as `.orig`"),
            Kind::Leftover => {
                format!("`{path}` is not declared any more, but you have written in it: it stays")
            }
            Kind::Remove if action.ownership == Ownership::Theirs => {
                format!("removed `{path}`, which nobody had written in")
            }
            Kind::Merge(kept) if !kept.is_empty() => format!(
                "in `{path}` stays what you wrote, instead of {}",
                kept.join(", ")
            ),
            _ => continue,
        };
        text.push_str(&format!("note: {line}\n"));
    }
    text
}

/// `shop: 134 files, 130 created, 4 updated`.
#[must_use]
pub fn counts(reconciled: &Reconciled, target: &Path, is_dry: bool) -> String {
    let count = |is: fn(&Kind) -> bool| reconciled.actions.iter().filter(|it| is(&it.kind)).count();
    let parts: Vec<_> = [
        (count(|it| *it == Kind::Create), "created"),
        (
            count(|it| matches!(it, Kind::Update | Kind::Replace)),
            "updated",
        ),
        (count(|it| matches!(it, Kind::Merge(_))), "merged"),
        (count(|it| *it == Kind::Remove), "removed"),
        (count(|it| *it == Kind::Leftover), "left over"),
        (count(|it| *it == Kind::Unchanged), "unchanged"),
        (
            count(|it| matches!(it, Kind::Keep { .. } | Kind::Gone)),
            "yours",
        ),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, what)| format!("{count} {what}"))
    .collect();
    let would = if is_dry { "would be " } else { "" };
    format!("{}: {would}{}", target.display(), parts.join(", "))
}

/// What can be done with a workspace that is new.
#[must_use]
pub fn next(reconciled: &Reconciled, target: &Path, model: &Model) -> String {
    let is_new = |path| {
        let mut actions = reconciled.actions.iter();
        actions.any(|it| it.path == path && it.kind == Kind::Create)
    };
    if !is_new("dev/Cargo.toml") {
        return String::new();
    }
    let run = format!("cargo run -p {}-dev", model.system.name);
    format!(
        "\n    cd {}\n    {run}    # starts the whole system\n    {:2$}    # proves its policies\n",
        target.display(),
        "cargo test",
        run.len(),
    )
}
