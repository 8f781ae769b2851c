//! # SEC001 secret-literal
//!
//! ## What it does
//! Finds secrets that stand in the drawing: a text where `env("NAME")` or `file("NAME")` belongs, a URL with a password in
//! it, and texts of the form that known services give their keys. The value itself is never printed.
//!
//! ## Why it is bad
//! A drawing is checked in, mailed and shown on walls, and the secret with it, for ever. Exposed secrets are among the
//! common pitfalls; they belong into the environment (the article, section 3.6). See also OWASP ASVS 5.0, 13.3.1.
//!
//! ## Bad
//! ```arch
//! service shop
//! external maps { url = "https://shop:hunter22@maps.example/v1" }
//! shop -> maps : rest
//! ```
//!
//! ## Good
//! ```arch
//! service shop
//! external maps { url = "https://maps.example/v1" }
//! shop -> maps : rest
//! ```
//!
//! ## How to fix
//! Write `env("NAME")` and set the variable where the system runs. Revoke the secret that stood here: it is known now.
//!
//! ## Known limits
//! Secrets without a known form, in texts that are not meant for secrets, are not recognized.

use crate::diagnostic::{Edit, Safety};
use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::attributes::{Attr, Attributes, Secret, Value};
use crate::source::Span;

/// How the keys of known services begin, and how long they are at least.
const FORMS: [(&str, usize); 11] = [
    ("AKIA", 20),
    ("ghp_", 20),
    ("github_pat_", 20),
    ("glpat-", 16),
    ("sk_live_", 16),
    ("rk_live_", 16),
    ("whsec_", 16),
    ("xoxb-", 16),
    ("xoxp-", 16),
    ("-----BEGIN", 20),
    ("eyJ", 40),
];

pub fn check(context: &Context<'_>) -> Vec<Finding> {
    let model = context.model;
    let nodes = model
        .nodes
        .iter()
        .map(|it| (&it.name, it.span, &it.attributes));
    let auths = model
        .auths
        .iter()
        .map(|it| (&it.name, it.span, &it.attributes));
    let system = &model.system;
    let system = std::iter::once((&system.name, system.span, &system.attributes));
    let mut findings = Vec::new();
    for (owner, at, attributes) in system.chain(auths).chain(nodes) {
        look(owner, at, attributes, &mut findings);
    }
    for (id, edge) in model.edges() {
        // An edge's name is only made up where there is something to say of it.
        if edge.attributes.iter().any(|(_, it)| holds_text(&it.value)) {
            look(
                &context.edge_name(id),
                edge.span,
                &edge.attributes,
                &mut findings,
            );
        }
    }
    findings
}

fn holds_text(value: &Value) -> bool {
    matches!(
        value,
        Value::Secret(_) | Value::Signature(_) | Value::Text(_) | Value::Texts(_)
    )
}

fn look(owner: &str, at: Span, attributes: &Attributes, findings: &mut Vec<Finding>) {
    for (attr, effective) in attributes.iter() {
        let line = effective.origin.span().unwrap_or(at);
        match &effective.value {
            Value::Secret(Secret::Literal(span)) => {
                findings.push(literal(owner, attr, *span, true))
            }
            Value::Signature(it) => {
                if let Secret::Literal(span) = it.secret {
                    findings.push(literal(owner, attr, span, true));
                }
            }
            Value::Text(text) if is_secret(text) => {
                findings.push(literal(owner, attr, line, false));
            }
            Value::Texts(texts) if texts.iter().any(|it| is_secret(it)) => {
                findings.push(literal(owner, attr, line, false));
            }
            _ => {}
        }
    }
}

/// `replaceable`: the place holds the secret alone, and could hold the name of one.
fn literal(owner: &str, attr: Attr, at: Span, replaceable: bool) -> Finding {
    let name = format!("{owner} {attr}").to_ascii_uppercase();
    let words: Vec<&str> = name
        .split(|it: char| !it.is_ascii_alphanumeric())
        .filter(|it| !it.is_empty())
        .collect();
    let name = words.join("_");
    Finding::new(
        format!("a secret is written out in `{attr}` of `{owner}`"),
        at,
    )
    .here("whoever reads the drawing knows it")
    .fix(
        Safety::Suggested,
        format!("write `env(\"{name}\")`, set it where the system runs, and revoke this one"),
        replaceable.then(|| {
            vec![Edit {
                span: at,
                replacement: format!("env(\"{name}\")"),
            }]
        }),
    )
}

/// Whether a text is a URL with a password, or has the form of a known service's key.
fn is_secret(text: &str) -> bool {
    let password = text.split_once("://").is_some_and(|(_, rest)| {
        let authority = rest.split(['/', '?', '#']).next().unwrap_or("");
        let user = authority.rsplit_once('@').map(|(user, _)| user);
        user.and_then(|it| it.split_once(':'))
            .is_some_and(|(_, it)| !it.is_empty())
    });
    password
        || FORMS
            .iter()
            .any(|(start, length)| text.starts_with(start) && text.len() >= *length)
}

#[cfg(test)]
mod tests {
    use super::is_secret;

    #[test]
    fn keys_and_passwords_are_recognized_and_ordinary_texts_are_not() {
        for secret in [
            "amqp://shop:hunter2@queue.example",
            "sk_live_0123456789abcdef",
            "AKIAABCDEFGHIJKLMNOP",
        ] {
            assert!(is_secret(secret), "{secret}");
        }
        for text in [
            "https://id.shop.example",
            "https://shop@example/a:b@c",
            "orders:write",
            "eyJust",
            "",
        ] {
            assert!(!is_secret(text), "{text}");
        }
    }
}
