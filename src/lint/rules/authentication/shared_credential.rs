//! # AUN006 shared-credential
//!
//! ## What it does
//! Finds one secret in several hands: the same `env("...")` or `file("...")` with which several services log in to stores or
//! brokers, or obtain tokens as the same client, or with which several webhooks are signed, and one list of keys or users
//! behind several schemes.
//!
//! ## Why it is bad
//! Where it leaks from one, it opens all, and nobody can tell afterwards who it was; it cannot be replaced for one of them
//! alone. Credentials are kept short-lived and apart (the article, section 3.4), and each holder has the least privilege
//! that does (section 3.3). See also OWASP ASVS 5.0, 13.2.1 (individual accounts of services) and 13.2.2, and Standard
//! Webhooks on signing keys that are unique to each endpoint.
//!
//! ## Bad
//! ```arch
//! service orders
//! service billing
//! store orders_db : postgres
//! store billing_db : postgres
//! orders -> orders_db { login = env("DATABASE_LOGIN") }
//! billing -> billing_db { login = env("DATABASE_LOGIN") }
//! ```
//!
//! ## Good
//! ```arch
//! service orders
//! service billing
//! store orders_db : postgres
//! store billing_db : postgres
//! orders -> orders_db { login = env("ORDERS_DATABASE_LOGIN") }
//! billing -> billing_db { login = env("BILLING_DATABASE_LOGIN") }
//! ```
//!
//! ## How to fix
//! Give each holder a secret of its own, named after it.
//!
//! ## Known limits
//! Secrets are known by their names: two services whose environments hold different values under one name look alike. Of
//! secrets that are read elsewhere nothing is known.

use std::collections::HashMap;

use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::lint::schemes::scheme_uses;
use crate::model::attributes::{Attr, Attributes, Secret, Value};
use crate::model::{Link, NodeKind};
use crate::source::Span;

/// Who holds a secret, and where that is written.
struct Holder {
    name: String,
    at: Span,
}

pub fn check(context: &Context<'_>) -> Vec<Finding> {
    let mut holders = Holders::default();
    logins(context, &mut holders);
    schemes(context, &mut holders);
    let mut findings = Vec::new();
    for secret in &holders.order {
        let held = &holders.by_secret[secret];
        if held.len() < 2 {
            continue;
        }
        let names: Vec<String> = held.iter().map(|it| format!("`{}`", it.name)).collect();
        let listed = match names.as_slice() {
            [first, second] => format!("{first} and {second}"),
            [first, second, rest @ ..] => format!("{first}, {second} and {} more", rest.len()),
            _ => continue,
        };
        let mut finding = Finding::new(
            format!("one secret, {}, is in the hands of {listed}", shown(secret)),
            held[0].at,
        )
        .here("here");
        for it in held.iter().skip(1).take(3) {
            finding = finding.label(it.at, format!("and here, for `{}`", it.name));
        }
        let own: String = held[0]
            .name
            .split(|it: char| !it.is_ascii_alphanumeric())
            .filter(|it| !it.is_empty())
            .map(str::to_ascii_uppercase)
            .collect::<Vec<_>>()
            .join("_");
        findings.push(
            finding
                .note("where it leaks from one of them, it opens the doors of all")
                .help(format!(
                    "give each a secret of its own, as `env(\"{own}_...\")`"
                )),
        );
    }
    findings
}

/// Holders by secret, in the order in which secrets are first written.
#[derive(Default)]
struct Holders {
    by_secret: HashMap<Secret, Vec<Holder>>,
    order: Vec<Secret>,
}

impl Holders {
    /// Notes a holder, unless it is known already or the secret has no name (SEC001 tells of that).
    fn add(&mut self, secret: &Secret, name: String, at: Span) {
        if matches!(secret, Secret::Literal(_)) {
            return;
        }
        let held = self.by_secret.entry(secret.clone()).or_insert_with(|| {
            self.order.push(secret.clone());
            Vec::new()
        });
        if held.iter().all(|it| it.name != name) {
            held.push(Holder { name, at });
        }
    }
}

/// Services at stores and brokers, and the two ends of signed webhooks.
fn logins(context: &Context<'_>, holders: &mut Holders) {
    for (id, edge) in context.model.edges() {
        let at = |attr| edge.attributes.span(attr).unwrap_or(edge.span);
        if let Some(Value::Secret(secret)) = edge.attributes.value(Attr::Login) {
            let user = if edge.link == Link::Consume {
                edge.to
            } else {
                edge.from
            };
            holders.add(secret, context.model.end_name(user), at(Attr::Login));
        }
        if let Some(Value::Signature(signature)) = edge.attributes.value(Attr::Signature) {
            holders.add(
                &signature.secret,
                context.edge_name(id),
                at(Attr::Signature),
            );
        }
    }
}

/// Services that obtain tokens with one client secret, and lists that several schemes read.
fn schemes(context: &Context<'_>, holders: &mut Holders) {
    let secret = |attributes: &Attributes, attr| match attributes.value(attr) {
        Some(Value::Secret(secret)) => Some(secret.clone()),
        _ => None,
    };
    if context.model.auths.is_empty() {
        return;
    }
    for (auth, uses) in context.model.auths.iter().zip(scheme_uses(context)) {
        let at = |attr| auth.attributes.span(attr).unwrap_or(auth.span);
        for attr in [Attr::Keys, Attr::Users] {
            if let Some(secret) = secret(&auth.attributes, attr) {
                holders.add(&secret, auth.name.clone(), at(attr));
            }
        }
        let Some(secret) = secret(&auth.attributes, Attr::ClientSecret) else {
            continue;
        };
        // Where the client's name is read from the environment, each service can be a client of its own.
        if !matches!(auth.attributes.value(Attr::ClientId), Some(Value::Text(_))) {
            continue;
        }
        for it in uses.iter().filter(|it| it.only) {
            let edge = &context.model[it.edge];
            let from = &context.model[context.model.node_of(edge.from)];
            if matches!(from.kind, NodeKind::Service(_)) {
                holders.add(&secret, from.name.clone(), edge.span);
            }
        }
    }
}

fn shown(secret: &Secret) -> String {
    match secret {
        Secret::Env(name) => format!("`env(\"{name}\")`"),
        Secret::File(name) => format!("`file(\"{name}\")`"),
        Secret::Literal(_) => String::new(),
    }
}
