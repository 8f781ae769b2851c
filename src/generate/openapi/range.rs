//! Regular expressions for ranges of numbers that travel as text, and for base64 of a bounded length. JSON Schema's
//! `minimum` and `maxLength` say nothing about these.

use crate::generate::number::Number;

/// Most digits before the point and after it that a decimal may have on the wire.
const DECIMAL_DIGITS: usize = 28;

/// Canonical integers from `min` to `max`, both included.
#[must_use]
pub fn integers(min: i128, max: i128) -> String {
    let mut choices = Vec::new();
    if min < 0 {
        let low = if max < 0 { max.unsigned_abs() } else { 1 };
        choices.extend(naturals(low, min.unsigned_abs()).map(|it| format!("-{it}")));
    }
    if max >= 0 {
        choices.extend(naturals(min.max(0).unsigned_abs(), max.unsigned_abs()));
    }
    anchored(&choices)
}

/// Decimals of our wire form from `min` to `max`, both included where they are given. `None` when a bound has more
/// digits than the wire form.
#[must_use]
pub fn decimals(min: Option<&Number>, max: Option<&Number>) -> Option<String> {
    let fits =
        |it: &Number| it.whole.len() <= DECIMAL_DIGITS && it.fraction.len() <= DECIMAL_DIGITS;
    if !min.into_iter().chain(max).all(fits) {
        return None;
    }
    let zero = Number::parse("0")?;
    let mut choices = Vec::new();
    let negative = |it: &&Number| it.negative;
    let positive = |it: &&Number| **it > zero;
    if min.filter(positive).is_none() {
        let low = max.filter(negative).unwrap_or(&zero);
        // Without a negative lower bound only the negative spellings of zero are left.
        let high = match min {
            Some(bound) if !bound.negative => Some(&zero),
            bound => bound,
        };
        choices.extend(magnitudes(low, high).map(|it| format!("-{it}")));
    }
    if max.filter(negative).is_none() {
        choices.extend(magnitudes(min.filter(positive).unwrap_or(&zero), max));
    }
    Some(anchored(&choices))
}

/// Canonical, padded base64 of `min` to `max` bytes.
#[must_use]
pub fn base64(min: u64, max: Option<u64>) -> String {
    const FULL: &str = "[A-Za-z0-9+/]";
    // What is left over after groups of three bytes, and how it is written.
    let tails = [
        (0, String::new()),
        (1, format!("{FULL}[AQgw]==")),
        (2, format!("{FULL}{{2}}[AEIMQUYcgkosw048]=")),
    ];
    let choices: Vec<String> = tails
        .iter()
        .filter(|(left, _)| max.is_none_or(|max| max >= *left))
        .filter_map(|(left, tail)| {
            let low = min.saturating_sub(*left).div_ceil(3);
            let high = max.map(|max| (max - left) / 3);
            if high.is_some_and(|high| high < low) {
                return None;
            }
            let high = high.map_or(String::new(), |it| it.to_string());
            Some(format!("({FULL}{{4}}){{{low},{high}}}{tail}"))
        })
        .collect();
    anchored(&choices)
}

/// Nothing at all matches an empty list of choices.
fn anchored(choices: &[String]) -> String {
    if choices.is_empty() {
        "^[^\\s\\S]$".to_owned()
    } else {
        format!("^({})$", choices.join("|"))
    }
}

fn naturals(low: u128, high: u128) -> impl Iterator<Item = String> {
    let mut choices = Vec::new();
    let mut from = low;
    while from <= high {
        let length = from.to_string().len();
        let last = 10_u128.saturating_pow(length as u32) - 1;
        // Whole lengths in one go: from 1, 10, 100, ... up to the longest length of nines that fits.
        if from == 10_u128.saturating_pow(length as u32 - 1) && last <= high {
            let mut longest = length;
            while 10_u128.saturating_pow(longest as u32 + 1) - 1 <= high {
                longest += 1;
            }
            choices.push(format!("[1-9]{}", digits(length - 1, longest - 1)));
            from = 10_u128.saturating_pow(longest as u32);
            continue;
        }
        let to = last.min(high);
        same_length(&from.to_string(), &to.to_string(), "", &mut choices);
        from = to + 1;
    }
    choices.into_iter()
}

/// Numbers between two of the same length; `prefix` is what they have in common so far.
fn same_length(low: &str, high: &str, prefix: &str, choices: &mut Vec<String>) {
    if low.is_empty() {
        choices.push(prefix.to_owned());
        return;
    }
    let (first, low_rest) = low.split_at(1);
    let (last, high_rest) = high.split_at(1);
    let rest = low_rest.len();
    let (mut from, mut to) = (digit(first), digit(last));
    if from == to && !(all(low_rest, b'0') && all(high_rest, b'9')) {
        same_length(low_rest, high_rest, &format!("{prefix}{first}"), choices);
        return;
    }
    if !all(low_rest, b'0') {
        same_length(
            low_rest,
            &"9".repeat(rest),
            &format!("{prefix}{first}"),
            choices,
        );
        from += 1;
    }
    let tail = (!all(high_rest, b'9')).then(|| {
        to -= 1;
        (format!("{prefix}{last}"), "0".repeat(rest))
    });
    if from <= to {
        choices.push(format!("{prefix}{}{}", class(from, to), digits(rest, rest)));
    }
    if let Some((prefix, zeros)) = tail {
        same_length(&zeros, high_rest, &prefix, choices);
    }
}

/// Numbers without sign from `low` to `high`.
fn magnitudes(low: &Number, high: Option<&Number>) -> impl Iterator<Item = String> {
    let most = 10_u128.pow(DECIMAL_DIGITS as u32) - 1;
    let whole = |it: &Number| it.whole.parse().unwrap_or(most);
    let mut choices = Vec::new();
    let first = whole(low);
    let any = format!("(\\.[0-9]{{1,{DECIMAL_DIGITS}}})?");
    match high {
        Some(high) if whole(high) == first => {
            if let Some(fraction) = within(&low.fraction, &high.fraction) {
                choices.push(format!("{first}{fraction}"));
            }
        }
        _ => {
            let mut from = first;
            if !low.fraction.is_empty() {
                choices.push(format!(
                    "{first}\\.({})",
                    at_least(&low.fraction, DECIMAL_DIGITS)
                ));
                from += 1;
            }
            let last = high.map_or(most + 1, whole);
            if from < last {
                let between: Vec<String> = naturals(from, last - 1).collect();
                choices.push(format!("({}){any}", between.join("|")));
            }
            if let Some(high) = high {
                choices.push(format!("{last}{}", up_to(&high.fraction)));
            }
        }
    }
    choices.into_iter()
}

/// The point and a fraction between the two, or none where nothing lies between.
fn within(low: &str, high: &str) -> Option<String> {
    if low.is_empty() {
        return Some(up_to(high));
    }
    Some(format!("\\.({})", between(low, high, DECIMAL_DIGITS)?))
}

fn between(low: &str, high: &str, left: usize) -> Option<String> {
    if low.is_empty() {
        return Some(at_most(high, left));
    }
    if high.is_empty() {
        return None;
    }
    let (first, low_rest) = low.split_at(1);
    let (last, high_rest) = high.split_at(1);
    let (from, to) = (digit(first), digit(last));
    if from > to {
        return None;
    }
    if from == to {
        return Some(format!(
            "{first}({})",
            between(low_rest, high_rest, left - 1)?
        ));
    }
    let mut choices = vec![format!("{first}({})", at_least(low_rest, left - 1))];
    if from + 1 < to {
        choices.push(format!(
            "{}{}",
            class(from + 1, to - 1),
            digits(0, left - 1)
        ));
    }
    choices.push(format!("{last}({})", at_most(high_rest, left - 1)));
    Some(choices.join("|"))
}

/// The point and a fraction that is at most `high`, or neither.
fn up_to(high: &str) -> String {
    if high.is_empty() {
        return format!("(\\.0{{1,{DECIMAL_DIGITS}}})?");
    }
    format!("(\\.({}))?", at_most_some(high, DECIMAL_DIGITS))
}

/// At most `left` digits that, after a point, are no less than `low`.
fn at_least(low: &str, left: usize) -> String {
    if low.is_empty() {
        return digits(0, left);
    }
    let (first, rest) = low.split_at(1);
    let same = format!("{first}({})", at_least(rest, left - 1));
    match digit(first) {
        9 => same,
        from => format!("{}{}|{same}", class(from + 1, 9), digits(0, left - 1)),
    }
}

/// At most `left` digits, perhaps none, that after a point are no more than `high`.
fn at_most(high: &str, left: usize) -> String {
    if high.is_empty() {
        return format!("0{{0,{left}}}");
    }
    format!("({})?", at_most_some(high, left))
}

fn at_most_some(high: &str, left: usize) -> String {
    let (first, rest) = high.split_at(1);
    let same = format!("{first}({})", at_most(rest, left - 1));
    match digit(first) {
        0 => same,
        to => format!("{}{}|{same}", class(0, to - 1), digits(0, left - 1)),
    }
}

fn all(digits: &str, which: u8) -> bool {
    digits.bytes().all(|digit| digit == which)
}

fn digit(text: &str) -> u8 {
    text.bytes().next().map_or(0, |byte| byte - b'0')
}

fn class(from: u8, to: u8) -> String {
    match to - from {
        0 => from.to_string(),
        1 => format!("[{from}{to}]"),
        _ => format!("[{from}-{to}]"),
    }
}

fn digits(min: usize, max: usize) -> String {
    match (min, max) {
        (0, 0) => String::new(),
        (1, 1) => "[0-9]".to_owned(),
        _ if min == max => format!("[0-9]{{{min}}}"),
        _ => format!("[0-9]{{{min},{max}}}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use regex::Regex;

    fn number(text: &str) -> Number {
        Number::parse(text).expect(text)
    }

    #[test]
    fn reads_well_for_common_ranges() {
        assert_eq!(integers(0, 9), "^([0-9])$");
        assert_eq!(integers(1, 100), "^([1-9][0-9]{0,1}|100)$");
        assert_eq!(integers(-5, 5), "^(-[1-5]|[0-5])$");
        assert_eq!(integers(3, 2), "^[^\\s\\S]$");
    }

    #[test]
    fn a_whole_int64_and_nothing_beyond() {
        let it = Regex::new(&integers(i64::MIN.into(), i64::MAX.into())).unwrap();
        for inside in [
            i64::MIN,
            i64::MIN + 1,
            -1,
            0,
            1,
            9,
            10,
            i64::MAX - 1,
            i64::MAX,
        ] {
            assert!(it.is_match(&inside.to_string()), "{inside}");
        }
        for outside in [
            "-9223372036854775809",
            "9223372036854775808",
            "00",
            "-0",
            "+1",
            "",
            "1\n",
            "10000000000000000000",
        ] {
            assert!(!it.is_match(outside), "{outside}");
        }
    }

    proptest! {
        #[test]
        fn integers_match_exactly_their_range(a in -3000_i128..3000, b in -3000_i128..3000, probe in -3300_i128..3300) {
            let (min, max) = (a.min(b), a.max(b));
            let it = Regex::new(&integers(min, max)).unwrap();
            prop_assert_eq!(it.is_match(&probe.to_string()), (min..=max).contains(&probe));
        }

        #[test]
        fn decimals_match_exactly_their_range(a in "-?(0|[1-9][0-9]?)(\\.[0-9]{1,3})?", b in "-?(0|[1-9][0-9]?)(\\.[0-9]{1,3})?",
                                              probe in "-?(0|[1-9][0-9]?)(\\.[0-9]{1,3})?", sides in 0..4) {
            let (a, b, value) = (number(&a), number(&b), number(&probe));
            let (low, high) = if a <= b { (a, b) } else { (b, a) };
            let (low, high) = ((sides & 1 != 0).then_some(low), (sides & 2 != 0).then_some(high));
            let it = Regex::new(&decimals(low.as_ref(), high.as_ref()).unwrap()).unwrap();
            let inside = low.is_none_or(|low| low <= value) && high.is_none_or(|high| value <= high);
            prop_assert_eq!(it.is_match(&probe), inside);
        }

        #[test]
        fn base64_counts_bytes(min in 0_u64..9, more in 0_u64..9, open in any::<bool>(), length in 0_usize..20) {
            let max = (!open).then_some(min + more);
            let it = Regex::new(&base64(min, max)).unwrap();
            let text = ["", "eA==", "eHg="][length % 3];
            let text = format!("{}{text}", "eHh4".repeat(length / 3));
            let inside = length as u64 >= min && max.is_none_or(|max| length as u64 <= max);
            prop_assert_eq!(it.is_match(&text), inside);
        }
    }
}
