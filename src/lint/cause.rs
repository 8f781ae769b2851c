//! One cause, one finding: the line that set a value, with all edges for which it holds.

use rustc_hash::FxHashMap as HashMap;

use super::context::Context;
use super::finding::Finding;
use crate::model::EdgeId;
use crate::model::attributes::{Attr, Attributes, Origin};
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

/// The lines that set an attribute for edges, in the order in which edges use them. Built-in values have no line.
#[must_use]
pub fn causes<'m>(context: &Context<'m>, attr: Attr) -> Vec<Cause<'m>> {
    let model = context.model;
    let mut causes: Vec<Cause<'m>> = Vec::new();
    let mut by_line: HashMap<Span, usize> = HashMap::default();
    let mut line = |attributes: &Attributes, causes: &mut Vec<Cause<'m>>| {
        let effective = attributes.get(attr)?;
        let span = effective.origin.span()?;
        Some(*by_line.entry(span).or_insert_with(|| {
            causes.push(Cause {
                span,
                policy: match effective.origin {
                    Origin::Policy(policy, _) => Some(model[policy].name.as_str()),
                    _ => None,
                },
                uses: Vec::new(),
            });
            causes.len() - 1
        }))
    };
    // Edges after one another mostly share their values, and so the line.
    let mut last: Option<(&Attributes, Option<usize>)> = None;
    for (id, edge) in model.edges() {
        let own = edge.operations.iter().filter_map(|it| {
            let attributes = it.overrides.as_deref()?;
            Some((true, attributes))
        });
        let whole = std::iter::once((false, &edge.attributes));
        // Where every operation has values of its own, the edge's hold for none.
        let overridden = edge.operations.iter().all(|it| it.overrides.is_some());
        let skip = usize::from(overridden && !edge.operations.is_empty());
        for (repeats, attributes) in whole.skip(skip).chain(own) {
            let at = match last {
                Some((it, at)) if attributes.is_shared_with(it) => at,
                _ => line(attributes, &mut causes),
            };
            last = Some((attributes, at));
            let Some(at) = at else { continue };
            let cause = &mut causes[at];
            // An operation that only repeats its edge's value is no use of its own.
            if !repeats || cause.uses.last().is_none_or(|it| it.edge != id) {
                cause.uses.push(Use {
                    edge: id,
                    attributes,
                });
            }
        }
    }
    causes
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
