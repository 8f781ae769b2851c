//! Conditions over cases, without the code that is generated for them.

use serde_json::Value;

use super::Case;
use crate::generate::number::Number;
use crate::model::condition::{Comparison, Condition, Literal, Operand, Test};
use crate::model::types::{Scalar, TypeRef};
use crate::model::{Model, StructId};

/// A value that is there.
#[derive(Clone, Debug, PartialEq)]
enum Known {
    /// What has no order, and what is ordered as it is written: points in time and days of the forms that are tried.
    Text(String),
    Number(Number),
    Boolean(bool),
    List(Vec<Self>),
}

/// Whether a condition holds.
pub fn holds(model: &Model, condition: &Condition, case: &Case) -> bool {
    match condition {
        Condition::All(parts) => parts.iter().all(|part| holds(model, part, case)),
        Condition::Any(parts) => parts.iter().any(|part| holds(model, part, case)),
        Condition::Test(one) => test(model, one, case).unwrap_or(false),
    }
}

/// `None` where something is absent.
fn test(model: &Model, test: &Test, case: &Case) -> Option<bool> {
    Some(match test {
        Test::Is(operand, wanted) => known(model, operand, case)? == Known::Boolean(*wanted),
        Test::Compare(left, comparison, right) => {
            let (left, right) = (known(model, left, case)?, known(model, right, case)?);
            match (comparison, &left, &right) {
                (Comparison::Equal, ..) => left == right,
                (Comparison::NotEqual, ..) => left != right,
                (_, Known::Number(left), Known::Number(right)) => ordered(*comparison, left, right),
                (_, Known::Text(left), Known::Text(right)) => ordered(*comparison, left, right),
                _ => return None,
            }
        }
        Test::OneOf(operand, values, wanted) => {
            let one = known(model, operand, case)?;
            values.iter().any(|it| literal(it) == Some(one.clone())) == *wanted
        }
        Test::Holds(item, list, wanted) => {
            let (item, list) = (known(model, item, case)?, known(model, list, case)?);
            matches!(list, Known::List(all) if all.contains(&item)) == *wanted
        }
    })
}

fn ordered<T: PartialOrd>(comparison: Comparison, left: &T, right: &T) -> bool {
    match comparison {
        Comparison::Equal => left == right,
        Comparison::NotEqual => left != right,
        Comparison::Less => left < right,
        Comparison::LessOrEqual => left <= right,
        Comparison::Greater => left > right,
        Comparison::GreaterOrEqual => left >= right,
    }
}

fn known(model: &Model, operand: &Operand, case: &Case) -> Option<Known> {
    match operand {
        Operand::Literal(it) => literal(it),
        Operand::Claim(name, ty) => read(ty, case.claims.get(name)?),
        Operand::Parameter(path, ty) => {
            let value = path
                .iter()
                .try_fold(&case.request, |value, step| value.get(name(model, *step)))?;
            read(ty, value)
        }
    }
}

fn name(model: &Model, (id, at): (StructId, usize)) -> &str {
    &model[id].fields[at].name
}

/// Writes a parameter into a request, `null` to leave it out; `None` where what it stands in is absent.
pub fn put(model: &Model, parameter: &Operand, request: &mut Value, value: Value) -> Option<()> {
    let Operand::Parameter(path, _) = parameter else {
        return None;
    };
    let (last, outer) = path.split_last()?;
    let place = outer
        .iter()
        .try_fold(request, |value, step| value.get_mut(name(model, *step)))?;
    let fields = place.as_object_mut()?;
    let name = name(model, *last);
    if value.is_null() {
        fields.remove(name);
    } else {
        fields.insert(name.to_owned(), value);
    }
    Some(())
}

/// A literal as what it is compared with.
fn literal(literal: &Literal) -> Option<Known> {
    Some(match literal {
        Literal::Text(text) => Known::Text(text.to_lowercase()),
        Literal::Number(text) => Known::Number(Number::parse(text)?),
        Literal::Boolean(it) => Known::Boolean(*it),
        Literal::Duration(nanos) => Known::Number(seconds(*nanos)?),
    })
}

/// So many nanoseconds in seconds.
pub fn seconds(nanos: u64) -> Option<Number> {
    Number::parse(&format!(
        "{}.{:09}",
        nanos / 1_000_000_000,
        nanos % 1_000_000_000
    ))
}

fn read(ty: &TypeRef, value: &Value) -> Option<Known> {
    match ty {
        TypeRef::List(inner) => {
            let items = value.as_array()?.iter().map(|it| read(inner, it));
            Some(Known::List(items.collect::<Option<_>>()?))
        }
        TypeRef::Scalar(Scalar::Bool) => value.as_bool().map(Known::Boolean),
        TypeRef::Scalar(
            Scalar::Int32 | Scalar::Int64 | Scalar::Float64 | Scalar::Decimal | Scalar::Duration,
        ) => {
            let text = match value {
                Value::String(text) => text.trim_end_matches('s').to_owned(),
                value => value.to_string(),
            };
            Number::parse(&text).map(Known::Number)
        }
        // Samples differ in more than the case of their letters, which counts in a text and not in a UUID.
        _ => Some(Known::Text(value.as_str()?.to_lowercase())),
    }
}
