//! # TOP007 shared-database
//!
//! ## What it does
//! Finds stores that services of different owners use (`owner`, written on the service or on what is around it); an error
//! where services of two owners are known to write. Caches and file stores are left out, and what is `shared` for a reason.
//!
//! ## Why it is bad
//! A table that two teams use belongs to neither: nobody can change a column, an index or the load without asking the other,
//! and services that scale and evolve on their own are what they were separated for (the article, sections 2.4, 7.1 and
//! 7.5). See also Database per Service on microservices.io.
//!
//! ## Bad
//! ```arch
//! service orders { owner = "sales" }
//! service ledger { owner = "finance" }
//! store db : postgres
//! orders -> db
//! ledger -> db
//! ledger -> orders : grpc
//! ```
//!
//! ## Good
//! ```arch
//! service orders { owner = "sales" }
//! service ledger { owner = "finance" }
//! store db : postgres
//! orders -> db
//! ledger -> orders : grpc
//! ```
//!
//! ## How to fix
//! Let one service own the store; the others ask its api, or keep what they need from its events. Where it has to stay,
//! say why: `shared = "reporting reads views only"`.
//!
//! ## Known limits
//! Services without an owner are not judged. A server with several databases is drawn as several stores.

use std::collections::{BTreeMap, BTreeSet};

use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::attributes::Attr;
use crate::model::{Access, CallTarget, EdgeId, NodeId, NodeKind, OperationKind};

pub fn check(context: &Context<'_>, id: NodeId) -> Vec<Finding> {
    let node = &context.model[id];
    let NodeKind::Store(engine) = node.kind else {
        return Vec::new();
    };
    let users = context.topology.incoming(id);
    if users.len() < 2
        || engine.facts().cache
        || engine.facts().files
        || node.attributes.get(Attr::Shared).is_some()
    {
        return Vec::new();
    }
    let mut owners: BTreeMap<&str, Vec<EdgeId>> = BTreeMap::new();
    let mut unowned = None;
    for &edge in users {
        let service = &context.model[context.model.node_of(context.model[edge].from)];
        match service.attributes.text(Attr::Owner) {
            Some(owner) => owners.entry(owner).or_default().push(edge),
            None => unowned = Some(service),
        }
    }
    if owners.len() < 2 {
        return match unowned {
            Some(service) => context.unknown("owner", service.span, || {
                (
                    node.name.clone(),
                    format!(
                        "write who answers for `{}`: `owner = \"...\"`",
                        service.name
                    ),
                )
            }),
            None => Vec::new(),
        };
    }
    let writes = |edge: &EdgeId| {
        let from = context.model.node_of(context.model[*edge].from);
        writes_to(context, from, id)
    };
    let writers: BTreeSet<&str> = owners
        .iter()
        .filter(|(_, edges)| edges.iter().any(writes))
        .map(|(owner, _)| *owner)
        .collect();
    let both = writers.len() > 1;
    let names: Vec<&str> = if both {
        writers.iter().copied().collect()
    } else {
        owners.keys().copied().collect()
    };
    let verb = if both { "written" } else { "used" };
    let mut finding = Finding::new(
        format!(
            "`{}` is {verb} by services of {}",
            node.name,
            listed(&names)
        ),
        node.span,
    )
    .here("nobody can change it alone");
    for (owner, edges) in owners.iter().take(4) {
        let from = &context.model[context.model.node_of(context.model[edges[0]].from)];
        finding = finding
            .label(context.model[edges[0]].span, format!("by {owner}"))
            .label_at(
                from.attributes.span(Attr::Owner),
                format!("the owner of `{}`", from.name),
            );
    }
    vec![
        finding
            .help("let one own it; the others ask its api or keep what they need from its events")
            .help("or say why it has to be: `shared = \"...\"`")
            .graver_if(both)
            .about(owners.into_values().flatten()),
    ]
}

/// Whether a service says that it writes: `.write`, or the whole store from something that changes things.
fn writes_to(context: &Context<'_>, service: NodeId, store: NodeId) -> bool {
    let model = context.model;
    let write = CallTarget::Store(store, Access::Write);
    let both = CallTarget::Store(store, Access::Both);
    let apis = model[service].apis.iter();
    let operations = apis.flat_map(|&api| &model[api].operations).map(|&it| {
        let operation = &model[it];
        (&operation.calls, operation.kind != OperationKind::Query)
    });
    let incoming = context.topology.incoming(service).iter();
    let consumers = incoming.map(|&edge| (&model[edge].calls, true));
    let schedules = model[service].schedules.iter().map(|it| (&it.calls, true));
    operations
        .chain(consumers)
        .chain(schedules)
        .filter_map(|(calls, changes)| Some((calls.as_ref()?, changes)))
        .any(|(calls, changes)| calls.contains(&write) || (changes && calls.contains(&both)))
}

/// "sales, finance and 3 more".
fn listed(names: &[&str]) -> String {
    match names {
        [all @ .., last] if names.len() <= 4 => format!("{} and {last}", all.join(", ")),
        _ => format!("{} and {} more", names[..3].join(", "), names.len() - 3),
    }
}
