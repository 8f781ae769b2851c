//! The provider that users log in at (OpenID Connect), asked as the client that the service is there.

use std::fmt;

use reqwest::Url;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use tokio::sync::OnceCell;

use super::login::Login;
use crate::config::{IssuerConfig, ServiceConfig};
use crate::error::Error;
use crate::oauth::{Client, Granted, Refusal};
use crate::outward;
use crate::policy::{ClientId, Secret};
use crate::problem::Problem;

/// What a provider calls it if it does not take a code, or a token to renew with (RFC 6749, section 5.2).
const GRANT: [&str; 1] = ["invalid_grant"];

/// The scope by which some providers are asked for a token to renew with.
const OFFLINE: &str = "offline_access";

pub(super) struct Provider {
    client: Client,
    issuer: String,
    discovery: Url,
    found: OnceCell<Metadata>,
    audience: &'static str,
    scopes: Vec<&'static str>,
    renews: bool,
}

/// What a scheme says of its provider.
pub(super) struct Known<'a> {
    pub(super) scheme: &'static str,
    pub(super) issuer: &'static str,
    pub(super) audience: &'static str,
    pub(super) client_id: ClientId,
    pub(super) client_secret: Secret,
    pub(super) scopes: &'a [&'static str],
    pub(super) renews: bool,
}

/// A provider's description of itself (OpenID Connect Discovery 1.0).
#[derive(Debug, Deserialize)]
struct Metadata {
    #[serde(deserialize_with = "url")]
    authorization_endpoint: Url,
    #[serde(deserialize_with = "url")]
    token_endpoint: Url,
    #[serde(default, deserialize_with = "some_url")]
    end_session_endpoint: Option<Url>,
    #[serde(default, deserialize_with = "some_url")]
    revocation_endpoint: Option<Url>,
    #[serde(default)]
    scopes_supported: Vec<String>,
}

fn url<'de, D: Deserializer<'de>>(text: D) -> Result<Url, D::Error> {
    Url::parse(&String::deserialize(text)?).map_err(D::Error::custom)
}

fn some_url<'de, D: Deserializer<'de>>(text: D) -> Result<Option<Url>, D::Error> {
    url(text).map(Some)
}

impl Provider {
    /// # Errors
    /// When an address is none, or a secret is missing.
    pub(super) fn new(
        known: Known<'_>,
        place: IssuerConfig,
        config: &ServiceConfig,
    ) -> Result<Self, Error> {
        let issuer = place.issuer.unwrap_or_else(|| known.issuer.to_owned());
        let discovery = place.discovery.unwrap_or_else(|| {
            let issuer = issuer.trim_end_matches('/');
            format!("{issuer}/.well-known/openid-configuration")
        });
        let (http, discovery) = outward::client("the provider's description", &discovery)?;
        let Known {
            scheme,
            client_id,
            client_secret,
            ..
        } = known;
        Ok(Self {
            client: Client::new(scheme, http, client_id, client_secret, config)?,
            issuer,
            discovery,
            found: OnceCell::new(),
            audience: known.audience,
            scopes: known.scopes.to_vec(),
            renews: known.renews,
        })
    }

    /// Whether the provider calls itself so.
    pub(super) fn is_issuer(&self, name: &str) -> bool {
        name == self.issuer
    }

    /// The name under which it knows us.
    pub(super) fn client_id(&self) -> String {
        self.client.id()
    }

    /// Where a user goes to log in; the answer comes to `back`.
    ///
    /// # Errors
    /// When the provider does not say.
    pub(super) async fn login(
        &self,
        login: &Login,
        back: &str,
        hint: Option<&str>,
    ) -> Result<Url, Problem> {
        let found = self.found().await.map_err(Problem::from)?;
        let mut scopes = vec!["openid"];
        scopes.extend(self.scopes.iter().filter(|it| **it != "openid"));
        // Where nobody knows the scope, tokens to renew with come by themselves.
        let offers = found.scopes_supported.iter().any(|it| it == OFFLINE);
        if self.renews && offers && !scopes.contains(&OFFLINE) {
            scopes.push(OFFLINE);
        }
        let mut url = found.authorization_endpoint.clone();
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.client_id())
            .append_pair("redirect_uri", back)
            .append_pair("scope", &scopes.join(" "))
            .append_pair("audience", self.audience)
            .append_pair("state", &login.state())
            .append_pair("nonce", &login.nonce())
            .append_pair("code_challenge", &login.challenge())
            .append_pair("code_challenge_method", "S256");
        if let Some(hint) = hint {
            url.query_pairs_mut().append_pair("login_hint", hint);
        }
        Ok(url)
    }

    /// The tokens that a code is good for.
    pub(super) async fn redeem(
        &self,
        code: &str,
        login: &Login,
        back: &str,
    ) -> Result<Granted, Refusal> {
        self.ask(&[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", back),
            ("code_verifier", &login.verifier()),
        ])
        .await
    }

    /// New tokens for a user who is logged in.
    pub(super) async fn renew(&self, refresh: &str) -> Result<Granted, Refusal> {
        self.ask(&[("grant_type", "refresh_token"), ("refresh_token", refresh)])
            .await
    }

    /// Makes a token worthless (RFC 7009), where the provider does such a thing.
    pub(super) async fn revoke(&self, refresh: &str) {
        let Ok(found) = self.found().await else {
            return;
        };
        if let Some(url) = &found.revocation_endpoint {
            let form = [("token", refresh), ("token_type_hint", "refresh_token")];
            if let Err(told) = self.client.post(url, &form).await {
                tracing::warn!(scheme = self.client.scheme(), error = %told, "a token is not revoked");
            }
        }
    }

    /// Where a user goes to log out of the provider too, if it has such a place; from there back to `back`.
    pub(super) async fn logout(&self, identity: Option<&str>, back: &str) -> Option<Url> {
        let mut url = self.found().await.ok()?.end_session_endpoint.clone()?;
        let mut query = url.query_pairs_mut();
        if let Some(identity) = identity {
            query.append_pair("id_token_hint", identity);
        }
        query
            .append_pair("client_id", &self.client_id())
            .append_pair("post_logout_redirect_uri", back);
        drop(query);
        Some(url)
    }

    async fn ask(&self, form: &[(&str, &str)]) -> Result<Granted, Refusal> {
        let found = self.found().await?;
        self.client.token(&found.token_endpoint, form, &GRANT).await
    }

    /// What the provider says of itself, asked once.
    async fn found(&self) -> Result<&Metadata, Refusal> {
        let found = self.found.get_or_try_init(|| self.discover()).await;
        found.map_err(|told| {
            tracing::warn!(scheme = self.client.scheme(), error = %told, "the provider is not found");
            Refusal::Unavailable
        })
    }

    async fn discover(&self) -> Result<Metadata, String> {
        let url = self.discovery.clone();
        let found: Metadata = self.client.described(url, &self.issuer).await?;
        // Codes and secrets go there.
        let ends = [
            Some(&found.authorization_endpoint),
            Some(&found.token_endpoint),
            found.end_session_endpoint.as_ref(),
            found.revocation_endpoint.as_ref(),
        ];
        let plain = |url: &Url| url.scheme() != "https";
        if !plain(&self.discovery) && ends.into_iter().flatten().any(plain) {
            return Err("a published address is not protected".to_owned());
        }
        Ok(found)
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Unavailable => Self::unavailable("the identity provider cannot be asked")
                .retry_after(outward::TIMEOUT),
            Refusal::Grant => Self::unauthenticated("the identity provider does not take this"),
        }
    }
}

/// Tells whose it is, and nothing secret.
impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Provider")
            .field(&self.client.scheme())
            .finish()
    }
}
