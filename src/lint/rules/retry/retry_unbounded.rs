//! # RTY001 retry-unbounded
//!
//! ## What it does
//! Finds retries without a bound: no `attempts`, or more than `limits { max_attempts }` (5, and twice as many for
//! webhooks), and no `deadline` that ends them.
//!
//! ## Why it is bad
//! A callee that is down is called for as long as it is down, by everybody at once, and cannot come up again. There has to
//! be a largest number of attempts (the article, section 4.1). See also the Retry Storm antipattern of the Azure
//! Architecture Center, and chapter 22 of Google's SRE book on limiting retries per request.
//!
//! ## Bad
//! ```arch
//! service front
//! service stock
//! front -> stock : grpc { retry = exponential(base = 50ms, max = 2s), breaker = errors(50%, cooldown = 5s) }
//! ```
//!
//! ## Good
//! ```arch
//! service front
//! service stock
//! front -> stock : grpc { retry = exponential(attempts = 3, base = 50ms, max = 2s), breaker = errors(50%, cooldown = 5s) }
//! ```
//!
//! ## How to fix
//! Write `attempts = 3` (the first try is one of them), or a `deadline` for all attempts together.
//!
//! ## Known limits
//! Clients that connect again and again, to streams, are not seen.

use crate::diagnostic::Safety;
use crate::lint::cause::causes;
use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::attributes::Attr;

pub fn check(context: &Context<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for mut cause in causes(context, Attr::Retry) {
        cause.uses.retain(|it| {
            let webhook = context.model[it.edge]
                .protocol()
                .is_some_and(|it| it.facts().signed);
            let most = context.limits.max_attempts * if webhook { 2 } else { 1 };
            let retry = it.attributes.retry();
            let unbounded = retry.is_some_and(|it| it.attempts.is_none_or(|it| it > most));
            unbounded && it.attributes.deadline().is_none()
        });
        let Some(retry) = cause.uses.first().and_then(|it| it.attributes.retry()) else {
            continue;
        };
        let subject = cause.subject(context);
        let finding = match retry.attempts {
            None => Finding::new(format!("{subject} retries without a bound"), cause.span)
                .here("there are no `attempts`, and no `deadline`"),
            Some(attempts) => Finding::new(
                format!("{subject} tries {attempts} times, with no deadline"),
                cause.span,
            )
            .note(format!(
                "at most {} are sensible without a deadline (`limits {{ max_attempts = {} }}`)",
                context.limits.max_attempts, context.limits.max_attempts
            )),
        };
        // A bound where there is none changes no plan; fewer attempts do.
        let safety = match retry.attempts {
            None => Safety::Safe,
            Some(_) => Safety::Suggested,
        };
        let finding = finding.fix(
            safety,
            "write `attempts = 3`, or a `deadline`",
            context.editor().argument(cause.span, "attempts", "3"),
        );
        findings.push(cause.show_uses(context, finding));
    }
    findings
}
