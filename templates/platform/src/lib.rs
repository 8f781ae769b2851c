//! The runtime that every service of this workspace stands on.
//!
//! Generated code names what a service offers, calls and allows; everything that acts on it is here: problems and
//! their mapping to each protocol, the context that travels with a request, policy as data, and one clock.

mod admin;
pub mod audit;
pub mod auth;
pub mod client;
pub mod clock;
pub mod config;
pub mod context;
#[cfg(feature = "dev")]
pub mod dev;
pub mod error;
pub mod limiter;
pub mod metrics;
mod oauth;
mod outward;
pub mod policy;
pub mod problem;
#[cfg(feature = "proofs")]
pub mod proofs;
pub mod resilience;
mod secret;
pub mod server;
pub mod state;
pub mod stream;
pub mod telemetry;
pub mod tls;
mod trace;
pub mod validate;
mod watched;
pub mod when;

pub use clock::Clock;
pub use config::ServiceConfig;
pub use context::{Bind, Context, Peer, Scope, Trace, User};
pub use error::Error;
pub use metrics::Metrics;
pub use problem::{FieldError, Problem, ProblemKind};
pub use server::{Host, Objects, Routes, Running, Service, Setup, Sockets, Wire};
pub use stream::Streaming;
pub use validate::{Fields, Validate};
pub use when::{Caller, When};
