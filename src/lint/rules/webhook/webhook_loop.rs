//! # WHK007 webhook-loop
//!
//! ## What it does
//! Finds webhooks that cause themselves again: what receives one sends another, and what that one causes leads back. Of
//! somebody else's system it is never assumed that it answers our calls with webhooks; only where the drawing says so, by
//! `calls` on the operations of its api.
//!
//! ## Why it is bad
//! Two systems that tell each other of every change tell each other for ever. Webhooks are for syncing systems (the
//! article, section 2.8), and what repeats has to have an end (section 4.1). See also chapter 22 of Google's SRE book on
//! positive feedback.
//!
//! ## Bad
//! ```arch
//! external crm {
//!   api Crm { auth = partner
//!     event changed(Note) { calls = [sync.Sync.changed] }
//!   }
//! }
//! auth partner : api_key { keys = env("PARTNER_KEYS") }
//! service sync {
//!   api Sync { rate_limit = 50/s
//!     event changed(Note) { idempotent = by(id), calls = [crm.Crm.changed] }
//!   }
//! }
//! crm -> sync : webhook { signature = standard(secret = env("CRM_SECRET")) }
//! sync -> crm : webhook { signature = standard(secret = env("OWN_SECRET")), tls = server, delivery = at_most_once }
//! type Note { id: uuid }
//! ```
//!
//! ## Good
//! ```arch
//! external crm {
//!   api Crm { auth = partner
//!     event changed(Note) { calls = [sync.Sync.changed] }
//!   }
//! }
//! auth partner : api_key { keys = env("PARTNER_KEYS") }
//! service sync {
//!   api Sync { rate_limit = 50/s
//!     event changed(Note) { idempotent = by(id), calls = [crm.Crm.changed] }
//!   }
//! }
//! crm -> sync : webhook { signature = standard(secret = env("CRM_SECRET")) }
//! sync -> crm : webhook { signature = standard(secret = env("OWN_SECRET")), tls = server, delivery = at_most_once, terminates = "changes of our own are left out" }
//! type Note { id: uuid }
//! ```
//!
//! ## How to fix
//! Mark what comes from oneself and leave it out, or send only what differs, and say so on the edge: `terminates = "..."`.
//!
//! ## Known limits
//! How a partner's system reacts is known only as far as it is drawn.

use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::lint::rounds;
use crate::topology::Round;

pub fn check(context: &Context<'_>) -> Vec<Finding> {
    rounds::check(
        context,
        Round::Webhooks,
        |_, _, ring| format!("webhooks answer webhooks: {ring}"),
        "leave out what comes from oneself, and say so: `terminates = \"...\"` on one of these edges",
    )
}
