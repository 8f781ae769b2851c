//! The article's summary table.

use serde::Serialize;

use crate::cli::args::TableFormat;
use crate::protocol::{Candidate, Summary};

#[derive(Serialize)]
struct Line {
    protocol: &'static str,
    title: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    uses: &'static str,
    pros: &'static str,
    cons: &'static str,
    best_for: &'static str,
}

/// The table in the form that was asked for.
///
/// # Errors
/// None that input can cause.
pub fn render(format: TableFormat) -> serde_json::Result<String> {
    let rows = Candidate::ALL.iter().map(|it| (*it, it.summary()));
    match format {
        TableFormat::Json => {
            let lines: Vec<Line> = rows.map(|(candidate, it)| line(candidate, it)).collect();
            Ok(serde_json::to_string_pretty(&lines)? + "\n")
        }
        TableFormat::Human => {
            let mut text = "Protocol selection (section 5 of the article)\n".to_owned();
            for (candidate, it) in rows {
                text.push_str(&format!("\n{} ({})\n", it.title, candidate));
                let cells = [
                    ("type", it.kind),
                    ("used for", it.uses),
                    ("pros", it.pros),
                    ("cons", it.cons),
                    ("best for", it.best_for),
                ];
                for (name, cell) in cells {
                    text.push_str(&format!("  {name:8}  {cell}\n"));
                }
            }
            Ok(text)
        }
    }
}

fn line(candidate: Candidate, it: &Summary) -> Line {
    Line {
        protocol: candidate.name(),
        title: it.title,
        kind: it.kind,
        uses: it.uses,
        pros: it.pros,
        cons: it.cons,
        best_for: it.best_for,
    }
}
