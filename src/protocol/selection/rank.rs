//! Scores of candidates, and what a choice hangs on.

use super::candidate::Candidate;
use super::criterion::{Criterion, Known};
use super::table::{Cell, TABLE, VETO};
use crate::protocol::OperationShape;

/// Scores that differ by no more than this are a tie: the article's words are no finer than that.
const TIE: i32 = 1;

/// What a way to communicate is wanted for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requirements {
    /// What is known, each criterion once.
    pub known: Vec<Known>,
    /// The shapes of the operations that are asked for; empty when they are not known.
    pub shapes: Vec<OperationShape>,
    /// Whether a browser's gRPC is translated, so that it is weak there and not impossible.
    pub grpc_web: bool,
}

impl Requirements {
    /// Says or says anew what is known of a criterion.
    pub fn say(&mut self, known: Known) {
        match self
            .known
            .iter_mut()
            .find(|it| it.criterion == known.criterion)
        {
            Some(before) => *before = known,
            None => self.known.push(known),
        }
        self.known.sort_by_key(|it| it.criterion);
    }

    /// What is known of a criterion.
    #[must_use]
    pub fn of(&self, criterion: Criterion) -> Option<&Known> {
        self.known.iter().find(|it| it.criterion == criterion)
    }
}

/// What one known criterion says about one candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// The criterion.
    pub criterion: Criterion,
    /// Its value.
    pub value: &'static str,
    /// What is added: the table's score, twice where the criterion must be met.
    pub score: i32,
    /// Whether it takes the candidate out.
    pub is_veto: bool,
    /// The sentences that it rests on, for [`super::sources`].
    pub keys: &'static str,
}

/// A candidate with its score.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ranked {
    /// The candidate.
    pub candidate: Candidate,
    /// The sum of its points.
    pub score: i32,
    /// What speaks for and against it, in the order of the criteria.
    pub points: Vec<Point>,
    /// How many of the operations it can carry; all, where they are not known.
    pub carries: usize,
    /// Whether it is out: by a veto, or because it carries none of the operations.
    pub is_out: bool,
}

/// The candidates, best first; those that are out are last. Equals are in the order of the article's table.
#[must_use]
pub fn rank(requirements: &Requirements) -> Vec<Ranked> {
    let mut ranking: Vec<Ranked> = Candidate::ALL
        .iter()
        .map(|&candidate| score(candidate, requirements))
        .collect();
    ranking.sort_by_key(|it| (it.is_out, -it.score));
    ranking
}

fn score(candidate: Candidate, requirements: &Requirements) -> Ranked {
    let points: Vec<Point> = requirements
        .known
        .iter()
        .filter_map(|known| {
            let cell = cell(candidate, known.criterion, known.value)?;
            // Where gRPC-Web is spoken, a browser is a drawback and no longer a veto.
            let relaxed = requirements.grpc_web
                && candidate == Candidate::Grpc
                && known.criterion == Criterion::Audience
                && cell.score == VETO;
            let score = if relaxed { -1 } else { cell.score };
            Some(Point {
                criterion: known.criterion,
                value: known.value,
                score: score * known.weight.factor(),
                is_veto: score == VETO,
                keys: cell.keys,
            })
        })
        .collect();
    let carried = |shape: &&OperationShape| match candidate.protocol() {
        Some(protocol) => protocol.carries(**shape),
        None => carried_by_broker(**shape),
    };
    let shapes = &requirements.shapes;
    let carries = shapes.iter().filter(carried).count();
    Ranked {
        candidate,
        score: points.iter().map(|it| it.score).sum(),
        is_out: points.iter().any(|it| it.is_veto) || carries == 0 && !shapes.is_empty(),
        points,
        carries,
    }
}

/// Messages through a broker are answered by nobody.
const fn carried_by_broker(shape: OperationShape) -> bool {
    matches!(shape, OperationShape::Event | OperationShape::Command)
}

fn cell(candidate: Candidate, criterion: Criterion, value: &str) -> Option<&'static Cell> {
    let row = TABLE
        .iter()
        .find(|row| row.criterion == criterion && row.value == value)?;
    row.cells.iter().find(|it| it.candidate == candidate)
}

/// Who leads, and what could still change that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The candidates at the top that are too close to tell apart; one, where the choice is clear. Empty when all are
    /// out.
    pub leaders: Vec<Candidate>,
    /// Of a tie: the criterion, still unknown, that would tell them apart best.
    pub decisive: Option<Decisive>,
}

/// An unknown criterion that would decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decisive {
    /// The criterion.
    pub criterion: Criterion,
    /// Which of the leaders each value would leave, where it leaves fewer.
    pub values: Vec<(&'static str, Vec<Candidate>)>,
}

/// Judges a ranking of the same requirements.
#[must_use]
pub fn verdict(requirements: &Requirements, ranking: &[Ranked]) -> Verdict {
    let leaders = leaders(ranking);
    let decisive = if leaders.len() > 1 {
        decisive(requirements, &leaders)
    } else {
        None
    };
    Verdict { leaders, decisive }
}

fn leaders(ranking: &[Ranked]) -> Vec<Candidate> {
    let Some(best) = ranking.first().filter(|it| !it.is_out) else {
        return Vec::new();
    };
    ranking
        .iter()
        .take_while(|it| !it.is_out && best.score - it.score <= TIE)
        .map(|it| it.candidate)
        .collect()
}

/// The unknown criterion whose values leave the most different leaders; of several, the one that tells them furthest
/// apart.
fn decisive(requirements: &Requirements, tied: &[Candidate]) -> Option<Decisive> {
    let unknown = Criterion::ALL
        .iter()
        .filter(|it| requirements.of(**it).is_none());
    let mut best: Option<((usize, i32), Decisive)> = None;
    for &criterion in unknown {
        let mut values = Vec::new();
        let mut widest = 0;
        for (value, _) in criterion.values() {
            let mut supposed = requirements.clone();
            supposed.known.extend(Known::new(criterion, value, ""));
            let mut ranking = rank(&supposed);
            ranking.retain(|it| tied.contains(&it.candidate));
            let left = leaders(&ranking);
            if !left.is_empty() && left.len() < tied.len() {
                let apart = ranking.iter().map(|it| ranking[0].score - it.score).max();
                widest = widest.max(apart.unwrap_or(0));
                values.push((*value, left));
            }
        }
        let mut outcomes: Vec<_> = values.iter().map(|it| &it.1).collect();
        outcomes.sort();
        outcomes.dedup();
        let weight = (outcomes.len(), widest);
        if !values.is_empty() && best.as_ref().is_none_or(|it| weight > it.0) {
            best = Some((weight, Decisive { criterion, values }));
        }
    }
    best.map(|it| it.1)
}

#[cfg(test)]
mod tests {
    use super::super::criterion::Weight;
    use super::*;

    fn requirements(known: &[(Criterion, &str)]) -> Requirements {
        let known = known
            .iter()
            .map(|(criterion, value)| Known::new(*criterion, value, "").expect("a value"))
            .collect();
        Requirements {
            known,
            ..Requirements::default()
        }
    }

    #[test]
    fn what_must_be_counts_twice() {
        let mut wanted = requirements(&[(Criterion::Replay, "yes")]);
        assert_eq!(rank(&wanted)[0].score, 2);
        wanted.known[0].weight = Weight::Must;
        assert_eq!(rank(&wanted)[0].score, 4);
    }

    #[test]
    fn a_veto_takes_out_unless_it_is_mitigated() {
        let mut wanted = requirements(&[(Criterion::Audience, "browser")]);
        let grpc = |wanted: &Requirements| {
            let found = rank(wanted)
                .into_iter()
                .find(|it| it.candidate == Candidate::Grpc);
            found
                .map(|it| (it.is_out, it.score))
                .expect("gRPC is ranked")
        };
        assert_eq!(grpc(&wanted), (true, -3));
        wanted.grpc_web = true;
        assert_eq!(grpc(&wanted), (false, -1));
    }

    #[test]
    fn what_carries_nothing_is_out() {
        let mut wanted = requirements(&[(Criterion::Audience, "browser")]);
        wanted.shapes = vec![OperationShape::Conversation];
        let left: Vec<Candidate> = rank(&wanted)
            .iter()
            .filter(|it| !it.is_out)
            .map(|it| it.candidate)
            .collect();
        assert_eq!(left, [Candidate::Websocket]);
    }

    #[test]
    fn ties_name_what_would_decide() {
        let tie = |known: &[(Criterion, &str)]| {
            let wanted = requirements(known);
            let verdict = verdict(&wanted, &rank(&wanted));
            (verdict.leaders, verdict.decisive.map(|it| it.criterion))
        };
        let (internal, browser) = (
            (Criterion::Audience, "internal"),
            (Criterion::Audience, "browser"),
        );
        assert_eq!(
            tie(&[
                internal,
                (Criterion::Direction, "notify"),
                (Criterion::Interaction, "async")
            ]),
            (
                vec![Candidate::Queue, Candidate::Stream],
                Some(Criterion::Replay)
            )
        );
        assert_eq!(
            tie(&[
                browser,
                (Criterion::Direction, "request_response"),
                (Criterion::Interaction, "sync")
            ]),
            (
                vec![Candidate::Rest, Candidate::Graphql],
                Some(Criterion::Queries)
            )
        );
        assert_eq!(
            tie(&[
                browser,
                (Criterion::Direction, "server_to_client"),
                (Criterion::Timeliness, "realtime")
            ]),
            (
                vec![Candidate::Sse, Candidate::Websocket],
                Some(Criterion::Payload)
            )
        );
    }

    #[test]
    fn a_clear_choice_is_no_tie() {
        let wanted = requirements(&[
            (Criterion::Audience, "external"),
            (Criterion::Queries, "crud"),
        ]);
        let verdict = verdict(&wanted, &rank(&wanted));
        assert_eq!(verdict.leaders, [Candidate::Rest]);
        assert_eq!(verdict.decisive, None);
    }

    #[test]
    fn what_is_said_last_holds() {
        let mut wanted = requirements(&[(Criterion::Replay, "yes")]);
        wanted.say(Known::new(Criterion::Replay, "no", "").expect("a value"));
        wanted.say(Known::new(Criterion::Audience, "internal", "").expect("a value"));
        let values: Vec<_> = wanted.known.iter().map(|it| it.value).collect();
        assert_eq!(values, ["internal", "no"]);
    }
}
