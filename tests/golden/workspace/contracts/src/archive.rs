//! The messages of `archive`.
//!
//! Generated from the drawing, do not edit.

use crate::json::{self, Codec as _};

/// What `Archive.find` takes.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct ArchiveFindRequest {
    #[serde(with = "json::Uuid")]
    pub id: uuid::Uuid,
}
