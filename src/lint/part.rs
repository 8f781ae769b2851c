//! Findings about a part of a system: what would need the rest to be judged is not told.

use super::finding::Finding;
use crate::model::{End, Model, NodeId};

/// Rules that ask who uses something: it may be used in another file.
const OF_THE_WHOLE: [&str; 2] = ["TOP005", "TOP006"];

/// Takes out what cannot be known without the other files: findings at, or only about, what stands there, and of rules
/// about the whole.
pub(super) fn keep_known(model: &Model, findings: &mut Vec<(&'static str, Finding)>) {
    let Some(elsewhere) = &model.elsewhere else {
        return;
    };
    let is_elsewhere = |node: NodeId| elsewhere.binary_search(&node).is_ok();
    let touches = |end: End| is_elsewhere(model.node_of(end));
    let mut places: Vec<_> = elsewhere.iter().map(|&it| model[it].span).collect();
    let channels = model.channels.iter().filter(|it| is_elsewhere(it.broker));
    places.extend(channels.map(|it| it.span));
    let edges = model
        .edges
        .iter()
        .filter(|it| touches(it.from) || touches(it.to));
    places.extend(edges.map(|it| it.span));
    places.sort_unstable();
    findings.retain(|(code, finding)| {
        let about = |edge: &crate::model::EdgeId| {
            let edge = &model[*edge];
            touches(edge.from) || touches(edge.to)
        };
        let is_only_about = |it: &Finding| {
            let is_own_line = model.declarations.around(it.diagnostic.primary.span);
            let is_edge = is_own_line.is_some_and(|it| places.binary_search(&it.name).is_ok());
            !it.edges.is_empty() && it.edges.iter().all(about) && is_edge
        };
        !OF_THE_WHOLE.contains(code)
            && places
                .binary_search(&finding.diagnostic.primary.span)
                .is_err()
            && !is_only_about(finding)
    });
}
