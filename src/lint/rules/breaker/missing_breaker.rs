//! # CBR001 missing-breaker
//!
//! ## What it does
//! Finds calls without a circuit breaker that a service makes while others wait for it, where it matters most: towards
//! somebody else's system, where failed calls are repeated, and from services of `criticality = high`. Calls in the
//! `background`, and `optional` ones that end within a second, hold up nobody and need none.
//!
//! ## Why it is bad
//! While the callee fails, each request still waits out its timeout, and with retries several: callers pile up behind it
//! until they fail as well. A breaker stops that and gives the callee time to recover (the article, section 4.2), and
//! belongs together with retries and timeouts (section 4.3). See also the Circuit Breaker pattern of the Azure
//! Architecture Center.
//!
//! ## Bad
//! ```arch
//! client web : browser
//! external bank
//! service pay {
//!   api Pay { public = true, rate_limit = limit(50/s, per = ip)
//!     query rates() -> string
//!   }
//! }
//! web -> pay : rest
//! pay -> bank : rest
//! ```
//!
//! ## Good
//! ```arch
//! client web : browser
//! external bank
//! service pay {
//!   api Pay { public = true, rate_limit = limit(50/s, per = ip)
//!     query rates() -> string
//!   }
//! }
//! web -> pay : rest
//! pay -> bank : rest { breaker = errors(50%, window = 10s, min_calls = 20, cooldown = 5s, probes = 3) }
//! ```
//!
//! ## How to fix
//! Write `breaker = errors(50%, cooldown = 5s)` on the edge, in its policy, or in the `defaults` of the caller's zone.
//!
//! ## Known limits
//! Calls that are neither repeated nor leave the system nor start at a critical service are not reported. Stores and
//! brokers are not: their drivers have pools, and brokers isolate by themselves.

use std::time::Duration;

use crate::diagnostic::Safety;
use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::lint::root::{Mend, Root};
use crate::model::attributes::{Attr, Criticality};
use crate::model::text;
use crate::model::{EdgeId, End, Link, NodeKind};

/// An optional call that ends within this time holds up nobody for long.
const BRIEF: Duration = Duration::from_secs(1);
/// A breaker to start from.
const BREAKER: &str = "errors(50%, window = 10s, min_calls = 20, cooldown = 5s, probes = 3)";

pub fn check(context: &Context<'_>, id: EdgeId) -> Vec<Finding> {
    let edge = &context.model[id];
    let (End::Node(from), End::Node(to), Link::Call { .. }) = (edge.from, edge.to, edge.link)
    else {
        return Vec::new();
    };
    let topology = context.topology;
    let open = topology.hops_of(id).any(|hop| {
        let attributes = context.attributes_of(hop);
        topology.is_synchronous(hop)
            && attributes.breaker().is_none()
            && !(context.is_optional(hop) && attributes.timeout().is_some_and(|it| it <= BRIEF))
    });
    let caller = &context.model[from];
    if !open || !matches!(caller.kind, NodeKind::Service(_)) || !topology.serves(from) {
        return Vec::new();
    }
    let attempts = topology
        .hops_of(id)
        .filter_map(|hop| context.retry(hop)?.attempts)
        .max();
    let callee = &context.model[to];
    let (why, line) = if callee.kind == NodeKind::External {
        (format!("`{}` is not ours to keep up", callee.name), None)
    } else if let Some(attempts) = attempts.filter(|it| *it >= 2) {
        (
            format!("each failing request is tried {} times", attempts),
            edge.attributes.span(Attr::Retry),
        )
    } else if caller.attributes.criticality() == Some(Criticality::High) {
        (
            format!("much depends on `{}`", caller.name),
            caller.attributes.span(Attr::Criticality),
        )
    } else {
        return Vec::new();
    };
    let mut finding = Finding::new(
        format!(
            "`{}` keeps calling `{}` while it fails: there is no circuit breaker",
            caller.name, callee.name
        ),
        edge.span,
    );
    finding = match line {
        Some(_) => finding.label_at(line, why),
        None => finding.here(why),
    };
    if let Some(timeout) = edge.attributes.timeout() {
        finding = finding.note(format!(
            "while `{}` hangs, each attempt waits {}, and whoever waits for `{}` waits with it",
            callee.name,
            text::duration(timeout),
            caller.name
        ));
    }
    let site = context.caller_site(id);
    let root = Root {
        at: site.span,
        message: format!(
            "{{n}} edges have no circuit breaker: {} gives them none",
            site.name
        ),
        here: "there is no `breaker` here".to_owned(),
        help: format!("write `breaker = {BREAKER}` in {}", site.block()),
        mend: Some(Mend::Default(site.element, Attr::Breaker, BREAKER)),
    };
    vec![
        finding
            .because(root)
            .fix(
                Safety::Suggested,
                format!("write `breaker = {BREAKER}`"),
                context.editor().set(id, Attr::Breaker, BREAKER),
            )
            .about([id]),
    ]
}
