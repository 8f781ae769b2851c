//! Secrets that the issuer of tokens shares with those who check them (RFC 7518, section 3.2).

use std::sync::atomic::{AtomicU64, Ordering};

use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey};

use super::keys::Set;
use crate::config::ServiceConfig;
use crate::error::Error;
use crate::policy::Secret;
use crate::watched::Watched;

/// Whether tokens of this algorithm are signed and checked with the same secret.
pub(crate) fn is_shared(algorithm: Algorithm) -> bool {
    algorithm.family() == AlgorithmFamily::Hmac
}

/// Fewest bytes of a secret: as many as the signature has.
pub(crate) fn shortest(algorithm: Algorithm) -> usize {
    match algorithm {
        Algorithm::HS512 => 64,
        Algorithm::HS384 => 48,
        _ => 32,
    }
}

/// The secrets that are listed with white space between them: more than one while one is replaced.
///
/// # Errors
/// When there is no such secret, or one is too short.
pub(super) fn keys(
    scheme: &str,
    secret: Secret,
    algorithms: &[Algorithm],
    config: &ServiceConfig,
) -> Result<Watched<Set>, Error> {
    let generation = AtomicU64::new(0);
    let shortest = algorithms.iter().map(|it| shortest(*it)).max();
    let shortest = shortest.unwrap_or_default();
    config.secret(&format!("secrets of {scheme}"), secret, move |text| {
        let secrets: Vec<&str> = text.split_whitespace().collect();
        if secrets.is_empty() {
            return Err(Error::new("there is no secret in it"));
        }
        if secrets.iter().any(|secret| secret.len() < shortest) {
            return Err(Error::new(format!(
                "a secret for these algorithms has {shortest} bytes or more"
            )));
        }
        let keys = secrets
            .iter()
            .map(|it| DecodingKey::from_secret(it.as_bytes()));
        Ok(Set::known(keys, generation.fetch_add(1, Ordering::Relaxed)))
    })
}
