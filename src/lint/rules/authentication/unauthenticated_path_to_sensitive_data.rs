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
//!   api Site { rate_limit = limit(50/s, per = ip), authorizes = object
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
//! A store is one class: an operation that reads something harmless from it says so by the type of its answer (`type Title {
//! data = public }`), and one that only writes says `.write`, which is a warning. What a login or registration (`purpose = login`) reaches is left out: it has to read what it compares with.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap as HashMap;

use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::attributes::{DataClass, Trust};
use crate::model::{Access, End, Link, NodeId, NodeKind};
use crate::topology::{HopId, Reach, Way};

/// What stores and channels give away, or take.
const USES: [Access; 2] = [Access::Read, Access::Write];

/// Ways by which something sensitive is reached.
struct Found {
    /// A shortest one.
    way: Way,
    /// The hops before what is reached, on all ways.
    causes: Vec<HopId>,
    /// Which walk found it.
    walk: usize,
}

pub fn check(context: &Context<'_>) -> Vec<Finding> {
    let topology = context.topology;
    let sinks = Sinks::of(context);
    let mut findings = unclassed(context);
    if sinks.hops.is_empty() {
        return findings;
    }
    let walk = |declared, access| {
        let starts = topology
            .hops()
            .map(|(id, _)| id)
            .filter(|&hop| context.model[topology.source(hop)].trust == Trust::Public);
        let open = |hop| !context.proves_origin(hop) && !context.is_login(hop);
        topology.reach(
            starts,
            |hop| open(hop) && lets_through(context, hop, access),
            declared,
        )
    };
    // A way that is declared weighs more than a shorter one that is assumed, and reading more than writing.
    let walks: Vec<(bool, Access, Reach<'_>)> = [true, false]
        .into_iter()
        .flat_map(|declared| USES.map(|access| (declared, access, walk(declared, access))))
        .collect();
    let mut found: BTreeMap<End, Found> = BTreeMap::new();
    for (at, (declared, access, reach)) in walks.iter().enumerate() {
        for (data, cause, way) in sinks.reached(context, reach, *declared, *access) {
            let known = found.entry(data).or_insert_with(|| Found {
                way: way.clone(),
                causes: Vec::new(),
                walk: at,
            });
            if known.walk == at {
                known.causes.push(cause);
                if way.hops.len() < known.way.hops.len() {
                    known.way = way;
                }
            }
        }
    }
    for (data, it) in found {
        let (_, access, reach) = &walks[it.walk];
        findings.extend(report(context, data, &it, *access, reach));
    }
    findings
}

/// Whether what is reached over a hop may come back by its answer, or go down with its request. Types that say that they
/// carry something less secret end it.
fn lets_through(context: &Context<'_>, hop: HopId, access: Access) -> bool {
    let Some(operation) = context.topology.hop(hop).operation else {
        return true;
    };
    let said = match access {
        Access::Write => context.input_says(operation),
        Access::Read | Access::Both => context.output_says(operation),
    };
    said.class().is_none_or(|it| it >= DataClass::Confidential)
}

/// Hops that reach confidential data.
struct Sinks {
    hops: HashMap<HopId, End>,
    /// Those that use stores, by the node that does.
    of_node: HashMap<NodeId, Vec<HopId>>,
}

impl Sinks {
    fn of(context: &Context<'_>) -> Self {
        let mut sinks = Self {
            hops: HashMap::default(),
            of_node: HashMap::default(),
        };
        for (id, hop) in context.topology.hops() {
            let edge = &context.model[hop.edge];
            let data = match edge.link {
                Link::Store => edge.to,
                Link::Consume => edge.from,
                Link::Call { .. } | Link::Publish => continue,
            };
            if context.class_of(data) >= Some(DataClass::Confidential) {
                sinks.hops.insert(id, data);
                if edge.link == Link::Store {
                    let node = context.topology.source(id);
                    sinks.of_node.entry(node).or_default().push(id);
                }
            }
        }
        sinks
    }

    /// What a walk reaches: the data, the hop before it, and the way.
    fn reached(
        &self,
        context: &Context<'_>,
        reach: &Reach<'_>,
        declared: bool,
        access: Access,
    ) -> Vec<(End, HopId, Way)> {
        let topology = context.topology;
        let mut reached = Vec::new();
        for (cause, _) in topology.hops().filter(|(id, _)| reach.contains(*id)) {
            if let Some(&data) = self.hops.get(&cause) {
                // Messages, and what stands open to the public itself.
                let consumed = matches!(data, End::Channel(_));
                let way = reach.way(cause);
                let way = way.filter(|it| consumed || it.hops.len() == 1);
                reached.extend(way.map(|way| (data, cause, way)));
                continue;
            }
            let assumed = !declared && topology.may_cause_anything(cause);
            let next = match self.of_node.get(&topology.target(cause)) {
                Some(stores) if assumed => stores.clone(),
                Some(_) => topology.causes(cause),
                None => continue,
            };
            for store in next {
                let used = topology.access(cause, store);
                if let Some(&data) = self.hops.get(&store)
                    && (used == access || used == Access::Both)
                    && let Some(mut way) = reach.way(cause)
                {
                    way.hops.push(store);
                    way.assumed |= assumed;
                    reached.push((data, cause, way));
                }
            }
        }
        reached
    }
}

fn report(
    context: &Context<'_>,
    data: End,
    found: &Found,
    access: Access,
    reach: &Reach<'_>,
) -> Option<Finding> {
    let topology = context.topology;
    let way = &found.way;
    let (&first, &last) = (way.hops.first()?, way.hops.last()?);
    let class = context.class_of(data).unwrap_or(DataClass::Confidential);
    let from = context
        .model
        .end_name(context.model[topology.hop(first).edge].from);
    let name = context.model.end_name(data);
    let at = context.model[topology.hop(last).edge].span;
    let writes = access == Access::Write;
    let does = if writes { "write to" } else { "reach" };
    let mut finding = Finding::new(
        format!("anybody at `{from}` can {does} `{name}` ({class}) without authentication"),
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
        context.way_name(way)
    ));
    finding = match closing_hop(context, reach, &found.causes) {
        Some(hop) => finding.help(format!(
            "ask who it is for at `{}`: every such way passes it",
            context.hop_name(hop)
        )),
        None => finding.help("no single hop closes all ways: authenticate at each entry"),
    };
    Some(
        finding
            .milder_if(writes)
            .along(context, way)
            .about([topology.hop(first).edge]),
    )
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
