//! Written values to checked ones.

use std::time::Duration;

use super::Resolver;
use super::entries::{Context, Message};
use super::place::join;
use crate::diagnostic::Diagnostic;
use crate::model::NodeKind;
use crate::model::attributes::{
    Attr, Breaker, Criticality, DataClass, Idempotent, Identity, Jitter, LimitKey, Rate, RateLimit,
    Retry, Secret, Signature, Tls, Value,
};
use crate::model::schema::{Form, Parameter, Row, Shape};
use crate::source::Span;
use crate::syntax::ast::{self, Ident, ValueKind};
use crate::syntax::nearest;

/// How long a repetition is known as one when nothing is written.
const WINDOW: Duration = Duration::from_hours(24);
/// The wait before the second try when nothing is written.
const BASE: Duration = Duration::from_millis(50);

/// The checked arguments of a call.
struct Arguments<'a> {
    first: Option<&'a ValueKind>,
    named: Vec<(&'static str, &'a ast::Value)>,
}

impl<'a> Resolver<'a> {
    /// The value of an attribute; `None`, with a message, when it is not one that it takes.
    pub(super) fn value(
        &mut self,
        row: &'static Row,
        written: &'a ast::Value,
        context: &Context,
    ) -> Option<Value> {
        let what = format!("`{}`", row.attr);
        let value = self.shaped(&row.shape, written, context, &what)?;
        Some(specific(row.attr, value))
    }

    fn shaped(
        &mut self,
        shape: &'static Shape,
        written: &'a ast::Value,
        context: &Context,
        what: &str,
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
                Some(Value::Text(path[0].value.clone()))
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

    fn wrong(&mut self, shape: &'static Shape, written: &ast::Value, what: &str) -> Option<Value> {
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
        what: &str,
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
        what: &str,
    ) -> Option<Value> {
        if values.is_empty() {
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
            Message::Any => return Some(Value::Text(name.value.clone())),
            Message::Nothing => Vec::new(),
            Message::Struct(id) => self.model[id]
                .fields
                .iter()
                .map(|it| it.name.clone())
                .collect(),
        };
        if known.contains(&name.value) {
            return Some(Value::Text(name.value.clone()));
        }
        let message = match context.message {
            Message::Struct(id) => format!(
                "`{}` has no field called `{}`",
                self.model[id].name, name.value
            ),
            _ => format!(
                "nothing comes in, so there is no field called `{}`",
                name.value
            ),
        };
        let mut found = Diagnostic::error("ARC064", message, name.span);
        if let Message::Struct(id) = context.message {
            found = found.label(
                self.model[id].span,
                format!("it has {}", super::lookup::enumerated(&known)),
            );
        }
        let found = self.suggest(
            found,
            &name.value,
            name.span,
            known.iter().map(String::as_str),
            "",
        );
        self.report(found);
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

    fn secret(&mut self, call: &'a ast::Call, what: &str) -> Option<Value> {
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

    fn called(
        &mut self,
        form: &'static Form,
        call: &'a ast::Call,
        context: &Context,
    ) -> Option<Value> {
        let arguments = self.arguments(form, call, context)?;
        Some(build(form.name, &arguments, call))
    }

    fn arguments(
        &mut self,
        form: &'static Form,
        call: &'a ast::Call,
        context: &Context,
    ) -> Option<Arguments<'a>> {
        let before = self.diagnostics.len();
        let mut arguments = Arguments {
            first: None,
            named: Vec::new(),
        };
        for argument in &call.arguments {
            let parameter = match &argument.name {
                None => self.positional(form, argument, &mut arguments),
                Some(name) => self.named(form, name, argument, &mut arguments),
            };
            if let Some(parameter) = parameter {
                let what = format!("`{}` of `{}`", parameter.name, form.name);
                self.shaped(&parameter.shape, &argument.value, context, &what);
            }
        }
        let missing_first = form
            .first
            .as_ref()
            .filter(|it| it.required && arguments.first.is_none());
        let missing = form
            .parameters
            .iter()
            .filter(|it| it.required && arguments.get(it.name).is_none());
        for parameter in missing_first.into_iter().chain(missing) {
            let found = Diagnostic::error(
                "ARC032",
                format!("`{}` needs its `{}`", form.name, parameter.name),
                call.span,
            )
            .help(format!("write `{form}`"))
            .note(format!("{}: {}", parameter.name, parameter.meaning));
            self.report(found);
        }
        (self.diagnostics.len() == before).then_some(arguments)
    }

    fn positional(
        &mut self,
        form: &'static Form,
        argument: &'a ast::Argument,
        arguments: &mut Arguments<'a>,
    ) -> Option<&'static Parameter> {
        match &form.first {
            Some(parameter) if arguments.first.is_none() => {
                arguments.first = Some(&argument.value.value);
                Some(parameter)
            }
            _ => {
                let message = format!("arguments of `{}` have names", form.name);
                let mut found = Diagnostic::error("ARC032", message, argument.value.span);
                if let Some(first) = form.parameters.first() {
                    found = found.help(format!(
                        "write `{} = {}`",
                        first.name,
                        self.sources.text(argument.value.span)
                    ));
                }
                self.report(found);
                None
            }
        }
    }

    fn named(
        &mut self,
        form: &'static Form,
        name: &'a Ident,
        argument: &'a ast::Argument,
        arguments: &mut Arguments<'a>,
    ) -> Option<&'static Parameter> {
        let Some(parameter) = form.parameters.iter().find(|it| it.name == name.value) else {
            let known: Vec<String> = form
                .parameters
                .iter()
                .map(|it| it.name.to_owned())
                .collect();
            let message = format!("`{}` has no argument called `{}`", form.name, name.value);
            let mut found = Diagnostic::error("ARC032", message, name.span);
            if let Some(near) = nearest(&name.value, known.iter().map(String::as_str)) {
                found = found.help(format!("did you mean `{near}`?"));
            }
            self.report(found.note(format!(
                "`{}` has {}",
                form.name,
                super::lookup::enumerated(&known)
            )));
            return None;
        };
        if arguments.get(parameter.name).is_some() {
            self.report(Diagnostic::error(
                "ARC032",
                format!("`{}` is given twice", parameter.name),
                name.span,
            ));
            return None;
        }
        arguments.named.push((parameter.name, &argument.value));
        Some(parameter)
    }
}

impl<'a> Arguments<'a> {
    fn get(&self, name: &str) -> Option<&'a ValueKind> {
        self.named
            .iter()
            .find(|(it, _)| *it == name)
            .map(|(_, value)| &value.value)
    }

    fn duration(&self, name: &str) -> Option<Duration> {
        duration(self.get(name)?)
    }

    fn integer(&self, name: &str) -> Option<u64> {
        match self.get(name)? {
            ValueKind::Integer(it) => u64::try_from(*it).ok(),
            _ => None,
        }
    }

    fn word(&self, name: &str) -> Option<&'a str> {
        match self.get(name)? {
            ValueKind::Name(path) => path.first().map(|it| it.value.as_str()),
            _ => None,
        }
    }

    fn text(&self, name: &str) -> Option<String> {
        match self.get(name)? {
            ValueKind::Text(it) => Some(it.clone()),
            _ => None,
        }
    }
}

fn duration(value: &ValueKind) -> Option<Duration> {
    match value {
        ValueKind::Duration(nanos) => Some(Duration::from_nanos(*nanos)),
        _ => None,
    }
}

fn share(value: Option<&ValueKind>) -> Option<f64> {
    match value? {
        ValueKind::Percent(it) => Some(f64::from(*it) / 10_000.0),
        _ => None,
    }
}

fn rate(count: u64, nanos: u64) -> Rate {
    Rate {
        count,
        per: Duration::from_nanos(nanos),
    }
}

/// The value of a call whose arguments were checked. Numbers that stand here for unwritten arguments are those of the
/// schema; a test compares them.
fn build(name: &str, arguments: &Arguments<'_>, call: &ast::Call) -> Value {
    let window = || arguments.duration("window").unwrap_or(WINDOW);
    match name {
        "exponential" | "fixed" => Value::Retry(Box::new(Retry {
            attempts: arguments.integer("attempts"),
            exponential: name == "exponential",
            base: arguments.duration("base").unwrap_or(BASE),
            max: arguments.duration("max"),
            jitter: arguments
                .word("jitter")
                .and_then(Jitter::from_name)
                .unwrap_or(Jitter::Full),
            budget: share(arguments.get("budget")),
        })),
        "errors" => Value::Breaker(Box::new(Breaker {
            error_rate: share(arguments.first).unwrap_or(0.5),
            window: arguments
                .duration("window")
                .unwrap_or(Duration::from_secs(10)),
            min_calls: arguments.integer("min_calls").unwrap_or(20),
            cooldown: arguments.duration("cooldown"),
            probes: arguments.integer("probes").unwrap_or(3),
        })),
        "limit" => {
            let rate = match arguments.first {
                Some(ValueKind::Rate(count, nanos)) => rate(*count, *nanos),
                _ => rate(1, 1_000_000_000),
            };
            Value::RateLimit(Box::new(RateLimit {
                rate,
                burst: arguments.integer("burst").unwrap_or(rate.count),
                per: arguments
                    .word("per")
                    .and_then(LimitKey::from_name)
                    .unwrap_or(LimitKey::Global),
            }))
        }
        "cached" => Value::Fallback(arguments.first.and_then(duration).unwrap_or_default()),
        "key" => Value::Idempotent(Idempotent::Key(window())),
        "by" => Value::Idempotent(Idempotent::By {
            field: name_of(arguments.first),
            window: window(),
        }),
        "get" | "post" | "put" | "patch" | "delete" => {
            let path = match arguments.first {
                Some(ValueKind::Text(path)) => path.clone(),
                _ => String::new(),
            };
            Value::Texts(vec![name.to_owned(), path])
        }
        _ => Value::Signature(Box::new(Signature {
            form: name.to_owned(),
            secret: secret_of(arguments, call),
            header: (name == "hmac").then(|| {
                arguments
                    .text("header")
                    .unwrap_or_else(|| "X-Signature".to_owned())
            }),
        })),
    }
}

fn name_of(value: Option<&ValueKind>) -> String {
    match value {
        Some(ValueKind::Name(path)) => dotted(path),
        _ => String::new(),
    }
}

fn secret_of(arguments: &Arguments<'_>, call: &ast::Call) -> Secret {
    let written = arguments
        .named
        .iter()
        .find(|(name, _)| *name == "secret")
        .map(|(_, value)| *value);
    match written.map(|it| &it.value) {
        Some(ValueKind::Call(inner)) => {
            let place = match inner.arguments.first().map(|it| &it.value.value) {
                Some(ValueKind::Text(place)) => place.clone(),
                _ => String::new(),
            };
            if inner.name.value == "file" {
                Secret::File(place)
            } else {
                Secret::Env(place)
            }
        }
        _ => Secret::Literal(written.map_or(call.span, |it| it.span)),
    }
}

/// Gives words and numbers the meaning that they have for this attribute.
fn specific(attr: Attr, value: Value) -> Value {
    match (attr, value) {
        (Attr::Idempotent, Value::Boolean(true)) => Value::Idempotent(Idempotent::Natural),
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
        Attr::Retry | Attr::Breaker | Attr::Fallback => Some(Value::Off),
        Attr::Idempotent => Some(Value::Idempotent(Idempotent::Key(WINDOW))),
        _ => None,
    }
}

/// One value of what a list holds.
fn gather(values: Vec<Value>) -> Value {
    let mut texts = Vec::new();
    let mut auths = Vec::new();
    let mut roles = Vec::new();
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
            _ => {}
        }
    }
    if !auths.is_empty() {
        Value::Auths(auths)
    } else if !roles.is_empty() {
        Value::Roles(roles)
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
        | (Shape::Rate, ValueKind::Rate(..))
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
