//! # TRN003 weak-tls
//!
//! ## What it does
//! Finds TLS that cannot do what is expected of it: a callee that knows its callers by certificate alone while the edge
//! asks for none (`tls = server`), and an edge that asks a browser, app or command line for a certificate
//! (`tls = mutual`). Devices can be given one where they are made.
//!
//! ## Why it is bad
//! The drawing promises that certificates prove who calls, and what runs either turns every caller away or has been
//! loosened by hand until it let them in. The article wants transport security and proof of identity to be there where
//! it is relied on (sections 3.1 and 3.6). See also OWASP ASVS 5.0, 12.1.1, 12.3.2 and 12.3.5.
//!
//! ## Bad
//! ```arch
//! auth mesh : mtls
//! service front
//! service orders {
//!   api Orders { auth = mesh
//!     query find(id: uuid) -> string
//!   }
//! }
//! front -> orders : grpc { tls = server }
//! ```
//!
//! ## Good
//! ```arch
//! auth mesh : mtls
//! service front
//! service orders {
//!   api Orders { auth = mesh
//!     query find(id: uuid) -> string
//!   }
//! }
//! front -> orders : grpc { tls = mutual }
//! ```
//!
//! ## How to fix
//! Inside the system, write `tls = mutual` or delete the line: it is built in. Towards callers without certificates, write
//! `tls = server` and let the api accept a scheme that they have.
//!
//! ## Known limits
//! Protocol versions and switched-off verification cannot be written in the language: what is generated always verifies,
//! with TLS 1.2 or newer. So there is nothing of that to judge, and of what exists it is not known.

use crate::diagnostic::Safety;
use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::attributes::{Attr, Tls};
use crate::model::{AuthId, AuthScheme, ClientKind, EdgeId, NodeKind};

pub fn check(context: &Context<'_>, id: EdgeId) -> Vec<Finding> {
    let edge = &context.model[id];
    let from = &context.model[context.model.node_of(edge.from)];
    let line = edge.attributes.span(Attr::Tls);
    let name = || context.edge_name(id);
    match edge.attributes.tls() {
        Some(Tls::Mutual) if is_people(from.kind) && line.is_some() => {
            vec![
                Finding::new(
                    format!(
                        "`{}` asks a client for a certificate that it does not have",
                        name()
                    ),
                    edge.span,
                )
                .label_at(line, "the caller has to show a certificate here")
                .fix(
                    Safety::Suggested,
                    "write `tls = server`, and let people prove who they are with a token: `auth = ...` on the api",
                    context.editor().set(id, Attr::Tls, "server"),
                )
                .about([id]),
            ]
        }
        Some(Tls::Server) => {
            let by_certificate = |hop| {
                let schemes = context.schemes(hop);
                let mtls = |id: &AuthId| context.model[*id].scheme == AuthScheme::Mtls;
                (!schemes.is_empty() && schemes.iter().all(mtls)).then(|| schemes[0])
            };
            let Some(scheme) = context.topology.hops_of(id).find_map(by_certificate) else {
                return Vec::new();
            };
            let scheme = &context.model[scheme];
            vec![
                Finding::new(
                    format!(
                        "`{}` is known by its certificate, and TLS does not ask for one",
                        name()
                    ),
                    edge.span,
                )
                .label_at(line, "only the callee shows a certificate here")
                .label(
                    scheme.span,
                    format!("`{}` is all that the callee accepts", scheme.name),
                )
                .fix(
                    Safety::Suggested,
                    "write `tls = mutual`",
                    context.editor().set(id, Attr::Tls, "mutual"),
                )
                .about([id]),
            ]
        }
        _ => Vec::new(),
    }
}

/// Whether people sit there, who have no certificates.
const fn is_people(kind: NodeKind) -> bool {
    matches!(kind, NodeKind::Client(kind) if !matches!(kind, ClientKind::Device))
}
