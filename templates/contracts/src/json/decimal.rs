//! `decimal`: a text, since JSON's readers keep no decimals.

use rust_decimal::Decimal as Value;
use serde::{Deserializer, Serializer};

use super::{Codec, text};

/// A decimal number, as a text.
pub struct Decimal;

impl Codec for Decimal {
    type Value = Value;

    fn serialize<S: Serializer>(value: &Value, to: S) -> Result<S::Ok, S::Error> {
        text::serialize(value, to)
    }

    fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Value, D::Error> {
        text::deserialize(from, "a decimal number, as a text", parse)
    }
}

/// Up to 28 digits before and after the point, no sign but a minus, no exponent, no leading zeros. What has more
/// digits in all than a decimal holds is rounded.
pub fn parse(text: &str) -> Option<Value> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, part) = match digits.split_once('.') {
        Some((whole, part)) => (whole, Some(part)),
        None => (digits, None),
    };
    let plain =
        |text: &str| (1..=28).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    let canonical =
        plain(whole) && (whole == "0" || !whole.starts_with('0')) && part.is_none_or(plain);
    canonical.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_decimals_only() {
        for good in ["0", "-0", "12.50", "0.1", "9999999999999999999999999999"] {
            assert!(parse(good).is_some(), "{good}");
        }
        let long = "9999999999999999999999999999.9999999999999999999999999999";
        assert!(parse(long).is_some());
        for bad in ["", "+1", ".5", "1.", "1e3", "1_000", "01", " 1", "-"] {
            assert!(parse(bad).is_none(), "{bad}");
        }
    }
}
