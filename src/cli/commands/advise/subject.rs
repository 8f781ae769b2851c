//! What advice is given about: edges, decided or not, and channels.

use crate::cli::Failure;
use crate::model::resolve::Undecided;
use crate::model::{
    ApiId, Channel, ChannelKind, Edge, End, Link, Model, NodeKind, OperationId, requirements,
};
use crate::protocol::{Candidate, Protocol, Requirements};
use crate::source::Span;
use crate::syntax::nearest;

/// Something that travels, or shall.
pub struct Subject {
    /// `front -> orders.Orders`, `bus.placed`.
    pub name: String,
    /// The names that it may be asked for by: where it starts and where it goes.
    ends: Vec<(String, String)>,
    /// Where it is drawn.
    pub span: Option<Span>,
    /// How it travels; `None` when that is undecided.
    pub used: Option<Candidate>,
    /// Where a protocol can be put in.
    pub place: Option<Span>,
    /// What it is wanted for.
    pub requirements: Requirements,
    /// Its operations by name, in the order of the requirements' shapes.
    operations: Vec<String>,
}

impl Subject {
    /// One that no drawing holds.
    #[must_use]
    pub fn imagined(requirements: Requirements) -> Self {
        Self {
            name: "a new edge".to_owned(),
            ends: Vec::new(),
            span: None,
            used: None,
            place: None,
            requirements,
            operations: Vec::new(),
        }
    }

    /// Names of the operations that a protocol cannot carry.
    #[must_use]
    pub fn left_out(&self, protocol: Protocol) -> Vec<&str> {
        let shapes = self.operations.iter().zip(&self.requirements.shapes);
        shapes
            .filter(|(_, shape)| !protocol.carries(**shape))
            .map(|(name, _)| name.as_str())
            .collect()
    }
}

/// All calls, undecided edges and channels of a drawing, in source order.
#[must_use]
pub fn all(model: &Model, undecided: &[Undecided]) -> Vec<Subject> {
    let mut subjects: Vec<Subject> = undecided.iter().map(|it| of_undecided(model, it)).collect();
    subjects.extend(model.edges.iter().filter_map(|it| of_call(model, it)));
    let mut consumers: Vec<Vec<&Edge>> = vec![Vec::new(); model.channels.len()];
    let mut publishers: Vec<Vec<&Edge>> = vec![Vec::new(); model.channels.len()];
    for edge in &model.edges {
        match (edge.from, edge.to) {
            (End::Channel(channel), _) => consumers[channel.0 as usize].push(edge),
            (_, End::Channel(channel)) => publishers[channel.0 as usize].push(edge),
            _ => {}
        }
    }
    for (at, channel) in model.channels.iter().enumerate() {
        subjects.extend(of_channel(model, channel, &publishers[at], &consumers[at]));
    }
    subjects.sort_by_key(|it| it.span);
    subjects
}

/// Those between two ends, as a drawing names them.
///
/// # Errors
/// There is none; the message says what there is.
pub fn between(subjects: Vec<Subject>, from: &str, to: &str) -> Result<Vec<Subject>, Failure> {
    let mut ends: Vec<(String, String)> = subjects.iter().flat_map(|it| it.ends.clone()).collect();
    ends.dedup();
    let is_meant = |subject: &Subject| subject.ends.iter().any(|it| it.0 == from && it.1 == to);
    let found: Vec<Subject> = subjects.into_iter().filter(is_meant).collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let goals: Vec<&str> = ends
        .iter()
        .filter(|it| it.0 == from)
        .map(|it| it.1.as_str())
        .collect();
    let (unknown, known) = if goals.is_empty() {
        (from, ends.iter().map(|it| it.0.as_str()).collect())
    } else {
        (to, goals)
    };
    let message = format!("no edge goes from `{from}` to `{to}`");
    Err(match nearest(unknown, known) {
        Some(near) => format!("{message}: did you mean `{near}`?").into(),
        None => format!("{message} over a protocol or through a broker").into(),
    })
}

fn of_undecided(model: &Model, edge: &Undecided) -> Subject {
    let (from, to) = (&model[edge.from].name, &model[edge.to].name);
    let operations = edge.api.map_or(&[][..], |api| &model[api].operations);
    Subject {
        name: name(model, from, to, edge.api),
        ends: ends(model, from, to, edge.api),
        span: Some(edge.span),
        used: None,
        place: edge.place,
        requirements: requirements::of_undecided(model, edge.from, edge.to, edge.api),
        operations: names(model, operations.iter().copied()),
    }
}

fn of_call(model: &Model, edge: &Edge) -> Option<Subject> {
    let Link::Call { protocol, api } = edge.link else {
        return None;
    };
    let (from, to) = (model.end_name(edge.from), model.end_name(edge.to));
    Some(Subject {
        name: name(model, &from, &to, api),
        ends: ends(model, &from, &to, api),
        span: Some(edge.span),
        used: Some(Candidate::of(protocol)),
        place: None,
        requirements: requirements::of_edge(model, edge)?,
        operations: names(model, edge.operations.iter().map(|it| it.operation)),
    })
}

/// A channel. What fires and forgets is none of the guide's eight.
fn of_channel(
    model: &Model,
    channel: &Channel,
    publishers: &[&Edge],
    consumers: &[&Edge],
) -> Option<Subject> {
    let NodeKind::Broker(engine) = model[channel.broker].kind else {
        return None;
    };
    let used = match channel.kind {
        ChannelKind::Queue => Candidate::Queue,
        ChannelKind::Topic if engine.facts().log => Candidate::Stream,
        ChannelKind::Topic => Candidate::Queue,
        ChannelKind::Channel => return None,
    };
    let name = format!("{}.{}", model[channel.broker].name, channel.name);
    let into = publishers
        .iter()
        .map(|it| (model.end_name(it.from), name.clone()));
    let out = consumers
        .iter()
        .map(|it| (name.clone(), model.end_name(it.to)));
    Some(Subject {
        ends: into.chain(out).collect(),
        span: Some(channel.span),
        used: Some(used),
        place: None,
        requirements: requirements::of_channel(model, channel, consumers),
        operations: Vec::new(),
        name,
    })
}

fn name(model: &Model, from: &str, to: &str, api: Option<ApiId>) -> String {
    ends(model, from, to, api)
        .pop()
        .map_or_else(String::new, |(from, to)| format!("{from} -> {to}"))
}

/// `orders`, and `orders.Orders` where it has an api of its own.
fn ends(model: &Model, from: &str, to: &str, api: Option<ApiId>) -> Vec<(String, String)> {
    let mut ends = vec![(from.to_owned(), to.to_owned())];
    if let Some(api) = api.filter(|api| !model[*api].built_in) {
        ends.push((from.to_owned(), format!("{to}.{}", model[api].name)));
    }
    ends
}

fn names(model: &Model, operations: impl Iterator<Item = OperationId>) -> Vec<String> {
    operations.map(|id| model[id].name.clone()).collect()
}
