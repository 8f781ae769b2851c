//! # RTY004 retry-non-idempotent
//!
//! ## What it does
//! Finds edges that repeat operations which are not safe to repeat: commands and events that do not say `idempotent`.
//! Where nothing is known about the callee's operations, it is a warning.
//!
//! ## Why it is bad
//! An attempt that seems to have failed may have done its work, and the next one does it again: two payments. Retries are
//! for operations that can be repeated (the article, sections 4.1 and 2.8). See also RFC 9110, section 9.2.2, and the
//! Amazon Builders' Library on making retries safe. What we generate does not repeat such an operation, so that the
//! drawing promises what does not happen.
//!
//! ## Bad
//! ```arch
//! service shop
//! service pay {
//!   api Pay { public = true
//!     command charge(amount: decimal)
//!   }
//! }
//! shop -> pay : grpc { retry = exponential(attempts = 3, max = 1s), breaker = errors(50%, cooldown = 5s) }
//! ```
//!
//! ## Good
//! ```arch
//! service shop
//! service pay {
//!   api Pay { public = true
//!     command charge(amount: decimal) { idempotent = key }
//!   }
//! }
//! shop -> pay : grpc { retry = exponential(attempts = 3, max = 1s), breaker = errors(50%, cooldown = 5s) }
//! ```
//!
//! ## How to fix
//! Make the operation safe to repeat: `idempotent = key` (the caller's key), `by(field)` (by content), or `true` where it is
//! so by nature. Or take the retry from this operation, inside the edge: `charge { retry = none }`. No key makes streams
//! repeatable: one that is sent is not sent again, and one that is answered is kept by nobody.
//!
//! ## Known limits
//! Whether a store is read or written is not known for each edge, so retries towards stores are not judged.

use crate::diagnostic::Safety;
use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::attributes::{Attr, Origin};
use crate::model::edit::Edits;
use crate::model::text;
use crate::model::{EdgeId, Link};
use crate::topology::HopId;

pub fn check(context: &Context<'_>, id: EdgeId) -> Vec<Finding> {
    let edge = &context.model[id];
    if !matches!(edge.link, Link::Call { .. }) {
        return Vec::new();
    }
    let repeated: Vec<HopId> = context
        .topology
        .hops_of(id)
        .filter(|&hop| !context.is_repeatable(hop))
        .filter(|&hop| repeats(context, hop) >= 2)
        .collect();
    let Some(&first) = repeated.first() else {
        return Vec::new();
    };
    let from = context.model.end_name(edge.from);
    let attempts = text::counted(repeats(context, first), "time");
    let line = context.attributes_of(first).span(Attr::Retry);
    let Some(operation) = context.topology.hop(first).operation else {
        let to = context.model.end_name(edge.to);
        return vec![
            Finding::new(
                format!(
                    "`{from}` calls `{to}` up to {attempts}, and nothing says that this is safe"
                ),
                edge.span,
            )
            .label_at(line, "failed calls are repeated here")
            .help(format!(
                "describe what `{to}` offers in an `api`, with `idempotent` where it is"
            ))
            .milder_if(true)
            .about([id]),
        ];
    };
    let names: Vec<String> = repeated
        .iter()
        .take(3)
        .filter_map(|&hop| context.topology.hop(hop).operation)
        .map(|it| format!("`{}`", context.model[it].name))
        .collect();
    let more = repeated.len().saturating_sub(names.len());
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    let mut finding = Finding::new(
        format!(
            "`{}` repeats {}{more} up to {attempts}, which is not safe to repeat",
            context.edge_name(id),
            names.join(", "),
        ),
        edge.span,
    )
    .label_at(line, "failed calls are repeated here");
    for &hop in repeated.iter().take(3) {
        if let Some(operation) = context.topology.hop(hop).operation {
            let span = context.model[operation].span;
            finding = finding.label(span, "done twice, this may happen twice");
        }
    }
    if context.is_generated(edge.from) {
        finding = finding
            .note("the generated client will not repeat it: the retry is drawn, and never happens");
    }
    let it = &context.model[operation];
    let name = &it.name;
    let help = if it.takes_stream() {
        format!(
            "let the caller of `{name}` begin anew: a stream that was begun is never sent again"
        )
    } else if it.answers_stream() {
        format!("say so if `{name}` may be asked twice without harm: `idempotent = true`")
    } else {
        format!("make `{name}` safe to repeat: `idempotent = key`")
    };
    vec![
        finding
            .help(help)
            .fix(
                Safety::Suggested,
                format!(
                    "or take the retry from it, in the edge's braces: `{name} {{ retry = none }}`"
                ),
                without_retry(context, id, &repeated),
            )
            .about([id]),
    ]
}

/// Takes the retry from operations of an edge, where they have no braces of their own yet.
fn without_retry(context: &Context<'_>, id: EdgeId, repeated: &[HopId]) -> Edits {
    let edge = &context.model[id];
    let mut items = Vec::new();
    for &hop in repeated {
        let operation = context.topology.hop(hop).operation?;
        let own = edge
            .operations
            .iter()
            .find(|it| it.operation == operation)?;
        if own.overrides.is_some() {
            return None;
        }
        items.push(format!(
            "{} {{ retry = none }}",
            context.model[operation].name
        ));
    }
    context.editor().add(id, &items.join(", "))
}

/// How often a hop is tried by what the drawing says; built-in values are not its promise.
fn repeats(context: &Context<'_>, hop: HopId) -> u64 {
    let written = context.attributes_of(hop).get(Attr::Retry);
    match context.retry(hop) {
        Some(retry) if written.is_some_and(|it| it.origin != Origin::BuiltIn) => {
            retry.attempts.unwrap_or(u64::MAX)
        }
        _ => 1,
    }
}
