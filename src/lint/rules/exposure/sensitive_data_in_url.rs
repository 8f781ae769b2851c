//! # SEC008 sensitive-data-in-url
//!
//! ## What it does
//! Finds operations over HTTP whose path or query string carries something secret: parameters that are `@sensitive`, and
//! those that are called like a credential (`password`, `access_token`, `api_key`, ...). A query is asked by GET, so that
//! all its parameters stand in the address unless `http = ...` says otherwise.
//!
//! ## Why it is bad
//! Addresses are written into the logs of every proxy and server on the way, into the browser's history, and into the
//! referrer of the next page. There TLS does not help: exposed data is a common pitfall (the article, sections 3.1 and 3.6).
//! See also OWASP ASVS 5.0, 14.2.1, CWE-598, and RFC 9110, section 17.9.
//!
//! ## Bad
//! ```arch
//! roles { clerk }
//! auth staff : jwt { issuer = "https://id.shop.example", audience = "shop", algorithms = [ES256], roles = realm.roles }
//! client web : browser
//! service people {
//!   api People { auth = staff, allow = [clerk], rate_limit = limit(50/s, per = user)
//!     query find(insurance_number: string @sensitive) -> string
//!   }
//! }
//! web -> people : rest
//! ```
//!
//! ## Good
//! ```arch
//! roles { clerk }
//! auth staff : jwt { issuer = "https://id.shop.example", audience = "shop", algorithms = [ES256], roles = realm.roles }
//! client web : browser
//! service people {
//!   api People { auth = staff, allow = [clerk], rate_limit = limit(50/s, per = user)
//!     query find(insurance_number: string @sensitive) -> string { http = post("/find") }
//!   }
//! }
//! web -> people : rest
//! ```
//!
//! ## How to fix
//! Ask by POST, so that it travels in the body: `http = post("/find")`. Or ask by an identifier that says nothing.
//!
//! ## Known limits
//! Of services that exist only routes that are written (`http = ...`) are known. What is secret without a mark or such a
//! name is not seen.

use crate::diagnostic::Safety;
use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::attributes::Attr;
use crate::model::types::FieldDef;
use crate::model::{ApiId, EdgeId, Input, Link, Method, Operation, OperationId};
use crate::protocol::Protocol;

/// Names that credentials have. Other tokens, as those of pages, are none.
const CREDENTIALS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "secret",
    "client_secret",
    "access_token",
    "refresh_token",
    "id_token",
    "reset_token",
    "auth_token",
    "session_token",
    "api_key",
    "apikey",
    "private_key",
    "card_number",
    "cvv",
    "pin",
    "ssn",
];

pub fn check(context: &Context<'_>, id: ApiId) -> Vec<Finding> {
    let api = &context.model[id];
    let existing = context.model[api.node].existing;
    let exposed: Vec<(OperationId, &FieldDef)> = api
        .operations
        .iter()
        .filter_map(|&it| {
            let operation = &context.model[it];
            if existing && operation.route.declared.is_none() {
                return None;
            }
            Some((it, in_address(context, operation)?))
        })
        .collect();
    if exposed.is_empty() {
        return Vec::new();
    }
    let routed: Vec<EdgeId> = context
        .topology
        .incoming(api.node)
        .iter()
        .copied()
        .filter(|&edge| {
            let link = context.model[edge].link;
            let over = |protocol| {
                link == Link::Call {
                    protocol,
                    api: Some(id),
                }
            };
            over(Protocol::Rest) || over(Protocol::Sse)
        })
        .collect();
    let mut findings = Vec::new();
    for (operation, field) in exposed {
        let edges = routed.iter().copied().filter(|&edge| {
            let mut carried = context.model[edge].operations.iter();
            carried.any(|it| it.operation == operation)
        });
        let edges: Vec<EdgeId> = edges.collect();
        let Some(&first) = edges.first() else {
            continue;
        };
        let it = &context.model[operation];
        let post = format!("post(\"/{}\")", it.name.replace('_', "-"));
        // A route that somebody chose is his to change.
        let derived = it.route.declared.is_none();
        let why = if field.sensitive {
            "it is `@sensitive`"
        } else if CREDENTIALS.contains(&field.name.as_str()) {
            "it is called like a credential"
        } else {
            "it holds something confidential"
        };
        findings.push(
            Finding::new(
                format!(
                    "`{}` of `{}` travels in the address: {} {}",
                    field.name,
                    context.operation_name(operation),
                    it.route.method.name().to_uppercase(),
                    shown(it, field)
                ),
                field.span,
            )
            .here(why)
            .label_at(it.route.declared, "the route")
            .label(context.model[first].span, "over HTTP here")
            .note("logs of proxies and servers, histories and referrers keep addresses")
            .fix(
                Safety::Suggested,
                format!("send it in the body: `http = {post}`"),
                derived
                    .then(|| context.editor().set(operation, Attr::Http, &post))
                    .flatten(),
            )
            .about(edges),
        );
    }
    findings
}

/// The first secret parameter that stands in the address of an operation.
fn in_address<'m>(context: &Context<'m>, operation: &Operation) -> Option<&'m FieldDef> {
    let message = match &operation.input {
        Input::None => return None,
        Input::Parameters(id) => *id,
        Input::Message(payload) => crate::lint::classes::message_of(&payload.ty)?,
    };
    let secret = |field: &FieldDef| {
        field.sensitive
            || context.is_sensitive(&field.ty)
            || CREDENTIALS.contains(&field.name.as_str())
    };
    let mut fields = context.model[message].fields.iter();
    fields.find(|field| secret(field) && stands_in_address(operation, field))
}

/// Whether a field travels in the path, or in the query string of a request without a body.
fn stands_in_address(operation: &Operation, field: &FieldDef) -> bool {
    matches!(operation.route.method, Method::Get | Method::Delete) || in_path(operation, field)
}

fn in_path(operation: &Operation, field: &FieldDef) -> bool {
    operation
        .route
        .path
        .contains(&format!("{{{}}}", field.name))
}

/// The path, with the query string where the field stands there.
fn shown(operation: &Operation, field: &FieldDef) -> String {
    if in_path(operation, field) {
        operation.route.path.clone()
    } else {
        format!("{}?{}=...", operation.route.path, field.name)
    }
}
