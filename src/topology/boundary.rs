//! Where requests cross between trust zones.

use super::{HopId, Topology};
use crate::model::attributes::{Attr, Trust};
use crate::model::{Edge, EdgeId, Node, NodeId, NodeKind};

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

    /// Whether an edge leads from the public or a partner into something that is trusted more. What passes requests on
    /// unchecked is no place where they enter: the next hop is.
    #[must_use]
    pub fn enters(&self, edge: EdgeId) -> bool {
        self.entered[edge.0 as usize]
    }

    /// For each edge whether [`Self::enters`] is true of it.
    pub(super) fn find_entered(&self) -> Vec<bool> {
        let entered = |(id, edge): (EdgeId, &Edge)| {
            let (from, to) = self.trust(id);
            let node = |end| self.model.node_of(end);
            let crosses = (from <= Trust::Partner && to > from)
                || (self.lets_in(node(edge.from)) && to > Trust::Partner);
            crosses && !self.passes_through(node(edge.to))
        };
        self.model.edges().map(entered).collect()
    }

    /// Whether a node hands requests from the public or a partner on, and checks nothing itself.
    #[must_use]
    pub fn lets_in(&self, node: NodeId) -> bool {
        self.open_proxies[node.0 as usize]
    }

    fn passes_through(&self, node: NodeId) -> bool {
        self.model[node].attributes.is(Attr::PassThrough)
    }

    /// For each node whether [`Self::lets_in`] is true of it.
    pub(super) fn find_open_proxies(&self) -> Vec<bool> {
        let mut open = vec![false; self.model.nodes.len()];
        // A proxy behind an open proxy is open as well.
        let outside = |(id, node): (NodeId, &Node)| (node.trust <= Trust::Partner).then_some(id);
        let mut sources: Vec<NodeId> = self.model.nodes().filter_map(outside).collect();
        while let Some(source) = sources.pop() {
            for &edge in self.outgoing(source) {
                let target = self.model.node_of(self.model[edge].to);
                if self.passes_through(target) && !open[target.0 as usize] {
                    open[target.0 as usize] = true;
                    sources.push(target);
                }
            }
        }
        open
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
