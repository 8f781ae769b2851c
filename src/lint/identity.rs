//! What a finding is about, whatever its words and wherever it stands: the code, the declaration that it points at, and
//! the edges concerned, by name.
//!
//! Text that moves, is laid out anew or goes to another file keeps its findings; what is called otherwise has new ones. A
//! finding about several edges has a name for each of them, so that one more edge with the same flaw is news.

use rustc_hash::FxHashMap as HashMap;

use super::context::Context;
use super::finding::Finding;
use crate::model::EdgeId;
use crate::source::Span;

/// Names findings, for baselines and fingerprints.
pub(super) fn identify(context: &Context<'_>, findings: &mut [(&'static str, Finding)]) {
    let namer = Namer {
        context,
        edges: context
            .model
            .edges()
            .map(|(id, it)| (it.span, id))
            .collect(),
    };
    for (code, finding) in findings {
        let place = finding.diagnostic.primary.span;
        let subject = format!("{code} {}", namer.subject(place));
        finding.names = match finding.edges.as_slice() {
            [] => vec![subject],
            edges => edges
                .iter()
                .map(|&edge| match context.model[edge].span == place {
                    true => subject.clone(),
                    false => format!("{subject} | {}", namer.edge(edge)),
                })
                .collect(),
        };
        finding.names.sort_unstable();
        finding.names.dedup();
    }
}

struct Namer<'a> {
    context: &'a Context<'a>,
    edges: HashMap<Span, EdgeId>,
}

impl Namer<'_> {
    /// The declaration that a place belongs to, and the attribute, where the place is one.
    fn subject(&self, place: Span) -> String {
        let path = self.path(place);
        let text = self.context.sources.text(place);
        let attribute = text.split_once('=').map(|(it, _)| it.trim());
        let is_name = |it: &&str| {
            let is_part = |it: char| it.is_ascii_lowercase() || it == '_';
            !it.is_empty() && it.chars().all(is_part)
        };
        match attribute.filter(is_name) {
            Some(attribute) => format!("{path} / {attribute}"),
            None => path,
        }
    }

    fn path(&self, place: Span) -> String {
        let declarations = &self.context.model.declarations;
        let Some(written) = declarations.around(place) else {
            return "system".to_owned();
        };
        let edge = |it: &crate::model::written::Written| {
            let id = self.edges.get(&it.name)?;
            Some(self.edge(*id))
        };
        declarations.path(written, self.context.sources, &edge)
    }

    /// An edge with all that tells it from others, whether its api is written or not.
    fn edge(&self, id: EdgeId) -> String {
        let name = self.context.edge_name(id);
        match self.context.model[id].protocol() {
            Some(protocol) => format!("{name} : {protocol}"),
            None => name,
        }
    }
}
