//! The calls that stand as values: their arguments, checked against the schema's forms, and what they come to.

use std::time::Duration;

use super::Resolver;
use super::entries::Context;
use super::lookup::enumerated;
use super::values::{What, dotted};
use crate::diagnostic::Diagnostic;
use crate::model::attributes::{
    Breaker, Idempotent, Jitter, LimitKey, Rate, RateLimit, Retry, Secret, Signature, Value,
};
use crate::model::schema::{Form, Parameter};
use crate::syntax::ast::{self, Ident, ValueKind};
use crate::syntax::nearest;

/// How long a repetition is known as one when nothing is written.
pub(super) const WINDOW: Duration = Duration::from_hours(24);
/// The wait before the second try when nothing is written.
const BASE: Duration = Duration::from_millis(50);

/// The checked arguments of a call.
struct Arguments<'a> {
    first: Option<&'a ValueKind>,
    named: Vec<(&'static str, &'a ast::Value)>,
}

impl<'a> Resolver<'a> {
    /// The value of a call; `None`, with a message, when its arguments do not fit.
    pub(super) fn called(
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
                let what = What(parameter.name, Some(form.name));
                self.shaped(&parameter.shape, &argument.value, context, what);
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
            self.report(found.note(format!("`{}` has {}", form.name, enumerated(&known))));
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

pub(super) fn rate(count: u64, nanos: u64) -> Rate {
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
        "key" => Value::Idempotent(Box::new(Idempotent::Key(window()))),
        "by" => Value::Idempotent(Box::new(Idempotent::By {
            field: name_of(arguments.first),
            window: window(),
        })),
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
