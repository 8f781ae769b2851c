//! # TRN001 plaintext-across-boundary
//!
//! ## What it does
//! Finds edges of any kind that leave the internal network without TLS. An edge leaves it when one of its ends stands in
//! a `public` or `partner` zone (clients and externals do, outside any zone). Where nothing is known about an existing
//! node's TLS, it counts as missing.
//!
//! ## Why it is bad
//! Whoever carries the bytes between two networks can read and change them: requests, answers, tokens. The article asks
//! for TLS on all that leaves the internal network (section 3.1) and counts missing encryption among the common pitfalls
//! (section 3.6). See also OWASP ASVS 5.0, 12.2.1, and OWASP API Security Top 10 2023, API8.
//!
//! ## Bad
//! ```arch
//! client web : browser
//! service catalogue {
//!   api Catalogue { public = true, rate_limit = limit(50/s, per = ip)
//!     query titles() -> [string]
//!   }
//! }
//! web -> catalogue : rest { tls = off }
//! ```
//!
//! ## Good
//! ```arch
//! client web : browser
//! service catalogue {
//!   api Catalogue { public = true, rate_limit = limit(50/s, per = ip)
//!     query titles() -> [string]
//!   }
//! }
//! web -> catalogue : rest { tls = server }
//! ```
//!
//! ## How to fix
//! Delete `tls = off`, or write `tls = server`. For a node that exists, write what it really does.
//!
//! ## Known limits
//! Two private networks that are joined over the internet cannot be drawn yet, and count as one.

use crate::diagnostic::Safety;
use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::EdgeId;
use crate::model::attributes::{Attr, Tls};

pub fn check(context: &Context<'_>, id: EdgeId) -> Vec<Finding> {
    let edge = &context.model[id];
    let tls = edge.attributes.tls();
    if !context.topology.leaves(id) || matches!(tls, Some(Tls::Server | Tls::Mutual)) {
        return Vec::new();
    }
    let (from, to) = context.topology.trust(id);
    let name = context.edge_name(id);
    let finding = match tls {
        Some(_) => Finding::new(
            format!("`{name}` leaves the internal network ({from} -> {to}) without TLS"),
            edge.span,
        )
        .here("everybody on the way can read and change this")
        .label_at(edge.attributes.span(Attr::Tls), "TLS is switched off here")
        .fix(
            Safety::Suggested,
            "write `tls = server`, or `tls = mutual` where the caller has a certificate of its own",
            context.editor().set(id, Attr::Tls, "server"),
        ),
        None => Finding::new(
            format!("`{name}` leaves the internal network ({from} -> {to}), and nothing says that it is encrypted"),
            edge.span,
        )
        .here("no `tls` is known for this edge")
        .fix(
            Safety::Suggested,
            "write what runs there: `tls = server` or `tls = mutual`",
            context.editor().set(id, Attr::Tls, "server"),
        ),
    };
    vec![finding.about([id])]
}
