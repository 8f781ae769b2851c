//! # PRT002 rest-for-realtime-or-streaming
//!
//! ## What it does
//! Finds edges over which somebody asks again and again for what may have changed, more often than every
//! `limits { poll = 10s }`: by `poll` on the edge, or by a `schedule` that calls a query; and edges that are said to be
//! `realtime` though nothing is pushed over them.
//!
//! ## Why it is bad
//! Each question costs a request, a login and an answer, mostly to say that nothing is new, and what is new is still seen
//! late. REST is not ideal for real-time needs and has limited support for streams (the article, section 2.1); WebSockets
//! and SSE are made for instant updates and spare the polling (sections 2.3, 2.6 and 5), and so do webhooks between
//! organisations (section 2.8). See also the Chatty I/O antipattern of the Azure Architecture Center.
//!
//! ## Bad
//! ```arch
//! client dash : browser
//! service board {
//!   api Board { public = true, rate_limit = limit(50/s, per = ip)
//!     query state() -> string
//!   }
//! }
//! dash -> board : rest { poll = 1s }
//! ```
//!
//! ## Good
//! ```arch
//! client dash : browser
//! service board {
//!   api Board { public = true, rate_limit = limit(50/s, per = ip), max_connections = 2000
//!     query state() -> stream string { replay = 5m }
//!   }
//! }
//! dash -> board : sse
//! ```
//!
//! ## How to fix
//! Let the operation answer with a stream, and draw the edge as `: sse` (one way, to a browser), `: websocket` (both ways)
//! or `: grpc` (inside); let another organisation send a webhook; or ask less often.
//!
//! ## Known limits
//! Polling that is not drawn, by `poll` or a `schedule`, is not seen. Long polling is taken for polling.

use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::attributes::Attr;
use crate::model::text;
use crate::model::{
    CallTarget, ClientKind, Edge, EdgeId, End, NodeKind, OperationId, OperationKind,
};
use crate::protocol::OperationShape;

pub fn check(context: &Context<'_>, id: EdgeId) -> Vec<Finding> {
    let edge = &context.model[id];
    let Some(protocol) = edge.protocol().filter(|it| it.facts().waits) else {
        return Vec::new();
    };
    let title = protocol.facts().title;
    let at = edge.protocol_span.unwrap_or(edge.span);
    let mut findings = Vec::new();
    let poll = edge.attributes.duration(Attr::Poll);
    if let Some(every) = poll.filter(|it| *it <= context.limits.poll) {
        findings.push(
            Finding::new(
                format!(
                    "`{}` asks again every {} over {title}",
                    context.edge_name(id),
                    text::duration(every)
                ),
                at,
            )
            .here("mostly to hear that nothing has changed")
            .label_at(edge.attributes.span(Attr::Poll), "asked so often")
            .note(arithmetic(context, every)),
        );
    } else if edge.attributes.is(Attr::Realtime) && !pushes(context, edge) {
        findings.push(
            Finding::new(
                format!(
                    "`{}` has to see changes when they happen, and {title} pushes nothing here",
                    context.edge_name(id)
                ),
                at,
            )
            .here("the caller hears of a change when it asks the next time")
            .label_at(edge.attributes.span(Attr::Realtime), "wanted here"),
        );
    }
    if let End::Node(from) = edge.from {
        for schedule in &context.model[from].schedules {
            let every = schedule.attributes.duration(Attr::Every);
            let Some(every) = every.filter(|it| *it <= context.limits.poll) else {
                continue;
            };
            let asked = schedule.calls.iter().flatten().find_map(|it| match it {
                CallTarget::Operation(operation) => {
                    Some(*operation).filter(|it| asks(context, edge, *it))
                }
                _ => None,
            });
            if let Some(asked) = asked {
                findings.push(
                    Finding::new(
                        format!(
                            "the schedule `{}` asks `{}` every {} over {title}",
                            schedule.name,
                            context.operation_name(asked),
                            text::duration(every)
                        ),
                        schedule.span,
                    )
                    .here("mostly to hear that nothing has changed")
                    .label(edge.span, "asked over this edge")
                    .note(arithmetic(context, every)),
                );
            }
        }
    }
    let help = better(context, edge);
    findings
        .into_iter()
        .map(|it| it.help(help).about([id]))
        .collect()
}

/// Whether something on the edge is pushed, as far as is known.
fn pushes(context: &Context<'_>, edge: &Edge) -> bool {
    let protocol = edge.protocol();
    let can = protocol.is_some_and(|it| it.carries(OperationShape::QueryStream));
    let streams = |it: OperationId| context.model[it].shape() == OperationShape::QueryStream;
    can && (edge.operations.is_empty() || edge.operations.iter().any(|it| streams(it.operation)))
}

/// Whether an operation travels on the edge and only asks.
fn asks(context: &Context<'_>, edge: &Edge, operation: OperationId) -> bool {
    context.model[operation].kind == OperationKind::Query
        && edge.operations.iter().any(|it| it.operation == operation)
}

fn arithmetic(context: &Context<'_>, every: std::time::Duration) -> String {
    format!(
        "1h / {} = {} requests an hour from each caller; `limits {{ poll = {} }}`",
        text::duration(every),
        text::factor(3600.0 / every.as_secs_f64()),
        text::duration(context.limits.poll)
    )
}

/// What fits better.
fn better(context: &Context<'_>, edge: &Edge) -> &'static str {
    let kind = |end| context.model[context.model.node_of(end)].kind;
    match (kind(edge.from), kind(edge.to)) {
        (_, NodeKind::External) => {
            "let it send a webhook when something changes, or ask less often"
        }
        (NodeKind::Client(ClientKind::Browser), _) => {
            "answer with a stream, over `: sse` where only the server speaks, else over `: websocket`"
        }
        (NodeKind::Client(_) | NodeKind::External, _) => {
            "answer with a stream over `: websocket`, or ask less often"
        }
        _ => "publish changes to a topic, answer with a stream over `: grpc`, or ask less often",
    }
}
