//! # TOK008 clear-text-issuer
//!
//! ## What it does
//! Finds JWT schemes whose `issuer` or `jwks` is read in clear text (`http://`). Addresses of the same machine are left out.
//!
//! ## Why it is bad
//! The keys that every token is judged by are fetched there. Whoever stands between can answer with keys of his own, and
//! from then on every token that he makes is a good one. Tokens are only as safe as what verifies them (the article,
//! sections 3.2 and 3.4), and what leaves the internal network is encrypted (section 3.1). See also OpenID Connect
//! Discovery 1.0, section 3 (an issuer uses the `https` scheme), RFC 8725, section 3.8, and OWASP ASVS 5.0, 9.1.3.
//!
//! ## Bad
//! ```arch
//! roles { customer }
//! auth staff : jwt { issuer = "http://id.shop.example", audience = "shop", algorithms = [ES256], roles = realm.roles }
//! client web : browser
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
//! auth staff : jwt { issuer = "https://id.shop.example", audience = "shop", algorithms = [ES256], roles = realm.roles }
//! client web : browser
//! service orders {
//!   api Orders { auth = staff, allow = [customer], rate_limit = limit(50/s, per = user)
//!     query find(id: uuid) -> string
//!   }
//! }
//! web -> orders : rest
//! ```
//!
//! ## How to fix
//! Write `https://`. The issuer's name stands in every token, so change it at the provider first.
//!
//! ## Known limits
//! Where the issuer is read over a network of one's own, it is told all the same: tokens are taken everywhere.

use crate::diagnostic::Safety;
use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::lint::url::clear_text;
use crate::model::AuthId;
use crate::model::attributes::Attr;

pub fn check(context: &Context<'_>, id: AuthId) -> Vec<Finding> {
    let auth = &context.model[id];
    let mut findings = Vec::new();
    for (attr, what) in [(Attr::Issuer, "issuer"), (Attr::Jwks, "keys of the issuer")] {
        let Some(url) = auth.attributes.text(attr) else {
            continue;
        };
        let (Some((_, secure)), Some((_, rest))) = (clear_text(url), url.split_once("://")) else {
            continue;
        };
        let line = auth.attributes.span(attr).unwrap_or(auth.span);
        findings.push(
            Finding::new(
                format!(
                    "the {what} of `{}` is asked in clear text, at `{url}`",
                    auth.name
                ),
                line,
            )
            .here("whoever stands between can hand out keys of his own")
            .label(auth.span, "every token of this scheme is judged by them")
            .fix(
                Safety::Suggested,
                format!("write `{attr} = \"{secure}://...\"`, once the provider calls itself so"),
                context
                    .editor()
                    .set(id, attr, &format!("\"{secure}://{rest}\"")),
            ),
        );
    }
    findings
}
