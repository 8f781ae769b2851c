//! `archwright explain`

mod edge;

use std::path::Path;

use crate::cli::args::Explain;
use crate::cli::args::Format;
use crate::cli::judge::judge_file;
use crate::cli::output::Output;
use crate::cli::{Failure, Status, report};
use crate::diagnostic::codes;
use crate::lint;
use crate::source::Sources;

/// Explains a code or an edge.
///
/// # Errors
/// A code or an edge that is not there.
pub fn run(arguments: &Explain, output: &mut Output) -> Result<Status, Failure> {
    match (&arguments.from, &arguments.to) {
        (Some(from), Some(to)) => explain_edge(Path::new(&arguments.subject), from, to, output),
        _ => {
            output.print(&explain_code(&arguments.subject)?);
            Ok(Status::Clean)
        }
    }
}

fn explain_code(word: &str) -> Result<String, Failure> {
    let upper = word.to_uppercase();
    if let Some(rule) = lint::rule(&upper).or_else(|| lint::rule(word)) {
        return Ok(rule.markdown().trim_end().to_owned() + "\n");
    }
    if let Some(it) = lint::ENGINE
        .iter()
        .find(|it| it.code == upper || it.name == word)
    {
        return Ok(format!("# {} {}\n\n{}\n", it.code, it.name, it.text));
    }
    if let Some(it) = codes::find(&upper) {
        return Ok(format!("# {} {}\n\n{}\n", it.code, it.title, it.text));
    }
    if Path::new(word).exists() {
        return Err("name the edge too: `archwright explain FILE FROM TO`".into());
    }
    Err(match lint::suggest(word) {
        Some(near) => format!("there is no rule `{word}`: did you mean `{near}`?").into(),
        None => format!("there is no rule `{word}`: `archwright rules` lists them").into(),
    })
}

fn explain_edge(path: &Path, from: &str, to: &str, output: &mut Output) -> Result<Status, Failure> {
    let mut sources = Sources::default();
    let Some(judged) = judge_file(path, &mut sources, output)? else {
        return Ok(Status::Failed);
    };
    let Some(model) = judged.model else {
        let files = judged.files.len();
        report::findings(&judged.diagnostics, &sources, files, Format::Human, output)?;
        return Ok(Status::Findings);
    };
    let edges = edge::find(&model, from, to)?;
    for (at, id) in edges.into_iter().enumerate() {
        output.print(if at == 0 { "" } else { "\n" });
        output.print_foreign(&edge::explain(&model, &sources, id));
    }
    Ok(Status::Clean)
}
