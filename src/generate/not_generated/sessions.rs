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

#[cfg(test)]
mod tests {
    use crate::generate::fixture::model;
    use crate::generate::not_generated::refusals;

    /// What is refused of a drawing whose service `front` has these apis, with these edges.
    fn refused(apis: &str, edges: &str) -> Vec<String> {
        let text = format!(
            "system s
             auth staff : jwt {{ issuer = \"https://id.example\", audience = \"s\", algorithms = [ES256] }}
             auth web : session {{ provider = staff }}
             auth shop : session {{ provider = staff }}
             client page : browser
             client tool : cli
             service caller
             service front {{ {apis} }}
             {edges}"
        );
        let refusals = refusals(&model(Box::leak(text.into_boxed_str())));
        refusals.iter().map(|it| it.message.clone()).collect()
    }

    #[test]
    fn sessions_are_for_browsers_over_rest() {
        let alone = "api A { at = \"/v1\", auth = web\n query find() -> string }";
        let both = "api A { at = \"/v1\", auth = [web, staff]\n query find() -> string }";
        assert!(refused(alone, "page -> front : rest").is_empty());
        for edge in ["tool -> front : grpc", "caller -> front : rest"] {
            let told = refused(alone, edge);
            assert!(
                told.len() == 1 && told[0].contains("no browsers"),
                "{told:?}"
            );
            assert!(refused(both, edge).is_empty(), "{edge}");
        }
    }

    #[test]
    fn a_service_has_one_place_to_log_in_at() {
        let two = "api A { at = \"/v1\", auth = web\n query find() -> string }
                   api B { at = \"/v2\", auth = shop\n query get() -> string }";
        let told = refused(two, "page -> front.A : rest\npage -> front.B : rest");
        assert!(
            told.len() == 1 && told[0].contains("two session schemes"),
            "{told:?}"
        );
        let taken = "api A { auth = web\n query find() -> string { http = get(\"/auth/login\") } }";
        let told = refused(taken, "page -> front : rest");
        assert!(
            told.len() == 1 && told[0].contains("below /auth"),
            "{told:?}"
        );
    }
}
