//! # WHK003 webhook-delivery-not-guaranteed
//!
//! ## What it does
//! Finds webhooks that we send to the outside and give up on soon: without `retry`, or with all attempts made within
//! `limits { min_webhook_span }`.
//!
//! ## Why it is bad
//! The receiver is somebody else's, and is down when it suits him: for the length of a deployment at least. What is not
//! tried again after that never happened for him. That delivery is not guaranteed is what the article holds against
//! webhooks (section 2.8, and the table of section 5). See also Standard Webhooks, which asks for retries over days, with
//! growing waits.
//!
//! ## Bad
//! ```arch
//! service shop
//! external partner { url = "https://partner.example"
//!   api Hooks {
//!     event shipped(Shipment) { idempotent = by(id, window = 24h) }
//!   }
//! }
//! shop -> partner : webhook { signature = standard(secret = env("PARTNER_SECRET")), timeout = 5s }
//! type Shipment { id: string }
//! ```
//!
//! ## Good
//! ```arch
//! service shop
//! external partner { url = "https://partner.example"
//!   api Hooks {
//!     event shipped(Shipment) { idempotent = by(id, window = 24h) }
//!   }
//! }
//! shop -> partner : webhook {
//!   signature = standard(secret = env("PARTNER_SECRET")), timeout = 5s, deadline = 24h
//!   retry = exponential(attempts = 12, base = 5s, max = 4h)
//! }
//! type Shipment { id: string }
//! ```
//!
//! ## How to fix
//! Try again for hours, with waits that grow: `retry = exponential(attempts = 12, base = 5s, max = 4h), deadline = 24h`.
//! What may be lost says so: `delivery = at_most_once`.
//!
//! ## Known limits
//! Of services that exist and say nothing of `retry`, nothing is known. Where messages go that were tried in vain cannot be
//! written for webhooks; neither can a job that fetches what was missed.

use crate::diagnostic::Safety;
use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::lint::webhook::{Direction, direction};
use crate::model::EdgeId;
use crate::model::attributes::{Attr, Value};
use crate::model::text;
use crate::topology::{WorstCase, worst_case};

/// Attempts over three hours and more.
const LONG: &str = "exponential(attempts = 12, base = 5s, max = 4h)";

pub fn check(context: &Context<'_>, id: EdgeId) -> Vec<Finding> {
    let edge = &context.model[id];
    if direction(context, id) != Some(Direction::Out)
        || edge.attributes.text(Attr::Delivery) == Some("at_most_once")
    {
        return Vec::new();
    }
    let retry = edge.attributes.value(Attr::Retry);
    if retry.is_none() && !context.is_generated(edge.from) {
        return context.unknown("retry", edge.span, || {
            let declare = "write how it is tried again: `retry = exponential(attempts = 12, base = 5s, max = 4h)`";
            (context.edge_name(id), declare.to_owned())
        });
    }
    let least = context.limits.min_webhook_span;
    // Attempts without an end are bounded by nothing.
    let Some(worst) = worst_case(&edge.attributes, true).filter(|it| it.total < least) else {
        return Vec::new();
    };
    let to = context.model.end_name(edge.to);
    let span = text::duration(worst.total);
    let finding = if matches!(retry, Some(Value::Retry(_))) {
        Finding::new(
            format!(
                "webhook `{}` is lost when `{to}` is down for {span}",
                context.edge_name(id)
            ),
            edge.span,
        )
        .label_at(
            edge.attributes.span(Attr::Retry),
            "all attempts are made in that time",
        )
        .note(format!(
            "{} is less than `limits {{ min_webhook_span = {} }}`",
            arithmetic(&worst),
            text::duration(least)
        ))
    } else {
        Finding::new(
            format!(
                "webhook `{}` is lost whenever `{to}` does not answer at once",
                context.edge_name(id)
            ),
            edge.span,
        )
        .here("it is sent once")
    };
    vec![
        finding
            .fix(
                Safety::Suggested,
                format!("try again for hours: `retry = {LONG}, deadline = 24h`; what may be lost says `delivery = at_most_once`"),
                context.editor().set_all(id, &[(Attr::Retry, LONG), (Attr::Deadline, "24h")]),
            )
            .about([id]),
    ]
}

/// `3 x 5s + 150ms of waits = 15.15s`
fn arithmetic(worst: &WorstCase) -> String {
    let total = text::duration(worst.total);
    match (worst.cut_at, worst.timeout) {
        (Some(deadline), _) => format!("the deadline of {}", text::duration(deadline)),
        (None, Some(timeout)) => format!(
            "{} x {} + {} of waits = {total}",
            worst.attempts,
            text::duration(timeout),
            text::duration(worst.waits)
        ),
        (None, None) => total,
    }
}
