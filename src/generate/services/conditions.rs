//! `when`, compiled: one function for each operation that has a condition.

use std::collections::HashMap;

use super::names::Service;
use super::{Parts, api};
use crate::generate::contracts;
use crate::generate::naming::Scope;
use crate::generate::render::expression as code;
use crate::generate::render::{Code, Rust, rust};
use crate::generate::view::service as view;
use crate::model::attributes::{Attr, Value};
use crate::model::condition::{Comparison, Condition, Literal, Operand, Test, definite};
use crate::model::types::{Scalar, TypeRef};
use crate::model::{Input, Model, OperationId, Payload, StructId, text};

/// The functions of a service's operations.
pub fn functions(model: &Model, service: &Service) -> HashMap<OperationId, String> {
    let mut scope = Scope::default();
    let mut found = HashMap::new();
    for api in &service.apis {
        for operation in &api.operations {
            if Condition::of(model, operation.id).is_some() {
                let name = format!("{}_{}", api.stem, operation.name.trim_start_matches("r#"));
                found.insert(operation.id, scope.claim(name));
            }
        }
    }
    found
}

/// The file; nothing for a service without conditions.
pub fn view(parts: &Parts<'_>, service: &Service) -> Option<view::Conditions> {
    let names = functions(parts.model, service);
    let operations = service.apis.iter().flat_map(|api| &api.operations);
    let functions: Vec<view::Condition> = operations
        .filter_map(|operation| {
            let condition = Condition::of(parts.model, operation.id)?;
            Some(function(
                parts,
                operation.id,
                &condition,
                &names[&operation.id],
            ))
        })
        .collect();
    (!functions.is_empty()).then(|| view::Conditions {
        service: rust::comment(&parts.model[service.node].name),
        functions,
    })
}

fn function(
    parts: &Parts<'_>,
    id: OperationId,
    condition: &Condition,
    name: &str,
) -> view::Condition {
    let model = parts.model;
    let operation = &model[id];
    let written = match operation.attributes.value(Attr::When) {
        Some(Value::Condition(expression)) => text::condition(expression),
        _ => String::new(),
    };
    let title = format!(
        "`{}.{}`: `{written}`",
        model[operation.api].label(),
        operation.name
    );
    let operands = condition.operands();
    let reads = |wanted: fn(&Operand) -> bool| operands.iter().any(|it| wanted(it));
    let asks_caller = reads(|it| matches!(it, Operand::Claim(..)));
    let asks_request = reads(|it| matches!(it, Operand::Parameter(..)));
    view::Condition {
        docs: rust::docs(Some(&title), ""),
        name: rust::name(name),
        caller: rust::name(if asks_caller { "caller" } else { "_" }),
        request: rust::name(if asks_request { "request" } else { "_" }),
        // Who begins a stream is judged before its first message.
        input: match &operation.input {
            Input::Message(Payload { stream: true, .. }) => rust::ty::unit(),
            _ => api::input(parts, operation),
        },
        body: Compiler { model }.whole(condition),
    }
}

/// What kind of value an expression gives.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Form {
    Text,
    Uuid,
    Boolean,
    /// Numbers, what holds all of the others' values last.
    Int32,
    Int64,
    Float64,
    Decimal,
    Timestamp,
    Date,
    Duration,
    /// An enum, as the text of its value.
    Enum,
    List(Box<Self>),
}

/// An expression, what it gives, and whether it gives an `Option` of that.
#[derive(Clone)]
struct Shown {
    code: Code<Rust>,
    form: Form,
    optional: bool,
    source: Source,
}

/// Where a value comes from, which decides how its texts are held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    /// The token: texts are borrowed, in lists too.
    Claim,
    /// The request: a field that is always there is a `String`, and so are the elements of its lists.
    Request,
    /// The drawing.
    Literal,
}

struct Compiler<'m> {
    model: &'m Model,
}

impl Compiler<'_> {
    /// A function's body, a line for each part.
    fn whole(&self, condition: &Condition) -> Code<Rust> {
        match condition {
            Condition::All(parts) => code::stacked(&self.parts(parts), "&&"),
            Condition::Any(parts) => code::stacked(&self.parts(parts), "||"),
            Condition::Test(test) => self.test(test),
        }
    }

    fn parts(&self, parts: &[Condition]) -> Vec<Code<Rust>> {
        let one = |part: &Condition| match part {
            Condition::Test(test) => self.test(test),
            part => code::parenthesised(&self.condition(part)),
        };
        parts.iter().map(one).collect()
    }

    fn condition(&self, condition: &Condition) -> Code<Rust> {
        match condition {
            Condition::All(parts) => code::joined(&self.parts(parts), "&&"),
            Condition::Any(parts) => code::joined(&self.parts(parts), "||"),
            Condition::Test(test) => self.test(test),
        }
    }

    fn test(&self, test: &Test) -> Code<Rust> {
        match test {
            Test::Is(operand, wanted) => {
                let shown = self.shown(operand, &Form::Boolean);
                match (shown.optional, wanted) {
                    (true, _) => {
                        let wanted = rust::some(&rust::name(wanted.to_string()));
                        code::binary(&shown.code, "==", &wanted)
                    }
                    (false, true) => shown.code,
                    (false, false) => code::prefixed("!", &shown.code),
                }
            }
            Test::Compare(left, comparison, right) => {
                let form = wider(&self.form(left), &self.form(right));
                let (left, right) = (self.shown(left, &form), self.shown(right, &form));
                related(&left, &right, |left, right| {
                    code::binary(left, operator(*comparison), right)
                })
            }
            Test::OneOf(operand, values, holds) => {
                let form = values.iter().fold(self.form(operand), |form, value| {
                    wider(&form, &literal_form(value))
                });
                let values: Vec<_> = values.iter().map(|it| literal(it, &form)).collect();
                let shown = whole(self.shown(operand, &form));
                judged(&shown, |one| {
                    let contained = code::method(
                        &code::array(&values),
                        "contains",
                        &[code::prefixed("&", one)],
                    );
                    not_unless(*holds, contained)
                })
            }
            Test::Holds(item, list, holds) => self.holds(item, list, *holds),
        }
    }

    /// Whether a list that is no literal holds something.
    fn holds(&self, item: &Operand, list: &Operand, holds: bool) -> Code<Rust> {
        let element = match self.form(list) {
            Form::List(element) => *element,
            other => other,
        };
        let form = wider(&element, &self.form(item));
        let list = self.shown(list, &Form::List(Box::new(element.clone())));
        let item = whole(self.shown(item, &form));
        let owned_texts = element == Form::Text && list.source != Source::Claim;
        related(&list, &item, |list, item| {
            let found = if element == form && element != Form::Enum && !owned_texts {
                code::method(list, "contains", &[code::prefixed("&", item)])
            } else {
                let same = same_element(&element, &form, item);
                let each = code::method(list, "iter", &[]);
                code::method(&each, "any", &[code::closure("each", &same)])
            };
            not_unless(holds, found)
        })
    }

    /// What an operand is before it is compared; literals take the form of what they are compared with.
    fn form(&self, operand: &Operand) -> Form {
        match operand {
            Operand::Claim(_, ty) | Operand::Parameter(_, ty) => form(ty),
            Operand::Literal(it) => literal_form(it),
        }
    }

    fn shown(&self, operand: &Operand, wanted: &Form) -> Shown {
        match operand {
            Operand::Literal(it) => Shown {
                code: literal(it, wanted),
                form: wanted.clone(),
                optional: false,
                source: Source::Literal,
            },
            Operand::Claim(name, ty) => converted(claim(name, ty), wanted),
            Operand::Parameter(path, _) => {
                let (code, optional) = self.access(rust::name("request"), path);
                let form = self.form(operand);
                converted(
                    Shown {
                        code,
                        form,
                        optional,
                        source: Source::Request,
                    },
                    wanted,
                )
            }
        }
    }

    /// The value at the end of a path, and whether it may be absent.
    fn access(&self, base: Code<Rust>, path: &[(StructId, usize)]) -> (Code<Rust>, bool) {
        let Some((&(id, at), rest)) = path.split_first() else {
            return (base, false);
        };
        let message = &self.model[id];
        let here = code::field(&base, &rust::name(contracts::fields(message)[at].clone()));
        let (ty, optional) = definite(&message.fields[at].ty);
        if rest.is_empty() {
            return match (ty, optional) {
                (TypeRef::Enum(_), true) => {
                    let name = code::method(&rust::name("it"), "as_str", &[]);
                    let borrowed = code::method(&here, "as_ref", &[]);
                    let text = code::method(&borrowed, "map", &[code::closure("it", &name)]);
                    (text, true)
                }
                (TypeRef::Enum(_), false) => (code::method(&here, "as_str", &[]), false),
                (TypeRef::Scalar(Scalar::String) | TypeRef::List(_), true) => {
                    (code::method(&here, "as_deref", &[]), true)
                }
                (_, optional) => (here, optional),
            };
        }
        if !optional {
            return self.access(here, rest);
        }
        let (inner, may_lack) = self.access(rust::name("it"), rest);
        // What is inside is borrowed unless it is copied.
        let texts = matches!(self.end(rest), TypeRef::Scalar(Scalar::String));
        let lists = matches!(self.end(rest), TypeRef::List(_));
        let inner = match (may_lack, texts, lists) {
            (false, true, _) => code::method(&inner, "as_str", &[]),
            (false, _, true) => code::method(&inner, "as_slice", &[]),
            _ => inner,
        };
        let step = if may_lack { "and_then" } else { "map" };
        let borrowed = code::method(&here, "as_ref", &[]);
        (
            code::method(&borrowed, step, &[code::closure("it", &inner)]),
            true,
        )
    }

    /// The type at the end of a path.
    fn end(&self, path: &[(StructId, usize)]) -> &TypeRef {
        const TEXT: &TypeRef = &TypeRef::Scalar(Scalar::String);
        path.last()
            .map_or(TEXT, |(id, at)| definite(&self.model[*id].fields[*at].ty).0)
    }
}

/// Whether `each`, a reference to an element of a list, is the item in its wider form.
fn same_element(element: &Form, wanted: &Form, item: &Code<Rust>) -> Code<Rust> {
    let each = rust::name("each");
    let ok = rust::call("Ok", std::slice::from_ref(item));
    match (element, wanted) {
        (Form::Text, Form::Uuid) => {
            let parsed = code::typed_method(&each, "parse", "uuid::Uuid", &[]);
            code::binary(&parsed, "==", &ok)
        }
        (Form::Float64, Form::Decimal) => {
            let each = code::prefixed("*", &each);
            let exact = rust::call("rust_decimal::Decimal::try_from", &[each]);
            code::binary(&exact, "==", &ok)
        }
        (Form::Text, _) => code::binary(&each, "==", item),
        (Form::Enum, _) => code::binary(&code::method(&each, "as_str", &[]), "==", item),
        _ => {
            let one = Shown {
                code: code::prefixed("*", &each),
                form: element.clone(),
                optional: false,
                source: Source::Request,
            };
            code::binary(&converted(one, wanted).code, "==", item)
        }
    }
}

/// `relation` of the two, where both are there.
fn related(
    left: &Shown,
    right: &Shown,
    relation: impl Fn(&Code<Rust>, &Code<Rust>) -> Code<Rust>,
) -> Code<Rust> {
    let it = rust::name("it");
    match (left.optional, right.optional) {
        (_, false) => judged(left, |left| relation(left, &right.code)),
        (false, true) => {
            let holds = code::closure("it", &relation(&left.code, &it));
            code::method(&right.code, "is_some_and", &[holds])
        }
        (true, true) => {
            let (one, other) = (rust::name("one"), rust::name("other"));
            let holds = code::pair_closure(["one", "other"], &relation(&one, &other));
            let both = code::method(&left.code, "zip", std::slice::from_ref(&right.code));
            code::method(&both, "is_some_and", &[holds])
        }
    }
}

/// `judgement` of a value, where it is there.
fn judged(shown: &Shown, judgement: impl Fn(&Code<Rust>) -> Code<Rust>) -> Code<Rust> {
    if shown.optional {
        let holds = code::closure("it", &judgement(&rust::name("it")));
        code::method(&shown.code, "is_some_and", &[holds])
    } else {
        judgement(&shown.code)
    }
}

fn not_unless(holds: bool, test: Code<Rust>) -> Code<Rust> {
    if holds {
        test
    } else {
        code::prefixed("!", &test)
    }
}

/// A text as `&str`, where a field alone would be a `String`.
fn whole(shown: Shown) -> Shown {
    if shown.form == Form::Text && !shown.optional && shown.source == Source::Request {
        return Shown {
            code: code::method(&shown.code, "as_str", &[]),
            ..shown
        };
    }
    shown
}

fn form(ty: &TypeRef) -> Form {
    match ty {
        TypeRef::Optional(inner) => form(inner),
        TypeRef::List(inner) => Form::List(Box::new(form(inner))),
        TypeRef::Enum(_) => Form::Enum,
        TypeRef::Scalar(scalar) => match scalar {
            Scalar::Bool => Form::Boolean,
            Scalar::Int32 => Form::Int32,
            Scalar::Int64 => Form::Int64,
            Scalar::Float64 => Form::Float64,
            Scalar::Decimal => Form::Decimal,
            Scalar::Uuid => Form::Uuid,
            Scalar::Timestamp => Form::Timestamp,
            Scalar::Date => Form::Date,
            Scalar::Duration => Form::Duration,
            Scalar::String | Scalar::Bytes | Scalar::Json => Form::Text,
        },
        TypeRef::Struct(_) | TypeRef::Message(_) | TypeRef::Map(_) => Form::Text,
    }
}

/// The narrowest form of a literal.
fn literal_form(literal: &Literal) -> Form {
    match literal {
        Literal::Text(_) => Form::Text,
        Literal::Boolean(_) => Form::Boolean,
        Literal::Duration(_) => Form::Duration,
        Literal::Number(number) if number.contains('.') => Form::Float64,
        Literal::Number(number) if number.parse::<i32>().is_ok() => Form::Int32,
        Literal::Number(_) => Form::Int64,
    }
}

/// The form that holds the values of both.
fn wider(one: &Form, other: &Form) -> Form {
    let rank = |form: &Form| match form {
        Form::Uuid => 1,
        Form::Int32 => 2,
        Form::Int64 => 3,
        Form::Float64 => 4,
        Form::Decimal => 5,
        _ => 0,
    };
    // Both are of one kind: a text beside an enum is the name of one of its values.
    if rank(one) >= rank(other) {
        one.clone()
    } else {
        other.clone()
    }
}

fn claim(name: &str, ty: &TypeRef) -> Shown {
    let name = [rust::string(name)];
    let caller = rust::name("caller");
    let read = |method, ty| code::typed_method(&caller, method, ty, &name);
    let form = form(ty);
    let code = match &form {
        Form::List(element) => match parsed(element) {
            Some(ty) => read("parsed_list", ty),
            None => match plain(element) {
                Plain::Text => read("claim", "Vec<&str>"),
                Plain::Boolean => read("claim", "Vec<bool>"),
                Plain::Int32 => read("claim", "Vec<i32>"),
                Plain::Int64 => read("claim", "Vec<i64>"),
                Plain::Float64 => read("claim", "Vec<f64>"),
            },
        },
        form => match parsed(form) {
            Some(ty) => read("parsed", ty),
            None => read(
                "claim",
                match plain(form) {
                    Plain::Text => "&str",
                    Plain::Boolean => "bool",
                    Plain::Int32 => "i32",
                    Plain::Int64 => "i64",
                    Plain::Float64 => "f64",
                },
            ),
        },
    };
    Shown {
        code,
        form,
        optional: true,
        source: Source::Claim,
    }
}

/// What JSON has a form for.
enum Plain {
    Text,
    Boolean,
    Int32,
    Int64,
    Float64,
}

const fn plain(form: &Form) -> Plain {
    match form {
        Form::Boolean => Plain::Boolean,
        Form::Int32 => Plain::Int32,
        Form::Int64 => Plain::Int64,
        Form::Float64 => Plain::Float64,
        _ => Plain::Text,
    }
}

/// The type of what is a text in JSON.
const fn parsed(form: &Form) -> Option<&'static str> {
    Some(match form {
        Form::Uuid => "uuid::Uuid",
        Form::Decimal => "rust_decimal::Decimal",
        Form::Timestamp => "jiff::Timestamp",
        Form::Date => "jiff::civil::Date",
        Form::Duration => "jiff::SignedDuration",
        _ => return None,
    })
}

/// A value in a wider form.
fn converted(shown: Shown, wanted: &Form) -> Shown {
    let each = |function: &str| {
        if shown.optional {
            code::method(&shown.code, "map", &[rust::name(function)])
        } else {
            rust::call(function, std::slice::from_ref(&shown.code))
        }
    };
    let maybe = |with: &dyn Fn(&Code<Rust>) -> Code<Rust>| {
        if shown.optional {
            let body = with(&rust::name("it"));
            code::method(&shown.code, "and_then", &[code::closure("it", &body)])
        } else {
            with(&shown.code)
        }
    };
    let ok = |result: &Code<Rust>| code::method(result, "ok", &[]);
    let (code, optional) = match (&shown.form, wanted) {
        (Form::Text, Form::Uuid) => (
            maybe(&|it| ok(&code::typed_method(it, "parse", "uuid::Uuid", &[]))),
            true,
        ),
        (Form::Int32, Form::Int64) => (each("i64::from"), shown.optional),
        (Form::Int32, Form::Float64) => (each("f64::from"), shown.optional),
        (Form::Int64, Form::Float64) if shown.optional => {
            let cast = code::closure("it", &code::cast(&rust::name("it"), "f64"));
            (code::method(&shown.code, "map", &[cast]), true)
        }
        (Form::Int64, Form::Float64) => {
            (code::parenthesised(&code::cast(&shown.code, "f64")), false)
        }
        (Form::Int32 | Form::Int64, Form::Decimal) => {
            (each("rust_decimal::Decimal::from"), shown.optional)
        }
        (Form::Float64, Form::Decimal) => (
            maybe(&|it| {
                ok(&rust::call(
                    "rust_decimal::Decimal::try_from",
                    std::slice::from_ref(it),
                ))
            }),
            true,
        ),
        _ => return shown,
    };
    Shown {
        code,
        form: wanted.clone(),
        optional,
        source: shown.source,
    }
}

fn literal(literal: &Literal, wanted: &Form) -> Code<Rust> {
    match literal {
        Literal::Text(text) if *wanted == Form::Uuid => code::uuid(text),
        Literal::Text(text) => rust::string(text),
        Literal::Boolean(it) => rust::name(it.to_string()),
        Literal::Duration(nanos) => code::signed_duration(*nanos),
        Literal::Number(number) => match wanted {
            Form::Decimal => rust::decimal(number),
            Form::Float64 => rust::number(number, true),
            _ => rust::number(number, false),
        },
    }
}

const fn operator(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Equal => "==",
        Comparison::NotEqual => "!=",
        Comparison::Less => "<",
        Comparison::LessOrEqual => "<=",
        Comparison::Greater => ">",
        Comparison::GreaterOrEqual => ">=",
    }
}
