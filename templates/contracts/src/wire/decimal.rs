//! `decimal` in protobuf: a text, as in JSON.

use platform::Problem;
use rust_decimal::Decimal;

use super::Field;

impl Field<String> for Decimal {
    fn into_wire(self) -> String {
        self.to_string()
    }

    fn from_wire(wire: String) -> Result<Self, Problem> {
        crate::json::decimal::parse(&wire)
            .ok_or_else(|| Problem::invalid_field("", "must be a decimal number, as a text"))
    }
}
