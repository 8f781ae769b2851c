//! # WHK001 webhook-unsigned
//!
//! ## What it does
//! Finds webhooks from or to the outside that nothing proves the sender of: no `signature`, no scheme that the receiver
//! asks for, no certificate (`tls = mutual`), no list of addresses. Where only one of the last three is there, it is
//! WHK004's. Events that are `public = true` are a warning.
//!
//! ## Why it is bad
//! The address of a webhook is no secret, and everybody who knows it can send "paid". Signatures and authentication keep
//! that out (the article, sections 2.8 and 3.5). See also the specification of Standard Webhooks, where verifying the
//! sender is a requirement, OWASP ASVS 5.0, 4.1.5, and OWASP API Security Top 10 2023, API10.
//!
//! ## Bad
//! ```arch
//! external stripe
//! service pay {
//!   api Hooks { rate_limit = limit(20/s, per = ip)
//!     event paid(Payment) { idempotent = by(id, window = 24h) }
//!   }
//! }
//! stripe -> pay : webhook
//! type Payment { id: string, amount: decimal }
//! ```
//!
//! ## Good
//! ```arch
//! external stripe
//! service pay {
//!   api Hooks { rate_limit = limit(20/s, per = ip)
//!     event paid(Payment) { idempotent = by(id, window = 24h) }
//!   }
//! }
//! stripe -> pay : webhook { signature = stripe(secret = env("STRIPE_SECRET")), tolerance = 5m }
//! type Payment { id: string, amount: decimal }
//! ```
//!
//! ## How to fix
//! Verify what the sender signs: `signature = stripe(secret = env("..."))`, `github(...)`, `standard(...)` or `hmac(...)`. Sign
//! what we send in the same way.
//!
//! ## Known limits
//! Handlers that ask the sender back instead (a thin message that is fetched again) cannot be told apart; accept it there.

use crate::diagnostic::Safety;
use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::lint::webhook::{Defence, Direction, defences, direction, sign};
use crate::model::EdgeId;
use crate::model::attributes::Attr;

pub fn check(context: &Context<'_>, id: EdgeId) -> Vec<Finding> {
    let Some(direction) = direction(context, id) else {
        return Vec::new();
    };
    if !defences(context, id).is_empty() {
        return Vec::new();
    }
    let edge = &context.model[id];
    let public =
        |it: &crate::model::EdgeOperation| context.model[it.operation].attributes.is(Attr::Public);
    let deliberate = !edge.operations.is_empty() && edge.operations.iter().all(public);
    let name = context.edge_name(id);
    let to = context.model.end_name(edge.to);
    let finding = match direction {
        Direction::In => Finding::new(
            format!("webhook `{name}` can be forged: nothing proves who sends it"),
            edge.span,
        )
        .here(format!(
            "everybody who knows the address can tell `{to}` anything"
        )),
        Direction::Out => Finding::new(
            format!("webhook `{name}` is not signed: `{to}` cannot tell it from a forged one"),
            edge.span,
        )
        .here("nothing proves that it is from us"),
    };
    let known: Vec<&str> = Defence::ALL.iter().map(|it| it.word()).collect();
    vec![
        finding
            .milder_if(deliberate)
            .note(format!("none of these is there: {}", known.join(", ")))
            .fix(
                Safety::Suggested,
                "write `signature = standard(secret = env(\"...\"))` on the edge, or the sender's own form",
                sign(context, id),
            )
            .about([id]),
    ]
}
