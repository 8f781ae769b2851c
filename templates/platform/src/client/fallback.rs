//! The last good answers of a query, which stand in for it while its callee cannot be reached.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use aws_lc_rs::digest::{Context, SHA256};
use bytes::Bytes;
use prometheus_client::metrics::counter::Counter;

use crate::clock::{Clock, Instant};
use crate::context::Scope;
use crate::problem::{Problem, ProblemKind};

/// Most bytes of answers that are kept for one operation of an edge; the oldest go first.
const MOST: usize = 8 * 1024 * 1024;

/// What an entry takes beside its answer, about.
const ENTRY: usize = 160;

/// Whose question, and which: a SHA-256 over both.
type Key = [u8; 32];

/// The remembered answers of one operation.
pub(super) struct Fallback {
    edge: &'static str,
    operation: &'static str,
    /// How old an answer may be.
    age: Duration,
    clock: Clock,
    memory: Mutex<Memory>,
    used: Counter,
}

#[derive(Default)]
struct Memory {
    answers: HashMap<Key, Kept>,
    /// The keys by the number of their answer, the oldest first.
    order: BTreeMap<u64, Key>,
    next: u64,
    size: usize,
}

struct Kept {
    answer: Bytes,
    at: Instant,
    number: u64,
}

impl Fallback {
    pub fn new(
        edge: &'static str,
        operation: &'static str,
        age: Duration,
        clock: Clock,
        used: Counter,
    ) -> Self {
        Self {
            edge,
            operation,
            age,
            clock,
            memory: Mutex::default(),
            used,
        }
    }

    /// What became of a call of `request` for the user of `scope`: a good answer, which is remembered as `write` writes it; its
    /// problem; or, where that may pass, the last good answer as `read` reads it.
    pub fn judge<T>(
        &self,
        scope: &Scope,
        request: &[&[u8]],
        result: Result<T, Problem>,
        write: impl FnOnce(&T) -> Bytes,
        read: impl FnOnce(Bytes) -> Option<T>,
    ) -> Result<T, Problem> {
        let key = key(scope, request);
        let now = self.clock.now();
        match result {
            Ok(answer) => {
                self.lock().keep(key, write(&answer), now);
                Ok(answer)
            }
            Err(problem) if may_pass(problem.kind) => {
                let kept = self.lock().recall(&key, now, self.age);
                let answer = kept.and_then(read).ok_or(problem.clone())?;
                scope.stale.make();
                self.used.inc();
                let (edge, operation) = (self.edge, self.operation);
                tracing::warn!(edge, operation, %problem, "an earlier answer stands in");
                Ok(answer)
            }
            Err(problem) => {
                // The callee is well and said no, perhaps because the user may not any more: that is the last answer now. A bad
                // gateway is neither: a bug, or a token that the callee refused.
                if problem.kind != ProblemKind::BadGateway {
                    self.lock().forget(&key);
                }
                Err(problem)
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a call failed because its callee could not answer it now, rather than by what it answered.
fn may_pass(kind: ProblemKind) -> bool {
    matches!(
        kind,
        ProblemKind::Unavailable
            | ProblemKind::CircuitOpen
            | ProblemKind::Overloaded
            | ProblemKind::RateLimited
            | ProblemKind::Timeout
            | ProblemKind::DeadlineExceeded
    )
}

/// Each part is preceded by its length, so that none runs into the next. A user is told apart by the token too: another one
/// may say something else of the same user.
fn key(scope: &Scope, request: &[&[u8]]) -> Key {
    let user = scope.user.as_deref();
    let service = scope.caller.service.as_deref().unwrap_or_default();
    let credential = scope.caller.credential.as_ref();
    let (scheme, name) = credential.map_or(("", ""), |it| (it.scheme, &*it.name));
    let known = user.is_some() || credential.is_some() || scope.caller.service.is_some();
    let address = match scope.caller.address {
        Some(address) if !known => address.to_string(),
        _ => String::new(),
    };
    let (issuer, subject, token) = user.map_or(("", "", ""), |user| {
        (user.issuer(), user.subject.as_str(), user.token.as_str())
    });
    let who = [issuer, subject, token, scheme, name, service, &address].map(str::as_bytes);
    let mut hash = Context::new(&SHA256);
    for part in who.iter().chain(request) {
        hash.update(&part.len().to_be_bytes());
        hash.update(part);
    }
    let mut key = Key::default();
    key.copy_from_slice(hash.finish().as_ref());
    key
}

impl Memory {
    fn keep(&mut self, key: Key, answer: Bytes, at: Instant) {
        self.forget(&key);
        self.size += answer.len() + ENTRY;
        let number = self.next;
        self.next += 1;
        self.order.insert(number, key);
        self.answers.insert(key, Kept { answer, at, number });
        while self.size > MOST
            && let Some((_, oldest)) = self.order.pop_first()
        {
            self.forget(&oldest);
        }
    }

    fn recall(&mut self, key: &Key, now: Instant, age: Duration) -> Option<Bytes> {
        let kept = self.answers.get(key)?;
        if now.saturating_duration_since(kept.at) <= age {
            return Some(kept.answer.clone());
        }
        self.forget(key);
        None
    }

    fn forget(&mut self, key: &Key) {
        if let Some(kept) = self.answers.remove(key) {
            self.order.remove(&kept.number);
            self.size -= kept.answer.len() + ENTRY;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::context::{Peer, User};

    const AGE: Duration = Duration::from_secs(30);

    fn fallback() -> Fallback {
        Fallback::new("a -> b.B", "find", AGE, Clock::system(), Counter::default())
    }

    fn scope(subject: &str, token: &str) -> Scope {
        Scope {
            user: Some(Arc::new(User {
                subject: subject.into(),
                roles: Vec::new(),
                claims: serde_json::Map::new(),
                token: token.into(),
            })),
            ..Scope::default()
        }
    }

    fn judge(
        fallback: &Fallback,
        scope: &Scope,
        request: &str,
        result: Result<&str, Problem>,
    ) -> Result<String, Problem> {
        let result = result.map(str::to_owned);
        let write = |answer: &String| Bytes::from(answer.clone());
        let read = |kept: Bytes| String::from_utf8(kept.into()).ok();
        fallback.judge(scope, &[request.as_bytes()], result, write, read)
    }

    fn gone() -> Result<&'static str, Problem> {
        Err(Problem::unavailable("gone"))
    }

    #[tokio::test(start_paused = true)]
    async fn the_last_good_answer_stands_in_until_it_is_too_old() {
        let (fallback, ann) = (fallback(), scope("ann", "t"));
        assert_eq!(judge(&fallback, &ann, "1", Ok("old")), Ok("old".into()));
        assert_eq!(judge(&fallback, &ann, "1", Ok("new")), Ok("new".into()));
        assert!(!ann.stale.is_made());
        tokio::time::advance(AGE).await;
        assert_eq!(judge(&fallback, &ann, "1", gone()), Ok("new".into()));
        assert!(ann.stale.is_made());
        assert_eq!(fallback.used.get(), 1);
        tokio::time::advance(Duration::from_millis(1)).await;
        assert!(judge(&fallback, &ann, "1", gone()).is_err());
        assert_eq!(fallback.lock().size, 0);
    }

    #[tokio::test]
    async fn it_stands_in_for_the_same_user_and_question_only() {
        let fallback = fallback();
        let known = judge(&fallback, &scope("ann", "t"), "1", Ok("hers"));
        assert_eq!(known, Ok("hers".into()));
        let nobody = Scope::default();
        let service = Scope {
            caller: Peer {
                service: Some("front".into()),
                ..Peer::default()
            },
            ..Scope::default()
        };
        for (scope, request) in [
            (&scope("ann", "t"), "2"),
            (&scope("ann", "other"), "1"),
            (&scope("bob", "t"), "1"),
            (&nobody, "1"),
            (&service, "1"),
        ] {
            assert!(judge(&fallback, scope, request, gone()).is_err());
        }
        assert!(judge(&fallback, &scope("ann", "t"), "1", gone()).is_ok());
    }

    #[tokio::test]
    async fn what_the_callee_says_counts() {
        let (fallback, ann) = (fallback(), scope("ann", "t"));
        let _ = judge(&fallback, &ann, "1", Ok("hers"));
        let refused = judge(&fallback, &ann, "1", Err(Problem::forbidden("no more")));
        assert_eq!(refused.map_err(|it| it.kind), Err(ProblemKind::Forbidden));
        let gone_now = judge(&fallback, &ann, "1", gone());
        assert_eq!(
            gone_now.map_err(|it| it.kind),
            Err(ProblemKind::Unavailable)
        );
        let _ = judge(&fallback, &ann, "1", Ok("hers"));
        let broken = judge(&fallback, &ann, "1", Err(Problem::bad_gateway("a bug")));
        assert_eq!(broken.map_err(|it| it.kind), Err(ProblemKind::BadGateway));
        assert!(judge(&fallback, &ann, "1", gone()).is_ok());
    }

    #[tokio::test]
    async fn memory_is_bounded_and_the_oldest_go_first() {
        let (fallback, ann) = (fallback(), scope("ann", "t"));
        let large = "x".repeat(MOST / 4);
        for request in ["1", "2", "3", "4", "5"] {
            let _ = judge(&fallback, &ann, request, Ok(&large));
            assert!(fallback.lock().size <= MOST);
        }
        let kept = ["1", "2", "3", "4", "5"]
            .map(|request| judge(&fallback, &ann, request, gone()).is_ok());
        assert_eq!(kept, [false, false, true, true, true]);
        let memory = fallback.lock();
        assert_eq!(memory.answers.len(), memory.order.len());
    }
}
