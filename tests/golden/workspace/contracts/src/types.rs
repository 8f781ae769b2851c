//! Messages that more than one service knows.
//!
//! Generated from the drawing, do not edit.

use crate::json::{self, Codec as _};

/// One note.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Note {
    #[serde(with = "json::Uuid")]
    pub id: uuid::Uuid,
    pub text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mood: Option<Mood>,
}

/// The enumeration `Mood`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Mood {
    Bright,
    Dark,
    /// A value of a later version of this contract: its name, or its number where it came over gRPC.
    Unknown(String),
}
