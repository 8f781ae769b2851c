//! # TOK002 unsafe-oauth-flow
//!
//! ## What it does
//! Finds ways of obtaining a token that give it, or the user's password, away: `flow = implicit` and `flow = password`; the
//! authorization code without PKCE for clients that can keep no secret (browsers, apps, command lines, devices); and such
//! clients that are given a client secret, or log in as themselves by `client_credentials`.
//!
//! ## Why it is bad
//! With the implicit flow the token stands in an address; with the password flow every app sees the password; a code
//! without PKCE can be used by whoever catches it; and a secret in an app is none. Flows are part of managing tokens (the
//! article, sections 3.2 and 3.4). See also RFC 9700, sections 2.1.1 (PKCE), 2.1.2 (implicit), 2.4 (password), RFC 8252,
//! section 8.5 (secrets in apps), and OWASP ASVS 5.0, 10.4.4 to 10.4.6.
//!
//! ## Bad
//! ```arch
//! roles { customer }
//! auth staff : jwt {
//!   issuer = "https://id.shop.example", audience = "shop", algorithms = [ES256], roles = realm.roles
//!   flow = implicit
//! }
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
//! auth staff : jwt {
//!   issuer = "https://id.shop.example", audience = "shop", algorithms = [ES256], roles = realm.roles
//!   flow = pkce
//! }
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
//! Use the authorization code with PKCE (`flow = pkce`) for everything with a user, `device` where there is no browser, and
//! `client_credentials` between services only.
//!
//! ## Known limits
//! Whether refresh tokens of public clients are replaced at each use cannot be written.

use crate::diagnostic::Safety;
use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::lint::schemes::{SchemeUse, client_of, scheme_uses};
use crate::model::attributes::Attr;
use crate::model::{Auth, AuthId, AuthScheme};

pub fn check(context: &Context<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (at, uses) in scheme_uses(context).iter().enumerate() {
        let id = AuthId(at as u32);
        let auth = &context.model[id];
        let flow = auth.attributes.text(Attr::Flow);
        let public: Vec<&SchemeUse> = uses
            .iter()
            .filter(|it| it.only && client_of(context, it.edge).is_some())
            .collect();
        let Some(problem) = problem(auth, flow, !public.is_empty()) else {
            if flow.is_none() && !public.is_empty() && auth.scheme == AuthScheme::Oauth2 {
                findings.extend(context.unknown("flow", auth.span, || {
                    let declare = "write how clients obtain it: `flow = pkce`";
                    (auth.name.clone(), declare.to_owned())
                }));
            }
            continue;
        };
        let line = auth.attributes.span(problem.at).unwrap_or(auth.span);
        let mut finding = Finding::new(
            format!("`{}` is obtained unsafely: {}", auth.name, problem.why),
            line,
        );
        for it in public.iter().take(3) {
            finding = finding.label(context.model[it.edge].span, "used from outside here");
        }
        // Which client gets rid of its secret, nobody here can tell.
        let edits = match problem.at {
            Attr::Flow => context.editor().set(id, Attr::Flow, "pkce"),
            _ => None,
        };
        findings.push(
            finding
                .fix(Safety::Suggested, problem.help, edits)
                .about(public.iter().map(|it| it.edge)),
        );
    }
    findings
}

struct Problem {
    at: Attr,
    why: &'static str,
    help: &'static str,
}

fn problem(auth: &Auth, flow: Option<&str>, public: bool) -> Option<Problem> {
    // What a session's server does by itself can keep a secret, whoever its users are.
    let public = public && auth.scheme != AuthScheme::Session;
    let secret = auth.attributes.get(Attr::ClientSecret).is_some();
    let (at, why, help) = match flow {
        Some("implicit") => (
            Attr::Flow,
            "the implicit flow puts the token into an address",
            "use the authorization code with PKCE: `flow = pkce`",
        ),
        Some("password") => (
            Attr::Flow,
            "every client sees the user's password",
            "send people to the provider instead: `flow = pkce`",
        ),
        Some("client_credentials") if public => (
            Attr::Flow,
            "a client that anybody can take apart logs in as itself",
            "let its users log in: `flow = pkce`",
        ),
        _ if public && secret => (
            Attr::ClientSecret,
            "a secret that is shipped to every client is none",
            "let clients outside use a scheme without a secret, with `flow = pkce`",
        ),
        Some("code") if public => (
            Attr::Flow,
            "whoever catches the code on its way can use it",
            "bind the code to who asked for it: `flow = pkce`",
        ),
        _ => return None,
    };
    Some(Problem { at, why, help })
}
