//! Operations over gRPC.

use std::marker::PhantomData;
use std::pin::pin;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use axum::routing::{MethodFilter, MethodRouter};
use http::header::{CONTENT_TYPE, HeaderName};
use http::{HeaderMap, StatusCode};
use prost::Message;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tonic::metadata::{MetadataKey, MetadataValue};
use tonic::{Code, Status};
use tonic_prost::ProstCodec;
use tower::service_fn;
use tracing::Instrument;

use super::operation::{Answer, Operation};
use super::rest::{REPLAYED, SAMPLE};
use super::spans::Spans;
use super::streamed::Streams;
pub use super::streamed::{
    Incoming, Many, One, Outgoing, Streamed, bidi, client_stream, server_stream,
};
use super::{Connection, Routes, Wire, cors, web};
use crate::context::{Bind, Context, Scope, Trace};
use crate::error::Error;
use crate::policy::{ApiPolicy, Protocol};
use crate::problem::Problem;
use crate::validate::Validate;

/// How long the caller will wait.
pub const TIMEOUT: HeaderName = HeaderName::from_static("grpc-timeout");

/// Where an operation is found, and its messages on the wire: `Q` for the request, `R` for the answer.
#[derive(Clone, Copy, Debug)]
pub struct Unary<Q, R> {
    operation: &'static str,
    path: &'static str,
    messages: PhantomData<fn(Q) -> R>,
}

/// An operation at `path` (`/package.Service/Method`).
pub const fn unary<Q, R>(operation: &'static str, path: &'static str) -> Unary<Q, R> {
    Unary {
        operation,
        path,
        messages: PhantomData,
    }
}

/// One api over gRPC, while its operations are added.
pub struct Api<'a, A, L> {
    wire: &'a Wire<A, L>,
    api: &'static str,
    policy: ApiPolicy,
    web: bool,
    paths: cors::Paths,
    router: Router,
    services: Vec<&'static str>,
    descriptors: &'static [u8],
}

impl<'a, A, L> Api<'a, A, L>
where
    A: Send + Sync + 'static,
    L: Send + Sync + 'static,
{
    /// Begins the api of this name.
    ///
    /// # Errors
    /// When it has no policy for this protocol.
    pub fn new(wire: &'a Wire<A, L>, api: &'static str) -> Result<Self, Error> {
        let policy = wire.host.api(api, Protocol::Grpc)?.clone();
        Ok(Self {
            wire,
            api,
            policy,
            web: false,
            paths: cors::Paths::default(),
            router: Router::new(),
            services: Vec::new(),
            descriptors: &[],
        })
    }

    /// Describes the api by its protobuf files, a `google.protobuf.FileDescriptorSet`, to those who ask in development.
    #[must_use]
    pub fn described(mut self, descriptors: &'static [u8]) -> Self {
        self.descriptors = descriptors;
        self
    }

    /// Speaks gRPC-Web too, from here on: pages in browsers call it.
    #[must_use]
    pub fn web(mut self) -> Self {
        self.web = true;
        self
    }

    /// Serves an operation.
    ///
    /// # Errors
    /// When the operation has no policy, or an unusable one.
    pub fn operation<WQ, WR, H, F, C, Q, R>(
        mut self,
        unary: Unary<WQ, WR>,
        handler: H,
    ) -> Result<Self, Error>
    where
        WQ: Message + Default + 'static,
        WR: Message + From<R> + 'static,
        C: Bind<L> + Send + 'static,
        Q: TryFrom<WQ> + Serialize + Validate + Send + 'static,
        Problem: From<Q::Error>,
        R: Serialize + DeserializeOwned + Clone + Send + Sync + 'static,
        H: Fn(Arc<A>, Context<C>, Q) -> F + Send + Sync + 'static,
        F: Future<Output = Result<R, Problem>> + Send + 'static,
    {
        let Unary {
            operation,
            path,
            messages,
        } = unary;
        let operation = Operation::new(self.wire, self.api, operation, Protocol::Grpc, handler)?;
        let spans = Spans::grpc(&operation.gate, path);
        let grpc = Arc::new(Grpc {
            operation,
            spans,
            messages,
        });
        self.route(path, move |request| {
            let grpc = grpc.clone();
            async move { grpc.serve(request).await }
        });
        Ok(self)
    }

    /// Serves an operation that takes or answers a stream.
    ///
    /// # Errors
    /// When the operation has no policy, or an unusable one.
    pub fn streaming<I, O, H, F, C, Q, R>(
        mut self,
        streamed: Streamed<I, O>,
        handler: H,
    ) -> Result<Self, Error>
    where
        I: Incoming<Q>,
        O: Outgoing<R>,
        C: Bind<L> + Send + 'static,
        Q: Send + 'static,
        R: Send + 'static,
        H: Fn(Arc<A>, Context<C>, Q) -> F + Send + Sync + 'static,
        F: Future<Output = Result<R, Problem>> + Send + 'static,
    {
        let path = streamed.path;
        let streams = Streams::new(self.wire, self.api, streamed, handler)?;
        let streams = Arc::new(streams);
        self.route(path, move |request| {
            let streams = streams.clone();
            async move { Box::pin(streams.serve(request)).await }
        });
        Ok(self)
    }

    /// Serves an operation that takes a stream and answers once, repeats of which are known by their key.
    ///
    /// # Errors
    /// When the operation has no policy, or an unusable one.
    pub fn keyed_stream<WQ, WR, H, F, C, Q, R>(
        mut self,
        streamed: Streamed<Many<WQ>, One<WR>>,
        handler: H,
    ) -> Result<Self, Error>
    where
        Many<WQ>: Incoming<Q>,
        One<WR>: Outgoing<R>,
        C: Bind<L> + Send + 'static,
        Q: Send + 'static,
        R: Serialize + DeserializeOwned + Clone + Send + Sync + 'static,
        H: Fn(Arc<A>, Context<C>, Q) -> F + Send + Sync + 'static,
        F: Future<Output = Result<R, Problem>> + Send + 'static,
    {
        let Streamed {
            path, operation, ..
        } = streamed;
        let streams = Streams::new(self.wire, self.api, streamed, handler)?;
        let streams = Arc::new(streams.kept(self.wire, self.api, operation)?);
        self.route(path, move |request| {
            let streams = streams.clone();
            async move { Box::pin(streams.serve(request)).await }
        });
        Ok(self)
    }

    fn route<F>(
        &mut self,
        path: &'static str,
        serve: impl Fn(Request) -> F + Clone + Send + Sync + 'static,
    ) where
        F: Future<Output = Response> + Send + 'static,
    {
        let web = self.web;
        let service = service_fn(move |request| {
            let serve = serve.clone();
            async move {
                Ok(if web {
                    // Behind a pointer: the work on a request is large, and is not to be moved once more.
                    web::translated(request, |request| Box::pin(serve(request))).await
                } else {
                    serve(request).await
                })
            }
        });
        self.paths.entry(path).or_default().push("POST");
        if let Some(service) = path
            .split('/')
            .nth(1)
            .filter(|one| !self.services.contains(one))
        {
            self.services.push(service);
        }
        let router = std::mem::take(&mut self.router);
        self.router = router.route(
            path,
            MethodRouter::new().on_service(MethodFilter::POST, service),
        );
    }

    /// The paths, ready to be served.
    pub fn finish(self) -> Routes {
        let schemes = &self.wire.host.setup().policy.schemes;
        Routes {
            router: cors::open(self.router, &self.paths, &self.policy, schemes),
            tls: self.policy.tls,
            services: self.services,
            descriptors: self.descriptors,
        }
    }
}

struct Grpc<A, L, H, C, Q, R, WQ, WR> {
    operation: Operation<A, L, H, C, Q, R>,
    spans: Spans,
    messages: PhantomData<fn(WQ) -> WR>,
}

impl<A, L, H, F, C, Q, R, WQ, WR> Grpc<A, L, H, C, Q, R, WQ, WR>
where
    WQ: Message + Default + 'static,
    WR: Message + From<R> + 'static,
    A: Send + Sync + 'static,
    L: Send + Sync + 'static,
    C: Bind<L> + Send + 'static,
    Q: TryFrom<WQ> + Serialize + Validate + Send + 'static,
    Problem: From<Q::Error>,
    R: Serialize + DeserializeOwned + Clone + Send + Sync + 'static,
    H: Fn(Arc<A>, Context<C>, Q) -> F + Send + Sync + 'static,
    F: Future<Output = Result<R, Problem>> + Send + 'static,
{
    async fn serve(&self, request: Request) -> Response {
        if let Some(refusal) = not_grpc(request.headers()) {
            return refusal;
        }
        let gate = &self.operation.gate;
        let arrived = gate.host.setup().clock.now();
        let trace = gate.trace(request.headers());
        let span = self.spans.begin(gate, &trace, request.headers());
        // Behind a pointer: the work on a request is large, and what is around here moves it more than once.
        let work = Box::pin(async {
            let answer = self.process(request, trace).await;
            gate.count(arrived, answer.as_ref().err());
            answer
        });
        let answer = work.instrument(gate.span(&trace)).await;
        span.answered_grpc(answer.as_ref().err());
        answer.unwrap_or_else(|problem| Status::from(problem).into_http())
    }

    async fn process(&self, request: Request, trace: Trace) -> Result<Response, Problem> {
        let gate = &self.operation.gate;
        let _place = gate.enter()?;
        let budget = gate.budget(timeout(request.headers())?);
        let work = pin!(async {
            let connection = request
                .extensions()
                .get::<Arc<Connection>>()
                .cloned()
                .unwrap_or_default();
            let scope = gate
                .admit(request.headers(), &connection, budget, trace)
                .await?;
            self.unary(request, scope).await
        });
        gate.within(budget, work).await
    }

    /// Lets tonic decode the request and encode the answer.
    async fn unary(&self, request: Request, scope: Scope) -> Result<Response, Problem> {
        let most = self.operation.gate.policy.max_body.unwrap_or(usize::MAX);
        let mut tonic = tonic::server::Grpc::new(ProstCodec::<WR, WQ>::default())
            .max_decoding_message_size(most);
        let failure = Failure::default();
        let mut scope = Some(scope);
        let handle = service_fn(|request: tonic::Request<WQ>| {
            let (scope, failure) = (scope.take(), &failure);
            async move {
                let answer = match scope {
                    Some(scope) => self.answer(scope, request.into_inner()).await,
                    None => Err(Problem::internal("one request was handled twice")),
                };
                answer.map_err(|problem| failure.keep(problem))
            }
        });
        let response = tonic.unary(handle, request).await;
        failure.told(response.map(Body::new), most)
    }

    async fn answer(&self, scope: Scope, request: WQ) -> Result<tonic::Response<WR>, Problem> {
        let request = Q::try_from(request).map_err(Problem::from)?;
        let answer = self.operation.answer(scope, request).await?;
        let Answer {
            value,
            replayed,
            sample,
        } = answer;
        let response = tonic::Response::new(WR::from(value));
        Ok(marked(response, replayed, sample))
    }
}

/// The answer with its marks: whether it was given before, and whether a sample is in it.
pub(super) fn marked<T>(
    mut response: tonic::Response<T>,
    replayed: bool,
    sample: bool,
) -> tonic::Response<T> {
    for (mark, name) in [(replayed, REPLAYED), (sample, SAMPLE)] {
        if mark && let Ok(name) = MetadataKey::from_bytes(name.as_str().as_bytes()) {
            response
                .metadata_mut()
                .insert(name, MetadataValue::from_static("true"));
        }
    }
    response
}

/// The answer to a request that does not speak gRPC.
pub(super) fn not_grpc(headers: &HeaderMap) -> Option<Response> {
    (!is_grpc(headers)).then(|| {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        response
    })
}

/// Why a handler failed, kept while tonic has a status in its place: what fails before the handler is tonic's to tell, what
/// fails in it is ours.
#[derive(Default)]
pub(super) struct Failure(OnceLock<Problem>);

impl Failure {
    /// Keeps the problem; the status that tonic is given for it.
    pub(super) fn keep(&self, problem: Problem) -> Status {
        let status = Status::new(problem.kind.grpc(), "");
        // The handler runs once, so that nothing was set before.
        let _ = self.0.set(problem);
        status
    }

    /// What tonic made of a call whose messages may have `most` bytes.
    pub(super) fn told(self, response: Response, most: usize) -> Result<Response, Problem> {
        if let Some(problem) = self.0.into_inner() {
            return Err(problem);
        }
        match response.extensions().get::<Status>() {
            Some(status) => Err(undecoded(status, most)),
            None => Ok(response),
        }
    }
}

/// What tonic could not decode.
pub(super) fn undecoded(status: &Status, most: usize) -> Problem {
    match status.code() {
        Code::OutOfRange | Code::ResourceExhausted => {
            Problem::payload_too_large(format!("the message must not have more than {most} bytes"))
        }
        Code::Unimplemented => Problem::unsupported_media_type(
            "the message is compressed in a way that is not accepted",
        ),
        // The connection's own failure; a message that is none is an internal one to tonic.
        Code::Cancelled | Code::Unknown | Code::Unavailable => {
            Problem::unavailable("the request broke off")
        }
        _ => Problem::invalid_input("this is not a message of the operation"),
    }
}

/// How long the caller will wait: digits and a unit.
pub(super) fn timeout(headers: &HeaderMap) -> Result<Option<Duration>, Problem> {
    let Some(value) = headers.get(TIMEOUT) else {
        return Ok(None);
    };
    let wrong = || {
        Problem::invalid_field(
            "grpc-timeout",
            "must be up to 8 digits and one of H, M, S, m, u, n",
        )
    };
    let text = value.to_str().map_err(|_| wrong())?;
    let (digits, unit) = text
        .split_at_checked(text.len().saturating_sub(1))
        .ok_or_else(wrong)?;
    let plain = (1..=8).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    let count: u64 = digits.parse().ok().filter(|_| plain).ok_or_else(wrong)?;
    Ok(Some(match unit {
        "H" => Duration::from_secs(count * 3600),
        "M" => Duration::from_secs(count * 60),
        "S" => Duration::from_secs(count),
        "m" => Duration::from_millis(count),
        "u" => Duration::from_micros(count),
        "n" => Duration::from_nanos(count),
        _ => return Err(wrong()),
    }))
}

/// Whether a request speaks gRPC.
pub(super) fn is_grpc(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.as_bytes().strip_prefix(b"application/grpc"))
        // `application/grpc-web` is another protocol.
        .is_some_and(|rest| matches!(rest.first(), None | Some(b'+' | b';')))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn timeouts_have_units() {
        let read = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(TIMEOUT, HeaderValue::from_static(text));
            timeout(&headers)
        };
        assert_eq!(read("250m"), Ok(Some(Duration::from_millis(250))));
        assert_eq!(
            read("99999999H"),
            Ok(Some(Duration::from_secs(99_999_999 * 3600)))
        );
        for bad in ["", "1", "m", "123456789m", "+1m", "1d"] {
            assert!(read(bad).is_err(), "{bad}");
        }
        assert_eq!(timeout(&HeaderMap::new()), Ok(None));
    }
}
