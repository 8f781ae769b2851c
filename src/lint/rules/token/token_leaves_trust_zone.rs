//! # TOK006 token-leaves-trust-zone
//!
//! ## What it does
//! Finds calls out of the system, to an external or into a `public` or `partner` zone, that hand over the user's token as
//! it came (`identity = forward`). Services that are called with no user's token have none to hand over.
//!
//! ## Why it is bad
//! Whoever gets the token can be the user, at every door that takes it, until it ends. Tokens stay where they are trusted,
//! and each callee gets the least that it needs (the article, sections 3.3 and 3.4). See also RFC 9700, sections 2.3 and 4.9,
//! NIST SP 800-204, MS-SS-10, and RFC 8693, by which a token is exchanged for a narrower one.
//!
//! ## Bad
//! ```arch
//! roles { customer }
//! auth staff : jwt { issuer = "https://id.shop.example", audience = "shop", algorithms = [ES256], roles = realm.roles }
//! client web : browser
//! service orders {
//!   api Orders { auth = staff, allow = [customer], rate_limit = limit(50/s, per = user)
//!     command send(id: uuid)
//!   }
//! }
//! external parcels { url = "https://parcels.example" }
//! web -> orders : rest
//! orders -> parcels : rest { identity = forward, breaker = errors(50%, cooldown = 10s) }
//! ```
//!
//! ## Good
//! ```arch
//! roles { customer }
//! auth staff : jwt { issuer = "https://id.shop.example", audience = "shop", algorithms = [ES256], roles = realm.roles }
//! client web : browser
//! service orders {
//!   api Orders { auth = staff, allow = [customer], rate_limit = limit(50/s, per = user)
//!     command send(id: uuid)
//!   }
//! }
//! external parcels { url = "https://parcels.example" }
//! web -> orders : rest
//! orders -> parcels : rest { identity = none, breaker = errors(50%, cooldown = 10s) }
//! ```
//!
//! ## How to fix
//! Call as the service itself (`identity = none`, with `auth = ...` of its own), or exchange the token for one that is good
//! there and nowhere else: `identity = exchange`.
//!
//! ## Known limits
//! A provider who issued the token himself may have it back; accept it there. Tokens that are put into messages of a
//! channel, or forwarded further and further inside, are not followed.

use crate::diagnostic::Safety;
use crate::lint::access::is_user_token;
use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::attributes::{Attr, Attributes, Identity, Origin, Trust};
use crate::model::{EdgeId, Link, NodeId, NodeKind};

pub fn check(context: &Context<'_>, id: EdgeId) -> Vec<Finding> {
    let edge = &context.model[id];
    if !matches!(edge.link, Link::Call { .. }) {
        return Vec::new();
    }
    let from = &context.model[context.model.node_of(edge.from)];
    let to = &context.model[context.model.node_of(edge.to)];
    let outside = to.kind == NodeKind::External || to.trust <= Trust::Partner;
    if !outside || !matches!(from.kind, NodeKind::Service(_)) || from.trust < to.trust {
        return Vec::new();
    }
    let forwards = |it: &Attributes| it.identity() == Some(Identity::Forward);
    let hops = context.topology.hops_of(id);
    let mut attributes = hops.map(|hop| context.attributes_of(hop));
    let Some(attributes) = attributes.find(|it| forwards(it)) else {
        return Vec::new();
    };
    if !knows_a_user(context, context.model.node_of(edge.from)) {
        return Vec::new();
    }
    let (origin, line) = match attributes.get(Attr::Identity).map(|it| &it.origin) {
        Some(Origin::Policy(policy, span)) => (
            format!("the policy `{}` says so", context.model[*policy].name),
            Some(*span),
        ),
        Some(Origin::Defaults(span)) => ("the defaults say so".to_owned(), Some(*span)),
        Some(origin) => ("the token goes along as it came".to_owned(), origin.span()),
        None => return Vec::new(),
    };
    vec![
        Finding::new(
            format!(
                "`{}` hands its user's token to `{}`, outside of the system",
                from.name, to.name
            ),
            edge.span,
        )
        .here(format!("`{}` can be the user with it, everywhere", to.name))
        .label_at(line, origin)
        .fix(
            Safety::Suggested,
            "write `identity = none` on the edge, or `exchange` for a token that is good there alone",
            context.editor().set(id, Attr::Identity, "none"),
        )
        .about([id]),
    ]
}

/// Whether a service is called by somebody with a user's token. Messages and schedules bring none.
fn knows_a_user(context: &Context<'_>, node: NodeId) -> bool {
    let incoming = context.topology.incoming(node).iter();
    let mut hops = incoming.flat_map(|&edge| context.topology.hops_of(edge));
    hops.any(|hop| {
        let schemes = context.schemes(hop).iter();
        let mut schemes = schemes.map(|it| context.model[*it].scheme);
        schemes.any(is_user_token)
    })
}
