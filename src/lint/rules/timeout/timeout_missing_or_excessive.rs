//! # TMO001 timeout-missing-or-excessive
//!
//! ## What it does
//! Finds synchronous calls, to services and stores alike, that nothing ends: neither a `timeout` nor a `deadline`. That can
//! only be so for services that exist; what is generated has a timeout of 5 s built in. And it warns of timeouts above
//! `limits { max_timeout }` (30 s) on calls that somebody outside waits for.
//!
//! ## Why it is bad
//! Without a timeout one slow callee makes requests pile up until everything is used up, and the outage spreads; one that is
//! far too long does the same, more slowly (the article, section 4.3). gRPC has no deadline unless one is set. See also
//! chapter 22 of Google's SRE book on missing and extremely high deadlines.
//!
//! ## Bad
//! ```arch
//! service front { existing = true }
//! service stock {
//!   api Stock { public = true
//!     query left(sku: string) -> int32
//!   }
//! }
//! front -> stock : grpc { tls = mutual }
//! ```
//!
//! ## Good
//! ```arch
//! service front { existing = true }
//! service stock {
//!   api Stock { public = true
//!     query left(sku: string) -> int32
//!   }
//! }
//! front -> stock : grpc { tls = mutual, timeout = 500ms }
//! ```
//!
//! ## How to fix
//! Write a `timeout` of about three times what the slowest calls take, on the edge, in its policy or in the `defaults` of
//! the zone. For services that exist, write what they really do.
//!
//! ## Known limits
//! Clients and external systems are not judged: nobody here decides how long they wait. What only a schedule waits for may
//! take as long as it says.

use crate::diagnostic::Safety;
use crate::lint::cause::causes;
use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::lint::root::{Mend, Root};
use crate::model::NodeKind;
use crate::model::attributes::{Attr, Value};
use crate::model::text;

pub fn check(context: &Context<'_>) -> Vec<Finding> {
    let mut findings = missing(context);
    findings.extend(excessive(context));
    findings
}

fn missing(context: &Context<'_>) -> Vec<Finding> {
    let topology = context.topology;
    let mut findings = Vec::new();
    for (id, edge) in context.model.edges() {
        let source = &context.model[context.model.node_of(edge.from)];
        if !matches!(source.kind, NodeKind::Service(_)) {
            continue;
        }
        let endless: Vec<_> = topology
            .hops_of(id)
            .filter(|&hop| {
                let attributes = context.attributes_of(hop);
                topology.is_synchronous(hop)
                    && attributes.timeout().is_none()
                    && attributes.deadline().is_none()
            })
            .collect();
        let Some(&first) = endless.first() else {
            continue;
        };
        let mut finding = Finding::new(
            format!("`{}` can wait for ever", context.edge_name(id)),
            edge.span,
        )
        .here("neither `timeout` nor `deadline` is known")
        .about([id]);
        if endless.len() < edge.operations.len()
            && let Some(operation) = topology.hop(first).operation
        {
            finding = finding.label(context.model[operation].span, "nothing ends this one");
        }
        if source.existing {
            finding = finding.note(format!(
                "`{}` exists: nothing is built in for it, and what is unwritten is unknown",
                source.name
            ));
        }
        let site = context.caller_site(id);
        findings.push(
            finding
                .fix(
                    Safety::Suggested,
                    "write how long it really waits, as `timeout = 2s`; make it so if it does not",
                    context.editor().set(id, Attr::Timeout, "2s"),
                )
                .because(Root {
                    at: site.span,
                    message: format!(
                        "{{n}} edges can wait for ever: {} gives them no `timeout`",
                        site.name
                    ),
                    here: "nothing here sets how long a call may take".to_owned(),
                    help: format!(
                        "write how long they really wait, as `timeout = 2s` in {}",
                        site.block()
                    ),
                    mend: Some(Mend::Default(site.element, Attr::Timeout, "2s")),
                }),
        );
    }
    findings
}

fn excessive(context: &Context<'_>) -> Vec<Finding> {
    let topology = context.topology;
    let most = context.limits.max_timeout;
    let too_long = |value: Option<&Value>| match value {
        Some(Value::Duration(it)) if *it > most => Some(*it),
        _ => None,
    };
    let mut long = causes(context, Attr::Timeout);
    long.retain(|it| {
        it.uses
            .iter()
            .any(|it| too_long(it.attributes.value(Attr::Timeout)).is_some())
    });
    if long.is_empty() {
        return Vec::new();
    }
    let waited_for = topology.reach(
        topology.entries(),
        |hop| topology.is_synchronous(hop),
        false,
    );
    let mut findings = Vec::new();
    for mut cause in long {
        cause.uses.retain(|it| {
            topology
                .hops_of(it.edge)
                .any(|hop| waited_for.contains(hop))
        });
        let first = cause.uses.first();
        let Some(timeout) = first.and_then(|it| too_long(it.attributes.value(Attr::Timeout)))
        else {
            continue;
        };
        let finding = Finding::new(
            format!("{} waits up to {} while somebody outside waits for it", cause.subject(context), text::duration(timeout)),
            cause.span,
        )
        .note(format!(
            "{} is more than `limits {{ max_timeout = {} }}`",
            text::duration(timeout),
            text::duration(most)
        ))
        .help("nobody waits that long: shorten it, or hand the work over by a queue and answer at once")
        .milder_if(true);
        findings.push(cause.show_uses(context, finding));
    }
    findings
}
