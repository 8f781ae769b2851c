//! The day on which acceptances are judged.

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

/// A calendar day, `YYYY-MM-DD`. It is handed in, so that a run can be repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// Reads `YYYY-MM-DD`; `None` when it is not a day of the calendar.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let year = digits(parts.next()?, 4)?;
        let month = digits(parts.next()?, 2)? as u8;
        let day = digits(parts.next()?, 2)? as u8;
        let valid = parts.next().is_none() && (1..=days_in(year, month)).contains(&day);
        valid.then_some(Self { year, month, day })
    }

    /// Today, in UTC.
    #[must_use]
    pub fn today() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        let mut days = since.map_or(0, |it| it.as_secs() / 86_400);
        let mut date = Self {
            year: 1970,
            month: 1,
            day: 1,
        };
        while days >= u64::from(days_in(date.year, date.month)) {
            days -= u64::from(days_in(date.year, date.month));
            date.month += 1;
            if date.month > 12 {
                date.month = 1;
                date.year += 1;
            }
        }
        date.day += days as u8;
        date
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

fn digits(part: &str, length: usize) -> Option<u16> {
    let plain = part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| part.parse().ok()).flatten()
}

const fn days_in(year: u16, month: u8) -> u8 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::Date;

    #[test]
    fn reads_days_of_the_calendar_only() {
        assert!(Date::parse("2024-02-29").is_some());
        let wrong = [
            "2023-02-29",
            "2024-13-01",
            "2024-00-10",
            "2024-1-1",
            "2024-01-01-",
            "+024-01-01",
            "tomorrow",
            "",
        ];
        for wrong in wrong {
            assert_eq!(Date::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn days_are_ordered_and_print_as_written() {
        assert!(Date::parse("2026-11-22") < Date::parse("2026-12-01"));
        assert_eq!(Date::parse("2026-01-09").unwrap().to_string(), "2026-01-09");
    }

    #[test]
    fn today_is_a_day() {
        let today = Date::today();
        assert_eq!(Date::parse(&today.to_string()), Some(today));
        assert!(Some(today) > Date::parse("2025-01-01"));
    }
}
