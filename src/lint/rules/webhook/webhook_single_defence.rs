//! # WHK004 webhook-single-defence
//!
//! ## What it does
//! Finds webhooks that come in and rely on one thing that proves too little by itself: a list of addresses, or a key or
//! password in a header. A signature, or the sender's certificate, is enough.
//!
//! ## Why it is bad
//! Addresses belong to a provider's whole network, and to whoever rents there; a key in a header says nothing of the
//! content and is good for ever. The article asks for signatures, lists of addresses and authentication together (section
//! 3.5). See also Standard Webhooks, NIST SP 800-204, and OWASP ASVS 5.0, 4.1.5.
//!
//! ## Bad
//! ```arch
//! external bank
//! service pay {
//!   api Hooks { rate_limit = limit(20/s, per = ip)
//!     event paid(Payment) { idempotent = by(id, window = 24h) }
//!   }
//! }
//! bank -> pay : webhook { ip_allow = ["192.0.2.0/24"] }
//! type Payment { id: string, amount: decimal }
//! ```
//!
//! ## Good
//! ```arch
//! external bank
//! service pay {
//!   api Hooks { rate_limit = limit(20/s, per = ip)
//!     event paid(Payment) { idempotent = by(id, window = 24h) }
//!   }
//! }
//! bank -> pay : webhook { ip_allow = ["192.0.2.0/24"], signature = hmac(secret = env("BANK_SECRET")), tolerance = 5m }
//! type Payment { id: string, amount: decimal }
//! ```
//!
//! ## How to fix
//! Ask the sender to sign what he sends, and verify it: `signature = ...`. Where he cannot, put two of the others together.
//!
//! ## Known limits
//! The article would add the other two to a signature as well. Standard Webhooks calls lists of addresses optional, and
//! large senders do not publish any; so a signature alone is not told of.

use crate::diagnostic::Safety;
use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::lint::webhook::{Defence, Direction, defences, direction, sign};
use crate::model::EdgeId;
use crate::model::attributes::Attr;

pub fn check(context: &Context<'_>, id: EdgeId) -> Vec<Finding> {
    if direction(context, id) != Some(Direction::In) {
        return Vec::new();
    }
    let defences = defences(context, id);
    let (line, why) = match defences.as_slice() {
        [Defence::Addresses] => (
            Attr::IpAllow,
            "addresses are shared with everybody in the same network, and can be forged on the way",
        ),
        [Defence::Scheme] => (
            Attr::Auth,
            "it does not cover what is sent, so that a copy of it is good for anything",
        ),
        _ => return Vec::new(),
    };
    let edge = &context.model[id];
    let asked = context.topology.hops_of(id).next();
    let asked = asked.and_then(|hop| context.schemes(hop).first());
    let defence = match (defences[0], asked) {
        (Defence::Scheme, Some(&auth)) => {
            let auth = &context.model[auth];
            format!("`{}` ({})", auth.name, auth.scheme)
        }
        (other, _) => other.word().to_owned(),
    };
    let api = edge.operations.first().map(|it| it.operation);
    let api = api.map(|it| &context.model[it].attributes);
    let at = edge
        .attributes
        .span(line)
        .or_else(|| api.and_then(|it| it.span(line)));
    vec![
        Finding::new(
            format!(
                "webhook `{}` relies on {defence} alone",
                context.edge_name(id)
            ),
            edge.span,
        )
        .label_at(at, "this is all")
        .note(why)
        .fix(
            Safety::Suggested,
            "verify what the sender signs as well: `signature = ...` on the edge",
            sign(context, id),
        )
        .about([id]),
    ]
}
