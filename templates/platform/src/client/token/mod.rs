//! Access tokens that a service obtains for its calls: its own (client credentials, RFC 6749, section 4.4), and those that
//! it is given for a user's (token exchange, RFC 8693).

mod endpoint;
mod exchange;
mod slot;

use std::fmt;
use std::sync::Arc;

use self::endpoint::Endpoint;
pub use self::exchange::Exchange;
pub(super) use self::slot::Held;
use self::slot::Slot;
use crate::clock::Clock;
use crate::config::ServiceConfig;
use crate::error::Error;
use crate::policy::ServicePolicy;
use crate::problem::Problem;

/// The service's own token, obtained when it is first needed and renewed before it ends.
pub struct Own {
    endpoint: Endpoint,
    form: Vec<(&'static str, String)>,
    slot: Arc<Slot>,
}

impl Own {
    /// The token of an oauth2 scheme.
    ///
    /// # Errors
    /// When its provider is unknown, or a secret is missing.
    pub(super) fn new(
        scheme: &str,
        policy: &ServicePolicy,
        config: &ServiceConfig,
        clock: Clock,
    ) -> Result<Self, Error> {
        let endpoint = Endpoint::new(scheme, policy, config)?;
        let mut form = vec![
            ("grant_type", "client_credentials".to_owned()),
            ("audience", endpoint.audience.to_owned()),
        ];
        if !endpoint.scopes.is_empty() {
            form.push(("scope", endpoint.scopes.join(" ")));
        }
        Ok(Self {
            endpoint,
            form,
            slot: Arc::new(Slot::new(clock)),
        })
    }

    /// The token.
    ///
    /// # Errors
    /// When there is none and none can be obtained.
    pub(super) async fn token(self: &Arc<Self>) -> Result<Held, Problem> {
        let own = Arc::clone(self);
        let token = self
            .slot
            .token(move || async move { own.endpoint.ask(&own.form).await });
        token.await.map_err(|_| unavailable())
    }
}

fn unavailable() -> Problem {
    Problem::unavailable("the identity provider grants no token")
}

impl fmt::Debug for Own {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Own").field(&self.endpoint).finish()
    }
}

#[cfg(test)]
mod tests;
