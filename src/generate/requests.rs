//! Requests that are made without their caller: what `dev` prints to be tried, and what proofs send.

use serde_json::{Value, json};

use super::number::Number;
use super::sample::{self, Unsampleable};
use crate::diagnostic::Diagnostic;
use crate::model::attributes::Idempotent;
use crate::model::types::{Check, FieldDef, Scalar, TypeRef};
use crate::model::{Input, Model, OperationId, StructId};

/// A valid request of an operation; `null` when it takes nothing.
pub fn request(model: &Model, operation: OperationId) -> Result<Value, Diagnostic> {
    let sample = sample::input(model, operation).map_err(|why| refused(model, operation, &why))?;
    Ok(sample.unwrap_or(Value::Null))
}

/// A valid answer of an operation; `null` when it only acknowledges.
pub fn answer(model: &Model, operation: OperationId) -> Result<Value, Diagnostic> {
    let sample = sample::output(model, operation).map_err(|why| refused(model, operation, &why))?;
    Ok(sample.unwrap_or(Value::Null))
}

/// A second valid request that differs, where repetitions are known by a field in that field; the same as `request`
/// where there is no other, and for streams, whose messages tell no repetitions apart.
pub fn other(model: &Model, operation: OperationId, request: &Value) -> Value {
    if model[operation].takes_stream() {
        return request.clone();
    }
    let by = match model[operation].attributes.idempotent() {
        Some(Idempotent::By { field, .. }) => Some(field.as_str()),
        _ => None,
    };
    let Some(message) = input_message(model, operation) else {
        let other = by.and_then(|field| other_of_proto(model, operation, field));
        return other.unwrap_or_else(|| request.clone());
    };
    let mut other = request.clone();
    vary(model, message, by, &mut other);
    other
}

/// The same of an operation that takes a message of a proto file.
fn other_of_proto(model: &Model, operation: OperationId, field: &str) -> Option<Value> {
    let Input::Message(payload) = &model[operation].input else {
        return None;
    };
    let TypeRef::Message(id) = payload.ty else {
        return None;
    };
    let key = model[id].keys.iter().find(|it| it.name == field)?;
    Some(json!(key.other))
}

fn refused(model: &Model, operation: OperationId, why: &Unsampleable) -> Diagnostic {
    let operation = &model[operation];
    let name = format!("{}.{}", model[operation.api].label(), operation.name);
    let text = format!(
        "no valid message of `{name}` can be made up, so that it cannot be tried or proved"
    );
    let refused = Diagnostic::error("ARC102", text, operation.span);
    match why {
        Unsampleable::Endless(id) => refused
            .label(model[*id].span, "this message holds itself without an end")
            .help("make the field that leads back optional, or a list"),
        Unsampleable::Marks(field) => refused
            .note(format!(
                "no value was found that keeps to all marks of `{field}`"
            ))
            .help("check that its marks do not contradict each other; write a simpler `@pattern`"),
        Unsampleable::TooLarge => refused
            .note(format!(
                "it would hold more than {} values",
                sample::MOST_PARTS
            ))
            .help("ask for fewer elements with `@length`"),
    }
}

fn input_message(model: &Model, operation: OperationId) -> Option<StructId> {
    match &model[operation].input {
        Input::Parameters(id) => Some(*id),
        Input::Message(payload) => match payload.ty {
            TypeRef::Struct(id) => Some(id),
            _ => None,
        },
        Input::None => None,
    }
}

/// Changes one field of a message, and says whether that was possible.
fn vary(model: &Model, message: StructId, only: Option<&str>, sample: &mut Value) -> bool {
    let Value::Object(fields) = sample else {
        return false;
    };
    model[message].fields.iter().any(|field| {
        only.is_none_or(|only| only == field.name)
            && fields
                .get_mut(&field.name)
                .is_some_and(|value| vary_field(model, field, &field.ty, value))
    })
}

fn vary_field(model: &Model, field: &FieldDef, ty: &TypeRef, value: &mut Value) -> bool {
    let varied = match ty {
        TypeRef::Optional(inner) => return vary_field(model, field, inner, value),
        TypeRef::Struct(id) => return vary(model, *id, None, value),
        TypeRef::List(inner) => {
            return value
                .as_array_mut()
                .and_then(|items| items.first_mut())
                .is_some_and(|item| vary_field(model, field, inner, item));
        }
        TypeRef::Map(_) | TypeRef::Message(_) => None,
        TypeRef::Enum(id) => model[*id].values.get(1).map(|it| json!(it.name)),
        TypeRef::Scalar(scalar) => vary_scalar(*scalar, &field.checks, value),
    };
    varied.is_some_and(|varied| {
        *value = varied;
        true
    })
}

fn vary_scalar(scalar: Scalar, checks: &[Check], value: &Value) -> Option<Value> {
    match scalar {
        Scalar::Bool => Some(json!(!value.as_bool()?)),
        Scalar::Int32 => {
            let value = value.as_i64()?;
            [value.checked_add(1), value.checked_sub(1)]
                .into_iter()
                .flatten()
                .find(|it| i32::try_from(*it).is_ok() && keeps(checks, &it.to_string()))
                .map(|it| json!(it))
        }
        Scalar::Int64 => {
            let value: i64 = value.as_str()?.parse().ok()?;
            [value.checked_add(1), value.checked_sub(1)]
                .into_iter()
                .flatten()
                .find(|it| keeps(checks, &it.to_string()))
                .map(|it| json!(it.to_string()))
        }
        Scalar::String => {
            let text = value.as_str()?;
            let free = !checks
                .iter()
                .any(|it| matches!(it, Check::Pattern(_) | Check::Email | Check::Url));
            let mut varied = text.to_owned();
            let last = varied.pop()?;
            varied.push(if last == 'y' { 'z' } else { 'y' });
            free.then(|| json!(varied))
        }
        Scalar::Uuid => Some(json!("6f1d2c3b-4a59-4687-9b0c-1d2e3f405162")),
        Scalar::Timestamp => Some(json!("2026-02-01T12:00:00Z")),
        Scalar::Date => Some(json!("2026-02-01")),
        Scalar::Duration => Some(json!("2.5s")),
        Scalar::Json => Some(json!({ "key": "other" })),
        Scalar::Bytes | Scalar::Float64 | Scalar::Decimal => None,
    }
}

/// Whether a whole number keeps to `@min` and `@max`.
fn keeps(checks: &[Check], number: &str) -> bool {
    let Some(number) = Number::parse(number) else {
        return false;
    };
    checks.iter().all(|check| match check {
        Check::Min(bound) => Number::parse(bound).is_some_and(|bound| number >= bound),
        Check::Max(bound) => Number::parse(bound).is_some_and(|bound| number <= bound),
        _ => true,
    })
}
