//! A small service to serve, and what it takes to call it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use platform::policy::{ApiPolicy, Kind, OperationPolicy, Protocol, ServicePolicy, Tls};
use platform::server::{grpc, rest};
use platform::{
    Context, Error, Fields, Host, Problem, Running, ServiceConfig, Setup, Sockets, Validate, Wire,
};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

/// A request and an answer, in JSON and, being a message too, in protobuf.
#[derive(Clone, PartialEq, Serialize, Deserialize, prost::Message)]
pub struct Order {
    #[prost(string, tag = "1")]
    pub id: String,
    #[prost(int32, tag = "2")]
    #[serde(default)]
    pub quantity: i32,
}

impl Validate for Order {
    fn validate(&self, fields: &mut Fields) {
        fields.field("id", |f| f.length(&self.id, 1, Some(64)));
        fields.field("quantity", |f| f.min(&self.quantity, 0));
    }
}

/// Handlers whose answers follow from the request's id.
#[derive(Clone, Default)]
pub struct Shop {
    /// How often a handler was entered.
    pub entered: Arc<AtomicUsize>,
}

impl Shop {
    pub fn entered(&self) -> usize {
        self.entered.load(Ordering::SeqCst)
    }

    async fn handle(&self, ctx: Context, order: Order) -> Result<Order, Problem> {
        self.entered.fetch_add(1, Ordering::SeqCst);
        match order.id.as_str() {
            "missing" => Err(Problem::not_found("no such order")),
            "broken" => panic!("on purpose"),
            "slow" => {
                tokio::time::sleep(Duration::from_secs(5)).await;
                Ok(order)
            }
            "left" => {
                let left = ctx.remaining().map_or(-1, |left| {
                    i32::try_from(left.as_millis()).unwrap_or(i32::MAX)
                });
                Ok(Order {
                    quantity: left,
                    ..order
                })
            }
            "long" => Ok(Order {
                id: "long ".repeat(1000),
                ..order
            }),
            "sampled" => {
                ctx.sampled.make();
                Ok(order)
            }
            "who" => {
                let user = ctx
                    .user
                    .as_ref()
                    .map_or("nobody", |user| user.subject.as_str());
                let service = ctx.caller.service.as_deref().unwrap_or("nobody");
                Ok(Order {
                    id: format!("{user} by {service}"),
                    quantity: 0,
                })
            }
            _ => Ok(order),
        }
    }
}

/// An operation on which nothing is enforced.
pub fn open(operation: &'static str, kind: Kind) -> OperationPolicy {
    OperationPolicy {
        operation,
        kind,
        auth: vec![],
        allow: vec![],
        rate_limit: None,
        timeout: None,
        max_body: None,
        idempotent: None,
        cache: None,
    }
}

/// The policy of the service, on which nothing is enforced.
pub fn policy(tls: Tls) -> ServicePolicy {
    let operations = || {
        vec![
            open("find", Kind::Query),
            open("place", Kind::Command),
            open("ping", Kind::Query),
            open("told", Kind::Event),
        ]
    };
    let api = |protocol| ApiPolicy {
        api: "Shop",
        protocol,
        tls: vec![tls],
        peers: vec![],
        cors: vec![],
        operations: operations(),
    };
    ServicePolicy {
        system: "test",
        service: "shop",
        apis: vec![api(Protocol::Rest), api(Protocol::Grpc)],
        ..ServicePolicy::default()
    }
}

/// The policy with `change` made to every operation.
pub fn policy_with(tls: Tls, change: impl Fn(&mut OperationPolicy)) -> ServicePolicy {
    let mut policy = policy(tls);
    policy
        .apis
        .iter_mut()
        .flat_map(|api| &mut api.operations)
        .for_each(change);
    policy
}

/// A running service.
pub struct Server {
    pub running: Running,
    pub shop: Shop,
    pub address: SocketAddr,
}

impl Server {
    /// Serves in plain text with this policy.
    pub async fn start(policy: ServicePolicy) -> Self {
        Self::start_with(Setup::new(policy, ServiceConfig::default()), Tls::Off).await
    }

    /// Serves with this setup; the address is the one for connections protected like this.
    pub async fn start_with(setup: Setup, tls: Tls) -> Self {
        let shop = Shop::default();
        let bind = async || Some(TcpListener::bind("127.0.0.1:0").await.unwrap());
        let sockets = Sockets {
            off: bind().await,
            server: bind().await,
            mutual: bind().await,
            admin: bind().await,
            ..Sockets::default()
        };
        let address = sockets.addresses().address(tls).unwrap();
        let running = service(shop.clone(), setup)
            .unwrap()
            .start(sockets)
            .unwrap();
        Self {
            running,
            shop,
            address,
        }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

fn service(shop: Shop, setup: Setup) -> Result<platform::Service, Error> {
    let host = Host::new(setup)?;
    let wire = Wire::new(&host, shop, ());
    let rest =
        rest::Api::new(&wire, "Shop")?
            .openapi("/openapi.json", "{}")
            .operation(
                rest::get("find", "/orders/{id}"),
                |shop: Arc<Shop>, ctx, order: Order| async move { shop.handle(ctx, order).await },
            )?
            .operation(
                rest::post("place", "/orders"),
                |shop: Arc<Shop>, ctx, order: Order| async move { shop.handle(ctx, order).await },
            )?
            .operation(
                rest::get("ping", "/ping"),
                |_: Arc<Shop>, _: Context, ()| async { Ok(()) },
            )?
            .operation(
                rest::post("told", "/told"),
                |shop: Arc<Shop>, ctx, order: Order| async move {
                    shop.handle(ctx, order).await.map(drop)
                },
            )?
            .finish();
    let grpc = grpc::Api::new(&wire, "Shop")?
        .operation(
            grpc::unary::<Order, Order>("find", "/test.Shop/Find"),
            |shop: Arc<Shop>, ctx, order: Order| async move { shop.handle(ctx, order).await },
        )?
        .operation(
            grpc::unary::<Order, Order>("place", "/test.Shop/Place"),
            |shop: Arc<Shop>, ctx, order: Order| async move { shop.handle(ctx, order).await },
        )?
        .operation(
            grpc::unary::<(), ()>("ping", "/test.Shop/Ping"),
            |_: Arc<Shop>, _: Context, ()| async { Ok(()) },
        )?
        .finish();
    Ok(host.service().with(rest).with(grpc))
}

/// A client that waits for ever and trusts nobody: the machine's roots would take long to load, for each test anew.
pub fn client() -> reqwest::Client {
    platform::tls::provider();
    reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only([])
        .build()
        .unwrap()
}

/// An order as JSON.
pub fn json(id: &str, quantity: i32) -> String {
    serde_json::json!({ "id": id, "quantity": quantity }).to_string()
}

/// Places an order.
pub fn place(server: &Server, body: impl Into<reqwest::Body>) -> reqwest::RequestBuilder {
    client()
        .post(server.url("/orders"))
        .header("content-type", "application/json")
        .body(body)
}

/// The problem that an answer holds.
pub async fn problem(response: reqwest::Response) -> Problem {
    assert_eq!(
        response.headers()["content-type"],
        "application/problem+json",
        "{}",
        response.status()
    );
    let (status, headers) = (response.status(), response.headers().clone());
    Problem::from_http(status, &headers, &response.bytes().await.unwrap())
}
