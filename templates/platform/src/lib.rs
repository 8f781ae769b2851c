//! The runtime that every service of this workspace stands on.
//!
//! Generated code names what a service offers, calls and allows; everything that acts on it is here: problems and
//! their mapping to each protocol, the context that travels with a request, policy as data, and one clock.

pub mod client;
pub mod clock;
pub mod context;
pub mod policy;
pub mod problem;
pub mod resilience;
pub mod validate;

pub use clock::Clock;
pub use context::{Bind, Context, Peer, Scope, Trace, User};
pub use problem::{FieldError, Problem, ProblemKind};
pub use validate::{Fields, Validate};
