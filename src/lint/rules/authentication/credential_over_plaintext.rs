//! # AUN005 credential-over-plaintext
//!
//! ## What it does
//! Finds edges without TLS whose callee accepts a credential that is as good in other hands: a token, a session cookie, an
//! api key, a password.
//!
//! ## Why it is bad
//! Such a credential can be read on the way and used by whoever read it, inside the network too, until it ends. Tokens
//! have to be kept from theft (the article, section 3.4), and what is confidential travels encrypted (section 3.1). See
//! also RFC 9700, section 2.6, and OWASP ASVS 5.0, 12.3.1.
//!
//! ## Bad
//! ```arch
//! roles { customer }
//! auth staff : jwt { issuer = "https://id.shop.example", audience = "shop", algorithms = [ES256], roles = realm.roles }
//! service front
//! service orders {
//!   api Orders { auth = staff, allow = [customer]
//!     query find(id: uuid) -> string
//!   }
//! }
//! front -> orders : rest { tls = off }
//! ```
//!
//! ## Good
//! ```arch
//! roles { customer }
//! auth staff : jwt { issuer = "https://id.shop.example", audience = "shop", algorithms = [ES256], roles = realm.roles }
//! service front
//! service orders {
//!   api Orders { auth = staff, allow = [customer]
//!     query find(id: uuid) -> string
//!   }
//! }
//! front -> orders : rest
//! ```
//!
//! ## How to fix
//! Delete `tls = off`.
//!
//! ## Known limits
//! Of existing nodes that say nothing about TLS, nothing is concluded here; across a boundary TRN001 does.

use crate::diagnostic::Safety;
use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::attributes::{Attr, Tls};
use crate::model::{AuthScheme, EdgeId, NodeKind};

pub fn check(context: &Context<'_>, id: EdgeId) -> Vec<Finding> {
    let edge = &context.model[id];
    if edge.attributes.tls() != Some(Tls::Off) {
        return Vec::new();
    }
    let bearer = context
        .topology
        .hops_of(id)
        .flat_map(|hop| context.schemes(hop))
        .map(|scheme| &context.model[*scheme])
        .find(|scheme| scheme.scheme != AuthScheme::Mtls);
    let Some(scheme) = bearer else {
        return Vec::new();
    };
    let caller = &context.model[context.model.node_of(edge.from)];
    let tls = match caller.kind {
        NodeKind::Service(_) => "mutual",
        _ => "server",
    };
    let from = context.model.end_name(edge.from);
    let to = context.model.end_name(edge.to);
    vec![
        Finding::new(
            format!(
                "the {} credential of `{from}` travels to `{to}` in clear text",
                scheme.scheme
            ),
            edge.span,
        )
        .here("it can be read and used again here")
        .label_at(edge.attributes.span(Attr::Tls), "TLS is switched off here")
        .label(
            scheme.span,
            format!("`{}` is such a credential", scheme.name),
        )
        .fix(
            Safety::Suggested,
            format!("write `tls = {tls}`"),
            context.editor().set(id, Attr::Tls, tls),
        )
        .about([id]),
    ]
}
