//! A sample value for every type, as JSON, the same at every run: what the OpenAPI file shows, what `dev` prints as a
//! command to try, and what proofs send.
//!
//! Samples keep to the marks of their field. What cannot be sampled (a message that holds itself without end, marks that
//! contradict each other, a pattern that we find no text for) says why.

use regex::Regex;
use serde_json::{Map, Value, json};

use super::number::Number;
use super::pattern;
use crate::model::types::{Check, FieldDef, Scalar, TypeRef};
use crate::model::{Input, Model, OperationId, StructId};

/// Why there is no sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unsampleable {
    /// The message holds itself, and nothing on the way is optional or a list.
    Endless(StructId),
    /// No value was found that keeps to all marks of this field.
    Marks(String),
    /// The sample would have more parts than [`MOST_PARTS`].
    TooLarge,
}

/// Most values that a sample may be made of, nested ones counted.
pub const MOST_PARTS: usize = 10_000;

/// Longest text that is made up to satisfy a least length.
const LONGEST: u64 = 65_536;

/// Messages in messages deeper than this leave out what they may.
const DEEPEST: usize = 8;

/// A sample of what an operation takes: the JSON object of its parameters or its message; `None` if it takes nothing.
///
/// # Errors
/// When there is no sample.
pub fn input(model: &Model, operation: OperationId) -> Result<Option<Value>, Unsampleable> {
    match &model[operation].input {
        Input::None => Ok(None),
        Input::Parameters(id) => value(model, &TypeRef::Struct(*id)).map(Some),
        Input::Message(payload) => value(model, &payload.ty).map(Some),
    }
}

/// A sample of what an operation answers; `None` if it only acknowledges.
///
/// # Errors
/// When there is no sample.
pub fn output(model: &Model, operation: OperationId) -> Result<Option<Value>, Unsampleable> {
    match &model[operation].output {
        None => Ok(None),
        Some(payload) => value(model, &payload.ty).map(Some),
    }
}

/// A sample of a type.
///
/// # Errors
/// When there is no sample.
pub fn value(model: &Model, ty: &TypeRef) -> Result<Value, Unsampleable> {
    Sampler {
        model,
        open: Vec::new(),
        parts: 0,
    }
    .value("value", ty, &[])
}

/// A sample of a field, its marks kept.
///
/// # Errors
/// When there is no sample.
pub fn field(model: &Model, field: &FieldDef) -> Result<Value, Unsampleable> {
    Sampler {
        model,
        open: Vec::new(),
        parts: 0,
    }
    .value(&field.name, &field.ty, &field.checks)
}

struct Sampler<'m> {
    model: &'m Model,
    /// The messages that are being made, outermost first.
    open: Vec<StructId>,
    parts: usize,
}

impl Sampler<'_> {
    fn value(&mut self, name: &str, ty: &TypeRef, checks: &[Check]) -> Result<Value, Unsampleable> {
        self.parts += 1;
        if self.parts > MOST_PARTS {
            return Err(Unsampleable::TooLarge);
        }
        match ty {
            TypeRef::Scalar(scalar) => scalar_value(name, *scalar, checks)
                .ok_or_else(|| Unsampleable::Marks(name.to_owned())),
            TypeRef::Enum(id) => self.model[*id]
                .values
                .first()
                .map(|it| Value::String(it.name.clone()))
                .ok_or_else(|| Unsampleable::Marks(name.to_owned())),
            TypeRef::Struct(id) => self.message(*id),
            // As JSON such a message is the list of its bytes on the wire.
            TypeRef::Message(id) => Ok(json!(self.model[*id].example)),
            TypeRef::Optional(inner) => {
                if self.leads_back(inner) {
                    return Ok(Value::Null);
                }
                match self.value(name, inner, checks) {
                    Err(Unsampleable::Endless(_)) => Ok(Value::Null),
                    other => other,
                }
            }
            TypeRef::List(inner) => {
                let items = self.items(name, inner, checks)?;
                Ok(Value::Array(items))
            }
            TypeRef::Map(inner) => {
                let items = self.items(name, inner, checks)?;
                let entries = items.into_iter().enumerate();
                Ok(Value::Object(
                    entries
                        .map(|(at, item)| (format!("key{}", at + 1), item))
                        .collect(),
                ))
            }
        }
    }

    /// As few elements as allowed, but one where one may be.
    fn items(
        &mut self,
        name: &str,
        ty: &TypeRef,
        checks: &[Check],
    ) -> Result<Vec<Value>, Unsampleable> {
        let (min, max) = length(checks);
        let least = min.max(u64::from(max.is_none_or(|max| max >= 1)));
        let wanted = if self.leads_back(ty) { min } else { least };
        if max.is_some_and(|max| max < min) || wanted > MOST_PARTS as u64 {
            return Err(Unsampleable::Marks(name.to_owned()));
        }
        let inner: Vec<Check> = checks
            .iter()
            .filter(|it| !matches!(it, Check::Length { .. }))
            .cloned()
            .collect();
        let items: Result<Vec<Value>, _> =
            (0..wanted).map(|_| self.value(name, ty, &inner)).collect();
        match items {
            Err(Unsampleable::Endless(_)) if min == 0 => Ok(Vec::new()),
            other => other,
        }
    }

    fn message(&mut self, id: StructId) -> Result<Value, Unsampleable> {
        if self.open.contains(&id) {
            return Err(Unsampleable::Endless(id));
        }
        self.open.push(id);
        let model = self.model;
        let mut object = Map::new();
        let mut failure = None;
        for field in &model[id].fields {
            match self.value(&field.name, &field.ty, &field.checks) {
                Ok(Value::Null) if matches!(field.ty, TypeRef::Optional(_)) => {}
                Ok(value) => {
                    object.insert(field.name.clone(), value);
                }
                Err(error) => {
                    failure = Some(error);
                    break;
                }
            }
        }
        self.open.pop();
        failure.map_or(Ok(Value::Object(object)), Err)
    }

    /// Whether a type is a message that is being made already, or so deep that it had better be left out.
    fn leads_back(&self, ty: &TypeRef) -> bool {
        match ty {
            TypeRef::Struct(id) => self.open.contains(id) || self.open.len() >= DEEPEST,
            TypeRef::List(inner) | TypeRef::Map(inner) | TypeRef::Optional(inner) => {
                self.leads_back(inner)
            }
            TypeRef::Scalar(_) | TypeRef::Enum(_) | TypeRef::Message(_) => false,
        }
    }
}

fn length(checks: &[Check]) -> (u64, Option<u64>) {
    let mut bounds = (0, None::<u64>);
    for check in checks {
        if let Check::Length { min, max } = check {
            bounds.0 = bounds.0.max(*min);
            bounds.1 = match (bounds.1, *max) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            };
        }
    }
    bounds
}

fn scalar_value(name: &str, scalar: Scalar, checks: &[Check]) -> Option<Value> {
    Some(match scalar {
        Scalar::Bool => json!(true),
        Scalar::Int32 => {
            let value = integer(checks, i128::from(i32::MIN), i128::from(i32::MAX))?;
            json!(i32::try_from(value).ok()?)
        }
        Scalar::Int64 => {
            json!(integer(checks, i128::from(i64::MIN), i128::from(i64::MAX))?.to_string())
        }
        Scalar::Float64 => {
            let value: f64 = number(checks, "1.5")?.to_string().parse().ok()?;
            json!(value)
        }
        Scalar::Decimal => json!(number(checks, "9.99")?.to_string()),
        Scalar::String => json!(text(name, checks)?),
        Scalar::Bytes => {
            let (min, max) = length(checks);
            let count = bounded_length(5, min, max)?;
            let tail = ["", "eA==", "eHg="][count % 3];
            json!(format!("{}{tail}", "eHh4".repeat(count / 3)))
        }
        Scalar::Uuid => json!("0b4e7c1e-5d0a-4c57-9f2f-8a1d3e6b7c90"),
        Scalar::Timestamp => json!("2026-01-31T12:00:00Z"),
        Scalar::Date => json!("2026-01-31"),
        Scalar::Duration => json!("1.5s"),
        Scalar::Json => json!({ "key": "value" }),
    })
}

fn bounds(checks: &[Check]) -> Option<(Option<Number>, Option<Number>)> {
    let (mut low, mut high) = (None::<Number>, None::<Number>);
    for check in checks {
        match check {
            Check::Min(text) => low = low.max(Some(Number::parse(text)?)),
            Check::Max(text) => {
                let bound = Number::parse(text)?;
                high = Some(high.map_or(bound.clone(), |it| it.min(bound)));
            }
            _ => {}
        }
    }
    Some((low, high))
}

fn integer(checks: &[Check], lowest: i128, highest: i128) -> Option<i128> {
    let (low, high) = bounds(checks)?;
    let low = low.map_or(Some(lowest), |it| it.ceiling())?.max(lowest);
    let high = high.map_or(Some(highest), |it| it.floor())?.min(highest);
    (low <= high).then(|| 1.clamp(low, high))
}

fn number(checks: &[Check], usual: &str) -> Option<Number> {
    let (low, high) = bounds(checks)?;
    let usual = Number::parse(usual)?;
    if low
        .as_ref()
        .zip(high.as_ref())
        .is_some_and(|(low, high)| low > high)
    {
        return None;
    }
    Some(match (low, high) {
        (Some(low), _) if usual < low => low,
        (_, Some(high)) if usual > high => high,
        _ => usual,
    })
}

fn bounded_length(usual: u64, min: u64, max: Option<u64>) -> Option<usize> {
    let wanted = usual.max(min).min(max.unwrap_or(u64::MAX));
    (wanted >= min && wanted <= LONGEST).then_some(usize::try_from(wanted).ok()?)
}

/// A text that keeps to all checks: the field's own name, if nothing else is asked.
fn text(name: &str, checks: &[Check]) -> Option<String> {
    let (min, max) = length(checks);
    let email = checks.contains(&Check::Email);
    let url = checks.contains(&Check::Url);
    let expressions: Vec<String> = checks
        .iter()
        .filter_map(|it| match it {
            Check::Pattern(expression) => Some(pattern::portable(expression)),
            _ => None,
        })
        .collect();
    let compiled: Vec<Regex> = expressions
        .iter()
        .map(|it| Regex::new(it))
        .collect::<Result<_, _>>()
        .ok()?;
    let keeps = |text: &String| {
        let count = text.chars().count() as u64;
        count >= min
            && max.is_none_or(|max| count <= max)
            && compiled.iter().all(|it| it.is_match(text))
    };
    let usual = if name.is_empty() { "text" } else { name };
    let candidates: Vec<String> = match expressions.first() {
        _ if email => emails(min),
        _ if url => urls(min),
        Some(expression) => {
            pattern::candidates(expression, usize::try_from(min.min(LONGEST)).ok()?)
        }
        None => {
            let count = bounded_length(usual.chars().count() as u64, min, max)?;
            vec![
                usual
                    .chars()
                    .chain(std::iter::repeat('x'))
                    .take(count)
                    .collect(),
            ]
        }
    };
    candidates.into_iter().find(keeps)
}

fn emails(min: u64) -> Vec<String> {
    let mut found = vec!["someone@example.com".to_owned(), "a@b.co".to_owned()];
    // Labels of at most 63 characters, 254 in all.
    if min > 19 && min <= 254 {
        let mut domain = "example.com".to_owned();
        let mut left = min as usize - "someone@".len() - domain.len();
        while left > 0 {
            let label = left.min(if left == 65 { 62 } else { 64 }) - 1;
            domain = format!("{}.{domain}", "x".repeat(label.max(1)));
            left = left.saturating_sub(label.max(1) + 1);
        }
        found.push(format!("someone@{domain}"));
    }
    found
}

fn urls(min: u64) -> Vec<String> {
    let usual = "https://example.com/".to_owned();
    let padding = usize::try_from(min.min(LONGEST))
        .unwrap_or(0)
        .saturating_sub(usual.len());
    vec![
        format!("{usual}{}", "x".repeat(padding)),
        "http://a".to_owned(),
        "http://a.b".to_owned(),
    ]
}
