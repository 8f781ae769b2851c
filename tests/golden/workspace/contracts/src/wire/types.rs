//! Messages and enumerations of protobuf package `notes`. Generated from the drawing, do not edit.

use platform::Problem;

use super::Field;
use super::field;
use crate::proto;

impl From<crate::Note> for proto::notes::Note {
    fn from(it: crate::Note) -> Self {
        Self {
            id: it.id.into_wire(),
            text: it.text.into_wire(),
            mood: it.mood.into_wire(),
        }
    }
}

impl TryFrom<proto::notes::Note> for crate::Note {
    type Error = Problem;

    fn try_from(wire: proto::notes::Note) -> Result<Self, Problem> {
        Ok(Self {
            id: field("id", wire.id)?,
            text: field("text", wire.text)?,
            mood: field("mood", wire.mood)?,
        })
    }
}

impl Field<i32> for crate::Mood {
    fn into_wire(self) -> i32 {
        match self {
            Self::Bright => 1,
            Self::Dark => 2,
            Self::Unknown(number) => number.parse().unwrap_or(0),
        }
    }

    fn from_wire(wire: i32) -> Result<Self, Problem> {
        Ok(match wire {
            1 => Self::Bright,
            2 => Self::Dark,
            number => Self::Unknown(number.to_string()),
        })
    }
}
