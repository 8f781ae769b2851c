//! Fixes of what we do not generate: the drawing describes there what runs, so that no edit is safe.

use rustc_hash::FxHashSet as HashSet;

use super::finding::Finding;
use crate::diagnostic::Safety;
use crate::model::attributes::Attributes;
use crate::model::{Channel, Edge, Link, Model, NodeKind};
use crate::source::Span;

/// Makes safe fixes that touch what exists suggested ones.
pub(super) fn temper(model: &Model, findings: &mut [(&'static str, Finding)]) {
    let fixes = findings
        .iter_mut()
        .flat_map(|(_, finding)| &mut finding.diagnostic.fixes);
    let mut safe = fixes.filter(|fix| fix.safety == Safety::Safe).peekable();
    if safe.peek().is_none() {
        return;
    }
    let existing = Existing::of(model);
    for fix in safe {
        if fix.edits.iter().any(|it| existing.holds(model, it.span)) {
            fix.safety = Safety::Suggested;
        }
    }
}

/// What describes something that exists.
#[derive(Default)]
struct Existing {
    /// Names of declarations.
    names: HashSet<Span>,
    /// Lines that set a value for it, wherever they stand.
    lines: Vec<Span>,
}

impl Existing {
    fn of(model: &Model) -> Self {
        let mut existing = Self::default();
        let mut lines = HashSet::default();
        let mut add = |attributes: &Attributes| {
            lines.extend(attributes.iter().filter_map(|(_, it)| it.origin.span()));
        };
        for node in model.nodes.iter().filter(|it| it.existing) {
            existing.names.insert(node.span);
            add(&node.attributes);
        }
        for api in model.apis.iter().filter(|it| model[it.node].existing) {
            existing.names.insert(api.span);
            add(&api.attributes);
            for &operation in &api.operations {
                existing.names.insert(model[operation].span);
                add(&model[operation].attributes);
            }
        }
        let broker = |it: &Channel| model[it.broker].existing;
        for channel in model.channels.iter().filter(|it| broker(it)) {
            existing.names.insert(channel.span);
            add(&channel.attributes);
        }
        let is_ours = |edge: &Edge| {
            // What is written on a consuming edge is the consumer's, else the caller's.
            let owner = if edge.link == Link::Consume {
                edge.to
            } else {
                edge.from
            };
            let node = &model[model.node_of(owner)];
            matches!(node.kind, NodeKind::Service(_)) && !node.existing
        };
        for edge in model.edges.iter().filter(|it| !is_ours(it)) {
            existing.names.insert(edge.span);
            add(&edge.attributes);
            let own = edge
                .operations
                .iter()
                .filter_map(|it| it.overrides.as_deref());
            own.for_each(&mut add);
            for &policy in &edge.policies {
                existing.names.insert(model[policy].span);
            }
        }
        existing.lines = lines.into_iter().collect();
        existing.lines.sort_unstable();
        existing
    }

    fn holds(&self, model: &Model, place: Span) -> bool {
        let after = self.lines.partition_point(|it| *it <= place);
        let is_in_line = [after.checked_sub(1), Some(after)]
            .into_iter()
            .flatten()
            .any(|at| {
                self.lines.get(at).is_some_and(|it| {
                    it.file == place.file && it.start <= place.end && place.start <= it.end
                })
            });
        let around = model.declarations.around(place);
        is_in_line || around.is_some_and(|it| self.names.contains(&it.name))
    }
}
