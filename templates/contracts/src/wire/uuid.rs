//! `uuid` in protobuf: a text, as in JSON.

use platform::Problem;
use uuid::Uuid;

use super::Field;

impl Field<String> for Uuid {
    fn into_wire(self) -> String {
        self.to_string()
    }

    fn from_wire(wire: String) -> Result<Self, Problem> {
        crate::json::uuid::parse(&wire).ok_or_else(|| Problem::invalid_field("", "must be a UUID"))
    }
}
