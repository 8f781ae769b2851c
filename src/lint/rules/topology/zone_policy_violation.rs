//! # TOP008 zone-policy-violation
//!
//! ## What it does
//! Finds edges into a zone from one that its `ingress` does not name (an error); edges from outside that pass by a `dmz`
//! that the drawing has, and edges from the `dmz` into a `restricted` zone that pass by an `internal` one; and confidential
//! data that stands in the same zone as a service which the public or a partner reaches, though the drawing has a zone further
//! inside.
//!
//! ## Why it is bad
//! Zones are there so that whoever breaks into the first is not yet in the last. Layers of defence are what security in the
//! cloud rests on (the article, section 3), the more where requests come over public networks (section 3.1), where webhooks
//! need endpoints that anybody can reach (section 2.8), and misconfigured permissions are the common mistake (section 3.6).
//! See also OWASP ASVS 5.0, 13.1.1, and Threagile's "missing network segmentation".
//!
//! ## Bad
//! ```arch
//! system shop { title = "Shop" }
//! auth staff : jwt { issuer = "https://id.shop.example", audience = "shop", algorithms = [ES256], roles = realm.roles }
//! roles { clerk }
//! zone edge : dmz {
//!   service front {
//!     api Shop { auth = staff, allow = [clerk], rate_limit = limit(50/s, per = ip)
//!       query order(id: uuid) -> string via orders.Orders.find
//!     }
//!   }
//! }
//! zone core : internal {
//!   service orders {
//!     api Orders { auth = staff, allow = [clerk], rate_limit = limit(50/s, per = ip)
//!       query find(id: uuid) -> string
//!     }
//!   }
//! }
//! client web : browser
//! client desk : browser
//! web -> front : rest
//! front -> orders : grpc { identity = forward }
//! desk -> orders : rest
//! ```
//!
//! ## Good
//! ```arch
//! system shop { title = "Shop" }
//! auth staff : jwt { issuer = "https://id.shop.example", audience = "shop", algorithms = [ES256], roles = realm.roles }
//! roles { clerk }
//! zone edge : dmz {
//!   service front {
//!     api Shop { auth = staff, allow = [clerk], rate_limit = limit(50/s, per = ip)
//!       query order(id: uuid) -> string via orders.Orders.find
//!     }
//!   }
//! }
//! zone core : internal {
//!   service orders {
//!     api Orders { auth = staff, allow = [clerk], rate_limit = limit(50/s, per = ip)
//!       query find(id: uuid) -> string
//!     }
//!   }
//! }
//! client web : browser
//! client desk : browser
//! web -> front : rest
//! front -> orders : grpc { identity = forward }
//! desk -> front : rest
//! ```
//!
//! ## How to fix
//! Go through the zone in between: a gateway in the `dmz` that forwards, a service inside that owns the data, a broker that
//! both sides reach. If the way is right, add the zone to `ingress`.
//!
//! ## Known limits
//! What stands outside of all zones is not judged, save clients and externals, which are public. Which ports are open is not
//! drawn.

use std::collections::{BTreeMap, BTreeSet};

use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::attributes::{Attr, DataClass, Trust, Value};
use crate::model::{Edge, EdgeId, End, Link, Model, NodeId, NodeKind, ZoneId};

pub fn check(context: &Context<'_>) -> Vec<Finding> {
    if context.model.zones.is_empty() {
        return Vec::new();
    }
    let mut findings = Vec::new();
    let mut told = BTreeSet::new();
    for (id, edge) in context.model.edges() {
        let (from, to) = direction(edge, context.model);
        let found = refused(context, edge, from, to).or_else(|| skips(context, edge, from, to));
        if let Some(found) = found {
            told.insert(id);
            findings.push(found.about([id]));
        }
    }
    findings.extend(beside_the_public(context, &told));
    findings
}

/// Who opens the connection, and to whom: a consumer to its broker.
fn direction(edge: &Edge, model: &Model) -> (NodeId, NodeId) {
    let (from, to) = (model.node_of(edge.from), model.node_of(edge.to));
    match edge.link {
        Link::Consume => (to, from),
        _ => (from, to),
    }
}

/// Whether a zone is another one, or stands in it.
fn within(model: &Model, zone: Option<ZoneId>, around: ZoneId) -> bool {
    let mut at = zone;
    while let Some(id) = at {
        if id == around {
            return true;
        }
        at = model[id].parent;
    }
    false
}

/// The zone does not name the one that the edge comes from.
fn refused(context: &Context<'_>, edge: &Edge, from: NodeId, to: NodeId) -> Option<Finding> {
    let model = context.model;
    let zone = model[to].zone?;
    let effective = model[zone].attributes.get(Attr::Ingress)?;
    let Value::Zones(named) = &effective.value else {
        return None;
    };
    let source = model[from].zone;
    let family = within(model, source, zone)
        || source.is_some_and(|source| within(model, Some(zone), source))
        || named.iter().any(|it| within(model, source, *it));
    if family {
        return None;
    }
    let place = match source {
        Some(source) => format!("the zone `{}`", model[source].name),
        None => "outside of all zones".to_owned(),
    };
    let names: Vec<&str> = named.iter().map(|it| model[*it].name.as_str()).collect();
    let mut finding = Finding::new(
        format!(
            "`{}` may not reach into the zone `{}`",
            model[from].name, model[zone].name
        ),
        edge.span,
    )
    .here(format!("comes from {place}"))
    .label_at(
        effective.origin.span(),
        format!("only from {} may it", names.join(", ")),
    );
    if edge.protocol().is_some_and(|it| it.facts().signed) {
        finding = finding.note("a webhook that cannot reach its receiver is never delivered");
    }
    let help = match source {
        Some(source) => format!(
            "go through a zone that may, or add `{}` to `ingress`",
            model[source].name
        ),
        None => "go through a zone that may".to_owned(),
    };
    let variant = if edge.protocol().is_some_and(|it| it.facts().signed) {
        'c'
    } else {
        'a'
    };
    Some(finding.help(help).graver_if(true).variant(variant))
}

/// How deep inside a zone is: public and partners' ones are outside.
const fn depth(trust: Trust) -> u8 {
    match trust {
        Trust::Public | Trust::Partner => 0,
        Trust::Dmz => 1,
        Trust::Internal => 2,
        Trust::Restricted => 3,
    }
}

/// A zone that lies between is passed by.
fn skips(context: &Context<'_>, edge: &Edge, from: NodeId, to: NodeId) -> Option<Finding> {
    let model = context.model;
    let zone = model[to].zone?;
    let outer = depth(model[from].trust);
    let inner = depth(model[to].trust);
    let outside = matches!(model[from].kind, NodeKind::Client(_) | NodeKind::External);
    if inner < outer + 2 || (model[from].zone.is_none() && !outside) {
        return None;
    }
    // The zone says that this is right.
    if model[zone].attributes.get(Attr::Ingress).is_some() {
        return None;
    }
    let between = model
        .zones
        .iter()
        .find(|it| (outer + 1..inner).contains(&depth(it.trust)))?;
    let mut finding = Finding::new(
        format!(
            "`{}` reaches into the zone `{}` past `{}`",
            model[from].name, model[zone].name, between.name
        ),
        edge.span,
    )
    .here(format!(
        "from {} straight to {}",
        model[from].trust, model[to].trust
    ))
    .label(
        between.span,
        format!("the {} is there to be passed through", between.trust),
    )
    .label(model[zone].span, "reached directly");
    if edge.protocol().is_some_and(|it| it.facts().signed) {
        finding = finding.note(format!(
            "for a webhook to arrive, all the world has to reach `{}`",
            model[to].name
        ));
    }
    Some(finding.variant('b').help(format!(
        "let something in `{}` take it and pass it on, or say that it is right: `ingress = [...]` on `{}`",
        between.name, model[zone].name
    )))
}

/// Confidential data in the zone that the public reaches, though there is one further inside.
fn beside_the_public(context: &Context<'_>, told: &BTreeSet<EdgeId>) -> Vec<Finding> {
    let model = context.model;
    let deepest = model
        .zones
        .iter()
        .map(|it| depth(it.trust))
        .max()
        .unwrap_or(0);
    let mut reached: BTreeMap<ZoneId, EdgeId> = BTreeMap::new();
    // What should not come in like this at all is told of as such.
    for (id, edge) in model.edges().filter(|(id, _)| !told.contains(id)) {
        let End::Node(to) = edge.to else { continue };
        let outside = depth(model[model.node_of(edge.from)].trust) == 0;
        if let (Link::Call { .. }, Some(zone), true) = (edge.link, model[to].zone, outside)
            && (1..deepest).contains(&depth(model[zone].trust))
        {
            reached.entry(zone).or_insert(id);
        }
    }
    if reached.is_empty() {
        return Vec::new();
    }
    let mut beside = BTreeMap::new();
    for (id, node) in model.nodes() {
        let (NodeKind::Store(engine), Some(zone)) = (node.kind, node.zone) else {
            continue;
        };
        let Some(&entry) = reached.get(&zone) else {
            continue;
        };
        let class = context.class_of(End::Node(id));
        if class >= Some(DataClass::Confidential) && !engine.facts().cache {
            beside.entry(zone).or_insert((id, entry, class));
        }
    }
    beside
        .into_iter()
        .map(|(zone, (store, entry, class))| {
            let data = class.map_or_else(|| "confidential".to_owned(), |it| it.to_string());
            let inner = model
                .zones
                .iter()
                .find(|it| depth(it.trust) > depth(model[zone].trust));
            let finding = Finding::new(
                format!(
                    "{data} data in `{}` stands beside `{}`, which is reached from outside",
                    model[store].name,
                    model.end_name(model[entry].to)
                ),
                model[store].span,
            )
            .here(format!("in the zone `{}`", model[zone].name))
            .label(model[entry].span, "comes in from outside")
            .label_at(
                model[store].attributes.span(Attr::Data),
                format!("{data}, by this"),
            );
            match inner {
                Some(inner) => finding.help(format!(
                    "move it into `{}`, behind a service of its own",
                    inner.name
                )),
                None => finding,
            }
        })
        .collect()
}
