use std::time::Duration;

use http::uri::PathAndQuery;
use platform::policy::Tls;
use platform::{Problem, ProblemKind};
use prost::Message;
use tonic::transport::{Channel, ClientTlsConfig, Endpoint};
use tonic::{Code, Request, Response, Status};
use tonic_prost::ProstCodec;

use super::support::*;

/// How to call.
#[derive(Default)]
pub struct Call {
    pub key: Option<&'static str>,
    pub token: Option<String>,
    pub timeout: Option<Duration>,
    pub tls: Option<ClientTlsConfig>,
}

impl Call {
    async fn channel(&self, server: &Server) -> Channel {
        let endpoint = match &self.tls {
            None => Endpoint::from_shared(format!("http://{}", server.address)).unwrap(),
            Some(tls) => {
                let address = format!("https://localhost:{}", server.address.port());
                Endpoint::from_shared(address)
                    .unwrap()
                    .tls_config(tls.clone())
                    .unwrap()
            }
        };
        endpoint.connect().await.unwrap()
    }

    pub async fn send<Q, R>(
        &self,
        server: &Server,
        path: &'static str,
        request: Q,
    ) -> Result<Response<R>, Status>
    where
        Q: prost::Message + 'static,
        R: prost::Message + Default + 'static,
    {
        let mut client = tonic::client::Grpc::new(self.channel(server).await);
        client.ready().await.unwrap();
        let path = PathAndQuery::from_static(path);
        let codec = ProstCodec::<Q, R>::default();
        client.unary(self.request(request), path, codec).await
    }

    /// Begins a stream of orders.
    pub async fn watch(
        &self,
        server: &Server,
        order: Order,
    ) -> Result<tonic::Streaming<Order>, Status> {
        let mut client = tonic::client::Grpc::new(self.channel(server).await);
        client.ready().await.unwrap();
        let path = PathAndQuery::from_static("/test.Shop/Watch");
        let codec = ProstCodec::<Order, Order>::default();
        let answer = client.server_streaming(self.request(order), path, codec);
        answer.await.map(Response::into_inner)
    }

    fn request<Q>(&self, request: Q) -> Request<Q> {
        let mut request = Request::new(request);
        if let Some(key) = self.key {
            request
                .metadata_mut()
                .insert("idempotency-key", key.parse().unwrap());
        }
        if let Some(token) = &self.token {
            request
                .metadata_mut()
                .insert("authorization", format!("Bearer {token}").parse().unwrap());
        }
        if let Some(timeout) = self.timeout {
            request.metadata_mut().insert(
                "grpc-timeout",
                format!("{}m", timeout.as_millis()).parse().unwrap(),
            );
        }
        request
    }
}

async fn place(server: &Server, id: &str, quantity: i32) -> Result<Response<Order>, Status> {
    Call::default()
        .send(
            server,
            "/test.Shop/Place",
            Order {
                id: id.into(),
                quantity,
            },
        )
        .await
}

#[tokio::test]
async fn calls_are_answered() {
    let server = Server::start(policy(Tls::Off)).await;
    let order = place(&server, "a", 3).await.unwrap().into_inner();
    assert_eq!(
        order,
        Order {
            id: "a".into(),
            quantity: 3
        }
    );
    let pong: Result<Response<()>, _> = Call::default().send(&server, "/test.Shop/Ping", ()).await;
    assert!(pong.is_ok());
}

#[tokio::test]
async fn problems_arrive_whole() {
    let server = Server::start(policy(Tls::Off)).await;
    let status = place(&server, "missing", 1).await.unwrap_err();
    assert_eq!(
        (status.code(), status.message()),
        (Code::NotFound, "no such order")
    );
    assert_eq!(Problem::from(&status), Problem::not_found("no such order"));
    let status = place(&server, "", -1).await.unwrap_err();
    let fields = Problem::from(&status).errors;
    assert_eq!(
        fields
            .iter()
            .map(|error| error.field.as_str())
            .collect::<Vec<_>>(),
        ["id", "quantity"]
    );
    let status = place(&server, "broken", 1).await.unwrap_err();
    assert_eq!(Problem::from(&status).kind, ProblemKind::Internal);
}

#[tokio::test]
async fn what_cannot_be_decoded_is_told() {
    let server = Server::start(policy_with(Tls::Off, |op| op.max_body = Some(100))).await;
    let large = place(&server, &"x".repeat(200), 1).await.unwrap_err();
    assert_eq!(Problem::from(&large).kind, ProblemKind::PayloadTooLarge);
    // A varint where a text should be.
    #[derive(Clone, PartialEq, prost::Message)]
    struct Other {
        #[prost(int32, tag = "1")]
        id: i32,
    }
    let other: Result<Response<Order>, _> = Call::default()
        .send(&server, "/test.Shop/Place", Other { id: 1 })
        .await;
    assert_eq!(
        Problem::from(&other.unwrap_err()).kind,
        ProblemKind::InvalidInput
    );
    let unknown: Result<Response<()>, _> = Call::default()
        .send(&server, "/test.Shop/Nothing", ())
        .await;
    assert_eq!(unknown.unwrap_err().code(), Code::Unimplemented);
    let rest = client()
        .post(server.url("/test.Shop/Place"))
        .body("x")
        .send()
        .await
        .unwrap();
    assert_eq!(rest.status(), 415);
    assert_eq!(server.shop.entered(), 0);
}

#[tokio::test(start_paused = true)]
async fn deadlines_travel() {
    let server = Server::start(policy_with(Tls::Off, |op| {
        op.timeout = Some(Duration::from_secs(2))
    }))
    .await;
    let call = Call {
        timeout: Some(Duration::from_millis(300)),
        ..Call::default()
    };
    let order = |id: &str| Order {
        id: id.into(),
        quantity: 1,
    };
    let left: Order = call
        .send(&server, "/test.Shop/Place", order("left"))
        .await
        .unwrap()
        .into_inner();
    assert!((200..=300).contains(&left.quantity), "{left:?}");
    assert_eq!(late(&server).await, "the caller's deadline has passed");
    let own = place(&server, "slow", 1).await.unwrap_err();
    assert_eq!(Problem::from(&own).kind, ProblemKind::Timeout);
}

#[tokio::test(start_paused = true)]
async fn health_is_told() {
    #[derive(Clone, PartialEq, prost::Message)]
    struct Status {
        #[prost(int32, tag = "1")]
        status: i32,
    }
    let ask = async |server: &Server, service: &str| {
        let order = Order {
            id: service.into(),
            quantity: 0,
        };
        let answer: Result<Response<Status>, _> = Call::default()
            .send(server, "/grpc.health.v1.Health/Check", order)
            .await;
        answer
            .map(|answer| answer.into_inner().status)
            .map_err(|status| status.code())
    };
    let server = Server::start(policy(Tls::Off)).await;
    assert_eq!(ask(&server, "").await, Ok(1));
    assert_eq!(ask(&server, "test.Shop").await, Ok(1));
    assert_eq!(ask(&server, "test.Other").await, Err(Code::NotFound));
}

#[tokio::test(start_paused = true)]
async fn health_is_watched_until_the_drain() {
    #[derive(Clone, PartialEq, prost::Message)]
    struct Status {
        #[prost(int32, tag = "1")]
        status: i32,
    }
    let server = Server::start(policy(Tls::Off)).await;
    let watch = async |service: &str| {
        let mut client = tonic::client::Grpc::new(Call::default().channel(&server).await);
        client.ready().await.unwrap();
        let asked = Order {
            id: service.into(),
            quantity: 0,
        };
        let path = PathAndQuery::from_static("/grpc.health.v1.Health/Watch");
        let codec = ProstCodec::<Order, Status>::default();
        let answer = client
            .server_streaming(Request::new(asked), path, codec)
            .await;
        answer.unwrap().into_inner()
    };
    let (mut known, mut unknown) = (watch("test.Shop").await, watch("test.Other").await);
    let mut next = async || (known.message().await, unknown.message().await);
    let told = |status| Ok(Some(Status { status }));
    let same = |(one, other): (Result<_, tonic::Status>, Result<_, tonic::Status>), expected| {
        assert_eq!(
            (one.map_err(|it| it.code()), other.map_err(|it| it.code())),
            expected
        );
    };
    same(next().await, (told(1), told(3)));
    let started = tokio::time::Instant::now();
    let stopping = tokio::spawn(server.running.stop());
    same(next().await, (told(2), Ok(None)));
    stopping.await.unwrap();
    assert!(
        started.elapsed() < Duration::from_secs(2),
        "it does not hold the drain up"
    );
}

/// Asks for something slow with little time, by hand: tonic's own client would not wait for what the server says.
async fn late(server: &Server) -> String {
    let message = Order {
        id: "slow".into(),
        quantity: 1,
    }
    .encode_to_vec();
    let mut body = vec![0; 4];
    body.push(u8::try_from(message.len()).unwrap());
    body.extend(message);
    let client = reqwest::Client::builder()
        .no_proxy()
        .http2_prior_knowledge()
        .build()
        .unwrap();
    let request = client
        .post(server.url("/test.Shop/Place"))
        .header("content-type", "application/grpc");
    let response = request
        .header("grpc-timeout", "300m")
        .body(body)
        .send()
        .await
        .unwrap();
    assert_eq!(response.headers()["grpc-status"], "4");
    response.headers()["grpc-message"]
        .to_str()
        .unwrap()
        .replace("%20", " ")
}
