//! `int32`: a number without fraction; `1.0` is one.

use std::fmt;

use serde::de::{Error, Visitor};
use serde::{Deserializer, Serializer};

use super::Codec;

/// A whole number of 32 bits.
pub struct Int32;

impl Codec for Int32 {
    type Value = i32;

    fn serialize<S: Serializer>(value: &i32, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_i32(*value)
    }

    fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<i32, D::Error> {
        from.deserialize_i32(Whole)
    }
}

struct Whole;

impl Visitor<'_> for Whole {
    type Value = i32;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number of 32 bits")
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<i32, E> {
        i32::try_from(number).map_err(|_| E::custom("must be a whole number of 32 bits"))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<i32, E> {
        i32::try_from(number).map_err(|_| E::custom("must be a whole number of 32 bits"))
    }

    #[allow(
        clippy::cast_possible_truncation,
        reason = "the range is checked before"
    )]
    fn visit_f64<E: Error>(self, number: f64) -> Result<i32, E> {
        let whole =
            number.fract() == 0.0 && (f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(&number);
        if whole {
            Ok(number as i32)
        } else {
            Err(E::custom("must be a whole number of 32 bits"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Option<i32> {
        Int32::deserialize(&mut serde_json::Deserializer::from_str(json)).ok()
    }

    #[test]
    fn whole_numbers_only() {
        assert_eq!(read("1.0"), Some(1));
        assert_eq!(read("1e2"), Some(100));
        assert_eq!(read("-0.0"), Some(0));
        assert_eq!(read("-2147483648"), Some(i32::MIN));
        for bad in ["1.5", "2147483648", "2147483648.0", "\"1\"", "true", "null"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
