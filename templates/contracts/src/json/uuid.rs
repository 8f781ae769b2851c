//! `uuid`: groups of 8, 4, 4, 4 and 12 hexadecimal digits.

use serde::{Deserializer, Serializer};
use uuid::Uuid as Value;

use super::{Codec, text};

/// A UUID in its usual form.
pub struct Uuid;

impl Codec for Uuid {
    type Value = Value;

    fn serialize<S: Serializer>(value: &Value, to: S) -> Result<S::Ok, S::Error> {
        text::serialize(value, to)
    }

    fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Value, D::Error> {
        text::deserialize(from, "a UUID", parse)
    }
}

/// Only the form of 36 characters, which no other form has.
pub fn parse(text: &str) -> Option<Value> {
    (text.len() == 36)
        .then(|| Value::try_parse(text).ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_form_only() {
        assert!(parse("6F9619FF-8b86-d011-b42d-00c04fc964ff").is_some());
        for bad in [
            "",
            "6f9619ff8b86d011b42d00c04fc964ff",
            "{6f9619ff-8b86-d011-b42d-00c04fc964ff}",
            "urn:uuid:6f9619ff-8b86-d011-b42d-00c04fc964ff",
            "6f9619ff-8b86-d011-b42d-00c04fc964fg",
        ] {
            assert!(parse(bad).is_none(), "{bad}");
        }
    }
}
