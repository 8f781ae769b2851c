//! `bytes`: base64.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserializer, Serializer};

use super::{Codec, text};

/// Bytes in base64, of the standard alphabet, padded.
pub struct Bytes;

impl Codec for Bytes {
    type Value = Vec<u8>;

    fn serialize<S: Serializer>(value: &Vec<u8>, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&STANDARD.encode(value))
    }

    fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        text::deserialize(from, "bytes in base64", |text| STANDARD.decode(text).ok())
    }
}
