//! # CBR002 breaker-cannot-recover
//!
//! ## What it does
//! Finds circuit breakers that do not know when to try again: without a `cooldown`, or with one shorter than the timeout of
//! the calls behind it, so that test calls start while the calls that opened it still hang. And those that never see the
//! slowest failures, because nothing ends the calls that they count.
//!
//! ## Why it is bad
//! A breaker that opens has to close again: after a cooldown a few test calls show whether the callee is back (the article,
//! section 4.2). See also the Circuit Breaker pattern of the Azure Architecture Center, on recoverability and inappropriate
//! timeouts.
//!
//! ## Bad
//! ```arch
//! service front
//! service stock
//! front -> stock : grpc { timeout = 2s, breaker = errors(50%, cooldown = 500ms) }
//! ```
//!
//! ## Good
//! ```arch
//! service front
//! service stock
//! front -> stock : grpc { timeout = 2s, breaker = errors(50%, cooldown = 5s) }
//! ```
//!
//! ## How to fix
//! Write a `cooldown` of a few seconds, longer than the timeout.
//!
//! ## Known limits
//! How long the callee needs to recover is not known. What counts as an error for a breaker that exists cannot be drawn:
//! timeouts do for what is generated.

use crate::diagnostic::Safety;
use crate::lint::cause::{Cause, causes};
use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::attributes::Attr;
use crate::model::{EdgeId, NodeKind, text};

pub fn check(context: &Context<'_>) -> Vec<Finding> {
    let all = causes(context, Attr::Breaker);
    let blind = all.iter().filter_map(|it| blind(context, it));
    let late = all.iter().filter_map(|it| judge(context, it));
    late.chain(blind).collect()
}

fn judge(context: &Context<'_>, cause: &Cause<'_>) -> Option<Finding> {
    let breaker = cause.uses.first()?.attributes.breaker()?;
    let subject = cause.subject(context);
    let Some(cooldown) = breaker.cooldown else {
        let message = format!("the breaker of {subject} never says when to try again");
        let finding = Finding::new(message, cause.span).here("it has no `cooldown`");
        let fix = context.editor().argument(cause.span, "cooldown", "5s");
        let finding = finding.fix(Safety::Suggested, "write `cooldown = 5s` in it", fix);
        return Some(cause.show_uses(context, finding));
    };
    let slow = cause.uses.iter().find_map(|it| {
        let timeout = it
            .attributes
            .timeout()
            .filter(|timeout| *timeout > cooldown)?;
        Some((it, timeout))
    });
    let (slow, timeout) = slow?;
    let finding = Finding::new(
        format!("the breaker of {subject} tries again while the calls that opened it still hang"),
        cause.span,
    )
    .here(format!("it is open for {}", text::duration(cooldown)))
    .label_at(
        slow.attributes.span(Attr::Timeout),
        format!("calls hang for up to {}", text::duration(timeout)),
    )
    .note(format!(
        "{} < {}",
        text::duration(cooldown),
        text::duration(timeout)
    ))
    .fix(
        Safety::Suggested,
        format!("write a `cooldown` longer than {}", text::duration(timeout)),
        context.editor().argument(
            cause.span,
            "cooldown",
            &text::written_duration(timeout.saturating_mul(2)),
        ),
    );
    Some(cause.show_uses(context, finding))
}

/// A breaker that counts calls which nothing ends.
fn blind(context: &Context<'_>, cause: &Cause<'_>) -> Option<Finding> {
    cause.uses.first()?.attributes.breaker()?;
    let hangs = |edge: EdgeId| {
        let topology = context.topology;
        topology.hops_of(edge).any(|hop| {
            let attributes = context.attributes_of(hop);
            let ends = attributes.timeout().is_some() || attributes.deadline().is_some();
            let inside = || {
                let source = &context.model[topology.source(hop)];
                matches!(source.kind, NodeKind::Service(_))
            };
            !ends && topology.is_synchronous(hop) && inside()
        })
    };
    let endless: Vec<EdgeId> = cause
        .uses
        .iter()
        .map(|it| it.edge)
        .filter(|&edge| hangs(edge))
        .collect();
    let &first = endless.first()?;
    Some(
        Finding::new(
            format!(
                "the breaker of {} does not see calls that hang: nothing ends them",
                cause.subject(context)
            ),
            cause.span,
        )
        .here("it counts calls that are over")
        .label(
            context.model[first].span,
            "there is neither `timeout` nor `deadline` here",
        )
        .help("write how long a call may take, as `timeout = 2s`")
        .about(endless)
        .variant('d'),
    )
}
