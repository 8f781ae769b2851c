//! The exact forms of values in JSON, where they are not what serde makes of them.

pub mod uuid;
mod text;

use serde::{Deserializer, Serializer};

pub use uuid::Uuid;

/// One form; stands after `with =` at the field that it holds for.
pub trait Codec {
    /// The type of the field.
    type Value;

    /// Writes the form.
    fn serialize<S: Serializer>(value: &Self::Value, to: S) -> Result<S::Ok, S::Error>;

    /// Reads the form, and no other.
    fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Self::Value, D::Error>;
}
