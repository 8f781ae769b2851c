//! One HTTP/2 connection to one instance, made when it is needed and again when it is lost.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Request, Response, Uri};
use hyper::body::Incoming;
use hyper::client::conn::http2::{self, SendRequest};
use hyper::rt::{Read, Write};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tonic::body::Body;
use tower::Service;

/// How long connecting may take; an instance that does not answer by then is taken as unreachable.
pub(super) const CONNECT: Duration = Duration::from_secs(3);
/// How often a connection is checked, so that one which silently broke is not found out by requests.
const KEEP_ALIVE: Duration = Duration::from_secs(20);
/// How long the answer to that check may take.
const KEEP_ALIVE_ANSWER: Duration = Duration::from_secs(5);

/// One instance of a callee.
pub(super) struct Instance {
    pub origin: Uri,
    tls: Option<(TlsConnector, ServerName<'static>)>,
    sender: Mutex<Option<SendRequest<Body>>>,
}

/// A request did not reach the callee, or its answer did not reach us.
#[derive(Debug)]
pub(super) struct Broken {
    /// The request certainly was not sent.
    pub not_sent: bool,
    reason: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for Broken {}

impl Broken {
    /// The connection was lost while a request was under way.
    pub fn midway(reason: &str) -> Self {
        Self {
            not_sent: false,
            reason: reason.to_owned(),
        }
    }
}

impl Instance {
    pub fn new(origin: Uri, tls: Option<Arc<ClientConfig>>) -> Result<Self, String> {
        let tls = match tls {
            None => None,
            Some(config) => {
                let host = origin
                    .host()
                    .unwrap_or_default()
                    .trim_matches(['[', ']'])
                    .to_owned();
                let name =
                    ServerName::try_from(host).map_err(|error| format!("`{origin}`: {error}"))?;
                let mut config = ClientConfig::clone(&config);
                config.alpn_protocols = vec![b"h2".to_vec()];
                Some((TlsConnector::from(Arc::new(config)), name))
            }
        };
        Ok(Self {
            origin,
            tls,
            sender: Mutex::new(None),
        })
    }

    /// The connection, made now if there is none. Those who come meanwhile wait for the same one.
    pub async fn connected(&self) -> Result<Connected, Broken> {
        let mut sender = self.sender.lock().await;
        if let Some(open) = sender.as_ref().filter(|sender| !sender.is_closed()) {
            return Ok(Connected(open.clone()));
        }
        // Behind a pointer: a handshake's state is large, and all calls but the first go without one.
        let opened = timeout(CONNECT, Box::pin(self.connect()))
            .await
            .unwrap_or_else(|_| Err("no connection in time".into()));
        let opened = opened.map_err(|reason| Broken {
            not_sent: true,
            reason,
        })?;
        *sender = Some(opened.clone());
        Ok(Connected(opened))
    }

    async fn connect(&self) -> Result<SendRequest<Body>, String> {
        let host = self
            .origin
            .host()
            .unwrap_or_default()
            .trim_matches(['[', ']']);
        let standard = if self.tls.is_some() { 443 } else { 80 };
        let port = self.origin.port_u16().unwrap_or(standard);
        let stream = TcpStream::connect((host, port))
            .await
            .map_err(|error| error.to_string())?;
        stream
            .set_nodelay(true)
            .map_err(|error| error.to_string())?;
        match &self.tls {
            None => handshake(TokioIo::new(stream)).await,
            Some((connector, name)) => {
                let stream = connector
                    .connect(name.clone(), stream)
                    .await
                    .map_err(|error| error.to_string())?;
                handshake(TokioIo::new(stream)).await
            }
        }
    }
}

async fn handshake(
    io: impl Read + Write + Send + Unpin + 'static,
) -> Result<SendRequest<Body>, String> {
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder.timer(TokioTimer::new());
    builder
        .keep_alive_interval(KEEP_ALIVE)
        .keep_alive_timeout(KEEP_ALIVE_ANSWER)
        .keep_alive_while_idle(true);
    let (sender, connection) = builder
        .handshake(io)
        .await
        .map_err(|error| error.to_string())?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection ended");
        }
    });
    Ok(sender)
}

/// A connection, as the service that tonic sends through.
pub(super) struct Connected(SendRequest<Body>);

impl Service<Request<Body>> for Connected {
    type Response = Response<Incoming>;
    type Error = Broken;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Broken>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Broken>> {
        self.0.poll_ready(context).map_err(|error| Broken {
            not_sent: true,
            reason: error.to_string(),
        })
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let sent = self.0.try_send_request(request);
        Box::pin(async move {
            sent.await.map_err(|mut error| Broken {
                // The request is handed back exactly when nothing of it was sent.
                not_sent: error.take_message().is_some(),
                reason: error.into_error().to_string(),
            })
        })
    }
}
