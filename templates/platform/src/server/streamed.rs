//! Operations over gRPC that take or answer many messages.
//!
//! A stream passes its gate once, when it begins. The operation's `timeout` bounds the wait for its answer to begin, the
//! caller's deadline the whole of it. What began ends early when that deadline passes, when the user's token does, and
//! when the service stops.

use std::any::TypeId;
use std::marker::PhantomData;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use futures_util::{FutureExt, StreamExt, TryStreamExt, stream};
use prost::Message;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tonic::Status;
use tonic_prost::ProstCodec;
use tower::service_fn;
use tracing::Instrument;

use super::answering::{Answering, Call, Recorded, expired};
use super::answers::{Answers, Uploads, named};
use super::gate::Gate;
use super::grpc::{Failure, marked, not_grpc, timeout, undecoded};
use super::operation::unpanicked;
use super::spans::Spans;
use super::{Connection, Wire};
use crate::clock::Instant;
use crate::context::{Bind, Context, Scope, Trace};
use crate::error::Error;
use crate::policy::Protocol;
use crate::problem::Problem;
use crate::stream::Streaming;
use crate::validate::Validate;

/// Where an operation with streams is found; `I` is what it takes, `O` what it answers.
#[derive(Clone, Copy, Debug)]
pub struct Streamed<I, O> {
    pub(super) operation: &'static str,
    pub(super) path: &'static str,
    shape: PhantomData<fn(I) -> O>,
}

/// One message, `W` on the wire.
#[derive(Clone, Copy, Debug)]
pub struct One<W>(PhantomData<fn() -> W>);

/// Many messages, each a `W` on the wire.
#[derive(Clone, Copy, Debug)]
pub struct Many<W>(PhantomData<fn() -> W>);

/// An operation at `path` (`/package.Service/Method`) that is asked once and answers many messages.
pub const fn server_stream<Q, R>(
    operation: &'static str,
    path: &'static str,
) -> Streamed<One<Q>, Many<R>> {
    streamed(operation, path)
}

/// An operation that is asked by many messages and answers once.
pub const fn client_stream<Q, R>(
    operation: &'static str,
    path: &'static str,
) -> Streamed<Many<Q>, One<R>> {
    streamed(operation, path)
}

/// An operation whose two sides both send many messages.
pub const fn bidi<Q, R>(operation: &'static str, path: &'static str) -> Streamed<Many<Q>, Many<R>> {
    streamed(operation, path)
}

const fn streamed<I, O>(operation: &'static str, path: &'static str) -> Streamed<I, O> {
    Streamed {
        operation,
        path,
        shape: PhantomData,
    }
}

/// How what comes in becomes what a handler takes, a `Q`. Each message is checked before the handler sees it.
pub trait Incoming<Q>: 'static {
    /// A message on the wire.
    type Wire: Message + Default + 'static;

    /// Takes it; no message may have more than `most` bytes.
    ///
    /// # Errors
    /// When it is not what the operation takes.
    fn take(
        messages: tonic::Streaming<Self::Wire>,
        most: usize,
    ) -> impl Future<Output = Result<Q, Problem>> + Send;
}

impl<W, Q> Incoming<Q> for One<W>
where
    W: Message + Default + 'static,
    Q: TryFrom<W> + Validate + Send + 'static,
    Problem: From<Q::Error>,
{
    type Wire = W;

    async fn take(mut messages: tonic::Streaming<W>, most: usize) -> Result<Q, Problem> {
        next(&mut messages, most)
            .await?
            .ok_or_else(|| Problem::invalid_input("no message came"))
    }
}

impl<W, Q> Incoming<Streaming<Q>> for Many<W>
where
    W: Message + Default + 'static,
    Q: TryFrom<W> + Validate + Send + 'static,
    Problem: From<Q::Error>,
{
    type Wire = W;

    async fn take(messages: tonic::Streaming<W>, most: usize) -> Result<Streaming<Q>, Problem> {
        let each = move |mut messages| async move {
            let message = next(&mut messages, most).await?;
            Ok(message.map(|message| (message, messages)))
        };
        Ok(stream::try_unfold(messages, each).boxed())
    }
}

/// The next message, checked.
async fn next<W, Q>(messages: &mut tonic::Streaming<W>, most: usize) -> Result<Option<Q>, Problem>
where
    Q: TryFrom<W> + Validate,
    Problem: From<Q::Error>,
{
    let came = messages.message().await;
    let Some(message) = came.map_err(|status| undecoded(&status, most))? else {
        return Ok(None);
    };
    Q::try_from(message)
        .map_err(Problem::from)?
        .valid()
        .map(Some)
}

/// How what a handler answers, an `R`, goes out.
pub trait Outgoing<R>: 'static {
    /// A message on the wire.
    type Wire: Message + 'static;

    /// Whether the answer goes on after it began.
    const GOES_ON: bool;

    /// Its messages.
    fn give(answer: R) -> Streaming<Self::Wire>;
}

impl<W: Message + From<R> + 'static, R: Send + 'static> Outgoing<R> for One<W> {
    type Wire = W;

    const GOES_ON: bool = false;

    fn give(answer: R) -> Streaming<W> {
        stream::once(std::future::ready(Ok(W::from(answer)))).boxed()
    }
}

impl<W: Message + From<R> + 'static, R: 'static> Outgoing<Streaming<R>> for Many<W> {
    type Wire = W;

    const GOES_ON: bool = true;

    fn give(answer: Streaming<R>) -> Streaming<W> {
        answer.map_ok(W::from).boxed()
    }
}

/// A handler of streams behind its gate.
pub(super) struct Streams<A, L, H, C, Q, R, I, O> {
    gate: Arc<Gate>,
    spans: Spans,
    app: Arc<A>,
    links: Arc<L>,
    handler: H,
    /// The answers to uploads that were given before, each with whether a sample is in it.
    uploads: Option<Box<dyn Uploads<(R, bool)>>>,
    shape: Shape<Q, R, I, O, C>,
}

/// What is known of an operation's types alone.
type Shape<Q, R, I, O, C> = PhantomData<fn(Q, I) -> (R, O, C)>;

impl<A, L, H, F, C, Q, R, I, O> Streams<A, L, H, C, Q, R, I, O>
where
    A: Send + Sync + 'static,
    L: Send + Sync + 'static,
    C: Bind<L> + Send + 'static,
    Q: Send + 'static,
    R: Send + 'static,
    I: Incoming<Q>,
    O: Outgoing<R>,
    H: Fn(Arc<A>, Context<C>, Q) -> F + Send + Sync + 'static,
    F: Future<Output = Result<R, Problem>> + Send + 'static,
{
    pub(super) fn new(
        wire: &Wire<A, L>,
        api: &str,
        streamed: Streamed<I, O>,
        handler: H,
    ) -> Result<Self, Error> {
        let gate = Gate::new(wire, api, streamed.operation, Protocol::Grpc)?;
        gate.judges(TypeId::of::<Q>())?;
        Ok(Self {
            spans: Spans::grpc(&gate, streamed.path),
            gate: Arc::new(gate),
            app: wire.app.clone(),
            links: wire.links.clone(),
            handler,
            uploads: None,
            shape: PhantomData,
        })
    }

    /// Keeps its answers as the policy says, to be given again to repeats.
    pub(super) fn kept(
        mut self,
        wire: &Wire<A, L>,
        api: &str,
        operation: &str,
    ) -> Result<Self, Error>
    where
        R: Serialize + DeserializeOwned + Clone + Sync,
    {
        let answers = Answers::of(wire, &self.gate, api, operation)?;
        self.uploads = answers.map(|answers| Box::new(answers) as Box<dyn Uploads<_>>);
        Ok(self)
    }

    pub(super) async fn serve(&self, request: Request) -> Response {
        if let Some(refusal) = not_grpc(request.headers()) {
            return refusal;
        }
        let arrived = self.gate.host.setup().clock.now();
        let trace = self.gate.trace(request.headers());
        let span = Recorded::new(self.spans.begin(&self.gate, &trace, request.headers()));
        let begun = self
            .begin(request, trace, arrived, span.clone())
            .instrument(self.gate.span(&trace));
        begun.await.unwrap_or_else(|problem| {
            self.gate.count(arrived, Some(&problem));
            span.answered(Some(&problem));
            Status::from(problem).into_http()
        })
    }

    /// The answer, as far as its head.
    async fn begin(
        &self,
        request: Request,
        trace: Trace,
        arrived: Instant,
        span: Recorded,
    ) -> Result<Response, Problem> {
        let gate = &self.gate;
        // The place is held until the last message.
        let place = gate.enter()?.lasting();
        let asked = timeout(request.headers())?;
        let begins = gate.budget(asked);
        // Where the answer is one message, to begin it is to end it.
        let ends = if O::GOES_ON {
            gate.bound(asked)
        } else {
            begins
        };
        let work = async {
            let connection: Arc<Connection> =
                request.extensions().get().cloned().unwrap_or_default();
            let headers = request.headers();
            let scope = gate.admit(headers, &connection, ends, trace).await?;
            let call = Call {
                scope: Arc::new(scope),
                place,
                arrived,
                span,
            };
            self.answer(request, call).await
        };
        gate.within(begins, pin!(work)).await
    }

    /// Lets tonic decode the messages that come and encode those that go.
    async fn answer(&self, request: Request, call: Call) -> Result<Response, Problem> {
        let most = self.gate.policy.max_body.unwrap_or(usize::MAX);
        let mut tonic = tonic::server::Grpc::new(ProstCodec::<O::Wire, I::Wire>::default())
            .max_decoding_message_size(most);
        let failure = Failure::default();
        let mut call = Some(call);
        let handle = service_fn(|request: tonic::Request<tonic::Streaming<I::Wire>>| {
            let (call, failure) = (call.take(), &failure);
            async move {
                let answer = match call {
                    Some(call) => self.handle(call, request.into_inner(), most).await,
                    None => Err(Problem::internal("one request was handled twice")),
                };
                answer.map_err(|problem| failure.keep(problem))
            }
        });
        let response = tonic.streaming(handle, request).await;
        failure.told(response.map(Body::new), most)
    }

    /// Runs the handler until its answer begins.
    async fn handle(
        &self,
        call: Call,
        messages: tonic::Streaming<I::Wire>,
        most: usize,
    ) -> Result<tonic::Response<Answering<O::Wire>>, Problem> {
        let scope = &call.scope;
        let run = async {
            let request = I::take(messages, most).await?;
            self.gate.judge(scope, &request)?;
            self.run(scope, request).await
        };
        let ((answer, sample), replayed) = tokio::select! {
            biased;
            problem = expired(scope) => Err(problem),
            answer = run => answer,
        }?;
        if replayed {
            self.gate.replayed();
        }
        let messages = AssertUnwindSafe(O::give(answer)).catch_unwind();
        let messages = messages.map(|message| {
            message.unwrap_or_else(|_| Err(Problem::internal("the handler broke off")))
        });
        let goes_on = O::GOES_ON;
        let answering = Answering::new(self.gate.clone(), call, messages.boxed(), goes_on);
        Ok(marked(tonic::Response::new(answering), replayed, sample))
    }

    /// Runs the handler, or finds what it answered before: its answer, whether a sample is in it, and whether it was
    /// given before.
    async fn run(&self, scope: &Arc<Scope>, request: Q) -> Result<((R, bool), bool), Problem> {
        let work = || {
            let context = Context::new(&*self.links, scope.clone());
            let run = unpanicked((self.handler)(self.app.clone(), context, request));
            let scope = scope.clone();
            async move { Ok((run.await?, scope.sampled.is_made())) }
        };
        match (&self.uploads, &scope.idempotency_key) {
            (Some(uploads), Some(key)) => {
                let key = named(key, scope);
                let work = Box::new(|| work().boxed());
                uploads.answer(&self.gate, key, work).await
            }
            _ => Ok((work().await?, false)),
        }
    }
}
