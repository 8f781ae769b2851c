//! One token: obtained once for all who wait for it, and renewed ahead of its end.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::HeaderValue;

use super::endpoint::Granted;
use crate::clock::{Clock, Instant};
use crate::oauth::Refusal;

/// A token that has lived this share of its time is renewed, while requests still go out with it ...
const RENEWED: f64 = 0.8;

/// ... until it has lived this share: it must not end on its way.
const USED: f64 = 0.95;

/// After a failure the provider is left alone for this long ...
const PAUSE: Duration = Duration::from_secs(1);

/// ... and twice as long after each further one, up to this.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// A refused token is replaced no more often than this: a callee that refuses every one of them must not make us flood
/// the provider.
const REPLACED: Duration = Duration::from_secs(10);

/// A place for one token.
pub(super) struct Slot {
    clock: Clock,
    state: Mutex<State>,
    /// Held while one is obtained, so that all who need it share it.
    turn: tokio::sync::Mutex<()>,
    renewing: AtomicBool,
}

#[derive(Default)]
struct State {
    token: Option<Token>,
    failures: u32,
    /// Until when the provider is left alone, and what it failed with.
    paused: Option<(Instant, Refusal)>,
    replaced: Option<Instant>,
}

#[derive(Clone)]
struct Token {
    header: HeaderValue,
    renewed: Instant,
    ends: Instant,
}

/// A token on its way, and the place that it came from.
#[derive(Clone)]
pub(in crate::client) struct Held {
    /// The header that shows it.
    pub(in crate::client) header: HeaderValue,
    slot: Arc<Slot>,
}

impl Held {
    /// Gives it up, since a callee refused it; whether another one is to be had at once.
    pub(in crate::client) fn refused(&self) -> bool {
        self.slot.refused(&self.header)
    }
}

impl Slot {
    pub(super) fn new(clock: Clock) -> Self {
        Self {
            clock,
            state: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
            renewing: AtomicBool::new(false),
        }
    }

    /// The token, which `ask` obtains when there is none that is valid.
    pub(super) async fn token<A, F>(self: &Arc<Self>, ask: A) -> Result<Held, Refusal>
    where
        A: FnOnce() -> F + Send + 'static,
        F: Future<Output = Result<Granted, Refusal>> + Send,
    {
        let header = self.header(ask).await?;
        let slot = Arc::clone(self);
        Ok(Held { header, slot })
    }

    async fn header<A, F>(self: &Arc<Self>, ask: A) -> Result<HeaderValue, Refusal>
    where
        A: FnOnce() -> F + Send + 'static,
        F: Future<Output = Result<Granted, Refusal>> + Send,
    {
        let now = self.clock.now();
        if let Some(token) = self.valid(now) {
            if now >= token.renewed && !self.renewing.swap(true, Ordering::Relaxed) {
                let slot = Arc::clone(self);
                tokio::spawn(async move {
                    if slot.lock().paused(now).is_none() {
                        let _turn = slot.turn.lock().await;
                        // The old one serves on: what failed is told in the log.
                        let _ = slot.fill(ask).await;
                    }
                    slot.renewing.store(false, Ordering::Relaxed);
                });
            }
            return Ok(token.header);
        }
        let slot = Arc::clone(self);
        // A task of its own: who asked first may give up sooner than the provider answers, and others wait too.
        let obtained = tokio::spawn(async move { slot.obtain(ask).await }).await;
        obtained.unwrap_or(Err(Refusal::Unavailable))
    }

    async fn obtain<A, F>(&self, ask: A) -> Result<HeaderValue, Refusal>
    where
        A: FnOnce() -> F,
        F: Future<Output = Result<Granted, Refusal>>,
    {
        let _turn = self.turn.lock().await;
        // Somebody else may have obtained it, or failed to, meanwhile.
        let now = self.clock.now();
        if let Some(token) = self.valid(now) {
            return Ok(token.header);
        }
        if let Some(refusal) = self.lock().paused(now) {
            return Err(refusal);
        }
        self.fill(ask).await
    }

    async fn fill<A, F>(&self, ask: A) -> Result<HeaderValue, Refusal>
    where
        A: FnOnce() -> F,
        F: Future<Output = Result<Granted, Refusal>>,
    {
        let asked = self.clock.now();
        let granted = ask().await;
        let mut state = self.lock();
        match granted {
            Ok(Granted { header, lifetime }) => {
                state.token = Some(Token {
                    header: header.clone(),
                    renewed: asked + lifetime.mul_f64(RENEWED),
                    ends: asked + lifetime.mul_f64(USED),
                });
                state.failures = 0;
                state.paused = None;
                Ok(header)
            }
            Err(refusal) => {
                let pause = PAUSE.saturating_mul(2_u32.saturating_pow(state.failures));
                state.failures = state.failures.saturating_add(1);
                let until = self.clock.now() + pause.min(LONGEST_PAUSE);
                state.paused = Some((until, refusal));
                Err(refusal)
            }
        }
    }

    /// Gives up the token that this header shows; whether there is to be another one at once.
    fn refused(&self, shown: &HeaderValue) -> bool {
        let now = self.clock.now();
        let mut state = self.lock();
        match &state.token {
            // Another request has replaced it already.
            Some(token) if token.header != shown => return true,
            None => return true,
            Some(_) => {}
        }
        if state
            .replaced
            .is_some_and(|last| now.saturating_duration_since(last) < REPLACED)
        {
            return false;
        }
        state.replaced = Some(now);
        state.token = None;
        true
    }

    /// Whether what is in it ended.
    pub(super) fn is_over(&self) -> bool {
        self.valid(self.clock.now()).is_none()
    }

    fn valid(&self, now: Instant) -> Option<Token> {
        let state = self.lock();
        state.token.clone().filter(|token| now < token.ends)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn paused(&self, now: Instant) -> Option<Refusal> {
        let (until, refusal) = self.paused?;
        (now < until).then_some(refusal)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    /// A provider that grants tokens of 100 seconds, numbered, and counts how often it is asked.
    #[derive(Clone, Default)]
    struct Provider {
        asked: Arc<AtomicUsize>,
        down: Arc<AtomicBool>,
    }

    impl Provider {
        fn asked(&self) -> usize {
            self.asked.load(Ordering::SeqCst)
        }

        async fn header(&self, slot: &Arc<Slot>) -> Result<String, Refusal> {
            let provider = self.clone();
            let ask = move || async move {
                let number = provider.asked.fetch_add(1, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(100)).await;
                if provider.down.load(Ordering::SeqCst) {
                    return Err(Refusal::Unavailable);
                }
                Ok(Granted {
                    header: HeaderValue::from(number),
                    lifetime: Duration::from_secs(100),
                })
            };
            let token = slot.token(ask).await?;
            Ok(token.header.to_str().unwrap().to_owned())
        }
    }

    async fn pass(seconds: u64) {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
    }

    #[tokio::test(start_paused = true)]
    async fn many_who_wait_ask_once() {
        let (slot, provider) = (Arc::new(Slot::new(Clock::system())), Provider::default());
        let asking = (0..50).map(|_| provider.header(&slot));
        let answers = futures_util::future::join_all(asking).await;
        assert!(answers.iter().all(|answer| answer.as_deref() == Ok("0")));
        assert_eq!(provider.asked(), 1);
        // One who gives up takes nothing from the others.
        let slot = Arc::new(Slot::new(Clock::system()));
        let early = tokio::time::timeout(Duration::from_millis(50), provider.header(&slot)).await;
        assert!(early.is_err());
        pass(1).await;
        assert_eq!(provider.header(&slot).await.as_deref(), Ok("1"));
        assert_eq!(provider.asked(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_is_renewed_while_it_serves_and_serves_while_renewing_fails() {
        let (slot, provider) = (Arc::new(Slot::new(Clock::system())), Provider::default());
        provider.header(&slot).await.unwrap();
        pass(79).await;
        assert_eq!(provider.header(&slot).await.as_deref(), Ok("0"));
        pass(1).await;
        assert_eq!(provider.asked(), 1);
        provider.down.store(true, Ordering::SeqCst);
        for _ in 0..5 {
            assert_eq!(provider.header(&slot).await.as_deref(), Ok("0"));
        }
        pass(2).await;
        // Once for all five, and not again before the pause is over.
        assert_eq!(provider.asked(), 2);
        provider.down.store(false, Ordering::SeqCst);
        assert_eq!(provider.header(&slot).await.as_deref(), Ok("0"));
        pass(1).await;
        assert_eq!(provider.header(&slot).await.as_deref(), Ok("2"));
        assert_eq!(provider.asked(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn a_provider_that_fails_is_left_alone_for_longer_and_longer() {
        let (slot, provider) = (Arc::new(Slot::new(Clock::system())), Provider::default());
        provider.down.store(true, Ordering::SeqCst);
        for _ in 0..100 {
            let refused = provider.header(&slot).await.unwrap_err();
            assert_eq!(refused, Refusal::Unavailable);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        // At 0, 1, 3 and 7 seconds, and each try takes a tenth.
        assert_eq!(provider.asked(), 4);
        provider.down.store(false, Ordering::SeqCst);
        pass(30).await;
        assert!(provider.header(&slot).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_refused_token_is_replaced_but_not_each_time() {
        let (slot, provider) = (Arc::new(Slot::new(Clock::system())), Provider::default());
        provider.header(&slot).await.unwrap();
        assert!(slot.refused(&HeaderValue::from(0)));
        assert_eq!(provider.header(&slot).await.as_deref(), Ok("1"));
        // Of the old one somebody else hears late.
        assert!(slot.refused(&HeaderValue::from(0)));
        assert_eq!(provider.header(&slot).await.as_deref(), Ok("1"));
        assert!(!slot.refused(&HeaderValue::from(1)));
        pass(10).await;
        assert!(slot.refused(&HeaderValue::from(1)));
        assert!(slot.is_over());
    }
}
