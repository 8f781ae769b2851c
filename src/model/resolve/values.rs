//! Written values to checked ones.

use std::fmt;
use std::time::Duration;

use super::Resolver;
use super::arguments::{WINDOW, rate};
use super::entries::{Context, Message};
use super::place::join;
use crate::diagnostic::Diagnostic;
use crate::model::NodeKind;
use crate::model::attributes::{
    Attr, Criticality, DataClass, Idempotent, Identity, LimitKey, RateLimit, Secret, Tls, Value,
};
use crate::model::schema::{Row, Shape};
use crate::source::Span;
use crate::syntax::ast::{self, Ident, ValueKind};
use crate::syntax::nearest;

/// What takes a value, for messages: an attribute, or an argument of a form.
#[derive(Clone, Copy)]
pub(super) struct What(pub &'static str, pub Option<&'static str>);

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self(name, None) => write!(f, "`{name}`"),
            Self(name, Some(form)) => write!(f, "`{name}` of `{form}`"),
        }
    }
}

impl<'a> Resolver<'a> {
    /// The value of an attribute; `None`, with a message, when it is not one that it takes.
    pub(super) fn value(
        &mut self,
        row: &'static Row,
        written: &'a ast::Value,
        context: &Context,
    ) -> Option<Value> {
        let what = What(row.attr.name(), None);
        let value = self.shaped(&row.shape, written, context, what)?;
        Some(specific(row.attr, value))
    }

    /// The value of a shape.
    pub(super) fn shaped(
        &mut self,
        shape: &'static Shape,
        written: &'a ast::Value,
        context: &Context,
        what: What,
    ) -> Option<Value> {
        match (shape, &written.value) {
            (Shape::Boolean, ValueKind::Boolean(it)) => Some(Value::Boolean(*it)),
            (Shape::Integer(min, max), ValueKind::Integer(it)) => match u64::try_from(*it) {
                Ok(it) if (*min..=*max).contains(&it) => Some(Value::Integer(it)),
                _ => self.wrong(shape, written, what),
            },
            (Shape::Duration, ValueKind::Duration(nanos)) if *nanos > 0 => {
                Some(Value::Duration(Duration::from_nanos(*nanos)))
            }
            (Shape::Size, ValueKind::Size(bytes)) if *bytes > 0 => Some(Value::Size(*bytes)),
            (Shape::Rate, ValueKind::Rate(count, nanos)) if *count > 0 && *nanos > 0 => {
                Some(Value::Rate(rate(*count, *nanos)))
            }
            (Shape::Percent, ValueKind::Percent(it)) if (1..=10_000).contains(it) => {
                Some(Value::Integer(u64::from(*it)))
            }
            (Shape::Text, ValueKind::Text(it)) => Some(Value::Text(it.clone())),
            (Shape::Label, ValueKind::Text(it)) if !it.is_empty() => Some(Value::Text(it.clone())),
            (Shape::Label | Shape::Path, ValueKind::Name(path)) => Some(Value::Text(dotted(path))),
            (Shape::Operation, ValueKind::Name(path)) if path.len() == 1 => {
                Some(Value::Text(path[0].value.to_string()))
            }
            (Shape::Word(words), ValueKind::Name(path)) => {
                self.word(words, path, written.span, what)
            }
            (Shape::Field, ValueKind::Name(path)) if path.len() == 1 => {
                self.field(&path[0], context)
            }
            (Shape::Auth, ValueKind::Name(path)) if path.len() == 1 => self.auth(&path[0]),
            (Shape::Role, ValueKind::Name(path)) if path.len() == 1 => self.role(&path[0]),
            (Shape::Store, ValueKind::Name(path)) if path.len() == 1 => self.store(&path[0]),
            (Shape::Zone, ValueKind::Name(path)) if path.len() == 1 => self.zone_name(&path[0]),
            (Shape::Channel, ValueKind::Name(path)) => self.dead_letters(path, context),
            (Shape::Condition, ValueKind::Expression(it)) => Some(Value::Condition(it.clone())),
            (Shape::Secret, ValueKind::Text(_)) => {
                Some(Value::Secret(Secret::Literal(written.span)))
            }
            (Shape::Secret, ValueKind::Call(call)) => self.secret(call, what),
            (Shape::Target, _) => None,
            (Shape::List(inner), ValueKind::List(values)) => {
                self.list(inner, values, written.span, context, what)
            }
            (Shape::List(inner), _) => self
                .shaped(inner, written, context, what)
                .map(|it| gather(vec![it])),
            (Shape::Call(form), ValueKind::Call(call)) if call.name.value == form.name => {
                self.called(form, call, context)
            }
            (Shape::Either(shapes), kind) => {
                match shapes.iter().find(|shape| looks_like(shape, kind)) {
                    Some(shape) => self.shaped(shape, written, context, what),
                    None => self.wrong(shape, written, what),
                }
            }
            _ => self.wrong(shape, written, what),
        }
    }

    fn wrong(&mut self, shape: &'static Shape, written: &ast::Value, what: What) -> Option<Value> {
        let found = Diagnostic::error("ARC031", format!("{what} takes {shape}"), written.span)
            .here(kind_of(&written.value));
        let word = match &written.value {
            ValueKind::Call(call) => Some(call.name.value.as_str()),
            ValueKind::Name(path) => path.first().map(|it| it.value.as_str()),
            _ => None,
        };
        let near = word.and_then(|word| {
            nearest(word, words_of(shape)).map(|near| format!("did you mean `{near}`?"))
        });
        self.report(match near {
            Some(near) => found.help(near),
            None => found,
        });
        None
    }

    fn word(
        &mut self,
        words: &'static [&'static str],
        path: &[Ident],
        at: Span,
        what: What,
    ) -> Option<Value> {
        let written = dotted(path);
        if words.contains(&written.as_str()) {
            return Some(Value::Text(written));
        }
        let listed: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
        let mut found = Diagnostic::error("ARC031", format!("{what} takes {}", join(&listed)), at);
        if let Some(near) = nearest(&written, words.iter().copied()) {
            found = found.help(format!("did you mean `{near}`?"));
        }
        self.report(found);
        None
    }

    fn list(
        &mut self,
        inner: &'static Shape,
        values: &'a [ast::Value],
        at: Span,
        context: &Context,
        what: What,
    ) -> Option<Value> {
        // What calls nothing says so: `calls = []`. No other list means anything without its items.
        if values.is_empty() && !matches!(inner, Shape::Target) {
            let found = Diagnostic::error("ARC031", format!("{what} names nothing"), at);
            self.report(found.help("name at least one, or leave the attribute out"));
            return None;
        }
        // All are looked at, so that every mistake in the list is told of at once.
        let checked: Vec<Option<Value>> = values
            .iter()
            .map(|it| self.shaped(inner, it, context, what))
            .collect();
        checked
            .into_iter()
            .collect::<Option<Vec<Value>>>()
            .map(gather)
    }

    fn field(&mut self, name: &'a Ident, context: &Context) -> Option<Value> {
        let known: Vec<String> = match context.message {
            Message::Any => return Some(Value::Text(name.value.to_string())),
            Message::Nothing => Vec::new(),
            Message::Struct(id) if self.broken.structs.contains(&id) => {
                return Some(Value::Text(name.value.to_string()));
            }
            Message::Struct(id) => self.model[id]
                .fields
                .iter()
                .map(|it| it.name.clone())
                .collect(),
            Message::Proto(id) => {
                let keys = &self.model[id].keys;
                keys.iter().map(|it| it.name.clone()).collect()
            }
        };
        if known.iter().any(|it| *it == name.value) {
            return Some(Value::Text(name.value.to_string()));
        }
        let message = match context.message {
            Message::Struct(id) => format!(
                "`{}` has no field called `{}`",
                self.model[id].name, name.value
            ),
            Message::Proto(id) => format!(
                "a repeated `{}` cannot be known by `{}`",
                self.model[id].full_name(),
                name.value
            ),
            _ => format!(
                "nothing comes in, so there is no field called `{}`",
                name.value
            ),
        };
        let holder = match context.message {
            Message::Struct(id) => Some(self.model[id].span),
            _ => None,
        };
        let found = Diagnostic::error("ARC064", message, name.span);
        self.not_among(found, name, holder, &known);
        None
    }

    fn auth(&mut self, name: &'a Ident) -> Option<Value> {
        if let Some(id) = self.names.auths.get(name.value.as_str()) {
            return Some(Value::Auths(vec![*id]));
        }
        let mut known: Vec<&str> = self.names.auths.keys().copied().collect();
        known.sort_unstable();
        let help = format!(
            "declare it: `auth {} : jwt {{ issuer = \"https://...\" }}`",
            name.value
        );
        self.unknown("auth", &name.value, name.span, known, &help);
        None
    }

    fn role(&mut self, name: &'a Ident) -> Option<Value> {
        if let Some(id) = self.names.roles.get(name.value.as_str()) {
            return Some(Value::Roles(vec![*id]));
        }
        let mut known: Vec<&str> = self.names.roles.keys().copied().collect();
        known.sort_unstable();
        let help = format!("declare it: `roles {{ {} }}`", name.value);
        self.unknown("role", &name.value, name.span, known, &help);
        None
    }

    fn store(&mut self, name: &'a Ident) -> Option<Value> {
        let node = self.node(name)?;
        if matches!(self.model[node].kind, NodeKind::Store(_)) {
            return Some(Value::Node(node));
        }
        let found = Diagnostic::error("ARC031", format!("`{}` is no store", name.value), name.span)
            .label(self.model[node].span, "declared here");
        self.report(found.help("shared state lives in a store: `store shared : redis`"));
        None
    }

    fn zone_name(&mut self, name: &'a Ident) -> Option<Value> {
        if let Some(id) = self.names.zones.get(name.value.as_str()) {
            return Some(Value::Zones(vec![*id]));
        }
        let mut known: Vec<&str> = self.names.zones.keys().copied().collect();
        known.sort_unstable();
        let help = format!("declare it: `zone {} : internal {{ ... }}`", name.value);
        self.unknown("zone", &name.value, name.span, known, &help);
        None
    }

    fn dead_letters(&mut self, path: &'a [Ident], context: &Context) -> Option<Value> {
        let broker = context.broker?;
        let name = match path {
            [name] => name,
            [node, name] if self.names.nodes.get(node.value.as_str()) == Some(&broker) => name,
            _ => {
                let message = format!(
                    "`{}` is no channel of `{}`",
                    dotted(path),
                    self.model[broker].name
                );
                let found = Diagnostic::error("ARC031", message, super::lookup::span_of(path));
                self.report(found.help("dead letters stay in the broker that they came from"));
                return None;
            }
        };
        self.channel(broker, name, true).map(Value::Channel)
    }

    fn secret(&mut self, call: &'a ast::Call, what: What) -> Option<Value> {
        let place = match call.arguments.as_slice() {
            [ast::Argument { name: None, value }] => match &value.value {
                ValueKind::Text(place) if !place.is_empty() => Some(place.clone()),
                _ => None,
            },
            _ => None,
        };
        let secret = match (call.name.value.as_str(), place) {
            ("env", Some(name)) if is_variable(&name) => Secret::Env(name),
            ("env", Some(_)) => {
                let found = Diagnostic::error(
                    "ARC031",
                    "this is no name of an environment variable",
                    call.span,
                );
                self.report(found.help("letters, digits and underscores, not starting with a digit: `env(\"STRIPE_SECRET\")`"));
                return None;
            }
            ("file", Some(name)) => Secret::File(name),
            _ => {
                let found = Diagnostic::error(
                    "ARC031",
                    format!("{what} takes {}", Shape::Secret),
                    call.span,
                );
                self.report(found.note("the secret itself never stands in a drawing"));
                return None;
            }
        };
        Some(Value::Secret(secret))
    }
}

/// Gives words and numbers the meaning that they have for this attribute.
fn specific(attr: Attr, value: Value) -> Value {
    match (attr, value) {
        (Attr::Idempotent, Value::Boolean(true)) => {
            Value::Idempotent(Box::new(Idempotent::Natural))
        }
        (Attr::Idempotent, Value::Boolean(false)) => Value::Off,
        (Attr::RateLimit, Value::Rate(rate)) => Value::RateLimit(Box::new(RateLimit {
            rate,
            burst: rate.count,
            per: LimitKey::Global,
        })),
        (attr, Value::Text(word)) => from_word(attr, &word).unwrap_or(Value::Text(word)),
        (_, value) => value,
    }
}

fn from_word(attr: Attr, word: &str) -> Option<Value> {
    match attr {
        Attr::Tls => Tls::from_name(word).map(Value::Tls),
        Attr::Identity => Identity::from_name(word).map(Value::Identity),
        Attr::Data => DataClass::from_name(word).map(Value::Data),
        Attr::Criticality => Criticality::from_name(word).map(Value::Criticality),
        Attr::Retry | Attr::Breaker | Attr::Fallback | Attr::Rotate => Some(Value::Off),
        Attr::Idempotent => Some(Value::Idempotent(Box::new(Idempotent::Key(WINDOW)))),
        _ => None,
    }
}

/// One value of what a list holds.
fn gather(values: Vec<Value>) -> Value {
    let mut texts = Vec::new();
    let mut auths = Vec::new();
    let mut roles = Vec::new();
    let mut zones = Vec::new();
    for value in values {
        match value {
            Value::Text(text) if !texts.contains(&text) => texts.push(text),
            Value::Auths(ids) => auths.extend(
                ids.into_iter()
                    .filter(|it| !auths.contains(it))
                    .collect::<Vec<_>>(),
            ),
            Value::Roles(ids) => roles.extend(
                ids.into_iter()
                    .filter(|it| !roles.contains(it))
                    .collect::<Vec<_>>(),
            ),
            Value::Zones(ids) => zones.extend(
                ids.into_iter()
                    .filter(|it| !zones.contains(it))
                    .collect::<Vec<_>>(),
            ),
            _ => {}
        }
    }
    if !auths.is_empty() {
        Value::Auths(auths)
    } else if !roles.is_empty() {
        Value::Roles(roles)
    } else if !zones.is_empty() {
        Value::Zones(zones)
    } else {
        Value::Texts(texts)
    }
}

/// Whether a value has the outer form of a shape, so that its mistakes are told of as that shape's.
fn looks_like(shape: &Shape, kind: &ValueKind) -> bool {
    match (shape, kind) {
        (Shape::Word(words), ValueKind::Name(path)) => {
            path.len() == 1 && words.contains(&path[0].value.as_str())
        }
        (Shape::Call(form), ValueKind::Call(call)) => call.name.value == form.name,
        (Shape::Secret, ValueKind::Call(_))
        | (Shape::Boolean, ValueKind::Boolean(_))
        | (Shape::Integer(..), ValueKind::Integer(_))
        | (Shape::Rate, ValueKind::Rate(..))
        | (Shape::Duration, ValueKind::Duration(_))
        | (Shape::Text, ValueKind::Text(_)) => true,
        _ => false,
    }
}

/// The words that a shape knows, for "did you mean".
fn words_of(shape: &'static Shape) -> Vec<&'static str> {
    match shape {
        Shape::Word(words) => words.to_vec(),
        Shape::Call(form) => vec![form.name],
        Shape::Boolean => vec!["true", "false"],
        Shape::Secret => vec!["env", "file"],
        Shape::Either(shapes) => shapes.iter().flat_map(words_of).collect(),
        Shape::List(inner) => words_of(inner),
        _ => Vec::new(),
    }
}

/// What was written, for messages.
const fn kind_of(kind: &ValueKind) -> &'static str {
    match kind {
        ValueKind::Text(_) => "this is a text",
        ValueKind::Integer(_) | ValueKind::Decimal(_) => "this is a number",
        ValueKind::Boolean(_) => "this is true or false",
        ValueKind::Duration(_) => "this is a duration",
        ValueKind::Size(_) => "this is a size",
        ValueKind::Percent(_) => "this is a share",
        ValueKind::Rate(..) => "this is a rate",
        ValueKind::Name(_) => "this is a name",
        ValueKind::Call(_) => "this is a call",
        ValueKind::List(_) => "this is a list",
        ValueKind::Range(..) => "this is a range",
        ValueKind::Expression(_) => "this is a condition",
    }
}

fn is_variable(name: &str) -> bool {
    !name.starts_with(|it: char| it.is_ascii_digit())
        && name
            .bytes()
            .all(|it| it.is_ascii_alphanumeric() || it == b'_')
}

/// A dotted name as written.
pub(super) fn dotted(path: &[Ident]) -> String {
    let words: Vec<&str> = path.iter().map(|it| it.value.as_str()).collect();
    words.join(".")
}
