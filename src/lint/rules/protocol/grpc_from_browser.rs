//! # PRT001 grpc-from-browser
//!
//! ## What it does
//! Finds gRPC edges that start at a browser and cannot work: towards a node that exists and whose `supports` does not say
//! that it speaks gRPC-Web (`grpc_web`), and operations with a stream from the browser, which gRPC-Web does not have. What we generate speaks
//! gRPC-Web to browsers by itself, which is told as info.
//!
//! ## Why it is bad
//! Browsers cannot speak gRPC: their pages have no access to HTTP/2 frames. The article lists limited browser support
//! among gRPC's drawbacks (section 2.2). See also the gRPC-Web protocol description, on what it leaves out.
//!
//! ## Bad
//! ```arch
//! client web : browser
//! service legacy { existing = true }
//! auth staff : jwt { issuer = "https://id.shop.example", audience = "shop", algorithms = [ES256], roles = realm.roles }
//! web -> legacy : grpc { tls = server, auth = staff }
//! ```
//!
//! ## Good
//! ```arch
//! client web : browser
//! service legacy { existing = true }
//! auth staff : jwt { issuer = "https://id.shop.example", audience = "shop", algorithms = [ES256], roles = realm.roles }
//! web -> legacy : rest { tls = server, auth = staff }
//! ```
//!
//! ## How to fix
//! Write `: rest` or `: graphql`, or put a gateway before it that answers over `rest` and forwards over `grpc`. For streams
//! from the browser, `: websocket`. A proxy that translates gRPC-Web, as Envoy does, says so: `supports = [grpc_web, rest]`.
//!
//! ## Known limits
//! Where `supports` is written and leaves `grpc_web` out, PRT006 says so, and this rule is silent.

use crate::diagnostic::Safety;
use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::attributes::Attr;
use crate::model::{ClientKind, EdgeId, Input, NodeKind};
use crate::protocol::Protocol;

pub fn check(context: &Context<'_>, id: EdgeId) -> Vec<Finding> {
    let edge = &context.model[id];
    let from = &context.model[context.model.node_of(edge.from)];
    if edge.protocol() != Some(Protocol::Grpc) || from.kind != NodeKind::Client(ClientKind::Browser)
    {
        return Vec::new();
    }
    let to = &context.model[context.model.node_of(edge.to)];
    let message = format!(
        "`{}` is a browser and cannot speak gRPC to `{}`",
        from.name, to.name
    );
    let at = edge.protocol_span.unwrap_or(edge.span);
    let streams = edge.operations.iter().find(
        |it| matches!(&context.model[it.operation].input, Input::Message(input) if input.stream),
    );
    if to.attributes.get(Attr::Supports).is_some() {
        return Vec::new();
    }
    let finding = if !context.is_generated(edge.to) {
        Finding::new(message, at)
            .here(format!("`{}` exists, and nothing says that it speaks gRPC-Web", to.name))
            .fix(
                Safety::Suggested,
                "write `: rest` or `: graphql`, or put a gateway before it that forwards over `grpc`",
                context.editor().protocol(id, Protocol::Rest),
            )
            .help(format!("if it translates, say so on `{}`: `supports = [grpc_web]`", to.name))
    } else if let Some(stream) = streams {
        Finding::new(message, at)
            .here("spoken as gRPC-Web, which has no streams from the browser")
            .label(
                context.model[stream.operation].span,
                "the browser would have to send a stream",
            )
            .help("write `: websocket`, or leave the operation out with `only = [...]`")
    } else {
        Finding::new(
            format!(
                "`{}` is served to the browser as gRPC-Web",
                context.edge_name(id)
            ),
            at,
        )
        .note("browsers cannot speak gRPC itself; `: rest` needs no library in the page")
        .informs()
    };
    vec![finding.about([id])]
}
