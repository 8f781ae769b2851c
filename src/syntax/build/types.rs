//! Types, fields, marks.

use pest::iterators::Pair;
use thin_vec::ThinVec;

use super::items::Gap;
use super::{Builder, Rule, parts, take};
use crate::diagnostic::Diagnostic;
use crate::source::Spanned;
use crate::syntax::ast::{EnumDecl, EnumValue, Mark, Type, TypeDecl, TypeKind, ValueKind, Via};

impl<'t> Builder<'t> {
    pub(super) fn type_decl(&mut self, pair: Pair<'t, Rule>) -> Option<TypeDecl> {
        let mut inner = parts(pair);
        let name = self.ident(&inner.next()?);
        let mut marks = ThinVec::new();
        while let Some(mark) = take(&mut inner, Rule::mark) {
            marks.push(self.mark(mark)?);
        }
        let body = self.body(inner.next()?);
        Some(TypeDecl { name, marks, body })
    }

    pub(super) fn enum_decl(&mut self, pair: Pair<'t, Rule>) -> Option<EnumDecl> {
        let mut inner = pair.into_inner();
        let name = self.ident(&inner.next()?);
        let body = inner.next()?;
        let body_span = self.span_with(&body, "{".len());
        self.before = body_span.start as usize + 1;
        let mut values: Vec<EnumValue> = Vec::new();
        let mut gap = Gap::Opening(self.before);
        for pair in body.into_inner() {
            if pair.as_rule() == Rule::junk {
                let span = self.span(&pair);
                self.unreadable(span, values.last().map(|value| value.name.span), true);
                gap = Gap::Junk;
                continue;
            }
            let span = self.span(&pair);
            self.gap(gap, span.start as usize);
            values.push(self.enum_value(pair)?);
            self.before = span.end as usize;
            gap = Gap::After(self.before);
        }
        self.documentation_left_over(body_span.end as usize);
        Some(EnumDecl {
            name,
            body_span,
            values,
        })
    }

    fn enum_value(&mut self, pair: Pair<'t, Rule>) -> Option<EnumValue> {
        let mut inner = pair.into_inner();
        let name = self.ident(&inner.next()?);
        let doc = self.documentation(name.span.start as usize, &[]);
        let mut end = name.span.end as usize;
        let mut marks = ThinVec::new();
        for mark in inner {
            let mark = self.mark(mark)?;
            end = self.trailing(end, &mark);
            marks.push(mark);
        }
        Some(EnumValue { name, doc, marks })
    }

    /// A type with the marks and the forwarding after it.
    pub(super) fn field_type(
        &mut self,
        pair: Pair<'t, Rule>,
    ) -> Option<(Type, ThinVec<Mark>, Option<Box<Via>>)> {
        let mut inner = pair.into_inner();
        let ty = self.type_ref(inner.next()?)?;
        let mut end = ty.span.end as usize;
        let mut marks = ThinVec::new();
        let mut via = None;
        for part in inner {
            if part.as_rule() == Rule::mark {
                let mark = self.mark(part)?;
                end = self.trailing(end, &mark);
                marks.push(mark);
            } else {
                via = Some(Box::new(self.via(part)?));
            }
        }
        Some((ty, marks, via))
    }

    /// A mark stands on the line of what it marks, or it would read as if it belonged to the next line.
    fn trailing(&mut self, end: usize, mark: &Mark) -> usize {
        if self.text[end..mark.span.start as usize].contains('\n') {
            let message = format!("`@{}` stands on a line of its own", mark.name.value);
            self.error(Diagnostic::error("ARC001", message, mark.span).help(
                "a mark follows what it marks, on the same line; only `@accept` stands before",
            ));
        }
        mark.span.end as usize
    }

    pub(super) fn type_ref(&mut self, pair: Pair<'t, Rule>) -> Option<Type> {
        let span = self.span(&pair);
        let is_optional = pair.as_str().ends_with('?');
        let base = pair.into_inner().next()?;
        let plain = match base.as_rule() {
            Rule::list_type => Type {
                span: self.span_with(&base, "[".len()),
                kind: TypeKind::List(Box::new(self.type_ref(base.into_inner().next()?)?)),
            },
            Rule::map => {
                let span = self.span_with(&base, "map<".len());
                let mut sides = base.into_inner();
                let key = self.type_ref(sides.next()?)?;
                let value = self.type_ref(sides.next()?)?;
                Type {
                    span,
                    kind: TypeKind::Map(Box::new(key), Box::new(value)),
                }
            }
            _ => {
                let path = self.path(&base);
                Type {
                    span: path.span(),
                    kind: TypeKind::Named(path),
                }
            }
        };
        if !is_optional {
            return Some(plain);
        }
        Some(Type {
            span,
            kind: TypeKind::Optional(Box::new(plain)),
        })
    }

    pub(super) fn via(&mut self, pair: Pair<'t, Rule>) -> Option<Via> {
        let mut inner = pair.into_inner();
        let target = self.path(&inner.next()?);
        let mut names = Vec::new();
        if let Some(arguments) = inner.next() {
            for argument in self.arguments(arguments, false) {
                match argument.value.value {
                    ValueKind::Name(path) if argument.name.is_none() && path.len() == 1 => {
                        names.extend(path.iter().cloned());
                    }
                    _ => self.error(
                        Diagnostic::error(
                            "ARC001",
                            "`via` is given names of parameters or fields",
                            argument.value.span,
                        )
                        .help("write `via bus.ticks(symbol)`"),
                    ),
                }
            }
        }
        Some(Via {
            target,
            arguments: names,
        })
    }

    pub(super) fn accept(&mut self, pair: Pair<'t, Rule>) -> Mark {
        let span = self.span_with(&pair, "@accept".len());
        let start = span.start as usize + 1;
        let name = Spanned {
            value: "accept".into(),
            span: self.between(start, start + "accept".len()),
        };
        let arguments = pair
            .into_inner()
            .next()
            .map(|arguments| self.arguments(arguments, true))
            .unwrap_or_default();
        Mark {
            span,
            name,
            arguments,
        }
    }

    pub(super) fn mark(&mut self, pair: Pair<'t, Rule>) -> Option<Mark> {
        let span = self.span_with(&pair, "@".len());
        let mut inner = pair.into_inner();
        let name = self.ident(&inner.next()?);
        let arguments = inner
            .next()
            .map(|arguments| self.arguments(arguments, true))
            .unwrap_or_default();
        Some(Mark {
            span,
            name,
            arguments,
        })
    }
}
