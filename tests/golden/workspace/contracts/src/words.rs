//! The names of enumerations' values in JSON. Generated from the drawing, do not edit.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

impl crate::Mood {
    /// The value's name in JSON.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Bright => "bright",
            Self::Dark => "dark",
            Self::Unknown(name) => name,
        }
    }
}

impl From<&str> for crate::Mood {
    fn from(name: &str) -> Self {
        match name {
            "bright" => Self::Bright,
            "dark" => Self::Dark,
            name => Self::Unknown(name.to_owned()),
        }
    }
}

impl Serialize for crate::Mood {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for crate::Mood {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Cow::<str>::deserialize(from).map(|name| Self::from(&*name))
    }
}
