//! Values that are kept for a while, in memory.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::clock::Instant;

/// Most values kept; beyond, those whose time is over are forgotten first, then the half whose time is over soonest.
/// A session with its tokens has about 4 kB.
const VALUES: usize = if cfg!(test) { 64 } else { 65_536 };

#[derive(Debug, Default)]
pub(super) struct Values(Mutex<HashMap<String, Value>>);

#[derive(Debug)]
struct Value {
    bytes: Vec<u8>,
    until: Instant,
}

impl Values {
    pub(super) fn read(&self, key: &str, now: Instant) -> Option<Vec<u8>> {
        let values = self.lock();
        let value = values.get(key).filter(|value| value.until > now);
        value.map(|value| value.bytes.clone())
    }

    pub(super) fn write(&self, key: &str, bytes: &[u8], now: Instant, until: Instant) {
        let mut values = self.lock();
        if values.len() >= VALUES && !values.contains_key(key) {
            make_room(&mut values, now);
        }
        let bytes = bytes.to_vec();
        values.insert(key.to_owned(), Value { bytes, until });
    }

    pub(super) fn replace(&self, key: &str, bytes: &[u8], now: Instant, until: Instant) -> bool {
        let mut values = self.lock();
        let value = values.get_mut(key).filter(|value| value.until > now);
        value.is_some_and(|value| {
            let bytes = bytes.to_vec();
            *value = Value { bytes, until };
            true
        })
    }

    pub(super) fn erase(&self, key: &str) {
        self.lock().remove(key);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Value>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn make_room(values: &mut HashMap<String, Value>, now: Instant) {
    values.retain(|_, value| value.until > now);
    if values.len() >= VALUES {
        let mut ends: Vec<_> = values.values().map(|value| value.until).collect();
        let middle = ends.len() / 2;
        let (_, &mut middle, _) = ends.select_nth_unstable(middle);
        let mut spared = VALUES / 2;
        values.retain(|_, value| {
            let stays = value.until >= middle && spared > 0;
            spared -= usize::from(stays);
            stays
        });
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn memory_is_bounded() {
        let (values, now) = (Values::default(), Instant::now());
        for number in 0..VALUES as u64 * 3 {
            let until = now + Duration::from_secs(60 + number);
            values.write(&number.to_string(), b"v", now, until);
            assert!(values.lock().len() <= VALUES);
        }
        let last = (VALUES * 3 - 1).to_string();
        assert_eq!(values.read(&last, now).as_deref(), Some(&b"v"[..]));
        assert_eq!(values.read("0", now), None, "what ends soonest goes first");
        // All of them end at once.
        for number in 0..VALUES * 3 {
            let key = format!("same {number}");
            values.write(&key, b"v", now, now + Duration::from_secs(1000));
        }
        assert!(values.lock().len() <= VALUES);
    }
}
