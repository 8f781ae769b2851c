//! # TRN002 plaintext-sensitive-path
//!
//! ## What it does
//! Finds links in clear text over which confidential data travels, wherever in the system they are: to a store or channel
//! of that class, and between services whose answers or requests carry what is in one. The class follows the data, as far
//! as types say nothing else: what is read comes back with answers, what is written goes down with requests. In the
//! profile `strict` every link in clear text is told, as info.
//!
//! ## Why it is bad
//! TLS mostly ends at the gateway, and behind it whoever sees the network reads what the gateway encrypted. Data has to be
//! protected wherever it travels (the article, sections 3.1 and 3.6). See also OWASP ASVS 5.0, 12.3.3, RFC 9700, section
//! 2.6 (end-to-end TLS), OWASP API Security Top 10 2023, API8, and CWE-319.
//!
//! ## Bad
//! ```arch
//! roles { customer }
//! auth staff : jwt { issuer = "https://id.shop.example", audience = "shop", algorithms = [ES256], roles = realm.roles }
//! client web : browser
//! service front : gateway {
//!   api Site { auth = staff, allow = [customer], rate_limit = limit(50/s, per = user), authorizes = object
//!     query profile(id: uuid) -> string via users.Users.find
//!   }
//! }
//! service users {
//!   api Users { public = true
//!     query find(id: uuid) -> string { calls = [users_db.read] }
//!   }
//! }
//! store users_db : postgres { data = confidential }
//! web -> front : rest
//! front -> users : grpc { tls = off }
//! users -> users_db
//! ```
//!
//! ## Good
//! ```arch
//! roles { customer }
//! auth staff : jwt { issuer = "https://id.shop.example", audience = "shop", algorithms = [ES256], roles = realm.roles }
//! client web : browser
//! service front : gateway {
//!   api Site { auth = staff, allow = [customer], rate_limit = limit(50/s, per = user), authorizes = object
//!     query profile(id: uuid) -> string via users.Users.find
//!   }
//! }
//! service users {
//!   api Users { public = true
//!     query find(id: uuid) -> string { calls = [users_db.read] }
//!   }
//! }
//! store users_db : postgres { data = confidential }
//! web -> front : rest
//! front -> users : grpc
//! users -> users_db
//! ```
//!
//! ## How to fix
//! Delete `tls = off`: mutual TLS is built in for what is generated. Where an operation carries something harmless, its
//! type says so: `type Title { data = public }`.
//!
//! ## Known limits
//! Fields that are encrypted in the message itself cannot be drawn; accept it there. What an opaque service sends is not
//! known.

use std::collections::BTreeMap;

use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::lint::labels::Label;
use crate::lint::profile::Profile;
use crate::lint::root::{Mend, Root};
use crate::model::EdgeId;
use crate::model::attributes::{Attr, DataClass, Tls};
use crate::topology::HopId;

pub fn check(context: &Context<'_>) -> Vec<Finding> {
    let model = context.model;
    let open: Vec<EdgeId> = model
        .edges()
        .filter(|(_, edge)| edge.attributes.tls() == Some(Tls::Off))
        .map(|(id, _)| id)
        .collect();
    if open.is_empty() {
        return Vec::new();
    }
    let labels = context.labels(DataClass::Confidential);
    let mut worst: BTreeMap<EdgeId, (HopId, Label)> = BTreeMap::new();
    let mut harmless = Vec::new();
    for edge in open {
        for hop in context.topology.hops_of(edge) {
            if let Some(label) = labels.of(hop)
                && worst.get(&edge).is_none_or(|it| it.1.class < label.class)
            {
                worst.insert(edge, (hop, label));
            }
        }
        if !worst.contains_key(&edge) {
            harmless.push(edge);
        }
    }
    let mut findings: Vec<Finding> = worst
        .into_iter()
        .map(|(edge, (hop, label))| report(context, edge, hop, &label))
        .collect();
    if context.profile == Profile::Strict {
        findings.extend(harmless.into_iter().map(|edge| {
            Finding::new(
                format!("`{}` is in clear text", context.edge_name(edge)),
                model[edge].span,
            )
            .label_at(
                model[edge].attributes.span(Attr::Tls),
                "TLS is switched off here",
            )
            .help("write `tls = mutual`, or delete the line")
            .about([edge])
            .informs()
        }));
    }
    findings
}

fn report(context: &Context<'_>, edge: EdgeId, hop: HopId, label: &Label) -> Finding {
    let model = context.model;
    let class = label.class;
    let line = model[edge].attributes.span(Attr::Tls);
    let mut finding = Finding::new(
        format!(
            "{class} data travels in clear text over `{}`",
            context.edge_name(edge)
        ),
        model[edge].span,
    )
    .label_at(line, "TLS is switched off here");
    match &label.way {
        Some(way) => {
            let last = way.hops.last().copied().unwrap_or(hop);
            let data = model.end_name(model[context.topology.hop(last).edge].to);
            finding = finding
                .here(format!("data of `{data}` passes here"))
                .note(format!("the way: {}", context.way_name(way)))
                .along(context, way);
            let class_line = match model[context.topology.hop(last).edge].to {
                crate::model::End::Node(node) => model[node].attributes.span(Attr::Data),
                crate::model::End::Channel(id) => model[id].attributes.span(Attr::Data),
            };
            finding = finding.label_at(class_line, format!("`{data}` is {class}"));
        }
        None => finding = finding.here(format!("it is {class}")),
    }
    if let Some(line) = context.shared_line(model[edge].attributes.get(Attr::Tls)) {
        finding = finding.because(Root {
            at: line,
            message: "confidential data travels in clear text over {n} edges".to_owned(),
            here: "TLS is switched off here for all of them".to_owned(),
            help: "delete this line, or write `tls = mutual`".to_owned(),
            mend: Some(Mend::Line(line, "mutual")),
        });
    }
    finding
        .help("delete `tls = off`; where the types carry nothing secret, let them say so: `data = public`")
        .about([edge])
}
