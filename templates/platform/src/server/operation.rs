//! One operation on one protocol: its gate, its handler, and what stands between them.

use std::any::TypeId;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::marker::PhantomData;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use futures_util::FutureExt;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Wire;
use super::gate::Gate;
use super::kept::Kept;
use super::quota::Who;
use super::replay::Replay;
use crate::context::{Bind, Context, Scope};
use crate::error::Error;
use crate::policy::{Idempotent, Protocol};
use crate::problem::Problem;
use crate::validate::Validate;

/// Hashes requests; keyed by a secret of this process, so that nobody can make two requests look the same.
static REQUESTS: LazyLock<RandomState> = LazyLock::new(RandomState::new);

/// The budget of work that goes on without its caller, where the operation has no timeout of its own.
const UNATTENDED: Duration = Duration::from_secs(60);

/// A handler behind its gate.
pub(super) struct Operation<A, L, H, C, Q, R> {
    pub(super) gate: Gate,
    app: Arc<A>,
    links: Arc<L>,
    handler: H,
    /// Answers, each with whether it is a sample.
    replay: Option<Answers<(R, bool)>>,
    shape: PhantomData<fn(Q) -> C>,
}

/// The answers that were given before: by this instance, or by any of them.
enum Answers<T> {
    Own(Arc<Replay<T>>),
    Shared(Kept),
}

/// What tells a request from others: the name that its attempts have in common, and what they ask, as JSON.
struct Named {
    key: Arc<str>,
    json: Vec<u8>,
}

/// A handler's answer, and how it came about.
pub(super) struct Answer<R> {
    pub(super) value: R,
    /// It was given before.
    pub(super) replayed: bool,
    /// A sample of an operation that is not written yet is in it.
    pub(super) sample: bool,
}

impl<A, L, H, F, C, Q, R> Operation<A, L, H, C, Q, R>
where
    A: Send + Sync + 'static,
    L: Send + Sync + 'static,
    C: Bind<L> + Send + 'static,
    Q: Serialize + Validate + Send + 'static,
    R: Serialize + DeserializeOwned + Clone + Send + Sync + 'static,
    H: Fn(Arc<A>, Context<C>, Q) -> F + Send + Sync + 'static,
    F: Future<Output = Result<R, Problem>> + Send + 'static,
{
    pub(super) fn new(
        wire: &Wire<A, L>,
        api: &str,
        operation: &str,
        protocol: Protocol,
        handler: H,
    ) -> Result<Self, Error> {
        let gate = Gate::new(wire, api, operation, protocol)?;
        gate.judges(TypeId::of::<Q>())?;
        let replay = match gate.policy.idempotent {
            Some(Idempotent::Key { window } | Idempotent::By { window, .. }) => {
                Some(match wire.host.state() {
                    None => {
                        let clock = wire.host.setup().clock;
                        let make = || Replay::new(window, clock);
                        Answers::Own(wire.host.shared(gate.name(), make)?)
                    }
                    Some(state) => {
                        let budget = gate.policy.timeout.unwrap_or(UNATTENDED);
                        let scope = format!("{api}.{operation}");
                        Answers::Shared(Kept::new(state.clone(), scope, window, budget))
                    }
                })
            }
            Some(Idempotent::Natural) | None => None,
        };
        let (app, links) = (wire.app.clone(), wire.links.clone());
        Ok(Self {
            gate,
            app,
            links,
            handler,
            replay,
            shape: PhantomData,
        })
    }

    /// Checks a decoded request and gives the handler's answer to it.
    pub(super) async fn answer(&self, scope: Scope, request: Q) -> Result<Answer<R>, Problem> {
        let request = request.valid()?;
        self.gate.judge(&scope, &request)?;
        let scope = Arc::new(scope);
        let repeat = match &self.replay {
            Some(answers) => self.named(&scope, &request)?.map(|named| (answers, named)),
            None => None,
        };
        let ((value, sample), replayed) = match repeat {
            None => (self.run(scope, request).await?, false),
            Some((answers, Named { key, json })) => {
                let budget = self.gate.policy.timeout.unwrap_or(UNATTENDED);
                let work = || {
                    let run = self.run(scope.clone(), request);
                    async move {
                        let late = |_| Err(Problem::timeout("the operation took too long"));
                        tokio::time::timeout(budget, run).await.unwrap_or_else(late)
                    }
                };
                match answers {
                    Answers::Own(replay) => {
                        let hash = REQUESTS.hash_one(json);
                        replay.answer(&key, hash, work).await?
                    }
                    Answers::Shared(kept) => kept.answer(&key, &json, work).await?,
                }
            }
        };
        if replayed {
            self.gate.replayed();
        }
        Ok(Answer {
            value,
            replayed,
            sample,
        })
    }

    /// Runs the handler; its answer, and whether a sample is in it.
    fn run(
        &self,
        scope: Arc<Scope>,
        request: Q,
    ) -> impl Future<Output = Result<(R, bool), Problem>> + Send + use<A, L, H, F, C, Q, R> {
        let context = Context::new(&*self.links, scope.clone());
        let run = unpanicked((self.handler)(self.app.clone(), context, request));
        async move {
            let value = run.await?;
            Ok((value, scope.sampled.is_made()))
        }
    }

    /// What tells this request from others, if anything does.
    fn named(&self, scope: &Scope, request: &Q) -> Result<Option<Named>, Problem> {
        let unwritable =
            |error| Problem::internal(format!("the request cannot be written as JSON: {error}"));
        let key = match self.gate.policy.idempotent {
            Some(Idempotent::Key { .. }) => match &scope.idempotency_key {
                Some(key) => key.to_string(),
                None => return Ok(None),
            },
            Some(Idempotent::By { field, .. }) => {
                let value = match request.key(field) {
                    Some(value) => value,
                    None => {
                        let mut request = serde_json::to_value(request).map_err(unwritable)?;
                        match request.get_mut(field) {
                            Some(value) => value.take(),
                            None => return Ok(None),
                        }
                    }
                };
                value.to_string()
            }
            Some(Idempotent::Natural) | None => return Ok(None),
        };
        let json = serde_json::to_vec(request).map_err(unwritable)?;
        let who = Who::best(&scope.caller, scope.user.as_deref());
        Ok(Some(Named {
            key: format!("{key}\n{who}").into(),
            json,
        }))
    }
}

/// Whether `T` holds nothing: an operation without parameters, or without a result.
pub(super) fn is_nothing<T: 'static>() -> bool {
    TypeId::of::<T>() == TypeId::of::<()>()
}

/// Turns a panic of the handler into a problem: it must not take the connection's other requests with it.
pub(super) async fn unpanicked<T>(
    work: impl Future<Output = Result<T, Problem>>,
) -> Result<T, Problem> {
    AssertUnwindSafe(work)
        .catch_unwind()
        .await
        .unwrap_or_else(|_| Err(Problem::internal("the handler broke off")))
}
