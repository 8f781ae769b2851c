//! Who is known at which hop, and how much what it reaches is worth.

use super::context::Context;
use crate::model::attributes::{Attr, Attributes, DataClass, Identity, Trust, Value};
use crate::model::{AuthId, AuthScheme, End, NodeId, OperationId};
use crate::topology::HopId;

impl Context<'_> {
    /// The schemes that a request may be made with over a hop: the one that the edge chose, else all that the callee
    /// accepts. Empty: nobody is asked who he is, or nothing is known about it.
    #[must_use]
    pub fn schemes(&self, hop: HopId) -> &[AuthId] {
        let hop = self.topology.hop(hop);
        let chosen = auths(&self.model[hop.edge].attributes);
        match hop.operation {
            Some(operation) if chosen.is_empty() => auths(&self.model[operation].attributes),
            _ => chosen,
        }
    }

    /// Whether a request over a hop may come from anybody: the operation is public, or nothing asks who it is.
    #[must_use]
    pub fn is_anonymous(&self, hop: HopId) -> bool {
        let Some(operation) = self.topology.hop(hop).operation else {
            return !self.is_signed(hop) && self.schemes(hop).is_empty();
        };
        self.model[operation].attributes.is(Attr::Public)
            || (!self.is_signed(hop) && self.schemes(hop).is_empty())
    }

    /// Whether the requests of a hop are signed, as webhooks are.
    #[must_use]
    pub fn is_signed(&self, hop: HopId) -> bool {
        let attributes = &self.model[self.topology.hop(hop).edge].attributes;
        matches!(attributes.value(Attr::Signature), Some(Value::Signature(_)))
    }

    /// Whether a hop makes sure whom a request is for. At the edge of the system any authentication does. Inside, only a
    /// token of the user that the callee judges by itself: a service's certificate proves who passes a request on, not
    /// where it came from.
    #[must_use]
    pub fn proves_origin(&self, hop: HopId) -> bool {
        if self.is_anonymous(hop) {
            return false;
        }
        let edge = &self.model[self.topology.hop(hop).edge];
        let from = self.model.node_of(edge.from);
        if self.model[from].trust == Trust::Public || self.topology.lets_in(from) {
            return true;
        }
        if !matches!(
            edge.attributes.identity(),
            Some(Identity::Forward | Identity::Exchange)
        ) {
            return false;
        }
        let schemes = self.schemes(hop);
        let user = |scheme: &AuthId| is_user_token(self.model[*scheme].scheme);
        // Where a certificate is enough, only roles make sure that there is a user.
        let judged = self.topology.hop(hop).operation.is_some_and(|operation| {
            let attributes = &self.model[operation].attributes;
            attributes.get(Attr::Allow).is_some() || attributes.get(Attr::When).is_some()
        });
        schemes.iter().any(user) && (judged || schemes.iter().all(user))
    }

    /// Whether an operation is there for those who are not known yet, and says so: a login, a registration, a health check.
    #[must_use]
    pub fn is_for_strangers(&self, operation: OperationId) -> bool {
        self.model[operation]
            .attributes
            .text(Attr::Purpose)
            .is_some()
    }

    /// Whether whoever passes a hop is known afterwards: it is a login or a registration, which reads what it must.
    #[must_use]
    pub fn is_login(&self, hop: HopId) -> bool {
        let operation = self.topology.hop(hop).operation;
        let purpose = operation.and_then(|it| self.model[it].attributes.text(Attr::Purpose));
        matches!(purpose, Some("login" | "token" | "register"))
    }

    /// The class of the data behind a store or in a channel; `None` when nothing says.
    #[must_use]
    pub fn class_of(&self, end: End) -> Option<DataClass> {
        match end {
            End::Node(node) => self.class_of_node(node),
            End::Channel(id) => {
                let channel = &self.model[id];
                let declared = channel
                    .attributes
                    .data()
                    .or_else(|| self.class_of_node(channel.broker));
                let carried = channel
                    .message
                    .as_ref()
                    .and_then(|it| self.class_of_type(it));
                declared.max(carried)
            }
        }
    }

    /// The node's own class, else that of the nearest zone around it that has one.
    fn class_of_node(&self, node: NodeId) -> Option<DataClass> {
        let node = &self.model[node];
        let mut class = node.attributes.data();
        let mut zone = node.zone;
        while let (None, Some(around)) = (class, zone) {
            class = self.model[around].attributes.data();
            zone = self.model[around].parent;
        }
        class
    }
}

/// Whether an operation judges what its user may do: by `allow`, by `when`, or in its handler, as `authorizes` says.
#[must_use]
pub fn judges(context: &Context<'_>, operation: OperationId) -> bool {
    let operation = &context.model[operation];
    let service = &context.model[context.model[operation.api].node];
    let attributes = &operation.attributes;
    attributes.allow().is_some_and(|roles| !roles.is_empty())
        || attributes.get(Attr::When).is_some()
        || attributes.get(Attr::Authorizes).is_some()
        || service.attributes.get(Attr::Authorizes).is_some()
}

/// Whether a scheme carries a user, with claims that roles are read from.
#[must_use]
pub fn is_user_token(scheme: AuthScheme) -> bool {
    matches!(
        scheme,
        AuthScheme::Jwt | AuthScheme::Oauth2 | AuthScheme::Session
    )
}

fn auths(attributes: &Attributes) -> &[AuthId] {
    match attributes.value(Attr::Auth) {
        Some(Value::Auths(auths)) => auths,
        _ => &[],
    }
}
