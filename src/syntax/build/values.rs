//! Values: lists, calls, names.

use pest::iterators::Pair;

use super::{Builder, Rule, parts, take};
use crate::diagnostic::Diagnostic;
use crate::source::Spanned;
use crate::syntax::ast::{Argument, Call, Value, ValueKind};

impl<'t> Builder<'t> {
    pub(super) fn value(&mut self, pair: Pair<'t, Rule>) -> Option<Value> {
        self.value_or_range(pair, false)
    }

    fn value_or_range(&mut self, pair: Pair<'t, Rule>, range: bool) -> Option<Value> {
        let span = self.span(&pair);
        let value = match pair.as_rule() {
            Rule::string => ValueKind::Text(self.text(&pair).value),
            Rule::number => {
                let number = self.number(span, pair.as_str());
                if matches!(number, ValueKind::Range(..)) && !range {
                    self.error(
                        Diagnostic::error("ARC001", "a range is no value of an attribute", span)
                            .help("ranges stand in marks: `@length(1..64)`"),
                    );
                }
                number
            }
            Rule::list => {
                let inside = pair.into_inner();
                let mut values = Vec::with_capacity(inside.len());
                for value in inside {
                    values.push(self.value(value)?);
                }
                ValueKind::List(values)
            }
            _ => self.reference(pair)?,
        };
        Some(Spanned { value, span })
    }

    fn reference(&mut self, pair: Pair<'t, Rule>) -> Option<ValueKind> {
        let span = self.span(&pair);
        let mut inner = pair.into_inner();
        let path = inner.next()?;
        Some(match inner.next() {
            Some(arguments) => {
                let name = self.single(&path, "what is called");
                let arguments = self.arguments(arguments, false);
                ValueKind::Call(Box::new(Call {
                    span,
                    name,
                    arguments,
                }))
            }
            None => match path.as_str() {
                "true" => ValueKind::Boolean(true),
                "false" => ValueKind::Boolean(false),
                _ => ValueKind::Name(self.path(&path)),
            },
        })
    }

    /// The arguments of a call or, where ranges are known, of a mark.
    pub(super) fn arguments(&mut self, pair: Pair<'t, Rule>, ranges: bool) -> Vec<Argument> {
        pair.into_inner()
            .filter_map(|argument| {
                let mut inner = parts(argument);
                let name = take(&mut inner, Rule::argument_name).map(|pair| {
                    let written = pair.as_str();
                    let word = written
                        .strip_suffix('=')
                        .unwrap_or(written)
                        .trim_ascii_end();
                    self.name(self.start(&pair), word)
                });
                let value = self.value_or_range(inner.next()?, ranges)?;
                Some(Argument { name, value })
            })
            .collect()
    }
}
