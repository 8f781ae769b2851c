//! `date`: a day, `2026-11-22`.

use jiff::civil::Date as Value;
use serde::{Deserializer, Serializer};

use super::{Codec, text};

/// A day.
pub struct Date;

impl Codec for Date {
    type Value = Value;

    fn serialize<S: Serializer>(value: &Value, to: S) -> Result<S::Ok, S::Error> {
        text::serialize(value, to)
    }

    fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Value, D::Error> {
        text::deserialize(from, "a day, like 2026-11-22", parse)
    }
}

/// Four, two and two digits; jiff also reads longer forms.
pub fn parse(text: &str) -> Option<Value> {
    let exact = text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    exact.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_only() {
        assert!(parse("2024-02-29").is_some());
        for bad in [
            "",
            "2026-02-29",
            "2026-1-01",
            "20261122",
            "2026-11-22T00:00:00",
        ] {
            assert!(parse(bad).is_none(), "{bad}");
        }
    }
}
