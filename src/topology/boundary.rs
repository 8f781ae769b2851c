//! Where requests cross between trust zones.

use super::{HopId, Topology};
use crate::model::attributes::Trust;
use crate::model::{EdgeId, NodeKind};

impl Topology<'_> {
    /// Trust at the two ends of an edge.
    #[must_use]
    pub fn trust(&self, edge: EdgeId) -> (Trust, Trust) {
        let edge = &self.model[edge];
        let of = |end| self.model[self.model.node_of(end)].trust;
        (of(edge.from), of(edge.to))
    }

    /// Whether what travels here can pass networks that are not ours: one end is public or a partner's.
    #[must_use]
    pub fn leaves(&self, edge: EdgeId) -> bool {
        let (from, to) = self.trust(edge);
        from.min(to) <= Trust::Partner
    }

    /// Whether an edge leads from the public or a partner into something that is trusted more.
    #[must_use]
    pub fn enters(&self, edge: EdgeId) -> bool {
        let (from, to) = self.trust(edge);
        from <= Trust::Partner && to > from
    }

    /// Hops that start at a client or at somebody else's system: what follows from them, a person or partner waits for.
    pub fn entries(&self) -> impl Iterator<Item = HopId> {
        self.hops().map(|(id, _)| id).filter(|&hop| {
            matches!(
                self.model[self.source(hop)].kind,
                NodeKind::Client(_) | NodeKind::External
            )
        })
    }
}
