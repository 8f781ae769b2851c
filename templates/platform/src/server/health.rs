//! The health of a gRPC server, as gRPC asks for it (`grpc.health.v1`): balancers and clients check it.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::routing::post;
use futures_util::{Stream, stream};
use tokio_util::sync::CancellationToken;
use tonic::{Response, Status};
use tonic_prost::ProstCodec;
use tower::service_fn;

const SERVING: i32 = 1;
const NOT_SERVING: i32 = 2;
/// Told only to those who watch: the service may come.
const UNKNOWN: i32 = 3;

/// Which service is meant; empty asks for the server as a whole.
#[derive(Clone, PartialEq, prost::Message)]
struct HealthCheckRequest {
    #[prost(string, tag = "1")]
    service: String,
}

#[derive(Clone, PartialEq, prost::Message)]
struct HealthCheckResponse {
    #[prost(int32, tag = "1")]
    status: i32,
}

/// What is served, until `draining`.
#[derive(Clone)]
struct Served {
    /// `package.Service`
    services: Arc<[&'static str]>,
    draining: CancellationToken,
}

/// Answers for these `services` (`package.Service`), which end with `draining`.
pub(super) fn router(services: Vec<&'static str>, draining: CancellationToken) -> Router {
    let served = Served {
        services: services.into(),
        draining,
    };
    let watched = served.clone();
    Router::new()
        .route(
            "/grpc.health.v1.Health/Check",
            post(move |request| served.check(request)),
        )
        .route(
            "/grpc.health.v1.Health/Watch",
            post(move |request| watched.watch(request)),
        )
}

/// One request, of either method.
fn grpc() -> tonic::server::Grpc<ProstCodec<HealthCheckResponse, HealthCheckRequest>> {
    tonic::server::Grpc::new(ProstCodec::default()).max_decoding_message_size(1024)
}

impl Served {
    async fn check(self, request: Request) -> axum::response::Response {
        let answer = service_fn(|request: tonic::Request<HealthCheckRequest>| {
            std::future::ready(match self.status(&request.get_ref().service) {
                UNKNOWN => Err(Status::not_found("this service is not served here")),
                status => Ok(Response::new(HealthCheckResponse { status })),
            })
        });
        grpc().unary(answer, request).await.map(Body::new)
    }

    async fn watch(self, request: Request) -> axum::response::Response {
        let answer = service_fn(|request: tonic::Request<HealthCheckRequest>| {
            let changes = self.clone().changes(request.into_inner().service);
            std::future::ready(Ok::<_, Status>(Response::new(changes)))
        });
        grpc()
            .server_streaming(answer, request)
            .await
            .map(Body::new)
    }

    /// The status now and whenever it changes; ends when nothing is served any more, or the drain would wait for it.
    fn changes(
        self,
        asked: String,
    ) -> impl Stream<Item = Result<HealthCheckResponse, Status>> + Send + 'static {
        stream::unfold(None, move |told: Option<i32>| {
            let (served, asked) = (self.clone(), asked.clone());
            async move {
                if told.is_some() {
                    served.draining.cancelled().await;
                }
                let status = served.status(&asked);
                (told != Some(status)).then_some((Ok(HealthCheckResponse { status }), Some(status)))
            }
        })
    }

    fn status(&self, asked: &str) -> i32 {
        match asked.is_empty() || self.services.contains(&asked) {
            false => UNKNOWN,
            true if self.draining.is_cancelled() => NOT_SERVING,
            true => SERVING,
        }
    }
}
