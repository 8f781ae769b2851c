//! `timestamp` in protobuf: `google.protobuf.Timestamp`.

use jiff::Timestamp;
use platform::Problem;

use super::Field;

impl Field<prost_types::Timestamp> for Timestamp {
    /// Protobuf counts the part of a second forwards, also before 1970.
    fn into_wire(self) -> prost_types::Timestamp {
        let mut wire = prost_types::Timestamp {
            seconds: self.as_second(),
            nanos: self.subsec_nanosecond(),
        };
        if wire.nanos < 0 {
            wire.seconds -= 1;
            wire.nanos += 1_000_000_000;
        }
        wire
    }

    fn from_wire(wire: prost_types::Timestamp) -> Result<Self, Problem> {
        (0..1_000_000_000)
            .contains(&wire.nanos)
            .then(|| Self::new(wire.seconds, wire.nanos).ok())
            .flatten()
            .ok_or_else(|| Problem::invalid_field("", "must be a moment of the years 1 to 9999"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_survive() {
        for text in [
            "2026-11-22T12:00:00.5Z",
            "1969-12-31T23:59:59.5Z",
            "1970-01-01T00:00:00Z",
        ] {
            let moment: Timestamp = text.parse().unwrap();
            let wire = moment.into_wire();
            assert!(wire.nanos >= 0);
            assert_eq!(Timestamp::from_wire(wire).unwrap(), moment);
        }
        let wrong = prost_types::Timestamp {
            seconds: 0,
            nanos: -1,
        };
        assert!(Timestamp::from_wire(wrong).is_err());
    }
}
