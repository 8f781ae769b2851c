//! # AUN001 unauthenticated-entry
//!
//! ## What it does
//! Finds edges that lead from a `public` or `partner` zone into something trusted more, and on which nobody is asked who
//! he is. Queries that are `public = true` and return nothing sensitive are anonymous on purpose, and so are operations with
//! a `purpose`: a login, a registration, a health check. A public command or event changes state for anybody, which is told
//! as a warning. Behind a service with `pass_through = true` requests enter at the next hop, and are judged there. Who sends
//! a webhook is WHK001's to judge.
//!
//! ## Why it is bad
//! An entry without authentication is open to everybody who finds it. Authentication comes before access (the article,
//! section 3.2), and webhooks are spoofed where it is missing (sections 2.8 and 3.5). See also OWASP API Security Top 10
//! 2023, API2, and CWE-306.
//!
//! ## Bad
//! ```arch
//! client web : browser
//! service orders {
//!   api Orders { rate_limit = limit(50/s, per = ip)
//!     query find(id: uuid) -> string
//!   }
//! }
//! web -> orders : rest
//! ```
//!
//! ## Good
//! ```arch
//! roles { customer }
//! auth staff : jwt { issuer = "https://id.shop.example", audience = "shop", algorithms = [ES256], roles = realm.roles }
//! client web : browser
//! service orders {
//!   api Orders { auth = staff, allow = [customer], rate_limit = limit(50/s, per = ip)
//!     query find(id: uuid) -> string
//!   }
//! }
//! web -> orders : rest
//! ```
//!
//! ## How to fix
//! Name a scheme on the api or the operation: `auth = ...`. What is meant for everybody says so: `public = true`; a login or registration says `purpose = login` or `register`.
//!
//! ## Known limits
//! A check that the handler makes by itself, outside of any scheme, does not show in the drawing; accept it there.

use crate::diagnostic::Safety;
use crate::lint::access::is_user_token;
use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::attributes::Attr;
use crate::model::edit::Edits;
use crate::model::{EdgeId, Link, OperationId, OperationKind};

pub fn check(context: &Context<'_>, id: EdgeId) -> Vec<Finding> {
    let edge = &context.model[id];
    let Link::Call { protocol, .. } = edge.link else {
        return Vec::new();
    };
    // Who sends a webhook is proved otherwise, and is WHK001's to judge.
    if !context.topology.enters(id) || protocol.facts().signed {
        return Vec::new();
    }
    let open: Vec<Option<OperationId>> = context
        .topology
        .hops_of(id)
        .filter(|&hop| context.is_anonymous(hop))
        .map(|hop| context.topology.hop(hop).operation)
        .filter(|operation| {
            !operation
                .is_some_and(|it| context.is_for_strangers(it) || is_meant_for_all(context, it))
        })
        .collect();
    if open.is_empty() {
        return Vec::new();
    }
    let on_purpose = |it: &Option<OperationId>| {
        it.is_some_and(|it| context.model[it].attributes.is(Attr::Public))
    };
    let deliberate = open.iter().all(on_purpose);
    let to = &context.model[context.model.node_of(edge.to)];
    let name = context.edge_name(id);
    let message = if deliberate {
        format!("`{name}` lets anybody change something in `{}`", to.name)
    } else {
        format!(
            "`{name}` crosses into `{}` ({}) without authentication",
            to.name, to.trust
        )
    };
    let mut finding = Finding::new(message, edge.span)
        .milder_if(deliberate)
        .about([id]);
    for &operation in open.iter().flatten().take(3) {
        let operation = &context.model[operation];
        finding = finding.label(operation.span, "anybody may call this");
    }
    let from = context.model.node_of(edge.from);
    if context.topology.lets_in(from) {
        let proxy = &context.model[from].name;
        finding = finding.note(format!(
            "`{proxy}` passes on what comes from outside and checks nothing itself"
        ));
    }
    if open.len() > 3 {
        finding = finding.note(format!("{} operations are open in all", open.len()));
    }
    finding = match deliberate {
        true => finding.help("take back `public = true` and name a scheme, or accept this with the reason"),
        false if open[0].is_none() => {
            finding.help("write on the edge what the callee accepts: `auth = ...`")
        }
        false => finding.fix(
            Safety::Suggested,
            "name a scheme on the api, as `auth = staff`; a query that is meant for everybody says `public = true`",
            only_scheme(context, id),
        ),
    };
    vec![finding]
}

/// Lets the api accept the one scheme for users that the drawing has. Of several, nobody here can choose.
fn only_scheme(context: &Context<'_>, id: EdgeId) -> Edits {
    let Link::Call { api: Some(api), .. } = context.model[id].link else {
        return None;
    };
    let mut schemes = context
        .model
        .auths
        .iter()
        .filter(|it| is_user_token(it.scheme));
    match (schemes.next(), schemes.next()) {
        (Some(only), None) => context.editor().set(api, Attr::Auth, &only.name),
        _ => None,
    }
}

/// A query that is public on purpose, and gives nothing away.
fn is_meant_for_all(context: &Context<'_>, operation: OperationId) -> bool {
    let operation = &context.model[operation];
    let sensitive = operation
        .output
        .as_ref()
        .is_some_and(|it| context.is_sensitive(&it.ty));
    operation.attributes.is(Attr::Public) && operation.kind == OperationKind::Query && !sensitive
}
