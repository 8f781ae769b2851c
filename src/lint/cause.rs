//! One cause, one finding: the line that set a value, with all edges for which it holds.

use rustc_hash::FxHashMap as HashMap;

use super::context::Context;
use super::finding::Finding;
use crate::model::attributes::{Attr, Attributes, Effective, Origin, Value};
use crate::model::{EdgeId, Model};
use crate::source::Span;

/// How many edges a finding points at; the others are counted.
const SHOWN: usize = 3;

/// An edge, or one operation of it, for which a value holds.
#[derive(Clone, Copy)]
pub struct Use<'m> {
    /// The edge.
    pub edge: EdgeId,
    /// All its effective values.
    pub attributes: &'m Attributes,
}

/// A line that sets an attribute.
pub struct Cause<'m> {
    /// The line.
    pub span: Span,
    /// The policy that it stands in.
    pub policy: Option<&'m str>,
    /// For what it holds, in source order; never empty.
    pub uses: Vec<Use<'m>>,
}

/// All for which one list of values holds, in source order; never empty. Thousands of edges share few lists.
pub(super) struct Shared(Vec<Place>);

/// An edge, or with a number one of its operations.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    edge: EdgeId,
    operation: Option<u32>,
}

impl Place {
    fn attributes(self, model: &Model) -> &Attributes {
        let edge = &model[self.edge];
        let own = |at: u32| edge.operations[at as usize].overrides.as_deref();
        self.operation.and_then(own).unwrap_or(&edge.attributes)
    }
}

/// The values of all edges, list by list.
pub(super) fn shared(model: &Model) -> Vec<Shared> {
    let mut lists: Vec<Shared> = Vec::new();
    let mut by_list: HashMap<usize, usize> = HashMap::default();
    for (edge, it) in model.edges() {
        let own = it.operations.iter().zip(0..).filter_map(|(it, at)| {
            let attributes = it.overrides.as_deref()?;
            Some((Some(at), attributes))
        });
        let whole = std::iter::once((None, &it.attributes));
        // Where every operation has values of its own, the edge's hold for none.
        let overridden = it.operations.iter().all(|it| it.overrides.is_some());
        let skip = usize::from(overridden && !it.operations.is_empty());
        for (operation, attributes) in whole.skip(skip).chain(own) {
            let at = *by_list.entry(attributes.list()).or_insert_with(|| {
                lists.push(Shared(Vec::new()));
                lists.len() - 1
            });
            lists[at].0.push(Place { edge, operation });
        }
    }
    lists
}

/// The lines that set an attribute for edges, in the order in which edges use them. Built-in values have no line, and what
/// is switched off is set by none.
#[must_use]
pub fn causes<'m>(context: &Context<'m>, attr: Attr) -> Vec<Cause<'m>> {
    let model = context.model;
    let mut lines: Vec<(&Effective, Span, Vec<&Shared>)> = Vec::new();
    let mut by_line: HashMap<Span, usize> = HashMap::default();
    for list in context.shared_values() {
        let set = list.0[0].attributes(model).get(attr);
        let set = set.filter(|it| it.value != Value::Off);
        let Some((effective, span)) = set.and_then(|it| Some((it, it.origin.span()?))) else {
            continue;
        };
        let at = *by_line.entry(span).or_insert_with(|| {
            lines.push((effective, span, Vec::new()));
            lines.len() - 1
        });
        lines[at].2.push(list);
    }
    let mut causes: Vec<Cause<'m>> = lines
        .into_iter()
        .map(|(effective, span, lists)| Cause {
            span,
            policy: match effective.origin {
                Origin::Policy(policy, _) => Some(model[policy].name.as_str()),
                _ => None,
            },
            uses: uses(model, &lists),
        })
        .collect();
    causes.sort_by_key(|it| it.uses.first().map(|it| it.edge));
    causes
}

/// All for which some lists hold, in source order.
fn uses<'m>(model: &'m Model, lists: &[&Shared]) -> Vec<Use<'m>> {
    let mut places: Vec<Place> = lists.iter().flat_map(|it| &it.0).copied().collect();
    if lists.len() > 1 {
        places.sort();
    }
    // An operation that only repeats its edge's value is no use of its own.
    places.dedup_by(|next, kept| next.operation.is_some() && next.edge == kept.edge);
    let uses = places.into_iter().map(|place| Use {
        edge: place.edge,
        attributes: place.attributes(model),
    });
    uses.collect()
}

impl Cause<'_> {
    /// Who it concerns, for the beginning of a message: `front -> orders.Orders`, or the policy's name.
    #[must_use]
    pub fn subject(&self, context: &Context<'_>) -> String {
        match (self.policy, self.uses.as_slice()) {
            (Some(policy), _) => format!("policy `{policy}`"),
            (None, [only]) => format!("`{}`", context.edge_name(only.edge)),
            (None, [first, rest @ ..]) => {
                format!(
                    "`{}` and {} more",
                    context.edge_name(first.edge),
                    rest.len()
                )
            }
            (None, []) => String::new(),
        }
    }

    /// Points at the edges for which it holds.
    #[must_use]
    pub fn show_uses(&self, context: &Context<'_>, mut finding: Finding) -> Finding {
        for it in self.uses.iter().take(SHOWN) {
            let span = context.model[it.edge].span;
            finding = finding.label(span, "it holds for this edge");
        }
        if self.uses.len() > SHOWN {
            finding = finding.note(format!("it holds for {} edges in all", self.uses.len()));
        }
        finding.about(self.uses.iter().map(|it| it.edge))
    }
}
