//! Values whose form is a text.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Error, Visitor};
use serde::{Deserializer, Serializer};

/// Writes a value as the text that it displays.
pub fn serialize<S: Serializer>(value: &impl fmt::Display, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(value)
}

/// Reads a value from a text; `expected` completes "must be ...".
pub fn deserialize<'de, T, D: Deserializer<'de>>(
    from: D,
    expected: &'static str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<T, D::Error> {
    from.deserialize_str(Text {
        expected,
        parse,
        value: PhantomData,
    })
}

struct Text<T, F> {
    expected: &'static str,
    parse: F,
    value: PhantomData<fn() -> T>,
}

impl<T, F: FnOnce(&str) -> Option<T>> Visitor<'_> for Text<T, F> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expected)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        let expected = self.expected;
        (self.parse)(text).ok_or_else(|| E::custom(format_args!("must be {expected}")))
    }
}
