//! # RTY002 retry-without-backoff
//!
//! ## What it does
//! Finds retries whose waits do not grow (`fixed`), and those that grow without a longest wait over more than five
//! attempts.
//!
//! ## Why it is bad
//! A callee that fails because it has too much to do gets the same load again at once. Waits should grow from attempt to
//! attempt (the article, section 4.1), up to a longest one. See also the Amazon Builders' Library on timeouts, retries and
//! backoff with jitter, and chapter 22 of Google's SRE book.
//!
//! ## Bad
//! ```arch
//! service front
//! service stock
//! front -> stock : grpc { retry = fixed(attempts = 3, base = 50ms), breaker = errors(50%, cooldown = 5s) }
//! ```
//!
//! ## Good
//! ```arch
//! service front
//! service stock
//! front -> stock : grpc { retry = exponential(attempts = 3, base = 50ms, max = 1s), breaker = errors(50%, cooldown = 5s) }
//! ```
//!
//! ## How to fix
//! Write `retry = exponential(attempts = 3, base = 50ms, max = 2s)`.
//!
//! ## Known limits
//! Retries of the platform's own libraries, below the call, do not show in the drawing.

use crate::diagnostic::Safety;
use crate::lint::cause::causes;
use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::attributes::Attr;
use crate::model::edit;
use crate::model::text;

/// Attempts up to which waits that double stay short by themselves: 50 ms becomes 800 ms.
const SHORT: u64 = 5;

pub fn check(context: &Context<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for cause in causes(context, Attr::Retry) {
        let Some(retry) = cause.uses.first().and_then(|it| it.attributes.retry()) else {
            continue;
        };
        let attempts = retry.attempts.unwrap_or(u64::MAX);
        let endless = retry.exponential && retry.max.is_none() && attempts > SHORT;
        if attempts < 2 || (retry.exponential && !endless) {
            continue;
        }
        let subject = cause.subject(context);
        let editor = context.editor();
        let finding = if endless {
            Finding::new(
                format!("the waits of {subject} grow without end"),
                cause.span,
            )
            .here("there is no longest wait")
            .fix(
                Safety::Safe,
                "write `max = 2s` in it",
                editor.argument(cause.span, "max", "2s"),
            )
        } else {
            Finding::new(
                format!("{subject} tries again after waits that do not grow"),
                cause.span,
            )
            .here(format!(
                "{} before each further try",
                text::duration(retry.base)
            ))
            .fix(
                Safety::Safe,
                "let the waits grow: `exponential(..., max = 2s)`",
                edit::all([
                    editor.call(cause.span, "exponential"),
                    editor.argument(cause.span, "max", "2s"),
                    match retry.base.is_zero() {
                        true => editor.argument(cause.span, "base", "50ms"),
                        false => Some(Vec::new()),
                    },
                ]),
            )
        };
        let storm = retry.base.is_zero() && attempts > 3;
        findings.push(cause.show_uses(context, finding.graver_if(storm)));
    }
    findings
}
