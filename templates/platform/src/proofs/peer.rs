//! The other end of an edge: a socket that answers every request as a script says, and remembers what came.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use axum::serve::Listener;
use bytes::{BufMut, Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, Uri};
use http_body::Frame;
use http_body_util::StreamBody;
use rustls::ServerConfig;
use rustls::pki_types::CertificateDer;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::{Instant, sleep};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::policy::Protocol;
use crate::problem::Problem;

/// An answer. Nearly all are problems, which need no knowledge of the message types; the policy takes what is the caller's own
/// fault for a sign of health.
#[derive(Clone, Debug)]
pub(super) enum Answer {
    /// A success with this message: JSON, or protobuf.
    Good(Vec<u8>),
    /// The callee is well.
    Well,
    /// The callee failed, in a way that may pass.
    Ill,
    /// It is well, but takes this long.
    WellAfter(Duration),
    /// It never answers.
    Never,
}

/// One request that came in.
#[derive(Clone, Debug)]
pub(super) struct Arrival {
    pub at: Instant,
    pub headers: HeaderMap,
}

#[derive(Default)]
struct Seen {
    arrivals: Vec<Arrival>,
    /// The certificates that connections came with.
    certificates: Vec<CertificateDer<'static>>,
}

/// A scripted peer on a loopback socket.
#[derive(Clone)]
pub(super) struct Peer {
    address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
    secure: bool,
}

impl Peer {
    /// Starts one that answers request number n, from 0, with `script(n)`.
    pub async fn start(
        protocol: Protocol,
        tls: Option<Arc<ServerConfig>>,
        script: impl Fn(usize) -> Answer + Clone + Send + Sync + 'static,
    ) -> Self {
        let tcp = TcpListener::bind("127.0.0.1:0")
            .await
            .unwrap_or_else(|error| panic!("no free port: {error}"));
        let address = tcp
            .local_addr()
            .unwrap_or_else(|error| panic!("no address: {error}"));
        let seen = Arc::new(Mutex::new(Seen::default()));
        let peer = Self {
            address,
            seen: Arc::clone(&seen),
            secure: tls.is_some(),
        };
        let recording = peer.clone();
        let router = Router::new().fallback(move |request: Request| {
            let answer = script(recording.record(&request));
            async move { respond(protocol, answer).await }
        });
        let listener = PeerListener {
            tcp,
            tls: tls.map(TlsAcceptor::from),
            seen,
        };
        tokio::spawn(async move { axum::serve(listener, router).await });
        peer
    }

    /// Where it is.
    pub fn uri(&self) -> Uri {
        let scheme = if self.secure { "https" } else { "http" };
        let uri = format!("{scheme}://{}", self.address);
        uri.parse().unwrap_or_else(|error| panic!("{uri}: {error}"))
    }

    /// How many requests came in.
    pub fn count(&self) -> usize {
        self.lock().arrivals.len()
    }

    /// The requests that came in.
    pub fn arrivals(&self) -> Vec<Arrival> {
        self.lock().arrivals.clone()
    }

    /// The certificate that the last connection came with.
    pub fn certificate(&self) -> Option<CertificateDer<'static>> {
        self.lock().certificates.last().cloned()
    }

    /// Remembers a request; its number.
    fn record(&self, request: &Request) -> usize {
        let mut seen = self.lock();
        seen.arrivals.push(Arrival {
            at: Instant::now(),
            headers: request.headers().clone(),
        });
        seen.arrivals.len() - 1
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An address at which nothing listens, and which is given to nobody else meanwhile.
pub(super) struct Nobody {
    pub(super) address: Uri,
    _taken: TcpSocket,
}

impl Nobody {
    pub(super) fn new() -> Self {
        let taken = TcpSocket::new_v4().unwrap_or_else(|error| panic!("no socket: {error}"));
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        taken
            .bind(any)
            .unwrap_or_else(|error| panic!("no free port: {error}"));
        let address = taken
            .local_addr()
            .unwrap_or_else(|error| panic!("no address: {error}"));
        let uri = format!("http://{address}");
        Self {
            address: uri.parse().unwrap_or_else(|error| panic!("{uri}: {error}")),
            _taken: taken,
        }
    }
}

async fn respond(protocol: Protocol, answer: Answer) -> Response {
    let problem = match answer {
        Answer::Good(message) => return good(protocol, message),
        Answer::Well => Problem::not_found("scripted"),
        Answer::Ill => Problem::unavailable("scripted"),
        Answer::WellAfter(pause) => {
            sleep(pause).await;
            Problem::not_found("scripted")
        }
        Answer::Never => std::future::pending().await,
    };
    match protocol {
        Protocol::Rest => problem.into_response(),
        Protocol::Grpc => tonic::Status::from(problem).into_http::<Body>(),
    }
}

/// A success.
fn good(protocol: Protocol, message: Vec<u8>) -> Response {
    if protocol == Protocol::Rest {
        return ([("content-type", "application/json")], message).into_response();
    }
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", HeaderValue::from_static("0"));
    let frames = [Frame::data(framed(&message)), Frame::trailers(trailers)];
    let frames = frames.map(Ok::<_, Infallible>);
    let body = Body::new(StreamBody::new(futures_util::stream::iter(frames)));
    ([("content-type", "application/grpc")], body).into_response()
}

/// A message in the frame that gRPC puts around it.
pub(super) fn framed(message: &[u8]) -> Bytes {
    let mut frame = BytesMut::with_capacity(message.len() + 5);
    frame.put_u8(0);
    frame.put_u32(u32::try_from(message.len()).unwrap_or(u32::MAX));
    frame.put_slice(message);
    frame.freeze()
}

struct PeerListener {
    tcp: TcpListener,
    tls: Option<TlsAcceptor>,
    seen: Arc<Mutex<Seen>>,
}

/// Plain or encrypted.
type Io = tokio_util::either::Either<TcpStream, TlsStream<TcpStream>>;

impl Listener for PeerListener {
    type Io = Io;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Io, SocketAddr) {
        loop {
            let Ok((stream, address)) = self.tcp.accept().await else {
                continue;
            };
            // Small answers must not wait for acknowledgements, or the paused clock runs away.
            if stream.set_nodelay(true).is_err() {
                continue;
            }
            let Some(acceptor) = &self.tls else {
                return (Io::Left(stream), address);
            };
            let Ok(stream) = acceptor.accept(stream).await else {
                continue;
            };
            let certificates = stream.get_ref().1.peer_certificates().unwrap_or_default();
            let certificates = certificates
                .iter()
                .take(1)
                .map(|one| one.clone().into_owned());
            self.seen
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .certificates
                .extend(certificates);
            return (Io::Right(stream), address);
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.tcp.local_addr()
    }
}
