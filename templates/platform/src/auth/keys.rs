//! The keys of an issuer, fetched when they are needed and again when they may have changed.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use jsonwebtoken::jwk::{JwkSet, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};

use crate::clock::{Clock, Instant};
use crate::error::Error;
use crate::limiter::{Limiter, Pace};
use crate::outward;
use crate::problem::Problem;

/// Keys older than this are fetched again while the old ones serve on.
const FRESH: Duration = Duration::from_secs(300);

/// Keys older than this serve no more: a key that was withdrawn must not be trusted for ever.
const USABLE: Duration = Duration::from_secs(24 * 3600);

/// An unknown key may cause this many fetches at once ...
const FETCHES: u32 = 5;

/// ... and one more each time this has passed, so that made-up key names do not flood the issuer.
const FETCH_INTERVAL: Duration = Duration::from_secs(10);

/// An issuer's published keys.
#[derive(Debug)]
pub(super) struct Keys {
    url: reqwest::Url,
    client: reqwest::Client,
    algorithms: Vec<Algorithm>,
    clock: Clock,
    fetches: Limiter,
    /// Held while a fetch is under way, so that requests share it.
    fetching: tokio::sync::Mutex<()>,
    set: RwLock<Arc<Set>>,
}

/// One answer of the issuer.
#[derive(Debug, Default)]
pub(super) struct Set {
    keys: Vec<Key>,
    /// Changes whenever the keys do.
    pub(super) generation: u64,
    fetched: Option<Instant>,
    published: String,
}

#[derive(Debug)]
pub(super) struct Key {
    id: Option<String>,
    algorithm: Option<Algorithm>,
    pub(super) key: DecodingKey,
}

impl Set {
    /// Keys that are known from elsewhere, and of no certain algorithm.
    pub(super) fn known(keys: impl Iterator<Item = DecodingKey>, generation: u64) -> Self {
        let key = |key| Key {
            id: None,
            algorithm: None,
            key,
        };
        Self {
            keys: keys.map(key).collect(),
            generation,
            ..Self::default()
        }
    }

    /// The keys that may have signed a token that names this key and algorithm.
    pub(super) fn candidates(
        &self,
        id: Option<&str>,
        algorithm: Algorithm,
    ) -> impl Iterator<Item = &Key> {
        self.keys.iter().filter(move |key| {
            (id.is_none() || key.id.is_none() || key.id.as_deref() == id)
                && key.algorithm.is_none_or(|own| own == algorithm)
                && key.key.family() == algorithm.family()
        })
    }
}

impl Keys {
    pub(super) fn new(url: &str, algorithms: Vec<Algorithm>, clock: Clock) -> Result<Self, Error> {
        let (client, url) = outward::client("the key set", url)?;
        let fetches = Limiter::new(Pace::new(1, FETCH_INTERVAL, FETCHES), clock);
        Ok(Self {
            url,
            client,
            algorithms,
            clock,
            fetches,
            fetching: Default::default(),
            set: Default::default(),
        })
    }

    /// The keys as last fetched.
    pub(super) fn current(&self) -> Arc<Set> {
        self.set
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Keys that may verify a token which names this key and algorithm, fetched anew if that is needed; with none in it
    /// if the issuer does not know that key.
    ///
    /// # Errors
    /// When there are no usable keys because the issuer does not answer.
    pub(super) async fn find(
        self: &Arc<Self>,
        id: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<Arc<Set>, Problem> {
        let set = self.current();
        let age = set
            .fetched
            .map(|fetched| self.clock.now().saturating_duration_since(fetched));
        if age.is_none_or(|age| age > USABLE) {
            let _turn = self.fetching.lock().await;
            return self.fetch(&set).await;
        }
        if set.candidates(id, algorithm).next().is_some() {
            return Ok(set);
        }
        // One fetch for all who wait here: what the first of them finds is what the others would.
        let _turn = self.fetching.lock().await;
        let fetched = !Arc::ptr_eq(&self.current(), &set);
        if fetched || self.fetches.take(()).is_ok() {
            self.fetch(&set).await
        } else {
            Ok(set)
        }
    }

    /// Starts a fetch behind the requests when the keys have aged.
    pub(super) fn refresh(self: &Arc<Self>, set: &Arc<Set>) {
        let aged = set
            .fetched
            .is_some_and(|fetched| self.clock.now().saturating_duration_since(fetched) > FRESH);
        if aged && self.fetching.try_lock().is_ok() && self.fetches.take(()).is_ok() {
            let (keys, set) = (self.clone(), set.clone());
            tokio::spawn(async move {
                let _turn = keys.fetching.lock().await;
                keys.fetch(&set).await
            });
        }
    }

    /// Fetches the keys, unless somebody else replaced `known` meanwhile. Whoever calls has the turn.
    async fn fetch(&self, known: &Arc<Set>) -> Result<Arc<Set>, Problem> {
        let set = self.current();
        if !Arc::ptr_eq(&set, known) {
            return Ok(set);
        }
        let published = self.download().await.map_err(|error| {
            tracing::warn!(url = %self.url, error = %error.without_url(), "the issuer's keys cannot be fetched");
            Problem::unavailable("the issuer's keys cannot be fetched").retry_after(outward::TIMEOUT)
        })?;
        let fetched = Some(self.clock.now());
        let fresh = if published == set.published {
            Set {
                keys: self.parse(&published)?,
                generation: set.generation,
                fetched,
                published,
            }
        } else {
            Set {
                keys: self.parse(&published)?,
                generation: set.generation + 1,
                fetched,
                published,
            }
        };
        let fresh = Arc::new(fresh);
        *self.set.write().unwrap_or_else(PoisonError::into_inner) = fresh.clone();
        Ok(fresh)
    }

    async fn download(&self) -> Result<String, reqwest::Error> {
        self.client
            .get(self.url.clone())
            .send()
            .await?
            .error_for_status()?
            .text()
            .await
    }

    fn parse(&self, published: &str) -> Result<Vec<Key>, Problem> {
        let set: JwkSet = serde_json::from_str(published).map_err(|error| {
            tracing::warn!(url = %self.url, %error, "the issuer's keys cannot be read");
            Problem::unavailable("the issuer's keys cannot be read")
        })?;
        let usable = set
            .keys
            .iter()
            .filter(|jwk| jwk.common.public_key_use != Some(PublicKeyUse::Encryption));
        let keys = usable.filter_map(|jwk| {
            let algorithm = jwk
                .common
                .key_algorithm
                .map(|algorithm| signature_algorithm(&algorithm));
            // A key for an algorithm that nobody accepts here is no key at all.
            if algorithm.is_some_and(|own| own.is_none_or(|own| !self.algorithms.contains(&own))) {
                return None;
            }
            let key = DecodingKey::from_jwk(jwk).ok()?;
            Some(Key {
                id: jwk.common.key_id.clone(),
                algorithm: algorithm.flatten(),
                key,
            })
        });
        Ok(keys.collect())
    }
}

/// The signature algorithm of this name; `None` for those that encrypt.
fn signature_algorithm(algorithm: &KeyAlgorithm) -> Option<Algorithm> {
    algorithm.to_string().parse().ok()
}
