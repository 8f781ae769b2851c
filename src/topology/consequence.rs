//! What a single hop causes, and how it uses a store.

use super::{HopId, Topology, Trigger};
use crate::model::attributes::Attr;
use crate::model::{Access, CallTarget, End, Link, OperationKind};

/// Something that a hop causes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Consequence {
    /// What is caused.
    pub hop: HopId,
    /// Whether nothing says so, and its cause may call all.
    pub assumed: bool,
}

impl Topology<'_> {
    /// What a hop causes, in source order: what `via` and `calls` say, the consumers of the channel that it publishes to,
    /// or all that its target calls where nothing is said.
    #[must_use]
    pub fn consequences(&self, hop: HopId) -> Vec<Consequence> {
        let graph = &self.trigger.graph;
        let mut next = Vec::new();
        for to in graph.neighbors(Trigger::vertex(hop)) {
            let assumed = self.trigger.is_assumed(to);
            match self.trigger.hop(to) {
                Some(hop) => next.push(Consequence { hop, assumed }),
                None => next.extend(
                    graph
                        .neighbors(to)
                        .filter_map(|it| self.trigger.hop(it))
                        .map(|hop| Consequence { hop, assumed }),
                ),
            }
        }
        next.sort_unstable();
        next.dedup_by_key(|it| it.hop);
        next
    }

    /// How the handler of one hop uses the store that another leads to: what `calls` says (`.read`, `.write`), within what
    /// the store grants. A query only reads where nothing more is said; of all others both has to be reckoned with.
    #[must_use]
    pub fn access(&self, cause: HopId, store: HopId) -> Access {
        let edge = &self.model[self.hop(store).edge];
        let (End::Node(node), Link::Store) = (edge.to, edge.link) else {
            return Access::Both;
        };
        let cause = self.hop(cause);
        let (calls, reads) = match cause.operation {
            Some(id) => {
                let operation = &self.model[id];
                let reads = operation.kind == OperationKind::Query;
                (operation.calls.as_deref(), reads)
            }
            None => (self.model[cause.edge].calls.as_deref(), false),
        };
        let said = calls.unwrap_or_default().iter().find_map(|it| match it {
            CallTarget::Store(id, access) if *id == node => Some(*access),
            _ => None,
        });
        match said {
            Some(Access::Write) => Access::Write,
            Some(Access::Read) => Access::Read,
            _ if reads || edge.attributes.text(Attr::Grant) == Some("read") => Access::Read,
            _ => Access::Both,
        }
    }
}
