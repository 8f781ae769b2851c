//! Who signs tokens, as every identity provider does.

use std::net::SocketAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use axum::routing::get;
use axum::{Json, Router};
use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::{Deserialize, Serialize};

use super::bare;
use crate::Failure;

/// The token's issuer and audience, as the drawing names them.
pub const ISSUER: &str = "https://id.example";
pub const AUDIENCE: &str = "echo";

/// What the issuer and the services know alike, where tokens are signed with that.
pub const SECRET: &str = "known-to-the-issuer-and-to-its-services-alone";

/// What a token says.
#[derive(Serialize, Deserialize)]
pub struct Claims {
    pub iss: String,
    pub aud: String,
    pub sub: String,
    pub exp: u64,
    pub roles: Vec<String>,
}

pub struct Issuer {
    /// The tokens of a reader: signed with a key of the issuer's own, and with the shared secret.
    pub tokens: [String; 2],
    pub key: Jwk,
}

impl Issuer {
    pub fn new() -> Result<Self, Failure> {
        let pair =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())?;
        let signing = EncodingKey::from_ec_der(pair.as_ref());
        let until = SystemTime::now() + Duration::from_secs(3600);
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: "somebody".to_owned(),
            exp: until.duration_since(UNIX_EPOCH)?.as_secs(),
            roles: vec!["reader".to_owned()],
        };
        Ok(Self {
            tokens: [
                jsonwebtoken::encode(&Header::new(Algorithm::ES256), &claims, &signing)?,
                jsonwebtoken::encode(
                    &Header::new(Algorithm::HS256),
                    &claims,
                    &EncodingKey::from_secret(SECRET.as_bytes()),
                )?,
            ],
            key: Jwk::from_encoding_key(&signing, Algorithm::ES256)?,
        })
    }

    /// Publishes the key from now on.
    pub async fn publish(&self) -> Result<SocketAddr, Failure> {
        let keys = JwkSet {
            keys: vec![self.key.clone()],
        };
        bare::start(Router::new().route("/", get(async || Json(keys)))).await
    }
}
