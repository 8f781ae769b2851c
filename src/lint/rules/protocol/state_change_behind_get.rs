//! # PRT015 state-change-behind-get
//!
//! ## What it does
//! Finds commands that are served by `http = get(...)`, and, as a warning, queries whose `calls` say that they write into a
//! store or call a command.
//!
//! ## Why it is bad
//! GET is safe by contract: browsers fetch links ahead, crawlers follow them, caches answer in the place of the service,
//! proxies and clients repeat at will (the article, section 2.1 on the methods of REST; section 4.1 on what may be retried). A
//! change behind it happens without anybody having asked for it, or twice, or not at all; and a link in a mail is enough
//! to have it made in somebody else's name. See also RFC 9110, section 9.2.1, and OWASP on cross-site request forgery.
//!
//! ## Bad
//! ```arch
//! client web : browser
//! auth staff : jwt { issuer = "https://id.example", audience = "shop", algorithms = [ES256] }
//! roles { clerk }
//! service shop {
//!   api Shop { auth = staff, allow = clerk, rate_limit = limit(50/s, per = user)
//!     command cancel(id: uuid) { http = get("/cancel/{id}") }
//!   }
//! }
//! web -> shop : rest
//! ```
//!
//! ## Good
//! ```arch
//! client web : browser
//! auth staff : jwt { issuer = "https://id.example", audience = "shop", algorithms = [ES256] }
//! roles { clerk }
//! service shop {
//!   api Shop { auth = staff, allow = clerk, rate_limit = limit(50/s, per = user)
//!     command cancel(id: uuid) { http = delete("/cancel/{id}") }
//!   }
//! }
//! web -> shop : rest
//! ```
//!
//! ## How to fix
//! Serve it by POST, PUT, PATCH or DELETE, which is what a command does when nothing is written. A query that changes
//! something is a `command`; if it only notes that it was asked, publish an event, or let another operation write.
//!
//! ## Known limits
//! What a handler does beyond its `calls` is not known. Events that a query publishes are left out: they tell that it was
//! asked.

use crate::diagnostic::Safety;
use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::{Access, ApiId, CallTarget, Method, OperationId, OperationKind};

pub fn check(context: &Context<'_>, id: ApiId) -> Vec<Finding> {
    let operations = context.model[id].operations.iter();
    operations
        .filter_map(|&operation| match context.model[operation].kind {
            OperationKind::Query => writing_query(context, operation),
            OperationKind::Command | OperationKind::Event => served_by_get(context, operation),
        })
        .collect()
}

fn served_by_get(context: &Context<'_>, id: OperationId) -> Option<Finding> {
    let operation = &context.model[id];
    let line = operation.route.declared?;
    if operation.route.method != Method::Get {
        return None;
    }
    Some(
        Finding::new(
            format!(
                "`{}` changes something, and is served by GET",
                context.operation_name(id)
            ),
            line,
        )
        .here("whoever follows this link makes the change")
        .label(operation.span, "it is no query")
        .fix(
            Safety::Suggested,
            "serve it by another method, which its callers have to follow: `http = post(...)`",
            context.editor().call(line, "post"),
        ),
    )
}

/// A query that says itself that it changes something.
fn writing_query(context: &Context<'_>, id: OperationId) -> Option<Finding> {
    let operation = &context.model[id];
    let targets = operation.calls.iter().flatten().copied();
    let via = operation.via.iter().map(|it| it.target);
    let (what, place) = targets.chain(via).find_map(|target| match target {
        CallTarget::Store(store, Access::Write) => Some((
            format!("writes into `{}`", context.model[store].name),
            context.model[store].span,
        )),
        CallTarget::Operation(it) if context.model[it].kind == OperationKind::Command => Some((
            format!("calls the command `{}`", context.operation_name(it)),
            context.model[it].span,
        )),
        _ => None,
    })?;
    Some(
        Finding::new(
            format!("`{}` is a query, and {what}", context.operation_name(id)),
            operation.span,
        )
        .here("it may be repeated, fetched ahead and answered by a cache")
        .label(place, "this is changed by it")
        .help("make it a `command`, or let an operation that is one do the change")
        .milder_if(true),
    )
}
