//! Places in distributed traces (W3C Trace Context).

use std::fmt;

/// The digits of numbers in a `traceparent`.
const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// How long a `traceparent` is: version, trace, place and flags.
const LENGTH: usize = 2 + 1 + 32 + 1 + 16 + 1 + 2;

/// A place in a distributed trace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    /// The whole trace; zero when there is none.
    pub trace_id: u128,
    /// The caller's place in it.
    pub parent: u64,
    /// This request's own place.
    pub span: u64,
    /// Whether somebody records it.
    pub sampled: bool,
}

impl Trace {
    /// A new trace.
    pub fn start() -> Self {
        Self {
            trace_id: fastrand::u128(1..),
            parent: 0,
            span: fastrand::u64(1..),
            sampled: true,
        }
    }

    /// A place below this one.
    #[must_use]
    pub fn child(&self) -> Self {
        Self {
            parent: self.span,
            span: fastrand::u64(1..),
            ..*self
        }
    }

    /// The same, recorded if it is among the share of all traces, 0 to 1, that is; whoever is asked of the same trace decides alike.
    #[must_use]
    pub fn among(mut self, share: f64) -> Self {
        // As OpenTelemetry's TraceIdRatioBased: the lower 63 bits are evenly spread.
        let place = (self.trace_id as u64 >> 1) as f64 / (1u64 << 63) as f64;
        self.sampled = place < share;
        self
    }

    /// A new place in the trace that a `traceparent` header names, or in a new one if it is not well formed.
    pub fn resume(traceparent: Option<impl AsRef<[u8]>>) -> Self {
        traceparent
            .and_then(|header| Self::parse(header.as_ref()))
            .unwrap_or_else(Self::start)
    }

    fn parse(header: &[u8]) -> Option<Self> {
        let (header, more) = header.split_first_chunk::<LENGTH>()?;
        let version = hex(&header[..2])?;
        // A later version may add parts, version 00 has none; ff is forbidden.
        let ends = more.is_empty() || (version != 0 && more[0] == b'-');
        if version == 0xff || !ends || [header[2], header[35], header[52]] != [b'-'; 3] {
            return None;
        }
        let trace_id = hex(&header[3..35])?;
        let parent = hex(&header[36..52])? as u64;
        let flags = hex(&header[53..])?;
        (trace_id != 0 && parent != 0).then(|| Self {
            trace_id,
            parent,
            span: fastrand::u64(1..),
            sampled: flags & 1 == 1,
        })
    }

    /// The `traceparent` that a call made at this place carries.
    pub(crate) fn traceparent(&self) -> Traceparent {
        let mut text = *b"00-00000000000000000000000000000000-0000000000000000-00";
        write(&mut text[3..35], self.trace_id);
        write(&mut text[36..52], u128::from(self.span));
        text[54] += u8::from(self.sampled);
        Traceparent(text)
    }
}

/// Lower-case hexadecimal, of at most 32 digits.
fn hex(digits: &[u8]) -> Option<u128> {
    let mut number = 0;
    for digit in digits {
        let digit = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'f' => digit - b'a' + 10,
            _ => return None,
        };
        number = number << 4 | u128::from(digit);
    }
    Some(number)
}

/// The same, backwards: as many digits as there is room for.
fn write(digits: &mut [u8], mut number: u128) {
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS[(number & 0xf) as usize];
        number >>= 4;
    }
}

/// A `traceparent`. Each request has its written, so that this must not cost much.
pub(crate) struct Traceparent([u8; LENGTH]);

impl Traceparent {
    /// All of it.
    pub fn as_str(&self) -> &str {
        text(&self.0)
    }

    /// The trace.
    pub fn trace_id(&self) -> &str {
        text(&self.0[3..35])
    }

    /// The place in it.
    pub fn span_id(&self) -> &str {
        text(&self.0[36..52])
    }
}

fn text(digits: &[u8]) -> &str {
    // Digits and dashes are text.
    std::str::from_utf8(digits).unwrap_or_default()
}

/// The `traceparent` that a call made at this place carries.
impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.traceparent().as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn a_trace_goes_on_from_its_header() {
        let trace = Trace::resume(Some(HEADER));
        assert_eq!(trace.trace_id, 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736);
        assert_eq!(trace.parent, 0x00f0_67aa_0ba9_02b7);
        assert!(trace.sampled);
        let next = Trace::resume(Some(trace.to_string()));
        assert_eq!((next.trace_id, next.parent), (trace.trace_id, trace.span));
        let later = Trace::resume(Some(format!("42{}-more", &HEADER[2..])));
        assert_eq!(later.parent, trace.parent);
    }

    #[test]
    fn a_place_is_written_as_its_parts_are() {
        let trace = Trace {
            trace_id: 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736,
            parent: 0,
            span: 0x00f0_67aa_0ba9_02b7,
            sampled: true,
        };
        assert_eq!(trace.to_string(), HEADER);
        let written = trace.traceparent();
        assert_eq!(written.trace_id(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_eq!(written.span_id(), "00f067aa0ba902b7");
        let unrecorded = Trace {
            sampled: false,
            ..trace
        };
        assert!(unrecorded.to_string().ends_with("-00"));
    }

    #[test]
    fn a_share_of_the_traces_is_recorded() {
        let recorded = |share| {
            let traces = (0..1000).map(|_| Trace::start().among(share));
            traces.filter(|trace| trace.sampled).count()
        };
        assert_eq!((recorded(0.0), recorded(1.0)), (0, 1000));
        assert!((150..350).contains(&recorded(0.25)));
        let trace = Trace {
            trace_id: 1 << 63,
            ..Trace::start()
        };
        assert!(trace.among(0.51).sampled && !trace.among(0.49).sampled);
    }

    #[test]
    fn a_malformed_header_starts_a_new_trace() {
        for bad in [
            "",
            "00",
            "00-0-0-0",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "42-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01more",
            "00-4bf92f3577b34da6a3ce929d0e0e4736+00f067aa0ba902b7-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ] {
            let trace = Trace::resume(Some(bad));
            assert_ne!(
                trace.trace_id, 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736,
                "{bad}"
            );
            assert_eq!(trace.parent, 0, "{bad}");
        }
    }
}
