//! Advice for people.

use std::path::Path;

use super::subject::Subject;
use crate::cli::table::Table;
use crate::lint;
use crate::protocol::{
    Candidate, Decisive, Point, Ranked, Verdict, Weight, rank, sources, verdict,
};
use crate::source::Sources;

/// All that speaks for and against each candidate.
#[must_use]
pub fn full(subject: &Subject, sources: &Sources) -> String {
    let requirements = &subject.requirements;
    let ranking = rank(requirements);
    let verdict = verdict(requirements, &ranking);
    let mut text = format!("{}{}\n", subject.name, place(subject, sources));
    let mut known = Table::<2>::indented(4);
    for it in &requirements.known {
        let twice = if it.weight == Weight::Must {
            ", counts twice"
        } else {
            ""
        };
        known.row([
            format!("{} = {}", it.criterion, it.value),
            format!("{}{twice}", it.because),
        ]);
    }
    if !requirements.known.is_empty() {
        text.push_str(&format!("\n  known\n{known}"));
    }
    text.push_str("\n  ranking\n");
    for it in ranking.iter().filter(|it| !it.is_out) {
        text.push_str(&format!("    {:>3}  {}\n", it.score, title(it.candidate)));
        for point in &it.points {
            text.push_str(&format!(
                "           {:+}  {}\n",
                point.score,
                reason(point)
            ));
        }
    }
    if ranking.iter().any(|it| it.is_out) {
        text.push_str("\n  out\n");
    }
    for it in ranking.iter().filter(|it| it.is_out) {
        text.push_str(&format!("    {}: {}\n", title(it.candidate), why_out(it)));
    }
    text.push_str("\n  advice\n");
    for line in advice(subject, &ranking, &verdict) {
        text.push_str(&format!("    {line}\n"));
    }
    text
}

fn place(subject: &Subject, sources: &Sources) -> String {
    let Some(span) = subject.span else {
        return String::new();
    };
    let file = sources.file(span.file);
    let used = subject.used.map_or("undecided", title);
    format!(
        "    {}:{}    {used}",
        file.path.display(),
        file.position(span.start).0
    )
}

fn title(candidate: Candidate) -> &'static str {
    candidate.summary().title
}

/// `audience = browser: browsers speak SSE by themselves (2.6)`
fn reason(point: &Point) -> String {
    format!("{} = {}: {}", point.criterion, point.value, said(point))
}

fn said(point: &Point) -> String {
    let said: Vec<String> = sources(point.keys)
        .map(|it| format!("{} ({})", it.says, it.section))
        .collect();
    said.join("; ")
}

fn why_out(ranked: &Ranked) -> String {
    let vetoes: Vec<String> = ranked
        .points
        .iter()
        .filter(|it| it.is_veto)
        .map(reason)
        .collect();
    if vetoes.is_empty() {
        "it can carry none of the operations".to_owned()
    } else {
        vetoes.join("; ")
    }
}

fn advice(subject: &Subject, ranking: &[Ranked], verdict: &Verdict) -> Vec<String> {
    let mut lines = Vec::new();
    match verdict.leaders.as_slice() {
        [] => lines.push("nothing is left: one of the criteria has to give way".to_owned()),
        [one] => {
            lines.push(format!(
                "{}: best for {}",
                title(*one),
                one.summary().best_for
            ));
            lines.extend(beyond(subject, *one));
        }
        several => {
            lines.push(format!("a tie of {}", listed(several)));
            lines.push(match &verdict.decisive {
                Some(decisive) => undecided(decisive),
                None => "no other criterion tells them apart: either will do".to_owned(),
            });
        }
    }
    if let Some(used) = subject.used
        && !verdict.leaders.contains(&used)
        && let (Some(best), Some(own)) = (
            ranking.first(),
            ranking.iter().find(|it| it.candidate == used),
        )
    {
        lines.push(match own.is_out {
            true => format!("{} is out", title(used)),
            false => format!("{} has {} points less", title(used), best.score - own.score),
        });
    }
    for &leader in &verdict.leaders {
        let rules: Vec<String> = leader
            .summary()
            .rules
            .iter()
            .filter_map(|code| lint::rule(code))
            .map(|rule| format!("{} {}", rule.code, rule.name))
            .collect();
        if !rules.is_empty() {
            lines.push(format!(
                "{} switches on {}",
                title(leader),
                rules.join(", ")
            ));
        }
    }
    lines
}

/// What the choice means for the drawing.
fn beyond(subject: &Subject, choice: Candidate) -> Option<String> {
    let Some(protocol) = choice.protocol() else {
        let is_drawn = subject.used.is_none() && subject.span.is_some();
        return is_drawn.then(|| {
            let (from, to) = subject
                .name
                .split_once(" -> ")
                .unwrap_or((&subject.name, "..."));
            let to = to.split('.').next().unwrap_or(to);
            format!("it takes a broker between them: `{from} -> bus.something -> {to}`")
        });
    };
    let left = subject.left_out(protocol);
    (!left.is_empty()).then(|| {
        format!(
            "it leaves out `{}`, which an edge of another protocol can carry",
            left.join("`, `")
        )
    })
}

fn undecided(decisive: &Decisive) -> String {
    let values: Vec<String> = decisive
        .values
        .iter()
        .map(|(value, left)| format!("{value} gives {}", listed(left)))
        .collect();
    format!(
        "`{}` would decide: {} (`--set {}=...`, or `--ask`)",
        decisive.criterion,
        values.join(", "),
        decisive.criterion
    )
}

/// `REST`, `REST and GraphQL`, `gRPC, message queue and event stream`.
fn listed(candidates: &[Candidate]) -> String {
    match candidates {
        [] => String::new(),
        [one] => title(*one).to_owned(),
        [first @ .., last] => {
            let first: Vec<&str> = first.iter().map(|it| title(*it)).collect();
            format!("{} and {}", first.join(", "), title(*last))
        }
    }
}

/// A line for each.
#[must_use]
pub fn overview(subjects: &[Subject], path: &Path) -> String {
    if subjects.is_empty() {
        return "nothing in this drawing travels over a protocol or through a broker\n".to_owned();
    }
    let mut table = Table::new([
        "edge or channel",
        "travels by",
        "points",
        "advice",
        "points",
    ]);
    for subject in subjects {
        let ranking = rank(&subject.requirements);
        let verdict = verdict(&subject.requirements, &ranking);
        let own = ranking.iter().find(|it| Some(it.candidate) == subject.used);
        let best = ranking.first().filter(|it| !it.is_out);
        let decides = verdict
            .decisive
            .as_ref()
            .map(|it| format!(" ({} would decide)", it.criterion));
        let advice = match verdict.leaders.as_slice() {
            [] => "nothing is left".to_owned(),
            leaders if subject.used.is_some_and(|it| leaders == [it]) => "as it is".to_owned(),
            leaders => listed(leaders) + decides.as_deref().unwrap_or(""),
        };
        table.row([
            subject.name.clone(),
            subject.used.map_or("undecided", title).to_owned(),
            own.map_or_else(String::new, |it| match it.is_out {
                true => "out".to_owned(),
                false => it.score.to_string(),
            }),
            advice,
            best.map_or_else(String::new, |it| it.score.to_string()),
        ]);
    }
    let path = path.display();
    format!("{table}\n`archwright advise {path} FROM TO` gives the reasons.\n")
}
