//! # DLQ002 unbounded-redelivery
//!
//! ## What it does
//! Finds consumers that are given a failing message again without end (`attempts = unlimited`), and, as warnings, those that
//! get it more than 20 times, or only once although a dead letter channel waits behind: then a moment's failure makes a
//! message dead.
//!
//! ## Why it is bad
//! A message that can never be handled is tried for ever: it takes the place of those that could be, fills the logs, and
//! hammers whatever it fails on, like a retry without bound (the article, section 4.1). Messages that keep failing belong
//! set aside after a few tries (sections 4.5 and 2.4). See also the delivery limit of RabbitMQ's quorum queues, which is 20
//! since 4.0, and `maxReceiveCount` in the Amazon SQS developer guide.
//!
//! ## Bad
//! ```arch
//! service shop
//! service mailer
//! broker jobs : rabbitmq {
//!   queue emails : Note { attempts = unlimited, dlq = emails_dead }
//!   queue emails_dead : Note { watched = true }
//! }
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
//! Write `attempts = 5` on the channel or on the consuming edge: enough for what passes by itself, such as a restart, and
//! few enough for what does not.
//!
//! ## Known limits
//! How long the broker waits between two deliveries is not known, nor how long a failure lasts: five tries within a second
//! are one. What a consumer that exists does is unknown unless it is written; what is generated tries 5 times.

use crate::diagnostic::Safety;
use crate::lint::cause::{Cause, causes};
use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::attributes::{Attr, Attributes, Value};
use crate::model::{Link, NodeKind};

/// The delivery limit that RabbitMQ's quorum queues have by themselves.
const MANY: u64 = 20;

pub fn check(context: &Context<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = causes(context, Attr::Attempts)
        .iter()
        .filter_map(|cause| judge(context, cause))
        .collect();
    findings.extend(unknown(context));
    findings
}

fn judge(context: &Context<'_>, cause: &Cause<'_>) -> Option<Finding> {
    let first = cause.uses.iter().find(|it| repeats(it.attributes))?;
    let edge = &context.model[first.edge];
    let (channel, consumer) = (
        context.model.end_name(edge.from),
        context.model.end_name(edge.to),
    );
    let attributes = first.attributes;
    let finding = match attributes.value(Attr::Attempts)? {
        Value::Integer(1) => {
            let dead = attributes.dlq()?;
            Finding::new(
                format!("one failure of `{consumer}` makes a message of `{channel}` dead"),
                cause.span,
            )
            .here("it is tried once")
            .label_at(
                attributes.span(Attr::Dlq),
                format!("then it goes to `{}`", context.model[dead].name),
            )
            .note(
                "a restart or a timeout behind it is over before anybody has looked at the message",
            )
            .milder_if(true)
        }
        Value::Integer(attempts) if *attempts > MANY => Finding::new(
            format!("`{channel}` gives `{consumer}` a failing message {attempts} times"),
            cause.span,
        )
        .here(format!("more than {MANY}"))
        .note("what fails so often fails by itself, and those behind it wait")
        .milder_if(true),
        Value::Integer(_) => return None,
        _ => {
            let finding = Finding::new(
                format!("`{channel}` gives `{consumer}` a failing message again for ever"),
                cause.span,
            )
            .here("nothing ends this")
            .note("each round blocks those behind it, and repeats what the handler did before it failed");
            match attributes.dlq() {
                Some(dead) => finding.label_at(
                    attributes.span(Attr::Dlq),
                    format!("none ever gets to `{}`", context.model[dead].name),
                ),
                None => finding,
            }
        }
    };
    let finding = finding.fix(
        Safety::Safe,
        "write `attempts = 5`, and a `dlq` for those that keep failing",
        context.editor().replace(cause.span, "5"),
    );
    Some(cause.show_uses(context, finding))
}

/// Whether a message that failed comes again: it does not where a consumer acknowledges before it works, or leaves out
/// or waits at what fails.
fn repeats(attributes: &Attributes) -> bool {
    let word = |attr| match attributes.value(attr) {
        Some(Value::Text(word)) => Some(word.as_str()),
        _ => None,
    };
    word(Attr::Ack) != Some("received") && word(Attr::OnError).is_none()
}

/// Consumers that exist, behind brokers that deliver again, of which nothing says how often.
fn unknown(context: &Context<'_>) -> Vec<Finding> {
    let redelivers = |edge: &crate::model::Edge| {
        let broker = &context.model[context.model.node_of(edge.from)];
        matches!(broker.kind, NodeKind::Broker(engine) if engine.facts().redelivers)
    };
    let edges = context.model.edges.iter();
    edges
        .filter(|it| it.link == Link::Consume && redelivers(it))
        .filter(|it| it.attributes.get(Attr::Attempts).is_none() && repeats(&it.attributes))
        .filter(|it| context.model[context.model.node_of(it.to)].existing)
        .flat_map(|edge| {
            context.unknown("attempts", edge.span, || {
                let name = format!(
                    "{} -> {}",
                    context.model.end_name(edge.from),
                    context.model.end_name(edge.to)
                );
                let declare =
                    "write how often a failing message comes: `attempts = 5`, or `unlimited`";
                (name, declare.to_owned())
            })
        })
        .collect()
}
