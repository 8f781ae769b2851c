//! `date` in protobuf: a text, as in JSON.

use jiff::civil::Date;
use platform::Problem;

use super::Field;

impl Field<String> for Date {
    fn into_wire(self) -> String {
        self.to_string()
    }

    fn from_wire(wire: String) -> Result<Self, Problem> {
        crate::json::date::parse(&wire)
            .ok_or_else(|| Problem::invalid_field("", "must be a day, like 2026-11-22"))
    }
}
