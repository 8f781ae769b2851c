//! The reference of the language and of the rules, as Markdown: generated from the tables that the program itself reads,
//! so that it cannot say anything else.

mod attributes;
mod codes;
mod rules;

use std::collections::BTreeMap;

/// All pages, by path.
#[must_use]
pub fn pages() -> BTreeMap<String, String> {
    let mut pages = BTreeMap::new();
    rules::add(&mut pages);
    attributes::add(&mut pages);
    codes::add(&mut pages);
    pages.insert("README.md".to_owned(), index());
    pages
}

fn index() -> String {
    "# Reference\n\n\
     Written by `archwright reference`; edit what it is written from, not these files.\n\n\
     - [Rules](rules/README.md): what is found, why it is bad, how to mend it\n\
     - [Kinds](kinds/README.md): what can be declared, and which attributes each takes\n\
     - [Attributes](attributes/README.md): what each means, takes, and is when it is unwritten\n\
     - [Limits and profiles](limits.md): what rules compare with\n\
     - [Codes of the engine](codes.md): what is wrong with a drawing as such\n\
     - [Schema of `lint --format json`](../schemas/lint-report.schema.json)\n"
        .to_owned()
}

/// A cell of a table: one line, bars escaped.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

/// A row of a table.
fn row<const COLUMNS: usize>(cells: [&str; COLUMNS]) -> String {
    let cells: Vec<_> = cells.iter().map(|it| cell(it)).collect();
    format!("| {} |\n", cells.join(" | "))
}

/// The first rows of a table.
fn head<const COLUMNS: usize>(titles: [&str; COLUMNS]) -> String {
    row(titles) + &row(["---"; COLUMNS])
}
