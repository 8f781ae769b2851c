//! # PRT007 connection-lifecycle-missing
//!
//! ## What it does
//! Looks at apis to which clients stay connected (WebSocket, SSE) and finds: a `heartbeat` of more than a minute; streams
//! of events without `replay`, so that a client that was away misses what happened meanwhile; and a `replay` that each of
//! several instances keeps for itself, since no `state` is named.
//!
//! ## Why it is bad
//! Connections break: at every deployment, when a phone changes the network, and when proxies cut those that are quiet,
//! after 60 seconds by default in nginx and in the load balancers of AWS. Lifecycle management is what makes WebSockets
//! complex infrastructure (the article, section 2.3); SSE reconnects and tracks the ids of events so that missed ones can be
//! sent (section 2.6), which only helps when somebody has kept them. See also section 5.5.2 of RFC 6455 on pings.
//!
//! ## Bad
//! ```arch
//! client dash : browser
//! service board {
//!   api Board { public = true, rate_limit = limit(50/s, per = ip), max_connections = 2000
//!     query changes() -> stream string
//!   }
//! }
//! dash -> board : sse
//! ```
//!
//! ## Good
//! ```arch
//! client dash : browser
//! service board {
//!   api Board { public = true, rate_limit = limit(50/s, per = ip), max_connections = 2000
//!     query changes() -> stream string { replay = 5m }
//!   }
//! }
//! dash -> board : sse
//! ```
//!
//! ## How to fix
//! Write `replay = 5m` on the operation, with `state = STORE` on the service where several instances run, and a `heartbeat`
//! of at most a minute. A client for which only the newest counts says so on its edge: `delivery = at_most_once`.
//!
//! ## Known limits
//! How clients reconnect is their own business and cannot be drawn. Draining before a deployment is built in for what is
//! generated. Of services that exist, only what is written is judged.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::diagnostic::Safety;
use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::attributes::Attr;
use crate::model::text;
use crate::model::{ApiId, EdgeId, Link, OperationId};
use crate::protocol::OperationShape;

/// After this long of quiet, common proxies cut a connection.
const QUIET: Duration = Duration::from_mins(1);

pub fn check(context: &Context<'_>, id: ApiId) -> Vec<Finding> {
    let api = &context.model[id];
    let incoming = context.topology.incoming(api.node).iter().copied();
    let live: Vec<EdgeId> = incoming
        .filter(|&edge| match context.model[edge].link {
            Link::Call { protocol, api } => api == Some(id) && protocol.facts().live,
            _ => false,
        })
        .collect();
    if live.is_empty() {
        return Vec::new();
    }
    let mut findings = heartbeats(context, &live);
    findings.extend(missed(context, id, &live));
    findings
        .into_iter()
        .map(|it| it.about(live.iter().copied()))
        .collect()
}

fn carried<'c>(
    context: &'c Context<'_>,
    live: &'c [EdgeId],
) -> impl Iterator<Item = (EdgeId, OperationId)> + 'c {
    live.iter().flat_map(|&edge| {
        let operations = &context.model[edge].operations;
        operations.iter().map(move |it| (edge, it.operation))
    })
}

/// Signs of life that come too late, one finding for each line that says so.
fn heartbeats(context: &Context<'_>, live: &[EdgeId]) -> Vec<Finding> {
    let mut told = BTreeSet::new();
    carried(context, live)
        .filter_map(|(edge, operation)| {
            let attributes = &context.model[operation].attributes;
            let beat = attributes
                .duration(Attr::Heartbeat)
                .filter(|it| *it > QUIET)?;
            let span = attributes.span(Attr::Heartbeat)?;
            told.insert((span.file, span.start)).then(|| {
                Finding::new(
                    format!(
                        "a quiet connection to `{}` shows every {} that it lives",
                        context.operation_name(operation),
                        text::duration(beat)
                    ),
                    span,
                )
                .here(format!(
                    "many proxies cut it after {}",
                    text::duration(QUIET)
                ))
                .label(context.model[edge].span, "stays open")
                .note(format!(
                    "{} > {}",
                    text::duration(beat),
                    text::duration(QUIET)
                ))
                .fix(
                    Safety::Safe,
                    "write `heartbeat = 30s`",
                    context.editor().replace(span, "30s"),
                )
            })
        })
        .collect()
}

/// Events that a client misses while it is away.
fn missed(context: &Context<'_>, id: ApiId, live: &[EdgeId]) -> Vec<Finding> {
    let api = &context.model[id];
    let node = &context.model[api.node];
    let wants = |edge: EdgeId, operation: OperationId| {
        let edge = &context.model[edge].attributes;
        let of = &context.model[operation].attributes;
        context.model[operation].shape() == OperationShape::QueryStream
            && edge.text(Attr::Delivery) != Some("at_most_once")
            && [edge, of]
                .iter()
                .all(|it| it.text(Attr::Scope) != Some("connection"))
    };
    let streams: BTreeSet<OperationId> = carried(context, live)
        .filter(|(edge, operation)| wants(*edge, *operation))
        .map(|(_, operation)| operation)
        .collect();
    let kept = |it: &OperationId| context.model[*it].attributes.get(Attr::Replay);
    let Some(first) = streams.iter().find(|it| kept(it).is_none()) else {
        return not_shared(context, id, &streams);
    };
    let name = context.operation_name(*first);
    let span = context.model[*first].span;
    if node.existing {
        return context.unknown("replay", span, || {
            (
                name,
                "write how long events are kept: `replay = 5m`".to_owned(),
            )
        });
    }
    let open = streams.iter().filter(|it| kept(it).is_none()).count();
    let mut finding = Finding::new(
        format!("what `{name}` sends while a client is away is lost"),
        span,
    )
    .here("nobody keeps the events, so that a client that comes back cannot get them");
    for &edge in live.iter().take(3) {
        finding = finding.label(context.model[edge].span, "connections break and come back");
    }
    if open > 1 {
        finding = finding.note(format!(
            "it holds for {} of this api",
            text::counted(open as u64, "stream")
        ));
    }
    vec![
        finding
            .fix(
                Safety::Suggested,
                "keep them for a while: `replay = 5m`",
                context.editor().set(*first, Attr::Replay, "5m"),
            )
            .help("or say on the edge that only the newest counts: `delivery = at_most_once`"),
    ]
}

/// Events that the instance to which a client comes back has not kept.
fn not_shared(context: &Context<'_>, id: ApiId, streams: &BTreeSet<OperationId>) -> Vec<Finding> {
    let node = &context.model[context.model[id].node];
    let Some(first) = streams.first() else {
        return Vec::new();
    };
    let replicas = node.attributes.replicas().unwrap_or(1);
    if replicas < 2 || node.attributes.state().is_some() || node.existing {
        return Vec::new();
    }
    vec![
        Finding::new(
            format!(
                "each of the {replicas} instances of `{}` keeps only its own events",
                node.name
            ),
            node.span,
        )
        .here("no `state` is shared between them")
        .label_at(
            node.attributes.span(Attr::Replicas),
            format!("{replicas} instances"),
        )
        .label_at(
            context.model[*first].attributes.span(Attr::Replay),
            "a client that comes back may come to another instance",
        )
        .help("keep them together: `store shared : redis` and `state = shared`"),
    ]
}
