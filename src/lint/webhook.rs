//! Webhooks between the system and the outside: which way they go, and what proves their sender.

use super::context::Context;
use crate::model::attributes::{Attr, Tls, Trust};
use crate::model::edit::Edits;
use crate::model::{EdgeId, NodeKind};
use crate::protocol::Protocol;

/// Which way a webhook crosses the border of the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From somebody else to us.
    In,
    /// From us to somebody else.
    Out,
}

/// Which way an edge crosses the border, if it is a webhook and does. What passes requests on unchecked is no border.
#[must_use]
pub fn direction(context: &Context<'_>, id: EdgeId) -> Option<Direction> {
    let edge = &context.model[id];
    if edge.protocol() != Some(Protocol::Webhook) {
        return None;
    }
    if context.topology.enters(id) {
        return Some(Direction::In);
    }
    let [from, to] = [edge.from, edge.to].map(|it| &context.model[context.model.node_of(it)]);
    let ours = matches!(from.kind, NodeKind::Service(_));
    let theirs = to.kind == NodeKind::External || to.trust <= Trust::Partner;
    (ours && theirs && from.trust > Trust::Partner).then_some(Direction::Out)
}

/// What proves, to its receiver, who sends a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Defence {
    /// `signature = ...`: over the content.
    Signature,
    /// `tls = mutual`, or a certificate that the receiver's api asks for.
    Certificate,
    /// Another scheme that the receiver's api asks for.
    Scheme,
    /// `ip_allow = [...]`
    Addresses,
}

impl Defence {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Signature,
        Self::Certificate,
        Self::Scheme,
        Self::Addresses,
    ];

    /// As messages name it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Signature => "a signature",
            Self::Certificate => "the sender's certificate",
            Self::Scheme => "a scheme that the api asks for",
            Self::Addresses => "a list of addresses",
        }
    }
}

/// The defences that hold for every operation of an edge.
#[must_use]
pub fn defences(context: &Context<'_>, id: EdgeId) -> Vec<Defence> {
    let attributes = &context.model[id].attributes;
    let asked = |mtls: bool| {
        let is = |it: &crate::model::AuthId| {
            (context.model[*it].scheme == crate::model::AuthScheme::Mtls) == mtls
        };
        let mut hops = context.topology.hops_of(id);
        hops.all(|hop| {
            let schemes = context.schemes(hop);
            !schemes.is_empty() && schemes.iter().all(is)
        })
    };
    let written = attributes.span(Attr::Tls).is_some();
    let holds = |defence: &Defence| match defence {
        Defence::Signature => attributes.get(Attr::Signature).is_some(),
        Defence::Certificate => (written && attributes.tls() == Some(Tls::Mutual)) || asked(true),
        Defence::Scheme => asked(false),
        Defence::Addresses => attributes.get(Attr::IpAllow).is_some(),
    };
    Defence::ALL.into_iter().filter(|it| holds(it)).collect()
}

/// Edits that let a webhook be signed with a secret of its own.
#[must_use]
pub fn sign(context: &Context<'_>, id: EdgeId) -> Edits {
    let edge = &context.model[id];
    let [from, to] = [edge.from, edge.to].map(|it| {
        context.model[context.model.node_of(it)]
            .name
            .to_ascii_uppercase()
    });
    let value = format!("standard(secret = env(\"{from}_{to}_WEBHOOK_SECRET\"))");
    context.editor().set(id, Attr::Signature, &value)
}
