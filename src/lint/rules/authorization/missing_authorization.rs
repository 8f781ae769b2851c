//! # AUZ001 missing-authorization
//!
//! ## What it does
//! Finds operations that know the user and let every user do everything: they accept a user's token, and neither `allow`
//! nor `when` judges it. Gateways whose operations only forward are left out, since the next hop judges. It is an error
//! where the zone's data is confidential, and where `allow` or `when` stands on an operation that asks nobody who he is.
//!
//! ## Why it is bad
//! Authentication tells who somebody is, not what he may do. Access follows from roles and attributes, with the least
//! privilege that does (the article, section 3.3). See also OWASP API Security Top 10 2023, API1 and API5 (deny by
//! default), and OWASP ASVS 5.0, 8.2.1.
//!
//! ## Bad
//! ```arch
//! auth staff : jwt { issuer = "https://id.shop.example", audience = "shop", algorithms = [ES256], roles = realm.roles }
//! client web : browser
//! service orders {
//!   api Orders { auth = staff, rate_limit = limit(50/s, per = ip)
//!     command cancel(id: uuid)
//!   }
//! }
//! web -> orders : rest
//! ```
//!
//! ## Good
//! ```arch
//! roles { clerk }
//! auth staff : jwt { issuer = "https://id.shop.example", audience = "shop", algorithms = [ES256], roles = realm.roles }
//! client web : browser
//! service orders {
//!   api Orders { auth = staff, allow = [clerk], rate_limit = limit(50/s, per = ip)
//!     command cancel(id: uuid)
//!   }
//! }
//! web -> orders : rest
//! ```
//!
//! ## How to fix
//! Declare `roles { ... }` and name those that may: `allow = [...]` on the api, narrower on operations. Where it depends on
//! whom or what, write `when = caller.CLAIM == parameter`.
//!
//! ## Known limits
//! Operations whose handlers check access to the object by themselves say `authorizes = object`, and are left out. Access
//! lists of channels cannot be written.

use crate::lint::access::{is_user_token, judges};
use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::lint::root::Root;
use crate::model::attributes::{Attr, Attributes, DataClass, Value};
use crate::model::{Api, ApiId, End, NodeKind, Operation, OperationId, ServiceKind};

pub fn check(context: &Context<'_>, id: ApiId) -> Vec<Finding> {
    let api = &context.model[id];
    let node = &context.model[api.node];
    let class = context.class_of(End::Node(api.node));
    if class == Some(DataClass::Public) {
        return Vec::new();
    }
    let forwards = |operation: &Operation| {
        node.kind == NodeKind::Service(ServiceKind::Gateway) && operation.via.is_some()
    };
    let mut unjudged = Vec::new();
    let mut unasked = Vec::new();
    for &id in &api.operations {
        let operation = &context.model[id];
        let attributes = &operation.attributes;
        if attributes.is(Attr::Public) || context.is_for_strangers(id) {
            continue;
        }
        let judged = names_who_may(attributes);
        let schemes = schemes(context, attributes);
        if judged && schemes.is_empty() && !node.existing {
            unasked.push(id);
        } else if !judges(context, id)
            && schemes.iter().any(|it| is_user_token(*it))
            && !forwards(operation)
        {
            unjudged.push(id);
        }
    }
    let mut findings = Vec::new();
    if !unjudged.is_empty() {
        let confidential = class >= Some(DataClass::Confidential);
        let name = format!("{}.{}", node.name, api.name);
        let message = match unjudged.as_slice() {
            all if all.len() == api.operations.len() => {
                format!("every user who is logged in may call all of `{name}`")
            }
            [one] => format!(
                "every user who is logged in may call `{name}.{}`",
                context.model[*one].name
            ),
            some => format!(
                "every user who is logged in may call {} operations of `{name}`",
                some.len()
            ),
        };
        let root = scheme_of(context, &context.model[unjudged[0]].attributes);
        findings.push(
            show(context, api, &unjudged, message, "any user may call this")
                .because(root)
                .graver_if(confidential)
                .label_at(
                    context.model[unjudged[0]].attributes.span(Attr::Auth),
                    "this tells who it is, not what he may do",
                )
                .help("name the roles that may: `allow = [...]`, declared by `roles { ... }`"),
        );
    }
    if !unasked.is_empty() {
        let message = format!(
            "`{}.{}` names who may, and asks nobody who he is",
            node.name, api.name
        );
        let at = context.model[unasked[0]].attributes.span(Attr::Allow);
        findings.push(
            show(
                context,
                api,
                &unasked,
                message,
                "no scheme is accepted here",
            )
            .graver_if(true)
            .label_at(at, "roles of whom?")
            .help("name the scheme whose tokens carry the roles: `auth = ...`"),
        );
    }
    findings
}

fn show(
    context: &Context<'_>,
    api: &Api,
    operations: &[OperationId],
    message: String,
    text: &str,
) -> Finding {
    let mut finding = Finding::new(message, api.span);
    for &id in operations.iter().take(3) {
        finding = finding.label(context.model[id].span, text);
    }
    if operations.len() > 3 {
        finding = finding.note(format!("{} operations in all", operations.len()));
    }
    finding
}

/// The scheme whose users may do everything.
fn scheme_of(context: &Context<'_>, attributes: &Attributes) -> Root {
    let ids = match attributes.value(Attr::Auth) {
        Some(Value::Auths(ids)) => ids.as_slice(),
        _ => &[],
    };
    let mut users = ids.iter().map(|id| &context.model[*id]);
    let auth = users.find(|it| is_user_token(it.scheme));
    let (at, name) = auth.map_or((context.model.system.span, "any scheme"), |it| {
        (it.span, it.name.as_str())
    });
    Root {
        at,
        message: format!("{{n}} apis let every user of `{name}` call everything"),
        here: "nothing says which of its users may do what".to_owned(),
        help: "name the roles that may: `allow = [...]` on the apis, or in the `defaults` of their zones"
            .to_owned(),
        mend: None,
    }
}

fn names_who_may(attributes: &Attributes) -> bool {
    let roles = attributes.allow().is_some_and(|roles| !roles.is_empty());
    roles || attributes.get(Attr::When).is_some()
}

fn schemes(context: &Context<'_>, attributes: &Attributes) -> Vec<crate::model::AuthScheme> {
    match attributes.value(Attr::Auth) {
        Some(Value::Auths(ids)) => ids.iter().map(|id| context.model[*id].scheme).collect(),
        _ => Vec::new(),
    }
}
