//! A small identity provider: it signs tokens and publishes the keys to check them with.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use jsonwebtoken::jwk::JwkSet;
use serde_json::{Map, Value};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::keyring::{Keyring, random};
use super::logins::Logins;
use super::realm::Realm;
use super::{NOBODY, authorize, grant};
use crate::clock::Clock;
use crate::config::IssuerConfig;
use crate::error::Error;
use crate::oauth::parameter;
use crate::policy::{Scheme, Secret};

/// How long its tokens are valid unless asked otherwise.
pub const LIFETIME: Duration = Duration::from_secs(3600);

/// Signs tokens as the jwt schemes of a drawing demand them: issuer, audience, algorithm, and where the roles stand.
#[derive(Clone)]
pub struct IdentityProvider {
    schemes: Arc<BTreeMap<&'static str, RwLock<Realm>>>,
    /// For each oauth2 scheme, the jwt scheme that its tokens are of, and what they are for.
    granted: Arc<BTreeMap<&'static str, (&'static str, String)>>,
    /// Who may ask for tokens of its own; anybody where it is not known.
    pub(super) clients: Option<Arc<Keyring>>,
    /// Who can log in, and who did.
    pub(super) logins: Arc<Logins>,
    pub(super) clock: Clock,
}

/// What a token says, beside what every token says.
#[derive(Clone, Debug)]
pub struct Claims {
    /// Who the user is.
    pub subject: String,
    /// The roles, at the scheme's path.
    pub roles: Vec<String>,
    /// How long it is valid from now on.
    pub lifetime: Duration,
    /// More claims; these replace others of the same name.
    pub extra: Map<String, Value>,
}

impl Claims {
    /// A user with these roles, for [`LIFETIME`].
    pub fn of(subject: impl Into<String>, roles: &[&str]) -> Self {
        let roles = roles.iter().map(|role| (*role).to_owned()).collect();
        Self {
            subject: subject.into(),
            roles,
            lifetime: LIFETIME,
            extra: Map::new(),
        }
    }

    /// A user who has this role alone, and is named after it.
    pub(super) fn role(role: &str) -> Self {
        let roles: &[&str] = if role == NOBODY { &[] } else { &[role] };
        Self::of(role, roles)
    }
}

impl IdentityProvider {
    /// A provider for the jwt schemes among `schemes`, each with a first key.
    ///
    /// # Errors
    /// When a scheme accepts no algorithm that it can sign with.
    pub fn new<'a>(
        schemes: impl IntoIterator<Item = &'a Scheme>,
        clock: Clock,
    ) -> Result<Self, Error> {
        let mut realms = BTreeMap::new();
        let (mut secrets, mut granted) = (BTreeMap::new(), BTreeMap::new());
        for scheme in schemes {
            if let Scheme::Oauth2 {
                name,
                provider,
                scopes,
                ..
            } = scheme
            {
                granted.insert(*name, (*provider, scopes.join(" ")));
            }
            if realms.contains_key(scheme.name()) {
                continue;
            }
            let shared = |secret: Secret| {
                // Schemes may share one secret too.
                if let Some(text) = secrets.get(secret.name()) {
                    return Ok(String::clone(text));
                }
                let text = known(secret).map_or_else(random, Ok)?;
                secrets.insert(secret.name(), text.clone());
                Ok(text)
            };
            if let Some(realm) = Realm::new(scheme, shared)? {
                realms.insert(scheme.name(), RwLock::new(realm));
            }
        }
        Ok(Self {
            schemes: Arc::new(realms),
            granted: Arc::new(granted),
            clients: None,
            logins: Arc::default(),
            clock,
        })
    }

    /// The same, which gives tokens to those who have credentials of the oauth2 schemes, and to nobody else.
    #[must_use]
    pub fn with_clients(mut self, clients: Keyring) -> Self {
        self.clients = Some(Arc::new(clients));
        self
    }

    /// The secrets that it shares with those who check its tokens.
    pub(crate) fn secrets(&self) -> Vec<(Secret, String)> {
        let realms = self.schemes.values();
        realms
            .filter_map(|realm| read(realm).secret.clone())
            .collect()
    }

    /// What a service is told of this provider at `address`, for each of its schemes.
    pub fn issuers(&self, address: SocketAddr) -> BTreeMap<String, IssuerConfig> {
        let told = |scheme: &'static str| IssuerConfig {
            issuer: None,
            jwks: Some(Self::jwks_url(address, scheme)),
            token: Some(format!("http://{address}/{scheme}/token")),
            discovery: Some(authorize::description_url(address, scheme)),
        };
        self.schemes()
            .map(|scheme| (scheme.to_owned(), told(scheme)))
            .collect()
    }

    /// Lets a user log in by this name (`login_hint`), of whom its tokens say this.
    pub fn add_user(&self, name: impl Into<String>, claims: Claims) {
        self.logins.add(name, claims);
    }

    /// How often it was asked for new tokens of users who are logged in.
    #[must_use]
    pub fn renewals(&self) -> usize {
        self.logins.renewals()
    }

    /// Ends all logins: nobody's tokens are renewed any more.
    pub fn end_logins(&self) {
        self.logins.end();
    }

    /// Who issues the tokens of a scheme.
    pub(super) fn issuer(&self, scheme: &str) -> Option<&'static str> {
        Some(read(self.realm(scheme).ok()?).issuer)
    }

    /// The names of the jwt schemes that it signs for.
    pub fn schemes(&self) -> impl Iterator<Item = &'static str> {
        self.schemes.keys().copied()
    }

    /// The names of all schemes that it has tokens of: those, and the oauth2 schemes.
    pub fn tokens(&self) -> impl Iterator<Item = &'static str> {
        self.schemes().chain(self.granted.keys().copied())
    }

    /// What a token says that was signed for the issuer of `scheme` and has not ended, and the roles in it.
    pub(crate) fn said(
        &self,
        scheme: &str,
        token: &str,
    ) -> Option<(Map<String, Value>, Vec<String>)> {
        let issuer = read(self.realm(scheme).ok()?).issuer;
        let (claims, roles) = self.schemes.values().find_map(|realm| {
            let realm = read(realm);
            let claims = realm.said(token).filter(|_| realm.issuer == issuer)?;
            let roles = realm.roles_in(&claims);
            Some((claims, roles))
        })?;
        (!self.left(&claims).is_zero()).then_some((claims, roles))
    }

    /// How long a token that says this is valid yet.
    pub(super) fn left(&self, claims: &Map<String, Value>) -> Duration {
        let ends = claims.get("exp").and_then(Value::as_u64);
        let left = ends.unwrap_or_default();
        Duration::from_secs(left.saturating_sub(self.clock.unix_seconds()))
    }

    /// The keys that it publishes of a scheme.
    pub(crate) fn published(&self, scheme: &str) -> Option<JwkSet> {
        let realm = self.realm(scheme).ok()?;
        Some(read(realm).published())
    }

    /// The scheme of the same issuer whose tokens are for an audience: `scheme` itself if nobody is asked for.
    pub(super) fn for_audience(&self, scheme: &str, audience: &str) -> Option<&'static str> {
        let (own, realm) = self.schemes.get_key_value(scheme)?;
        let (issuer, its) = (read(realm).issuer, read(realm).audience);
        if audience.is_empty() || audience == its {
            return Some(own);
        }
        let mut others = self.schemes.iter();
        let meant = |realm: &Realm| realm.issuer == issuer && realm.audience == audience;
        others.find_map(|(name, realm)| meant(&read(realm)).then_some(*name))
    }

    /// Signs a token of a scheme.
    ///
    /// # Errors
    /// When there is no such scheme.
    pub fn token(&self, scheme: &str, claims: &Claims) -> Result<String, Error> {
        let now = self.clock.unix_seconds();
        let Some((provider, scope)) = self.granted.get(scheme) else {
            return read(self.realm(scheme)?).token(claims, now);
        };
        let mut claims = claims.clone();
        let scope = Value::from(scope.as_str());
        claims.extra.entry("scope").or_insert(scope);
        read(self.realm(provider)?).token(&claims, now)
    }

    /// Signs with new keys from now on. Tokens of the keys before stay valid, those of the keys before these do not.
    ///
    /// # Errors
    /// When no key can be made.
    pub fn rotate(&self) -> Result<(), Error> {
        for realm in self.schemes.values() {
            let mut realm = realm.write().unwrap_or_else(PoisonError::into_inner);
            realm.rotate()?;
        }
        Ok(())
    }

    /// Serves `/SCHEME/jwks.json`, `/SCHEME/token` and what logins need until it is told to stop.
    pub async fn serve(self, listener: TcpListener, stop: CancellationToken) {
        self.serve_routes(routes(), listener, stop).await;
    }

    /// The same, and `/SCHEME/tokens/ROLE`, a token for whoever asks.
    pub(super) async fn serve_with_tokens(self, listener: TcpListener, stop: CancellationToken) {
        let router = routes().route("/{scheme}/tokens/{role}", get(token));
        self.serve_routes(router, listener, stop).await;
    }

    async fn serve_routes(
        self,
        router: Router<Self>,
        listener: TcpListener,
        stop: CancellationToken,
    ) {
        let router = router.with_state(self);
        let served = axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned());
        if let Err(error) = served.await {
            tracing::error!(%error, "the identity provider ended");
        }
    }

    /// Where a provider at `address` publishes the keys of a scheme.
    #[must_use]
    pub fn jwks_url(address: SocketAddr, scheme: &str) -> String {
        format!("http://{address}/{scheme}/jwks.json")
    }

    fn realm(&self, scheme: &str) -> Result<&RwLock<Realm>, Error> {
        self.schemes
            .get(scheme)
            .ok_or_else(|| Error::new(format!("there is no jwt scheme `{scheme}`")))
    }
}

/// What services and browsers ask of it.
fn routes() -> Router<IdentityProvider> {
    Router::new()
        .route("/{scheme}/jwks.json", get(keys))
        .route("/{scheme}/token", post(grant::token))
        .merge(authorize::router())
}

/// The public keys of a scheme.
async fn keys(
    State(provider): State<IdentityProvider>,
    Path(scheme): Path<String>,
) -> Result<impl IntoResponse, StatusCode> {
    let published = provider.published(&scheme).ok_or(StatusCode::NOT_FOUND)?;
    let json = serde_json::to_string(&published).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(([(CONTENT_TYPE, "application/json")], json))
}

/// A token of a user who has one role and is named after it, or as `?user=` says.
async fn token(
    State(provider): State<IdentityProvider>,
    Path((scheme, role)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Result<String, StatusCode> {
    let mut claims = Claims::role(&role);
    let query = query.unwrap_or_default();
    if let Some(user) = parameter(query.as_bytes(), "user") {
        claims.subject = user;
    }
    provider
        .token(&scheme, &claims)
        .map_err(|_| StatusCode::NOT_FOUND)
}

/// A secret that is in the environment, where those who check find theirs too.
fn known(secret: Secret) -> Option<String> {
    match secret {
        Secret::Env(name) => std::env::var(name).ok().filter(|text| !text.is_empty()),
        Secret::File(_) => None,
    }
}

fn read(realm: &RwLock<Realm>) -> RwLockReadGuard<'_, Realm> {
    realm.read().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{Algorithm, DecodingKey, Validation};
    use serde_json::json;

    use super::*;

    fn scheme(algorithm: &'static str) -> Scheme {
        Scheme::Jwt {
            name: "staff",
            issuer: "https://id.shop.example",
            audience: "shop",
            algorithms: vec![algorithm],
            roles: vec!["realm", "roles"],
            secret: algorithm
                .starts_with("HS")
                .then_some(Secret::Env("NOT_SET")),
        }
    }

    fn verify(provider: &IdentityProvider, algorithm: Algorithm, token: &str) -> Option<Value> {
        let kid = jsonwebtoken::decode_header(token).ok()?.kid?;
        let published = read(&provider.schemes["staff"]).published();
        let key = DecodingKey::from_jwk(published.find(&kid)?).expect("is a key");
        let mut validation = Validation::new(algorithm);
        validation.set_audience(&["shop"]);
        validation.set_issuer(&["https://id.shop.example"]);
        jsonwebtoken::decode::<Value>(token, &key, &validation)
            .ok()
            .map(|token| token.claims)
    }

    #[test]
    fn signs_as_the_scheme_demands() {
        let algorithms = [
            ("ES256", Algorithm::ES256),
            ("ES384", Algorithm::ES384),
            ("EdDSA", Algorithm::EdDSA),
            ("RS256", Algorithm::RS256),
            ("PS512", Algorithm::PS512),
        ];
        for (name, algorithm) in algorithms {
            let provider = IdentityProvider::new(&[scheme(name)], Clock::system()).expect(name);
            let token = provider
                .token("staff", &Claims::of("ann", &["clerk"]))
                .expect(name);
            let claims = verify(&provider, algorithm, &token).expect(name);
            assert_eq!(claims["realm"]["roles"], json!(["clerk"]));
            assert_eq!(claims["sub"], "ann");
        }
    }

    #[test]
    fn rotation_keeps_one_key_before() {
        let provider = IdentityProvider::new(&[scheme("ES256")], Clock::system()).expect("signs");
        let token = provider
            .token("staff", &Claims::of("ann", &[]))
            .expect("signs");
        provider.rotate().expect("makes a key");
        assert!(verify(&provider, Algorithm::ES256, &token).is_some());
        let newer = provider
            .token("staff", &Claims::of("ann", &[]))
            .expect("signs");
        provider.rotate().expect("makes a key");
        assert!(verify(&provider, Algorithm::ES256, &token).is_none());
        assert!(verify(&provider, Algorithm::ES256, &newer).is_some());
    }

    #[test]
    fn a_shared_secret_is_signed_with_and_not_published() {
        let provider = IdentityProvider::new(&[scheme("HS256")], Clock::system()).expect("signs");
        let claims = Claims::of("ann", &[]);
        let token = provider.token("staff", &claims).expect("signs");
        assert!(verify(&provider, Algorithm::HS256, &token).is_none());
        let [(_, secret)] = &provider.secrets()[..] else {
            panic!("there is one secret");
        };
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_audience(&["shop"]);
        let key = DecodingKey::from_secret(secret.as_bytes());
        assert!(jsonwebtoken::decode::<Value>(&token, &key, &validation).is_ok());
    }
}
