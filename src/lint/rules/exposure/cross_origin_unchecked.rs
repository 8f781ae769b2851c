//! # SEC003 cross-origin-unchecked
//!
//! ## What it does
//! Finds `cors` that lets the pages of everybody call from a browser (`*`), those of no origin (`null`, as sandboxed pages
//! and local files have), or those that come in clear text (`http://`). Where the browser sends its credentials by itself
//! (`session`, `basic`) it is an error. Public queries alone may be read by all.
//!
//! ## Why it is bad
//! Any page that a user opens can then act in his name. WebSockets take no notice of CORS by themselves; there the same
//! list is all that checks the origin (the article, section 2.3), and what is left open is a common pitfall (section 3.6).
//! See also OWASP ASVS 5.0, 3.4.2 and 4.4.2, RFC 6455, section 10.2, and OWASP API Security Top 10 2023, API8.
//!
//! ## Bad
//! ```arch
//! roles { customer }
//! auth staff : jwt { issuer = "https://id.shop.example", audience = "shop", algorithms = [ES256], roles = realm.roles }
//! client web : browser
//! service orders {
//!   api Orders { auth = staff, allow = [customer], rate_limit = limit(50/s, per = user), cors = ["*"]
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
//!   api Orders { auth = staff, allow = [customer], rate_limit = limit(50/s, per = user), cors = ["https://www.shop.example"]
//!     query find(id: uuid) -> string
//!   }
//! }
//! web -> orders : rest
//! ```
//!
//! ## How to fix
//! List the origins of your own pages, one by one: `cors = ["https://www.shop.example"]`.
//!
//! ## Known limits
//! Without `cors`, what we generate lets no other origin in; of a service that exists it is not known.

use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::lint::schemes::client_of;
use crate::lint::url::clear_text;
use crate::model::attributes::{Attr, Value};
use crate::model::{ApiId, AuthScheme, ClientKind, EdgeId, Link, OperationKind};

pub fn check(context: &Context<'_>, id: ApiId) -> Vec<Finding> {
    let api = &context.model[id];
    let incoming = context.topology.incoming(api.node).iter().copied();
    let pages: Vec<EdgeId> = incoming
        .filter(|&edge| called(context, edge) == Some(id))
        .filter(|&edge| client_of(context, edge) == Some(ClientKind::Browser))
        .collect();
    let Some(&first) = pages.first() else {
        return Vec::new();
    };
    let name = format!("{}.{}", context.model[api.node].name, api.name);
    let Some(Value::Texts(origins)) = api.attributes.value(Attr::Cors) else {
        if context.model[api.node].existing {
            return context.unknown("cors", api.span, || {
                let declare =
                    "write whose pages may call it: `cors = [\"https://www.example.com\"]`";
                (name, declare.to_owned())
            });
        }
        return Vec::new();
    };
    let Some((origin, whose)) = origins.iter().find_map(|it| Some((it, whose(it)?))) else {
        return Vec::new();
    };
    let hops = || {
        pages
            .iter()
            .flat_map(|&edge| context.topology.hops_of(edge))
    };
    let sends_itself = hops().any(|hop| {
        context.schemes(hop).iter().any(|it| {
            matches!(
                context.model[*it].scheme,
                AuthScheme::Session | AuthScheme::Basic
            )
        })
    });
    let for_all = hops().all(|hop| {
        let operation = context.topology.hop(hop).operation;
        let query = operation.is_some_and(|it| context.model[it].kind == OperationKind::Query);
        query && context.is_anonymous(hop)
    });
    if for_all {
        return Vec::new();
    }
    let with = if sends_itself {
        ", with the credentials that the browser sends by itself"
    } else {
        ""
    };
    let line = api.attributes.span(Attr::Cors).unwrap_or(api.span);
    vec![
        Finding::new(format!("`{name}` lets {whose} call it{with}"), line)
            .here(format!("by `{origin}`"))
            .label(context.model[first].span, "browsers call it here")
            .graver_if(sends_itself)
            .help("list the origins of your own pages: `cors = [\"https://www.example.com\"]`")
            .about(pages),
    ]
}

/// Whose pages an origin lets in, if they are more than it should.
fn whose(origin: &str) -> Option<&'static str> {
    if origin.contains('*') {
        Some("the pages of everybody")
    } else if origin == "null" {
        Some("pages without an origin, which everybody can make,")
    } else {
        clear_text(origin).map(|_| "pages that anybody on the way can change")
    }
}

fn called(context: &Context<'_>, edge: EdgeId) -> Option<ApiId> {
    match context.model[edge].link {
        Link::Call { api, .. } => api,
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::whose;

    #[test]
    fn only_origins_that_are_listed_and_encrypted_are_ours() {
        for open in [
            "*",
            "https://*.example.com",
            "null",
            "http://www.example.com",
        ] {
            assert!(whose(open).is_some(), "{open}");
        }
        for ours in ["https://www.example.com", "http://localhost:3000"] {
            assert_eq!(whose(ours), None, "{ours}");
        }
    }
}
