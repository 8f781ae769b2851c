//! State in a store that speaks Redis' protocol: one script, and so one round trip, for each decision.
//!
//! The time is the store's own, so that instances whose clocks differ decide alike; proofs, which move time, hand over
//! theirs. Everything that is written has an end.

mod connection;
#[cfg(feature = "proofs")]
mod proved;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use redis::{FromRedisValue, Script, ScriptInvocation};
use tokio::time::{Instant, timeout};

use self::connection::Line;
#[cfg(feature = "proofs")]
pub(super) use self::proved::proved;
use super::{Asked, Claim, Claimed, Lost, Store};
use crate::clock::Clock;
use crate::config::ServiceConfig;
use crate::error::Error;
use crate::limiter::Pace;
use crate::policy::State;

/// What a rate limit may add to a request that it lets through.
const LIMIT: Duration = Duration::from_millis(100);
/// What looking an answer up, or keeping it, may add.
const KEYED: Duration = Duration::from_millis(500);
/// After so many failures in a row the store is left alone.
const FAILURES: u32 = 3;
/// For so long; then one call at a time tries again.
const PAUSE: Duration = Duration::from_secs(1);

/// A store that speaks Redis' protocol.
#[derive(Debug)]
pub struct Redis {
    line: Line,
    scripts: Scripts,
    /// Whose time holds instead of the store's.
    clock: Option<Clock>,
    health: Mutex<Health>,
}

#[derive(Debug)]
struct Scripts {
    take: Script,
    claim: Script,
    finish: Script,
    release: Script,
    read: Script,
    write: Script,
    erase: Script,
}

/// How the last calls went.
#[derive(Debug)]
struct Health {
    failures: u32,
    /// When the next call may try.
    next: Instant,
}

/// Opens the store of a policy; nothing is connected before it is asked.
///
/// # Errors
/// When it has no address, or certificates that it needs cannot be used.
pub(super) fn open(policy: State, config: &ServiceConfig) -> Result<Arc<dyn Store>, Error> {
    let missing = || Error::new(format!("the store `{}` has no address", policy.store));
    let store = config.stores.get(policy.store).ok_or_else(missing)?;
    let line = Line::new(store, policy.tls, config.tls.as_ref())?;
    Ok(Arc::new(Redis::new(line, None)))
}

impl Redis {
    fn new(line: Line, clock: Option<Clock>) -> Self {
        Self {
            line,
            scripts: Scripts {
                take: Script::new(include_str!("scripts/take.lua")),
                claim: Script::new(include_str!("scripts/claim.lua")),
                finish: Script::new(include_str!("scripts/finish.lua")),
                release: Script::new(include_str!("scripts/release.lua")),
                read: Script::new(include_str!("scripts/read.lua")),
                write: Script::new(include_str!("scripts/write.lua")),
                erase: Script::new(include_str!("scripts/erase.lua")),
            },
            clock,
            health: Mutex::new(Health {
                failures: 0,
                next: Instant::now(),
            }),
        }
    }

    /// The store at `host:port`, in plain text and without a password, that goes by `clock` and not by its own.
    ///
    /// # Errors
    /// When the address has no port.
    pub fn at(address: &str, clock: Option<Clock>) -> Result<Self, Error> {
        Ok(Self::new(Line::plain(address)?, clock))
    }

    /// Runs a script, unless the store is left alone for now.
    async fn ask<T: FromRedisValue>(
        &self,
        within: Duration,
        script: &ScriptInvocation<'_>,
    ) -> Result<T, Lost> {
        self.admit()?;
        let asked = async {
            let mut connection = self.line.connected().await?;
            script
                .invoke_async(&mut connection)
                .await
                .map_err(|error| error.to_string())
        };
        let answer = timeout(within, asked)
            .await
            .unwrap_or_else(|_| Err("no answer in time".to_owned()));
        self.settle(answer.is_ok());
        answer.map_err(|reason| {
            tracing::debug!(%reason, "the store of shared state failed");
            self.line.hang_up();
            Lost
        })
    }

    fn admit(&self) -> Result<(), Lost> {
        let now = Instant::now();
        let mut health = self.health.lock().unwrap_or_else(PoisonError::into_inner);
        if health.failures >= FAILURES {
            if now < health.next {
                return Err(Lost);
            }
            // This call finds out; those beside it do not wait with it.
            health.next = now + PAUSE;
        }
        Ok(())
    }

    fn settle(&self, well: bool) {
        let mut health = self.health.lock().unwrap_or_else(PoisonError::into_inner);
        if well {
            health.failures = 0;
        } else {
            health.failures = health.failures.saturating_add(1);
            health.next = Instant::now() + PAUSE;
        }
    }

    /// Keeps a value; where `instead` is set, only instead of another one. Whether it is kept.
    async fn keep(
        &self,
        key: &str,
        value: &[u8],
        span: Duration,
        instead: bool,
    ) -> Result<bool, Lost> {
        let mut script = self.scripts.write.key(key);
        let millis = span.as_millis().max(1);
        script
            .arg(value)
            .arg(u64::try_from(millis).unwrap_or(u64::MAX))
            .arg(if instead { "XX" } else { "" });
        self.ask(KEYED, &script).await
    }

    /// The time that scripts go by, in microseconds; empty for the store's own.
    fn now(&self) -> String {
        let since = |clock: &Clock| clock.wall().duration_since(UNIX_EPOCH).unwrap_or_default();
        self.clock
            .as_ref()
            .map(|clock| micros(since(clock)).to_string())
            .unwrap_or_default()
    }
}

/// Whole microseconds, at least one: scripts count in nothing smaller.
fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros())
        .unwrap_or(u64::MAX)
        .max(1)
}

impl Store for Redis {
    fn open(&self) {
        // Nobody waits for it: it is on its way.
        drop(self.line.dial());
    }

    fn take<'a>(&'a self, key: &'a str, pace: Pace) -> Asked<'a, Result<(), Duration>> {
        Box::pin(async move {
            let interval = micros(pace.interval());
            let mut script = self.scripts.take.key(key);
            script
                .arg(self.now())
                .arg(interval)
                .arg(interval.saturating_mul(u64::from(pace.burst())));
            let wait: u64 = self.ask(LIMIT, &script).await?;
            Ok(match wait {
                0 => Ok(()),
                wait => Err(Duration::from_micros(wait)),
            })
        })
    }

    fn claim<'a>(&'a self, claim: Claim<'a>, lease: Duration) -> Asked<'a, Claimed> {
        Box::pin(async move {
            let mut script = self.scripts.claim.key(claim.key);
            script
                .arg(self.now())
                .arg(claim.request)
                .arg(claim.owner)
                .arg(micros(lease));
            let (code, answer): (u8, Option<Vec<u8>>) = self.ask(KEYED, &script).await?;
            match (code, answer) {
                (0, _) => Ok(Claimed::Yours),
                (1, _) => Ok(Claimed::Running),
                (2, Some(answer)) => Ok(Claimed::Done(answer)),
                (3, _) => Ok(Claimed::Other),
                _ => Err(Lost),
            }
        })
    }

    fn finish<'a>(&'a self, claim: Claim<'a>, answer: &'a [u8], window: Duration) -> Asked<'a, ()> {
        Box::pin(async move {
            let mut script = self.scripts.finish.key(claim.key);
            script
                .arg(self.now())
                .arg(claim.request)
                .arg(claim.owner)
                .arg(micros(window))
                .arg(answer);
            self.ask(KEYED, &script).await
        })
    }

    fn release<'a>(&'a self, claim: Claim<'a>) -> Asked<'a, ()> {
        Box::pin(async move {
            let mut script = self.scripts.release.key(claim.key);
            script.arg(claim.owner);
            self.ask(KEYED, &script).await
        })
    }

    fn read<'a>(&'a self, key: &'a str) -> Asked<'a, Option<Vec<u8>>> {
        Box::pin(async move { self.ask(KEYED, &self.scripts.read.key(key)).await })
    }

    fn write<'a>(&'a self, key: &'a str, value: &'a [u8], span: Duration) -> Asked<'a, ()> {
        Box::pin(async move { self.keep(key, value, span, false).await.map(drop) })
    }

    fn replace<'a>(&'a self, key: &'a str, value: &'a [u8], span: Duration) -> Asked<'a, bool> {
        Box::pin(self.keep(key, value, span, true))
    }

    fn erase<'a>(&'a self, key: &'a str) -> Asked<'a, ()> {
        Box::pin(async move { self.ask(KEYED, &self.scripts.erase.key(key)).await })
    }
}
