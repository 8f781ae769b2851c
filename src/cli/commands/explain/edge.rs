//! An edge, with all that holds for it and where it comes from.

use crate::cli::Failure;
use crate::cli::table::Table;
use crate::model::attributes::{Attributes, Effective, Origin};
use crate::model::{Channel, Edge, EdgeId, End, Link, Model, text};
use crate::source::{Sources, Span};
use crate::syntax::nearest;

/// The edges between two ends, as a drawing names them.
///
/// # Errors
/// There is none; the message says which there are.
pub fn find(model: &Model, from: &str, to: &str) -> Result<Vec<EdgeId>, Failure> {
    let names = |id: EdgeId, edge: &Edge| (start(model, edge), ends(model, id));
    let all: Vec<_> = model
        .edges()
        .map(|(id, edge)| (id, names(id, edge)))
        .collect();
    let found: Vec<_> = all
        .iter()
        .filter(|(_, (start, ends))| start == from && ends.iter().any(|it| it == to))
        .map(|(id, _)| *id)
        .collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let starting: Vec<_> = all.iter().filter(|(_, (start, _))| start == from).collect();
    if starting.is_empty() {
        let starts = all.iter().map(|(_, (start, _))| start.as_str());
        return Err(match nearest(from, starts) {
            Some(near) => format!("no edge starts at `{from}`: did you mean `{near}`?").into(),
            None => format!("no edge starts at `{from}`").into(),
        });
    }
    let others: Vec<_> = starting
        .iter()
        .filter_map(|(_, (_, ends))| ends.last().map(|it| format!("`{it}`")))
        .collect();
    Err(format!(
        "no edge goes from `{from}` to `{to}`; from there they go to {}",
        others.join(", ")
    )
    .into())
}

fn start(model: &Model, edge: &Edge) -> String {
    model.end_name(edge.from)
}

/// What the end of an edge may be called, the longest last: `orders`, `orders.Orders`.
fn ends(model: &Model, id: EdgeId) -> Vec<String> {
    let edge = &model[id];
    let mut ends = vec![model.end_name(edge.to)];
    if let Link::Call { api: Some(api), .. } = edge.link {
        ends.push(format!("{}.{}", ends[0], model[api].name));
    }
    ends
}

/// Effective values and origins, as tables.
#[must_use]
pub fn explain(model: &Model, sources: &Sources, id: EdgeId) -> String {
    let edge = &model[id];
    let page = Page { model, sources };
    let protocol = edge.protocol().map(|it| format!(" : {it}"));
    let end = ends(model, id).pop().unwrap_or_default();
    let mut text = format!(
        "{} -> {end}{}    {}\n",
        start(model, edge),
        protocol.unwrap_or_default(),
        page.place(edge.span),
    );
    if !edge.policies.is_empty() {
        let names: Vec<_> = edge
            .policies
            .iter()
            .map(|it| model[*it].name.as_str())
            .collect();
        text.push_str(&format!("with {}\n", names.join(", ")));
    }
    let side = match edge.link {
        Link::Consume => "what holds for the consumer",
        Link::Publish => "what holds for the publisher",
        Link::Store => "what holds for the use of the store",
        Link::Call { .. } => "what holds for the caller",
    };
    let own = ("the edge", "the channel");
    text.push_str(&page.section(side, own, &edge.attributes));
    for operation in &edge.operations {
        if let Some(overrides) = &operation.overrides {
            let title = format!("otherwise, for {}", model[operation.operation].name);
            let own = ("the operation on the edge", "the edge");
            text.push_str(&page.section(&title, own, &differing(overrides, &edge.attributes)));
        }
    }
    for operation in &edge.operations {
        let operation = &model[operation.operation];
        let title = format!("what holds for {} at the callee", operation.name);
        let own = ("the operation", "the api");
        text.push_str(&page.section(&title, own, &operation.attributes));
    }
    for channel in [edge.from, edge.to]
        .into_iter()
        .filter_map(channel_of(model))
    {
        let title = format!("what holds for {} {}", channel.kind, channel.name);
        let own = ("the channel", "the broker");
        text.push_str(&page.section(&title, own, &channel.attributes));
    }
    text
}

fn channel_of<'a>(model: &'a Model) -> impl Fn(End) -> Option<&'a Channel> {
    move |end| match end {
        End::Channel(id) => Some(&model[id]),
        End::Node(_) => None,
    }
}

/// The values that are not the same.
fn differing(attributes: &Attributes, from: &Attributes) -> Attributes {
    let mut differing = Attributes::default();
    for (attr, effective) in attributes.iter() {
        if from.value(attr) != Some(&effective.value) {
            differing.set(attr, effective.clone());
        }
    }
    differing
}

struct Page<'a> {
    model: &'a Model,
    sources: &'a Sources,
}

impl Page<'_> {
    /// A table under a title. `own` says what values are written on, and around that.
    fn section(&self, title: &str, own: (&str, &str), attributes: &Attributes) -> String {
        let mut table = Table::<4>::indented(2);
        for (attr, effective) in attributes.iter() {
            let value = text::value(self.model, &effective.value);
            let (origin, place) = self.origin(effective, own);
            table.row([attr.to_string(), value, origin, place]);
        }
        let table = table.to_string();
        if table.is_empty() {
            return String::new();
        }
        format!("\n{title}\n{table}")
    }

    fn origin(&self, effective: &Effective, own: (&str, &str)) -> (String, String) {
        let what = match &effective.origin {
            Origin::Declared(_) => own.0.to_owned(),
            Origin::Inherited(_) => own.1.to_owned(),
            Origin::Policy(id, _) => format!("policy {}", self.model[*id].name),
            Origin::Defaults(_) => "defaults".to_owned(),
            Origin::BuiltIn => "built in".to_owned(),
        };
        let place = effective.origin.span().map(|it| self.place(it));
        (what, place.unwrap_or_default())
    }

    fn place(&self, span: Span) -> String {
        let file = self.sources.file(span.file);
        format!("{}:{}", file.path.display(), file.position(span.start).0)
    }
}
