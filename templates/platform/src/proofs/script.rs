//! Handlers that answer as a proof tells them to.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use serde::de::DeserializeOwned;

use super::row::sample;
use crate::context::Scope;
use crate::problem::Problem;

/// The script of all handlers of a stage. Cloning it shares it.
#[derive(Clone, Debug, Default)]
pub struct Script {
    arrivals: Arc<AtomicUsize>,
    silent: Arc<AtomicBool>,
}

impl Script {
    /// What every generated handler does: counts the request and answers the sample, or never.
    ///
    /// # Errors
    /// Never: the type is a handler's.
    ///
    /// # Panics
    /// When the sample is not of the handler's type.
    pub async fn answer<T: DeserializeOwned>(
        &self,
        scope: &Arc<Scope>,
        json: &'static str,
    ) -> Result<T, Problem> {
        // The scope is asked for so that handlers hand over all that they know; scripts may come to depend on it.
        let _ = scope;
        self.arrivals.fetch_add(1, Ordering::SeqCst);
        if self.silent.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        Ok(sample(json))
    }

    /// No handler answers from now on.
    pub(super) fn never_answer(&self) {
        self.silent.store(true, Ordering::SeqCst);
    }

    /// How many requests reached a handler.
    pub(super) fn arrivals(&self) -> usize {
        self.arrivals.load(Ordering::SeqCst)
    }
}
