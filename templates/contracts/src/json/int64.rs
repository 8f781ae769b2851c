//! `int64`: a text, since not every reader of JSON keeps 64 bits.

use serde::{Deserializer, Serializer};

use super::{Codec, text};

/// A whole number of 64 bits, as a text.
pub struct Int64;

impl Codec for Int64 {
    type Value = i64;

    fn serialize<S: Serializer>(value: &i64, to: S) -> Result<S::Ok, S::Error> {
        text::serialize(value, to)
    }

    fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
        text::deserialize(from, "a whole number of 64 bits, as a text", parse)
    }
}

/// No sign but a minus, no leading zeros, no minus zero.
fn parse(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let canonical = text == "0" || digits.starts_with(|c: char| matches!(c, '1'..='9'));
    canonical.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_form_for_each_number() {
        assert_eq!(parse("0"), Some(0));
        assert_eq!(parse("-9223372036854775808"), Some(i64::MIN));
        for bad in [
            "",
            "+1",
            "007",
            "-0",
            " 1",
            "1.0",
            "-",
            "9223372036854775808",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
