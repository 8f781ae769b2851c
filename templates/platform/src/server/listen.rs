//! Listeners: sockets, handshakes, and the connections that come of them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tower::Service as _;

use super::Connection;
use crate::config::Listen;
use crate::context::Peer;
use crate::error::Error;
use crate::policy::Tls;
use crate::tls;

/// How long a handshake may take: a caller must not hold a connection by doing nothing.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// How long the head of an HTTP/1 request may take to arrive, which includes the time that the connection idles before
/// it: longer than a pause of a caller who keeps the connection for more.
const HEAD: Duration = Duration::from_secs(75);

/// How long to wait when no connection can be accepted (no file descriptors left, for one).
const PAUSE: Duration = Duration::from_millis(50);

/// Most requests under way on one HTTP/2 connection.
const STREAMS: u32 = 1024;

/// Sockets that a service will serve on, bound before it starts so that their addresses are known.
#[derive(Debug, Default)]
pub struct Sockets {
    pub off: Option<TcpListener>,
    pub server: Option<TcpListener>,
    pub mutual: Option<TcpListener>,
    pub admin: Option<TcpListener>,
    /// Serves in plain text what `server` serves over TLS: browsers refuse certificates of an authority made up for
    /// development.
    #[cfg(feature = "dev")]
    pub plain: Option<TcpListener>,
}

impl Sockets {
    /// Binds the configured addresses.
    ///
    /// # Errors
    /// When one of them cannot be had.
    pub async fn bind(listen: &Listen) -> Result<Self, Error> {
        Ok(Self {
            off: bind(listen.off).await?,
            server: bind(listen.server).await?,
            mutual: bind(listen.mutual).await?,
            admin: bind(listen.admin).await?,
            #[cfg(feature = "dev")]
            plain: None,
        })
    }

    /// The addresses that were bound.
    pub fn addresses(&self) -> Listen {
        let address = |listener: &Option<TcpListener>| listener.as_ref()?.local_addr().ok();
        Listen {
            off: address(&self.off),
            server: address(&self.server),
            mutual: address(&self.mutual),
            admin: address(&self.admin),
        }
    }

    pub(super) fn take(&mut self, tls: Tls) -> Option<TcpListener> {
        match tls {
            Tls::Off => self.off.take(),
            Tls::Server => self.server.take(),
            Tls::Mutual => self.mutual.take(),
        }
    }
}

async fn bind(address: Option<SocketAddr>) -> Result<Option<TcpListener>, Error> {
    let Some(address) = address else {
        return Ok(None);
    };
    let listener = TcpListener::bind(address).await;
    listener
        .map(Some)
        .map_err(|error| Error::because(format!("listening on {address}"), error))
}

/// One socket, the paths that it serves, and how its connections are protected.
pub(super) struct Listener {
    pub(super) socket: TcpListener,
    pub(super) router: Router,
    /// How connections count as protected; what is plain for the sake of development counts as what it stands for.
    pub(super) tls: Tls,
    pub(super) acceptor: Option<TlsAcceptor>,
    /// The system whose services' certificates are read.
    pub(super) system: &'static str,
}

impl Listener {
    /// Serves until `stop`, then until the requests under way have ended; `cut` ends them too.
    pub(super) async fn serve(self, stop: CancellationToken, cut: CancellationToken) {
        let listener = Arc::new(self);
        let graceful = GracefulShutdown::new();
        loop {
            let accepted = tokio::select! {
                biased;
                () = stop.cancelled() => break,
                accepted = listener.socket.accept() => accepted,
            };
            match accepted {
                Ok((stream, address)) => {
                    let connection =
                        listener
                            .clone()
                            .connection(stream, address, graceful.watcher());
                    let cut = cut.clone();
                    tokio::spawn(async move { cut.run_until_cancelled(connection).await });
                }
                Err(error) => {
                    tracing::debug!(%error, "no connection could be accepted");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
        drop(listener);
        graceful.shutdown().await;
    }

    async fn connection(self: Arc<Self>, stream: TcpStream, address: SocketAddr, watcher: Watcher) {
        // Small frames must not wait for each other's acknowledgements; a socket that cannot do this still works.
        let _ = stream.set_nodelay(true);
        let mut peer = Peer {
            address: Some(address.ip().to_canonical()),
            ..Peer::default()
        };
        let Some(acceptor) = &self.acceptor else {
            return self.http(stream, peer, watcher).await;
        };
        match tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await {
            Ok(Ok(stream)) => {
                let certificate = stream
                    .get_ref()
                    .1
                    .peer_certificates()
                    .and_then(<[_]>::first);
                peer.service =
                    certificate.and_then(|certificate| tls::service_of(certificate, self.system));
                self.http(stream, peer, watcher).await;
            }
            Ok(Err(error)) => tracing::debug!(%address, %error, "a handshake failed"),
            Err(_) => tracing::debug!(%address, "a handshake took too long"),
        }
    }

    async fn http<S>(&self, stream: S, peer: Peer, watcher: Watcher)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let connection = Arc::new(Connection {
            peer,
            tls: self.tls,
        });
        let router = self.router.clone();
        let service = hyper::service::service_fn(move |request: hyper::Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(connection.clone());
            router.clone().call(request)
        });
        let mut builder = auto::Builder::new(TokioExecutor::new());
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD);
        builder
            .http2()
            .timer(TokioTimer::new())
            .max_concurrent_streams(STREAMS);
        let served = watcher
            .watch(builder.serve_connection(TokioIo::new(stream), service))
            .await;
        if let Err(error) = served {
            tracing::debug!(%error, "a connection broke off");
        }
    }
}
