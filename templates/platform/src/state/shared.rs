//! The store of one service: what it is asked, and what holds when it does not answer.

use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};

use super::observed::Observed;
use super::{Claim, Claimed, Memory, Store, redis};
use crate::error::Error;
use crate::limiter::Pace;
use crate::problem::Problem;
use crate::server::Setup;

/// When a caller may come back whose key could not be looked up.
const COME_BACK: Duration = Duration::from_secs(1);

/// Bytes of a digest that stand in a key: enough that no two names ever meet.
const DIGEST: usize = 16;

/// What the instances of a service share.
#[derive(Clone, Debug)]
pub(crate) struct Shared(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: Arc<dyn Store>,
    /// The system and the service: others may use the same store.
    prefix: String,
    observed: Observed,
}

impl Shared {
    /// The store that a service's policy names, if it names one.
    ///
    /// # Errors
    /// When it has no address, or certificates that it needs cannot be used.
    pub(crate) fn of(setup: &Setup) -> Result<Option<Self>, Error> {
        let Some(policy) = setup.policy.state else {
            return Ok(None);
        };
        let store = match &setup.store {
            Some(store) => store.clone(),
            None => redis::open(policy, &setup.config)?,
        };
        Ok(Some(Self(Arc::new(Inner {
            store,
            prefix: format!("{}:{}", setup.policy.system, setup.policy.service),
            observed: Observed::new(policy.store, &setup.metrics),
        }))))
    }

    /// What a service without such a store keeps in its own memory.
    pub(crate) fn alone(setup: &Setup) -> Self {
        Self(Arc::new(Inner {
            store: Arc::new(Memory::new(setup.clock)),
            prefix: format!("{}:{}", setup.policy.system, setup.policy.service),
            observed: Observed::unseen(),
        }))
    }

    pub(super) fn store(&self) -> &dyn Store {
        &*self.0.store
    }

    pub(super) fn observed(&self) -> &Observed {
        &self.0.observed
    }

    /// Gets the store ready to be asked.
    pub(crate) fn open(&self) {
        self.0.store.open();
    }

    /// Whether the store answered when it was last asked.
    pub(crate) fn is_reachable(&self) -> bool {
        self.0.observed.is_reachable()
    }

    /// A key in the store. What tells callers apart is in it as a digest only: no names of users lie about.
    pub(crate) fn key(&self, purpose: &str, scope: &str, name: &str) -> String {
        format!("{}:{purpose}:{scope}:{}", self.0.prefix, hashed(name))
    }

    /// Takes one permit of a bucket; open where the store does not answer.
    ///
    /// # Errors
    /// How long until there is a permit.
    pub(crate) async fn take(&self, key: &str, pace: Pace) -> Result<(), Duration> {
        if let Some(never) = pace.never() {
            return Err(never);
        }
        let taken = self.0.store.take(key, pace).await;
        self.0.observed.note("limit", "open", &taken);
        taken.unwrap_or(Ok(()))
    }

    /// Claims a piece of work; closed where the store does not answer.
    ///
    /// # Errors
    /// When it does not.
    pub(crate) async fn claim(
        &self,
        claim: Claim<'_>,
        lease: Duration,
    ) -> Result<Claimed, Problem> {
        let claimed = self.0.store.claim(claim, lease).await;
        self.0.observed.note("idempotency", "closed", &claimed);
        claimed.map_err(|_| {
            Problem::unavailable("whether this request was answered before cannot be seen now")
                .with_code("state-unavailable")
                .retry_after(COME_BACK)
        })
    }

    /// Keeps an answer; whether the store took it.
    pub(crate) async fn finish(&self, claim: Claim<'_>, answer: &[u8], window: Duration) -> bool {
        let kept = self.0.store.finish(claim, answer, window).await;
        self.0.observed.note("idempotency", "not_kept", &kept);
        kept.is_ok()
    }

    /// Gives a claim up; where the store does not answer, it ends with its lease.
    pub(crate) async fn release(&self, claim: Claim<'_>) {
        let released = self.0.store.release(claim).await;
        self.0
            .observed
            .note("idempotency", "not_released", &released);
    }
}

/// A digest in hexadecimal digits.
pub(crate) fn hashed(text: impl AsRef<[u8]>) -> String {
    let digest = digest(&SHA256, text.as_ref());
    let bytes = digest.as_ref().iter().take(DIGEST);
    bytes.fold(String::with_capacity(DIGEST * 2), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
