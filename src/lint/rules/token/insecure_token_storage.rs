//! # TOK004 insecure-token-storage
//!
//! ## What it does
//! Finds clients that keep tokens where others find them: in an address (`tokens = url`), or, in a browser, in
//! `local_storage` or `session_storage`. The latter is an error where refresh tokens lie there, a warning where the tokens
//! live for longer than `limits { max_sensitive_token_ttl }` or nobody says how long, and nothing for shorter ones.
//!
//! ## Why it is bad
//! Addresses stand in logs, histories and referrers. What lies in a browser's storage is read by every script on the page,
//! and one of those is somebody else's. Where tokens are kept is part of managing them (the article, section 3.4). See also
//! OWASP ASVS 5.0, 10.1.1 and 14.2.1, RFC 9700, sections 4.2 and 4.3, and OWASP API Security Top 10 2023, API2.
//!
//! ## Bad
//! ```arch
//! roles { customer }
//! auth staff : jwt {
//!   issuer = "https://id.shop.example", audience = "shop", algorithms = [ES256], roles = realm.roles
//!   lifetime = 15m, refresh = true
//! }
//! client web : browser { tokens = local_storage }
//! service orders {
//!   api Orders { auth = staff, allow = [customer], rate_limit = limit(50/s, per = user)
//!     query find(id: uuid) -> string
//!   }
//! }
//! web -> orders : rest
//! ```
//!
//! ## Good
//! ```arch
//! roles { customer }
//! auth staff : jwt {
//!   issuer = "https://id.shop.example", audience = "shop", algorithms = [ES256], roles = realm.roles
//!   lifetime = 15m, refresh = true
//! }
//! client web : browser { tokens = memory }
//! service orders {
//!   api Orders { auth = staff, allow = [customer], rate_limit = limit(50/s, per = user)
//!     query find(id: uuid) -> string
//!   }
//! }
//! web -> orders : rest
//! ```
//!
//! ## How to fix
//! Leave the tokens on the server: a `session` of a `bff`, whose cookie no script can read (`tokens = cookie`). Without
//! one, keep them in memory.
//!
//! ## Known limits
//! Where a client keeps its tokens is taken as said; a client that does not say is not judged. A session's identifier in a
//! cookie is no token.

use crate::diagnostic::Safety;
use crate::lint::access::is_user_token;
use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::attributes::Attr;
use crate::model::text;
use crate::model::{Auth, AuthScheme, ClientKind, EdgeId, NodeId, NodeKind};

pub fn check(context: &Context<'_>, id: NodeId) -> Vec<Finding> {
    let node = &context.model[id];
    let NodeKind::Client(kind) = node.kind else {
        return Vec::new();
    };
    let tokens = tokens(context, id);
    let Some((first, edge)) = tokens.first() else {
        return Vec::new();
    };
    let Some(place) = node.attributes.text(Attr::Tokens) else {
        return context.unknown("tokens", node.span, || {
            let declare = "write where it keeps its tokens: `tokens = memory`";
            (node.name.clone(), declare.to_owned())
        });
    };
    let line = node.attributes.span(Attr::Tokens).unwrap_or(node.span);
    let stored =
        kind == ClientKind::Browser && matches!(place, "local_storage" | "session_storage");
    if place == "url" {
        return vec![
            Finding::new(format!("`{}` keeps tokens in addresses", node.name), line)
                .here("logs, histories and referrers keep them as well")
                .label(
                    context.model[*edge].span,
                    format!("tokens of `{}`", first.name),
                )
                .fix(
                    Safety::Suggested,
                    "send tokens in the `Authorization` header, and keep them in memory",
                    context.editor().set(id, Attr::Tokens, "memory"),
                ),
        ];
    }
    if !stored {
        return Vec::new();
    }
    let renewing = tokens
        .iter()
        .find(|(it, _)| it.attributes.is(Attr::Refresh));
    let short = context.limits.max_sensitive_token_ttl;
    let lasting = tokens.iter().find(|(it, _)| {
        let lifetime = it.attributes.duration(Attr::Lifetime);
        lifetime.is_none_or(|it| it > short)
    });
    let Some((auth, edge)) = renewing.or(lasting) else {
        return Vec::new();
    };
    let of = &auth.name;
    let what = match (renewing, auth.attributes.duration(Attr::Lifetime)) {
        (Some(_), _) => format!("refresh tokens of `{of}`"),
        (None, Some(it)) => format!("tokens of `{of}`, which live {},", text::duration(it)),
        (None, None) => format!("tokens of `{of}`, for nobody says how long,"),
    };
    vec![
        Finding::new(
            format!("`{}` keeps {what} in {place}", node.name),
            line,
        )
        .here("every script of the page can read it")
        .label(context.model[*edge].span, "they are used here")
        .milder_if(renewing.is_none())
        .fix(
            Safety::Suggested,
            "leave them on the server, behind a session of a bff (`tokens = cookie`), or keep short ones in memory",
            context.editor().set(id, Attr::Tokens, "memory"),
        ),
    ]
}

/// The schemes whose tokens a client is given, each with an edge on which it uses them.
fn tokens<'m>(context: &Context<'m>, id: NodeId) -> Vec<(&'m Auth, EdgeId)> {
    let mut found: Vec<(&Auth, EdgeId)> = Vec::new();
    for &edge in context.topology.outgoing(id) {
        for hop in context.topology.hops_of(edge) {
            for scheme in context.schemes(hop) {
                let auth = &context.model[*scheme];
                let token = is_user_token(auth.scheme) && auth.scheme != AuthScheme::Session;
                if token && found.iter().all(|it| it.0.span != auth.span) {
                    found.push((auth, edge));
                }
            }
        }
    }
    found
}
