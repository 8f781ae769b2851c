//! # DLQ003 dlq-unattended
//!
//! ## What it does
//! Finds dead letter channels that nobody consumes, and of which nothing says that anybody is told when messages arrive in
//! them.
//!
//! ## Why it is bad
//! A dead letter is work that was promised and not done: an order without its mail, a payment without its booking. Dead
//! letter queues are there to be monitored, looked through and fed back once the cause is mended (the article, section
//! 4.5; section 2.4 on queues that have to be managed). One that nobody looks at loses messages as surely as none, only
//! later and more quietly. See also the Amazon SQS developer guide on alarms for dead letter queues and on redrive.
//!
//! ## Bad
//! ```arch
//! service shop
//! service mailer
//! broker jobs : rabbitmq {
//!   queue emails : Note { attempts = 5, dlq = emails_dead }
//!   queue emails_dead : Note
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
//! Raise an alarm when the channel is not empty, and write `watched = true` on it, or on the broker where one alarm is for
//! all of its channels. Or draw who reads it and what becomes of the messages.
//!
//! ## Known limits
//! Whether the alarm reaches anybody is not known. On brokers that exist what is unwritten is unknown, so nothing is said.

use std::collections::BTreeMap;

use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::ChannelId;
use crate::model::attributes::Attr;
use crate::source::Span;

/// How many of the channels that feed it a finding points at.
const SHOWN: usize = 3;

pub fn check(context: &Context<'_>) -> Vec<Finding> {
    let mut fed: BTreeMap<ChannelId, Vec<Span>> = BTreeMap::new();
    let channels = context.model.channels.iter().map(|it| &it.attributes);
    let edges = context.model.edges.iter().map(|it| &it.attributes);
    for attributes in channels.chain(edges) {
        if let (Some(dead), Some(line)) = (attributes.dlq(), attributes.span(Attr::Dlq)) {
            let lines = fed.entry(dead).or_default();
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
    }
    fed.iter()
        .flat_map(|(&id, lines)| judge(context, id, lines))
        .collect()
}

fn judge(context: &Context<'_>, id: ChannelId, fed: &[Span]) -> Vec<Finding> {
    let channel = &context.model[id];
    let broker = &context.model[channel.broker];
    if channel.attributes.is(Attr::Watched) || !context.topology.consumers(id).is_empty() {
        return Vec::new();
    }
    let name = format!("{}.{}", broker.name, channel.name);
    if broker.existing && channel.attributes.get(Attr::Watched).is_none() {
        return context.unknown("watched", channel.span, || {
            let declare =
                "write whether somebody is told when messages stay in it: `watched = true`";
            (name, declare.to_owned())
        });
    }
    let mut finding = Finding::new(
        format!("nobody looks at the dead letters in `{name}`"),
        channel.span,
    )
    .here("it has no consumer, and is not `watched`")
    .label_at(
        channel.attributes.span(Attr::Watched),
        "so it is written here",
    );
    for &line in fed.iter().take(SHOWN) {
        finding = finding.label(line, "messages are given up here, and kept there");
    }
    vec![finding.help(format!(
        "raise an alarm when it is not empty and write `watched = true`, or draw who reads it: `{name} -> ...`"
    ))]
}
