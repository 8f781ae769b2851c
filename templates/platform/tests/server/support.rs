//! A small service to serve, and what it takes to call it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt, stream};
use platform::policy::{ApiPolicy, Kind, OperationPolicy, Protocol, ServicePolicy, Tls};
use platform::server::{grpc, rest};
use platform::{
    Context, Error, Fields, Host, Problem, Running, ServiceConfig, Setup, Sockets, Streaming,
    Validate, Wire,
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
    /// How many messages of streams were made.
    pub made: Arc<AtomicUsize>,
    /// How many streams were dropped.
    pub left: Arc<AtomicUsize>,
    /// How many streams were read to their end.
    pub read: Arc<AtomicUsize>,
}

/// Counts when it is dropped.
struct Counts(Arc<AtomicUsize>);

impl Drop for Counts {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Shop {
    pub fn entered(&self) -> usize {
        self.entered.load(Ordering::SeqCst)
    }

    /// So many messages as the order's quantity, and then what follows from its id.
    async fn watch(&self, ctx: Context, order: Order) -> Result<Streaming<Order>, Problem> {
        let entered = self.entered.fetch_add(1, Ordering::SeqCst);
        match order.id.as_str() {
            "flaky" if entered == 0 => return Err(Problem::unavailable("not yet")),
            "slow" => std::future::pending().await,
            "left" => {
                let left = ctx.remaining().map_or(-1, |left| left.as_secs() as i32);
                let quantity = left;
                let told = Order { quantity, ..order };
                return Ok(stream::iter([Ok(told)]).boxed());
            }
            _ => {}
        }
        let (counts, made) = (Counts(self.left.clone()), self.made.clone());
        let messages = (0..order.quantity).map({
            let id = order.id.clone();
            move |quantity| {
                made.fetch_add(1, Ordering::SeqCst);
                let id = id.clone();
                Ok(Order { id, quantity })
            }
        });
        let last = async move {
            let _counts = counts;
            match order.id.as_str() {
                "breaks" => Some(Err(Problem::conflict("sold out").with_code("sold-out"))),
                "panics" => panic!("on purpose"),
                "idles" => std::future::pending().await,
                _ => None,
            }
        };
        let last = stream::once(last).filter_map(std::future::ready);
        Ok(stream::iter(messages).chain(last).boxed())
    }

    /// The sum of what comes.
    async fn upload(&self, mut orders: Streaming<Order>) -> Result<Order, Problem> {
        self.entered.fetch_add(1, Ordering::SeqCst);
        let _counts = Counts(self.left.clone());
        let mut sum = Order::default();
        while let Some(order) = orders.try_next().await? {
            self.made.fetch_add(1, Ordering::SeqCst);
            sum.id += &order.id;
            sum.quantity += order.quantity;
        }
        self.read.fetch_add(1, Ordering::SeqCst);
        Ok(sum)
    }

    /// Each message comes back with one more.
    async fn talk(&self, orders: Streaming<Order>) -> Result<Streaming<Order>, Problem> {
        self.entered.fetch_add(1, Ordering::SeqCst);
        let counts = Counts(self.left.clone());
        let more = move |order: Order| {
            let _ = &counts;
            let quantity = order.quantity + 1;
            Order { quantity, ..order }
        };
        Ok(platform::stream::each(orders, more))
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
        when: None,
        audited: kind != Kind::Query,
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
            open("watch", Kind::Query),
            open("upload", Kind::Command),
            open("talk", Kind::Command),
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

    /// What it counted.
    pub async fn running_metrics(&self) -> String {
        let admin = self.running.addresses().admin.unwrap();
        let metrics = client().get(format!("http://{admin}/metrics"));
        metrics.send().await.unwrap().text().await.unwrap()
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

/// The service, not started.
pub fn service(shop: Shop, setup: Setup) -> Result<platform::Service, Error> {
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
        .web()
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
        .streaming(
            grpc::server_stream::<Order, Order>("watch", "/test.Shop/Watch"),
            |shop: Arc<Shop>, ctx, order: Order| async move { shop.watch(ctx, order).await },
        )?
        .keyed_stream(
            grpc::client_stream::<Order, Order>("upload", "/test.Shop/Upload"),
            |shop: Arc<Shop>, _: Context, orders| async move { shop.upload(orders).await },
        )?
        .streaming(
            grpc::bidi::<Order, Order>("talk", "/test.Shop/Talk"),
            |shop: Arc<Shop>, _: Context, orders| async move { shop.talk(orders).await },
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
