//! Messages and enumerations of protobuf package `notes.archive`. Generated from the drawing, do not edit.

use platform::Problem;

use super::Field;
use super::field;
use crate::proto;

impl From<crate::archive::ArchiveFindRequest> for proto::notes::archive::ArchiveFindRequest {
    fn from(it: crate::archive::ArchiveFindRequest) -> Self {
        Self {
            id: it.id.into_wire(),
        }
    }
}

impl TryFrom<proto::notes::archive::ArchiveFindRequest> for crate::archive::ArchiveFindRequest {
    type Error = Problem;

    fn try_from(wire: proto::notes::archive::ArchiveFindRequest) -> Result<Self, Problem> {
        Ok(Self {
            id: field("id", wire.id)?,
        })
    }
}
