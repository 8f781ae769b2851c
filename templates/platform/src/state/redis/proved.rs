//! A real store under proofs, whose clock is moved by hand.

use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;

use super::Redis;
use crate::clock::Clock;
use crate::error::Error;
use crate::limiter::Pace;
use crate::state::{Asked, Claim, Claimed, Store};

/// The store at `host:port`; what other proofs put there is out of sight.
///
/// # Errors
/// When the address has no port.
pub(in crate::state) fn proved(address: &str, clock: Clock) -> Result<Arc<dyn Store>, Error> {
    Ok(Arc::new(Proved {
        redis: Redis::at(address, Some(clock))?,
        prefix: format!("proof-{:016x}:", fastrand::u64(..)),
    }))
}

#[derive(Debug)]
struct Proved {
    redis: Redis,
    prefix: String,
}

/// Lets the paused clock stand while another process works: it would run ahead of the answer.
async fn standing<T>(work: impl Future<Output = T>) -> T {
    let (done, wait) = channel::<()>();
    // The clock stands as long as a blocking task runs; this one ends when its sender is dropped. Waiting for its end
    // would be a moment without one.
    drop(tokio::task::spawn_blocking(move || wait.recv()));
    let answer = work.await;
    drop(done);
    answer
}

impl Proved {
    fn key(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }
}

impl Store for Proved {
    fn take<'a>(&'a self, key: &'a str, pace: Pace) -> Asked<'a, Result<(), Duration>> {
        Box::pin(async move {
            let key = self.key(key);
            standing(self.redis.take(&key, pace)).await
        })
    }

    fn claim<'a>(&'a self, claim: Claim<'a>, lease: Duration) -> Asked<'a, Claimed> {
        Box::pin(async move {
            let key = &self.key(claim.key);
            standing(self.redis.claim(Claim { key, ..claim }, lease)).await
        })
    }

    fn finish<'a>(&'a self, claim: Claim<'a>, answer: &'a [u8], window: Duration) -> Asked<'a, ()> {
        Box::pin(async move {
            let key = &self.key(claim.key);
            standing(self.redis.finish(Claim { key, ..claim }, answer, window)).await
        })
    }

    fn release<'a>(&'a self, claim: Claim<'a>) -> Asked<'a, ()> {
        Box::pin(async move {
            let key = &self.key(claim.key);
            standing(self.redis.release(Claim { key, ..claim })).await
        })
    }

    fn read<'a>(&'a self, key: &'a str) -> Asked<'a, Option<Vec<u8>>> {
        Box::pin(async move {
            let key = self.key(key);
            standing(self.redis.read(&key)).await
        })
    }

    fn write<'a>(&'a self, key: &'a str, value: &'a [u8], span: Duration) -> Asked<'a, ()> {
        Box::pin(async move {
            let key = self.key(key);
            standing(self.redis.write(&key, value, span)).await
        })
    }

    fn replace<'a>(&'a self, key: &'a str, value: &'a [u8], span: Duration) -> Asked<'a, bool> {
        Box::pin(async move {
            let key = self.key(key);
            standing(self.redis.replace(&key, value, span)).await
        })
    }

    fn erase<'a>(&'a self, key: &'a str) -> Asked<'a, ()> {
        Box::pin(async move {
            let key = self.key(key);
            standing(self.redis.erase(&key)).await
        })
    }
}
