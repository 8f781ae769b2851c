//! ARC080: what an edge owes to values that stand nowhere in the drawing.

use super::context::Context;
use super::finding::Finding;
use crate::model::attributes::{Attr, Attributes, Origin, Value};
use crate::model::text;

/// Tells once for each edge which values are built in. What is off by itself protects nothing, and is not told.
pub(super) fn check(context: &Context<'_>) -> Vec<Finding> {
    // Most edges share one set of values, and so the text about it.
    let mut known: Vec<(&Attributes, String)> = Vec::new();
    let mut findings = Vec::new();
    for (id, edge) in context.model.edges() {
        if built_in(&edge.attributes).next().is_none() {
            continue;
        }
        let same = known
            .iter()
            .find(|(other, _)| built_in(other).eq(built_in(&edge.attributes)));
        let values = match same {
            Some((_, text)) => text.clone(),
            None => {
                let written = built_in(&edge.attributes)
                    .map(|(attr, value)| format!("{attr} = {}", text::value(context.model, value)));
                let text = written.collect::<Vec<_>>().join(", ");
                known.push((&edge.attributes, text.clone()));
                text
            }
        };
        findings.push(
            Finding::new(
                format!("`{}` relies on built-in values", context.edge_name(id)),
                edge.span,
            )
            .note(format!("in effect: `{values}`"))
            .help("write them on the edge, in a policy or in `defaults` where the drawing shall say so itself"),
        );
    }
    findings
}

fn built_in(attributes: &Attributes) -> impl Iterator<Item = (Attr, &Value)> {
    attributes
        .iter()
        .filter(|(_, it)| it.origin == Origin::BuiltIn)
        .map(|(attr, it)| (attr, &it.value))
        .filter(|(_, value)| !matches!(value, Value::Off | Value::Boolean(false)))
}
