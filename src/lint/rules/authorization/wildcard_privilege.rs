//! # AUZ002 wildcard-privilege
//!
//! ## What it does
//! Finds privileges that are larger than their use: a scope that is a wildcard or all of something (`*`, `orders:*`,
//! `admin`, `root`), and a `grant` on a store beyond what is declared to be done with it, such as `grant = both` where every
//! handler only reads. `grant = owner` is a warning: whoever takes the service over can change and drop the tables.
//!
//! ## Why it is bad
//! Whoever takes over the service, or its token, has all of it. The least privilege that does is what the article asks for
//! (section 3.3), and too much of it is a common pitfall (section 3.6). See also RFC 9700, section 2.3, and OWASP ASVS 5.0,
//! 13.2.2.
//!
//! ## Bad
//! ```arch
//! service report {
//!   schedule nightly { every = 24h, calls = [orders_db.read] }
//! }
//! store orders_db : postgres
//! report -> orders_db { grant = both }
//! ```
//!
//! ## Good
//! ```arch
//! service report {
//!   schedule nightly { every = 24h, calls = [orders_db.read] }
//! }
//! store orders_db : postgres
//! report -> orders_db { grant = read }
//! ```
//!
//! ## How to fix
//! Narrow the grant to what the handlers do, name the scopes one by one (`orders:read`), and let migrations run under an
//! account of their own.
//!
//! ## Known limits
//! What is done with a store is known only where every operation, consumer and schedule of the service says so by
//! `calls = [...]`. Scopes are judged by their spelling. Roles that are called `admin` are not: what they may do stands at
//! the operations.

use crate::diagnostic::Safety;
use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::attributes::{Attr, Value};
use crate::model::{Access, Auth, CallTarget, Edge, EdgeId, End, Link, NodeId};

pub fn check(context: &Context<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = context.model.auths.iter().filter_map(scopes).collect();
    for (id, edge) in context.model.edges() {
        if edge.link == Link::Store
            && let Some(grant) = edge.attributes.text(Attr::Grant)
        {
            findings.extend(granted(context, id, edge, grant));
        }
    }
    findings
}

fn scopes(auth: &Auth) -> Option<Finding> {
    let Some(Value::Texts(scopes)) = auth.attributes.value(Attr::Scopes) else {
        return None;
    };
    let wide: Vec<&str> = scopes
        .iter()
        .map(String::as_str)
        .filter(|it| is_everything(it))
        .collect();
    let first = wide.first()?;
    Some(
        Finding::new(
            format!(
                "`{}` asks for everything: the scope `{}`",
                auth.name,
                wide.join("`, `")
            ),
            auth.attributes.span(Attr::Scopes).unwrap_or(auth.span),
        )
        .here("whoever has such a token may do all of it")
        .help(format!(
            "name what is needed instead of `{first}`, as `orders:read`"
        )),
    )
}

/// Whether a scope means all of something: a part of it is `*`, or the whole is the name of somebody who may do anything.
fn is_everything(scope: &str) -> bool {
    let mut parts = scope.split([':', '/', '.']);
    let all = ["admin", "root", "superuser", "all"];
    parts.any(|it| it == "*") || all.iter().any(|it| scope.eq_ignore_ascii_case(it))
}

fn granted(context: &Context<'_>, id: EdgeId, edge: &Edge, grant: &str) -> Option<Finding> {
    let (End::Node(service), End::Node(store)) = (edge.from, edge.to) else {
        return None;
    };
    let name = &context.model[service].name;
    let target = &context.model[store].name;
    let need = need(context, service, store);
    let line = edge.attributes.span(Attr::Grant).unwrap_or(edge.span);
    // What is not declared to be used at all is no measure.
    let needed = need.filter(|it| it.read || it.write).map(Need::word);
    match grant {
        "owner" => {}
        "both" if needed.is_some_and(|it| it != "both") => {}
        _ => return None,
    }
    let message = match needed {
        Some(needed) => {
            format!("`{name}` holds `{grant}` on `{target}`, and needs `{needed}`")
        }
        None => format!("`{name}` owns `{target}`: it can change and drop its tables"),
    };
    let (help, edits) = match needed {
        Some(needed) => (
            format!("write `grant = {needed}`, once it is so in the store"),
            context.editor().set(id, Attr::Grant, needed),
        ),
        None => (
            "log in as a user that reads and writes, and let migrations run as the owner"
                .to_owned(),
            None,
        ),
    };
    Some(
        Finding::new(message, line)
            .label(edge.span, "by this edge")
            .milder_if(grant == "owner")
            .fix(Safety::Suggested, help, edits)
            .about([id]),
    )
}

/// What the handlers of a service do with a store.
#[derive(Clone, Copy, Default)]
struct Need {
    read: bool,
    write: bool,
}

impl Need {
    const fn word(self) -> &'static str {
        match (self.read, self.write) {
            (true, false) => "read",
            (false, true) => "write",
            _ => "both",
        }
    }
}

/// What is declared to be done with a store; `None` where some handler does not say.
fn need(context: &Context<'_>, service: NodeId, store: NodeId) -> Option<Need> {
    let mut need = Need::default();
    let mut add = |calls: &[CallTarget]| {
        for target in calls {
            if let CallTarget::Store(it, access) = target
                && *it == store
            {
                need.read |= *access != Access::Write;
                need.write |= *access != Access::Read;
            }
        }
    };
    let node = &context.model[service];
    for api in &node.apis {
        for operation in &context.model[*api].operations {
            let operation = &context.model[*operation];
            if operation.via.is_none() {
                add(operation.calls.as_deref()?);
            }
        }
    }
    for schedule in &node.schedules {
        add(schedule.calls.as_deref()?);
    }
    for edge in context.topology.incoming(service) {
        let edge = &context.model[*edge];
        if edge.link == Link::Consume {
            add(edge.calls.as_deref()?);
        }
    }
    Some(need)
}

#[cfg(test)]
mod tests {
    use super::is_everything;

    #[test]
    fn scopes_of_everything_are_known_by_their_parts() {
        for scope in ["*", "orders:*", "shop/*", "Admin", "root"] {
            assert!(is_everything(scope), "{scope}");
        }
        for scope in ["orders:read", "admin:read", "openid", "all:read", ""] {
            assert!(!is_everything(scope), "{scope}");
        }
    }
}
