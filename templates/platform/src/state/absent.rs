//! This system's drawing names no store for state, so there is no client of one here.

use std::sync::Arc;

use super::Store;
#[cfg(feature = "proofs")]
use crate::clock::Clock;
use crate::config::ServiceConfig;
use crate::error::Error;
use crate::policy::State;

/// Opens the store of a policy: there is no way to.
///
/// # Errors
/// Always.
pub(super) fn open(policy: State, _: &ServiceConfig) -> Result<Arc<dyn Store>, Error> {
    Err(absent(policy.store))
}

/// A real store for proofs: there is no way to.
///
/// # Errors
/// Always.
#[cfg(feature = "proofs")]
pub(super) fn proved(address: &str, _: Clock) -> Result<Arc<dyn Store>, Error> {
    Err(absent(address))
}

fn absent(store: &str) -> Error {
    Error::new(format!(
        "the store `{store}` needs the feature `redis` of the platform"
    ))
}
