//! One suite for every backend of shared state: what holds for the store in this process holds for a real one.
//!
//! The real one is a `redis-server` of our own on a free port. Where none is installed these tests fail, they are not
//! left out: a generated workspace does not have them, its proofs run with the store in their process.
#![cfg(feature = "redis")]

mod conformance;
mod real;
mod server;
