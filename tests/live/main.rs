//! The shop's services as processes of their own over a real store, with faults and under load.
//!
//! Unlike all other tests these need programs beside Rust, `redis-server` and `wrk`, and so they run when they are asked
//! for: `cargo test --test live`. `.ci/run` installs them and asks.

mod load;
mod processes;
mod proofs;
mod state;
#[path = "../generated/support.rs"]
#[allow(dead_code, reason = "the tests of generated workspaces use all of it")]
mod support;
