//! On which edges an authentication scheme is used.

use super::context::Context;
use crate::model::{ClientKind, EdgeId, Link, NodeKind};

/// An edge on which a scheme is accepted.
#[derive(Clone, Copy, Debug)]
pub struct SchemeUse {
    /// The edge.
    pub edge: EdgeId,
    /// Whether some request on it can be made with this scheme alone.
    pub only: bool,
}

/// For each scheme, in the order of their declaration, the edges on which it is accepted, in source order.
#[must_use]
pub fn scheme_uses<'c>(context: &'c Context<'_>) -> &'c [Vec<SchemeUse>] {
    context.scheme_uses.get_or_init(|| find(context))
}

fn find(context: &Context<'_>) -> Vec<Vec<SchemeUse>> {
    let mut uses: Vec<Vec<SchemeUse>> = vec![Vec::new(); context.model.auths.len()];
    for (edge, it) in context.model.edges() {
        if !matches!(it.link, Link::Call { .. }) {
            continue;
        }
        for hop in context.topology.hops_of(edge) {
            let schemes = context.schemes(hop);
            for scheme in schemes {
                let only = schemes.len() == 1;
                let uses = &mut uses[scheme.0 as usize];
                match uses.last_mut() {
                    Some(last) if last.edge == edge => last.only |= only,
                    _ => uses.push(SchemeUse { edge, only }),
                }
            }
        }
    }
    uses
}

/// What kind of client an edge starts at, where it starts at one.
#[must_use]
pub fn client_of(context: &Context<'_>, edge: EdgeId) -> Option<ClientKind> {
    let from = context.model.node_of(context.model[edge].from);
    match context.model[from].kind {
        NodeKind::Client(kind) => Some(kind),
        _ => None,
    }
}
