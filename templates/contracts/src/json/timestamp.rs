//! `timestamp`: RFC 3339, years 0001 to 9998.

use jiff::Timestamp as Value;
use serde::{Deserializer, Serializer};

use super::{Codec, text};

/// A moment.
pub struct Timestamp;

impl Codec for Timestamp {
    type Value = Value;

    fn serialize<S: Serializer>(value: &Value, to: S) -> Result<S::Ok, S::Error> {
        text::serialize(value, to)
    }

    fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Value, D::Error> {
        text::deserialize(from, "a date and time as of RFC 3339", parse)
    }
}

/// jiff also reads forms that RFC 3339 does not know.
fn parse(text: &str) -> Option<Value> {
    let (moment, rest) = text.split_at_checked(19)?;
    let zone = match rest.strip_prefix('.') {
        None => rest,
        Some(rest) => {
            let zone = rest.trim_start_matches(|c: char| c.is_ascii_digit());
            (1..=9)
                .contains(&(rest.len() - zone.len()))
                .then_some(zone)?
        }
    };
    let exact = is_like(moment, "0000-00-00T00:00:00")
        && ("0001".."9999").contains(&&moment[..4])
        && &moment[17..] < "60"
        && (zone == "Z" || is_like(zone, "+00:00") || is_like(zone, "-00:00"))
        && (zone.len() == 1 || (&zone[1..3] < "24" && &zone[4..] < "60"));
    exact.then(|| text.parse().ok()).flatten()
}

/// Whether `text` has a digit where `shape` has one, and the same character elsewhere.
fn is_like(text: &str, shape: &str) -> bool {
    text.len() == shape.len()
        && text.bytes().zip(shape.bytes()).all(|(byte, wanted)| {
            byte == wanted || (wanted.is_ascii_digit() && byte.is_ascii_digit())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_3339_only() {
        for good in [
            "2026-11-22T12:00:00Z",
            "0001-01-01T00:00:00.123456789+23:59",
            "9998-12-31T23:59:59-23:59",
        ] {
            assert!(parse(good).is_some(), "{good}");
        }
        for bad in [
            "",
            "2026-11-22",
            "2026-11-22 12:00:00Z",
            "2026-11-22t12:00:00z",
            "2026-11-22T12:00:60Z",
            "2026-11-22T12:00:00+05",
            "2026-11-22T12:00:00+24:00",
            "2026-11-22T12:00:00.Z",
            "2026-11-22T12:00:00Z[UTC]",
            "2026-02-30T12:00:00Z",
            "0000-01-01T00:00:00Z",
            "9999-01-01T00:00:00Z",
        ] {
            assert!(parse(bad).is_none(), "{bad}");
        }
    }
}
