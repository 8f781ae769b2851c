//! Operations over HTTP with JSON.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{FromRequestParts, RawPathParams, Request};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, MethodRouter};
use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, VARY};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tower::service_fn;
use tracing::Instrument;

use super::caching::{self, Caching};
use super::operation::{Answer, Operation, is_nothing};
use super::spans::Spans;
use super::{Connection, Routes, Wire, coding, cors, decode, session};
use crate::auth::Presented;
use crate::context::{Bind, Context, Trace};
use crate::error::Error;
use crate::policy::{ApiPolicy, Kind, Protocol};
use crate::problem::Problem;
use crate::validate::Validate;

/// How long the caller will wait, in milliseconds.
pub const TIMEOUT: HeaderName = HeaderName::from_static("x-request-timeout-ms");

/// Marks an answer that was given before.
pub const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// Marks a sample answer of an operation that is not written yet.
pub const SAMPLE: HeaderName = HeaderName::from_static("x-sample");

/// Where an operation is found.
///
/// In its path `{name}` stands for a field of the request. GET and DELETE read the other fields from the query string, all else
/// from a JSON body.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    operation: &'static str,
    method: MethodFilter,
    /// The methods that the path then allows.
    allows: &'static str,
    path: &'static str,
    body: bool,
}

/// An operation that is read by GET at `path`.
pub const fn get(operation: &'static str, path: &'static str) -> Route {
    Route {
        operation,
        method: MethodFilter::GET,
        allows: "GET,HEAD",
        path,
        body: false,
    }
}

/// An operation that is asked for by POST at `path`.
pub const fn post(operation: &'static str, path: &'static str) -> Route {
    Route {
        operation,
        method: MethodFilter::POST,
        allows: "POST",
        path,
        body: true,
    }
}

/// An operation that is asked for by PUT at `path`.
pub const fn put(operation: &'static str, path: &'static str) -> Route {
    Route {
        operation,
        method: MethodFilter::PUT,
        allows: "PUT",
        path,
        body: true,
    }
}

/// An operation that is asked for by PATCH at `path`.
pub const fn patch(operation: &'static str, path: &'static str) -> Route {
    Route {
        operation,
        method: MethodFilter::PATCH,
        allows: "PATCH",
        path,
        body: true,
    }
}

/// An operation that is asked for by DELETE at `path`.
pub const fn delete(operation: &'static str, path: &'static str) -> Route {
    Route {
        operation,
        method: MethodFilter::DELETE,
        allows: "DELETE",
        path,
        body: false,
    }
}

/// One api over HTTP, while its operations are added.
pub struct Api<'a, A, L> {
    wire: &'a Wire<A, L>,
    api: &'static str,
    policy: ApiPolicy,
    paths: cors::Paths,
    router: Router,
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
        let policy = wire.host.api(api, Protocol::Rest)?.clone();
        Ok(Self {
            wire,
            api,
            policy,
            paths: cors::Paths::default(),
            router: Router::new(),
        })
    }

    /// Serves the api's OpenAPI document at `path`.
    #[must_use]
    pub fn openapi(mut self, path: &str, document: &'static str) -> Self {
        let answer = (
            [(CONTENT_TYPE, HeaderValue::from_static("application/json"))],
            document,
        );
        self.router = self.router.route(
            path,
            axum::routing::get(move || std::future::ready(answer.clone())),
        );
        self
    }

    /// Serves an operation.
    ///
    /// # Errors
    /// When the operation has no policy, or an unusable one.
    pub fn operation<H, F, C, Q, R>(mut self, route: Route, handler: H) -> Result<Self, Error>
    where
        C: Bind<L> + Send + 'static,
        Q: DeserializeOwned + Serialize + Validate + Send + 'static,
        R: Serialize + DeserializeOwned + Clone + Send + Sync + 'static,
        H: Fn(Arc<A>, Context<C>, Q) -> F + Send + Sync + 'static,
        F: Future<Output = Result<R, Problem>> + Send + 'static,
    {
        let Route {
            operation,
            method,
            allows,
            path,
            body,
        } = route;
        self.paths.entry(path).or_default().push(allows);
        let operation = Operation::new(self.wire, self.api, operation, Protocol::Rest, handler)?;
        let source = Source {
            path: path.contains('{'),
            body: body && !is_nothing::<Q>(),
        };
        let schemes = &self.wire.host.setup().policy.schemes;
        let read = method == MethodFilter::GET;
        let verb = allows.split(',').next().unwrap_or_default();
        let spans = Spans::http(&operation.gate, verb, path);
        let rest = Arc::new(Rest {
            caching: Caching::of(&operation.gate.policy, schemes, read),
            compresses: coding::is_safe(&operation.gate.policy, schemes),
            operation,
            source,
            spans,
        });
        let service = service_fn(move |request| {
            let rest = rest.clone();
            async move { Ok(rest.serve(request).await) }
        });
        self.router = self
            .router
            .route(path, MethodRouter::new().on_service(method, service));
        Ok(self)
    }

    /// The paths, ready to be served.
    pub fn finish(self) -> Routes {
        let router = self.router.method_not_allowed_fallback(method_not_allowed);
        let schemes = &self.wire.host.setup().policy.schemes;
        Routes {
            router: cors::open(router, &self.paths, &self.policy, schemes),
            tls: self.policy.tls,
            services: Vec::new(),
            descriptors: &[],
        }
    }
}

/// Where the request's fields are.
#[derive(Clone, Copy)]
struct Source {
    path: bool,
    body: bool,
}

struct Rest<A, L, H, C, Q, R> {
    operation: Operation<A, L, H, C, Q, R>,
    source: Source,
    caching: Option<Caching>,
    /// Whether long answers are compressed for those who want it.
    compresses: bool,
    spans: Spans,
}

impl<A, L, H, F, C, Q, R> Rest<A, L, H, C, Q, R>
where
    A: Send + Sync + 'static,
    L: Send + Sync + 'static,
    C: Bind<L> + Send + 'static,
    Q: DeserializeOwned + Serialize + Validate + Send + 'static,
    R: Serialize + DeserializeOwned + Clone + Send + Sync + 'static,
    H: Fn(Arc<A>, Context<C>, Q) -> F + Send + Sync + 'static,
    F: Future<Output = Result<R, Problem>> + Send + 'static,
{
    async fn serve(&self, request: Request) -> Response {
        let gate = &self.operation.gate;
        let arrived = gate.host.setup().clock.now();
        let (parts, body) = request.into_parts();
        let trace = gate.trace(&parts.headers);
        let span = self.spans.begin(gate, &trace, &parts.headers);
        let presented = Presented::in_headers(&parts.headers);
        // Behind a pointer: the work on a request is large, and what is around here moves it more than once.
        let work = Box::pin(async {
            let answer = self.process(parts, body, trace).await;
            gate.count(arrived, answer.as_ref().err());
            answer
        });
        let answer = work.instrument(gate.span(&trace)).await;
        let problem = answer.as_ref().err();
        let status = match &answer {
            Ok(response) => response.status().as_u16(),
            Err(problem) => problem.kind.status(),
        };
        span.answered(status, problem);
        answer.unwrap_or_else(|problem| gate.refusal(problem, presented))
    }

    async fn process(
        &self,
        mut parts: Parts,
        body: Body,
        trace: Trace,
    ) -> Result<Response, Problem> {
        let gate = &self.operation.gate;
        let _place = gate.enter()?;
        let budget = gate.budget(timeout(&parts.headers)?);
        let work = pin!(async {
            let connection = parts
                .extensions
                .get::<Arc<Connection>>()
                .cloned()
                .unwrap_or_default();
            if gate.takes_cookies() {
                session::name_host(&mut parts);
            }
            let scope = gate
                .admit(&parts.headers, &connection, budget, trace)
                .await?;
            let stale = Arc::clone(&scope.stale);
            let request = self.request(&mut parts, body).await?;
            let answer = self.operation.answer(scope, request).await?;
            let passing = answer.sample || stale.is_made();
            self.response(answer, &parts.headers, passing).await
        });
        gate.within(budget, work).await
    }

    async fn request(&self, parts: &mut Parts, body: Body) -> Result<Q, Problem> {
        if is_nothing::<Q>() {
            return decode::nothing();
        }
        let path = match self.source.path {
            true => Some(
                RawPathParams::from_request_parts(parts, &())
                    .await
                    .map_err(|_| bad_path())?,
            ),
            false => None,
        };
        let path: Vec<(&str, &str)> = path.iter().flatten().collect();
        if !self.source.body {
            return decode::parameters(&path, parts.uri.query());
        }
        if !is_json(&parts.headers) {
            return Err(Problem::unsupported_media_type(
                "the body must be application/json",
            ));
        }
        let body = self.collect(&parts.headers, body).await?;
        if path.is_empty() {
            decode::body(&body)
        } else {
            decode::path_and_body(&path, &body)
        }
    }

    /// The whole body, if it is not too large.
    async fn collect(&self, headers: &HeaderMap, body: Body) -> Result<Bytes, Problem> {
        let most = self.operation.gate.policy.max_body.unwrap_or(usize::MAX);
        let too_large =
            || Problem::payload_too_large(format!("the body must not have more than {most} bytes"));
        let told = headers
            .get(CONTENT_LENGTH)
            .and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
        if told.is_some_and(|told| told > most) {
            return Err(too_large());
        }
        match Limited::new(body, most).collect().await {
            Ok(body) => coding::content(headers, body.to_bytes(), most, too_large).await,
            Err(error) if error.is::<LengthLimitError>() => Err(too_large()),
            Err(_) => Err(Problem::invalid_input("the body broke off")),
        }
    }

    /// The answer; a `passing` one is not to be kept.
    async fn response(
        &self,
        answer: Answer<R>,
        asked: &HeaderMap,
        passing: bool,
    ) -> Result<Response, Problem> {
        let event = self.operation.gate.policy.kind == Kind::Event;
        let content = if is_nothing::<R>() {
            Bytes::new()
        } else {
            let unwritable =
                |error| Problem::internal(format!("the answer cannot be written as JSON: {error}"));
            serde_json::to_vec(&answer.value)
                .map_err(unwritable)?
                .into()
        };
        let may_code = self.compresses && coding::is_worth(content.len());
        let coded = may_code && coding::is_wanted(asked);
        let mut response = Response::new(Body::from(content.clone()));
        *response.status_mut() = match (event, is_nothing::<R>()) {
            (true, _) => StatusCode::ACCEPTED,
            (false, true) => StatusCode::NO_CONTENT,
            (false, false) => StatusCode::OK,
        };
        let headers = response.headers_mut();
        if !is_nothing::<R>() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        if answer.replayed {
            headers.insert(REPLAYED, HeaderValue::from_static("true"));
        }
        if answer.sample {
            headers.insert(SAMPLE, HeaderValue::from_static("true"));
        }
        if may_code {
            headers.append(VARY, HeaderValue::from_static("accept-encoding"));
        }
        let caching = self.caching.as_ref();
        caching::mark(caching, passing, asked, &content, coded, &mut response);
        if coded && response.status() == StatusCode::OK {
            *response.body_mut() = Body::from(coding::compressed(content).await?);
            let gzip = HeaderValue::from_static("gzip");
            response.headers_mut().insert(CONTENT_ENCODING, gzip);
        }
        Ok(response)
    }
}

/// How long the caller will wait.
fn timeout(headers: &HeaderMap) -> Result<Option<Duration>, Problem> {
    let Some(value) = headers.get(TIMEOUT) else {
        return Ok(None);
    };
    let millis = value.to_str().ok().and_then(|text| text.parse().ok());
    let wrong = || {
        Problem::invalid_field(
            "X-Request-Timeout-Ms",
            "must be a whole number of milliseconds",
        )
    };
    millis
        .map(|millis| Some(Duration::from_millis(millis)))
        .ok_or_else(wrong)
}

/// `application/json`, or a type that is written as JSON (`application/vnd.x+json`).
fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
    else {
        return false;
    };
    let essence = value.split(';').next().unwrap_or_default().trim();
    let suffix = essence
        .len()
        .checked_sub(5)
        .and_then(|at| essence.get(at..));
    essence.eq_ignore_ascii_case("application/json")
        || (essence.contains('/')
            && suffix.is_some_and(|suffix| suffix.eq_ignore_ascii_case("+json")))
}

fn bad_path() -> Problem {
    Problem::invalid_input("the path is not valid UTF-8")
}

async fn method_not_allowed() -> Response {
    Problem::method_not_allowed("this path is not served with this method").into_response()
}
