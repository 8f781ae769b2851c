//! # AUZ005 graphql-field-authorization
//!
//! ## What it does
//! Finds apis served over GraphQL whose answers hold confidential fields (`@sensitive`, or a type with `data =
//! confidential`), and where access is judged for the operation as a whole: neither `when` nor `authorizes = field` (or
//! `object`), there or where it is forwarded to, says that it depends on what is read.
//!
//! ## Why it is bad
//! In GraphQL the caller picks the fields, and gets to one object by way of another. A role that may ask the query may
//! read every field of everything behind it. That authorization is harder there is what the article holds against GraphQL
//! (section 2.7). See also OWASP API Security Top 10 2023, API3 (authorization of object properties), OWASP ASVS 5.0, 8.2.3,
//! and the OWASP cheat sheet on GraphQL.
//!
//! ## Bad
//! ```arch
//! roles { clerk }
//! auth staff : jwt { issuer = "https://id.shop.example", audience = "shop", algorithms = [ES256], roles = realm.roles }
//! client web : browser
//! service people {
//!   api People { auth = staff, allow = [clerk], rate_limit = limit(50/s, per = user)
//!     query find(id: uuid) -> Person
//!   }
//! }
//! web -> people : graphql
//! type Person { name: string, salary: decimal @sensitive }
//! ```
//!
//! ## Good
//! ```arch
//! roles { clerk }
//! auth staff : jwt { issuer = "https://id.shop.example", audience = "shop", algorithms = [ES256], roles = realm.roles }
//! client web : browser
//! service people {
//!   api People { auth = staff, allow = [clerk], rate_limit = limit(50/s, per = user), authorizes = field
//!     query find(id: uuid) -> Person
//!   }
//! }
//! web -> people : graphql
//! type Person { name: string, salary: decimal @sensitive }
//! ```
//!
//! ## How to fix
//! Judge each field in its resolver, and say so: `authorizes = field`. Where one may see an object as a whole or not at
//! all, `authorizes = object`, or `when = caller.CLAIM == parameter` on the operation.
//!
//! ## Known limits
//! What a resolver does is taken as said. Of services that exist and do not say, nothing is known.

use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::attributes::{Attr, DataClass};
use crate::model::types::TypeRef;
use crate::model::{ApiId, CallTarget, Link, OperationId};
use crate::protocol::Protocol;

pub fn check(context: &Context<'_>, id: ApiId) -> Vec<Finding> {
    let api = &context.model[id];
    let graphql = Link::Call {
        protocol: Protocol::Graphql,
        api: Some(id),
    };
    let mut edges = context.topology.incoming(api.node).iter();
    let Some(&edge) = edges.find(|&&edge| context.model[edge].link == graphql) else {
        return Vec::new();
    };
    let node = &context.model[api.node];
    let open: Vec<(OperationId, DataClass)> = context.model[edge]
        .operations
        .iter()
        .filter_map(|it| {
            let operation = &context.model[it.operation];
            let output = operation.output.as_ref()?;
            let class = context.class_of_type(&output.ty)?;
            let open = class >= DataClass::Confidential && !is_judged(context, it.operation);
            open.then_some((it.operation, class))
        })
        .collect();
    let Some(&(first, class)) = open.first() else {
        return Vec::new();
    };
    let name = format!("{}.{}", node.name, api.name);
    if node.existing {
        return context.unknown("authorizes", api.span, || {
            let declare = "say whether its resolvers judge what is read: `authorizes = field`";
            (name, declare.to_owned())
        });
    }
    let mut finding = Finding::new(
        format!("whoever may ask `{name}` over graphql may read every {class} field of it"),
        api.span,
    );
    for (operation, _) in open.iter().take(3) {
        finding = finding.label(
            context.model[*operation].span,
            "its answer holds such fields",
        );
    }
    if let Some(field) = secret_field(context, first) {
        finding = finding.label(field, "one of them");
    }
    vec![
        finding
            .help("judge each field in its resolver and say so: `authorizes = field` on the api")
            .about([edge]),
    ]
}

/// Whether somebody judges what is read by an operation: it says so itself, or what it is forwarded to does.
fn is_judged(context: &Context<'_>, mut operation: OperationId) -> bool {
    loop {
        let it = &context.model[operation];
        let service = &context.model[context.model[it.api].node];
        let says = [Attr::Authorizes, Attr::When]
            .iter()
            .any(|attr| it.attributes.get(*attr).is_some());
        if says || service.attributes.get(Attr::Authorizes).is_some() {
            return true;
        }
        match it.via.as_ref().map(|via| via.target) {
            Some(CallTarget::Operation(behind)) => operation = behind,
            _ => return false,
        }
    }
}

/// The first field of the answer itself that is marked.
fn secret_field(context: &Context<'_>, operation: OperationId) -> Option<crate::source::Span> {
    let mut ty = &context.model[operation].output.as_ref()?.ty;
    while let TypeRef::List(inner) | TypeRef::Map(inner) | TypeRef::Optional(inner) = ty {
        ty = inner;
    }
    let TypeRef::Struct(id) = ty else { return None };
    let mut fields = context.model[*id].fields.iter();
    fields.find(|it| it.sensitive).map(|it| it.span)
}
