//! Numbers and their units: exact, or an error.

use super::Builder;
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::syntax::ast::ValueKind;

/// Units of time, in nanoseconds.
const TIMES: [(&str, u64); 7] = [
    ("ns", 1),
    ("us", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
    ("d", 86_400_000_000_000),
];

/// Units of size, in bytes.
const SIZES: [(&str, u64); 5] = [
    ("B", 1),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
];

/// What people write for a unit that is spelt otherwise here.
const OTHERWISE: [(&str, &str); 19] = [
    ("sec", "s"),
    ("secs", "s"),
    ("second", "s"),
    ("seconds", "s"),
    ("S", "s"),
    ("min", "m"),
    ("mins", "m"),
    ("minute", "m"),
    ("minutes", "m"),
    ("hour", "h"),
    ("hours", "h"),
    ("day", "d"),
    ("days", "d"),
    ("kb", "KiB"),
    ("k", "KiB"),
    ("K", "KiB"),
    ("M", "MiB"),
    ("G", "GiB"),
    ("b", "B"),
];

fn look_up(table: &[(&str, u64)], unit: &str) -> Option<u64> {
    table
        .iter()
        .find(|(name, _)| *name == unit)
        .map(|(_, factor)| *factor)
}

impl Builder<'_> {
    /// The value of a number token.
    pub(super) fn number(&mut self, span: Span, written: &str) -> ValueKind {
        match read(written) {
            Ok(value) => value,
            Err(Wrong { message, help }) => {
                let error = Diagnostic::error("ARC005", message, span);
                self.error(match help {
                    Some(help) => error.help(help),
                    None => error,
                });
                ValueKind::Integer(0)
            }
        }
    }
}

struct Wrong {
    message: String,
    help: Option<String>,
}

fn wrong<T>(message: impl Into<String>, help: Option<String>) -> Result<T, Wrong> {
    Err(Wrong {
        message: message.into(),
        help,
    })
}

fn read(written: &str) -> Result<ValueKind, Wrong> {
    if let Some((from, to)) = written.split_once("..") {
        let end = |digits: &str| {
            if digits.is_empty() {
                Ok(None)
            } else {
                integer(digits).map(Some)
            }
        };
        return Ok(ValueKind::Range(end(from)?, end(to)?));
    }
    if !written.starts_with(|letter: char| letter.is_ascii_digit() || letter == '-') {
        return wrong(format!("`{written}` is no value"), None);
    }
    let digits_end = written
        .find(|letter: char| !letter.is_ascii_digit() && letter != '.' && letter != '-')
        .unwrap_or(written.len());
    let (digits, unit) = written.split_at(digits_end);
    if unit.is_empty() {
        return if digits.contains('.') {
            decimal(digits).map(ValueKind::Decimal)
        } else {
            integer(digits).map(ValueKind::Integer)
        };
    }
    if digits.starts_with('-') {
        return wrong(
            format!("`{written}` is negative"),
            Some(format!("write `{}`", &written[1..])),
        );
    }
    if unit == "%" {
        return percent(digits).map(ValueKind::Percent);
    }
    if let Some(time) = unit.strip_prefix('/') {
        let Some(nanoseconds) = look_up(&TIMES, time) else {
            let help = otherwise(time).map(|unit| format!("write `{digits}/{unit}`"));
            return wrong(
                format!("`/{time}` is no unit of a rate"),
                help.or_else(|| Some("rates are written `100/s`, `600/m`, `5000/h`".to_owned())),
            );
        };
        return whole(digits, written).map(|count| ValueKind::Rate(count, nanoseconds));
    }
    let (factor, value): (u64, fn(u64) -> ValueKind) =
        match (look_up(&TIMES, unit), look_up(&SIZES, unit)) {
            (Some(nanoseconds), _) => (nanoseconds, ValueKind::Duration),
            (None, Some(bytes)) => (bytes, ValueKind::Size),
            (None, None) => return unknown_unit(digits, unit),
        };
    match whole(digits, written)?.checked_mul(factor) {
        Some(product) => Ok(value(product)),
        None => too_large(written),
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn too_large<T>(written: &str) -> Result<T, Wrong> {
    wrong(format!("`{written}` is more than can be held"), None)
}

fn no_number<T>(written: &str) -> Result<T, Wrong> {
    wrong(format!("`{written}` is no number"), None)
}

fn decimal(digits: &str) -> Result<String, Wrong> {
    let unsigned = digits.strip_prefix('-').unwrap_or(digits);
    match unsigned.split_once('.') {
        Some((units, fraction)) if is_digits(units) && is_digits(fraction) => Ok(digits.to_owned()),
        _ => no_number(digits),
    }
}

fn integer(digits: &str) -> Result<i64, Wrong> {
    if !is_digits(digits.strip_prefix('-').unwrap_or(digits)) {
        return no_number(digits);
    }
    digits.parse().or_else(|_| too_large(digits))
}

fn whole(digits: &str, written: &str) -> Result<u64, Wrong> {
    if is_digits(digits) {
        return digits.parse().or_else(|_| too_large(written));
    }
    decimal(digits)?;
    wrong(
        format!("`{written}` is no whole number"),
        Some("write it in a smaller unit: `1500ms` for one and a half seconds".to_owned()),
    )
}

/// Hundredths of a percent.
fn percent(digits: &str) -> Result<u32, Wrong> {
    let (units, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    if !is_digits(units) || !is_digits(fraction) {
        return no_number(digits);
    }
    let fraction = fraction.trim_end_matches('0');
    if fraction.len() > 2 {
        return wrong(
            format!("`{digits}%` is finer than a hundredth of a percent"),
            None,
        );
    }
    format!("{units}{fraction:0<2}")
        .parse()
        .or_else(|_| too_large(digits))
}

fn otherwise(unit: &str) -> Option<&'static str> {
    OTHERWISE
        .iter()
        .find(|(name, _)| *name == unit)
        .map(|(_, known)| *known)
}

fn unknown_unit<T>(digits: &str, unit: &str) -> Result<T, Wrong> {
    let help = if let Some(power) = ["KB", "MB", "GB", "TB", "kB"]
        .iter()
        .find(|name| **name == unit)
    {
        let binary = power[..1].to_uppercase();
        format!("sizes are in powers of 1024: write `{digits}{binary}iB`")
    } else if let Some(known) = otherwise(unit) {
        format!("write `{digits}{known}`")
    } else if unit.starts_with('_') {
        format!(
            "write the digits without `_`: `{digits}{}`",
            unit.replace('_', "")
        )
    } else {
        "the units are ns us ms s m h d, B KiB MiB GiB TiB, % and /s /m /h".to_owned()
    };
    wrong(format!("`{unit}` is no unit"), Some(help))
}
