//! # AUN004 auth-method-misfit
//!
//! ## What it does
//! Finds schemes that do not fit who uses them: an api key as all that a browser or mobile app has to show, and user names
//! with passwords (`basic`) at a service that we generate. Under `profile = strict`, an api key between services as well.
//!
//! ## Why it is bad
//! What is shipped to every browser and phone is no secret, and an api key tells neither who sits there nor that it was
//! copied. A password with each request is a long-lived secret everywhere at once. The article gives api keys to simple
//! calls between services, and tokens to users (section 3.2). See also OWASP API Security Top 10 2023, API2 (api keys are for
//! api clients, not for users), RFC 9700, section 2.5, and, for the strict reading, NIST SP 800-204, MS-SS-1.
//!
//! ## Bad
//! ```arch
//! auth app_key : api_key { header = "X-Api-Key", keys = env("APP_KEYS") }
//! client app : mobile
//! service orders {
//!   api Orders { auth = app_key, rate_limit = limit(50/s, per = ip)
//!     query find(id: uuid) -> string
//!   }
//! }
//! app -> orders : rest
//! ```
//!
//! ## Good
//! ```arch
//! roles { customer }
//! auth staff : jwt { issuer = "https://id.shop.example", audience = "shop", algorithms = [ES256], roles = realm.roles }
//! client app : mobile
//! service orders {
//!   api Orders { auth = staff, allow = [customer], rate_limit = limit(50/s, per = user)
//!     query find(id: uuid) -> string
//!   }
//! }
//! app -> orders : rest
//! ```
//!
//! ## How to fix
//! Let people log in: `jwt`, `oauth2` or `session` on the api. Between services `mtls` needs no secret at all. Legacy
//! callers of `basic` belong behind a service that is drawn as it is, `existing = true`.
//!
//! ## Known limits
//! An edge on which other schemes are accepted as well is not judged until it says which it uses (`auth = ...`). A key that
//! only counts calls of a public api is meant to be seen; accept it there. Somebody else's system that acts for a user
//! cannot be told from one that acts for itself.

use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::lint::profile::Profile;
use crate::lint::schemes::{SchemeUse, client_of, scheme_uses};
use crate::model::{Auth, AuthScheme, ClientKind, EdgeId, NodeKind};

/// Why a scheme does not fit, in a sentence about its use and in one about what to write.
struct Misfit {
    why: &'static str,
    help: &'static str,
}

pub fn check(context: &Context<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (auth, uses) in context.model.auths.iter().zip(scheme_uses(context)) {
        // One finding for each reason: the scheme is to blame, not each of its edges.
        let mut groups: Vec<(Misfit, Vec<EdgeId>)> = Vec::new();
        for it in uses.iter().filter(|it| it.only) {
            let Some(misfit) = misfit(context, auth, it) else {
                continue;
            };
            match groups.iter_mut().find(|group| group.0.why == misfit.why) {
                Some((_, edges)) => edges.push(it.edge),
                None => groups.push((misfit, vec![it.edge])),
            }
        }
        findings.extend(
            groups
                .into_iter()
                .map(|(misfit, edges)| show(context, auth, &misfit, &edges)),
        );
    }
    findings
}

fn misfit(context: &Context<'_>, auth: &Auth, it: &SchemeUse) -> Option<Misfit> {
    let callee = &context.model[context.model.node_of(context.model[it.edge].to)];
    let ours = matches!(callee.kind, NodeKind::Service(_));
    match (auth.scheme, client_of(context, it.edge)) {
        (AuthScheme::ApiKey, Some(ClientKind::Browser | ClientKind::Mobile)) => Some(Misfit {
            why: "whoever has the app or opens the page can read the key",
            help: "let the people who use it log in: `jwt`, `oauth2` or `session`",
        }),
        (AuthScheme::ApiKey, None) if ours && context.profile == Profile::Strict => Some(Misfit {
            why: "a key that both ends know proves no service's identity",
            help: "use `mtls`, or `oauth2` with credentials of each caller's own",
        }),
        (AuthScheme::Basic, _) if ours && !callee.existing => Some(Misfit {
            why: "the same password travels with every request",
            help: "use tokens for people (`jwt`, `session`) and `mtls` for services",
        }),
        _ => None,
    }
}

fn show(context: &Context<'_>, auth: &Auth, misfit: &Misfit, edges: &[EdgeId]) -> Finding {
    let names = match edges {
        [one] => format!("`{}`", context.edge_name(*one)),
        [one, rest @ ..] => format!("`{}` and {} more", context.edge_name(*one), rest.len()),
        [] => String::new(),
    };
    let mut finding = Finding::new(
        format!(
            "`{}` ({}) is the wrong method for {names}: {}",
            auth.name, auth.scheme, misfit.why
        ),
        auth.span,
    );
    for &edge in edges.iter().take(3) {
        finding = finding.label(
            context.model[edge].span,
            "it is all that this edge has to show",
        );
    }
    finding.help(misfit.help).about(edges.iter().copied())
}
