//! Calls over gRPC; here those of one message, answered by one.

use std::convert::Infallible;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use bytes::{BufMut, Bytes};
use http::Uri;
use http::uri::PathAndQuery;
use prost::Message;
use rustls::ClientConfig;
use tonic::codec::{Codec, EncodeBuf, Encoder};
use tonic::metadata::MetadataMap;
use tonic::{Code, Request, Status};
use tonic_prost::{ProstCodec, ProstDecoder};

use super::balance::Balance;
use super::connection::{Broken, Connected, Instance};
use super::spans::{AttemptSpan, Wire};
use super::travel::Leg;
use super::{Bound, Transport};
use crate::problem::Problem;
use crate::resilience::{Failure, Verdict};

/// A callee's instances, over gRPC.
pub(super) struct Grpc {
    pub instances: Balance<Instance>,
}

impl Grpc {
    pub fn new(addresses: &[Uri], tls: Option<Arc<ClientConfig>>) -> Result<Self, String> {
        let instances = addresses
            .iter()
            .map(|origin| Instance::new(origin.clone(), tls.clone()));
        Ok(Self {
            instances: Balance::new(instances.collect::<Result<_, _>>()?),
        })
    }

    /// Sends one attempt. The message is encoded already, so that attempts share its bytes.
    async fn send<M: Message + Default + 'static>(
        &self,
        path: &'static str,
        message: &Bytes,
        leg: &Leg<'_>,
    ) -> Result<M, Failure> {
        let sent = self.instances.send(|instance| async move {
            let mut span = leg.span(&instance.origin);
            let sent = send_to(instance, path, message, leg, &mut span).await;
            span.ended(sent)
        });
        sent.await
    }
}

/// Sends one attempt to one instance.
async fn send_to<M: Message + Default + 'static>(
    instance: &Instance,
    path: &'static str,
    message: &Bytes,
    leg: &Leg<'_>,
    span: &mut AttemptSpan,
) -> Result<M, Failure> {
    let mut client = dial(instance).await?;
    let request = addressed(Ok(message.clone()), leg, span);
    let path = PathAndQuery::from_static(path);
    let answer = client.unary(request, path, Encoded(PhantomData)).await;
    let answer = answer.map_err(|status| refused(&status, span))?;
    span.answered_grpc(Code::Ok);
    leg.came_back(answer.metadata().as_ref());
    Ok(answer.into_inner())
}

/// A client of one instance, connected.
pub(super) async fn dial(instance: &Instance) -> Result<tonic::client::Grpc<Connected>, Failure> {
    let connected = instance.connected().await.map_err(broken)?;
    let mut client = tonic::client::Grpc::with_origin(connected, instance.origin.clone());
    client.ready().await.map_err(broken)?;
    Ok(client)
}

/// A request with what travels with it.
pub(super) fn addressed<T>(request: T, leg: &Leg<'_>, span: &AttemptSpan) -> Request<T> {
    let mut request = Request::new(request);
    *request.metadata_mut() = MetadataMap::from_headers(leg.headers(span));
    if let Some(left) = leg.millis_left() {
        request.set_timeout(Duration::from_millis(left));
    }
    request
}

impl Bound {
    /// Calls `operation`, whose gRPC path is `path`: `Q` is sent as the message `A`, and `B` comes back as an `R`.
    ///
    /// # Errors
    /// What the callee answered, as this service's callers may see it, or what the edge's policy made of it.
    pub async fn grpc<A, B, Q, R>(
        &self,
        operation: &'static str,
        path: &'static str,
        request: Q,
    ) -> Result<R, Problem>
    where
        A: Message + From<Q>,
        B: Message + Default + 'static,
        R: TryFrom<B>,
        Problem: From<R::Error>,
    {
        let grpc = self.over_grpc()?;
        let policy = self.policy(operation)?;
        let travel = &self.travelling(operation, Wire::Grpc(path));
        let message = &Bytes::from(A::from(request).encode_to_vec());
        let read = |answer: B| understood(self.edge.name, answer);
        let result = policy
            .call(self.scope.deadline, |attempt| {
                travel.attempt(attempt, true, |leg| async move {
                    grpc.send(path, message, &leg).await
                })
            })
            .await
            .map_err(|failure| travel.call().failed(failure));
        let Some(fallback) = self.edge.fallbacks.get(operation) else {
            return read(result?);
        };
        let result = result.and_then(|answer| {
            let kept = Bytes::from(answer.encode_to_vec());
            Ok((read(answer)?, kept))
        });
        let kept = |(_, kept): &(R, Bytes)| kept.clone();
        let again = |kept: Bytes| Some((read(B::decode(kept.clone()).ok()?).ok()?, kept));
        let result = fallback.judge(&self.scope, &[message], result, kept, again);
        result.map(|(value, _)| value)
    }

    pub(super) fn over_grpc(&self) -> Result<&Grpc, Problem> {
        match &self.edge.transport {
            Transport::Grpc(grpc) => Ok(grpc),
            Transport::Rest(_) => Err(self.wrong_protocol()),
        }
    }
}

/// A message of the callee's.
pub(super) fn understood<B, R>(edge: &str, answer: B) -> Result<R, Problem>
where
    R: TryFrom<B>,
    Problem: From<R::Error>,
{
    R::try_from(answer).map_err(|error| {
        let problem = Problem::from(error);
        Problem::bad_gateway(format!(
            "{edge} answered with an invalid message: {problem}"
        ))
    })
}

/// An empty message always converts.
impl From<Infallible> for Problem {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

/// A failure that the callee answered with, or one of the connection.
pub(super) fn refused(status: &Status, span: &mut AttemptSpan) -> Failure {
    if !is_broken(status) {
        span.answered_grpc(status.code());
    }
    failure(status)
}

/// The same of an answer that had begun.
pub(super) fn failure(status: &Status) -> Failure {
    let source = std::error::Error::source(status);
    match source.and_then(|source| source.downcast_ref::<Broken>()) {
        Some(error) => unreachable_callee(error),
        None if is_broken(status) => unreachable_callee(&Broken::midway(status.message())),
        None => Failure::answered(Problem::from(status)),
    }
}

/// Whether it is no answer but the connection's failure.
pub(super) fn is_broken(status: &Status) -> bool {
    std::error::Error::source(status).is_some()
}

fn broken(error: Broken) -> Failure {
    unreachable_callee(&error)
}

fn unreachable_callee(error: &Broken) -> Failure {
    let verdict = if error.not_sent {
        Verdict::NotSent
    } else {
        Verdict::Transient { retry_after: None }
    };
    Failure::new(
        Problem::unavailable("a service behind this one cannot be reached"),
        verdict,
    )
}

/// Sends bytes that are a message already, and reads messages. A status among what is sent breaks the request off.
pub(super) struct Encoded<M>(pub PhantomData<M>);

impl<M: Message + Default + 'static> Codec for Encoded<M> {
    type Encode = Result<Bytes, Status>;
    type Decode = M;
    type Encoder = AsItIs;
    type Decoder = ProstDecoder<M>;

    fn encoder(&mut self) -> AsItIs {
        AsItIs
    }

    fn decoder(&mut self) -> Self::Decoder {
        ProstCodec::<(), M>::default().decoder()
    }
}

pub(super) struct AsItIs;

impl Encoder for AsItIs {
    type Item = Result<Bytes, Status>;
    type Error = Status;

    fn encode(&mut self, item: Self::Item, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put(item?);
        Ok(())
    }
}
