//! `archwright patterns`

use serde::Serialize;

use crate::cli::args::{Format, Patterns, TableFormat};
use crate::cli::judge::root_of;
use crate::cli::output::Output;
use crate::cli::table::Table;
use crate::cli::{Failure, Status, report};
use crate::model::Model;
use crate::model::attributes::{Attr, Value};
use crate::model::resolve::resolve;
use crate::source::{Disk, Sources, Span};
use crate::topology::Topology;
use crate::topology::pattern::{DETECTED, Detection, HINTED};

/// Tells which of the article's patterns a drawing has, how completely, and what is missing.
///
/// # Errors
/// None but those of reading the drawing.
pub fn run(arguments: &Patterns, output: &mut Output) -> Result<Status, Failure> {
    let mut sources = Sources::default();
    let Some(root) = root_of(&arguments.file, &mut sources, output)? else {
        return Ok(Status::Failed);
    };
    let resolution = resolve(&mut sources, root, &Disk, None);
    let Some(model) = &resolution.model else {
        let (found, files) = (&resolution.diagnostics, resolution.files.len());
        report::findings(found, &sources, files, Format::Human, output)?;
        return Ok(Status::Findings);
    };
    let topology = Topology::new(model);
    let page = Page {
        model,
        sources: &sources,
    };
    let patterns: Vec<Pattern> = topology
        .patterns(None)
        .iter()
        .map(|it| page.pattern(it))
        .collect();
    match arguments.format {
        TableFormat::Json => output.print(&(serde_json::to_string_pretty(&patterns)? + "\n")),
        TableFormat::Human => output.print_foreign(&human(&patterns)),
    }
    Ok(Status::Clean)
}

#[derive(Serialize)]
struct Pattern {
    pattern: &'static str,
    title: &'static str,
    section: &'static str,
    /// From 0 to 1, two digits.
    score: f64,
    /// `declared`, `detected`, `hinted` or `absent`.
    standing: &'static str,
    roles: Vec<Role>,
    missing: Vec<&'static str>,
    shares: Vec<Share>,
    conditions: Vec<Condition>,
}

#[derive(Serialize)]
struct Role {
    role: &'static str,
    played_by: Vec<String>,
}

#[derive(Serialize)]
struct Share {
    what: &'static str,
    have: usize,
    of: usize,
}

#[derive(Serialize)]
struct Condition {
    what: &'static str,
    /// The rule that finds where it does not hold.
    rule: Option<&'static str>,
    holds: bool,
    gaps: Vec<Gap>,
}

#[derive(Serialize)]
struct Gap {
    what: String,
    file: String,
    line: usize,
}

struct Page<'a> {
    model: &'a Model,
    sources: &'a Sources,
}

impl Page<'_> {
    fn pattern(&self, found: &Detection) -> Pattern {
        let score = (found.score() * 100.0).round() / 100.0;
        Pattern {
            pattern: found.pattern.name(),
            title: found.pattern.title(),
            section: found.pattern.section(),
            score,
            standing: match score {
                _ if self.is_declared(found) => "declared",
                it if it >= DETECTED && found.missing.is_empty() => "detected",
                it if it >= HINTED => "hinted",
                _ => "absent",
            },
            roles: found
                .roles
                .iter()
                .map(|(role, played_by)| Role {
                    role,
                    played_by: played_by.clone(),
                })
                .collect(),
            missing: found.missing.iter().map(|it| it.what).collect(),
            shares: found
                .shares
                .iter()
                .map(|it| Share {
                    what: it.what,
                    have: it.have,
                    of: it.of,
                })
                .collect(),
            conditions: found
                .conditions
                .iter()
                .map(|it| Condition {
                    what: it.what,
                    rule: it.rule,
                    holds: it.gaps.is_empty(),
                    gaps: it
                        .gaps
                        .iter()
                        .map(|gap| self.gap(&gap.what, gap.span))
                        .collect(),
                })
                .collect(),
        }
    }

    fn is_declared(&self, found: &Detection) -> bool {
        let system = std::iter::once(&self.model.system.attributes);
        let mut declared = system
            .chain(self.model.zones.iter().map(|it| &it.attributes))
            .filter_map(|it| it.value(Attr::Pattern));
        declared.any(|it| matches!(it, Value::Texts(words) if words.iter().any(|it| it == found.pattern.name())))
    }

    fn gap(&self, what: &str, span: Span) -> Gap {
        let file = self.sources.file(span.file);
        Gap {
            what: what.to_owned(),
            file: file.path.display().to_string(),
            line: file.position(span.start).0,
        }
    }
}

fn human(patterns: &[Pattern]) -> String {
    let mut text = String::new();
    for it in patterns.iter().filter(|it| it.standing != "absent") {
        let title = format!("{} {} ({})", it.section, it.title, it.pattern);
        text.push_str(&format!(
            "{title}: {:.0}%, {}\n",
            it.score * 100.0,
            it.standing
        ));
        let mut roles = Table::<2>::indented(2);
        for role in &it.roles {
            roles.row([role.role.to_owned(), role.played_by.join(", ")]);
        }
        let mut shares = Table::<2>::indented(2);
        for share in it.shares.iter().filter(|it| it.of > 0) {
            shares.row([
                format!("{} of {}", share.have, share.of),
                share.what.to_owned(),
            ]);
        }
        text.push_str(&format!("\n{roles}\n{shares}\n"));
        for missing in &it.missing {
            text.push_str(&format!("  missing: {missing}\n"));
        }
        for condition in &it.conditions {
            let mark = if condition.holds { "yes" } else { "no " };
            let rule = condition
                .rule
                .map(|it| format!(" ({it})"))
                .unwrap_or_default();
            text.push_str(&format!(
                "  {mark}  {}{}\n",
                condition.what,
                if condition.holds { "" } else { &rule }
            ));
            for gap in &condition.gaps {
                text.push_str(&format!(
                    "         {}:{}: {}\n",
                    gap.file, gap.line, gap.what
                ));
            }
        }
        text.push('\n');
    }
    let absent: Vec<String> = patterns
        .iter()
        .filter(|it| it.standing == "absent")
        .map(|it| format!("{} {}", it.section, it.title))
        .collect();
    if !absent.is_empty() {
        text.push_str(&format!("not there: {}\n", absent.join(", ")));
    }
    text
}
