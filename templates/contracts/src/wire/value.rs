//! `json` in protobuf: a text.

use platform::Problem;
use serde_json::Value;

use super::Field;

impl Field<String> for Value {
    fn into_wire(self) -> String {
        self.to_string()
    }

    fn from_wire(wire: String) -> Result<Self, Problem> {
        serde_json::from_str(&wire).map_err(|_| Problem::invalid_field("", "must be JSON"))
    }
}
