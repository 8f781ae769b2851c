//! # WHK002 webhook-replayable
//!
//! ## What it does
//! Finds webhooks that come in and can be sent again with effect: those whose signature stays good for longer than
//! `limits { max_tolerance }`, and events without `idempotent` whose handling writes, publishes or calls something that is
//! not safe to repeat.
//!
//! ## Why it is bad
//! Whoever records one signed request sends it a hundred times. And senders repeat by themselves, whenever an answer is
//! lost: that a webhook comes twice is the rule (the article, sections 2.8 and 3.5). See also Standard Webhooks (the
//! timestamp's tolerance; the id as key of idempotence), and NIST SP 800-204, MS-SS-8.
//!
//! ## Bad
//! ```arch
//! external stripe
//! service pay {
//!   api Hooks { rate_limit = limit(20/s, per = ip)
//!     event paid(Payment) { idempotent = by(id, window = 24h), calls = [payments_db.write] }
//!   }
//! }
//! store payments_db : postgres
//! stripe -> pay : webhook { signature = stripe(secret = env("STRIPE_SECRET")), tolerance = 24h }
//! pay -> payments_db
//! type Payment { id: string, amount: decimal }
//! ```
//!
//! ## Good
//! ```arch
//! external stripe
//! service pay {
//!   api Hooks { rate_limit = limit(20/s, per = ip)
//!     event paid(Payment) { idempotent = by(id, window = 24h), calls = [payments_db.write] }
//!   }
//! }
//! store payments_db : postgres
//! stripe -> pay : webhook { signature = stripe(secret = env("STRIPE_SECRET")), tolerance = 5m }
//! pay -> payments_db
//! type Payment { id: string, amount: decimal }
//! ```
//!
//! ## How to fix
//! Write `tolerance = 5m`, and on the event what two deliveries have in common: `idempotent = by(id, window = 24h)`; `true`
//! where handling it twice is as good as once.
//!
//! ## Known limits
//! One step is looked at: what the handler does itself, or what its message does to consumers that know no repetition.
//! Where `calls` is unwritten, everything that the service may do counts, and the finding is one level milder.

use crate::diagnostic::Safety;
use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::lint::webhook::{Direction, direction};
use crate::model::attributes::Attr;
use crate::model::text;
use crate::model::{Access, CallTarget, ChannelId, EdgeId, End, Link, NodeId, OperationId};
use crate::topology::{HopId, Way};

pub fn check(context: &Context<'_>, id: EdgeId) -> Vec<Finding> {
    if direction(context, id) != Some(Direction::In) {
        return Vec::new();
    }
    let mut findings = stale(context, id);
    findings.extend(repeated(context, id));
    findings
}

/// Signatures that stay good for too long.
fn stale(context: &Context<'_>, id: EdgeId) -> Vec<Finding> {
    let edge = &context.model[id];
    if edge.attributes.get(Attr::Signature).is_none() {
        return Vec::new();
    }
    let most = context.limits.max_tolerance;
    let Some(tolerance) = edge.attributes.duration(Attr::Tolerance) else {
        return context.unknown("tolerance", edge.span, || {
            let declare = "write how old a signed request may be: `tolerance = 5m`";
            (context.edge_name(id), declare.to_owned())
        });
    };
    if tolerance <= most {
        return Vec::new();
    }
    let (tolerance, most) = (text::duration(tolerance), text::duration(most));
    vec![
        Finding::new(
            format!(
                "webhook `{}` can be sent again for {tolerance} after it was recorded",
                context.edge_name(id)
            ),
            edge.span,
        )
        .label_at(
            edge.attributes.span(Attr::Tolerance),
            "its signature is good for so long",
        )
        .note(format!(
            "{tolerance} is more than `limits {{ max_tolerance = {most} }}`"
        ))
        .fix(
            Safety::Suggested,
            "clocks differ by seconds: write `tolerance = 5m`",
            context.editor().set(id, Attr::Tolerance, "5m"),
        )
        .variant('a')
        .about([id]),
    ]
}

/// Events that have an effect each time they come.
fn repeated(context: &Context<'_>, id: EdgeId) -> Option<Finding> {
    let edge = &context.model[id];
    let mut found: Option<(OperationId, HopId, HopId, bool)> = None;
    for hop in context.topology.hops_of(id) {
        let operation = context.topology.hop(hop).operation?;
        if context.model[operation].attributes.idempotent().is_some() {
            continue;
        }
        let Some((effect, assumed)) = effect(context, hop, operation) else {
            continue;
        };
        if found.is_none_or(|it| it.3 && !assumed) {
            found = Some((operation, hop, effect, assumed));
        }
    }
    let (operation, hop, effect, assumed) = found?;
    let way = Way {
        hops: vec![hop, effect],
        assumed,
    };
    let target = context.arrival_name(effect);
    Some(
        Finding::new(
            format!(
                "webhook `{}` has its effect on `{target}` each time it comes, and it comes more than once",
                context.edge_name(id)
            ),
            edge.span,
        )
        .label(
            context.model[operation].span,
            "nothing says how a second delivery is known",
        )
        .label(
            context.model[context.topology.hop(effect).edge].span,
            "the effect",
        )
        .note(format!("the way: {}", context.way_name(&way)))
        .help("say what two deliveries have in common: `idempotent = by(id, window = 24h)` on the event")
        .variant('b')
        .along(context, &way)
        .about([id]),
    )
}

/// Something that handling an event does and that is not safe to repeat, and whether that is only assumed.
fn effect(context: &Context<'_>, hop: HopId, operation: OperationId) -> Option<(HopId, bool)> {
    let topology = context.topology;
    let calls = context.model[operation].calls.as_deref();
    let declared = topology.causes(hop).into_iter();
    let mut declared = declared.filter(|&next| is_effect(context, next, calls));
    if let Some(next) = declared.next() {
        return Some((next, false));
    }
    if !topology.may_cause_anything(hop) {
        return None;
    }
    let outgoing = topology.outgoing(topology.target(hop)).iter();
    let mut any = outgoing.flat_map(|&edge| topology.hops_of(edge));
    // What may be called, of something that may be safe to repeat, is no ground to speak on.
    let known = |next: HopId| {
        let hop = topology.hop(next);
        let call = matches!(context.model[hop.edge].link, Link::Call { .. });
        hop.operation.is_some() || !call
    };
    any.find(|&next| known(next) && is_effect(context, next, None))
        .map(|next| (next, true))
}

fn is_effect(context: &Context<'_>, hop: HopId, calls: Option<&[CallTarget]>) -> bool {
    let edge = &context.model[context.topology.hop(hop).edge];
    match (edge.link, edge.to) {
        (Link::Call { .. }, _) => !context.is_repeatable(hop),
        (Link::Store, End::Node(store)) => !only_reads(calls, store),
        (Link::Publish, End::Channel(channel)) => !is_known_again(context, channel),
        _ => false,
    }
}

fn only_reads(calls: Option<&[CallTarget]>, store: NodeId) -> bool {
    calls.is_some_and(|calls| {
        calls
            .iter()
            .all(|it| !matches!(it, CallTarget::Store(id, access) if *id == store && *access != Access::Read))
    })
}

/// Whether all who consume from a channel know a repetition.
fn is_known_again(context: &Context<'_>, channel: ChannelId) -> bool {
    let consumers = context.topology.consumers(channel);
    let knows = |edge: &EdgeId| context.model[*edge].attributes.idempotent().is_some();
    !consumers.is_empty() && consumers.iter().all(knows)
}
