//! First answers, kept where the other instances of the service find them too.

use std::mem::take;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::runtime::Handle;
use tokio::time::{Instant, sleep};

use super::replay::{lasting, reused};
use crate::problem::Problem;
use crate::state::{Claim, Claimed, Shared, hashed};

/// The wait before an answer that another instance works on is asked for again; twice as long each time.
const FIRST: Duration = Duration::from_millis(10);
/// The longest of these waits, and the wait between attempts to keep an answer.
const LONGEST: Duration = Duration::from_millis(250);
/// What a claim outlives the work's own time by, so that an answer is kept before anybody else begins.
const MARGIN: Duration = Duration::from_secs(5);
/// Most bytes of an answer that are kept. A repeat of what was answered with more is told that it was done.
const LARGEST: usize = 1 << 20;

/// What an answer begins with: whether the work was done or failed for good.
const DONE: u8 = b'+';
const FAILED: u8 = b'-';

/// The answers of one operation, by the key of the request.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    state: Shared,
    /// The operation: `Orders.place`.
    scope: String,
    window: Duration,
    lease: Duration,
}

/// A claim of ours. Dropped while it is open, as by a caller who leaves or work that panics, it is given up.
struct Held {
    kept: Kept,
    key: String,
    request: String,
    owner: String,
    open: bool,
}

impl Kept {
    /// Answers that are kept for `window`; work takes `budget` at most.
    pub(super) fn new(state: Shared, scope: String, window: Duration, budget: Duration) -> Self {
        Self {
            state,
            scope,
            window,
            lease: budget + MARGIN,
        }
    }

    /// Does `work` for the first request under `key` and gives its answer to the others, as
    /// [`Replay::answer`](super::replay::Replay::answer) does within one instance.
    ///
    /// # Errors
    /// What the work failed with; a conflict when `request` is not what the key was first used for; `state-unavailable`
    /// when the store cannot tell.
    pub(super) async fn answer<T, F>(
        &self,
        key: &str,
        request: &[u8],
        work: impl FnOnce() -> F,
    ) -> Result<(T, bool), Problem>
    where
        T: Serialize + DeserializeOwned + Send + 'static,
        F: Future<Output = Result<T, Problem>> + Send + 'static,
    {
        let mut held = Held {
            kept: self.clone(),
            key: self.state.key("answer", &self.scope, key),
            request: hashed(request),
            owner: format!("{:032x}", fastrand::u128(..)),
            open: true,
        };
        let mut pause = FIRST;
        loop {
            // Even where the store does not answer, it may have granted it.
            match self.state.claim(held.claim(), self.lease).await? {
                Claimed::Yours => {
                    let work = work();
                    // Goes on when its caller leaves, so that the next attempt finds it done.
                    let done = tokio::spawn(async move { held.run(work).await }).await;
                    let broken = |_| Problem::internal("the operation broke off");
                    return done.map_err(broken)?.map(|value| (value, false));
                }
                Claimed::Done(answer) => {
                    held.open = false;
                    return read(&answer).map(|value| (value, true));
                }
                Claimed::Other => {
                    held.open = false;
                    return Err(reused());
                }
                Claimed::Running => sleep(pause).await,
            }
            pause = (pause * 2).min(LONGEST);
        }
    }
}

impl Held {
    fn claim(&self) -> Claim<'_> {
        Claim {
            key: &self.key,
            request: &self.request,
            owner: &self.owner,
        }
    }

    async fn run<T: Serialize>(
        mut self,
        work: impl Future<Output = Result<T, Problem>>,
    ) -> Result<T, Problem> {
        let begun = Instant::now();
        let answer = work.await;
        if let Some(text) = written(&answer) {
            self.open = false;
            self.keep(text, begun).await;
        }
        answer
    }

    /// Keeps an answer. Where the store does not take it, that is tried again for as long as the claim holds, while the
    /// caller has its answer already.
    async fn keep(self, answer: Vec<u8>, begun: Instant) {
        if self.finish(&answer).await {
            return;
        }
        let end = begun + self.kept.lease;
        tokio::spawn(async move {
            while Instant::now() < end {
                sleep(LONGEST).await;
                if self.finish(&answer).await {
                    break;
                }
            }
        });
    }

    async fn finish(&self, answer: &[u8]) -> bool {
        let Kept { state, window, .. } = &self.kept;
        state.finish(self.claim(), answer, *window).await
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if !self.open {
            return;
        }
        let state = self.kept.state.clone();
        let [key, request, owner] = [&mut self.key, &mut self.request, &mut self.owner].map(take);
        // Without a runtime the process ends, and the claim with its lease.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(async move {
                let claim = Claim {
                    key: &key,
                    request: &request,
                    owner: &owner,
                };
                state.release(claim).await;
            });
        }
    }
}

/// An answer as it is kept; `None` for failures that another attempt may mend.
fn written<T: Serialize>(answer: &Result<T, Problem>) -> Option<Vec<u8>> {
    let failed = |problem: &Problem| [&[FAILED], problem.to_json().as_slice()].concat();
    let text = match answer {
        Ok(value) => {
            let mut text = vec![DONE];
            serde_json::to_writer(&mut text, value).map_or_else(|_| failed(&gone()), |()| text)
        }
        Err(problem) if lasting(problem.kind) => failed(problem),
        Err(_) => return None,
    };
    Some(if text.len() > LARGEST {
        failed(&gone())
    } else {
        text
    })
}

fn read<T: DeserializeOwned>(answer: &[u8]) -> Result<T, Problem> {
    match answer.split_first() {
        Some((&DONE, json)) => serde_json::from_slice(json).map_err(|_| gone()),
        Some((&FAILED, json)) => Err(Problem::from_json(json).unwrap_or_else(gone)),
        _ => Err(gone()),
    }
}

/// What a repeat is told whose first answer cannot be given again: the work is never done twice.
fn gone() -> Problem {
    Problem::conflict("the request was answered before, and the answer cannot be given again")
        .with_code("idempotency-answer-gone")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_come_back_as_they_were() {
        let value = |text: &[u8]| read::<(String, bool)>(text);
        let done = written(&Ok(("a".to_owned(), true))).unwrap();
        assert_eq!(value(&done), Ok(("a".to_owned(), true)));
        let failed = Problem::conflict("sold").with_code("out-of-stock");
        let kept = written::<(String, bool)>(&Err(failed.clone())).unwrap();
        assert_eq!(value(&kept), Err(failed));
        assert_eq!(written::<()>(&Err(Problem::unavailable("later"))), None);
    }

    #[test]
    fn what_cannot_be_kept_is_never_done_twice() {
        let large = written(&Ok("x".repeat(LARGEST))).unwrap();
        assert!(large.len() < 1000);
        assert_eq!(
            read::<String>(&large).unwrap_err().code,
            "idempotency-answer-gone"
        );
        assert_eq!(
            read::<u32>(b"+\"of another version\"").unwrap_err().code,
            "idempotency-answer-gone"
        );
    }
}
