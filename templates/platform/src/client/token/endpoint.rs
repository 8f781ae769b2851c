//! An identity provider's token endpoint: where it is, and what is asked there.

use std::fmt;
use std::time::Duration;

use http::HeaderValue;
use reqwest::Url;
use serde::Deserialize;
use tokio::sync::OnceCell;

use crate::config::ServiceConfig;
use crate::error::Error;
use crate::oauth::{Client, Refusal};
use crate::outward;
use crate::policy::{Scheme, ServicePolicy};

/// How long a token is used at most, whatever its provider says.
const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// What providers call it if they do not take what is to be exchanged: RFC 6749 and RFC 8693 have different words, and some
/// have their own.
const GRANT: [&str; 3] = ["invalid_grant", "invalid_request", "invalid_token"];

/// Where tokens of one provider are asked for, as the client that the service is there.
pub(super) struct Endpoint {
    client: Client,
    issuer: Url,
    /// The address, as configured or as the provider published it.
    address: OnceCell<Url>,
    pub(super) audience: &'static str,
    pub(super) scopes: Vec<&'static str>,
}

/// A token, as it is shown.
pub(super) struct Granted {
    pub(super) header: HeaderValue,
    pub(super) lifetime: Duration,
}

/// A published description of a provider (RFC 8414).
#[derive(Deserialize)]
struct Metadata {
    token_endpoint: String,
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
        let (http, _) = outward::client("the token endpoint", asked)?;
        let parse = |url: &str| {
            Url::parse(url).map_err(|error| Error::because(format!("the address {url}"), error))
        };
        Ok(Self {
            client: Client::new(name, http, *client_id, *client_secret, config)?,
            address: match &known.token {
                Some(url) => OnceCell::new_with(Some(parse(url)?)),
                None => OnceCell::new(),
            },
            issuer: parse(&issuer)?,
            audience,
            scopes: scopes.clone(),
        })
    }

    /// Asks for a token.
    pub(super) async fn ask(&self, form: &[(&str, String)]) -> Result<Granted, Refusal> {
        let address = self.address.get_or_try_init(|| self.discovered()).await;
        let address = address.map_err(|told| self.unavailable(&told))?;
        let granted = self.client.token(address, form, &GRANT).await?;
        let mut header = HeaderValue::try_from(format!("Bearer {}", granted.access))
            .map_err(|_| self.unavailable("the token cannot stand in a header"))?;
        header.set_sensitive(true);
        Ok(Granted {
            header,
            lifetime: granted.lifetime.min(LONGEST),
        })
    }

    fn unavailable(&self, told: &str) -> Refusal {
        let scheme = self.client.scheme();
        tracing::warn!(scheme, error = told, "no token is granted");
        Refusal::Unavailable
    }

    /// The address that the provider publishes: as OpenID Connect has it, else as RFC 8414 does.
    async fn discovered(&self) -> Result<Url, String> {
        let path = self.issuer.path().trim_end_matches('/');
        let mut told = "nothing is published".to_owned();
        for known in [
            format!("{path}/.well-known/openid-configuration"),
            format!("/.well-known/oauth-authorization-server{path}"),
        ] {
            let mut url = self.issuer.clone();
            url.set_path(&known);
            match self.published(url).await {
                Ok(found) => return Ok(found),
                Err(reason) => told = reason,
            }
        }
        Err(told)
    }

    async fn published(&self, url: Url) -> Result<Url, String> {
        let metadata: Metadata = self.client.described(url, self.issuer.as_str()).await?;
        let found = Url::parse(&metadata.token_endpoint)
            .map_err(|_| "the published token endpoint is no address".to_owned())?;
        // The secret goes there.
        if found.scheme() != "https" && self.issuer.scheme() == "https" {
            return Err("the published token endpoint is not protected".to_owned());
        }
        Ok(found)
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Endpoint")
            .field(&self.client.scheme())
            .finish()
    }
}
