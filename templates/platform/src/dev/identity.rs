//! A small identity provider: it signs tokens and publishes the keys to check them with.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::response::IntoResponse;
use axum::routing::get;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_RSA_SHA256};
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::NOBODY;
use crate::clock::Clock;
use crate::error::Error;
use crate::policy::Scheme;

/// How long its tokens are valid unless asked otherwise.
pub const LIFETIME: Duration = Duration::from_secs(3600);

/// How many bytes stand before an RSA key of 2048 bits in PKCS #8 (RFC 5208); jsonwebtoken takes the key alone (PKCS #1).
const RSA_PKCS8_HEAD: usize = 26;

/// An Ed25519 key in PKCS #8 (RFC 8410), all of it but the 32 bytes that are the key.
const ED25519_PKCS8: &[u8; 48] =
    b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20\
    \0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

/// Signs tokens as the jwt schemes of a drawing demand them: issuer, audience, algorithm, and where the roles stand.
#[derive(Clone)]
pub struct IdentityProvider {
    schemes: Arc<BTreeMap<&'static str, RwLock<Realm>>>,
    clock: Clock,
}

/// What one scheme's tokens look like, and the keys that sign them.
struct Realm {
    issuer: &'static str,
    audience: &'static str,
    roles: Vec<&'static str>,
    algorithm: Algorithm,
    /// The newest first: it signs. The one before stays published, so that its tokens live on.
    keys: Vec<Key>,
}

struct Key {
    id: String,
    signing: EncodingKey,
    public: Jwk,
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
}

impl Claims {
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
        for scheme in schemes {
            if let Scheme::Jwt {
                name,
                issuer,
                audience,
                algorithms,
                roles,
            } = scheme
                && !realms.contains_key(name)
            {
                let algorithm = algorithms
                    .iter()
                    .find_map(|name| name.parse().ok().filter(can_sign));
                let algorithm = algorithm.ok_or_else(|| {
                    Error::new(format!(
                        "auth {name}: no token can be signed with one of {algorithms:?}"
                    ))
                })?;
                let keys = vec![Key::new(algorithm, 1)?];
                let realm = Realm {
                    issuer,
                    audience,
                    roles: roles.clone(),
                    algorithm,
                    keys,
                };
                realms.insert(*name, RwLock::new(realm));
            }
        }
        Ok(Self {
            schemes: Arc::new(realms),
            clock,
        })
    }

    /// The names of the schemes that it signs for.
    pub fn schemes(&self) -> impl Iterator<Item = &'static str> {
        self.schemes.keys().copied()
    }

    /// Signs a token of a scheme.
    ///
    /// # Errors
    /// When there is no such scheme.
    pub fn token(&self, scheme: &str, claims: &Claims) -> Result<String, Error> {
        let realm = self
            .realm(scheme)?
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.unix_seconds();
        let mut body = json!({
            "iss": realm.issuer, "aud": realm.audience, "sub": claims.subject,
            "iat": now, "nbf": now, "exp": now + claims.lifetime.as_secs(),
        });
        let mut place = &mut body;
        for name in &realm.roles {
            place = &mut place[*name];
        }
        if !realm.roles.is_empty() {
            *place = json!(claims.roles);
        }
        for (name, value) in &claims.extra {
            body[name.as_str()] = value.clone();
        }
        let key = realm
            .keys
            .first()
            .ok_or_else(|| Error::new("there is no key"))?;
        let header = Header {
            kid: Some(key.id.clone()),
            ..Header::new(realm.algorithm)
        };
        jsonwebtoken::encode(&header, &body, &key.signing)
            .map_err(|error| Error::because("signing a token", error))
    }

    /// Signs with new keys from now on. Tokens of the keys before stay valid, those of the keys before these do not.
    ///
    /// # Errors
    /// When no key can be made.
    pub fn rotate(&self) -> Result<(), Error> {
        for realm in self.schemes.values() {
            let mut realm = realm.write().unwrap_or_else(PoisonError::into_inner);
            let number = realm
                .keys
                .first()
                .and_then(|key| key.id.parse::<u32>().ok())
                .unwrap_or(0)
                + 1;
            let key = Key::new(realm.algorithm, number)?;
            realm.keys.insert(0, key);
            realm.keys.truncate(2);
        }
        Ok(())
    }

    /// Serves `/SCHEME/jwks.json` until it is told to stop.
    pub async fn serve(self, listener: TcpListener, stop: CancellationToken) {
        let router = Router::new().route("/{scheme}/jwks.json", get(keys));
        self.serve_routes(router, listener, stop).await;
    }

    /// The same, and `/SCHEME/tokens/ROLE`, a token for whoever asks.
    pub(super) async fn serve_with_tokens(self, listener: TcpListener, stop: CancellationToken) {
        let router = Router::new()
            .route("/{scheme}/jwks.json", get(keys))
            .route("/{scheme}/tokens/{role}", get(token));
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

/// The public keys of a scheme.
async fn keys(
    State(provider): State<IdentityProvider>,
    Path(scheme): Path<String>,
) -> Result<impl IntoResponse, StatusCode> {
    let realm = provider.realm(&scheme).map_err(|_| StatusCode::NOT_FOUND)?;
    let realm = realm.read().unwrap_or_else(PoisonError::into_inner);
    let keys = JwkSet {
        keys: realm.keys.iter().map(|key| key.public.clone()).collect(),
    };
    let json = serde_json::to_string(&keys).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
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
    let user = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "user");
    if let Some((_, user)) = user {
        claims.subject = user.into_owned();
    }
    provider
        .token(&scheme, &claims)
        .map_err(|_| StatusCode::NOT_FOUND)
}

/// Whether keys of this algorithm can be made here: all asymmetric ones.
fn can_sign(algorithm: &Algorithm) -> bool {
    !matches!(
        algorithm,
        Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512
    )
}

impl Key {
    fn new(algorithm: Algorithm, number: u32) -> Result<Self, Error> {
        let failed = |error: &dyn std::fmt::Display| Error::because("making a signing key", error);
        let pkcs8 = |kind| {
            let pair = KeyPair::generate_for(kind).map_err(|error| failed(&error))?;
            Ok::<_, Error>(pair.serialize_der())
        };
        let signing = match algorithm {
            Algorithm::ES256 => EncodingKey::from_ec_der(&pkcs8(&PKCS_ECDSA_P256_SHA256)?),
            Algorithm::ES384 => EncodingKey::from_ec_der(&pkcs8(&PKCS_ECDSA_P384_SHA384)?),
            Algorithm::EdDSA => {
                // jsonwebtoken takes the first version of PKCS #8 alone, rcgen writes the second.
                let mut der = *ED25519_PKCS8;
                aws_lc_rs::rand::fill(&mut der[16..]).map_err(|error| failed(&error))?;
                EncodingKey::from_ed_der(&der)
            }
            _ => {
                let der = pkcs8(&PKCS_RSA_SHA256)?;
                EncodingKey::from_rsa_der(der.get(RSA_PKCS8_HEAD..).unwrap_or_default())
            }
        };
        let mut public =
            Jwk::from_encoding_key(&signing, algorithm).map_err(|error| failed(&error))?;
        let id = number.to_string();
        public.common.key_id = Some(id.clone());
        Ok(Self {
            id,
            signing,
            public,
        })
    }
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{DecodingKey, Validation};

    use super::*;

    fn scheme(algorithm: &'static str) -> Scheme {
        Scheme::Jwt {
            name: "staff",
            issuer: "https://id.shop.example",
            audience: "shop",
            algorithms: vec![algorithm],
            roles: vec!["realm", "roles"],
        }
    }

    fn verify(provider: &IdentityProvider, algorithm: Algorithm, token: &str) -> Option<Value> {
        let kid = jsonwebtoken::decode_header(token).ok()?.kid?;
        let realm = provider.schemes["staff"]
            .read()
            .expect("no test panics with it");
        let jwk = &realm.keys.iter().find(|key| key.id == kid)?.public;
        let key = DecodingKey::from_jwk(jwk).expect("is a key");
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
    fn a_shared_secret_is_not_signed_with() {
        assert!(IdentityProvider::new(&[scheme("HS256")], Clock::system()).is_err());
    }
}
