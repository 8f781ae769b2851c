//! How values are written in messages: as in a drawing.

use std::time::Duration;

use super::Model;
use super::attributes::{Breaker, Idempotent, Rate, RateLimit, Retry, Secret, Value};
use crate::syntax::ast::{BinaryOperator, Expression, ExpressionKind, ValueKind};

/// `300ms`, `2.1s`, `5m`.
#[must_use]
pub fn duration(duration: Duration) -> String {
    let nanos = duration.as_nanos();
    let seconds = duration.as_secs();
    if !nanos.is_multiple_of(1_000_000) {
        return format!("{duration:?}");
    }
    if nanos < 1_000_000_000 {
        return format!("{}ms", duration.as_millis());
    }
    if !nanos.is_multiple_of(1_000_000_000) {
        return format!("{}s", duration.as_millis() as f64 / 1000.0);
    }
    match seconds {
        0 => "0s".to_owned(),
        it if it.is_multiple_of(86_400) => format!("{}d", it / 86_400),
        it if it.is_multiple_of(3_600) => format!("{}h", it / 3_600),
        it if it.is_multiple_of(60) => format!("{}m", it / 60),
        it => format!("{it}s"),
    }
}

/// A duration that a drawing can hold, which takes whole numbers: `2100ms`.
#[must_use]
pub fn written_duration(time: Duration) -> String {
    match self::duration(time) {
        text if text.contains('.') => format!("{}ms", time.as_millis().max(1)),
        text => text,
    }
}

/// `100/s`, `600/m`.
#[must_use]
pub fn rate(rate: Rate) -> String {
    match rate.per.as_secs() {
        1 => format!("{}/s", rate.count),
        60 => format!("{}/m", rate.count),
        3_600 => format!("{}/h", rate.count),
        _ => format!("{} in {}", rate.count, duration(rate.per)),
    }
}

/// `50%`
#[must_use]
pub fn percent(share: f64) -> String {
    format!("{}%", (share * 10_000.0).round() / 100.0)
}

/// A factor or product, with two digits after the point at most.
#[must_use]
pub fn factor(value: f64) -> String {
    format!("{}", (value * 100.0).round() / 100.0)
}

/// `10 attempts`, `1 attempt`.
#[must_use]
pub fn counted(count: u64, thing: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {thing}{plural}")
}

/// A value as it would be written.
#[must_use]
pub fn value(model: &Model, value: &Value) -> String {
    let quoted = |text: &String| format!("{text:?}");
    match value {
        Value::Off => "none".to_owned(),
        Value::Boolean(it) => it.to_string(),
        Value::Integer(it) => it.to_string(),
        Value::Duration(it) => duration(*it),
        Value::Size(it) => size(*it),
        Value::Rate(it) => rate(*it),
        Value::Text(it) => it.clone(),
        Value::Texts(it) => list(it.iter().map(quoted)),
        Value::Secret(Secret::Env(name)) => format!("env({name:?})"),
        Value::Secret(Secret::File(name)) => format!("file({name:?})"),
        Value::Secret(Secret::Literal(_)) => "a secret".to_owned(),
        Value::Retry(it) => retry(it),
        Value::Breaker(it) => breaker(it),
        Value::RateLimit(it) => rate_limit(it),
        Value::Fallback(age) => format!("cached({})", duration(*age)),
        Value::Idempotent(it) => match it.as_ref() {
            Idempotent::Natural => "true".to_owned(),
            Idempotent::Key(window) => format!("key(window = {})", duration(*window)),
            Idempotent::By { field, window } => {
                format!("by({field}, window = {})", duration(*window))
            }
        },
        Value::Signature(it) => format!("{}(...)", it.form),
        Value::Tls(it) => it.to_string(),
        Value::Identity(it) => it.to_string(),
        Value::Data(it) => it.to_string(),
        Value::Criticality(it) => it.to_string(),
        Value::Auths(it) => list(it.iter().map(|id| model[*id].name.clone())),
        Value::Roles(it) => list(it.iter().map(|id| model[*id].name.clone())),
        Value::Zones(it) => list(it.iter().map(|id| model[*id].name.clone())),
        Value::Node(it) => model[*it].name.clone(),
        Value::Channel(it) => model[*it].name.clone(),
        Value::Condition(it) => condition(it),
    }
}

/// `caller.region == region and amount < 100`
#[must_use]
pub fn condition(expression: &Expression) -> String {
    use BinaryOperator::{
        And, Equal, Greater, GreaterOrEqual, In, Less, LessOrEqual, NotEqual, Or,
    };
    /// In parentheses where what is around binds tighter.
    fn within(inner: &Expression, bare: &[BinaryOperator]) -> String {
        let text = condition(inner);
        match &inner.kind {
            ExpressionKind::Binary(operator, ..) if !bare.contains(operator) => format!("({text})"),
            _ => text,
        }
    }
    let comparisons = [
        Equal,
        NotEqual,
        Less,
        LessOrEqual,
        Greater,
        GreaterOrEqual,
        In,
    ];
    match &expression.kind {
        ExpressionKind::Value(value) => literal(value),
        ExpressionKind::Not(inner) => format!("not {}", within(inner, &comparisons)),
        ExpressionKind::Binary(operator, left, right) => {
            let mut bare = Vec::new();
            if matches!(operator, And | Or) {
                bare.extend(comparisons);
                bare.push(And);
            }
            if *operator == Or {
                bare.push(Or);
            }
            let (left, right) = (within(left, &bare), within(right, &bare));
            format!("{left} {operator} {right}")
        }
    }
}

/// A value of a condition.
fn literal(value: &ValueKind) -> String {
    match value {
        ValueKind::Text(text) => format!("{text:?}"),
        ValueKind::Integer(it) => it.to_string(),
        ValueKind::Decimal(it) => it.clone(),
        ValueKind::Boolean(it) => it.to_string(),
        ValueKind::Duration(nanos) => duration(Duration::from_nanos(*nanos)),
        ValueKind::Name(path) => {
            let names: Vec<&str> = path.iter().map(|it| it.value.as_str()).collect();
            names.join(".")
        }
        ValueKind::List(values) => list(values.iter().map(|it| literal(&it.value))),
        // Nothing else has a place in a condition.
        _ => String::new(),
    }
}

fn list(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(", "))
}

fn size(bytes: u64) -> String {
    match bytes {
        it if it > 0 && it.is_multiple_of(1 << 20) => format!("{}MiB", it >> 20),
        it if it > 0 && it.is_multiple_of(1 << 10) => format!("{}KiB", it >> 10),
        it => format!("{it}B"),
    }
}

fn retry(retry: &Retry) -> String {
    let form = if retry.exponential {
        "exponential"
    } else {
        "fixed"
    };
    let mut parts = Vec::new();
    parts.extend(retry.attempts.map(|it| format!("attempts = {it}")));
    parts.push(format!("base = {}", duration(retry.base)));
    parts.extend(retry.max.map(|it| format!("max = {}", duration(it))));
    parts.push(format!("jitter = {}", retry.jitter));
    parts.extend(retry.budget.map(|it| format!("budget = {}", percent(it))));
    format!("{form}({})", parts.join(", "))
}

fn breaker(breaker: &Breaker) -> String {
    let cooldown = breaker
        .cooldown
        .map(|it| format!(", cooldown = {}", duration(it)));
    format!(
        "errors({}, window = {}, min_calls = {}{}, probes = {})",
        percent(breaker.error_rate),
        duration(breaker.window),
        breaker.min_calls,
        cooldown.unwrap_or_default(),
        breaker.probes,
    )
}

fn rate_limit(limit: &RateLimit) -> String {
    format!(
        "limit({}, burst = {}, per = {})",
        rate(limit.rate),
        limit.burst,
        limit.per
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_they_are_written() {
        let cases = [
            (300, "300ms"),
            (2_100, "2.1s"),
            (1_000, "1s"),
            (90_000, "90s"),
            (300_000, "5m"),
            (86_400_000, "1d"),
            (0, "0ms"),
        ];
        for (millis, text) in cases {
            assert_eq!(duration(Duration::from_millis(millis)), text);
        }
        assert_eq!(duration(Duration::from_micros(1500)), "1.5ms");
    }

    #[test]
    fn shares_are_percentages() {
        assert_eq!(percent(0.2), "20%");
        assert_eq!(percent(0.125), "12.5%");
    }
}
