//! Puts choices into the drawing.

use std::collections::BTreeMap;

use super::subject::Subject;
use crate::cli::output::Output;
use crate::cli::{Failure, Status};
use crate::format;
use crate::protocol::{Protocol, rank, verdict};
use crate::source::{FileId, Sources};
use crate::workspace;

/// Writes a protocol into every undecided edge whose choice is clear, and says why not into the others. Nothing but the
/// protocol is put in; a file that was in canonical form stays in it.
///
/// # Errors
/// A file that cannot be written.
pub fn choices(
    subjects: &[Subject],
    sources: &Sources,
    output: &mut Output,
) -> Result<Status, Failure> {
    let mut files: BTreeMap<FileId, Vec<(u32, Protocol)>> = BTreeMap::new();
    let mut is_left = false;
    for subject in subjects.iter().filter(|it| it.used.is_none()) {
        match choice(subject) {
            Ok((at, protocol)) => {
                files.entry(at.file).or_default().push((at.start, protocol));
                output.say(&format!("{}: {protocol}\n", subject.name));
            }
            Err(why) => {
                is_left = true;
                output.say(&format!("{}: left undecided, {why}\n", subject.name));
            }
        }
    }
    for (id, mut choices) in files {
        choices.sort_by_key(|it| std::cmp::Reverse(it.0));
        let file = sources.file(id);
        let mut text = file.text.clone();
        for (at, protocol) in choices {
            text.insert_str(at as usize, &format!(" : {protocol}"));
        }
        let is_canonical = format::format(sources, id).is_ok_and(|it| it == file.text);
        let mut written = Sources::default();
        let new = written.add(&file.path, text.clone());
        let formatted = format::format(&written, new).map_err(|_| {
            format!(
                "{} would not be readable any more; nothing was written",
                file.path.display()
            )
        })?;
        let text = if is_canonical { formatted } else { text };
        workspace::write_atomic(&file.path, text.as_bytes())?;
    }
    Ok(if is_left {
        Status::Findings
    } else {
        Status::Clean
    })
}

/// Where to write which protocol, or why there is nothing to write.
fn choice(subject: &Subject) -> Result<(crate::source::Span, Protocol), String> {
    let verdict = verdict(&subject.requirements, &rank(&subject.requirements));
    let [one] = verdict.leaders.as_slice() else {
        let names: Vec<&str> = verdict.leaders.iter().map(|it| it.name()).collect();
        return Err(match verdict.decisive {
            Some(it) => format!(
                "a tie of {}: say `--set {}=...`",
                names.join(", "),
                it.criterion
            ),
            None => "nothing leads".to_owned(),
        });
    };
    let protocol = one
        .protocol()
        .ok_or_else(|| format!("a {} takes a broker between the two", one.summary().title))?;
    let place = subject
        .place
        .ok_or("a chain takes no protocol: draw the edge on a line of its own")?;
    Ok((place, protocol))
}
