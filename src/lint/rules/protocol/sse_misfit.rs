//! # PRT003 sse-misfit
//!
//! ## What it does
//! Finds edges over server-sent events that need what they cannot give: a way back from the client, when the api has
//! operations on which the client sends a stream and no other edge of this client carries them; binary data, by
//! `payload = binary` or by `bytes` in the types (a warning: what we generate writes them as base64); clients without an
//! `EventSource` of their own, as mobile apps and devices are (a warning); and more connections to one instance than
//! `limits { sse_clients = 10000 }` (a warning).
//!
//! ## Why it is bad
//! SSE works one way only, from the server to the client, and as text only; its support outside of browsers is limited,
//! and it does not scale to as many clients as WebSockets do (the article, section 2.6, and the table in section 5). See
//! also section 9.2 of the HTML Living Standard: the stream is UTF-8 text.
//!
//! ## Bad
//! ```arch
//! client page : browser
//! service tester {
//!   schedule nightly { every = 24h }
//! }
//! service search {
//!   api Search { public = true, rate_limit = limit(50/s, per = ip), max_connections = 2000
//!     query trending() -> stream Hit { replay = 5m }
//!     query suggest(stream Typed) -> stream Hit
//!   }
//! }
//! page -> search : sse
//! tester -> search : grpc { only = [suggest] }
//! type Typed { text: string @length(0..64) }
//! type Hit { text: string }
//! ```
//!
//! ## Good
//! ```arch
//! client page : browser
//! service tester {
//!   schedule nightly { every = 24h }
//! }
//! service search {
//!   api Search { public = true, rate_limit = limit(50/s, per = ip), max_connections = 2000
//!     query trending() -> stream Hit { replay = 5m }
//!     query suggest(stream Typed) -> stream Hit
//!   }
//! }
//! page -> search : websocket
//! tester -> search : grpc { only = [suggest] }
//! type Typed { text: string @length(0..64) }
//! type Hit { text: string }
//! ```
//!
//! ## How to fix
//! Write `: websocket` where the client speaks too, where data is binary, or where very many listen. A client that is not
//! meant to use the other operations says so: `only = [trending]`.
//!
//! ## Known limits
//! A browser opens at most six connections to a domain over HTTP/1.1; that is not judged, since browsers speak HTTP/2
//! wherever there is TLS, and TRN001 asks for it.

use crate::diagnostic::Safety;
use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::attributes::Attr;
use crate::model::types::{Scalar, TypeRef};
use crate::model::{ClientKind, Edge, EdgeId, Link, NodeKind, OperationId, StructId};
use crate::protocol::OperationShape::{self, CommandStream, Conversation, Upload};
use crate::protocol::Protocol;

pub fn check(context: &Context<'_>, id: EdgeId) -> Vec<Finding> {
    let edge = &context.model[id];
    if edge.protocol() != Some(Protocol::Sse) {
        return Vec::new();
    }
    let findings = [
        way_back(context, id, edge),
        binary(context, id, edge),
        listener(context, id, edge),
        crowd(context, id, edge),
    ];
    let found = findings.into_iter().flatten();
    found.map(|it| it.about([id])).collect()
}

/// The client would have to send.
fn way_back(context: &Context<'_>, id: EdgeId, edge: &Edge) -> Option<Finding> {
    let model = context.model;
    let Link::Call { api: Some(api), .. } = edge.link else {
        return None;
    };
    if edge.attributes.get(Attr::Only).is_some() {
        return None;
    }
    const SENT: [OperationShape; 3] = [CommandStream, Upload, Conversation];
    let mut lost = model[api]
        .operations
        .iter()
        .copied()
        .filter(|it| SENT.contains(&model[*it].shape()))
        .peekable();
    lost.peek()?;
    let others = context.topology.outgoing(model.node_of(edge.from));
    let elsewhere = |operation: OperationId| {
        let carries = |it: &EdgeId| {
            model[*it]
                .operations
                .iter()
                .any(|it| it.operation == operation)
        };
        others.iter().any(carries)
    };
    let lost = lost.find(|it| !elsewhere(*it))?;
    let from = model.end_name(edge.from);
    Some(
        Finding::new(
            format!(
                "`{}` cannot carry what `{from}` sends",
                context.edge_name(id)
            ),
            edge.protocol_span.unwrap_or(edge.span),
        )
        .here("one way, from the server to the client")
        .label(
            model[lost].span,
            "the client speaks here too, and no other edge of it carries this",
        )
        .fix(
            Safety::Suggested,
            "write `: websocket`, or name what the client uses: `only = [...]`",
            context.editor().protocol(id, Protocol::Websocket),
        ),
    )
}

/// What travels is no text.
fn binary(context: &Context<'_>, id: EdgeId, edge: &Edge) -> Option<Finding> {
    let at = edge.protocol_span.unwrap_or(edge.span);
    let name = context.edge_name(id);
    let help = "write `: websocket`, which has binary messages";
    if edge.attributes.text(Attr::Payload) == Some("binary") {
        return Some(
            Finding::new(format!("`{name}` cannot carry binary data"), at)
                .here("events are text")
                .label_at(edge.attributes.span(Attr::Payload), "binary, by this")
                .fix(
                    Safety::Suggested,
                    help,
                    context.editor().protocol(id, Protocol::Websocket),
                ),
        );
    }
    if edge.attributes.text(Attr::Payload) == Some("text") {
        return None;
    }
    let mut seen = Vec::new();
    edge.operations.iter().find_map(|it| {
        let output = context.model[it.operation].output.as_ref()?;
        let field = bytes_in(context, &output.ty, &mut seen)?;
        let operation = &context.model[it.operation];
        let mut finding = Finding::new(format!("`{name}` sends binary data as text"), at)
            .here("events are text, so that bytes travel as base64")
            .label(operation.span, "this sends them");
        if let Some((message, at)) = field {
            let field = &context.model[message].fields[at];
            finding = finding.label(field.span, "these bytes");
        }
        Some(
            finding
                .note("base64 writes 3 bytes as 4 characters: 4/3 = 1.33 times as much")
                .fix(
                    Safety::Suggested,
                    help,
                    context.editor().protocol(id, Protocol::Websocket),
                )
                .milder_if(true),
        )
    })
}

/// Where bytes are in a type, the message and its field; the type itself when there is no field.
fn bytes_in(
    context: &Context<'_>,
    ty: &TypeRef,
    seen: &mut Vec<StructId>,
) -> Option<Option<(StructId, usize)>> {
    match ty {
        TypeRef::Scalar(scalar) => (*scalar == Scalar::Bytes).then_some(None),
        TypeRef::Enum(_) | TypeRef::Message(_) => None,
        TypeRef::List(inner) | TypeRef::Map(inner) | TypeRef::Optional(inner) => {
            bytes_in(context, inner, seen)
        }
        TypeRef::Struct(id) => {
            if seen.contains(id) {
                return None;
            }
            seen.push(*id);
            let fields = context.model[*id].fields.iter().enumerate();
            let mut found = fields.filter_map(|(at, field)| {
                let deeper = bytes_in(context, &field.ty, seen)?;
                Some(deeper.unwrap_or((*id, at)))
            });
            found.next().map(Some)
        }
    }
}

/// Who listens has no `EventSource`.
fn listener(context: &Context<'_>, id: EdgeId, edge: &Edge) -> Option<Finding> {
    let from = &context.model[context.model.node_of(edge.from)];
    let NodeKind::Client(kind @ (ClientKind::Mobile | ClientKind::Device)) = from.kind else {
        return None;
    };
    let what = match kind {
        ClientKind::Mobile => "mobile apps have",
        _ => "devices have",
    };
    Some(
        Finding::new(
            format!("`{}` needs a library on the client's side", context.edge_name(id)),
            edge.protocol_span.unwrap_or(edge.span),
        )
        .here(format!("{what} no `EventSource`, which reconnects and resumes by itself"))
        .label(from.span, "not a browser")
        .fix(
            Safety::Suggested,
            "write `: websocket`, which all platforms have, or accept this with the library that is used",
            context.editor().protocol(id, Protocol::Websocket),
        )
        .milder_if(true),
    )
}

/// More listen than it is made for.
fn crowd(context: &Context<'_>, id: EdgeId, edge: &Edge) -> Option<Finding> {
    let Link::Call { api: Some(api), .. } = edge.link else {
        return None;
    };
    let attributes = &context.model[api].attributes;
    let connections = attributes.count(Attr::MaxConnections)?;
    // Connections of other protocols are counted with them.
    let mut others = context.topology.incoming(context.model[api].node).iter();
    let other = |it: &&EdgeId| {
        let it = &context.model[**it];
        matches!(it.link, Link::Call { api: Some(of), protocol } if of == api
            && protocol != Protocol::Sse && protocol.facts().live)
    };
    if others.any(|it| other(&it)) {
        return None;
    }
    // One finding for all edges that lead to it.
    let mut edges = context.topology.incoming(context.model[api].node).iter();
    let first = edges.find(|it| context.model[**it].link == edge.link);
    if first != Some(&id) {
        return None;
    }
    let limit = context.limits.sse_clients;
    (connections > limit).then(|| {
        Finding::new(
            format!("`{}` is to hold {connections} streams of events open", context.edge_name(id)),
            edge.protocol_span.unwrap_or(edge.span),
        )
        .here("each is an HTTP response of its own")
        .label_at(attributes.span(Attr::MaxConnections), format!("{connections} to each instance"))
        .note(format!("{connections} > {limit}, by `limits {{ sse_clients = {limit} }}`"))
        .fix(
            Safety::Suggested,
            "write `: websocket`, which costs less for each client, or spread them over more instances",
            context.editor().protocol(id, Protocol::Websocket),
        )
        .milder_if(true)
    })
}
