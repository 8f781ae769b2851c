//! Advice for programs.

use serde::Serialize;

use super::subject::Subject;
use crate::lint;
use crate::protocol::{Point, Reading, rank, sources, verdict};
use crate::source::Sources;

#[derive(Serialize)]
struct Report {
    version: u32,
    subjects: Vec<Advised>,
}

#[derive(Serialize)]
struct Advised {
    name: String,
    file: Option<String>,
    line: Option<usize>,
    /// How it travels; null while that is undecided.
    used: Option<&'static str>,
    known: Vec<Criterion>,
    ranking: Vec<Candidate>,
    /// One: the choice. Several: a tie.
    leaders: Vec<&'static str>,
    decisive: Option<Decisive>,
}

#[derive(Serialize)]
struct Criterion {
    criterion: &'static str,
    value: &'static str,
    weight: i32,
    because: String,
}

#[derive(Serialize)]
struct Candidate {
    candidate: &'static str,
    score: i32,
    out: bool,
    leaves_out: Vec<String>,
    points: Vec<Reason>,
    switches_on: Vec<&'static str>,
}

#[derive(Serialize)]
struct Reason {
    criterion: &'static str,
    value: &'static str,
    score: i32,
    veto: bool,
    sources: Vec<Sentence>,
}

#[derive(Serialize)]
struct Sentence {
    section: &'static str,
    key: &'static str,
    reading: &'static str,
    says: &'static str,
}

#[derive(Serialize)]
struct Decisive {
    criterion: &'static str,
    values: Vec<Outcome>,
}

#[derive(Serialize)]
struct Outcome {
    value: &'static str,
    leaves: Vec<&'static str>,
}

/// All subjects, with everything that the human form says.
///
/// # Errors
/// None that input can cause.
pub fn render(subjects: &[Subject], sources: &Sources) -> serde_json::Result<String> {
    let report = Report {
        version: 1,
        subjects: subjects.iter().map(|it| advised(it, sources)).collect(),
    };
    Ok(serde_json::to_string_pretty(&report)? + "\n")
}

fn advised(subject: &Subject, sources: &Sources) -> Advised {
    let requirements = &subject.requirements;
    let ranking = rank(requirements);
    let verdict = verdict(requirements, &ranking);
    let place = subject.span.map(|span| {
        let file = sources.file(span.file);
        (file.path.display().to_string(), file.position(span.start).0)
    });
    let names =
        |candidates: &[crate::protocol::Candidate]| candidates.iter().map(|it| it.name()).collect();
    Advised {
        name: subject.name.clone(),
        line: place.as_ref().map(|it| it.1),
        file: place.map(|it| it.0),
        used: subject.used.map(|it| it.name()),
        known: requirements
            .known
            .iter()
            .map(|it| Criterion {
                criterion: it.criterion.name(),
                value: it.value,
                weight: it.weight.factor(),
                because: it.because.clone(),
            })
            .collect(),
        ranking: ranking
            .iter()
            .map(|it| Candidate {
                candidate: it.candidate.name(),
                score: it.score,
                out: it.is_out,
                leaves_out: it.candidate.protocol().map_or_else(Vec::new, |protocol| {
                    subject
                        .left_out(protocol)
                        .into_iter()
                        .map(str::to_owned)
                        .collect()
                }),
                points: it.points.iter().map(reason).collect(),
                switches_on: it
                    .candidate
                    .summary()
                    .rules
                    .iter()
                    .copied()
                    .filter(|code| lint::rule(code).is_some())
                    .collect(),
            })
            .collect(),
        leaders: names(&verdict.leaders),
        decisive: verdict.decisive.map(|it| Decisive {
            criterion: it.criterion.name(),
            values: it
                .values
                .iter()
                .map(|(value, left)| Outcome {
                    value,
                    leaves: names(left),
                })
                .collect(),
        }),
    }
}

fn reason(point: &Point) -> Reason {
    Reason {
        criterion: point.criterion.name(),
        value: point.value,
        score: point.score,
        veto: point.is_veto,
        sources: sources(point.keys)
            .map(|it| Sentence {
                section: it.section,
                key: it.key,
                reading: match it.reading {
                    Reading::Said => "said",
                    Reading::Contrast => "contrast",
                    Reading::Inferred => "inferred",
                },
                says: it.says,
            })
            .collect(),
    }
}
