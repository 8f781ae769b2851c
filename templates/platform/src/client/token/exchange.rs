//! Tokens of users, exchanged for narrower ones before they travel on (RFC 8693).

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::digest::{SHA256, SHA256_OUTPUT_LEN, digest};

use super::endpoint::Endpoint;
use super::slot::{Held, Slot};
use super::unavailable;
use crate::clock::Clock;
use crate::config::ServiceConfig;
use crate::context::User;
use crate::error::Error;
use crate::oauth::Refusal;
use crate::policy::{Identity, ServicePolicy};
use crate::problem::Problem;

/// Most users whose tokens are remembered.
const MOST: usize = 4096;

const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";

/// Exchanges tokens for those of one audience.
pub struct Exchange {
    endpoint: Arc<Endpoint>,
    audience: &'static str,
    clock: Clock,
    /// By the hash of the user's token.
    slots: Mutex<HashMap<[u8; SHA256_OUTPUT_LEN], Arc<Slot>>>,
}

impl Exchange {
    /// What `identity` asks for, if it is an exchange.
    ///
    /// # Errors
    /// When the scheme's provider is unknown, or a secret is missing.
    pub(crate) fn new(
        identity: Identity,
        policy: &ServicePolicy,
        config: &ServiceConfig,
        clock: Clock,
    ) -> Result<Option<Self>, Error> {
        let Identity::Exchange { scheme, audience } = identity else {
            return Ok(None);
        };
        Ok(Some(Self {
            endpoint: Arc::new(Endpoint::new(scheme, policy, config)?),
            audience,
            clock,
            slots: Mutex::default(),
        }))
    }

    /// The user's new token.
    ///
    /// # Errors
    /// When the provider does not give one.
    pub(in crate::client) async fn token(&self, user: &User) -> Result<Held, Problem> {
        let form = vec![
            ("grant_type", TOKEN_EXCHANGE.to_owned()),
            ("subject_token", user.token.clone()),
            ("subject_token_type", ACCESS_TOKEN.to_owned()),
            ("requested_token_type", ACCESS_TOKEN.to_owned()),
            ("audience", self.audience.to_owned()),
        ];
        let endpoint = Arc::clone(&self.endpoint);
        let slot = self.slot(user);
        let token = slot.token(move || async move { endpoint.ask(&form).await });
        token.await.map_err(|refusal| match refusal {
            Refusal::Unavailable => unavailable(),
            Refusal::Grant => Problem::unauthenticated("the user's token cannot be exchanged"),
        })
    }

    pub(super) fn slot(&self, user: &User) -> Arc<Slot> {
        let mut place = [0; SHA256_OUTPUT_LEN];
        place.copy_from_slice(digest(&SHA256, user.token.as_bytes()).as_ref());
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.len() >= MOST && !slots.contains_key(&place) {
            slots.retain(|_, slot| !slot.is_over());
            if slots.len() >= MOST {
                // Any half: they cost one exchange each if they come again.
                let mut keep = false;
                slots.retain(|_, _| {
                    keep = !keep;
                    keep
                });
            }
        }
        let slot = slots
            .entry(place)
            .or_insert_with(|| Arc::new(Slot::new(self.clock)));
        Arc::clone(slot)
    }
}

#[cfg(test)]
impl Exchange {
    /// How many users' tokens are remembered.
    pub(super) fn remembered(&self) -> usize {
        self.slots
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .len()
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Exchange").field(&self.audience).finish()
    }
}
