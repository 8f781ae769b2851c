//! ARC080: what edges owe to values that stand nowhere in the drawing.

use super::context::Context;
use super::finding::Finding;
use crate::model::EdgeId;
use crate::model::attributes::{Attr, Attributes, Origin, Value};
use crate::model::text;

/// How many edges a finding points at; the others are counted.
const SHOWN: usize = 3;

/// Tells once of each edge which of its values are built in: edges with the same ones together. What is off by itself
/// protects nothing, and is not told.
pub(super) fn check(context: &Context<'_>) -> Vec<Finding> {
    let mut groups: Vec<(&Attributes, Vec<EdgeId>)> = Vec::new();
    for (id, edge) in context.model.edges() {
        if built_in(&edge.attributes).next().is_none() {
            continue;
        }
        let same = groups
            .iter_mut()
            .find(|(other, _)| built_in(other).eq(built_in(&edge.attributes)));
        match same {
            Some((_, edges)) => edges.push(id),
            None => groups.push((&edge.attributes, vec![id])),
        }
    }
    groups
        .iter()
        .filter_map(|(attributes, edges)| tell(context, attributes, edges))
        .collect()
}

fn tell(context: &Context<'_>, attributes: &Attributes, edges: &[EdgeId]) -> Option<Finding> {
    let (&first, others) = edges.split_first()?;
    let values: Vec<String> = built_in(attributes)
        .map(|(attr, value)| format!("{attr} = {}", text::value(context.model, value)))
        .collect();
    let name = context.edge_name(first);
    let message = match others.len() {
        0 => format!("`{name}` relies on what is built in"),
        1 => format!("`{name}` and another edge rely on what is built in"),
        more => format!("`{name}` and {more} other edges rely on what is built in"),
    };
    let mut finding = Finding::new(message, context.model[first].span);
    for &edge in others.iter().take(SHOWN) {
        finding = finding.label(context.model[edge].span, "and here");
    }
    Some(
        finding
            .about(edges.iter().copied())
            .note(format!("in effect: `{}`", values.join(", ")))
            .help("write it on the edge, in a policy or in `defaults` where the drawing shall say so itself"),
    )
}

fn built_in(attributes: &Attributes) -> impl Iterator<Item = (Attr, &Value)> {
    attributes
        .iter()
        .filter(|(_, it)| it.origin == Origin::BuiltIn)
        .map(|(attr, it)| (attr, &it.value))
        .filter(|(_, value)| !matches!(value, Value::Off | Value::Boolean(false)))
}
