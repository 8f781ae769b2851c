//! From views to text. The only place that knows minijinja.
//!
//! One environment for each language that is written. In it only [`Code`] of that language prints: a name, an escaped
//! literal, a type, a sanitised comment. A plain string, a number or code of another language is refused, so that no
//! text of a drawing can become code.

mod check;
mod code;
pub mod expression;
mod forms;
pub mod markdown;
pub mod proto;
pub mod rust;
pub mod toml;
mod view;
pub mod yaml;

use std::collections::HashMap;
use std::fmt;

pub use minijinja::Value;
use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior};

pub use check::{Checker, check, language};
use code::Token;
pub use code::{Code, Language, Markdown, Proto, Rust, Toml, Yaml};
pub use view::Fields;
pub(crate) use view::views;

/// A view, or a part of one.
pub trait Named: Into<Value> {
    /// Its fields.
    const FIELDS: &'static [&'static str];
}

/// What one template is given.
pub trait View: Named {
    /// The template, by its path under `templates/`.
    const TEMPLATE: &'static str;
    /// The template's text.
    const SOURCE: &'static str;
    /// The language that it writes.
    const LANGUAGE: Language;
}

/// A template that fails: always a defect of ours.
#[derive(Debug)]
pub struct Defect {
    template: &'static str,
    reason: String,
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "template `{}` failed, which is a defect of archwright and not of the drawing: {}",
            self.template, self.reason
        )
    }
}

/// Renders views; each template is compiled at its first use.
#[derive(Default)]
pub struct Renderer {
    environments: HashMap<Language, Environment<'static>>,
}

impl Renderer {
    /// The text of a view; [`check`] tells whether it is valid in its language.
    pub fn render<V: View>(&mut self, view: V) -> Result<String, Defect> {
        let defect = |reason| Defect {
            template: V::TEMPLATE,
            reason,
        };
        let environment = self
            .environments
            .entry(V::LANGUAGE)
            .or_insert_with(|| environment(V::LANGUAGE));
        if environment.get_template(V::TEMPLATE).is_err() {
            environment
                .add_template(V::TEMPLATE, V::SOURCE)
                .map_err(|error| defect(error.to_string()))?;
        }
        environment
            .get_template(V::TEMPLATE)
            .and_then(|template| template.render(view))
            .map_err(|error| defect(error.to_string()))
    }
}

/// An environment in which nothing but code of `language` prints.
fn environment(language: Language) -> Environment<'static> {
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    if let Ok(syntax) = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .keep_trailing_newline(true)
        .build()
    {
        environment.set_syntax(syntax);
    }
    environment.set_formatter(
        move |out, _, value| match value.downcast_object_ref::<Token>() {
            Some(token) if token.language == language => Ok(out.write_str(&token.text)?),
            Some(token) => Err(Error::new(
                ErrorKind::InvalidOperation,
                format!("{:?} does not print in {language:?}", token.language),
            )),
            None => Err(Error::new(
                ErrorKind::InvalidOperation,
                format!("a plain {} does not print", value.kind()),
            )),
        },
    );
    environment
}

/// What a template mentions, `for` variables and the like left out.
#[cfg(test)]
pub fn variables<V: View>() -> std::collections::BTreeSet<String> {
    environment(V::LANGUAGE)
        .template_from_named_str(V::TEMPLATE, V::SOURCE)
        .unwrap_or_else(|error| panic!("{}: {error}", V::TEMPLATE))
        .undeclared_variables(false)
        .into_iter()
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn printed(value: Value) -> Result<String, Error> {
        environment(Language::Rust)
            .template_from_str("{{ it }}")?
            .render(Value::from(BTreeMap::from([("it", value)])))
    }

    #[test]
    fn only_code_of_the_language_prints() {
        assert_eq!(printed(rust::string("a").into()).unwrap(), "\"a\"");
        for plain in [
            Value::from("a"),
            Value::from(1),
            Value::from(true),
            toml::string("a").into(),
        ] {
            assert!(printed(plain).is_err());
        }
    }

    #[test]
    fn what_is_not_there_is_an_error() {
        let environment = environment(Language::Rust);
        for source in [
            "{{ absent }}",
            "{% if absent %}x{% endif %}",
            "{% for a in absent %}x{% endfor %}",
        ] {
            let template = environment.template_from_str(source).unwrap();
            assert!(
                template
                    .render(Value::from(BTreeMap::from([("it", true)])))
                    .is_err(),
                "{source}"
            );
        }
    }
}
