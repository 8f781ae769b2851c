//! `duration` in protobuf: `google.protobuf.Duration`.

use jiff::SignedDuration;
use platform::Problem;

use super::Field;

impl Field<prost_types::Duration> for SignedDuration {
    fn into_wire(self) -> prost_types::Duration {
        prost_types::Duration {
            seconds: self.as_secs(),
            nanos: self.subsec_nanos(),
        }
    }

    fn from_wire(wire: prost_types::Duration) -> Result<Self, Problem> {
        let same_sign =
            wire.seconds == 0 || wire.nanos == 0 || (wire.seconds < 0) == (wire.nanos < 0);
        if same_sign && wire.nanos.unsigned_abs() < 1_000_000_000 {
            Ok(Self::new(wire.seconds, wire.nanos))
        } else {
            Err(Problem::invalid_field("", "must be a length of time"))
        }
    }
}
