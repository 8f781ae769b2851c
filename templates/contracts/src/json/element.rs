//! Values inside lists, maps and the like.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Codec;

/// A value about to be written by its codec.
pub struct Writing<'a, C: Codec>(pub &'a C::Value);

/// A value just read by its codec.
pub struct Reading<C: Codec>(pub C::Value);

impl<C: Codec> Serialize for Writing<'_, C> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        C::serialize(self.0, to)
    }
}

impl<'de, C: Codec> Deserialize<'de> for Reading<C> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        C::deserialize(from).map(Self)
    }
}
