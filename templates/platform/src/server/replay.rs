//! First answers, kept to be given again to repeats of the same request.

use std::collections::hash_map::Entry as Slot;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use crate::clock::{Clock, Instant};
use crate::problem::{Problem, ProblemKind};

/// Most answers kept for one operation; beyond, the oldest are forgotten before their window ends.
const ANSWERS: usize = if cfg!(test) { 64 } else { 65_536 };

/// The answers of one operation, by the key of the request.
#[derive(Debug)]
pub(super) struct Replay<T> {
    window: Duration,
    clock: Clock,
    book: Mutex<Book<T>>,
}

#[derive(Debug)]
struct Book<T> {
    entries: HashMap<Arc<str>, Entry<T>>,
    /// Keys in the order in which their answers came, with the ends of their windows.
    ends: VecDeque<(Instant, Arc<str>)>,
}

#[derive(Debug)]
struct Entry<T> {
    /// A hash of the request, to tell a repeat from another request under the same key.
    request: u64,
    state: State<T>,
}

#[derive(Debug)]
enum State<T> {
    /// Ends with the sender, when there is an answer to look for.
    Running(watch::Receiver<()>),
    Done {
        answer: Result<T, Problem>,
        until: Instant,
    },
}

/// What was found under a key.
enum Found<T> {
    Nothing(watch::Sender<()>),
    Running(watch::Receiver<()>),
    Answer(Result<T, Problem>),
}

impl<T: Clone + Send + Sync + 'static> Replay<T> {
    pub(super) fn new(window: Duration, clock: Clock) -> Self {
        let book = Book {
            entries: HashMap::new(),
            ends: VecDeque::new(),
        };
        Self {
            window,
            clock,
            book: Mutex::new(book),
        }
    }

    /// Does `work` for the first request under `key` and gives its answer to the others, which wait for it if they must;
    /// tells whether the answer was given before.
    ///
    /// The work goes on when its caller leaves, so that the next attempt finds it done. Failures that another attempt
    /// may mend are not kept.
    ///
    /// # Errors
    /// What the work failed with; a conflict when `request` is not what the key was first used for.
    pub(super) async fn answer<F>(
        self: &Arc<Self>,
        key: &Arc<str>,
        request: u64,
        work: impl FnOnce() -> F,
    ) -> Result<(T, bool), Problem>
    where
        F: Future<Output = Result<T, Problem>> + Send + 'static,
    {
        loop {
            match self.find(key, request)? {
                Found::Answer(answer) => return answer.map(|value| (value, true)),
                // Ends in an error, when the sender is dropped: that is the sign.
                Found::Running(mut running) => drop(running.changed().await),
                Found::Nothing(running) => {
                    let run = Run {
                        replay: self.clone(),
                        key: key.clone(),
                        answered: false,
                        _running: running,
                    };
                    let work = work();
                    let done = tokio::spawn(async move { run.keep(work.await) }).await;
                    let broken = |_| Problem::internal("the operation broke off");
                    return done.map_err(broken)?.map(|value| (value, false));
                }
            }
        }
    }

    fn find(&self, key: &Arc<str>, request: u64) -> Result<Found<T>, Problem> {
        let now = self.clock.now();
        let mut book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        book.forget(now);
        match book.entries.entry(key.clone()) {
            Slot::Occupied(slot) if slot.get().request != request => Err(reused()),
            Slot::Occupied(slot) => Ok(match &slot.get().state {
                State::Running(running) => Found::Running(running.clone()),
                State::Done { answer, .. } => Found::Answer(answer.clone()),
            }),
            Slot::Vacant(slot) => {
                let (sender, running) = watch::channel(());
                slot.insert(Entry {
                    request,
                    state: State::Running(running),
                });
                Ok(Found::Nothing(sender))
            }
        }
    }
}

impl<T> Book<T> {
    /// Forgets answers whose window has ended, and the oldest when there are too many.
    fn forget(&mut self, now: Instant) {
        while let Some((end, key)) = self.ends.front() {
            if *end > now && self.ends.len() <= ANSWERS {
                break;
            }
            // A key that was forgotten and used again has a later end, which stands further back.
            let over = |entry: &Entry<T>| matches!(entry.state, State::Done { until, .. } if until == *end);
            if self.entries.get(key).is_some_and(over) {
                self.entries.remove(key);
            }
            self.ends.pop_front();
        }
    }
}

/// One run of the work; leaves no trace if it ends without an answer.
struct Run<T> {
    replay: Arc<Replay<T>>,
    key: Arc<str>,
    answered: bool,
    /// Wakes those who wait, by being dropped last.
    _running: watch::Sender<()>,
}

impl<T: Clone> Run<T> {
    fn keep(mut self, answer: Result<T, Problem>) -> Result<T, Problem> {
        if answer
            .as_ref()
            .map_or_else(|problem| lasting(problem.kind), |_| true)
        {
            let until = self.replay.clock.now() + self.replay.window;
            let mut book = self
                .replay
                .book
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            if let Some(entry) = book.entries.get_mut(&self.key) {
                entry.state = State::Done {
                    answer: answer.clone(),
                    until,
                };
                book.ends.push_back((until, self.key.clone()));
                self.answered = true;
            }
        }
        answer
    }
}

impl<T> Drop for Run<T> {
    fn drop(&mut self) {
        if !self.answered {
            self.replay
                .book
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .entries
                .remove(&self.key);
        }
    }
}

/// What an attempt is told that asks for something else than the first one under its key.
pub(super) fn reused() -> Problem {
    Problem::conflict("the idempotency key was used for another request")
        .with_code("idempotency-key-reused")
}

/// Whether another attempt would fail in the same way.
pub(super) fn lasting(kind: ProblemKind) -> bool {
    kind.status() < 500 && kind != ProblemKind::RateLimited
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    fn replay() -> Arc<Replay<u32>> {
        Arc::new(Replay::new(24 * HOUR, Clock::system()))
    }

    /// Counts its runs and takes a second.
    async fn work(runs: Arc<AtomicU32>) -> Result<u32, Problem> {
        tokio::time::sleep(Duration::from_secs(1)).await;
        Ok(runs.fetch_add(1, Ordering::Relaxed) + 1)
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_answer_is_given_again_within_the_window() {
        let (replay, runs, key) = (replay(), Arc::new(AtomicU32::new(0)), Arc::from("k"));
        assert_eq!(
            replay.answer(&key, 1, || work(runs.clone())).await,
            Ok((1, false))
        );
        tokio::time::advance(23 * HOUR).await;
        assert_eq!(
            replay.answer(&key, 1, || work(runs.clone())).await,
            Ok((1, true))
        );
        tokio::time::advance(HOUR).await;
        assert_eq!(
            replay.answer(&key, 1, || work(runs.clone())).await,
            Ok((2, false))
        );
    }

    #[tokio::test(start_paused = true)]
    async fn those_who_come_meanwhile_wait_for_it() {
        let (replay, runs, key) = (replay(), Arc::new(AtomicU32::new(0)), Arc::from("k"));
        let (a, b) = tokio::join!(
            replay.answer(&key, 1, || work(runs.clone())),
            replay.answer(&key, 1, || work(runs.clone()))
        );
        assert_eq!((a, b), (Ok((1, false)), Ok((1, true))));
        assert_eq!(runs.load(Ordering::Relaxed), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn the_work_outlives_its_caller() {
        let (replay, runs, key) = (replay(), Arc::new(AtomicU32::new(0)), Arc::from("k"));
        let left = tokio::time::timeout(
            Duration::from_millis(1),
            replay.answer(&key, 1, || work(runs.clone())),
        )
        .await;
        assert!(left.is_err());
        assert_eq!(
            replay.answer(&key, 1, || work(runs.clone())).await,
            Ok((1, true))
        );
    }

    #[tokio::test]
    async fn another_request_under_the_same_key_is_refused() {
        let (replay, key) = (replay(), Arc::from("k"));
        assert_eq!(
            replay.answer(&key, 1, || async { Ok(1) }).await,
            Ok((1, false))
        );
        let refused = replay
            .answer(&key, 2, || async { Ok(2) })
            .await
            .unwrap_err();
        assert_eq!(
            (refused.kind, refused.code.as_ref()),
            (ProblemKind::Conflict, "idempotency-key-reused")
        );
    }

    #[tokio::test]
    async fn only_lasting_failures_are_kept() {
        let replay = replay();
        let (lasting, passing) = (Arc::from("l"), Arc::from("p"));
        let fail = |problem: Problem| || async { Err(problem) };
        assert!(
            replay
                .answer(&lasting, 1, fail(Problem::conflict("sold")))
                .await
                .is_err()
        );
        assert_eq!(
            replay.answer(&lasting, 1, || async { Ok(1) }).await,
            Err(Problem::conflict("sold"))
        );
        assert!(
            replay
                .answer(&passing, 1, fail(Problem::unavailable("later")))
                .await
                .is_err()
        );
        assert_eq!(
            replay.answer(&passing, 1, || async { Ok(1) }).await,
            Ok((1, false))
        );
    }

    #[tokio::test]
    async fn a_panic_leaves_nothing_behind() {
        let (replay, key) = (replay(), Arc::from("k"));
        let broken = replay
            .answer(&key, 1, || async { panic!("on purpose") })
            .await;
        assert_eq!(broken.unwrap_err().kind, ProblemKind::Internal);
        assert_eq!(
            replay.answer(&key, 1, || async { Ok(1) }).await,
            Ok((1, false))
        );
    }

    #[tokio::test]
    async fn memory_is_bounded() {
        let replay = replay();
        for number in 0..(ANSWERS + 100) {
            let key = Arc::from(number.to_string());
            replay.answer(&key, 1, || async { Ok(1) }).await.unwrap();
        }
        assert!(replay.book.lock().unwrap().entries.len() <= ANSWERS + 1);
    }
}
