//! # TOP005 dangling-channel
//!
//! ## What it does
//! Finds queues, topics and channels that nobody consumes, and those that somebody consumes though nobody publishes; the
//! latter is an error, since the consumer waits for ever. Dead letter channels are fed by failures, and left out; so are
//! archives (`archive = true`), which nobody has to read, and what is `planned` or `deprecated`.
//!
//! ## Why it is bad
//! Messages that nobody reads pile up and cost money until they expire (queues need to be managed, says the article in
//! section 2.4), and are mostly a consumer that was forgotten, or a name that two people spelled differently.
//!
//! ## Bad
//! ```arch
//! service orders
//! broker bus : kafka { topic placed : Note }
//! orders -> bus.placed
//! type Note { text: string }
//! ```
//!
//! ## Good
//! ```arch
//! service orders
//! service billing
//! broker bus : kafka {
//!   topic placed : Note { dlq = placed_dead }
//!   topic placed_dead : Note { watched = true }
//! }
//! orders -> bus.placed
//! bus.placed -> billing
//! type Note { text: string }
//! ```
//!
//! ## How to fix
//! Draw who consumes or publishes, as an `external` if it is somebody else's system; say that it only keeps messages,
//! `archive = true`, or is still to come, `lifecycle = planned`; or delete the channel.
//!
//! ## Known limits
//! Which message of a channel is read is not known: a consumer may skip all but a few.

use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::ChannelId;
use crate::model::attributes::Attr;
use crate::model::text;

pub fn check(context: &Context<'_>, id: ChannelId) -> Vec<Finding> {
    let publishers = context.topology.publishers(id);
    let consumers = context.topology.consumers(id);
    if context.is_dead_letter(id) || (!publishers.is_empty() && !consumers.is_empty()) {
        return Vec::new();
    }
    let channel = &context.model[id];
    let archived = channel.attributes.is(Attr::Archive) && !publishers.is_empty();
    if archived || channel.attributes.get(Attr::Lifecycle).is_some() {
        return Vec::new();
    }
    let name = format!("{}.{}", context.model[channel.broker].name, channel.name);
    let shown = |mut finding: Finding, edges: &[crate::model::EdgeId], text: &str| {
        for &edge in edges.iter().take(3) {
            finding = finding.label(context.model[edge].span, text);
        }
        finding
    };
    let finding = match (publishers, consumers) {
        ([], []) => {
            Finding::new(format!("`{name}` is not used by anything"), channel.span).help(format!(
                "draw who publishes to it and who consumes it, or delete the {}",
                channel.kind
            ))
        }
        ([], _) => {
            let message = format!(
                "`{name}` has {} and no publisher: they wait for ever",
                text::counted(consumers.len() as u64, "consumer")
            );
            shown(
                Finding::new(message, channel.span).graver_if(true),
                consumers,
                "this waits for ever",
            )
            .help(format!("draw who publishes: `... -> {name}`"))
        }
        (_, _) => {
            let message = format!(
                "`{name}` has {} and no consumer",
                text::counted(publishers.len() as u64, "publisher")
            );
            shown(
                Finding::new(message, channel.span),
                publishers,
                "nobody reads what is published here",
            )
            .help(format!(
                "draw who consumes it: `{name} -> ...`, or say that it only keeps them: `archive = true`"
            ))
        }
    };
    vec![finding]
}
