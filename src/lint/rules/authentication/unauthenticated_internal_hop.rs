//! # AUN003 unauthenticated-internal-hop
//!
//! ## What it does
//! Finds edges inside the system over which nobody proves who he is: a call without authentication and without mutual
//! TLS, and a link to a store or broker in clear text. Where the data behind it is confidential, it is an error.
//!
//! ## Why it is bad
//! Whoever gets a foot into the internal network, by one leaking service, can then speak to all the others as if he were
//! one of them. The article asks for verified identity of users and services alike (section 3.2). See also OWASP API
//! Security Top 10 2023, API2, and NIST SP 800-204B on mutual authentication between any pair of services.
//!
//! ## Bad
//! ```arch
//! service front
//! service stock {
//!   api Stock { public = true
//!     query left(sku: string) -> int32
//!   }
//! }
//! front -> stock : grpc { tls = server }
//! ```
//!
//! ## Good
//! ```arch
//! service front
//! service stock {
//!   api Stock { public = true
//!     query left(sku: string) -> int32
//!   }
//! }
//! front -> stock : grpc { tls = mutual }
//! ```
//!
//! ## How to fix
//! Delete the `tls` line: mutual TLS is built in for what is generated, and the drawing is then the list of who may call
//! whom. Or name a scheme on the api.
//!
//! ## Known limits
//! The language does not say yet how a service logs in to a store or broker, so such a link is judged only where it is in
//! clear text. Sidecars that speak for a service cannot be drawn.

use crate::diagnostic::Safety;
use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::lint::root::{Mend, Root};
use crate::model::attributes::{Attr, DataClass, Tls, Trust};
use crate::model::{EdgeId, Link, NodeKind};

pub fn check(context: &Context<'_>, id: EdgeId) -> Vec<Finding> {
    let edge = &context.model[id];
    let (from, to) = context.topology.trust(id);
    let tls = edge.attributes.tls();
    if from.min(to) <= Trust::Partner || tls == Some(Tls::Mutual) {
        return Vec::new();
    }
    // Behind a proxy that checks nothing, callers are people and partners, whom AUN001 judges.
    if context.topology.enters(id) {
        return Vec::new();
    }
    let callee = &context.model[context.model.node_of(edge.to)];
    let open = match edge.link {
        Link::Call { .. } => {
            matches!(callee.kind, NodeKind::Service(_))
                && context
                    .topology
                    .hops_of(id)
                    .any(|hop| context.is_anonymous(hop))
        }
        Link::Store | Link::Publish | Link::Consume => tls == Some(Tls::Off),
    };
    if !open {
        return Vec::new();
    }
    let end = if edge.link == Link::Consume {
        edge.from
    } else {
        edge.to
    };
    let class = context
        .class_of(end)
        .filter(|it| *it >= DataClass::Confidential);
    let mut finding = Finding::new(
        format!("`{}` carries no service's identity", context.edge_name(id)),
        edge.span,
    )
    .here("anybody inside the network could be the caller")
    .graver_if(class.is_some())
    .about([id]);
    finding = match (edge.attributes.span(Attr::Tls), tls) {
        (Some(span), Some(Tls::Off)) => finding.label(span, "TLS is switched off here"),
        (Some(span), _) => finding.label(span, "only the callee shows a certificate"),
        (None, _) => finding.note("nothing is known about TLS between them"),
    };
    if let Some(class) = class {
        finding = finding.note(format!(
            "`{}` holds {class} data",
            context.model.end_name(end)
        ));
    }
    let site = context.callee_site(context.model.node_of(edge.to));
    let root = match context.shared_line(edge.attributes.get(Attr::Tls)) {
        Some(line) => Root {
            at: line,
            message: "{n} edges carry no service's identity".to_owned(),
            here: "for all of them".to_owned(),
            help: "write `tls = mutual` here, or name schemes with `auth = ...`".to_owned(),
            mend: Some(Mend::Line(line, "mutual")),
        },
        None => Root {
            at: site.span,
            message: format!("{{n}} edges into {} carry no service's identity", site.name),
            here: "nothing here says how callers are known".to_owned(),
            help: format!(
                "write `tls = mutual` or `auth = ...` in {}, as far as it is so",
                site.block()
            ),
            mend: Some(Mend::Default(site.element, Attr::Tls, "mutual")),
        },
    };
    vec![finding.because(root).fix(
        Safety::Suggested,
        "write `tls = mutual`, or name a scheme with `auth = ...` on the api",
        context.editor().set(id, Attr::Tls, "mutual"),
    )]
}
