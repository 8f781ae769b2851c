//! Handlers that answer as a proof tells them to.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use futures_util::{StreamExt, TryStreamExt, stream};
use serde::de::DeserializeOwned;

use super::row::sample;
use crate::context::Scope;
use crate::problem::Problem;
use crate::stream::Streaming;

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

    /// The same of a handler that answers a stream, which holds the sample alone.
    ///
    /// # Errors
    /// Never: the type is a handler's.
    ///
    /// # Panics
    /// When the sample is not of the handler's type.
    pub async fn answer_stream<T: DeserializeOwned + Send + 'static>(
        &self,
        scope: &Arc<Scope>,
        json: &'static str,
    ) -> Result<Streaming<T>, Problem> {
        let message = self.answer(scope, json).await?;
        Ok(stream::once(std::future::ready(Ok(message))).boxed())
    }

    /// Reads what a handler is asked by to its end.
    ///
    /// # Errors
    /// The problem that ends it.
    pub async fn read<T>(&self, mut messages: Streaming<T>) -> Result<(), Problem> {
        while messages.try_next().await?.is_some() {}
        Ok(())
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
