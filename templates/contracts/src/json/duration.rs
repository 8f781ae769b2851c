//! `duration`: seconds, `1.5s`.

use jiff::SignedDuration;
use serde::{Deserializer, Serializer};

use super::{Codec, text};

/// A length of time.
pub struct Duration;

impl Codec for Duration {
    type Value = SignedDuration;

    fn serialize<S: Serializer>(value: &SignedDuration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&write(*value))
    }

    fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<SignedDuration, D::Error> {
        text::deserialize(from, "seconds, like 1.5s", parse)
    }
}

fn write(value: SignedDuration) -> String {
    let sign = if value.is_negative() { "-" } else { "" };
    let (seconds, nanos) = (
        value.as_secs().unsigned_abs(),
        value.subsec_nanos().unsigned_abs(),
    );
    if nanos == 0 {
        return format!("{sign}{seconds}s");
    }
    let part = format!("{nanos:09}");
    format!("{sign}{seconds}.{}s", part.trim_end_matches('0'))
}

/// Up to 11 digits before and 9 after the point, no leading zeros.
fn parse(text: &str) -> Option<SignedDuration> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    let digits = digits.strip_suffix('s')?;
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain = |text: &str, most| {
        (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
    };
    let canonical = plain(whole, 11) && plain(part, 9) && (whole == "0" || !whole.starts_with('0'));
    if !canonical {
        return None;
    }
    let seconds: i64 = whole.parse().ok()?;
    let nanos: i32 = format!("{part:0<9}").parse().ok()?;
    Some(SignedDuration::new(
        sign * seconds,
        i32::try_from(sign).ok()? * nanos,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_there_and_back() {
        for good in ["0s", "1.5s", "-1.5s", "-0.000000001s", "99999999999s"] {
            assert_eq!(parse(good).map(write).as_deref(), Some(good));
        }
        for bad in [
            "",
            "s",
            "1",
            "+1s",
            "01s",
            "1.s",
            ".5s",
            "1.0000000001s",
            "1m",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
