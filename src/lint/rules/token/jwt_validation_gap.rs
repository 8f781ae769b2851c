//! # TOK005 jwt-validation-gap
//!
//! ## What it does
//! Finds JWT schemes that leave open what a token has to be: no `issuer`, no `audience`, no pinned `algorithms`, `none` among
//! them, or algorithms with a shared key (HS256 and the like), with which every service that verifies tokens can make them.
//!
//! ## Why it is bad
//! A token that was made for somebody else, by somebody else, or by nobody is taken for a good one. JWTs are for stateless
//! authentication, where the check is all there is (the article, sections 3.2 and 3.4). See also RFC 8725, sections 3.1,
//! 3.2, 3.8 and 3.9, and OWASP ASVS 5.0, 9.1 and 9.2.
//!
//! ## Bad
//! ```arch
//! roles { customer }
//! auth staff : jwt { issuer = "https://id.shop.example", algorithms = [ES256], roles = realm.roles }
//! client web : browser
//! service orders {
//!   api Orders { auth = staff, allow = [customer], rate_limit = limit(50/s, per = ip)
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
//! Write all three: `issuer = "https://..."`, `audience = "..."`, `algorithms = [ES256]` (or another with a public key).
//!
//! ## Known limits
//! Which audience each service expects, and kinds of tokens (`typ`), cannot be told apart yet. Where one issuer's tokens
//! are opaque and looked up, draw `oauth2`.

use crate::diagnostic::Safety;
use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::attributes::{Attr, Value};
use crate::model::{AuthId, AuthScheme};

pub fn check(context: &Context<'_>, id: AuthId) -> Vec<Finding> {
    let auth = &context.model[id];
    if auth.scheme != AuthScheme::Jwt {
        return Vec::new();
    }
    let algorithms = match auth.attributes.value(Attr::Algorithms) {
        Some(Value::Texts(algorithms)) => algorithms.as_slice(),
        Some(Value::Text(algorithm)) => std::slice::from_ref(algorithm),
        _ => &[],
    };
    let is_set = |attr| match auth.attributes.value(attr) {
        Some(Value::Text(text)) => !text.is_empty(),
        other => other.is_some(),
    };
    let mut gaps: Vec<(&str, Option<Attr>, &str)> = Vec::new();
    if !is_set(Attr::Issuer) {
        gaps.push((
            "whoever issued it",
            None,
            "write `issuer = \"https://...\"`",
        ));
    }
    if !is_set(Attr::Audience) {
        gaps.push((
            "whomever it is meant for",
            None,
            "write `audience = \"...\"`: tokens for others are refused",
        ));
    }
    if algorithms.is_empty() {
        gaps.push((
            "however it is signed",
            None,
            "pin what is accepted: `algorithms = [ES256]`",
        ));
    }
    if algorithms.iter().any(|it| it.eq_ignore_ascii_case("none")) {
        gaps.push((
            "unsigned",
            Some(Attr::Algorithms),
            "take `none` out of `algorithms`",
        ));
    }
    if algorithms.iter().any(|it| it.starts_with("HS")) {
        gaps.push((
            "when it is signed with a key that every verifier has",
            Some(Attr::Algorithms),
            "use one with a public key: `algorithms = [ES256]`",
        ));
    }
    if gaps.is_empty() {
        return Vec::new();
    }
    let words: Vec<&str> = gaps.iter().map(|(words, ..)| *words).collect();
    let mut finding = Finding::new(
        format!("`{}` takes a token {}", auth.name, words.join(", ")),
        auth.span,
    );
    for (_, attr, help) in gaps {
        finding = finding
            .label_at(
                attr.and_then(|it| auth.attributes.span(it)),
                "accepted here",
            )
            .help(help);
    }
    let only_algorithms = is_set(Attr::Issuer) && is_set(Attr::Audience);
    if only_algorithms {
        finding = finding.fix(
            Safety::Suggested,
            "accept what is signed with a public key, as the issuer signs",
            context.editor().set(id, Attr::Algorithms, "[ES256]"),
        );
    }
    vec![finding]
}
