//! One address of a collector.

use std::time::{Duration, Instant};

use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use reqwest::{Client, Url, redirect};

use crate::config::Headers;
use crate::error::Error;

/// How long the collector may take to answer. OpenTelemetry's default.
const TIMEOUT: Duration = Duration::from_secs(10);

/// A collector that stays away is complained of once in this time.
const COMPLAIN: Duration = Duration::from_secs(300);

/// Posts messages to one address.
#[derive(Debug)]
pub(super) struct Post {
    client: Client,
    url: Url,
    /// When it was last told that messages are not taken; none since the last that was.
    told: Option<Instant>,
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sent {
    /// It arrived, or never will.
    Done,
    /// It may be taken later.
    NotNow,
}

impl Post {
    /// Messages for `path` below the address of `collector`.
    ///
    /// # Errors
    /// When the address or a header is not one.
    pub fn new(collector: &str, path: &str, headers: &Headers) -> Result<Self, Error> {
        crate::tls::provider();
        let failed = |cause: String| Error::because(format!("the collector {collector}"), cause);
        let url = format!("{}/{path}", collector.trim_end_matches('/'));
        let url: Url = url.parse().map_err(|error| failed(format!("{error}")))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(failed(
                "it must be http://HOST:PORT or https://HOST:PORT".into(),
            ));
        }
        let mut all = HeaderMap::new();
        for (name, value) in headers.iter() {
            let header = (HeaderName::try_from(name), HeaderValue::try_from(value));
            let (Ok(name), Ok(mut value)) = header else {
                return Err(failed(format!("its header {name} cannot be sent")));
            };
            value.set_sensitive(true);
            all.insert(name, value);
        }
        all.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/x-protobuf"),
        );
        all.insert(
            USER_AGENT,
            HeaderValue::from_static(concat!(
                env!("CARGO_PKG_NAME"),
                "/",
                env!("CARGO_PKG_VERSION")
            )),
        );
        let mut client = Client::builder()
            .timeout(TIMEOUT)
            .redirect(redirect::Policy::none())
            .default_headers(all);
        if url.scheme() == "http" {
            // Spares loading the machine's authorities, which nobody would ask.
            client = client.tls_certs_only([]);
        }
        let client = client.build().map_err(|error| failed(format!("{error}")))?;
        Ok(Self {
            client,
            url,
            told: None,
        })
    }

    /// The collector as log lines name it: its address may hold a password.
    fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// Sends a message.
    pub async fn send(&mut self, message: Vec<u8>) -> Sent {
        let request = self.client.post(self.url.clone()).body(message);
        let (reason, sent) = match request.send().await {
            Ok(answer) if answer.status().is_success() => {
                if self.told.take().is_some() {
                    tracing::info!(host = self.host(), "the collector takes telemetry again");
                }
                return Sent::Done;
            }
            // These the protocol names as passing.
            Ok(answer) if matches!(answer.status().as_u16(), 429 | 502..=504) => {
                (answer.status().to_string(), Sent::NotNow)
            }
            Ok(answer) => (answer.status().to_string(), Sent::Done),
            Err(error) => (error.without_url().to_string(), Sent::NotNow),
        };
        if self.told.is_none_or(|told| told.elapsed() >= COMPLAIN) {
            self.told = Some(Instant::now());
            tracing::warn!(
                host = self.host(),
                reason,
                "the collector takes no telemetry"
            );
        }
        sent
    }
}
