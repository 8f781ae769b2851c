//! Values whose failures tell nothing of the keys in them.

use std::marker::PhantomData;

use platform::Objects;
use serde::{Deserializer, Serializer};

use super::Codec;

/// As `C`. What is wrong with it is told of the field as a whole: the way to it would lead by the keys of maps.
pub struct Hidden<C>(PhantomData<C>);

impl<C: Codec> Codec for Hidden<C> {
    type Value = C::Value;

    fn serialize<S: Serializer>(value: &C::Value, to: S) -> Result<S::Ok, S::Error> {
        C::serialize(value, to)
    }

    fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<C::Value, D::Error> {
        let value = <serde_json::Value as serde::Deserialize>::deserialize(from)?;
        C::deserialize(Objects(value)).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A message of one field.
    #[derive(serde::Deserialize)]
    struct Safe {
        number: i32,
    }

    struct Safes;

    impl Codec for Safes {
        type Value = std::collections::BTreeMap<String, Safe>;

        fn serialize<S: Serializer>(_: &Self::Value, to: S) -> Result<S::Ok, S::Error> {
            to.serialize_unit()
        }

        fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Self::Value, D::Error> {
            serde::Deserialize::deserialize(from)
        }
    }

    fn read(json: &str) -> Result<i32, String> {
        let from = &mut serde_json::Deserializer::from_str(json);
        let safes = Hidden::<Safes>::deserialize(from).map_err(|error| error.to_string())?;
        Ok(safes.values().map(|safe| safe.number).sum())
    }

    #[test]
    fn it_reads_as_its_codec_does_and_messages_from_objects_alone() {
        assert_eq!(read(r#"{"a":{"number":1},"b":{"number":2}}"#), Ok(3));
        assert!(read(r#"{"a":[1]}"#).is_err());
        let failure = read(r#"{"secret":{}}"#).unwrap_err();
        assert!(failure.contains("missing field `number`"), "{failure}");
        assert!(!failure.contains("secret"), "{failure}");
    }
}
