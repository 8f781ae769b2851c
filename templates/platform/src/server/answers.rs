//! The answers that were given before: by this instance, or by any of them.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Wire;
use super::gate::Gate;
use super::kept::Kept;
use super::quota::Who;
use super::replay::Replay;
use crate::context::Scope;
use crate::error::Error;
use crate::policy::Idempotent;
use crate::problem::Problem;

/// Hashes requests; keyed by a secret of this process, so that nobody can make two requests look the same.
static REQUESTS: LazyLock<RandomState> = LazyLock::new(RandomState::new);

/// The budget of work that goes on without its caller, where the operation has no timeout of its own.
const UNATTENDED: Duration = Duration::from_secs(60);

/// The answers of one operation.
pub(super) enum Answers<T> {
    Own(Arc<Replay<T>>),
    Shared(Kept),
}

impl<T> Answers<T>
where
    T: Serialize + DeserializeOwned + Clone + Send + Sync + 'static,
{
    /// Those of the gate's operation, if repetitions of it are to be known.
    ///
    /// # Errors
    /// When answers of another type are kept for it already.
    pub(super) fn of<A, L>(
        wire: &Wire<A, L>,
        gate: &Gate,
        api: &str,
        operation: &str,
    ) -> Result<Option<Self>, Error> {
        let (Idempotent::Key { window } | Idempotent::By { window, .. }) =
            gate.policy.idempotent.unwrap_or(Idempotent::Natural)
        else {
            return Ok(None);
        };
        Ok(Some(match wire.host.state() {
            None => {
                let clock = wire.host.setup().clock;
                let make = || Replay::new(window, clock);
                Self::Own(wire.host.shared(gate.name(), make)?)
            }
            Some(state) => {
                let budget = gate.policy.timeout.unwrap_or(UNATTENDED);
                let scope = format!("{api}.{operation}");
                Self::Shared(Kept::new(state.clone(), scope, window, budget))
            }
        }))
    }

    /// Does `work` for the first request under `key` and gives its answer to the others; tells whether it was given
    /// before. What they ask for is `asked`.
    ///
    /// # Errors
    /// What the work failed with; a conflict when the key was first used to ask for something else.
    pub(super) async fn answer<F>(
        &self,
        gate: &Gate,
        key: &Arc<str>,
        asked: &[u8],
        work: impl FnOnce() -> F,
    ) -> Result<(T, bool), Problem>
    where
        F: Future<Output = Result<T, Problem>> + Send + 'static,
    {
        let budget = gate.policy.timeout.unwrap_or(UNATTENDED);
        let work = || {
            let run = work();
            async move {
                let late = |_| Err(Problem::timeout("the operation took too long"));
                tokio::time::timeout(budget, run).await.unwrap_or_else(late)
            }
        };
        match self {
            Self::Own(replay) => replay.answer(key, REQUESTS.hash_one(asked), work).await,
            Self::Shared(kept) => kept.answer(key, asked, work).await,
        }
    }
}

/// The key of a caller's request: no other caller finds its answer.
pub(super) fn named(key: &str, scope: &Scope) -> Arc<str> {
    let who = Who::best(&scope.caller, scope.user.as_deref());
    format!("{key}\n{who}").into()
}

/// The answers of an operation that takes a stream. The same key is the same request: its messages are not compared,
/// since those of a repeat are never read.
pub(super) trait Uploads<T>: Send + Sync {
    /// As [`Answers::answer`].
    fn answer<'a>(
        &'a self,
        gate: &'a Gate,
        key: Arc<str>,
        work: Work<'a, T>,
    ) -> BoxFuture<'a, Result<(T, bool), Problem>>;
}

/// Begins what is done for a request.
pub(super) type Work<'a, T> =
    Box<dyn FnOnce() -> BoxFuture<'static, Result<T, Problem>> + Send + 'a>;

impl<T> Uploads<T> for Answers<T>
where
    T: Serialize + DeserializeOwned + Clone + Send + Sync + 'static,
{
    fn answer<'a>(
        &'a self,
        gate: &'a Gate,
        key: Arc<str>,
        work: Work<'a, T>,
    ) -> BoxFuture<'a, Result<(T, bool), Problem>> {
        async move { self.answer(gate, &key, &[], work).await }.boxed()
    }
}
