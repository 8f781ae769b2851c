//! # AUN002 unauthenticated-path-to-sensitive-data
//!
//! ## What it does
//! Follows requests from the public through the drawing, over all services and channels, as long as nobody makes sure
//! whom they are for, and reports a shortest way that ends at a store or channel with confidential data. At the entry any
//! authentication stops the walk. Inside only a token of the user does, forwarded and judged by the callee: a certificate
//! proves which service passes a request on, not who is behind it.
//!
//! ## Why it is bad
//! Each hop looks safe by itself, and the sum of them hands confidential data to anybody. Identity has to be verified
//! before access (the article, section 3.2), above all where data is confidential (section 3.1); misconfigured access is
//! among the common pitfalls (section 3.6). See also OWASP API Security Top 10 2023, API1 and API2, and OWASP ASVS 5.0,
//! 8.3.3.
//!
//! ## Bad
//! ```arch
//! client web : browser
//! service front {
//!   api Site { rate_limit = limit(50/s, per = ip)
//!     query profile(id: uuid) -> string via users.Users.find { public = true }
//!   }
//! }
//! service users {
//!   api Users { public = true
//!     query find(id: uuid) -> string { calls = [users_db] }
//!   }
//! }
//! store users_db : postgres { data = confidential }
//! web -> front : rest
//! front -> users : grpc
//! users -> users_db
//! ```
//!
//! ## Good
//! ```arch
//! roles { customer }
//! auth staff : jwt { issuer = "https://id.shop.example", audience = "shop", algorithms = [ES256], roles = realm.roles }
//! client web : browser
//! service front {
//!   api Site { rate_limit = limit(50/s, per = ip)
//!     query profile(id: uuid) -> string via users.Users.find { auth = staff, allow = [customer] }
//!   }
//! }
//! service users {
//!   api Users { public = true
//!     query find(id: uuid) -> string { calls = [users_db] }
//!   }
//! }
//! store users_db : postgres { data = confidential }
//! web -> front : rest
//! front -> users : grpc
//! users -> users_db
//! ```
//!
//! ## How to fix
//! Ask for authentication at the hop that the message names: it is the first one that every such way passes. Where a public
//! and a private operation live in one service, `calls = [...]` keeps them apart.
//!
//! ## Known limits
//! Classes are those that stores, channels, zones and `@sensitive` fields declare; they are not inferred from what is
//! written where. What a login or registration (`purpose = login`) reaches is left out: it has to read what it compares with.

use std::collections::BTreeMap;

use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::attributes::{DataClass, Trust};
use crate::model::{End, Link, NodeKind};
use crate::topology::{HopId, Reach};

pub fn check(context: &Context<'_>) -> Vec<Finding> {
    let topology = context.topology;
    let mut sinks: BTreeMap<End, Vec<HopId>> = BTreeMap::new();
    for (id, hop) in topology.hops() {
        let edge = &context.model[hop.edge];
        let data = match edge.link {
            Link::Store => edge.to,
            Link::Consume => edge.from,
            Link::Call { .. } | Link::Publish => continue,
        };
        if context.class_of(data) >= Some(DataClass::Confidential) {
            sinks.entry(data).or_default().push(id);
        }
    }
    let mut findings = unclassed(context);
    if sinks.is_empty() {
        return findings;
    }
    let walk = |declared| {
        let starts = topology
            .hops()
            .map(|(id, _)| id)
            .filter(|&hop| context.model[topology.source(hop)].trust == Trust::Public);
        topology.reach(
            starts,
            |hop| !context.proves_origin(hop) && !context.is_login(hop),
            declared,
        )
    };
    // A way that is declared weighs more than a shorter one that is assumed.
    let (declared, assumed) = (walk(true), walk(false));
    for (data, hops) in sinks {
        let found = [&declared, &assumed].into_iter().find_map(|reach| {
            let ways = hops.iter().filter_map(|&hop| reach.way(hop));
            let way = ways.min_by_key(|way| way.hops.len())?;
            Some((reach, way))
        });
        let Some((reach, way)) = found else { continue };
        let (Some(&first), Some(&last)) = (way.hops.first(), way.hops.last()) else {
            continue;
        };
        let class = context.class_of(data).unwrap_or(DataClass::Confidential);
        let from = context
            .model
            .end_name(context.model[topology.hop(first).edge].from);
        let name = context.model.end_name(data);
        let at = context.model[topology.hop(last).edge].span;
        let mut finding = Finding::new(
            format!("anybody at `{from}` can reach `{name}` ({class}) without authentication"),
            at,
        )
        .here(format!("{class} data is reached here"));
        for (step, &hop) in way.hops.iter().enumerate().take(way.hops.len() - 1) {
            let span = context.model[topology.hop(hop).edge].span;
            finding = finding.label(span, format!("{}. {}", step + 1, why_open(context, hop)));
        }
        finding = finding.note(format!(
            "the way, {} hops: {}",
            way.hops.len(),
            context.way_name(&way)
        ));
        if let Some(hop) = closing_hop(context, reach, &hops) {
            finding = finding.help(format!(
                "ask who it is for at `{}`: every such way passes it",
                context.hop_name(hop)
            ));
        } else {
            finding = finding.help("no single hop closes all ways: authenticate at each entry");
        }
        findings.push(
            finding
                .along(context, &way)
                .about([topology.hop(first).edge]),
        );
    }
    findings
}

/// Stores of which nothing says how secret they are.
fn unclassed(context: &Context<'_>) -> Vec<Finding> {
    let nodes = context.model.nodes();
    let stores = nodes.filter(|(_, node)| matches!(node.kind, NodeKind::Store(_)));
    stores
        .filter(|(id, _)| context.class_of(End::Node(*id)).is_none())
        .flat_map(|(_, node)| {
            context.unknown("data", node.span, || {
                let declare = "write how secret it is, as `data = confidential`, on it or its zone";
                (node.name.clone(), declare.to_owned())
            })
        })
        .collect()
}

/// Why a hop does not stop the walk.
fn why_open(context: &Context<'_>, hop: HopId) -> &'static str {
    let edge = &context.model[context.topology.hop(hop).edge];
    match edge.link {
        Link::Publish | Link::Consume => "a message does not tell whom it is for",
        Link::Store => "a store does not ask whom it is for",
        Link::Call { .. } if context.is_anonymous(hop) => "nobody is asked who it is",
        Link::Call { .. } => "this proves which service calls, not for whom",
    }
}

/// The first request that every way to the data passes.
fn closing_hop(context: &Context<'_>, reach: &Reach<'_>, hops: &[HopId]) -> Option<HopId> {
    let mut chains = reach.bottlenecks(hops).into_iter();
    let mut common = chains.next()?;
    for chain in chains {
        common.retain(|hop| chain.contains(hop));
    }
    common.into_iter().find(|&hop| {
        let edge = context.topology.hop(hop).edge;
        matches!(context.model[edge].link, Link::Call { .. })
    })
}
