//! # PRT006 intermediary-unsupported
//!
//! ## What it does
//! Finds edges into or out of a service or proxy that exists and whose `supports` leaves the edge's protocol out (of a
//! browser's gRPC, `grpc_web`); and connections that stay open whose `heartbeat` comes no sooner than the `idle_timeout` of
//! one of their ends cuts them.
//!
//! ## Why it is bad
//! A proxy that does not pass the upgrade to WebSocket, or HTTP/2 to its end, answers with an error at the first request;
//! one that cuts quiet connections does so in the night, when little is said. Intermediaries have no native support for
//! WebSockets, and connections need their lifecycle managed (the article, section 2.3); SSE works with the proxies there are
//! (section 2.6); gRPC rests on HTTP/2 (section 2.2).
//!
//! ## Bad
//! ```arch
//! client web : browser
//! auth staff : jwt { issuer = "https://id.shop.example", audience = "shop", algorithms = [ES256], roles = realm.roles }
//! service proxy : gateway { existing = true, supports = [rest, sse] }
//! web -> proxy : websocket { tls = server, auth = staff }
//! ```
//!
//! ## Good
//! ```arch
//! client web : browser
//! auth staff : jwt { issuer = "https://id.shop.example", audience = "shop", algorithms = [ES256], roles = realm.roles }
//! service proxy : gateway { existing = true, supports = [rest, sse, websocket] }
//! web -> proxy : websocket { tls = server, auth = staff }
//! ```
//!
//! ## How to fix
//! Configure the proxy for the protocol and add it to `supports`, take a protocol that passes, or send the heartbeat at half
//! of the shortest idle timeout on the way.
//!
//! ## Known limits
//! Only the ends of an edge are judged, not proxies that the drawing leaves out. Buffering proxies, which keep events back,
//! cannot be drawn.

use crate::diagnostic::Safety;
use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::attributes::{Attr, Value};
use crate::model::text;
use crate::model::{ClientKind, Edge, EdgeId, NodeKind};
use crate::protocol::Protocol;

pub fn check(context: &Context<'_>, id: EdgeId) -> Vec<Finding> {
    let edge = &context.model[id];
    let Some(protocol) = edge.protocol() else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    for end in [edge.from, edge.to] {
        let node = &context.model[context.model.node_of(end)];
        if let Some(Value::Texts(supported)) = node.attributes.value(Attr::Supports)
            && let word = word(context, edge, protocol)
            && !supported.iter().any(|it| it == word)
        {
            findings.push(
                Finding::new(
                    format!("`{}` does not pass {}", node.name, title(word, protocol)),
                    edge.protocol_span.unwrap_or(edge.span),
                )
                .here(format!("`{word}` is needed here"))
                .label_at(
                    node.attributes.span(Attr::Supports),
                    format!("it passes {}", supported.join(", ")),
                )
                .help(format!(
                    "configure it for `{word}` and add that to `supports`, or take another protocol"
                ))
                .about([id]),
            );
        }
        if let Some(cut) = node.attributes.duration(Attr::IdleTimeout) {
            findings.extend(idle(
                context,
                id,
                edge,
                protocol,
                (&node.name, cut, node.attributes.span(Attr::IdleTimeout)),
            ));
        }
    }
    findings
}

/// The heartbeat comes too late.
fn idle(
    context: &Context<'_>,
    id: EdgeId,
    edge: &Edge,
    protocol: Protocol,
    (name, cut, set): (&str, std::time::Duration, Option<crate::source::Span>),
) -> Vec<Finding> {
    if !protocol.facts().live {
        return Vec::new();
    }
    let beats = edge.operations.iter().filter_map(|it| {
        let attributes = &context.model[it.operation].attributes;
        Some((
            attributes.duration(Attr::Heartbeat)?,
            attributes.get(Attr::Heartbeat)?,
        ))
    });
    let Some((beat, effective)) = beats.max_by_key(|(beat, _)| *beat) else {
        return context.unknown("heartbeat", edge.span, || {
            (
                context.edge_name(id),
                "write on the api how often it shows that it lives: `heartbeat = 20s`".to_owned(),
            )
        });
    };
    if beat < cut {
        return Vec::new();
    }
    let api = edge
        .operations
        .first()
        .map(|it| context.model[it.operation].api);
    let sooner = text::written_duration(half(cut));
    let origin = match effective.origin.span() {
        Some(_) => "",
        None => " (built in)",
    };
    vec![
        Finding::new(
            format!(
                "`{name}` cuts `{}` while it is quiet",
                context.edge_name(id)
            ),
            edge.protocol_span.unwrap_or(edge.span),
        )
        .label_at(
            set,
            format!("quiet connections are cut after {}", text::duration(cut)),
        )
        .label_at(effective.origin.span(), "the next sign of life")
        .note(format!(
            "`heartbeat = {}`{origin} is not below `idle_timeout = {}`",
            text::duration(beat),
            text::duration(cut)
        ))
        .fix(
            Safety::Suggested,
            format!("write `heartbeat = {sooner}` on the api"),
            api.and_then(|it| context.editor().set(it, Attr::Heartbeat, &sooner)),
        )
        .about([id]),
    ]
}

/// Half of it, in whole seconds where there are some.
fn half(cut: std::time::Duration) -> std::time::Duration {
    match cut.as_secs() / 2 {
        0 => cut / 2,
        seconds => std::time::Duration::from_secs(seconds),
    }
}

/// What has to be passed: a browser's gRPC is gRPC-Web.
fn word(context: &Context<'_>, edge: &Edge, protocol: Protocol) -> &'static str {
    let from = context.model[context.model.node_of(edge.from)].kind;
    if protocol == Protocol::Grpc && from == NodeKind::Client(ClientKind::Browser) {
        "grpc_web"
    } else {
        protocol.name()
    }
}

fn title(word: &str, protocol: Protocol) -> &'static str {
    if word == protocol.name() {
        protocol.facts().title
    } else {
        "gRPC-Web"
    }
}
