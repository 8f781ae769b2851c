//! # TMO004 no-overall-deadline
//!
//! ## What it does
//! Finds services that exist and that repeat calls with a timeout for each attempt, but nothing that ends them all: no
//! `deadline`. And, wherever they are written, deadlines that leave no time for a second attempt once the first has timed
//! out, so that the retries stand in the drawing for nothing.
//!
//! ## Why it is bad
//! A timeout bounds an attempt. With retries and the waits between them the whole takes a multiple of it, and who waits at
//! the other end knows nothing of that (the article, sections 4.3 and 4.1). gRPC has deadlines for this, which travel with
//! the request (section 2.2). See also chapter 22 of Google's SRE book on deadline propagation, and OWASP ASVS 5.0, 13.1.3.
//!
//! ## Bad
//! ```arch
//! service front { existing = true }
//! service stock {
//!   api Stock { public = true
//!     query left(sku: string) -> int32
//!   }
//! }
//! front -> stock : grpc {
//!   tls = mutual
//!   timeout = 500ms
//!   retry = exponential(attempts = 3, base = 50ms, max = 1s)
//!   breaker = errors(50%, cooldown = 5s)
//! }
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
//! front -> stock : grpc {
//!   tls = mutual
//!   timeout = 500ms, deadline = 1700ms
//!   retry = exponential(attempts = 3, base = 50ms, max = 1s)
//!   breaker = errors(50%, cooldown = 5s)
//! }
//! ```
//!
//! ## How to fix
//! Write the `deadline` that is meant: what all attempts and waits take at most, or less. Where a deadline leaves no time for
//! a second attempt, shorten the `timeout`, or write `retry = none`.
//!
//! ## Known limits
//! What we generate passes its callers' deadlines on, and ends each request after the time that its api has, so that retries
//! without a deadline of their own are not reported there. Whether a service that exists passes deadlines on is not known.

use crate::diagnostic::Safety;
use crate::lint::cause::{Cause, Use, causes};
use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::attributes::Attr;
use crate::model::edit::Edits;
use crate::model::{EdgeId, NodeKind, PolicyId, text};
use crate::source::Span;
use crate::topology::{HopId, worst_case};

pub fn check(context: &Context<'_>) -> Vec<Finding> {
    let retries = causes(context, Attr::Retry);
    retries
        .iter()
        .flat_map(|cause| [endless(context, cause), cramped(context, cause)])
        .flatten()
        .collect()
}

/// Repeats without an end for all attempts together.
fn endless(context: &Context<'_>, cause: &Cause<'_>) -> Option<Finding> {
    let is_endless = |hop: &HopId| context.attributes_of(*hop).deadline().is_none();
    let mut uses: Vec<Use<'_>> = cause.uses.clone();
    uses.retain(|it| {
        let edge = &context.model[it.edge];
        let caller = &context.model[context.model.node_of(edge.from)];
        matches!(caller.kind, NodeKind::Service(_))
            && caller.existing
            && repeated(context, it.edge, cause.span).any(|hop| is_endless(&hop))
    });
    let first = repeated(context, uses.first()?.edge, cause.span).find(is_endless)?;
    let own = Cause {
        span: cause.span,
        policy: cause.policy,
        uses,
    };
    let attributes = context.attributes_of(first);
    let attempts = match context.retry(first)?.attempts {
        Some(attempts) => text::counted(attempts, "attempt"),
        None => "any number of attempts".to_owned(),
    };
    let mut finding = Finding::new(
        format!(
            "{} makes {attempts}, and nothing ends them all together",
            own.subject(context)
        ),
        cause.span,
    )
    .here("there is no `deadline`")
    .label_at(attributes.span(Attr::Timeout), "this is for one attempt");
    if let Some(worst) = worst_case(attributes, true)
        && let Some(timeout) = worst.timeout
    {
        let whole = text::written_duration(worst.total);
        finding = finding
            .note(format!(
                "{} x {} + {} of waits = {}",
                worst.attempts,
                text::duration(timeout),
                text::duration(worst.waits),
                text::duration(worst.total)
            ))
            .fix(
                Safety::Safe,
                format!("say so: `deadline = {whole}`, or less where nobody waits that long"),
                written(context, &own, &whole),
            );
    } else {
        finding = finding.help("write how long all attempts together may take: `deadline = 2s`");
    }
    Some(own.show_uses(context, finding))
}

/// Writes a deadline beside the attempts that it ends.
fn written(context: &Context<'_>, cause: &Cause<'_>, deadline: &str) -> Edits {
    let mut policies = context.model.policies.iter();
    match (cause.policy, cause.uses.as_slice()) {
        (Some(name), _) => {
            let at = policies.position(|it| it.name == name)?;
            context
                .editor()
                .set(PolicyId(at as u32), Attr::Deadline, deadline)
        }
        (None, [only]) => context.editor().set(only.edge, Attr::Deadline, deadline),
        (None, _) => None,
    }
}

/// Deadlines that a single attempt uses up.
fn cramped(context: &Context<'_>, cause: &Cause<'_>) -> Option<Finding> {
    let edges = cause.uses.iter().map(|it| it.edge);
    let (hop, timeout, deadline) = edges
        .flat_map(|edge| repeated(context, edge, cause.span))
        .find_map(|hop| {
            let attributes = context.attributes_of(hop);
            let (timeout, deadline) = (attributes.timeout()?, attributes.deadline()?);
            (deadline < timeout.saturating_mul(2)).then_some((hop, timeout, deadline))
        })?;
    let attributes = context.attributes_of(hop);
    let left = deadline.saturating_sub(timeout);
    let finding = Finding::new(
        format!(
            "the deadline of {} leaves no time for a second attempt after one that times out",
            cause.subject(context)
        ),
        attributes.span(Attr::Deadline).unwrap_or(cause.span),
    )
    .here(format!(
        "all attempts together: {}",
        text::duration(deadline)
    ))
    .label_at(
        attributes.span(Attr::Timeout),
        format!("one attempt: {}", text::duration(timeout)),
    )
    .label(
        cause.span,
        match context.retry(hop)?.attempts {
            Some(attempts) => format!("{attempts} attempts are written"),
            None => "any number of attempts is written".to_owned(),
        },
    )
    .note(format!(
        "{} - {} = {} left, less than another {}",
        text::duration(deadline),
        text::duration(timeout),
        text::duration(left),
        text::duration(timeout)
    ))
    .help(format!(
        "shorten the `timeout` to {} at most, give more time, or write `retry = none`",
        text::written_duration(deadline / 2)
    ));
    Some(cause.show_uses(context, finding))
}

/// Hops of an edge that are waited for, and repeated because a line says so.
fn repeated<'c>(
    context: &'c Context<'_>,
    edge: EdgeId,
    line: Span,
) -> impl Iterator<Item = HopId> + 'c {
    let topology = context.topology;
    topology.hops_of(edge).filter(move |&hop| {
        context.attributes_of(hop).span(Attr::Retry) == Some(line)
            && (topology.is_synchronous(hop) || topology.is_background(hop))
            && context.retries(hop)
            && context.retry(hop).is_some_and(|it| it.attempts != Some(1))
    })
}
