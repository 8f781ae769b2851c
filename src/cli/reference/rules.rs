//! A page for each rule, and the list of them.

use std::collections::BTreeMap;

use super::{head, row};
use crate::lint::{self, Rule};

/// Adds the pages.
pub(super) fn add(pages: &mut BTreeMap<String, String>) {
    let mut list = format!(
        "# Rules\n\n{} rules. `off` ones run when a drawing or the command line names them, `gated` ones are silent \
         until the drawing has the numbers that they need.\n",
        lint::rules().len()
    );
    let mut area = "";
    for rule in lint::rules() {
        if rule.area != area {
            area = rule.area;
            list.push_str(&format!("\n## {}\n\n", area.replace('_', " ")));
            list.push_str(&head(["Code", "Name", "Level", "Runs", "What it finds"]));
        }
        list.push_str(&row([
            &format!("[{0}]({0}.md)", rule.code),
            rule.name,
            &level(rule),
            rule.activation.name(),
            &rule.documentation().summary(),
        ]));
        pages.insert(format!("rules/{}.md", rule.code), page(rule));
    }
    pages.insert("rules/README.md".to_owned(), list);
}

fn page(rule: &Rule) -> String {
    let text = rule.markdown();
    let (title, rest) = text.split_once('\n').unwrap_or((&text, ""));
    format!(
        "{title}\n\n{} · judges each {} · {}\n{}\n",
        level(rule),
        rule.check.scope(),
        rule.activation.name(),
        rest.trim_end()
    )
}

fn level(rule: &Rule) -> String {
    format!("{:?}", rule.level).to_lowercase()
}
