//! Decimal numbers as a drawing writes them in `@min` and `@max`: exact, of any length.

use std::cmp::Ordering;

/// A decimal number, without superfluous zeros.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number {
    /// Below zero; never for zero itself.
    pub negative: bool,
    /// The digits before the point, `0` when there are none.
    pub whole: String,
    /// The digits after the point, perhaps none.
    pub fraction: String,
}

impl Number {
    /// Reads `-12.50`; `None` when it is no such number.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) {
            return None;
        }
        let whole = match whole.trim_start_matches('0') {
            "" => "0",
            rest => rest,
        };
        let fraction = fraction.trim_end_matches('0');
        Some(Self {
            negative: negative && !(whole == "0" && fraction.is_empty()),
            whole: whole.to_owned(),
            fraction: fraction.to_owned(),
        })
    }

    /// The nearest integer that is not below it.
    #[must_use]
    pub fn ceiling(&self) -> Option<i128> {
        let whole = self.truncated()?;
        whole.checked_add(i128::from(!self.negative && !self.fraction.is_empty()))
    }

    /// The nearest integer that is not above it.
    #[must_use]
    pub fn floor(&self) -> Option<i128> {
        let whole = self.truncated()?;
        whole.checked_sub(i128::from(self.negative && !self.fraction.is_empty()))
    }

    fn truncated(&self) -> Option<i128> {
        let whole: i128 = self.whole.parse().ok()?;
        Some(if self.negative { -whole } else { whole })
    }

    fn compare_magnitude(&self, other: &Self) -> Ordering {
        (self.whole.len(), &self.whole, &self.fraction).cmp(&(
            other.whole.len(),
            &other.whole,
            &other.fraction,
        ))
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, false) => self.compare_magnitude(other),
            (true, true) => other.compare_magnitude(self),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }
}

impl std::fmt::Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.negative {
            f.write_str("-")?;
        }
        f.write_str(&self.whole)?;
        if !self.fraction.is_empty() {
            write!(f, ".{}", self.fraction)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Number {
        Number::parse(text).expect(text)
    }

    #[test]
    fn orders_by_value() {
        let sorted = [
            "-12", "-2.5", "-2", "0", "0.05", "0.5", "2", "2.01", "10", "100",
        ];
        for pair in sorted.windows(2) {
            assert!(number(pair[0]) < number(pair[1]), "{pair:?}");
        }
        assert_eq!(number("-0"), number("0.00"));
        assert_eq!(number("007.50").to_string(), "7.5");
    }

    #[test]
    fn rounds_to_integers_on_either_side() {
        let both = |text: &str| (number(text).floor(), number(text).ceiling());
        assert_eq!(both("1.5"), (Some(1), Some(2)));
        assert_eq!(both("-1.5"), (Some(-2), Some(-1)));
        assert_eq!(both("3"), (Some(3), Some(3)));
    }

    #[test]
    fn refuses_what_is_no_number() {
        for text in ["", "-", ".5", "1e3", "1_0", "1.2.3", "٣"] {
            assert_eq!(Number::parse(text), None, "{text}");
        }
    }
}
