//! What the instances of a service know together: how often callers came, and what was answered to which key.
//!
//! A service with `state = STORE` in the drawing counts its rate limits and keeps its idempotent answers in that store,
//! so that a limit of 50 a second is one over all instances, and a repeat is known wherever it arrives. Verified
//! tokens stay with each instance on purpose: remembering them saves work, it decides nothing.
//!
//! Sessions of browsers are kept there too, sealed: who reads the store reads no token (`auth::session`).
//!
//! When the store cannot be asked, limits fail open (a request too many is better than none at all) and idempotency
//! When the store cannot be asked, limits fail open (a request too many is better than none at all) and idempotency
//! fails closed (`state-unavailable`, 503 with `Retry-After`: an order placed twice is worse than one placed later), and so do sessions:
//! fails closed (`state-unavailable`, 503 with `Retry-After`: an order placed twice is worse than one placed later), and so do sessions:
//! whose they are cannot be said then.
//! whose they are cannot be said then.
//! Both are counted in `state_calls_total`, and a change of the store's health is logged once.
//! Both are counted in `state_calls_total`, and a change of the store's health is logged once.

mod memory;
mod observed;
#[cfg(feature = "proofs")]
mod proved;
#[cfg_attr(not(feature = "redis"), path = "absent.rs")]
mod redis;
mod sessions;
mod shared;
mod values;

use std::fmt;
use std::time::Duration;

use futures_util::future::BoxFuture;

pub use memory::Memory;
#[cfg(feature = "proofs")]
pub(crate) use proved::proved;
#[cfg(feature = "redis")]
pub use redis::Redis;
pub(crate) use shared::{Shared, hashed};

use crate::limiter::Pace;

/// Where several instances count and remember. Each call is one atomic step: two instances never decide on the same
/// state of things.
pub trait Store: fmt::Debug + Send + Sync {
    /// Gets ready to be asked, as far as that can be done beforehand.
    fn open(&self) {}

    /// Takes one permit of the bucket `key`; how long until there is one where there is none.
    fn take<'a>(&'a self, key: &'a str, pace: Pace) -> Asked<'a, Result<(), Duration>>;

    /// Claims the work that `claim` names, for `lease` at most: an owner that dies must not block it for ever.
    fn claim<'a>(&'a self, claim: Claim<'a>, lease: Duration) -> Asked<'a, Claimed>;

    /// Keeps the answer to a claim for `window`, also where the claim was forgotten meanwhile; nothing where another
    /// owner has it.
    fn finish<'a>(&'a self, claim: Claim<'a>, answer: &'a [u8], window: Duration) -> Asked<'a, ()>;

    /// Gives a claim up, so that the next attempt does the work.
    fn release<'a>(&'a self, claim: Claim<'a>) -> Asked<'a, ()>;

    /// What is kept under `key`.
    fn read<'a>(&'a self, key: &'a str) -> Asked<'a, Option<Vec<u8>>>;

    /// Keeps `value` for `span`.
    fn write<'a>(&'a self, key: &'a str, value: &'a [u8], span: Duration) -> Asked<'a, ()>;

    /// The same instead of what is kept already; whether there was anything.
    fn replace<'a>(&'a self, key: &'a str, value: &'a [u8], span: Duration) -> Asked<'a, bool>;

    /// Forgets what is kept under `key`.
    fn erase<'a>(&'a self, key: &'a str) -> Asked<'a, ()>;
}

/// The answer of a store, or none.
pub type Asked<'a, T> = BoxFuture<'a, Result<T, Lost>>;

/// The store could not be asked, or did not answer in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost;

/// Who wants to answer what.
#[derive(Clone, Copy, Debug)]
pub struct Claim<'a> {
    /// The name of the work: the same for each attempt of one request.
    pub key: &'a str,
    /// A digest of the request, to tell an attempt from another request under the same name.
    pub request: &'a str,
    /// Who claims; different for each attempt.
    pub owner: &'a str,
}

/// What became of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claimed {
    /// The work is the claimer's.
    Yours,
    /// Another is at it.
    Running,
    /// It was done before, with this answer.
    Done(Vec<u8>),
    /// The name was used for another request.
    Other,
}
