//! One operation on one protocol: its gate, its handler, and what stands between them.

use std::any::TypeId;
use std::marker::PhantomData;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Wire;
use super::answers::{Answers, named};
use super::gate::Gate;
use crate::context::{Bind, Context, Scope};
use crate::error::Error;
use crate::policy::{Idempotent, Protocol};
use crate::problem::Problem;
use crate::validate::Validate;

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
        let replay = Answers::of(wire, &gate, api, operation)?;
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
                let work = || self.run(scope.clone(), request);
                answers.answer(&self.gate, &key, &json, work).await?
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
        Ok(Some(Named {
            key: named(&key, scope),
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
