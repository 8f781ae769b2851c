//! # TOP004 event-cycle
//!
//! ## What it does
//! Finds messages that cause themselves again: a consumer of one channel publishes to another, and what consumes that one
//! leads back to the first. What handlers declare (`calls`, `via`) makes it an error; where nothing says what a consumer
//! does it may be so, which is a warning. Dead letters that come back are DLQ004's, webhooks WHK007's.
//!
//! ## Why it is bad
//! One event becomes an endless stream of them, which no retry limit bounds: the same positive feedback as retries without
//! a bound (the article, section 4.1), in queues and streams that have to be managed already (sections 2.4 and 2.5). See
//! also chapter 22 of Google's SRE book on positive feedback, and the Choreography pattern of the Azure Architecture
//! Center.
//!
//! ## Bad
//! ```arch
//! service orders { schedule nightly { every = 24h, calls = [bus.order_changed] } }
//! service stock
//! broker bus : kafka { watched = true
//!   topic order_changed : Note { dlq = dead, idempotent = true }
//!   topic stock_changed : Note { dlq = dead, idempotent = true }
//!   topic dead : Note
//! }
//! orders -> bus.order_changed
//! bus.order_changed -> stock { calls = [bus.stock_changed] }
//! stock -> bus.stock_changed
//! bus.stock_changed -> orders { calls = [bus.order_changed] }
//! type Note { text: string }
//! ```
//!
//! ## Good
//! ```arch
//! service orders { schedule nightly { every = 24h, calls = [bus.order_changed] } }
//! service stock
//! broker bus : kafka { watched = true
//!   topic order_changed : Note { dlq = dead, idempotent = true }
//!   topic stock_changed : Note { dlq = dead, idempotent = true }
//!   topic dead : Note
//! }
//! orders -> bus.order_changed
//! bus.order_changed -> stock { calls = [bus.stock_changed] }
//! stock -> bus.stock_changed { terminates = "published only when the number changes" }
//! bus.stock_changed -> orders { calls = [bus.order_changed] }
//! type Note { text: string }
//! ```
//!
//! ## How to fix
//! Let one of them not answer an event with an event. Where something ends it (only changes are published, a count of hops,
//! what is known already is dropped), say so on the edge: `terminates = "..."`. Where it is no circle, `calls` says what
//! each consumer does.
//!
//! ## Known limits
//! That an event is caused only by some messages of a channel cannot be drawn, except by channels of their own.

use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::lint::rounds;
use crate::topology::Round;

pub fn check(context: &Context<'_>) -> Vec<Finding> {
    rounds::check(
        context,
        Round::Messages,
        |_, _, ring| format!("events circulate: {ring}"),
        "publish only what changed, and say so: `terminates = \"...\"` on one of these edges",
    )
}
