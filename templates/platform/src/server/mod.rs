//! The serving side: what every request passes before and after its handler.

mod answering;
mod answers;
mod caching;
mod coding;
mod cors;
mod decode;
mod edges;
mod gate;
pub mod grpc;
mod health;
mod kept;
mod listen;
mod objects;
mod operation;
mod quota;
#[cfg(feature = "dev")]
mod reflection;
mod replay;
pub mod rest;
mod service;
mod session;
mod spans;
mod streamed;
mod web;

use std::any::Any;
use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
#[cfg(feature = "dev")]
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use prometheus_client::metrics::gauge::Gauge;
use tokio_util::sync::CancellationToken;

pub use self::listen::Sockets;
pub use self::objects::Objects;
#[cfg(feature = "dev")]
pub(crate) use self::service::told_to_end;
pub use self::service::{Running, Service};
use crate::auth::Schemes;
use crate::client::Edge;
use crate::clock::Clock;
use crate::config::ServiceConfig;
use crate::context::Peer;
use crate::error::Error;
use crate::metrics::Metrics;
use crate::policy::{ApiPolicy, Protocol, ServicePolicy, Tls};
use crate::problem::Problem;
use crate::state::{self, Store};
use crate::telemetry::{Exporter, Tracer};

/// When a request that found no place may try again.
const COME_BACK: Duration = Duration::from_secs(1);

/// What a service is made from, beside its handlers.
#[derive(Clone, Debug)]
pub struct Setup {
    /// What the drawing decided.
    pub policy: ServicePolicy,
    /// Where the service runs.
    pub config: ServiceConfig,
    /// The time.
    pub clock: Clock,
    /// Where the service counts; hand over your own to add to it.
    pub metrics: Metrics,
    /// What stands for the store of the policy, where several services of one process share it.
    pub(crate) store: Option<Arc<dyn Store>>,
    /// The version of the service's package.
    pub version: &'static str,
    samples: &'static [(&'static str, &'static str)],
    #[cfg(feature = "dev")]
    reflects: bool,
    #[cfg(feature = "dev")]
    delay: Delay,
}

impl Setup {
    /// A service as it runs in production.
    pub fn new(policy: ServicePolicy, config: ServiceConfig) -> Self {
        Self {
            policy,
            config,
            clock: Clock::system(),
            metrics: Metrics::new(),
            store: None,
            version: "",
            samples: &[],
            #[cfg(feature = "dev")]
            reflects: false,
            #[cfg(feature = "dev")]
            delay: Delay::default(),
        }
    }

    /// The same on another clock.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// The same, sharing state in `store` instead of the one that is configured, if its policy shares any.
    #[must_use]
    pub fn store(mut self, store: Arc<dyn Store>) -> Self {
        self.store = Some(store);
        self
    }

    /// The same of a service in this version.
    #[must_use]
    pub fn version(mut self, version: &'static str) -> Self {
        self.version = version;
        self
    }

    /// The same with answers (JSON) for operations (`Orders.find`) that nobody has written yet.
    #[cfg(feature = "dev")]
    #[must_use]
    pub fn samples(mut self, samples: &'static [(&'static str, &'static str)]) -> Self {
        self.samples = samples;
        self
    }

    /// The same, telling gRPC clients what it serves.
    #[cfg(feature = "dev")]
    #[must_use]
    pub fn reflecting(mut self) -> Self {
        self.reflects = true;
        self
    }

    /// The same, slowed down as `delay` says while it runs.
    #[cfg(feature = "dev")]
    #[must_use]
    pub fn delay(mut self, delay: Delay) -> Self {
        self.delay = delay;
        self
    }
}

/// How much later than it could each request is worked on; shared, and changed while the service runs.
#[cfg(feature = "dev")]
#[derive(Clone, Debug, Default)]
pub struct Delay(Arc<AtomicU64>);

#[cfg(feature = "dev")]
impl Delay {
    /// From now on.
    pub fn set(&self, delay: Duration) {
        self.0.store(
            u64::try_from(delay.as_millis()).unwrap_or(u64::MAX),
            Ordering::Relaxed,
        );
    }

    /// As last set.
    pub fn get(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::Relaxed))
    }
}

/// One service, before its apis are added: everything that its operations share.
#[derive(Clone)]
pub struct Host {
    inner: Arc<Inner>,
}

/// Something that several operations share.
type Shared = Arc<dyn Any + Send + Sync>;

struct Inner {
    setup: Setup,
    schemes: Schemes,
    state: Option<state::Shared>,
    tracer: Tracer,
    /// Until the service starts.
    exporter: Mutex<Option<Exporter>>,
    edges: Mutex<Vec<Edge>>,
    /// Cancelled when the service takes no more requests: streams end with it.
    stopping: CancellationToken,
    /// What the protocols of one operation share, by api and operation.
    shared: Mutex<HashMap<(&'static str, &'static str), Shared>>,
}

impl Host {
    /// Prepares what all operations share.
    ///
    /// # Errors
    /// When policy and configuration do not fit together.
    pub fn new(setup: Setup) -> Result<Self, Error> {
        crate::tls::provider();
        let state = state::Shared::of(&setup)?;
        let kept = || match &state {
            Some(state) => state.clone(),
            None => state::Shared::alone(&setup),
        };
        let schemes = Schemes::new(&setup.policy, &setup.config, setup.clock, &kept)?;
        let (tracer, exporter) = Exporter::new(&setup)?;
        let inner = Inner {
            setup,
            schemes,
            state,
            tracer,
            exporter: Mutex::new(exporter),
            edges: Mutex::default(),
            stopping: CancellationToken::new(),
            shared: Mutex::default(),
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// The service, to add its apis to.
    pub fn service(&self) -> Service {
        Service::new(self.clone())
    }

    /// What it was made from.
    pub fn setup(&self) -> &Setup {
        &self.inner.setup
    }

    pub(crate) fn schemes(&self) -> &Schemes {
        &self.inner.schemes
    }

    /// What the service's instances share, if they share anything.
    fn state(&self) -> Option<&state::Shared> {
        self.inner.state.as_ref()
    }

    /// Who records what the service does.
    fn tracer(&self) -> &Tracer {
        &self.inner.tracer
    }

    /// What sends that on, at the first asking.
    fn exporter(&self) -> Option<Exporter> {
        let mut exporter = self
            .inner
            .exporter
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        exporter.take()
    }

    fn stopping(&self) -> &CancellationToken {
        &self.inner.stopping
    }

    fn api(&self, api: &str, protocol: Protocol) -> Result<&ApiPolicy, Error> {
        let policy = &self.setup().policy;
        let missing = || {
            Error::new(format!(
                "{} has no policy for {api} over {protocol:?}",
                policy.service
            ))
        };
        policy.api(api, protocol).ok_or_else(missing)
    }

    fn sample(&self, api: &str, operation: &str) -> Option<&'static str> {
        let named = |name: &str| name.split_once('.') == Some((api, operation));
        self.setup()
            .samples
            .iter()
            .find(|(name, _)| named(name))
            .map(|(_, json)| *json)
    }

    /// What is shared under this name, made by `make` at the first asking.
    fn shared<T: Send + Sync + 'static>(
        &self,
        name: (&'static str, &'static str),
        make: impl FnOnce() -> T,
    ) -> Result<Arc<T>, Error> {
        let mut all = self
            .inner
            .shared
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let shared = all.entry(name).or_insert_with(|| Arc::new(make())).clone();
        let differs = |_| {
            Error::new(format!(
                "{}.{} answers differently on its protocols",
                name.0, name.1
            ))
        };
        shared.downcast().map_err(differs)
    }

    /// A place among the requests in flight.
    fn enter(&self) -> Result<Place<'_>, Problem> {
        let in_flight = self.setup().metrics.in_flight();
        let before = in_flight.inc();
        let place = Place(Cow::Borrowed(in_flight));
        match self.setup().policy.shed {
            Some(most) if usize::try_from(before).is_ok_and(|before| before >= most) => {
                Err(Problem::overloaded("too many requests are under way").retry_after(COME_BACK))
            }
            _ => Ok(place),
        }
    }

    #[cfg(feature = "dev")]
    async fn dawdle(&self) {
        let delay = self.setup().delay.get();
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host")
            .field("service", &self.setup().policy.service)
            .finish_non_exhaustive()
    }
}

/// A request in flight, until it is dropped.
struct Place<'a>(Cow<'a, Gauge>);

impl Place<'_> {
    /// The place of a request that goes on beyond the work on its answer's head.
    fn lasting(&self) -> Place<'static> {
        let gauge = Gauge::clone(&self.0);
        gauge.inc();
        Place(Cow::Owned(gauge))
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// What one api's operations are wired to: the handlers, and the edges that they may call over.
#[derive(Debug)]
pub struct Wire<A, L> {
    host: Host,
    app: Arc<A>,
    links: Arc<L>,
}

impl<A, L> Wire<A, L> {
    /// Wires `app`, whose handlers call over `links` (`()` if they call nobody).
    pub fn new(host: &Host, app: A, links: L) -> Self {
        Self {
            host: host.clone(),
            app: Arc::new(app),
            links: Arc::new(links),
        }
    }
}

/// The paths of one api on one protocol, and the connections that they are served on.
#[derive(Debug)]
pub struct Routes {
    tls: Vec<Tls>,
    router: Router,
    /// The gRPC services among them: `package.Service`.
    services: Vec<&'static str>,
    /// The files that describe these, as a `google.protobuf.FileDescriptorSet`, for those who ask in development.
    #[cfg_attr(
        not(feature = "dev"),
        allow(dead_code, reason = "told in development alone")
    )]
    descriptors: &'static [u8],
}

/// One connection: who is at its other end, and how it is protected.
#[derive(Debug, Default)]
struct Connection {
    peer: Peer,
    tls: Tls,
}
