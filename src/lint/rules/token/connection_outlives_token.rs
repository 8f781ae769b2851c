//! # TOK007 connection-outlives-token
//!
//! ## What it does
//! Finds connections that stay open (`websocket`, `sse`, streams over `grpc`) to a service that exists, for longer than the
//! token is good by which the caller was let in. What we generate asks again when a token ends.
//!
//! ## Why it is bad
//! Who it is was asked once, when the connection was made. Somebody who was locked out an hour ago still listens. That open
//! connections need care of their own is what the article holds against WebSocket (section 2.3), and a token that ends has
//! to end what it opened (section 3.4). See also the OWASP cheat sheet on WebSocket security (close on expiry), and OWASP
//! ASVS 5.0, 4.4.3 and 4.4.4.
//!
//! ## Bad
//! ```arch
//! roles { customer }
//! auth staff : jwt {
//!   issuer = "https://id.shop.example", audience = "shop", algorithms = [ES256], roles = realm.roles
//!   lifetime = 15m
//! }
//! client web : browser
//! service live { existing = true
//!   api Live {
//!     auth = staff, allow = [customer], rate_limit = limit(50/s, per = user)
//!     max_connections = 1000, heartbeat = 30s, max_connection_age = 24h
//!     query prices(symbol: string) -> stream Price
//!   }
//! }
//! web -> live : websocket { tls = server }
//! type Price { symbol: string, value: decimal }
//! ```
//!
//! ## Good
//! ```arch
//! roles { customer }
//! auth staff : jwt {
//!   issuer = "https://id.shop.example", audience = "shop", algorithms = [ES256], roles = realm.roles
//!   lifetime = 15m
//! }
//! client web : browser
//! service live { existing = true
//!   api Live {
//!     auth = staff, allow = [customer], rate_limit = limit(50/s, per = user)
//!     max_connections = 1000, heartbeat = 30s, max_connection_age = 15m
//!     query prices(symbol: string) -> stream Price
//!   }
//! }
//! web -> live : websocket { tls = server }
//! type Price { symbol: string, value: decimal }
//! ```
//!
//! ## How to fix
//! Close connections when the token ends, or ask for a new one over them; `max_connection_age` says after what time at the
//! latest.
//!
//! ## Known limits
//! A service that asks again over an open connection writes the time between as `max_connection_age`. Where neither the
//! token's lifetime nor the connection's is written, nothing is said.

use crate::diagnostic::Safety;
use crate::lint::access::is_user_token;
use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::attributes::Attr;
use crate::model::text;
use crate::model::{EdgeId, Input, Link, OperationId};

pub fn check(context: &Context<'_>, id: EdgeId) -> Vec<Finding> {
    let edge = &context.model[id];
    let Link::Call {
        protocol,
        api: Some(api_id),
    } = edge.link
    else {
        return Vec::new();
    };
    if !context.model[context.model[api_id].node].existing {
        return Vec::new();
    }
    let live = protocol.facts().live;
    let hop = context.topology.hops_of(id).find(|&hop| {
        let operation = context.topology.hop(hop).operation;
        let token = |it: &crate::model::AuthId| is_user_token(context.model[*it].scheme);
        let open = live || operation.is_some_and(|it| streams(context, it));
        open && context.schemes(hop).iter().any(token)
    });
    let Some(hop) = hop else {
        return Vec::new();
    };
    let schemes = context.schemes(hop).iter().map(|it| &context.model[*it]);
    let lifetimes = schemes.filter_map(|it| Some((it, it.attributes.duration(Attr::Lifetime)?)));
    let api = &context.model[api_id];
    let age = api.attributes.duration(Attr::MaxConnectionAge);
    let (Some((auth, lifetime)), Some(age)) = (lifetimes.min_by_key(|it| it.1), age) else {
        let fact = if age.is_none() {
            "max_connection_age"
        } else {
            "lifetime"
        };
        return context.unknown(fact, api.span, || {
            let declare = "write how long a connection is held open, and how long a token is good: `max_connection_age = 15m` on the api, `lifetime = 15m` on the auth";
            (context.edge_name(id), declare.to_owned())
        });
    };
    if age <= lifetime {
        return Vec::new();
    }
    vec![
        Finding::new(
            format!(
                "`{}` stays connected for up to {}, and was let in by a token that is good for {}",
                context.edge_name(id),
                text::duration(age),
                text::duration(lifetime)
            ),
            edge.span,
        )
        .label_at(api.attributes.span(Attr::MaxConnectionAge), "a connection ends here at the latest")
        .label_at(auth.attributes.span(Attr::Lifetime), "the token ends here")
        .fix(
            Safety::Suggested,
            format!(
                "close connections when the token ends, or ask for a new one: `max_connection_age = {}`",
                text::duration(lifetime)
            ),
            context.editor().set(
                api_id,
                Attr::MaxConnectionAge,
                &text::written_duration(lifetime),
            ),
        )
        .about([id]),
    ]
}

/// Whether an operation keeps its connection open.
fn streams(context: &Context<'_>, operation: OperationId) -> bool {
    let operation = &context.model[operation];
    matches!(&operation.input, Input::Message(it) if it.stream)
        || operation.output.as_ref().is_some_and(|it| it.stream)
}
