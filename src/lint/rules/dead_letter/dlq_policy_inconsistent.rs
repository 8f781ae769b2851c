//! # DLQ005 dlq-policy-inconsistent
//!
//! ## What it does
//! Compares a channel with the one that its dead letters go to. They do not fit where dead letters are kept for a shorter
//! time than the messages themselves (on SQS, which goes on counting from when a message was sent, for no longer), carry
//! another type, or leave a hole in an order that a consumer relies on; and, as an error, where data is less secret among
//! the dead than it was before. Three or more channels that share one are told as info.
//!
//! ## Why it is bad
//! Dead letters are for looking at later and for feeding back (the article, section 4.5): not if they expire first, and not
//! if the reader has to guess what they are. They hold the same data as the channel that they came from (section 2.4), and
//! need the same care. See also the Amazon SQS developer guide, on the retention of dead letter queues, and on not using
//! one where an exact order must not be broken.
//!
//! ## Bad
//! ```arch
//! service shop
//! service billing
//! broker bus : kafka {
//!   topic placed : Placed { key = id, retention = 7d, dlq = placed_dead }
//!   topic placed_dead : Placed { retention = 1d, watched = true }
//! }
//! shop -> bus.placed
//! bus.placed -> billing
//! type Placed { id: uuid }
//! ```
//!
//! ## Good
//! ```arch
//! service shop
//! service billing
//! broker bus : kafka {
//!   topic placed : Placed { key = id, retention = 7d, dlq = placed_dead }
//!   topic placed_dead : Placed { retention = 14d, watched = true }
//! }
//! shop -> bus.placed
//! bus.placed -> billing
//! type Placed { id: uuid }
//! ```
//!
//! ## How to fix
//! Keep dead letters for longer than messages (`retention = 14d`, or `ttl` on a queue), as the same type, with the same `data`
//! class. Where an order must hold, stop at a message that fails (`on_error = stop`, and somebody who is told), or make
//! the consumer indifferent to the order.
//!
//! ## Known limits
//! How long a broker keeps messages by itself is not known, so both times have to be written. A type that wraps the message
//! together with why it failed is taken for another one; accept it there.

use std::collections::BTreeMap;

use crate::diagnostic::Safety;
use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::attributes::{Attr, Attributes, Value};
use crate::model::text;
use crate::model::{BrokerEngine, ChannelId, EdgeId, End, NodeKind};
use crate::source::Span;

/// So many channels with one dead letter channel are worth a word.
const SHARED: usize = 3;

pub fn check(context: &Context<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut fed: BTreeMap<ChannelId, Vec<ChannelId>> = BTreeMap::new();
    for (id, channel) in context.model.channels() {
        let own = channel.attributes.dlq();
        let mut dead: Vec<(ChannelId, Option<Span>)> = Vec::new();
        dead.extend(own.map(|it| (it, channel.attributes.span(Attr::Dlq))));
        for &edge in context.topology.consumers(id) {
            let attributes = &context.model[edge].attributes;
            if let Some(it) = attributes.dlq() {
                if !dead.iter().any(|(known, _)| *known == it) {
                    dead.push((it, attributes.span(Attr::Dlq)));
                }
                findings.extend(hole(context, id, edge));
            }
        }
        for (to, line) in dead {
            fed.entry(to).or_default().push(id);
            findings.extend(keeping(context, id, to, line));
            findings.extend(kind(context, id, to, line));
            findings.extend(secrecy(context, id, to, line));
        }
    }
    let shared = fed.iter().filter(|(_, from)| from.len() >= SHARED);
    findings.extend(shared.map(|(dead, from)| mixture(context, *dead, from)));
    findings
}

fn name(context: &Context<'_>, id: ChannelId) -> String {
    context.model.end_name(End::Channel(id))
}

/// Dead letters that expire before, or together with, what they were.
fn keeping(
    context: &Context<'_>,
    from: ChannelId,
    to: ChannelId,
    line: Option<Span>,
) -> Option<Finding> {
    let (source, dead) = (&context.model[from], &context.model[to]);
    let (alive, attr) = kept(&source.attributes)?;
    let (kept, dead_attr) = kept(&dead.attributes)?;
    // Elsewhere a dead letter is a new message, and its time begins anew.
    let counts_on = matches!(
        context.model[source.broker].kind,
        NodeKind::Broker(BrokerEngine::Sqs)
    );
    if kept > alive || (kept == alive && !counts_on) {
        return None;
    }
    let (compared, message) = if kept == alive {
        ("<=", "are kept no longer than messages")
    } else {
        ("<", "are gone before messages would be")
    };
    let mut finding = Finding::new(
        format!("dead letters of `{}` {message}", name(context, from)),
        dead.attributes.span(dead_attr).unwrap_or(dead.span),
    )
    .here(format!(
        "`{}` keeps them for {}",
        dead.name,
        text::duration(kept)
    ))
    .label_at(
        source.attributes.span(attr),
        format!("a message may be {} old", text::duration(alive)),
    )
    .label_at(line, "and then dies")
    .note(format!(
        "{} {compared} {}",
        text::duration(kept),
        text::duration(alive)
    ));
    if counts_on {
        finding = finding.note("SQS goes on counting from when the message was first sent");
    }
    let longer = text::written_duration(alive.saturating_mul(2));
    Some(finding.fix(
        Safety::Safe,
        format!(
            "keep dead letters for longer: `{} = {longer}`",
            dead_attr.name()
        ),
        context.editor().set(to, dead_attr, &longer),
    ))
}

fn kept(attributes: &Attributes) -> Option<(std::time::Duration, Attr)> {
    [Attr::Retention, Attr::Ttl]
        .into_iter()
        .find_map(|attr| match attributes.value(attr) {
            Some(Value::Duration(it)) => Some((*it, attr)),
            _ => None,
        })
}

/// Dead letters of another type.
fn kind(
    context: &Context<'_>,
    from: ChannelId,
    to: ChannelId,
    line: Option<Span>,
) -> Option<Finding> {
    let (source, dead) = (&context.model[from], &context.model[to]);
    if source.message.is_none() || dead.message.is_none() || source.message == dead.message {
        return None;
    }
    let finding = Finding::new(
        format!(
            "dead letters of `{}` do not fit into `{}`: it carries another type",
            name(context, from),
            dead.name
        ),
        line.unwrap_or(dead.span),
    )
    .label(source.span, "messages are of this type")
    .label(dead.span, "and dead ones of that");
    Some(finding.help("let both carry the same type, so that what reads the dead letters, and feeds them back, knows them"))
}

/// Data that is less secret among the dead.
fn secrecy(
    context: &Context<'_>,
    from: ChannelId,
    to: ChannelId,
    line: Option<Span>,
) -> Option<Finding> {
    let class = context.class_of(End::Channel(from))?;
    let dead = context.class_of(End::Channel(to))?;
    if dead >= class {
        return None;
    }
    Some(
        Finding::new(
            format!(
                "{class} messages of `{}` become {dead} when they die",
                name(context, from)
            ),
            context.model[to]
                .attributes
                .span(Attr::Data)
                .unwrap_or(context.model[to].span),
        )
        .here(format!("{dead} only"))
        .label_at(line, "they are the same messages")
        .help(format!(
            "write `data = {class}` on `{}`",
            context.model[to].name
        ))
        .graver_if(true),
    )
}

/// A consumer that relies on an order, and messages that are taken out of it.
fn hole(context: &Context<'_>, channel: ChannelId, id: EdgeId) -> Option<Finding> {
    let edge = &context.model[id];
    let stops =
        matches!(edge.attributes.value(Attr::OnError), Some(Value::Text(it)) if it == "stop");
    let order = match edge.attributes.value(Attr::Ordering)? {
        Value::Text(order) if !stops => order.as_str(),
        _ => return None,
    };
    let what = if order == "global" {
        "those after it"
    } else {
        "those after it with the same key"
    };
    let dead = edge.attributes.dlq()?;
    Some(
        Finding::new(
            format!(
                "`{}` relies on the order of `{}`, and a message that dies leaves a hole in it",
                context.model.end_name(edge.to),
                name(context, channel)
            ),
            edge.attributes.span(Attr::Ordering).unwrap_or(edge.span),
        )
        .here(format!("an order by `{order}`"))
        .label_at(
            edge.attributes.span(Attr::Dlq),
            format!("a message goes to `{}`, and {what} are handled", context.model[dead].name),
        )
        .help("stop at a message that fails, with `on_error = stop` in place of the dead letters, or make the handler indifferent to the order")
        .about([id]),
    )
}

/// One channel for the dead letters of many.
fn mixture(context: &Context<'_>, dead: ChannelId, from: &[ChannelId]) -> Finding {
    let mut finding = Finding::new(
        format!(
            "`{}` takes the dead letters of {} channels",
            name(context, dead),
            from.len()
        ),
        context.model[dead].span,
    );
    for &channel in from.iter().take(SHARED) {
        finding = finding.label(context.model[channel].span, "of this one");
    }
    finding
        .help("give each a dead letter channel of its own, so that an alarm says what is broken, and what it was can be fed back")
        .informs()
}
