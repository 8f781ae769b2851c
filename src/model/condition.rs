//! `when`, ready to be compiled: names resolved, negations pushed down to the tests that they negate.
//!
//! A test with something absent in it (a claim that the caller's token lacks, an optional parameter that was left out)
//! does not hold, and neither does its negation: what nobody said lets nobody in.

use super::attributes::{Attr, Origin, Value};
use super::types::{FieldDef, Scalar, TypeRef};
use super::{AuthId, AuthScheme, Input, Model, OperationId, Payload, StructId};
use crate::syntax::ast::{BinaryOperator, Expression, ExpressionKind, Ident, ValueKind};

/// What must hold of a caller and a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Each of them.
    All(Vec<Self>),
    /// One of them.
    Any(Vec<Self>),
    /// One test.
    Test(Test),
}

/// One test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// It is true, or false.
    Is(Operand, bool),
    /// The two compare like this.
    Compare(Operand, Comparison, Operand),
    /// It is (or is not) one of these.
    OneOf(Operand, Vec<Literal>, bool),
    /// The list holds it (or does not): the item, the list.
    Holds(Operand, Operand, bool),
}

/// How two values compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// What is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operand {
    /// `caller.region`, and its type without `?`.
    Claim(String, TypeRef),
    /// A field of the request, or one in a message in it, and its type without `?`.
    Parameter(Vec<(StructId, usize)>, TypeRef),
    /// Written in the drawing.
    Literal(Literal),
}

/// A value that stands in the drawing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Literal {
    /// `"eu"`, or the name of an enum's value.
    Text(String),
    /// `3`, `1.5`
    Number(String),
    /// `true`
    Boolean(bool),
    /// `30s`, in nanoseconds.
    Duration(u64),
}

impl Condition {
    /// The condition of an operation. A public one asks nobody who they are, so that what its api asks is not for it.
    #[must_use]
    pub fn of(model: &Model, operation: OperationId) -> Option<Self> {
        let attributes = &model[operation].attributes;
        let effective = attributes.get(Attr::When)?;
        if attributes.is(Attr::Public) && matches!(effective.origin, Origin::Inherited(_)) {
            return None;
        }
        let Value::Condition(expression) = &effective.value else {
            return None;
        };
        Lowering { model, operation }.condition(expression, true)
    }

    /// Its tests, from left to right.
    pub fn tests(&self) -> Vec<&Test> {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::tests).collect(),
            Self::Test(test) => vec![test],
        }
    }

    /// What its tests compare, from left to right.
    pub fn operands(&self) -> Vec<&Operand> {
        self.tests()
            .into_iter()
            .flat_map(|test| match test {
                Test::Is(one, _) | Test::OneOf(one, ..) => vec![one],
                Test::Compare(left, _, right) | Test::Holds(left, right, _) => vec![left, right],
            })
            .collect()
    }
}

/// The scheme whose claims a scheme gives: its own, or its provider's.
#[must_use]
pub fn user_scheme(model: &Model, auth: AuthId) -> Option<AuthId> {
    let held = &model[auth];
    match held.scheme {
        AuthScheme::Jwt => Some(auth),
        AuthScheme::Session => match held.attributes.value(Attr::Provider) {
            Some(Value::Auths(provider)) => provider.first().copied(),
            _ => Some(auth),
        },
        _ => None,
    }
}

/// The message whose fields a condition can see: none of a stream, whose messages come when the caller is let in already.
#[must_use]
pub fn visible_request(model: &Model, operation: OperationId) -> Option<StructId> {
    match &model[operation].input {
        Input::Parameters(request)
        | Input::Message(Payload {
            ty: TypeRef::Struct(request),
            stream: false,
        }) => Some(*request),
        _ => None,
    }
}

/// A type without its `?`, and whether it had one.
#[must_use]
pub fn definite(ty: &TypeRef) -> (&TypeRef, bool) {
    match ty {
        TypeRef::Optional(inner) => (definite(inner).0, true),
        ty => (ty, false),
    }
}

impl Operand {
    /// The field that a parameter leads to.
    #[must_use]
    pub fn field<'m>(&self, model: &'m Model) -> Option<&'m FieldDef> {
        match self {
            Self::Parameter(path, _) => path.last().map(|(id, at)| &model[*id].fields[*at]),
            Self::Claim(..) | Self::Literal(_) => None,
        }
    }
}

impl Comparison {
    /// What holds of the same two values when this does not.
    const fn negated(self) -> Self {
        match self {
            Self::Equal => Self::NotEqual,
            Self::NotEqual => Self::Equal,
            Self::Less => Self::GreaterOrEqual,
            Self::LessOrEqual => Self::Greater,
            Self::Greater => Self::LessOrEqual,
            Self::GreaterOrEqual => Self::Less,
        }
    }
}

struct Lowering<'m> {
    model: &'m Model,
    operation: OperationId,
}

impl Lowering<'_> {
    /// `expression`, or what holds when it does not.
    fn condition(&self, expression: &Expression, holds: bool) -> Option<Condition> {
        match &expression.kind {
            ExpressionKind::Value(value) => {
                Some(Condition::Test(Test::Is(self.operand(value)?, holds)))
            }
            ExpressionKind::Not(inner) => self.condition(inner, !holds),
            ExpressionKind::Binary(BinaryOperator::And, left, right) => {
                let both = [self.condition(left, holds)?, self.condition(right, holds)?];
                Some(if holds { all(both) } else { any(both) })
            }
            ExpressionKind::Binary(BinaryOperator::Or, left, right) => {
                let both = [self.condition(left, holds)?, self.condition(right, holds)?];
                Some(if holds { any(both) } else { all(both) })
            }
            ExpressionKind::Binary(BinaryOperator::In, item, list) => {
                self.contained(item, list, holds)
            }
            ExpressionKind::Binary(operator, left, right) => {
                let comparison = comparison(*operator)?;
                let comparison = if holds {
                    comparison
                } else {
                    comparison.negated()
                };
                self.compared(left, comparison, right)
            }
        }
    }

    fn compared(
        &self,
        left: &Expression,
        comparison: Comparison,
        right: &Expression,
    ) -> Option<Condition> {
        let (ExpressionKind::Value(one), ExpressionKind::Value(other)) = (&left.kind, &right.kind)
        else {
            return None;
        };
        let test = match (self.operand(one)?, self.operand(other)?) {
            (it, Operand::Literal(Literal::Boolean(wanted)))
            | (Operand::Literal(Literal::Boolean(wanted)), it) => {
                Test::Is(it, wanted == (comparison == Comparison::Equal))
            }
            (left, right) => Test::Compare(left, comparison, right),
        };
        Some(Condition::Test(test))
    }

    fn contained(&self, item: &Expression, list: &Expression, holds: bool) -> Option<Condition> {
        let (ExpressionKind::Value(item), ExpressionKind::Value(list)) = (&item.kind, &list.kind)
        else {
            return None;
        };
        let item = self.operand(item)?;
        let ValueKind::List(values) = list else {
            return Some(Condition::Test(Test::Holds(
                item,
                self.operand(list)?,
                holds,
            )));
        };
        let values: Vec<Operand> = values
            .iter()
            .map(|it| self.operand(&it.value))
            .collect::<Option<_>>()?;
        let literals: Option<Vec<Literal>> = values
            .iter()
            .map(|it| match it {
                Operand::Literal(literal) => Some(literal.clone()),
                _ => None,
            })
            .collect();
        if let Some(literals) = literals {
            return Some(Condition::Test(Test::OneOf(item, literals, holds)));
        }
        let comparison = if holds {
            Comparison::Equal
        } else {
            Comparison::NotEqual
        };
        let each = values
            .into_iter()
            .map(|value| Condition::Test(Test::Compare(item.clone(), comparison, value)));
        Some(if holds { any(each) } else { all(each) })
    }

    fn operand(&self, value: &ValueKind) -> Option<Operand> {
        Some(match value {
            ValueKind::Text(text) => Operand::Literal(Literal::Text(text.clone())),
            ValueKind::Integer(number) => Operand::Literal(Literal::Number(number.to_string())),
            ValueKind::Decimal(number) => Operand::Literal(Literal::Number(number.clone())),
            ValueKind::Boolean(it) => Operand::Literal(Literal::Boolean(*it)),
            ValueKind::Duration(nanos) => Operand::Literal(Literal::Duration(*nanos)),
            ValueKind::Name(path) => match &**path {
                [caller, claim] if caller.value == "caller" => self.claim(&claim.value)?,
                [word] if self.parameter(path).is_none() => {
                    Operand::Literal(Literal::Text(word.value.to_string()))
                }
                path => self.parameter(path)?,
            },
            _ => return None,
        })
    }

    fn claim(&self, name: &str) -> Option<Operand> {
        if name == "sub" {
            let text = TypeRef::Scalar(Scalar::String);
            return Some(Operand::Claim(name.to_owned(), text));
        }
        let accepted = self.model[self.operation].attributes.auths()?;
        let mut schemes = accepted
            .into_iter()
            .filter_map(|it| user_scheme(self.model, it));
        schemes.find_map(|scheme| {
            let claims = &self.model[scheme].claims;
            let (_, ty) = claims.iter().find(|(claim, _)| claim.value == name)?;
            Some(Operand::Claim(name.to_owned(), definite(ty).0.clone()))
        })
    }

    fn parameter(&self, path: &[Ident]) -> Option<Operand> {
        let mut message = visible_request(self.model, self.operation);
        let mut places = Vec::new();
        let mut found = None;
        for name in path {
            let id = message?;
            let fields = &self.model[id].fields;
            let at = fields.iter().position(|it| it.name == name.value)?;
            places.push((id, at));
            let ty = definite(&fields[at].ty).0;
            message = match ty {
                TypeRef::Struct(id) => Some(*id),
                _ => None,
            };
            found = Some(ty.clone());
        }
        Some(Operand::Parameter(places, found?))
    }
}

const fn comparison(operator: BinaryOperator) -> Option<Comparison> {
    Some(match operator {
        BinaryOperator::Equal => Comparison::Equal,
        BinaryOperator::NotEqual => Comparison::NotEqual,
        BinaryOperator::Less => Comparison::Less,
        BinaryOperator::LessOrEqual => Comparison::LessOrEqual,
        BinaryOperator::Greater => Comparison::Greater,
        BinaryOperator::GreaterOrEqual => Comparison::GreaterOrEqual,
        BinaryOperator::And | BinaryOperator::Or | BinaryOperator::In => return None,
    })
}

/// All of these, what they hold themselves laid out, nothing twice.
fn all(parts: impl IntoIterator<Item = Condition>) -> Condition {
    single(flat(parts, |part| match part {
        Condition::All(parts) => Ok(parts),
        other => Err(other),
    }))
    .unwrap_or_else(Condition::All)
}

/// One of these, likewise.
fn any(parts: impl IntoIterator<Item = Condition>) -> Condition {
    single(flat(parts, |part| match part {
        Condition::Any(parts) => Ok(parts),
        other => Err(other),
    }))
    .unwrap_or_else(Condition::Any)
}

fn flat(
    parts: impl IntoIterator<Item = Condition>,
    open: impl Fn(Condition) -> Result<Vec<Condition>, Condition>,
) -> Vec<Condition> {
    let mut found = Vec::new();
    for part in parts {
        for part in open(part).unwrap_or_else(|part| vec![part]) {
            if !found.contains(&part) {
                found.push(part);
            }
        }
    }
    found
}

/// The only one, or all of them.
fn single(mut parts: Vec<Condition>) -> Result<Condition, Vec<Condition>> {
    match parts.len() {
        1 => Ok(parts.remove(0)),
        _ => Err(parts),
    }
}
