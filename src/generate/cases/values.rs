//! What the values that a condition reads are tried with.

use regex::Regex;
use serde_json::{Value, json};

use super::evaluate::seconds;
use crate::generate::number::Number;
use crate::generate::pattern;
use crate::model::Model;
use crate::model::condition::{Condition, Literal, Operand, Test, definite};
use crate::model::types::{Check, FieldDef, Scalar, TypeRef};

/// Texts and numbers, as a drawing would write them, that a condition is about.
#[derive(Default)]
struct Pool {
    texts: Vec<String>,
    uuids: Vec<String>,
    numbers: Vec<String>,
    seconds: Vec<String>,
}

/// For each variable, the values to try, the likeliest first.
pub fn of(
    model: &Model,
    condition: &Condition,
    variables: &[Operand],
    request: &Value,
) -> Vec<Vec<Value>> {
    let pool = Pool::of(model, condition, variables, request);
    variables
        .iter()
        .map(|variable| match variable {
            Operand::Claim(_, ty) => {
                let mut values = pool.values(model, ty, None);
                values.push(Value::Null);
                values
            }
            variable => parameter(model, &pool, variable, request),
        })
        .collect()
}

/// What a parameter is in the sample, then what else its own checks allow.
fn parameter(model: &Model, pool: &Pool, variable: &Operand, request: &Value) -> Vec<Value> {
    let (Operand::Parameter(_, ty), Some(field)) = (variable, variable.field(model)) else {
        return Vec::new();
    };
    let own = sample(model, variable, request);
    let mut values: Vec<Value> = own.clone().into_iter().collect();
    match (ty, &own) {
        (TypeRef::List(inner), Some(Value::Array(items))) => {
            for value in pool.values(model, inner, Some(field)) {
                let mut items = items.clone();
                match items.first_mut() {
                    Some(first) => *first = value,
                    None => continue,
                }
                values.push(Value::Array(items));
            }
        }
        (TypeRef::List(_), _) => {}
        (ty, _) => values.extend(pool.values(model, ty, Some(field))),
    }
    if definite(&field.ty).1 {
        values.push(Value::Null);
    }
    values
}

fn sample(model: &Model, variable: &Operand, request: &Value) -> Option<Value> {
    let Operand::Parameter(path, _) = variable else {
        return None;
    };
    path.iter()
        .try_fold(request, |value, (id, at)| {
            value.get(&model[*id].fields[*at].name)
        })
        .cloned()
}

impl Pool {
    fn of(model: &Model, condition: &Condition, variables: &[Operand], request: &Value) -> Self {
        let mut pool = Self::default();
        for test in condition.tests() {
            let mut add = |operand: &Operand| {
                if let Operand::Literal(literal) = operand {
                    pool.literal(literal);
                }
            };
            match test {
                Test::Is(..) => {}
                Test::Compare(left, _, right) | Test::Holds(left, right, _) => {
                    add(left);
                    add(right);
                }
                Test::OneOf(_, values, _) => values.iter().for_each(|it| pool.literal(it)),
            }
        }
        for variable in variables {
            let Some(value) = sample(model, variable, request) else {
                continue;
            };
            let values = match value {
                Value::Array(items) => items,
                value => vec![value],
            };
            for value in values {
                pool.sample(variable, &value);
            }
        }
        add_another(&mut pool.texts, |at| match at {
            0 => "other".to_owned(),
            at => format!("other{at}"),
        });
        add_another(&mut pool.uuids, |at| {
            format!("6f1d2c3b-4a59-4687-9b0c-{at:012}")
        });
        pool.number("1");
        for text in ["1", "2"] {
            pool.seconds.push(text.to_owned());
        }
        pool
    }

    fn literal(&mut self, literal: &Literal) {
        match literal {
            Literal::Text(text) => {
                self.texts.push(text.clone());
                self.uuids.push(text.clone());
            }
            Literal::Number(number) => self.number(number),
            Literal::Duration(nanos) => {
                let around = seconds(*nanos).iter().flat_map(around).collect::<Vec<_>>();
                self.seconds.extend(around);
            }
            Literal::Boolean(_) => {}
        }
    }

    fn sample(&mut self, variable: &Operand, value: &Value) {
        let ty = match variable {
            Operand::Claim(_, ty) | Operand::Parameter(_, ty) => ty,
            Operand::Literal(_) => return,
        };
        let single = match ty {
            TypeRef::List(inner) => inner,
            ty => ty,
        };
        let text = match value {
            Value::String(text) => text.clone(),
            value => value.to_string(),
        };
        match single {
            TypeRef::Scalar(Scalar::Uuid) => {
                self.uuids.push(text.clone());
                self.texts.push(text);
            }
            TypeRef::Scalar(Scalar::Duration) => {
                self.seconds.push(text.trim_end_matches('s').to_owned());
            }
            TypeRef::Scalar(Scalar::Int32 | Scalar::Int64 | Scalar::Float64 | Scalar::Decimal) => {
                self.number(&text)
            }
            _ => self.texts.push(text),
        }
    }

    fn number(&mut self, text: &str) {
        if let Some(number) = Number::parse(text) {
            self.numbers.extend(around(&number));
        }
    }

    /// Values of a type, as JSON writes them; those that a field's checks refuse left out.
    fn values(&self, model: &Model, ty: &TypeRef, field: Option<&FieldDef>) -> Vec<Value> {
        let checks = field.map_or(&[][..], |it| &it.checks);
        let scalar = match ty {
            TypeRef::Optional(inner) => return self.values(model, inner, field),
            TypeRef::List(inner) => {
                let single = self.values(model, inner, field);
                let lists = single.into_iter().map(|it| json!([it]));
                return lists.chain([json!([])]).collect();
            }
            TypeRef::Enum(id) => {
                return model[*id].values.iter().map(|it| json!(it.name)).collect();
            }
            TypeRef::Scalar(scalar) => *scalar,
            TypeRef::Struct(_) | TypeRef::Message(_) | TypeRef::Map(_) => return Vec::new(),
        };
        let numbers = || self.numbers.iter().filter(|it| keeps(checks, it));
        match scalar {
            Scalar::Bool => vec![json!(true), json!(false)],
            Scalar::Int32 => {
                let whole = numbers().filter_map(|it| it.parse::<i32>().ok());
                whole.map(|it| json!(it)).collect()
            }
            Scalar::Int64 => {
                let whole = numbers().filter_map(|it| it.parse::<i64>().ok());
                // A message holds it as a text, which JSON's readers keep whole; a token as a number.
                let written = |it: i64| match field {
                    Some(_) => json!(it.to_string()),
                    None => json!(it),
                };
                whole.map(written).collect()
            }
            Scalar::Float64 => {
                let all = numbers().filter_map(|it| it.parse::<f64>().ok());
                all.map(|it| json!(it)).collect()
            }
            Scalar::Decimal => numbers().map(|it| json!(it)).collect(),
            Scalar::String => {
                let allowed = self.texts.iter().filter(|it| fits(checks, it));
                allowed.map(|it| json!(it)).collect()
            }
            Scalar::Uuid => self.uuids.iter().map(|it| json!(it)).collect(),
            Scalar::Timestamp => ["2026-01-30", "2026-01-31", "2026-02-01"]
                .map(|day| json!(format!("{day}T12:00:00Z")))
                .to_vec(),
            Scalar::Date => ["2026-01-30", "2026-01-31", "2026-02-01"]
                .map(|day| json!(day))
                .to_vec(),
            Scalar::Duration => self
                .seconds
                .iter()
                .filter(|it| !it.starts_with('-'))
                .map(|it| json!(format!("{it}s")))
                .collect(),
            Scalar::Bytes | Scalar::Json => Vec::new(),
        }
    }
}

/// Adds the first of `texts` that is not among them.
fn add_another(known: &mut Vec<String>, texts: impl Fn(usize) -> String) {
    let fresh = (0..)
        .map(texts)
        .find(|text| known.iter().all(|it| !it.eq_ignore_ascii_case(text)));
    known.extend(fresh);
}

/// A number and the whole ones next to it.
fn around(number: &Number) -> Vec<String> {
    let below = number.floor().and_then(|it| it.checked_sub(1));
    let above = number.ceiling().and_then(|it| it.checked_add(1));
    let whole = [number.floor(), number.ceiling(), below, above];
    [number.to_string()]
        .into_iter()
        .chain(whole.into_iter().flatten().map(|it| it.to_string()))
        .collect()
}

/// Whether a number keeps to `@min` and `@max`.
fn keeps(checks: &[Check], text: &str) -> bool {
    let bound = |text: &str| Number::parse(text);
    let Some(number) = Number::parse(text) else {
        return false;
    };
    checks.iter().all(|check| match check {
        Check::Min(least) => bound(least).is_some_and(|least| number >= least),
        Check::Max(most) => bound(most).is_some_and(|most| number <= most),
        _ => true,
    })
}

/// Whether a text keeps to its checks; of addresses only the sample is known to.
fn fits(checks: &[Check], text: &str) -> bool {
    let count = text.chars().count() as u64;
    checks.iter().all(|check| match check {
        Check::Length { min, max } => count >= *min && max.is_none_or(|max| count <= max),
        Check::Pattern(expression) => {
            Regex::new(&pattern::portable(expression)).is_ok_and(|it| it.is_match(text))
        }
        Check::Email | Check::Url => false,
        Check::Min(_) | Check::Max(_) => true,
    })
}
