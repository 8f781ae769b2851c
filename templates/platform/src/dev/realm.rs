//! What the identity provider knows of one scheme: what its tokens look like, and the keys that sign them.

use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_RSA_SHA256};
use serde_json::{Map, Value, json};

use super::Claims;
use crate::auth::shared::is_shared;
use crate::error::Error;
use crate::policy::{Scheme, Secret};

/// How many bytes stand before an RSA key of 2048 bits in PKCS #8 (RFC 5208); jsonwebtoken takes the key alone (PKCS #1).
const RSA_PKCS8_HEAD: usize = 26;

/// An Ed25519 key in PKCS #8 (RFC 8410), all of it but the 32 bytes that are the key.
const ED25519_PKCS8: &[u8; 48] =
    b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20\
    \0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

/// A secret that is shared with those who check: where it is read from, and its text.
pub(super) type Shared = (Secret, String);

/// One scheme.
pub(super) struct Realm {
    pub issuer: &'static str,
    pub audience: &'static str,
    roles: Vec<&'static str>,
    algorithm: Algorithm,
    /// The newest first: it signs. The one before stays published, so that its tokens live on.
    keys: Vec<Key>,
    /// What it signs with by algorithms that take no keys.
    pub secret: Option<Shared>,
}

struct Key {
    id: String,
    signing: EncodingKey,
    /// None of a secret.
    public: Option<Jwk>,
}

impl Realm {
    /// That of a jwt scheme with a first key, or with the secret that `shared` finds; `None` for other schemes.
    ///
    /// # Errors
    /// When it accepts no algorithm that can be signed with.
    pub fn new(
        scheme: &Scheme,
        shared: impl FnOnce(Secret) -> Result<String, Error>,
    ) -> Result<Option<Self>, Error> {
        let Scheme::Jwt {
            name,
            issuer,
            audience,
            algorithms,
            roles,
            secret,
        } = scheme
        else {
            return Ok(None);
        };
        let algorithm = algorithms.iter().find_map(|name| name.parse().ok());
        let algorithm = algorithm.ok_or_else(|| {
            Error::new(format!(
                "auth {name}: no token can be signed with one of {algorithms:?}"
            ))
        })?;
        let secret = match secret {
            Some(secret) => Some((*secret, shared(*secret)?)),
            None => None,
        };
        let key = match &secret {
            Some((_, text)) if is_shared(algorithm) => Key::shared(text),
            _ => Key::new(algorithm, 1)?,
        };
        Ok(Some(Self {
            issuer,
            audience,
            roles: roles.clone(),
            algorithm,
            keys: vec![key],
            secret,
        }))
    }

    /// Signs a token at a time, in seconds since 1970.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub fn token(&self, claims: &Claims, now: u64) -> Result<String, Error> {
        let mut body = json!({
            "iss": self.issuer, "aud": self.audience, "sub": claims.subject,
            "iat": now, "nbf": now, "exp": now + claims.lifetime.as_secs(),
        });
        let mut place = &mut body;
        for name in &self.roles {
            place = &mut place[*name];
        }
        if !self.roles.is_empty() {
            *place = json!(claims.roles);
        }
        for (name, value) in &claims.extra {
            body[name.as_str()] = value.clone();
        }
        let key = self
            .keys
            .first()
            .ok_or_else(|| Error::new("there is no key"))?;
        let header = Header {
            kid: Some(key.id.clone()),
            ..Header::new(self.algorithm)
        };
        jsonwebtoken::encode(&header, &body, &key.signing)
            .map_err(|error| Error::because("signing a token", error))
    }

    /// What a token says that was signed here, for whoever it is meant and however old it is.
    pub fn said(&self, token: &str) -> Option<Map<String, Value>> {
        let mut validation = Validation::new(self.algorithm);
        validation.validate_aud = false;
        validation.validate_exp = false;
        validation.set_issuer(&[self.issuer]);
        let shared = self.secret.iter();
        let shared = shared.filter(|_| is_shared(self.algorithm));
        let shared = shared.map(|(_, text)| DecodingKey::from_secret(first(text).as_bytes()));
        let published = self.keys.iter().filter_map(|key| key.public.as_ref());
        let published = published.filter_map(|jwk| DecodingKey::from_jwk(jwk).ok());
        shared
            .chain(published)
            .find_map(|key| jsonwebtoken::decode(token, &key, &validation).ok())
            .map(|token| token.claims)
    }

    /// The roles in a token that says this.
    pub fn roles_in(&self, claims: &Map<String, Value>) -> Vec<String> {
        let mut path = self.roles.iter();
        let outer = path.next().and_then(|name| claims.get(*name));
        let found = path.fold(outer, |place, name| place?.get(name));
        let roles = found.and_then(Value::as_array).into_iter().flatten();
        let roles = roles.filter_map(Value::as_str);
        roles.map(str::to_owned).collect()
    }

    /// The keys that it publishes.
    pub fn published(&self) -> JwkSet {
        let keys = self.keys.iter();
        JwkSet {
            keys: keys.filter_map(|key| key.public.clone()).collect(),
        }
    }

    /// Signs with a new key from now on. A secret stays: a new one would have to be handed to everybody who checks first.
    ///
    /// # Errors
    /// When no key can be made.
    pub fn rotate(&mut self) -> Result<(), Error> {
        if is_shared(self.algorithm) {
            return Ok(());
        }
        let newest = self.keys.first();
        let number = newest.and_then(|key| key.id.parse::<u32>().ok());
        let key = Key::new(self.algorithm, number.unwrap_or(0) + 1)?;
        self.keys.insert(0, key);
        self.keys.truncate(2);
        Ok(())
    }
}

/// The secret that is signed with, of several with white space between them.
fn first(secrets: &str) -> &str {
    secrets.split_whitespace().next().unwrap_or_default()
}

impl Key {
    fn shared(secret: &str) -> Self {
        Self {
            id: "shared".to_owned(),
            signing: EncodingKey::from_secret(first(secret).as_bytes()),
            public: None,
        }
    }

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
            public: Some(public),
        })
    }
}
