//! What stands between a handler and the network: one policy for each operation of an edge.
//!
//! [`Policy::call`] takes a closure that makes one attempt, and runs it under, from the outside in:
//! deadline, retry (with a budget), throttle, bulkhead, breaker, attempt timeout. The closure
//! is called anew for each attempt, so requests need not be `Clone`. [`Policy::open`] does the same for a call whose
//! answer is a stream: its attempts end when the answer begins, and [`Opened`] is what holds from then on.
//!
//! Operations of one edge whose policies hold the same breaker, bulkhead, throttle or retry budget share it: they
//! speak to the same callee, and what one learns about its health holds for the others ([`Shared`]).

mod backoff;
mod breaker;
mod budget;
mod bulkhead;
mod failure;
mod opened;
mod policy;
mod series;
mod shared;
mod throttle;
mod window;

pub use breaker::{BreakerState, Health};
pub use failure::{Failure, Verdict};
pub use opened::Opened;
pub use policy::{Attempt, Policy};
pub use series::EdgeMetrics;
pub use shared::Shared;
