//! # RTY003 retry-without-jitter
//!
//! ## What it does
//! Finds retries with `jitter = none`.
//!
//! ## Why it is bad
//! Callers that failed together wait equally long and come back together, again and again: a thundering herd, which
//! randomness in the waits takes apart (the article, section 4.1). See also the Amazon Builders' Library on backoff with
//! jitter, and chapter 22 of Google's SRE book, which wants backoff always randomized.
//!
//! ## Bad
//! ```arch
//! service front
//! service stock
//! front -> stock : grpc { retry = exponential(attempts = 3, max = 1s, jitter = none), breaker = errors(50%, cooldown = 5s) }
//! ```
//!
//! ## Good
//! ```arch
//! service front
//! service stock
//! front -> stock : grpc { retry = exponential(attempts = 3, max = 1s, jitter = full), breaker = errors(50%, cooldown = 5s) }
//! ```
//!
//! ## How to fix
//! Delete `jitter = none`: `full` is built in.
//!
//! ## Known limits
//! Schedules that start on many instances at the same moment are not judged.

use crate::diagnostic::Safety;
use crate::lint::cause::causes;
use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::attributes::{Attr, Jitter};

pub fn check(context: &Context<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for cause in causes(context, Attr::Retry) {
        let retry = cause.uses.first().and_then(|it| it.attributes.retry());
        let in_step = retry.is_some_and(|it| it.jitter == Jitter::None && it.attempts != Some(1));
        if in_step {
            let message = format!("callers of {} try again in step", cause.subject(context));
            let finding = Finding::new(message, cause.span)
                .here("all who failed together come back together")
                .fix(
                    Safety::Safe,
                    "delete `jitter = none`: `full` is built in",
                    context.editor().drop_argument(cause.span, "jitter"),
                );
            findings.push(cause.show_uses(context, finding));
        }
    }
    findings
}
