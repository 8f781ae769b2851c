//! The store that proofs are run with.

use std::sync::Arc;

use super::{Memory, Store, redis};
use crate::clock::Clock;
use crate::error::Error;

/// The variable that names a real store, `redis://host:port`, for the proofs to be run with.
const REAL: &str = "PROOFS_REDIS";

/// A store of this process, or a real one where [`REAL`] is set; it goes by `clock`.
///
/// # Errors
/// When the real one cannot be used.
pub(crate) fn proved(clock: Clock) -> Result<Arc<dyn Store>, Error> {
    match std::env::var(REAL) {
        Ok(url) => redis::proved(url.trim_start_matches("redis://"), clock),
        Err(_) => Ok(Arc::new(Memory::new(clock))),
    }
}
