//! # PRT009 ordering-not-guaranteed
//!
//! ## What it does
//! Compares the order that a consumer relies on (`ordering = key` or `global`) with what it gets: in a log, order holds
//! within a partition, and so for messages of one key when the topic has a `key`; in a queue it holds as long as one message
//! is handled at a time, so that instances and `concurrency` end it; standard queues of SQS keep none.
//!
//! ## Why it is bad
//! "Cancelled" before "placed" is the kind of fault that no test shows and no retry heals. Ordering is only guaranteed
//! within a partition, not globally (the article, section 2.5), and queues may deliver out of order (section 2.4). See also
//! Kafka's documentation on partitions, and the Sequential Convoy pattern of the Azure Architecture Center.
//!
//! ## Bad
//! ```arch
//! service orders
//! service billing { replicas = 3 }
//! broker bus : kafka { topic changes : Change { partitions = 12 } }
//! orders -> bus.changes
//! bus.changes -> billing { ordering = key, on_error = stop, idempotent = true }
//! type Change { order_id: uuid, status: string }
//! ```
//!
//! ## Good
//! ```arch
//! service orders
//! service billing { replicas = 3 }
//! broker bus : kafka { topic changes : Change { key = order_id, partitions = 12 } }
//! orders -> bus.changes
//! bus.changes -> billing { ordering = key, on_error = stop, idempotent = true }
//! type Change { order_id: uuid, status: string }
//! ```
//!
//! ## How to fix
//! Give the topic a `key`: what has to stay in order shares its value. For an order of all, one partition and one instance
//! that handles one message at a time; where that is too slow, the order wanted is mostly that of a key.
//!
//! ## Known limits
//! That a message which keeps failing is put aside, and later ones pass it, is not judged. FIFO queues of SQS cannot be drawn.

use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::attributes::Attr;
use crate::model::text;
use crate::model::{ChannelKind, Edge, EdgeId, End, NodeKind};
use crate::protocol::{BrokerFacts, Ordering};

pub fn check(context: &Context<'_>, id: EdgeId) -> Vec<Finding> {
    let edge = &context.model[id];
    let End::Channel(channel) = edge.from else {
        return Vec::new();
    };
    let Some(wanted) = edge.attributes.text(Attr::Ordering) else {
        return Vec::new();
    };
    let NodeKind::Broker(engine) = context.model[context.model[channel].broker].kind else {
        return Vec::new();
    };
    let facts = engine.facts();
    let global = wanted == "global";
    let broken = if facts.ordering == Ordering::Any {
        Broken::because(format!("{} keeps no order", facts.title), None)
    } else if facts.ordering == Ordering::Key && context.model[channel].kind == ChannelKind::Topic {
        if global {
            one_partition(context, edge)
        } else {
            keyed(context, edge)
        }
    } else if context.model[channel].kind == ChannelKind::Channel {
        return Vec::new();
    } else {
        one_at_a_time(context, edge, facts)
    };
    let broken = match broken {
        Judged::Kept => return Vec::new(),
        Judged::Unknown(findings) => return findings,
        Judged::Broken(broken) => broken,
    };
    let order = if global {
        "the order of all messages"
    } else {
        "the order of each key"
    };
    let mut finding = Finding::new(
        format!(
            "`{}` relies on {order} in `{}`, but {}",
            context.model.end_name(edge.to),
            context.model.end_name(edge.from),
            broken.why
        ),
        edge.span,
    )
    .label_at(edge.attributes.span(Attr::Ordering), "relied on by this");
    for (span, text) in broken.labels {
        finding = finding.label_at(span, text);
    }
    if let Some(note) = broken.note {
        finding = finding.note(note);
    }
    vec![finding.help(broken.help).about([id])]
}

enum Judged {
    Kept,
    Unknown(Vec<Finding>),
    Broken(Broken),
}

struct Broken {
    why: String,
    note: Option<String>,
    help: &'static str,
    labels: Vec<(Option<crate::source::Span>, String)>,
}

impl Broken {
    fn because(why: String, note: Option<String>) -> Judged {
        Judged::Broken(Self {
            why,
            note,
            help: "take a log with a `key`, as a topic of kafka or pulsar, or carry a version in the message and skip what is older",
            labels: Vec::new(),
        })
    }
}

/// Messages of one key stay in order when the log knows the key.
fn keyed(context: &Context<'_>, edge: &Edge) -> Judged {
    let End::Channel(id) = edge.from else {
        return Judged::Kept;
    };
    let channel = &context.model[id];
    let name = context.model.end_name(edge.from);
    if channel.attributes.get(Attr::Key).is_some()
        || channel.attributes.count(Attr::Partitions) == Some(1)
    {
        return Judged::Kept;
    }
    if context.model[channel.broker].existing {
        return Judged::Unknown(context.unknown("key", channel.span, || {
            (
                name,
                "write the field that they are published by: `key = order_id`".to_owned(),
            )
        }));
    }
    let spread = match channel.attributes.count(Attr::Partitions) {
        Some(partitions) => format!("messages go to any of {partitions} partitions"),
        None => "messages go to any partition".to_owned(),
    };
    Judged::Broken(Broken {
        why: "it has no key".to_owned(),
        note: Some(
            "order holds within a partition, and the key decides which partition a message goes to"
                .to_owned(),
        ),
        help: "say by which field messages belong together: `key = order_id` on the topic",
        labels: vec![(Some(channel.span), spread)],
    })
}

/// All messages stay in order in one partition alone.
fn one_partition(context: &Context<'_>, edge: &Edge) -> Judged {
    let End::Channel(id) = edge.from else {
        return Judged::Kept;
    };
    let channel = &context.model[id];
    let name = context.model.end_name(edge.from);
    match channel.attributes.count(Attr::Partitions) {
        Some(1) => one_handled(edge),
        Some(partitions) => Judged::Broken(Broken {
            why: format!("it has {partitions} partitions"),
            note: Some("order holds within a partition, not between them".to_owned()),
            help: "rely on the order of each key, `ordering = key`, or write `partitions = 1`",
            labels: vec![(
                channel.attributes.span(Attr::Partitions),
                format!("{partitions} logs, each with an order of its own"),
            )],
        }),
        None => Judged::Unknown(context.unknown("partitions", channel.span, || {
            (
                name,
                "write into how many parts it is split: `partitions = 1`".to_owned(),
            )
        })),
    }
}

/// One instance has a partition, and handles one message of it at a time.
fn one_handled(edge: &Edge) -> Judged {
    let concurrency = edge.attributes.count(Attr::Concurrency).unwrap_or(1);
    if concurrency == 1 {
        return Judged::Kept;
    }
    Judged::Broken(Broken {
        why: format!("{concurrency} are handled at once"),
        note: None,
        help: "write `concurrency = 1` on the consuming edge",
        labels: vec![(
            edge.attributes.span(Attr::Concurrency),
            "the later one may be done first".to_owned(),
        )],
    })
}

/// A queue keeps its order for a consumer that handles one message at a time.
fn one_at_a_time(context: &Context<'_>, edge: &Edge, facts: &BrokerFacts) -> Judged {
    let consumer = &context.model[context.model.node_of(edge.to)];
    let concurrency = edge.attributes.count(Attr::Concurrency).unwrap_or(1);
    let replicas = consumer.attributes.replicas();
    let at_once = replicas.unwrap_or(1) * concurrency;
    if at_once == 1 {
        if replicas.is_some() {
            return Judged::Kept;
        }
        return Judged::Unknown(context.unknown("replicas", consumer.span, || {
            (
                consumer.name.clone(),
                "write how many run: `replicas = 1`".to_owned(),
            )
        }));
    }
    let instances = text::counted(replicas.unwrap_or(1), "instance");
    Judged::Broken(Broken {
        why: format!("{at_once} of its messages are handled at once"),
        note: Some(format!(
            "{instances} * {concurrency} at once = {at_once}; {} hands the next message out before the last one is done",
            facts.title
        )),
        help: "take a log with a `key`, as a topic of kafka or pulsar, or carry a version in the message and skip what is older",
        labels: vec![
            (consumer.attributes.span(Attr::Replicas), instances.clone()),
            (
                edge.attributes.span(Attr::Concurrency),
                format!("{concurrency} at once in each"),
            ),
        ],
    })
}
