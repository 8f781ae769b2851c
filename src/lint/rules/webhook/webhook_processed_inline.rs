//! # WHK006 webhook-processed-inline
//!
//! ## What it does
//! Finds webhooks that are answered only after work downstream that may take longer than `limits { webhook_ack }`, and that
//! are not handed to a queue or topic on the way.
//!
//! ## Why it is bad
//! The sender waits for a few seconds, takes silence for a failure and sends it again; then the work is done twice, and an
//! endpoint that is slow too often is switched off. Take it, answer, and work later (the article, sections 2.8 and 4.3, and
//! the queues of section 7.4). See also Standard Webhooks on time limits of senders, and the pattern of asynchronous
//! request and reply of the Azure Architecture Center.
//!
//! ## Bad
//! ```arch
//! external stripe
//! external mail { url = "https://mail.example" }
//! service pay {
//!   api Hooks { rate_limit = limit(20/s, per = ip)
//!     event paid(Payment) { idempotent = by(id, window = 24h), calls = [mail] }
//!   }
//! }
//! stripe -> pay : webhook { signature = stripe(secret = env("STRIPE_SECRET")), tolerance = 5m }
//! pay -> mail : rest { timeout = 10s, breaker = errors(50%, cooldown = 20s) }
//! type Payment { id: string, amount: decimal }
//! ```
//!
//! ## Good
//! ```arch
//! external stripe
//! external mail { url = "https://mail.example" }
//! service pay {
//!   api Hooks { rate_limit = limit(20/s, per = ip)
//!     event paid(Payment) { idempotent = by(id, window = 24h), calls = [mail] }
//!   }
//! }
//! stripe -> pay : webhook { signature = stripe(secret = env("STRIPE_SECRET")), tolerance = 5m }
//! pay -> mail : rest { timeout = 2s, breaker = errors(50%, cooldown = 20s) }
//! type Payment { id: string, amount: decimal }
//! ```
//!
//! ## How to fix
//! Put the event into a channel and answer: `event paid(Payment) via jobs.payments`, with a consumer that does the work. Or
//! bound the work: `deadline = 3s` on the call.
//!
//! ## Known limits
//! Only the longest call counts, since the language does not say whether calls are made one after another. An event that is
//! published and worked on as well, before the answer, is taken for handed over.

use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::lint::webhook::{Direction, direction};
use crate::model::text;
use crate::model::{EdgeId, Link};
use crate::topology::{HopId, Way, WorstCase, worst_case};

pub fn check(context: &Context<'_>, id: EdgeId) -> Vec<Finding> {
    if direction(context, id) != Some(Direction::In) {
        return Vec::new();
    }
    let most = context.limits.webhook_ack;
    let hops = context.topology.hops_of(id);
    let slow = hops.filter_map(|hop| {
        let (call, worst, assumed) = longest(context, hop)?;
        (worst.total > most).then_some((hop, call, worst, assumed))
    });
    let Some((hop, call, worst, assumed)) = slow.max_by_key(|it| it.2.total) else {
        return Vec::new();
    };
    let way = Way {
        hops: vec![hop, call],
        assumed,
    };
    let edge = &context.model[id];
    let total = text::duration(worst.total);
    let mut finding = Finding::new(
        format!(
            "webhook `{}` may be answered only after {total} of work on `{}`",
            context.edge_name(id),
            context.arrival_name(call)
        ),
        edge.span,
    )
    .label(
        context.model[context.topology.hop(call).edge].span,
        format!("at worst {total}"),
    )
    .note(format!("the way: {}", context.way_name(&way)))
    .note(format!(
        "{total} is more than `limits {{ webhook_ack = {} }}`",
        text::duration(most)
    ));
    if worst.attempts > 1
        && let Some(timeout) = worst.timeout
    {
        finding = finding.note(format!(
            "{} x {} + {} of waits{}",
            worst.attempts,
            text::duration(timeout),
            text::duration(worst.waits),
            match worst.cut_at {
                Some(deadline) => format!(", cut at the deadline of {}", text::duration(deadline)),
                None => format!(" = {total}"),
            }
        ));
    }
    vec![
        finding
            .help("answer first and work later: forward the event `via` a queue, and let a consumer do the work")
            .along(context, &way)
            .about([id]),
    ]
}

/// The call that the answer may wait for the longest, and whether it is only assumed to be made; `None` where nothing is
/// waited for, where it has no known end, or where the event is handed to a channel.
fn longest(context: &Context<'_>, hop: HopId) -> Option<(HopId, WorstCase, bool)> {
    let topology = context.topology;
    let mut next = topology.causes(hop);
    let assumed = topology.may_cause_anything(hop);
    if assumed {
        let outgoing = topology.outgoing(topology.target(hop)).iter();
        next.extend(outgoing.flat_map(|&edge| topology.hops_of(edge)));
    }
    let publishes = |hop: &HopId| context.model[topology.hop(*hop).edge].link == Link::Publish;
    if next.iter().any(publishes) {
        return None;
    }
    next.into_iter()
        .filter(|&call| topology.is_synchronous(call))
        .filter_map(|call| {
            let worst = worst_case(context.attributes_of(call), context.retries(call))?;
            Some((call, worst, assumed))
        })
        .max_by_key(|it| it.1.total)
}
