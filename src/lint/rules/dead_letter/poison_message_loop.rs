//! # DLQ004 poison-message-loop
//!
//! ## What it does
//! Finds dead letters that come back to the channel in which they died, by a consumer that publishes them again. An edge
//! that says why this ends (`terminates`) is no part of it. Where nothing says what the consumer calls it is a warning.
//!
//! ## Why it is bad
//! A dead letter is a message that fails whenever it is tried. Sent back without a bound it fails for ever, and takes the
//! place of those that would not: dead letters are set aside to be looked at (the article, section 4.5), and attempts have
//! a bound (section 4.1). See also the Amazon SQS developer guide on redriving dead letter queues.
//!
//! ## Bad
//! ```arch
//! service shop
//! service mailer
//! service redriver
//! broker jobs : rabbitmq {
//!   queue emails : Note { dlq = emails_dead, idempotent = true }
//!   queue emails_dead : Note { idempotent = true }
//! }
//! shop -> jobs.emails
//! jobs.emails -> mailer
//! jobs.emails_dead -> redriver { calls = [jobs.emails] }
//! redriver -> jobs.emails
//! type Note { text: string }
//! ```
//!
//! ## Good
//! ```arch
//! service shop
//! service mailer
//! service redriver
//! broker jobs : rabbitmq {
//!   queue emails : Note { dlq = emails_dead, idempotent = true }
//!   queue emails_dead : Note { idempotent = true }
//! }
//! shop -> jobs.emails
//! jobs.emails -> mailer
//! jobs.emails_dead -> redriver { calls = [jobs.emails] }
//! redriver -> jobs.emails { terminates = "three times at most, counted in a header" }
//! type Note { text: string }
//! ```
//!
//! ## How to fix
//! Count how often a message was sent back and stop, and say so on the edge: `terminates = "..."`. Or let a person send
//! them back when the fault is mended.
//!
//! ## Known limits
//! What an operator does by hand is not drawn.

use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::lint::rounds;
use crate::model::End;
use crate::topology::Round;

pub fn check(context: &Context<'_>) -> Vec<Finding> {
    rounds::check(
        context,
        Round::DeadLetters,
        |context, cycle, ring| match cycle.dead_letters {
            Some((channel, _)) => {
                let name = context.model.end_name(End::Channel(channel));
                format!("dead letters of `{name}` come back to it: {ring}")
            }
            None => format!("dead letters come back: {ring}"),
        },
        "bound how often they are sent back, and say so: `terminates = \"...\"` on the edge that publishes them",
    )
}
