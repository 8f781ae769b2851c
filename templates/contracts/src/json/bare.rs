//! Values that no field holds.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Codec;

/// A value that stands on its own, as an operation's answer does, in the form that a field of it would have.
pub struct Bare<C: Codec>(pub C::Value);

impl<C: Codec> Bare<C> {
    /// The value.
    pub fn into_inner(self) -> C::Value {
        self.0
    }
}

impl<C: Codec<Value: Clone>> Clone for Bare<C> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<C: Codec> Serialize for Bare<C> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        C::serialize(&self.0, to)
    }
}

impl<'de, C: Codec> Deserialize<'de> for Bare<C> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        C::deserialize(from).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers as texts.
    struct Digits;

    impl Codec for Digits {
        type Value = u8;

        fn serialize<S: Serializer>(value: &u8, to: S) -> Result<S::Ok, S::Error> {
            to.collect_str(value)
        }

        fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<u8, D::Error> {
            let text = String::deserialize(from)?;
            text.parse().map_err(serde::de::Error::custom)
        }
    }

    #[test]
    fn it_has_the_form_of_a_field() {
        let json = serde_json::to_string(&Bare::<Digits>(7)).unwrap();
        assert_eq!(json, r#""7""#);
        let read: Bare<Digits> = serde_json::from_str(&json).unwrap();
        assert_eq!(read.into_inner(), 7);
        assert!(serde_json::from_str::<Bare<Digits>>("7").is_err());
    }
}
