//! State that the services of one process share: for `dev`, and for tests.

use std::collections::HashMap;
use std::future::ready;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::values::Values;
use super::{Asked, Claim, Claimed, Store};
use crate::clock::{Clock, Instant};
use crate::limiter::{Buckets, Pace};

/// Most answers kept; beyond, those whose time is over are forgotten first, then any that are finished.
const RECORDS: usize = if cfg!(test) { 64 } else { 65_536 };

/// A store in this process. Forgets everything with it.
#[derive(Debug, Default)]
pub struct Memory {
    clock: Clock,
    buckets: Buckets,
    records: Mutex<HashMap<String, Record>>,
    values: Values,
}

#[derive(Debug)]
struct Record {
    request: String,
    owner: String,
    until: Instant,
    /// None while its owner is at it.
    answer: Option<Vec<u8>>,
}

impl Memory {
    /// An empty one.
    pub fn new(clock: Clock) -> Self {
        Self {
            clock,
            ..Self::default()
        }
    }

    fn records(&self) -> MutexGuard<'_, HashMap<String, Record>> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn claimed(&self, claim: Claim<'_>, lease: Duration) -> Claimed {
        let now = self.clock.now();
        let mut records = self.records();
        if let Some(record) = records.get(claim.key).filter(|it| it.until > now) {
            return match &record.answer {
                _ if record.request != claim.request => Claimed::Other,
                Some(answer) => Claimed::Done(answer.clone()),
                None => Claimed::Running,
            };
        }
        make_room(&mut records, now);
        records.insert(claim.key.to_owned(), Record::new(claim, now + lease, None));
        Claimed::Yours
    }

    fn finished(&self, claim: Claim<'_>, answer: &[u8], window: Duration) {
        let now = self.clock.now();
        let mut records = self.records();
        let held = records.get(claim.key).filter(|it| it.until > now);
        if held.is_none_or(|it| it.owner == claim.owner) {
            let record = Record::new(claim, now + window, Some(answer.to_vec()));
            records.insert(claim.key.to_owned(), record);
        }
    }

    fn released(&self, claim: Claim<'_>) {
        let mut records = self.records();
        let own = |it: &Record| it.owner == claim.owner && it.answer.is_none();
        if records.get(claim.key).is_some_and(own) {
            records.remove(claim.key);
        }
    }
}

impl Record {
    fn new(claim: Claim<'_>, until: Instant, answer: Option<Vec<u8>>) -> Self {
        Self {
            request: claim.request.to_owned(),
            owner: claim.owner.to_owned(),
            until,
            answer,
        }
    }
}

fn make_room(records: &mut HashMap<String, Record>, now: Instant) {
    if records.len() < RECORDS {
        return;
    }
    records.retain(|_, record| record.until > now);
    if records.len() >= RECORDS {
        let mut keep = false;
        records.retain(|_, record| {
            keep = !keep;
            keep || record.answer.is_none()
        });
    }
}

impl Store for Memory {
    fn take<'a>(&'a self, key: &'a str, pace: Pace) -> Asked<'a, Result<(), Duration>> {
        let taken = self.buckets.take(key, pace, self.clock.now());
        Box::pin(ready(Ok(taken)))
    }

    fn claim<'a>(&'a self, claim: Claim<'a>, lease: Duration) -> Asked<'a, Claimed> {
        Box::pin(ready(Ok(self.claimed(claim, lease))))
    }

    fn finish<'a>(&'a self, claim: Claim<'a>, answer: &'a [u8], window: Duration) -> Asked<'a, ()> {
        self.finished(claim, answer, window);
        Box::pin(ready(Ok(())))
    }

    fn release<'a>(&'a self, claim: Claim<'a>) -> Asked<'a, ()> {
        self.released(claim);
        Box::pin(ready(Ok(())))
    }

    fn read<'a>(&'a self, key: &'a str) -> Asked<'a, Option<Vec<u8>>> {
        Box::pin(ready(Ok(self.values.read(key, self.clock.now()))))
    }

    fn write<'a>(&'a self, key: &'a str, value: &'a [u8], span: Duration) -> Asked<'a, ()> {
        let now = self.clock.now();
        self.values.write(key, value, now, now + span);
        Box::pin(ready(Ok(())))
    }

    fn replace<'a>(&'a self, key: &'a str, value: &'a [u8], span: Duration) -> Asked<'a, bool> {
        let now = self.clock.now();
        Box::pin(ready(Ok(self.values.replace(key, value, now, now + span))))
    }

    fn erase<'a>(&'a self, key: &'a str) -> Asked<'a, ()> {
        self.values.erase(key);
        Box::pin(ready(Ok(())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(key: &str) -> Claim<'_> {
        Claim {
            key,
            request: "r",
            owner: "o",
        }
    }

    #[test]
    fn memory_is_bounded() {
        let memory = Memory::default();
        assert_eq!(
            memory.claimed(claim("first"), Duration::from_secs(60)),
            Claimed::Yours
        );
        for number in 0..RECORDS * 3 {
            let key = number.to_string();
            memory.finished(claim(&key), b"", Duration::from_secs(60));
            memory.claimed(claim(&format!("{key} once more")), Duration::ZERO);
        }
        assert!(memory.records().len() <= RECORDS + 1);
        assert_eq!(
            memory.claimed(claim("first"), Duration::from_secs(60)),
            Claimed::Running,
            "what is under way is never forgotten"
        );
    }
}
