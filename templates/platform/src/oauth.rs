//! The service as a client of an identity provider (OAuth 2.0): who it is there, and what a token endpoint answers it.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use reqwest::{StatusCode, Url};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::config::ServiceConfig;
use crate::error::Error;
use crate::policy::{ClientId, Secret};
use crate::watched::Watched;

/// A parameter of a query or of a form.
pub(crate) fn parameter(form: &[u8], name: &str) -> Option<String> {
    let mut pairs = form_urlencoded::parse(form);
    let found = pairs.find(|(key, _)| key == name);
    found.map(|(_, value)| value.into_owned())
}

/// How long a token is used whose provider does not say how long it is good for.
const UNSAID: Duration = Duration::from_secs(60);

/// What the provider knows the service as.
pub(crate) struct Client {
    scheme: &'static str,
    http: reqwest::Client,
    id: Id,
    secret: Watched<String>,
}

/// The name under which the provider knows the service.
enum Id {
    Is(&'static str),
    In(Watched<String>),
}

/// Tokens as they come (RFC 6749, section 5.1).
pub(crate) struct Granted {
    /// What is shown to others.
    pub(crate) access: String,
    /// How long that is good for, from now on.
    pub(crate) lifetime: Duration,
    /// What the next one is had for.
    pub(crate) refresh: Option<String>,
    /// Whom the provider vouches for (OpenID Connect).
    pub(crate) identity: Option<String>,
}

/// Why there are none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The provider cannot be reached, or refuses us.
    Unavailable,
    /// It does not take what was shown on behalf of a user.
    Grant,
}

#[derive(Deserialize)]
struct Answer {
    access_token: String,
    token_type: String,
    expires_in: Option<u64>,
    refresh_token: Option<String>,
    id_token: Option<String>,
}

/// Why none come (RFC 6749, section 5.2).
#[derive(Deserialize)]
struct Denied {
    error: String,
}

/// Why none came, with words for the log where others than the user have to know.
struct Reason {
    refusal: Refusal,
    told: String,
}

impl Client {
    /// The client that `scheme` names, asking by `http`.
    ///
    /// # Errors
    /// When a secret is missing.
    pub(crate) fn new(
        scheme: &'static str,
        http: reqwest::Client,
        id: ClientId,
        secret: Secret,
        config: &ServiceConfig,
    ) -> Result<Self, Error> {
        let line = |text: &str| match text.trim() {
            "" => Err(Error::new("it is empty")),
            text => Ok(text.to_owned()),
        };
        let watched =
            |what: &str, secret| config.secret(&format!("{what} of {scheme}"), secret, line);
        Ok(Self {
            scheme,
            http,
            id: match id {
                ClientId::Is(id) => Id::Is(id),
                ClientId::In(secret) => Id::In(watched("the client id", secret)?),
            },
            secret: watched("the client secret", secret)?,
        })
    }

    /// What a provider publishes of itself at `url`, if it is the one that calls itself `issuer`.
    ///
    /// # Errors
    /// In words for the log.
    pub(crate) async fn described<D: DeserializeOwned>(
        &self,
        url: Url,
        issuer: &str,
    ) -> Result<D, String> {
        let told = |error: reqwest::Error| error.without_url().to_string();
        let response = self.http.get(url).send().await;
        let response = response.and_then(reqwest::Response::error_for_status);
        let described: Value = response.map_err(told)?.json().await.map_err(told)?;
        let named = described["issuer"].as_str().unwrap_or_default();
        if named.trim_end_matches('/') != issuer.trim_end_matches('/') {
            return Err("the published issuer is another one".to_owned());
        }
        serde_json::from_value(described).map_err(|error| error.to_string())
    }

    /// The name of the scheme.
    pub(crate) fn scheme(&self) -> &'static str {
        self.scheme
    }

    /// The name under which the provider knows the service.
    pub(crate) fn id(&self) -> String {
        match &self.id {
            Id::Is(id) => (*id).to_owned(),
            Id::In(id) => String::clone(&id.current()),
        }
    }

    /// Asks a token endpoint. `grant` is what it calls it if it does not take what `form` shows on behalf of a user.
    ///
    /// # Errors
    /// When no token comes; the log says why.
    pub(crate) async fn token<V: AsRef<str>>(
        &self,
        endpoint: &Url,
        form: &[(&str, V)],
        grant: &[&str],
    ) -> Result<Granted, Refusal> {
        self.answer(endpoint, form, grant).await.map_err(|reason| {
            let told = reason.told;
            tracing::warn!(scheme = self.scheme, error = %told, "no token is granted");
            reason.refusal
        })
    }

    async fn answer<V: AsRef<str>>(
        &self,
        endpoint: &Url,
        form: &[(&str, V)],
        grant: &[&str],
    ) -> Result<Granted, Reason> {
        let unavailable = |told: String| Reason {
            refusal: Refusal::Unavailable,
            told,
        };
        let (status, text) = self.post(endpoint, form).await.map_err(unavailable)?;
        if !status.is_success() {
            let denied = serde_json::from_slice::<Denied>(&text).ok();
            let code = denied.map(|denied| denied.error).unwrap_or_default();
            return Err(Reason {
                refusal: if grant.contains(&code.as_str()) {
                    Refusal::Grant
                } else {
                    Refusal::Unavailable
                },
                told: format!("answered with {status} {code}"),
            });
        }
        // Where it cannot be read, the parser's words could show a part of it.
        let answer: Answer = serde_json::from_slice(&text)
            .map_err(|_| unavailable("the answer holds no token".to_owned()))?;
        if !answer.token_type.eq_ignore_ascii_case("bearer") {
            return Err(unavailable(
                "the token is of another type than Bearer".to_owned(),
            ));
        }
        Ok(Granted {
            access: answer.access_token,
            lifetime: answer.expires_in.map_or(UNSAID, Duration::from_secs),
            refresh: answer.refresh_token,
            identity: answer.id_token,
        })
    }

    /// Sends a form as the service.
    ///
    /// # Errors
    /// In words for the log, when no answer comes.
    pub(crate) async fn post<V: AsRef<str>>(
        &self,
        url: &Url,
        form: &[(&str, V)],
    ) -> Result<(StatusCode, Bytes), String> {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form.iter().map(|(name, value)| (name, value.as_ref())))
            .finish();
        let sent = self
            .http
            .post(url.clone())
            .header(AUTHORIZATION, self.credentials())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(ACCEPT, "application/json")
            .body(body)
            .send();
        let told = |error: reqwest::Error| error.without_url().to_string();
        let response = sent.await.map_err(told)?;
        Ok((response.status(), response.bytes().await.map_err(told)?))
    }

    /// Who we are, by name and secret (RFC 6749, section 2.3.1).
    fn credentials(&self) -> String {
        let escaped =
            |text: &str| -> String { form_urlencoded::byte_serialize(text.as_bytes()).collect() };
        let id = escaped(&self.id());
        let pair = format!("{id}:{}", escaped(&self.secret.current()));
        format!("Basic {}", STANDARD.encode(pair))
    }
}
