//! The health of a gRPC server, as gRPC asks for it (`grpc.health.v1`): balancers and clients check it.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::routing::post;
use tokio_util::sync::CancellationToken;
use tonic::{Response, Status};
use tonic_prost::ProstCodec;
use tower::service_fn;

const SERVING: i32 = 1;
const NOT_SERVING: i32 = 2;

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

/// Answers for these `services` (`package.Service`), which end with `draining`.
pub(super) fn router(services: Vec<&'static str>, draining: CancellationToken) -> Router {
    let services: Arc<[&str]> = services.into();
    let check = move |request: Request| {
        let (services, draining) = (services.clone(), draining.clone());
        async move {
            let answer = service_fn(|request: tonic::Request<HealthCheckRequest>| {
                let answer = status(&services, &draining, &request.get_ref().service);
                std::future::ready(
                    answer.map(|status| Response::new(HealthCheckResponse { status })),
                )
            });
            let codec = ProstCodec::<HealthCheckResponse, HealthCheckRequest>::default();
            tonic::server::Grpc::new(codec)
                .max_decoding_message_size(1024)
                .unary(answer, request)
                .await
                .map(Body::new)
        }
    };
    Router::new().route("/grpc.health.v1.Health/Check", post(check))
}

fn status(services: &[&str], draining: &CancellationToken, asked: &str) -> Result<i32, Status> {
    if !asked.is_empty() && !services.contains(&asked) {
        return Err(Status::not_found("this service is not served here"));
    }
    Ok(if draining.is_cancelled() {
        NOT_SERVING
    } else {
        SERVING
    })
}
