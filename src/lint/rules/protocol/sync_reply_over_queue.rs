//! # PRT008 sync-reply-over-queue
//!
//! ## What it does
//! Finds operations whose callers wait for an answer that comes over a broker: the operation publishes, another service
//! consumes that and publishes in turn, and the operation's own service consumes the reply. It is told of queries, which
//! publish for nothing but their answer, and of operations that answer with the very message that comes back.
//!
//! ## Why it is bad
//! Queues are for work whose answer nobody waits for (the article, section 2.4): they make latency somebody else's, until
//! somebody waits at their end. Then each backlog is a timeout of a user, and a request that has timed out is worked on all
//! the same. Synchronous protocols are for immediate responses, queues for background work (section 5). See also the
//! Asynchronous Request-Reply pattern of the Azure Architecture Center.
//!
//! ## Bad
//! ```arch
//! client shop : browser
//! service rates {
//!   api Rates { public = true, rate_limit = limit(50/s, per = ip)
//!     query quote(sku: string) -> Quote { calls = [jobs.asked] }
//!   }
//! }
//! service pricing
//! broker jobs : rabbitmq { watched = true
//!   queue asked : Ask { dlq = asked_dead, idempotent = true }
//!   queue quoted : Quote { dlq = quoted_dead, idempotent = true }
//!   queue asked_dead : Ask
//!   queue quoted_dead : Quote
//! }
//! shop -> rates : rest
//! rates -> jobs.asked
//! jobs.asked -> pricing { idempotent = true, calls = [jobs.quoted] }
//! pricing -> jobs.quoted
//! jobs.quoted -> rates { idempotent = true, terminates = "the reply goes to whoever waits for it" }
//! type Ask { sku: string }
//! type Quote { sku: string, price: decimal }
//! ```
//!
//! ## Good
//! ```arch
//! client shop : browser
//! service rates {
//!   api Rates { public = true, rate_limit = limit(50/s, per = ip)
//!     query quote(sku: string) -> Quote { calls = [pricing] }
//!   }
//! }
//! service pricing {
//!   api Pricing {
//!     query quote(sku: string) -> Quote
//!   }
//! }
//! shop -> rates : rest
//! rates -> pricing : grpc
//! type Quote { sku: string, price: decimal }
//! ```
//!
//! ## How to fix
//! Ask directly, over `grpc`; or take the order and answer at once: a `command` without a result, and a query, a stream or a
//! webhook by which the caller learns of the outcome.
//!
//! ## Known limits
//! A reply over more than one service in between is not followed, nor is a channel that more than 16 services consume. Whether a command that says nothing about its calls waits
//! for a reply is only guessed from the type that comes back.

use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::types::TypeRef;
use crate::model::{CallTarget, ChannelId, EdgeId, End, Link, NodeId, Operation, OperationKind};
use crate::topology::Way;

/// What more services than this listen to is news, not a question.
const WORKERS: usize = 16;

/// Out over one channel, back over another.
struct Round {
    out: EdgeId,
    taken: EdgeId,
    replied: EdgeId,
    back: EdgeId,
    /// What is published to.
    asked: ChannelId,
    /// What is consumed.
    reply: ChannelId,
    /// Whether the service in between says that it replies.
    declared: bool,
}

pub fn check(context: &Context<'_>, id: NodeId) -> Vec<Finding> {
    let rounds = rounds(context, id);
    if rounds.is_empty() {
        return Vec::new();
    }
    let model = context.model;
    let mut findings = Vec::new();
    for &api in &model[id].apis {
        for &operation in &model[api].operations {
            let waits = &model[operation];
            let Some(output) = waits.output.as_ref().filter(|it| !it.stream) else {
                continue;
            };
            let Some(round) = rounds
                .iter()
                .find(|it| waits_for(context, waits, &output.ty, it))
            else {
                continue;
            };
            let edges = [round.out, round.taken, round.replied, round.back];
            let way = Way {
                hops: edges
                    .iter()
                    .flat_map(|&edge| context.topology.hops_of(edge))
                    .collect(),
                assumed: waits.calls.is_none() || !round.declared,
            };
            let name = context.operation_name(operation);
            findings.push(
                Finding::new(
                    format!(
                        "`{name}` waits for a reply over `{}`",
                        model.end_name(End::Channel(round.reply))
                    ),
                    waits.span,
                )
                .here("its caller waits as long as the queues are")
                .label(model[round.out].span, "asked here")
                .label(model[round.back].span, "answered here")
                .note(format!(
                    "the way: {name} -> {} -> {} -> {} -> {}",
                    model.end_name(End::Channel(round.asked)),
                    model.end_name(model[round.taken].to),
                    model.end_name(End::Channel(round.reply)),
                    model[id].name
                ))
                .help("ask directly, or answer at once and let the caller learn of the outcome by a query, a stream or a webhook")
                .along(context, &way)
                .about(edges),
            );
        }
    }
    findings
}

/// Whether an operation waits for what comes back.
fn waits_for(
    context: &Context<'_>,
    operation: &Operation,
    output: &TypeRef,
    round: &Round,
) -> bool {
    if operation.via.is_some() {
        return false;
    }
    let answered = context.model[round.reply].message.as_ref() == Some(output);
    match &operation.calls {
        Some(calls) => {
            calls.contains(&CallTarget::Channel(round.asked))
                && (operation.kind == OperationKind::Query || answered)
        }
        None => answered,
    }
}

/// All ways out of a service and back over one other service.
fn rounds(context: &Context<'_>, id: NodeId) -> Vec<Round> {
    let (model, topology) = (context.model, context.topology);
    let consumed = topology.incoming(id).iter().copied();
    let back: Vec<EdgeId> = consumed
        .filter(|&it| model[it].link == Link::Consume)
        .collect();
    if back.is_empty() {
        return Vec::new();
    }
    let mut rounds = Vec::new();
    for &out in topology.outgoing(id) {
        let End::Channel(asked) = model[out].to else {
            continue;
        };
        let takers = topology.consumers(asked);
        if takers.len() > WORKERS {
            continue;
        }
        for &taken in takers {
            let worker = model.node_of(model[taken].to);
            if worker == id {
                continue;
            }
            for &replied in topology.outgoing(worker) {
                let End::Channel(reply) = model[replied].to else {
                    continue;
                };
                let says = model[taken].calls.as_ref();
                if says.is_some_and(|it| !it.contains(&CallTarget::Channel(reply))) {
                    continue;
                }
                let Some(&back) = back
                    .iter()
                    .find(|&&it| model[it].from == End::Channel(reply))
                else {
                    continue;
                };
                rounds.push(Round {
                    out,
                    taken,
                    replied,
                    back,
                    asked,
                    reply,
                    declared: says.is_some(),
                });
            }
        }
    }
    rounds
}
