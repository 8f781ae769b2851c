//! An answer of many messages, from its first to its last.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::{Stream, StreamExt};
use tokio_util::sync::CancellationToken;
use tonic::Status;
use tracing::Span;

use super::Place;
use super::gate::Gate;
use super::spans::RequestSpan;
use crate::clock::Instant;
use crate::context::Scope;
use crate::problem::Problem;
use crate::stream::Streaming;

/// One call that was let in.
pub(super) struct Call {
    pub(super) scope: Arc<Scope>,
    /// Its place among the requests in flight.
    pub(super) place: Place<'static>,
    pub(super) arrived: Instant,
    pub(super) span: Recorded,
}

/// The span of a call, told its end once; untold, it says that nobody waited any longer.
#[derive(Clone)]
pub(super) struct Recorded(Arc<Mutex<Option<RequestSpan>>>);

impl Recorded {
    pub(super) fn new(span: RequestSpan) -> Self {
        Self(Arc::new(Mutex::new(Some(span))))
    }

    /// The call ended so.
    pub(super) fn answered(&self, problem: Option<&Problem>) {
        let span = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(span) = span {
            span.answered_grpc(problem);
        }
    }
}

/// The messages of an answer. It is counted once, by how it ended; how long it took to begin is its duration.
pub(super) struct Answering<W> {
    messages: Streaming<W>,
    /// Gives the reason why it must end before its messages do.
    end: Pin<Box<dyn Future<Output = Problem> + Send>>,
    gate: Arc<Gate>,
    span: Span,
    recorded: Recorded,
    began: Duration,
    ended: bool,
    _place: Place<'static>,
}

impl<W> Answering<W> {
    /// The answer to `call`. One that does not go on is whole already, and ends by itself alone.
    pub(super) fn new(gate: Arc<Gate>, call: Call, messages: Streaming<W>, goes_on: bool) -> Self {
        let Call {
            scope,
            place,
            arrived,
            span: recorded,
        } = call;
        let began = scope.clock.now().saturating_duration_since(arrived);
        let stopping = gate.host.stopping().clone();
        let span = Span::current();
        Self {
            messages,
            end: if goes_on {
                Box::pin(end(scope, stopping))
            } else {
                Box::pin(std::future::pending())
            },
            gate,
            span,
            recorded,
            began,
            ended: false,
            _place: place,
        }
    }

    fn end(&mut self, problem: Option<&Problem>) {
        self.ended = true;
        self.gate.count_after(self.began, problem);
        self.recorded.answered(problem);
    }
}

impl<W> Stream for Answering<W> {
    type Item = Result<W, Status>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if this.ended {
            return Poll::Ready(None);
        }
        let _in = this.span.clone().entered();
        let next = match this.end.as_mut().poll(context) {
            Poll::Ready(problem) => Some(Err(problem)),
            Poll::Pending => std::task::ready!(this.messages.poll_next_unpin(context)),
        };
        Poll::Ready(match next {
            Some(Ok(message)) => Some(Ok(message)),
            Some(Err(problem)) => {
                this.end(Some(&problem));
                Some(Err(problem.into()))
            }
            None => {
                this.end(None);
                None
            }
        })
    }
}

/// Nobody read it to its end.
impl<W> Drop for Answering<W> {
    fn drop(&mut self) {
        if !self.ended {
            self.gate.count_abandoned(self.began);
        }
    }
}

impl<W> fmt::Debug for Answering<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answering").finish_non_exhaustive()
    }
}

/// Resolves when a stream must end, with the reason.
async fn end(scope: Arc<Scope>, stopping: CancellationToken) -> Problem {
    tokio::select! {
        () = sleep_until(scope.deadline) => {
            Problem::deadline_exceeded("the caller's deadline has passed")
        }
        problem = expired(&scope) => problem,
        () = stopping.cancelled() => {
            Problem::unavailable("this instance stops; the stream goes on at another one")
        }
    }
}

/// Resolves when the user's token ends.
pub(super) async fn expired(scope: &Scope) -> Problem {
    let expires = scope.user.as_ref().and_then(|user| user.expires());
    sleep_until(expires.and_then(|at| scope.clock.at_unix_seconds(at))).await;
    Problem::unauthenticated("the token has expired")
}

async fn sleep_until(until: Option<Instant>) {
    match until {
        Some(until) => tokio::time::sleep_until(until).await,
        None => std::future::pending().await,
    }
}
