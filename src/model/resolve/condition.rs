//! `when`: expressions over the caller's claims and the operation's parameters, checked before anything is made of them.

use std::collections::HashSet;

use super::Resolver;
use super::lookup::{enumerated, span_of};
use super::values::dotted;
use crate::diagnostic::Diagnostic;
use crate::model::attributes::{Attr, Origin, Value};
use crate::model::condition::{user_scheme, visible_request};
use crate::model::text;
use crate::model::types::{Scalar, TypeRef};
use crate::model::{AuthId, EnumId, OperationId};
use crate::source::Span;
use crate::syntax::ast::{BinaryOperator, Expression, ExpressionKind, Ident, ValueKind};

/// What an expression is, as far as comparing goes.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Boolean,
    Number,
    Text,
    /// Compares with texts too, if they are written as one.
    Uuid,
    Timestamp,
    Date,
    Duration,
    Enum(EnumId),
    List(Box<Kind>),
    /// A bare name that is no parameter: the value of an enum, if it is compared with one.
    Word(String),
}

impl Resolver<'_> {
    /// Checks the conditions of all operations.
    pub(super) fn conditions(&mut self) {
        // A condition on an api is checked for each of its operations; what is wrong with it is told once.
        let mut told: HashSet<(Span, String)> = HashSet::new();
        for at in 0..self.model.operations.len() {
            let id = OperationId(at as u32);
            let request = self.request_of(id);
            if self.broken.signatures.contains(&id)
                || self.broken.attributes.contains(&id)
                || request.is_some_and(|it| self.broken.structs.contains(&it))
            {
                continue;
            }
            let attributes = &self.model[id].attributes;
            let Some(Value::Condition(expression)) = attributes.value(Attr::When) else {
                continue;
            };
            // A public operation does not ask what its api asks.
            let inherited = attributes
                .get(Attr::When)
                .is_some_and(|it| matches!(it.origin, Origin::Inherited(_)));
            if inherited && attributes.is(Attr::Public) {
                continue;
            }
            let mut checker = Checker {
                resolver: self,
                operation: id,
                found: Vec::new(),
            };
            checker.whole(expression);
            let found = checker.found;
            for diagnostic in found {
                if told.insert((diagnostic.primary.span, diagnostic.message.clone())) {
                    self.report(diagnostic);
                }
            }
        }
    }
}

struct Checker<'r, 'a> {
    resolver: &'r Resolver<'a>,
    operation: OperationId,
    found: Vec<Diagnostic>,
}

impl Checker<'_, '_> {
    /// The whole of what `when` says.
    fn whole(&mut self, expression: &Expression) {
        let Some(kind) = self.kind(expression) else {
            return;
        };
        let fixed = matches!(&expression.kind, ExpressionKind::Value(it) if is_fixed(it));
        if kind != Kind::Boolean || fixed {
            self.found.push(
                Diagnostic::error("ARC053", "this is no condition", expression.span)
                    .here(format!("it is {kind}"))
                    .help("compare it with something: `==`, `in`, ..."),
            );
        }
    }

    /// The kind of an expression; `None`, with a message, when it makes no sense.
    fn kind(&mut self, expression: &Expression) -> Option<Kind> {
        match &expression.kind {
            ExpressionKind::Binary(operator, left, right)
                if !matches!(operator, BinaryOperator::And | BinaryOperator::Or) =>
            {
                self.sensible(left, right, expression.span)?;
                let (left_kind, right_kind) = (self.kind(left), self.kind(right));
                self.compare(
                    *operator,
                    (left, left_kind?),
                    (right, right_kind?),
                    expression.span,
                )
            }
            ExpressionKind::Value(value) => self.value(value, expression.span),
            ExpressionKind::Not(inner) => {
                self.condition(inner)?;
                Some(Kind::Boolean)
            }
            ExpressionKind::Binary(_, left, right) => {
                let (left, right) = (self.condition(left), self.condition(right));
                left.and(right).map(|()| Kind::Boolean)
            }
        }
    }

    /// Two values, at least one of which a request or its caller decides, and not twice the same.
    fn sensible(&mut self, left: &Expression, right: &Expression, at: Span) -> Option<()> {
        let values = [left, right].map(|side| match &side.kind {
            ExpressionKind::Value(value) => Some(value),
            _ => None,
        });
        let message = match values {
            [Some(left), Some(right)] if is_fixed(left) && is_fixed(right) => {
                "this comes out the same for every request"
            }
            [Some(_), Some(_)] if text::condition(left) == text::condition(right) => {
                "this compares a value with itself"
            }
            [Some(_), Some(_)] => return Some(()),
            _ => "conditions are not compared with each other",
        };
        self.found
            .push(Diagnostic::error("ARC053", message, at).help(
                "compare claims and parameters, and join what you ask by `and`, `or`, `not`",
            ));
        None
    }

    fn condition(&mut self, expression: &Expression) -> Option<()> {
        let kind = self.kind(expression)?;
        if kind == Kind::Boolean
            && !matches!(&expression.kind, ExpressionKind::Value(it) if is_fixed(it))
        {
            return Some(());
        }
        let found = Diagnostic::error(
            "ARC053",
            "`and`, `or` and `not` take conditions",
            expression.span,
        );
        self.found.push(found.here(format!("this is {kind}")));
        None
    }

    fn compare(
        &mut self,
        operator: BinaryOperator,
        (left, left_kind): (&Expression, Kind),
        (right, right_kind): (&Expression, Kind),
        at: Span,
    ) -> Option<Kind> {
        let right_kind = match (operator, right_kind) {
            (BinaryOperator::In, Kind::List(element)) => *element,
            (BinaryOperator::In, other) => {
                let found = Diagnostic::error(
                    "ARC053",
                    "`in` asks whether a list holds something",
                    right.span,
                );
                self.found.push(found.here(format!("this is {other}")));
                return None;
            }
            (_, kind) => kind,
        };
        let left_kind = self.word(left_kind, &right_kind, left.span)?;
        let right_kind = self.word(right_kind, &left_kind, right.span)?;
        if !alike(&left_kind, &right_kind) {
            let found = Diagnostic::error("ARC053", "these two cannot be compared", at)
                .label(left.span, format!("this is {left_kind}"))
                .label(right.span, format!("this is {right_kind}"));
            self.found.push(found);
            return None;
        }
        for (kind, other) in [(&left_kind, right), (&right_kind, left)] {
            self.uuids(kind, other)?;
        }
        let ordered = matches!(
            left_kind,
            Kind::Number | Kind::Timestamp | Kind::Date | Kind::Duration
        );
        let needs_order = matches!(
            operator,
            BinaryOperator::Less
                | BinaryOperator::LessOrEqual
                | BinaryOperator::Greater
                | BinaryOperator::GreaterOrEqual
        );
        if needs_order && !ordered {
            let found = Diagnostic::error("ARC053", format!("{left_kind} has no order"), at);
            self.found.push(found.help("ask with `==`, `!=` or `in`"));
            return None;
        }
        if matches!(left_kind, Kind::List(_)) {
            let found = Diagnostic::error("ARC053", "lists are not compared as a whole", at);
            self.found
                .push(found.help("ask with `in` whether the list holds a value"));
            return None;
        }
        Some(Kind::Boolean)
    }

    /// A bare name beside an enum is one of its values.
    fn word(&mut self, kind: Kind, other: &Kind, at: Span) -> Option<Kind> {
        let Kind::Word(word) = kind else {
            return Some(kind);
        };
        if let Kind::Enum(id) = other {
            let definition = &self.resolver.model[*id];
            if definition.values.iter().any(|it| it.name == word) {
                return Some(Kind::Enum(*id));
            }
            let known: Vec<String> = definition.values.iter().map(|it| it.name.clone()).collect();
            let found = Diagnostic::error(
                "ARC053",
                format!("`{}` has no value `{word}`", definition.name),
                at,
            );
            self.found
                .push(found.label(definition.span, format!("it has {}", enumerated(&known))));
            return None;
        }
        let known: Vec<String> = self
            .parameters()
            .iter()
            .map(|(name, _)| name.clone())
            .collect();
        let operation = &self.resolver.model[self.operation];
        let mut found = Diagnostic::error(
            "ARC053",
            format!("`{}` has no parameter `{word}`", operation.name),
            at,
        )
        .label(operation.span, format!("it has {}", enumerated(&known)));
        if let Some(near) = crate::syntax::nearest(&word, known.iter().map(String::as_str)) {
            found = found.help(format!("did you mean `{near}`?"));
        } else {
            found = found.help(format!(
                "texts stand in quotes, claims after `caller.`: `caller.{word}`"
            ));
        }
        self.found.push(found);
        None
    }

    fn value(&mut self, value: &ValueKind, at: Span) -> Option<Kind> {
        match value {
            ValueKind::Boolean(_) => Some(Kind::Boolean),
            ValueKind::Integer(_) | ValueKind::Decimal(_) => Some(Kind::Number),
            ValueKind::Text(_) => Some(Kind::Text),
            ValueKind::Duration(_) => Some(Kind::Duration),
            ValueKind::List(values) => self.list(values, at),
            ValueKind::Name(path) => match &**path {
                [caller, claim] if caller.value == "caller" => self.claim(claim),
                path => self.parameter(path),
            },
            _ => {
                let found = Diagnostic::error("ARC053", "this has no place in a condition", at);
                self.found.push(
                    found.note(
                        "conditions compare claims (`caller.region`), parameters and literals",
                    ),
                );
                None
            }
        }
    }

    fn list(&mut self, values: &[crate::syntax::ast::Value], at: Span) -> Option<Kind> {
        let kinds: Vec<Option<Kind>> = values
            .iter()
            .map(|it| self.value(&it.value, it.span))
            .collect();
        let mut kinds = kinds
            .into_iter()
            .collect::<Option<Vec<Kind>>>()?
            .into_iter();
        let Some(first) = kinds.next() else {
            self.found.push(Diagnostic::error(
                "ARC053",
                "an empty list holds nothing",
                at,
            ));
            return None;
        };
        let same = |kind: &Kind| {
            alike(kind, &first) || matches!((kind, &first), (Kind::Word(_), Kind::Word(_)))
        };
        if !kinds.all(|kind| same(&kind)) {
            self.found.push(Diagnostic::error(
                "ARC053",
                "what a list holds is of one kind",
                at,
            ));
            return None;
        }
        Some(Kind::List(Box::new(first)))
    }

    /// A claim that every accepted scheme which knows the user has.
    fn claim(&mut self, name: &Ident) -> Option<Kind> {
        let model = &self.resolver.model;
        let operation = &model[self.operation];
        let users: Vec<AuthId> = operation
            .attributes
            .auths()
            .unwrap_or_default()
            .iter()
            .filter_map(|it| user_scheme(model, *it))
            .collect();
        if operation.attributes.is(Attr::Public) {
            let message = format!(
                "`{}` is public: it asks nobody who they are",
                operation.name
            );
            self.found
                .push(Diagnostic::error("ARC053", message, name.span));
            return None;
        }
        if users.is_empty() {
            let message = format!("`{}` does not know who the user is", operation.name);
            let found = Diagnostic::error("ARC053", message, name.span).label(
                operation
                    .attributes
                    .span(Attr::Auth)
                    .unwrap_or(operation.span),
                "no scheme with a user's claims is accepted here",
            );
            self.found
                .push(found.help("accept a `jwt` or `session` scheme: `auth = staff`"));
            return None;
        }
        if name.value == "sub" {
            return Some(Kind::Text);
        }
        let mut kind: Option<Kind> = None;
        for auth in users {
            let auth = &model[auth];
            match auth
                .claims
                .iter()
                .find(|(claim, _)| claim.value == name.value)
            {
                Some((claim, ty)) => {
                    let (at, ty) = (claim.span, ty.clone());
                    let own = self.kind_of(&ty, name.span)?;
                    if kind.as_ref().is_some_and(|kind| *kind != own) {
                        let message =
                            format!("the claim `{}` is not the same in every scheme", name.value);
                        self.found.push(
                            Diagnostic::error("ARC053", message, name.span)
                                .label(at, format!("here it is {own}")),
                        );
                        return None;
                    }
                    kind = Some(own);
                }
                None => {
                    let known: Vec<String> = auth
                        .claims
                        .iter()
                        .map(|(claim, _)| claim.value.clone())
                        .collect();
                    let mut found = Diagnostic::error(
                        "ARC053",
                        format!("`{}` declares no claim `{}`", auth.name, name.value),
                        name.span,
                    )
                    .label(auth.span, format!("its claims: {}", enumerated(&known)));
                    found =
                        match crate::syntax::nearest(&name.value, known.iter().map(String::as_str))
                        {
                            Some(near) => found.help(format!("did you mean `{near}`?")),
                            None => found.help(format!(
                                "declare it there: `claims {{ {}: string }}`",
                                name.value
                            )),
                        };
                    self.found.push(found);
                    return None;
                }
            }
        }
        kind
    }

    fn parameters(&self) -> Vec<(String, TypeRef)> {
        let model = &self.resolver.model;
        let fields = visible_request(model, self.operation).map(|request| &model[request].fields);
        fields
            .into_iter()
            .flatten()
            .map(|it| (it.name.clone(), it.ty.clone()))
            .collect()
    }

    /// A parameter, or a field inside one.
    fn parameter(&mut self, path: &[Ident]) -> Option<Kind> {
        let model = &self.resolver.model;
        let (first, rest) = path.split_first()?;
        let parameter = self
            .parameters()
            .into_iter()
            .find(|(name, _)| *name == first.value);
        let Some((_, mut ty)) = parameter else {
            if rest.is_empty() {
                return Some(Kind::Word(first.value.to_string()));
            }
            let found = Diagnostic::error(
                "ARC053",
                format!("there is no `{}` here", dotted(path)),
                span_of(path),
            );
            self.found
                .push(found.note("conditions know `caller.CLAIM` and the operation's parameters"));
            return None;
        };
        for name in rest {
            let inner = match &ty {
                TypeRef::Struct(id) => Some(*id),
                TypeRef::Optional(inner) => match inner.as_ref() {
                    TypeRef::Struct(id) => Some(*id),
                    _ => None,
                },
                _ => None,
            };
            let field =
                inner.and_then(|id| model[id].fields.iter().find(|it| it.name == name.value));
            let Some(field) = field else {
                let message = format!(
                    "`{}` has no field `{}`",
                    self.resolver.type_name(&ty),
                    name.value
                );
                self.found
                    .push(Diagnostic::error("ARC053", message, name.span));
                return None;
            };
            ty = field.ty.clone();
        }
        self.kind_of(&ty, span_of(path))
    }

    /// A text that is compared with a UUID is written as one.
    fn uuids(&mut self, kind: &Kind, other: &Expression) -> Option<()> {
        if *kind != Kind::Uuid {
            return Some(());
        }
        let texts: Vec<(&str, Span)> = match &other.kind {
            ExpressionKind::Value(ValueKind::Text(text)) => vec![(text, other.span)],
            ExpressionKind::Value(ValueKind::List(values)) => values
                .iter()
                .filter_map(|it| match &it.value {
                    ValueKind::Text(text) => Some((text.as_str(), it.span)),
                    _ => None,
                })
                .collect(),
            _ => Vec::new(),
        };
        let wrong = texts.into_iter().find(|(text, _)| !is_uuid(text));
        wrong.map_or(Some(()), |(_, at)| {
            self.found.push(
                Diagnostic::error("ARC053", "this is no UUID", at)
                    .help("write it like \"0b4e7c1e-5d0a-4c57-9f2f-8a1d3e6b7c90\""),
            );
            None
        })
    }

    fn kind_of(&mut self, ty: &TypeRef, at: Span) -> Option<Kind> {
        match ty {
            TypeRef::Optional(inner) => self.kind_of(inner, at),
            TypeRef::List(inner) => match inner.as_ref() {
                TypeRef::List(_) | TypeRef::Optional(_) => self.incomparable(ty, at),
                inner => self.kind_of(inner, at).map(|it| Kind::List(Box::new(it))),
            },
            TypeRef::Enum(id) => Some(Kind::Enum(*id)),
            TypeRef::Scalar(scalar) => match scalar {
                Scalar::Bool => Some(Kind::Boolean),
                Scalar::Int32 | Scalar::Int64 | Scalar::Float64 | Scalar::Decimal => {
                    Some(Kind::Number)
                }
                Scalar::String => Some(Kind::Text),
                Scalar::Uuid => Some(Kind::Uuid),
                Scalar::Timestamp => Some(Kind::Timestamp),
                Scalar::Date => Some(Kind::Date),
                Scalar::Duration => Some(Kind::Duration),
                Scalar::Bytes | Scalar::Json => self.incomparable(ty, at),
            },
            TypeRef::Struct(_) | TypeRef::Map(_) | TypeRef::Message(_) => self.incomparable(ty, at),
        }
    }

    fn incomparable(&mut self, ty: &TypeRef, at: Span) -> Option<Kind> {
        let message = format!(
            "a `{}` is not compared as a whole",
            self.resolver.type_name(ty)
        );
        self.found.push(Diagnostic::error("ARC053", message, at));
        None
    }
}

/// Whether values of the two kinds can be the same.
fn alike(one: &Kind, other: &Kind) -> bool {
    match (one, other) {
        (Kind::Text, Kind::Uuid) | (Kind::Uuid, Kind::Text) => true,
        (Kind::List(one), Kind::List(other)) => alike(one, other),
        (one, other) => one == other,
    }
}

/// Whether the drawing alone decides a value.
fn is_fixed(value: &ValueKind) -> bool {
    match value {
        ValueKind::Name(_) => false,
        ValueKind::List(values) => values.iter().all(|it| is_fixed(&it.value)),
        _ => true,
    }
}

/// Groups of 8, 4, 4, 4 and 12 hexadecimal digits.
fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    let lengths = [8, 4, 4, 4, 12];
    groups.len() == lengths.len()
        && groups.iter().zip(lengths).all(|(group, length)| {
            group.len() == length && group.bytes().all(|byte| byte.is_ascii_hexdigit())
        })
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Boolean => "true or false",
            Self::Number => "a number",
            Self::Text => "a text",
            Self::Uuid => "a UUID",
            Self::Timestamp => "a point in time",
            Self::Date => "a day",
            Self::Duration => "a duration",
            Self::Enum(_) => "a value of an enum",
            Self::List(_) => "a list",
            Self::Word(_) => "a name",
        })
    }
}
