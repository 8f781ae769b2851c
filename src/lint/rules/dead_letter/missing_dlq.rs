//! # DLQ001 missing-dlq
//!
//! ## What it does
//! Finds queues and topics that somebody consumes and that have no dead letter channel, on themselves or on the consuming
//! edge. Broadcast channels (at most once) and dead letter channels themselves are left out, and so are consumers that
//! leave out what fails or stop at it (`on_error`), or that acknowledge before they work (`ack = received`). For a channel
//! of a broker without a body, which has no place to write one, it is a warning.
//!
//! ## Why it is bad
//! A message that cannot be processed is delivered again and again, or is lost, and those behind it wait. Dead letter
//! queues set it aside, to be looked at (the article, section 4.5), and are part of what makes a queue reliable
//! (sections 2.4 and 7.4). See also the Competing Consumers pattern of the Azure Architecture Center (poison messages)
//! and the Amazon SQS developer guide on dead letter queues.
//!
//! ## Bad
//! ```arch
//! service shop
//! service mailer
//! broker jobs : rabbitmq { queue emails : Note }
//! shop -> jobs.emails
//! jobs.emails -> mailer
//! type Note { text: string }
//! ```
//!
//! ## Good
//! ```arch
//! service shop
//! service mailer
//! broker jobs : rabbitmq {
//!   queue emails : Note { attempts = 5, dlq = emails_dead }
//!   queue emails_dead : Note { watched = true }
//! }
//! shop -> jobs.emails
//! jobs.emails -> mailer
//! type Note { text: string }
//! ```
//!
//! ## How to fix
//! Declare a channel of the same message for the dead ones and name it: `dlq = emails_dead`, with `attempts` to say after
//! how many tries a message is dead. Where a consumer that exists deals with failures in another way, say so:
//! `on_error = skip`, or `stop`.
//!
//! ## Known limits
//! What becomes of the messages that a consumer leaves out is its own affair: that they are written down somewhere cannot
//! be drawn.

use crate::diagnostic::Safety;
use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::attributes::{Attr, Attributes, Value};
use crate::model::edit;
use crate::model::{ChannelId, NodeKind};

pub fn check(context: &Context<'_>, id: ChannelId) -> Vec<Finding> {
    let channel = &context.model[id];
    let redelivers = match context.model[channel.broker].kind {
        NodeKind::Broker(engine) => engine.facts().redelivers,
        _ => false,
    };
    if !redelivers || channel.attributes.dlq().is_some() || context.is_dead_letter(id) {
        return Vec::new();
    }
    let lost: Vec<_> = context
        .topology
        .consumers(id)
        .iter()
        .filter(|edge| is_lost(&context.model[**edge].attributes))
        .collect();
    if lost.is_empty() {
        return Vec::new();
    }
    let broker = &context.model[channel.broker].name;
    let name = &channel.name;
    let mut finding = Finding::new(
        format!("messages of `{broker}.{name}` that cannot be processed have nowhere to go"),
        channel.span,
    )
    .milder_if(!channel.declared);
    for &&edge in lost.iter().take(3) {
        finding = finding.label(context.model[edge].span, "it fails here again and again");
    }
    finding = match context.model[*lost[0]].attributes.get(Attr::Attempts) {
        Some(_) => finding.note("after its last attempt a message is lost"),
        None => finding,
    };
    let kind = channel.kind;
    let dead = format!("{name}_dead");
    let mut values = vec![(Attr::Dlq, dead.as_str())];
    if channel.attributes.get(Attr::Attempts).is_none() {
        values.insert(0, (Attr::Attempts, "5"));
    }
    let message = context.editor().rest(id);
    let beside = message.map(|it| format!("{kind} {name}_dead{it}"));
    vec![
        finding
            .fix(
                Safety::Suggested,
                format!("declare `{kind} {name}_dead` beside it and write `dlq = {name}_dead` on `{name}`"),
                edit::all([
                    context.editor().set_all(id, &values),
                    beside.and_then(|it| context.editor().add_after(id, &it)),
                ]),
            )
            .about(lost.into_iter().copied()),
    ]
}

/// Whether what a consumer cannot process has nowhere to go.
fn is_lost(attributes: &Attributes) -> bool {
    let received = matches!(attributes.value(Attr::Ack), Some(Value::Text(it)) if it == "received");
    attributes.dlq().is_none() && attributes.get(Attr::OnError).is_none() && !received
}
