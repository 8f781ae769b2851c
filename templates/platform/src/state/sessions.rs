//! Sessions in the store of a service: like everything that decides who may come in, closed where it does not answer.

use std::time::Duration;

use super::{Asked, Claim, Claimed, Shared};
use crate::problem::Problem;

/// When a browser may come back whose session could not be looked up.
const COME_BACK: Duration = Duration::from_secs(1);

impl Shared {
    /// The session that is kept under `key`.
    ///
    /// # Errors
    /// When the store does not answer, here and below.
    pub(crate) async fn session(&self, key: &str) -> Result<Option<Vec<u8>>, Problem> {
        self.asked(self.store().read(key)).await
    }

    /// Keeps a new one for `span`.
    pub(crate) async fn begin_session(
        &self,
        key: &str,
        value: &[u8],
        span: Duration,
    ) -> Result<(), Problem> {
        self.asked(self.store().write(key, value, span)).await
    }

    /// Keeps it changed, unless it ended meanwhile; whether it did not.
    pub(crate) async fn change_session(
        &self,
        key: &str,
        value: &[u8],
        span: Duration,
    ) -> Result<bool, Problem> {
        self.asked(self.store().replace(key, value, span)).await
    }

    /// Ends it.
    pub(crate) async fn end_session(&self, key: &str) -> Result<(), Problem> {
        self.asked(self.store().erase(key)).await
    }

    /// Claims the renewal of one, for `lease` at most.
    pub(crate) async fn claim_renewal(
        &self,
        claim: Claim<'_>,
        lease: Duration,
    ) -> Result<Claimed, Problem> {
        self.asked(self.store().claim(claim, lease)).await
    }

    /// Tells the others for `span` what became of it; those who cannot be told see it when the lease is over.
    pub(crate) async fn finish_renewal(&self, claim: Claim<'_>, outcome: &[u8], span: Duration) {
        let told = self.store().finish(claim, outcome, span).await;
        self.observed().note("session", "not_kept", &told);
    }

    async fn asked<T>(&self, asked: Asked<'_, T>) -> Result<T, Problem> {
        let answer = asked.await;
        self.observed().note("session", "closed", &answer);
        answer.map_err(|_| {
            Problem::unavailable("whose session this is cannot be seen now")
                .with_code("state-unavailable")
                .retry_after(COME_BACK)
        })
    }
}
