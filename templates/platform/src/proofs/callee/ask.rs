//! Raw requests, as anybody could send them.

use std::net::IpAddr;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder};
use rustls::ClientConfig;
use serde_json::Value;
use tokio::time::{Instant, timeout};
use tonic::metadata::MetadataMap;
use tonic::{Code, Status};

use super::super::peer::framed;
use super::super::row::{Probe, Wire};
use super::Subject;
use super::stage::Stage;
use crate::client::Prepared;
use crate::dev::{Authority, Claims};
use crate::policy::{Protocol, Tls};
use crate::problem::Problem;
use crate::tls;

/// A request that has not been answered after this (virtual) time never will.
const PATIENCE: Duration = Duration::from_secs(3600);

/// Who asks, and how the connection is made.
pub(super) struct Asker {
    client: Client,
    base: String,
    probe: &'static Probe,
    /// What is shown: a token, a key, a name and password.
    shown: Vec<(&'static str, String)>,
}

/// How the connection is made.
#[derive(Clone, Copy)]
pub(super) struct Line<'a> {
    /// The way that is tried; the listener for the same way is called.
    pub tls: Tls,
    /// The listener that is called instead.
    pub at: Tls,
    /// The service whose certificate is shown.
    pub shows: Option<&'a str>,
    /// The authority that issued it, if not the system's own.
    pub issued_by: Option<&'a Authority>,
    /// The address that it is made from.
    pub from: Option<IpAddr>,
    /// It goes to the second instance.
    pub second: bool,
}

/// What came back.
#[derive(Debug)]
pub(super) struct Answer {
    /// `ok`, a problem's code, or `unreachable`.
    pub code: String,
    pub retry_after: Option<Duration>,
    pub took: Duration,
}

impl<'a> Line<'a> {
    /// The straight way for `probe`, as the first service that may come in where a certificate is needed.
    pub fn of(probe: &Probe) -> Self {
        Self::over(probe, probe.strictest())
    }

    /// The straight way where connections are protected by `tls`.
    pub fn over(probe: &Probe, tls: Tls) -> Self {
        let shows = probe.peers.first().copied().filter(|_| tls == Tls::Mutual);
        Self {
            tls,
            at: tls,
            shows,
            issued_by: None,
            from: None,
            second: false,
        }
    }
}

impl Subject<'_> {
    /// Somebody without a token, on the straight way.
    pub(super) fn asker(&self, stage: &Stage) -> Asker {
        self.asker_by(stage, Line::of(self.probe))
    }

    /// Somebody without a token.
    pub(super) fn asker_by(&self, stage: &Stage, line: Line<'_>) -> Asker {
        let second = stage.second.as_ref().filter(|_| line.second);
        let address = second
            .unwrap_or(&stage.listen)
            .address(line.at)
            .unwrap_or_else(|| panic!("there is no listener for {:?}", line.at));
        let scheme = if line.tls == Tls::Off {
            "http"
        } else {
            "https"
        };
        let mut builder = Client::builder()
            .no_proxy()
            .redirect(Policy::none())
            .local_address(line.from);
        let grpc = self.probe.protocol == Protocol::Grpc;
        builder = if line.tls == Tls::Off {
            let builder = builder.tls_certs_only([]);
            if grpc {
                builder.http2_prior_knowledge()
            } else {
                builder
            }
        } else {
            builder.tls_backend_preconfigured(configured(stage, line, grpc))
        };
        let client = builder
            .build()
            .unwrap_or_else(|error| panic!("no client: {error}"));
        Asker {
            client,
            base: format!("{scheme}://{address}"),
            probe: self.probe,
            shown: Vec::new(),
        }
    }

    /// A token of a user with these roles.
    pub(super) fn token(
        &self,
        stage: &Stage,
        scheme: &str,
        subject: &str,
        roles: &[&str],
    ) -> String {
        self.token_with(stage, scheme, &Claims::of(subject, roles))
    }

    /// A token that says this.
    pub(super) fn token_with(&self, stage: &Stage, scheme: &str, claims: &Claims) -> String {
        stage
            .provider
            .token(scheme, claims)
            .unwrap_or_else(|error| panic!("{error}"))
    }
}

fn configured(stage: &Stage, line: Line<'_>, grpc: bool) -> ClientConfig {
    let issuer = line.issued_by.unwrap_or(&stage.authority);
    let mut config = match line.shows {
        Some(service) => {
            let mut own = issuer
                .identity(service)
                .unwrap_or_else(|error| panic!("{error}"));
            own.authorities = crate::config::Pem::Text(stage.authority.certificate().to_owned());
            tls::client(Tls::Mutual, &own)
        }
        None => stage
            .authority
            .identity("nobody")
            .and_then(|any| tls::client(Tls::Server, &any)),
    }
    .unwrap_or_else(|error| panic!("{error}"));
    let h2 = b"h2".to_vec();
    config.alpn_protocols = if grpc {
        vec![h2]
    } else {
        vec![h2, b"http/1.1".to_vec()]
    };
    config
}

impl Asker {
    /// The same with a token.
    #[must_use]
    pub fn with_token(self, token: String) -> Self {
        self.with_header("authorization", format!("Bearer {token}"))
    }

    /// The same with a header.
    #[must_use]
    pub fn with_header(self, name: &'static str, value: String) -> Self {
        Self {
            shown: vec![(name, value)],
            ..self
        }
    }

    /// The same with one more header.
    #[must_use]
    pub fn and_header(mut self, name: &'static str, value: String) -> Self {
        self.shown.push((name, value));
        self
    }

    /// Follows a link, to a path of the service or elsewhere.
    pub async fn get(&self, to: &str, headers: &[(&str, &str)]) -> (StatusCode, HeaderMap) {
        self.go(Method::GET, to, headers).await
    }

    /// Sends an empty form to a path.
    pub async fn post(&self, to: &str, headers: &[(&str, &str)]) -> (StatusCode, HeaderMap) {
        self.go(Method::POST, to, headers).await
    }

    async fn go(
        &self,
        method: Method,
        to: &str,
        headers: &[(&str, &str)],
    ) -> (StatusCode, HeaderMap) {
        let url = match to.starts_with('/') {
            true => format!("{}{to}", self.base),
            false => to.to_owned(),
        };
        head(self.client.request(method, url), headers).await
    }

    /// The same with the key or the password of `who`.
    #[must_use]
    pub fn with_credential(self, stage: &Stage, scheme: &str, who: &str) -> Self {
        let keyring = &stage.keyring;
        let header = keyring
            .shown(scheme, who)
            .and_then(|shown| keyring.header(scheme, &shown));
        let (name, value) = header.unwrap_or_else(|| panic!("{who} has nothing of {scheme}"));
        self.with_header(name, value)
    }

    /// Asks what the probe asks.
    pub async fn ask(&self) -> Answer {
        self.ask_with(self.probe.request, None).await
    }

    /// Asks `count` times, one after the other; how many were let in.
    pub async fn count_ok(&self, count: u32) -> u32 {
        let mut ok = 0;
        for _ in 0..count {
            ok += u32::from(self.ask().await.code == "ok");
        }
        ok
    }

    /// Sends another request, with an idempotency key.
    pub async fn ask_with(&self, request: &str, key: Option<&str>) -> Answer {
        self.send(self.written(request), key, PATIENCE).await
    }

    /// Asks, and waits long beside `expected`.
    pub async fn ask_beside(&self, expected: Duration) -> Answer {
        self.send(self.written(self.probe.request), None, expected * 20)
            .await
    }

    /// Asks with a body of exactly `size` bytes, padded with what every reader ignores; `None` when that is too short.
    pub async fn ask_sized(&self, size: usize) -> Option<Answer> {
        let mut written = self.written(self.probe.request);
        written.body = padded(self.probe.protocol, &written.body, size)?;
        Some(self.send(written, None, PATIENCE).await)
    }

    /// Asks over HTTP with further headers, by another method if one is given; status and headers of the answer.
    pub async fn ask_by(
        &self,
        method: Option<Method>,
        headers: &[(&str, &str)],
    ) -> (StatusCode, HeaderMap) {
        let written = self.written(self.probe.request);
        let url = format!("{}{}", self.base, written.path);
        let mut request = self.client.request(method.unwrap_or(written.method), url);
        if !written.body.is_empty() {
            request = request
                .header("content-type", "application/json")
                .body(written.body);
        }
        for (name, value) in &self.shown {
            request = request.header(*name, value);
        }
        head(request, headers).await
    }

    fn written(&self, request: &str) -> Written {
        match self.probe.wire {
            Wire::Rest { method, path } => {
                let method =
                    Method::from_bytes(method.as_bytes()).unwrap_or_else(|error| panic!("{error}"));
                let request: Value = super::super::row::sample(request);
                let prepared = Prepared::new(method, path, &request)
                    .unwrap_or_else(|problem| panic!("{problem}"));
                let body = prepared.body.unwrap_or_default();
                Written {
                    method: prepared.method,
                    path: prepared.path_and_query,
                    body,
                }
            }
            Wire::Grpc { path, encode } => Written {
                method: Method::POST,
                path: path.to_owned(),
                body: encode(request).into(),
            },
        }
    }

    async fn send(&self, written: Written, key: Option<&str>, patience: Duration) -> Answer {
        let grpc = self.probe.protocol == Protocol::Grpc;
        let mut request = self
            .client
            .request(written.method, format!("{}{}", self.base, written.path));
        if grpc {
            request = request
                .header("content-type", "application/grpc")
                .header("te", "trailers");
            request = request.body(framed(&written.body));
        } else if !written.body.is_empty() {
            request = request
                .header("content-type", "application/json")
                .body(written.body);
        }
        for (name, value) in &self.shown {
            request = request.header(*name, value);
        }
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let started = Instant::now();
        let answer = async {
            let response = request.send().await?;
            let (status, headers) = (response.status(), response.headers().clone());
            let body = response.bytes().await?;
            let problem = if grpc {
                told_by_grpc(&headers)
            } else {
                (!status.is_success()).then(|| Problem::from_http(status, &headers, &body))
            };
            Ok::<_, reqwest::Error>(problem)
        };
        let (code, retry_after) = match timeout(patience, answer).await {
            Err(_) => ("never ended".to_owned(), None),
            Ok(Err(_)) => ("unreachable".to_owned(), None),
            Ok(Ok(None)) => ("ok".to_owned(), None),
            Ok(Ok(Some(problem))) => (problem.code.into_owned(), problem.retry_after),
        };
        Answer {
            code,
            retry_after,
            took: started.elapsed(),
        }
    }
}

/// A request as it is sent.
struct Written {
    method: Method,
    path: String,
    body: Bytes,
}

/// Sends a request with further headers: status and headers of the answer.
async fn head(mut request: RequestBuilder, headers: &[(&str, &str)]) -> (StatusCode, HeaderMap) {
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = timeout(PATIENCE, request.send()).await;
    let answer = answer.unwrap_or_else(|_| panic!("a request never ended"));
    let answer = answer.unwrap_or_else(|error| panic!("{error}"));
    (answer.status(), answer.headers().clone())
}

/// The failure that an answer's headers tell of; a success has its status in the trailers.
fn told_by_grpc(headers: &HeaderMap) -> Option<Problem> {
    let code = headers.get("grpc-status")?;
    let code = Code::from_bytes(code.as_bytes());
    let metadata = MetadataMap::from_headers(headers.clone());
    (code != Code::Ok).then(|| Problem::from(&Status::with_metadata(code, "", metadata)))
}

/// JSON is padded with spaces, a message with a field that nobody knows.
fn padded(protocol: Protocol, body: &[u8], size: usize) -> Option<Bytes> {
    /// The largest field number, as bytes.
    const UNKNOWN: [u8; 5] = [0xfa, 0xff, 0xff, 0xff, 0x0f];
    let missing = size.checked_sub(body.len())?;
    let mut padded = body.to_vec();
    if protocol == Protocol::Rest {
        padded.resize(size, b' ');
    } else if missing > 0 {
        // A length takes as many bytes as it has groups of seven bits; here always five, with leading zeros.
        let content = missing.checked_sub(UNKNOWN.len() + 5)?;
        padded.extend_from_slice(&UNKNOWN);
        (0..5).for_each(|group| {
            let bits = (content >> (7 * group)) & 0x7f;
            padded.push(u8::try_from(bits).unwrap_or(0) | if group < 4 { 0x80 } else { 0 });
        });
        padded.resize(size, 0);
    }
    Some(padded.into())
}
