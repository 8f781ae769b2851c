//! # SEC002 unvalidated-input
//!
//! ## What it does
//! Finds operations that the public or a partner can call, webhooks among them, and that take `json` without a form: in a
//! parameter, or anywhere in a message. Everything else that a drawing says of a message is checked by what we generate,
//! before a handler sees it.
//!
//! ## Why it is bad
//! What nobody described, nobody checks, and it reaches handlers, stores and templates as it came. Unchecked input is among
//! the common pitfalls (the article, section 3.6), and a contract that says nothing is none (section 2.7). See also OWASP
//! API Security Top 10 2023, API8 and API10, OWASP ASVS 5.0, 2.2.1 and 2.2.2, and CWE-502.
//!
//! ## Bad
//! ```arch
//! roles { customer }
//! auth staff : jwt { issuer = "https://id.shop.example", audience = "shop", algorithms = [ES256], roles = realm.roles }
//! client web : browser
//! service orders {
//!   api Orders { auth = staff, allow = [customer], rate_limit = limit(50/s, per = user)
//!     command place(PlaceOrder) -> string
//!   }
//! }
//! web -> orders : rest
//! type PlaceOrder { items: json }
//! ```
//!
//! ## Good
//! ```arch
//! roles { customer }
//! auth staff : jwt { issuer = "https://id.shop.example", audience = "shop", algorithms = [ES256], roles = realm.roles }
//! client web : browser
//! service orders {
//!   api Orders { auth = staff, allow = [customer], rate_limit = limit(50/s, per = user)
//!     command place(PlaceOrder) -> string
//!   }
//! }
//! web -> orders : rest
//! type PlaceOrder { items: [Item] }
//! type Item { sku: string @length(1..64), quantity: int32 @min(1) @max(100) }
//! ```
//!
//! ## How to fix
//! Describe what is taken by a type, with marks (`@length`, `@min`, `@max`, `@pattern`). Where it really is free, accept the
//! finding, and check it in the handler.
//!
//! ## Known limits
//! Whether a service that exists checks what it is sent is not known, and nothing is said of it. That marks are missing on a
//! string is not told: its length is bounded by `max_body`.

use crate::lint::classes::{message_of, spread};
use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::types::{Scalar, TypeRef};
use crate::model::{EdgeId, Input, Link, Operation, OperationId};
use crate::source::Span;

pub fn check(context: &Context<'_>) -> Vec<Finding> {
    let model = context.model;
    let free = |message: &crate::model::types::StructDef| {
        message.fields.iter().any(|field| is_json(&field.ty))
    };
    let free = spread(model, model.structs.iter().map(free).collect());
    let mut findings = Vec::new();
    for (id, edge) in model.edges() {
        let Link::Call { api: Some(api), .. } = edge.link else {
            continue;
        };
        if !context.is_generated(edge.to) || !context.topology.enters(id) {
            continue;
        }
        let operations = edge.operations.iter().map(|it| it.operation);
        let open: Vec<OperationId> = operations
            .filter(|it| takes_json(&model[*it], &free))
            .collect();
        if !open.is_empty() {
            let name = format!("{}.{}", model[model[api].node].name, model[api].name);
            findings.push(show(context, id, &name, &open));
        }
    }
    findings
}

fn show(context: &Context<'_>, id: EdgeId, name: &str, open: &[OperationId]) -> Finding {
    let what = match open {
        [one] => format!("`{name}.{}` takes", context.model[*one].name),
        some => format!("{} operations of `{name}` take", some.len()),
    };
    let mut finding = Finding::new(
        format!("{what} free json from outside, and nothing checks what is in it"),
        context.model[id].span,
    );
    for &operation in open.iter().take(3) {
        finding = match field(context, operation) {
            Some((name, span)) => finding.label(span, format!("`{name}` may hold anything")),
            None => finding.label(context.model[operation].span, "this may be sent anything"),
        };
    }
    finding
        .help("describe it by a type: what a type says is checked before the handler sees it")
        .about([id])
}

fn takes_json(operation: &Operation, free: &[bool]) -> bool {
    match &operation.input {
        Input::None => false,
        Input::Parameters(id) => free[id.0 as usize],
        Input::Message(payload) => {
            is_json(&payload.ty) || message_of(&payload.ty).is_some_and(|it| free[it.0 as usize])
        }
    }
}

/// The field of the request itself that is free.
fn field<'m>(context: &Context<'m>, operation: OperationId) -> Option<(&'m str, Span)> {
    let message = match &context.model[operation].input {
        Input::None => return None,
        Input::Parameters(id) => *id,
        Input::Message(payload) => message_of(&payload.ty)?,
    };
    let mut fields = context.model[message].fields.iter();
    let field = fields.find(|it| is_json(&it.ty))?;
    Some((&field.name, field.span))
}

fn is_json(ty: &TypeRef) -> bool {
    match ty {
        TypeRef::Scalar(scalar) => *scalar == Scalar::Json,
        TypeRef::List(inner) | TypeRef::Map(inner) | TypeRef::Optional(inner) => is_json(inner),
        TypeRef::Struct(_) | TypeRef::Enum(_) | TypeRef::Message(_) => false,
    }
}
