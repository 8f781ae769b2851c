//! A whole service, from its first listener to its last request.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tonic::Status;

use super::listen::Listener;
#[cfg(feature = "dev")]
use super::reflection;
use super::{Host, Routes, Sockets, grpc, health, session};
use crate::admin;
use crate::auth::session::Sessions;
use crate::client::Edge;
use crate::config::Listen;
use crate::error::Error;
use crate::policy::{Protocol, Tls};
use crate::problem::Problem;
use crate::telemetry::{Exporter, Exporting};
use crate::tls;

/// A service with its apis, ready to run.
#[derive(Debug)]
pub struct Service {
    host: Host,
    routes: Vec<Routes>,
}

impl Service {
    pub(super) fn new(host: Host) -> Self {
        Self {
            host,
            routes: Vec::new(),
        }
    }

    /// The same, serving these too.
    #[must_use]
    pub fn with(mut self, routes: Routes) -> Self {
        self.routes.push(routes);
        self
    }

    /// Serves on the configured addresses until the process is told to end (SIGTERM, SIGINT), then drains.
    ///
    /// # Errors
    /// When it cannot start.
    pub async fn run(self) -> Result<(), Error> {
        let bound = Sockets::bind(&self.host.setup().config.listen).await?;
        let running = self.start(bound)?;
        told_to_end().await?;
        tracing::info!("draining");
        running.stop().await;
        Ok(())
    }

    /// Serves on these sockets from now on.
    ///
    /// # Errors
    /// When a socket is missing, or the certificates cannot be used.
    pub fn start(self, mut bound: Sockets) -> Result<Running, Error> {
        let addresses = bound.addresses();
        let (stop, cut) = (self.host.stopping().clone(), CancellationToken::new());
        let draining = CancellationToken::new();
        let mut listeners = self.listeners(&mut bound, &draining)?;
        let setup = self.host.setup();
        if let Some(state) = self.host.state() {
            state.open();
        }
        if let Some(socket) = bound.admin.take() {
            let state = self.host.state().cloned();
            let router = admin::router(setup.metrics.clone(), draining.clone(), state);
            listeners.push(Listener {
                socket,
                router,
                tls: Tls::Off,
                acceptor: None,
                system: setup.policy.system,
            });
        }
        let mut tasks = JoinSet::new();
        for listener in listeners {
            tasks.spawn(listener.serve(stop.clone(), cut.clone()));
        }
        let exporting = self.host.exporter().map(Exporter::start);
        let drain = &setup.config.drain;
        let (notice, limit) = (drain.notice(), drain.limit());
        tracing::info!(service = setup.policy.service, ?addresses, "serving");
        Ok(Running {
            addresses,
            edges: self.host.edges(),
            draining,
            stop,
            cut,
            tasks,
            exporting,
            notice,
            limit,
        })
    }

    fn listeners(
        &self,
        sockets: &mut Sockets,
        draining: &CancellationToken,
    ) -> Result<Vec<Listener>, Error> {
        let setup = self.host.setup();
        let mut listeners = Vec::new();
        for mode in [Tls::Off, Tls::Server, Tls::Mutual] {
            let Some(router) = self.router(mode, draining) else {
                continue;
            };
            let missing = || {
                Error::new(format!(
                    "no address is configured for connections with tls = {mode:?}"
                ))
            };
            let socket = sockets.take(mode).ok_or_else(missing)?;
            let system = setup.policy.system;
            #[cfg(feature = "dev")]
            if let Some(socket) = sockets.plain.take_if(|_| mode == Tls::Server) {
                listeners.push(Listener {
                    socket,
                    router: router.clone(),
                    tls: mode,
                    acceptor: None,
                    system,
                });
            }
            let acceptor = match (mode, &setup.config.tls) {
                (Tls::Off, _) => None,
                (_, Some(config)) => Some(TlsAcceptor::from(tls::server(mode, config)?)),
                (_, None) => return Err(Error::new("no certificates are configured")),
            };
            listeners.push(Listener {
                socket,
                router,
                tls: mode,
                acceptor,
                system,
            });
        }
        Ok(listeners)
    }

    /// The sessions that browsers show on connections protected like this.
    fn sessions(&self, mode: Tls) -> Option<Arc<Sessions>> {
        let apis = self.host.setup().policy.apis.iter();
        let mut names = apis
            .filter(|api| api.protocol == Protocol::Rest && api.tls.contains(&mode))
            .flat_map(|api| &api.operations)
            .flat_map(|operation| &operation.auth);
        let schemes = self.host.schemes();
        names.find_map(|name| schemes.sessions(name)).cloned()
    }

    /// Everything that is served on connections protected like this.
    fn router(&self, mode: Tls, draining: &CancellationToken) -> Option<Router> {
        let served = || {
            self.routes
                .iter()
                .filter(|routes| routes.tls.contains(&mode))
        };
        let router = served()
            .map(|routes| routes.router.clone())
            .reduce(Router::merge)?;
        let router = match self.sessions(mode) {
            Some(sessions) => router.merge(session::router(&self.host, sessions)),
            None => router,
        };
        let services: Vec<_> = served()
            .flat_map(|routes| routes.services.iter().copied())
            .collect();
        if services.is_empty() {
            return Some(router.fallback(not_found));
        }
        #[cfg(feature = "dev")]
        let router = if self.host.setup().reflects {
            let descriptors = served().map(|routes| routes.descriptors);
            router.merge(reflection::router(&services, descriptors, draining))
        } else {
            router
        };
        let router = router.merge(health::router(services, draining.clone()));
        Some(router.fallback(not_found))
    }
}

/// A service that serves; when dropped, it ends at once.
#[derive(Debug)]
pub struct Running {
    addresses: Listen,
    edges: Vec<Edge>,
    draining: CancellationToken,
    stop: CancellationToken,
    cut: CancellationToken,
    tasks: JoinSet<()>,
    exporting: Option<Exporting>,
    notice: Duration,
    limit: Duration,
}

impl Running {
    /// Where it serves.
    pub fn addresses(&self) -> &Listen {
        &self.addresses
    }

    /// The edges that it calls over.
    pub fn edges(&self) -> &[Edge] {
        &self.edges
    }

    /// Refuses new connections and returns when the requests under way have ended, or were cut off for taking too long.
    pub async fn stop(mut self) {
        self.draining.cancel();
        if !self.notice.is_zero() {
            tokio::time::sleep(self.notice).await;
        }
        self.stop.cancel();
        let ended = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(self.limit, ended).await.is_err() {
            tracing::warn!("requests that were still under way are cut off");
            self.cut.cancel();
        }
        if let Some(exporting) = self.exporting.take() {
            exporting.finish().await;
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.draining.cancel();
        self.stop.cancel();
        self.cut.cancel();
    }
}

/// Returns when the process is told to end.
pub(crate) async fn told_to_end() -> Result<(), Error> {
    let failed = |error| Error::because("listening for signals", error);
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
        tokio::select! {
            _ = terminate.recv() => Ok(()),
            pressed = tokio::signal::ctrl_c() => pressed.map_err(failed),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await.map_err(failed)
}

async fn not_found(request: Request) -> Response {
    let problem = Problem::not_found("nothing is served at this path");
    if grpc::is_grpc(request.headers()) {
        // gRPC answers an unknown method so, whatever the path.
        Status::unimplemented("unknown method").into_http()
    } else {
        problem.into_response()
    }
}
