//! An identity provider's token endpoint, and what it answers.

use std::fmt;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use reqwest::{Client, Url};
use serde::Deserialize;
use tokio::sync::OnceCell;

use crate::config::ServiceConfig;
use crate::error::Error;
use crate::outward;
use crate::policy::{ClientId, Scheme, ServicePolicy};
use crate::watched::Watched;

/// How long a token is used whose provider does not say how long it is good for.
const UNSAID: Duration = Duration::from_secs(60);

/// How long a token is used at most, whatever its provider says.
const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// What providers call it if they do not take what is to be exchanged: RFC 6749 and RFC 8693 have different words, and some
/// have their own.
const GRANT: [&str; 3] = ["invalid_grant", "invalid_request", "invalid_token"];

/// Where tokens of one provider are asked for, as the client that the service is there.
pub(super) struct Endpoint {
    scheme: &'static str,
    client: Client,
    issuer: Url,
    /// The address, as configured or as the provider published it.
    address: OnceCell<Url>,
    id: Id,
    secret: Watched<String>,
    pub(super) audience: &'static str,
    pub(super) scopes: Vec<&'static str>,
}

/// The name under which the provider knows the service.
enum Id {
    Is(&'static str),
    In(Watched<String>),
}

/// A token, as it is shown.
pub(super) struct Granted {
    pub(super) header: HeaderValue,
    pub(super) lifetime: Duration,
}

/// Why there is no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The provider cannot be reached, or refuses us.
    Unavailable,
    /// The provider refuses what is to be exchanged.
    Grant,
}

/// A published description of a provider (RFC 8414).
#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    token_endpoint: String,
}

/// A token as it comes (RFC 6749, section 5.1).
#[derive(Deserialize)]
struct Answer {
    access_token: String,
    token_type: String,
    expires_in: Option<u64>,
}

/// Why none comes (RFC 6749, section 5.2).
#[derive(Deserialize)]
struct Denied {
    error: String,
}

impl Endpoint {
    /// The endpoint of an oauth2 scheme's provider.
    ///
    /// # Errors
    /// When the provider is unknown, or a secret is missing.
    pub(super) fn new(
        scheme: &str,
        policy: &ServicePolicy,
        config: &ServiceConfig,
    ) -> Result<Self, Error> {
        let named = |name: &str| policy.schemes.iter().find(|it| it.name() == name);
        let Some(Scheme::Oauth2 {
            name,
            provider,
            client_id,
            client_secret,
            scopes,
        }) = named(scheme)
        else {
            return Err(Error::new(format!("{scheme} obtains no tokens")));
        };
        let Some(Scheme::Jwt {
            issuer, audience, ..
        }) = named(provider)
        else {
            return Err(Error::new(format!(
                "auth {name}: {provider} issues no tokens"
            )));
        };
        let known = config.issuers.get(*provider).cloned().unwrap_or_default();
        let issuer = known.issuer.unwrap_or_else(|| (*issuer).to_owned());
        let asked = known.token.as_ref().unwrap_or(&issuer);
        let (client, _) = outward::client("the token endpoint", asked)?;
        let parse = |url: &str| {
            Url::parse(url).map_err(|error| Error::because(format!("the address {url}"), error))
        };
        let line = |text: &str| match text.trim() {
            "" => Err(Error::new("it is empty")),
            text => Ok(text.to_owned()),
        };
        Ok(Self {
            scheme: name,
            client,
            address: match &known.token {
                Some(url) => OnceCell::new_with(Some(parse(url)?)),
                None => OnceCell::new(),
            },
            issuer: parse(&issuer)?,
            id: match client_id {
                ClientId::Is(id) => Id::Is(id),
                ClientId::In(secret) => {
                    Id::In(config.secret(&format!("the client id of {name}"), *secret, line)?)
                }
            },
            secret: config.secret(
                &format!("the client secret of {name}"),
                *client_secret,
                line,
            )?,
            audience,
            scopes: scopes.clone(),
        })
    }

    /// Asks for a token.
    pub(super) async fn ask(&self, form: &[(&str, String)]) -> Result<Granted, Refusal> {
        let asked = self.answer(form).await;
        asked.map_err(|reason| {
            let told = reason.told;
            tracing::warn!(scheme = self.scheme, error = %told, "no token is granted");
            reason.refusal
        })
    }

    async fn answer(&self, form: &[(&str, String)]) -> Result<Granted, Reason> {
        let address = self.address.get_or_try_init(|| self.discovered()).await?;
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        let response = self
            .client
            .post(address.clone())
            .header(AUTHORIZATION, self.credentials())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(ACCEPT, "application/json")
            .body(body)
            .send()
            .await
            .map_err(Reason::of)?;
        let status = response.status();
        let text = response.bytes().await.map_err(Reason::of)?;
        if !status.is_success() {
            let denied = serde_json::from_slice::<Denied>(&text).ok();
            let code = denied.map(|denied| denied.error).unwrap_or_default();
            return Err(Reason {
                refusal: if GRANT.contains(&code.as_str()) {
                    Refusal::Grant
                } else {
                    Refusal::Unavailable
                },
                told: format!("answered with {status} {code}"),
            });
        }
        // Where it cannot be read, the parser's words could show a part of it.
        let answer: Answer =
            serde_json::from_slice(&text).map_err(|_| Reason::told("the answer holds no token"))?;
        if !answer.token_type.eq_ignore_ascii_case("bearer") {
            return Err(Reason::told("the token is of another type than Bearer"));
        }
        let mut header = HeaderValue::try_from(format!("Bearer {}", answer.access_token))
            .map_err(|_| Reason::told("the token cannot stand in a header"))?;
        header.set_sensitive(true);
        let lifetime = answer.expires_in.map_or(UNSAID, Duration::from_secs);
        Ok(Granted {
            header,
            lifetime: lifetime.min(LONGEST),
        })
    }

    /// Who we are, by name and secret (RFC 6749, section 2.3.1).
    fn credentials(&self) -> String {
        let escaped =
            |text: &str| -> String { form_urlencoded::byte_serialize(text.as_bytes()).collect() };
        let id = match &self.id {
            Id::Is(id) => escaped(id),
            Id::In(id) => escaped(&id.current()),
        };
        let pair = format!("{id}:{}", escaped(&self.secret.current()));
        format!("Basic {}", STANDARD.encode(pair))
    }

    /// The address that the provider publishes: as OpenID Connect has it, else as RFC 8414 does.
    async fn discovered(&self) -> Result<Url, Reason> {
        let path = self.issuer.path().trim_end_matches('/');
        let mut refusal = Reason::told("nothing is published");
        for known in [
            format!("{path}/.well-known/openid-configuration"),
            format!("/.well-known/oauth-authorization-server{path}"),
        ] {
            let mut url = self.issuer.clone();
            url.set_path(&known);
            match self.published(url).await {
                Ok(found) => return Ok(found),
                Err(reason) => refusal = reason,
            }
        }
        Err(refusal)
    }

    async fn published(&self, url: Url) -> Result<Url, Reason> {
        let response = self.client.get(url).send().await.map_err(Reason::of)?;
        let response = response.error_for_status().map_err(Reason::of)?;
        let metadata: Metadata = response.json().await.map_err(Reason::of)?;
        let own = self.issuer.as_str().trim_end_matches('/');
        if metadata.issuer.trim_end_matches('/') != own {
            return Err(Reason::told("the published issuer is another one"));
        }
        let found = Url::parse(&metadata.token_endpoint)
            .map_err(|_| Reason::told("the published token endpoint is no address"))?;
        // The secret goes there.
        if found.scheme() != "https" && self.issuer.scheme() == "https" {
            return Err(Reason::told(
                "the published token endpoint is not protected",
            ));
        }
        Ok(found)
    }
}

/// Why there is no token, with words for the log.
struct Reason {
    refusal: Refusal,
    told: String,
}

impl Reason {
    fn told(told: &str) -> Self {
        Self {
            refusal: Refusal::Unavailable,
            told: told.to_owned(),
        }
    }

    fn of(error: reqwest::Error) -> Self {
        Self::told(&error.without_url().to_string())
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Endpoint").field(&self.scheme).finish()
    }
}
