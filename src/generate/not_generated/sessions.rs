//! What sessions of browsers cannot be had with.

use std::collections::BTreeSet;

use super::{Found, NO_BROWSER, TAKEN_PATH, TWO_SESSIONS};
use crate::generate::callers;
use crate::model::attributes::Attr;
use crate::model::{AuthId, AuthScheme, Link, NodeId, NodeKind, Operation};
use crate::protocol::Protocol;

impl Found<'_> {
    /// The sessions of browsers at a node.
    pub(super) fn sessions(&mut self, id: NodeId) {
        let model = self.model;
        let node = &model[id];
        let operations: Vec<&Operation> = node
            .apis
            .iter()
            .flat_map(|api| &model[*api].operations)
            .map(|operation| &model[*operation])
            .collect();
        let is_session = |id: &AuthId| model[*id].scheme == AuthScheme::Session;
        let accepted = operations.iter().filter_map(|it| it.attributes.auths());
        let sessions: BTreeSet<AuthId> = accepted.flatten().filter(is_session).collect();
        if sessions.is_empty() {
            return;
        }
        if sessions.len() > 1 {
            self.add(TWO_SESSIONS, node.span);
        }
        for operation in &operations {
            if operation.route.path.starts_with("/auth/") {
                self.add(TAKEN_PATH, operation.span);
            }
        }
        let alone = |operation: &Operation| {
            let accepted = operation.attributes.auths().unwrap_or_default();
            !operation.attributes.is(Attr::Public)
                && !accepted.is_empty()
                && accepted.iter().all(is_session)
        };
        for (_, edge) in model.edges() {
            let Link::Call {
                protocol,
                api: Some(api),
            } = edge.link
            else {
                continue;
            };
            let caller = model[model.node_of(edge.from)].kind;
            let browser = protocol == Protocol::Rest && !matches!(caller, NodeKind::Service(_));
            let mut carried = callers::carried(model, api, protocol);
            if model[api].node == id && !browser && carried.any(|it| alone(&model[it])) {
                self.add(NO_BROWSER, edge.span);
            }
        }
    }
}
