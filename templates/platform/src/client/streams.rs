//! Calls over gRPC that send or read many messages.
//!
//! An attempt succeeds when its answer begins, so the edge's `timeout` bounds the wait for that and its `deadline` the
//! whole call. A stream that was begun to be sent is never sent again; what was read of an answer is never read again.

use std::marker::PhantomData;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{StreamExt, stream};
use http::uri::PathAndQuery;
use prost::Message;
use tokio::sync::oneshot;
use tokio_util::sync::{CancellationToken, DropGuard};
use tonic::Status;

use super::Bound;
use super::connection::Instance;
use super::grpc::{Encoded, Grpc, addressed, dial, failure, is_broken, refused, understood};
use super::spans::{AttemptSpan, Wire};
use super::travel::{Leg, Travel};
use crate::problem::Problem;
use crate::resilience::{Attempt, Failure, Opened, Verdict};
use crate::stream::Streaming;

/// Messages on their way out, encoded.
type Sent = BoxStream<'static, Result<Bytes, Status>>;

/// What is asked.
enum Asked {
    /// One message, which each attempt may send.
    Once(Bytes),
    /// Messages as they come, for the one attempt that takes them.
    Stream(Mutex<Option<Sent>>),
}

impl Asked {
    fn messages(&self) -> Option<Sent> {
        match self {
            Self::Once(message) => {
                let message = Ok(message.clone());
                Some(stream::once(std::future::ready(message)).boxed())
            }
            Self::Stream(messages) => messages
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take(),
        }
    }

    /// What a failure means after the messages were taken: a stream cannot be sent again, even if nothing of it arrived.
    fn failed(&self, failure: Failure) -> Failure {
        match (self, failure.verdict) {
            (Self::Stream(_), Verdict::NotSent) => {
                let verdict = Verdict::Transient { retry_after: None };
                Failure::new(failure.problem, verdict)
            }
            _ => failure,
        }
    }
}

impl Grpc {
    /// Makes one attempt; what it answers, as far as its head.
    async fn begin<M: Message + Default + 'static>(
        &self,
        path: &'static str,
        asked: &Asked,
        travel: &Travel,
        attempt: Attempt,
    ) -> Result<tonic::Streaming<M>, Failure> {
        let repeatable = matches!(asked, Asked::Once(_));
        travel
            .attempt(attempt, repeatable, |leg| async move {
                let leg = &leg;
                let begun = self.instances.send(|instance| async move {
                    let mut span = leg.span(&instance.origin);
                    let begun = begin_at(instance, path, asked, leg, &mut span).await;
                    span.ended(begun)
                });
                let answer = begun.await?;
                leg.came_back(answer.metadata().as_ref());
                Ok(answer.into_inner())
            })
            .await
    }
}

/// Begins one attempt at one instance.
async fn begin_at<M: Message + Default + 'static>(
    instance: &Instance,
    path: &'static str,
    asked: &Asked,
    leg: &Leg<'_>,
    span: &mut AttemptSpan,
) -> Result<tonic::Response<tonic::Streaming<M>>, Failure> {
    let mut client = dial(instance).await?;
    let Some(messages) = asked.messages() else {
        let problem = Problem::unavailable("a stream is sent once");
        return Err(Failure::new(problem, Verdict::Fatal));
    };
    let request = addressed(messages, leg, span);
    let path = PathAndQuery::from_static(path);
    let begun = client.streaming(request, path, Encoded(PhantomData)).await;
    begun.map_err(|status| asked.failed(refused(&status, span)))
}

impl Bound {
    /// Calls an operation that answers a stream of `R`, each a `B` on the wire. It is asked again until its answer begins.
    ///
    /// # Errors
    /// Why the answer did not begin; what ends it later is in the stream.
    pub async fn grpc_server_stream<A, B, Q, R>(
        &self,
        operation: &'static str,
        path: &'static str,
        request: Q,
    ) -> Result<Streaming<R>, Problem>
    where
        A: Message + From<Q>,
        B: Message + Default + 'static,
        R: TryFrom<B> + Send + 'static,
        Problem: From<R::Error>,
    {
        let asked = Asked::Once(Bytes::from(A::from(request).encode_to_vec()));
        let (answer, opened) = self.open::<B>(operation, path, &asked).await?;
        Ok(self.read(answer, opened, None))
    }

    /// Calls an operation that takes a stream of `Q`, each an `A` on the wire, and answers once. It is asked once.
    ///
    /// # Errors
    /// As of [`Bound::grpc`]; the problem of `requests` itself if it breaks off, which the callee is not given for an end.
    pub async fn grpc_client_stream<A, B, Q, R>(
        &self,
        operation: &'static str,
        path: &'static str,
        requests: Streaming<Q>,
    ) -> Result<R, Problem>
    where
        A: Message + From<Q> + 'static,
        B: Message + Default + 'static,
        Q: Send + 'static,
        R: TryFrom<B>,
        Problem: From<R::Error>,
    {
        let grpc = self.over_grpc()?;
        let policy = self.policy(operation)?;
        let travel = &self.travelling(operation, Wire::Grpc(path));
        let (asked, mut asking) = sending::<A, Q>(requests);
        let asked = &asked;
        let call = policy.call(self.scope.deadline, |attempt| async move {
            let answer = grpc.begin::<B>(path, asked, travel, attempt).await?;
            only(answer).await.map_err(|status| failure(&status))
        });
        let answer = tokio::select! {
            biased;
            problem = asking.failed() => Err(problem),
            answer = call => answer.map_err(|failure| travel.call().failed(failure)),
        }?;
        understood(self.edge.name, answer)
    }

    /// Calls an operation that takes a stream and answers one, both at the same time. It is asked once.
    ///
    /// # Errors
    /// Why the answer did not begin; what ends it later, such as the problem that broke `requests` off, is in the stream.
    pub async fn grpc_bidi<A, B, Q, R>(
        &self,
        operation: &'static str,
        path: &'static str,
        requests: Streaming<Q>,
    ) -> Result<Streaming<R>, Problem>
    where
        A: Message + From<Q> + 'static,
        B: Message + Default + 'static,
        Q: Send + 'static,
        R: TryFrom<B> + Send + 'static,
        Problem: From<R::Error>,
    {
        let (asked, mut asking) = sending::<A, Q>(requests);
        let (answer, opened) = tokio::select! {
            biased;
            problem = asking.failed() => Err(problem),
            begun = self.open::<B>(operation, path, &asked) => begun,
        }?;
        Ok(self.read(answer, opened, Some(asking)))
    }

    /// Makes a call until its answer begins.
    async fn open<B: Message + Default + 'static>(
        &self,
        operation: &'static str,
        path: &'static str,
        asked: &Asked,
    ) -> Result<(tonic::Streaming<B>, Opened), Problem> {
        let grpc = self.over_grpc()?;
        let policy = self.policy(operation)?;
        let travel = &self.travelling(operation, Wire::Grpc(path));
        let attempt = |attempt: Attempt| {
            // The callee is told when the whole must be done, not when it must begin.
            let whole = Attempt {
                deadline: attempt.until,
                ..attempt
            };
            grpc.begin::<B>(path, asked, travel, whole)
        };
        let opened = policy.open(self.scope.deadline, attempt).await;
        opened.map_err(|failure| travel.call().failed(failure))
    }

    /// The messages of an answer that began.
    fn read<B, R>(
        &self,
        answer: tonic::Streaming<B>,
        opened: Opened,
        asking: Option<Asking>,
    ) -> Streaming<R>
    where
        B: Message + Default + 'static,
        R: TryFrom<B> + Send + 'static,
        Problem: From<R::Error>,
    {
        let edge = self.edge.name;
        let state = (answer, opened, asking);
        let next = move |(mut answer, opened, mut asking): (_, Opened, Option<Asking>)| async move {
            let came = tokio::select! {
                biased;
                problem = failed(asking.as_mut()) => return Err(problem),
                problem = opened.expired() => return Err(problem),
                came = tonic::Streaming::message(&mut answer) => came,
            };
            match came {
                Ok(None) => Ok(None),
                Ok(Some(message)) => understood(edge, message)
                    .map(|message| Some((message, (answer, opened, asking)))),
                Err(status) => {
                    if is_broken(&status) {
                        opened.broke();
                    }
                    Err(failure(&status).problem)
                }
            }
        };
        stream::try_unfold(state, next).boxed()
    }
}

/// The one message of an answer.
async fn only<M>(mut answer: tonic::Streaming<M>) -> Result<M, Status> {
    let message = answer.message().await?;
    // The status comes after the message.
    answer.trailers().await?;
    message.ok_or_else(|| Status::internal("the answer holds no message"))
}

/// The caller's side of a stream that is sent. When it is dropped, what was not sent yet never will be.
struct Asking {
    failed: Option<oneshot::Receiver<Problem>>,
    _over: DropGuard,
}

impl Asking {
    /// Resolves when what is sent breaks off, with the reason.
    async fn failed(&mut self) -> Problem {
        if let Some(failed) = &mut self.failed
            && let Ok(problem) = failed.await
        {
            return problem;
        }
        // It was sent to its end.
        self.failed = None;
        std::future::pending().await
    }
}

async fn failed(asking: Option<&mut Asking>) -> Problem {
    match asking {
        Some(asking) => asking.failed().await,
        None => std::future::pending().await,
    }
}

/// The messages as they are sent. One that is a problem breaks the request off: the callee must not take what came until
/// then for all.
fn sending<A, Q>(requests: Streaming<Q>) -> (Asked, Asking)
where
    A: Message + From<Q> + 'static,
    Q: Send + 'static,
{
    let (tell, failed) = oneshot::channel();
    let over = CancellationToken::new();
    let asking = Asking {
        failed: Some(failed),
        _over: over.clone().drop_guard(),
    };
    let next = move |state: Option<(Streaming<Q>, oneshot::Sender<Problem>)>| {
        let over = over.clone();
        async move {
            let (mut requests, tell) = state?;
            let broken_off = || Some((Err(Status::cancelled("the request broke off")), None));
            let next = tokio::select! {
                biased;
                () = over.cancelled() => return broken_off(),
                next = requests.next() => next?,
            };
            match next {
                Ok(request) => {
                    let message = Bytes::from(A::from(request).encode_to_vec());
                    Some((Ok(message), Some((requests, tell))))
                }
                Err(problem) => {
                    // Nobody listens any more where the call has ended.
                    let _ = tell.send(problem);
                    broken_off()
                }
            }
        }
    };
    let messages = stream::unfold(Some((requests, tell)), next).boxed();
    (Asked::Stream(Mutex::new(Some(messages))), asking)
}
