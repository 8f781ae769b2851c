//! The engine's own codes, and what rules compare with.

use std::collections::BTreeMap;

use super::{head, row};
use crate::diagnostic::codes::CODES;
use crate::lint::{ENGINE, Profile, limits};
use crate::model::resolve::resolve;
use crate::model::text;
use crate::source::{Memory, Sources};

/// Adds the pages.
pub(super) fn add(pages: &mut BTreeMap<String, String>) {
    pages.insert("codes.md".to_owned(), codes());
    pages.insert("limits.md".to_owned(), limits_page());
}

fn codes() -> String {
    let mut page = "# Codes of the engine\n\nWhat is wrong with a drawing as such, before rules judge it, and with what it says about rules.\n".to_owned();
    for it in CODES {
        page.push_str(&format!("\n## {} {}\n\n{}\n", it.code, it.title, it.text));
    }
    for it in ENGINE {
        let level = format!("{:?}", it.level).to_lowercase();
        page.push_str(&format!(
            "\n## {} {}\n\n{level} · {}\n",
            it.code,
            it.name.replace('-', " "),
            it.text
        ));
    }
    page
}

fn limits_page() -> String {
    let mut page = "# Limits and profiles\n\n\
        A drawing sets its profile by `profile = strict` on its system, and single limits by `limits { max_attempts = 3 }`. \
        In the profile baseline errors fail a run, in strict warnings do too, in advisory nothing does.\n\n"
        .to_owned();
    let profiles = Profile::ALL.map(Profile::name);
    page.push_str(&head([
        "Limit",
        "Meaning",
        profiles[0],
        profiles[1],
        profiles[2],
        "Weaker is",
    ]));
    let mut sources = Sources::default();
    let root = sources.add("empty.arch", "");
    let Some(empty) = resolve(&mut sources, root, &Memory::default(), None).model else {
        return page;
    };
    for it in limits() {
        let values = it.values.each_ref().map(|it| text::value(&empty, it));
        let weaker = if it.larger_is_weaker { "more" } else { "less" };
        let name = format!("`{}`", it.name);
        page.push_str(&row([
            &name, it.meaning, &values[0], &values[1], &values[2], weaker,
        ]));
    }
    page
}
