//! The messages of `front`.
//!
//! Generated from the drawing, do not edit.

use crate::json::{self, Codec as _};

/// What `Notes.find` takes.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct NotesFindRequest {
    #[serde(with = "json::Uuid")]
    pub id: uuid::Uuid,
}
