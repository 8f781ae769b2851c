//! # TRN004 transport-conflict
//!
//! ## What it does
//! Finds drawings that say two things about one connection: an external's `url` with a clear-text scheme (`http`, `ws`,
//! `amqp`, ...) on an edge with TLS, or with an encrypted one on an edge with `tls = off`; and one api of a service that we
//! generate, called over the same protocol in clear text by one and with TLS by another, although it listens in one way.
//! Addresses of the same machine are left out.
//!
//! ## Why it is bad
//! One of the two is not true, and whoever reads the drawing takes the safe one for it. The article wants transport
//! security to be there where it is relied on (section 3.1). See also Istio's analysis message IST0113 on policies that
//! contradict each other, and OWASP ASVS 5.0, 4.1.2.
//!
//! ## Bad
//! ```arch
//! service shop
//! external maps { url = "http://maps.example/v1" }
//! shop -> maps : rest { tls = server }
//! ```
//!
//! ## Good
//! ```arch
//! service shop
//! external maps { url = "https://maps.example/v1" }
//! shop -> maps : rest { tls = server }
//! ```
//!
//! ## How to fix
//! Find out what is true. Write the encrypted scheme, or, where it really is clear text, `tls = off`, and mend that.
//!
//! ## Known limits
//! Only the addresses of externals stand in a drawing. A service that exists may listen in several ways at once, so that
//! nothing is said of its callers.

use std::collections::HashMap;

use crate::diagnostic::Safety;
use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::lint::url::clear_text;
use crate::model::attributes::{Attr, Tls};
use crate::model::{ApiId, EdgeId, Link, Node, NodeId, NodeKind};
use crate::protocol::Protocol;
use crate::source::Span;

pub fn check(context: &Context<'_>, id: NodeId) -> Vec<Finding> {
    let node = &context.model[id];
    match node.kind {
        NodeKind::External => address(context, id, node).into_iter().collect(),
        NodeKind::Service(_) if !node.existing => listeners(context, id, node),
        _ => Vec::new(),
    }
}

/// The written address against the edges that lead there.
fn address(context: &Context<'_>, id: NodeId, node: &Node) -> Option<Finding> {
    let url = node.attributes.text(Attr::Url)?;
    let line = node.attributes.span(Attr::Url)?;
    let clear = clear_text(url);
    let encrypted = ["https", "wss", "amqps", "rediss", "mqtts", "ldaps"]
        .iter()
        .any(|scheme| url.split("://").next() == Some(scheme));
    let contradicts = |edge: &EdgeId| match context.model[*edge].attributes.tls() {
        Some(Tls::Off) => encrypted,
        Some(Tls::Server | Tls::Mutual) => clear.is_some(),
        None => false,
    };
    let incoming = context.topology.incoming(id).iter().copied();
    let edges: Vec<EdgeId> = incoming.filter(contradicts).collect();
    let &first = edges.first()?;
    let name = context.edge_name(first);
    let tls = context.model[first].attributes.tls().unwrap_or(Tls::Off);
    let written = context.model[first].attributes.get(Attr::Tls);
    let origin = match written.and_then(|it| it.origin.span()) {
        Some(_) => "",
        None => ", which is built in",
    };
    let finding = Finding::new(
        format!(
            "`{}` answers at `{url}`, and `{name}` says `tls = {tls}`{origin}",
            node.name
        ),
        line,
    );
    let finding = match clear {
        Some((scheme, secure)) => finding
            .here(format!("`{scheme}` encrypts nothing"))
            .fix(
                Safety::Safe,
                format!("write `{secure}://...` if it can be reached so, else `tls = off` on the edge: then it is told what that means"),
                context.editor().replace(line, &format!("{:?}", encrypted_url(url, secure))),
            ),
        None => finding.here("this is encrypted").fix(
            Safety::Suggested,
            "delete `tls = off` on the edge",
            context.editor().unset(first, Attr::Tls),
        ),
    };
    Some(show(context, finding, &edges))
}

/// The same address, encrypted.
fn encrypted_url(url: &str, scheme: &str) -> String {
    let rest = url.split_once("://").map_or("", |(_, rest)| rest);
    format!("{scheme}://{rest}")
}

/// The edges to one api over one protocol, which end at one listener.
fn listeners(context: &Context<'_>, id: NodeId, node: &Node) -> Vec<Finding> {
    let is_clear = |edge: &EdgeId| context.model[*edge].attributes.tls() == Some(Tls::Off);
    if !context.topology.incoming(id).iter().any(is_clear) {
        return Vec::new();
    }
    let mut ways: HashMap<(ApiId, Protocol), [Vec<EdgeId>; 2]> = HashMap::new();
    let mut order: Vec<(ApiId, Protocol)> = Vec::new();
    for &edge in context.topology.incoming(id) {
        let it = &context.model[edge];
        if let (
            Link::Call {
                protocol,
                api: Some(api),
            },
            Some(tls),
        ) = (it.link, it.attributes.tls())
        {
            let key = (api, protocol);
            let way = ways.entry(key).or_insert_with(|| {
                order.push(key);
                [Vec::new(), Vec::new()]
            });
            way[usize::from(tls != Tls::Off)].push(edge);
        }
    }
    let mut findings = Vec::new();
    for key in order {
        let [clear, encrypted] = &ways[&key];
        let (Some(&first), Some(&other)) = (clear.first(), encrypted.first()) else {
            continue;
        };
        let (api, protocol) = key;
        let line = context.model[first].attributes.span(Attr::Tls);
        let finding = Finding::new(
            format!(
                "`{}.{}` is called over {protocol} in clear text by `{}`, and with TLS by `{}`",
                node.name,
                context.model[api].name,
                context.model.end_name(context.model[first].from),
                context.model.end_name(context.model[other].from),
            ),
            context.model[first].span,
        )
        .here("in clear text")
        .label(context.model[other].span, "with TLS")
        .label_at(line, "TLS is switched off here")
        .note("an api has one listener for a protocol, and it does one of the two")
        .fix(
            Safety::Suggested,
            "delete `tls = off`",
            context.editor().unset(first, Attr::Tls),
        )
        .about(clear.iter().copied());
        findings.push(finding);
    }
    findings
}

fn show(context: &Context<'_>, mut finding: Finding, edges: &[EdgeId]) -> Finding {
    for &edge in edges.iter().take(3) {
        let it = &context.model[edge];
        let line: Option<Span> = it.attributes.span(Attr::Tls);
        finding = finding.label(line.unwrap_or(it.span), "this edge says otherwise");
    }
    if edges.len() > 3 {
        finding = finding.note(format!("{} edges in all", edges.len()));
    }
    finding.about(edges.iter().copied())
}
