//! Expressions of Rust, put together from smaller ones.

use super::{Code, Rust};

/// `base.name`
pub fn field(base: &Code<Rust>, name: &Code<Rust>) -> Code<Rust> {
    Code::new(format!("{}.{}", base.as_str(), name.as_str()))
}

/// `base.name(argument, ...)`
pub fn method(base: &Code<Rust>, name: &str, arguments: &[Code<Rust>]) -> Code<Rust> {
    let arguments: Vec<&str> = arguments.iter().map(Code::as_str).collect();
    Code::new(format!(
        "{}.{name}({})",
        base.as_str(),
        arguments.join(", ")
    ))
}

/// `base.name::<ty>(argument, ...)`
pub fn typed_method(
    base: &Code<Rust>,
    name: &str,
    ty: &str,
    arguments: &[Code<Rust>],
) -> Code<Rust> {
    method(base, &format!("{name}::<{ty}>"), arguments)
}

/// `|name| body`
pub fn closure(name: &str, body: &Code<Rust>) -> Code<Rust> {
    Code::new(format!("|{name}| {}", body.as_str()))
}

/// `|(one, other)| body`
pub fn pair_closure(names: [&str; 2], body: &Code<Rust>) -> Code<Rust> {
    closure(&format!("({}, {})", names[0], names[1]), body)
}

/// `left operator right`
pub fn binary(left: &Code<Rust>, operator: &str, right: &Code<Rust>) -> Code<Rust> {
    Code::new(format!("{} {operator} {}", left.as_str(), right.as_str()))
}

/// `left operator right operator ...`
pub fn joined(parts: &[Code<Rust>], operator: &str) -> Code<Rust> {
    let parts: Vec<&str> = parts.iter().map(Code::as_str).collect();
    let between = match operator.starts_with('\n') {
        true => format!("{operator} "),
        false => format!(" {operator} "),
    };
    Code::new(parts.join(&between))
}

/// The same, each part but the first on a line of its own within a function's body.
pub fn stacked(parts: &[Code<Rust>], operator: &str) -> Code<Rust> {
    joined(parts, &format!("\n        {operator}"))
}

/// `(inner)`
pub fn parenthesised(inner: &Code<Rust>) -> Code<Rust> {
    Code::new(format!("({})", inner.as_str()))
}

/// `operator inner`, nothing between: `!it`, `&it`, `*it`.
pub fn prefixed(operator: &str, inner: &Code<Rust>) -> Code<Rust> {
    Code::new(format!("{operator}{}", inner.as_str()))
}

/// `inner as ty`
pub fn cast(inner: &Code<Rust>, ty: &str) -> Code<Rust> {
    Code::new(format!("{} as {ty}", inner.as_str()))
}

/// `[a, b]`
pub fn array(items: &[Code<Rust>]) -> Code<Rust> {
    let items: Vec<&str> = items.iter().map(Code::as_str).collect();
    Code::new(format!("[{}]", items.join(", ")))
}

/// A UUID's literal, of its digits.
pub fn uuid(text: &str) -> Code<Rust> {
    let digits: String = text.chars().filter(char::is_ascii_hexdigit).collect();
    let value = u128::from_str_radix(&digits, 16).unwrap_or_default();
    Code::new(format!("uuid::Uuid::from_u128(0x{value:032x})"))
}

/// A length of time as a literal of `jiff`.
pub fn signed_duration(nanos: u64) -> Code<Rust> {
    let (unit, count) = super::rust::exact(nanos.into());
    Code::new(format!("jiff::SignedDuration::{unit}({count})"))
}
