//! Messages and enumerations: fields, types, marks.

use super::lookup::enumerated;
use super::names::{Space, Style, TypeName};
use super::place::Around;
use super::{Resolver, doc};
use crate::diagnostic::Diagnostic;
use crate::model::attributes::{Attr, DataClass, Value};
use crate::model::schema::Place;
use crate::model::types::{Check, FieldDef, Scalar, TypeRef};
use crate::model::{EnumId, NodeId, StructId};
use crate::source::{Span, Spanned};
use crate::syntax::ast::{self, ItemKind, Mark, TypeKind, ValueKind};
use crate::syntax::nearest;

/// The marks of a field.
const FIELD_MARKS: [&str; 8] = [
    "sensitive",
    "min",
    "max",
    "length",
    "pattern",
    "email",
    "url",
    "tag",
];

/// What the marks of a field say.
#[derive(Default)]
struct Marked {
    sensitive: bool,
    checks: Vec<Check>,
    tag: Option<Spanned<u32>>,
}

impl<'a> Resolver<'a> {
    /// Fills in the declared messages.
    pub(super) fn types(&mut self) {
        for at in 0..self.structs.len() {
            let id = StructId(at as u32);
            let decl = self.structs[at];
            let owner = self.model[id].owner;
            for mark in &decl.marks {
                if mark.name.value == "sensitive" {
                    self.model.structs[at].sensitive = true;
                } else {
                    self.unknown_mark(mark, &["sensitive"], "a type");
                }
            }
            let entries = self.entries(
                &decl.body.items,
                Place::Type,
                &super::entries::Context::default(),
            );
            for entry in entries {
                if let (Attr::Data, Some(Value::Data(class))) = (entry.attr, entry.value) {
                    self.model.structs[at].data = Some(Spanned::<DataClass> {
                        value: class,
                        span: entry.span,
                    });
                }
            }
            for item in self.housed(&decl.body.items, Around::Type) {
                if let ItemKind::Field(field) = &item.kind {
                    self.add_field(id, field, owner);
                }
            }
        }
        self.type_cycles();
    }

    /// Adds a field, or a parameter of a request message.
    pub(super) fn add_field(&mut self, id: StructId, field: &'a ast::Field, owner: Option<NodeId>) {
        if !self.claim(Space::Field(id), Style::Snake, &field.name, "field") {
            return;
        }
        let Some(ty) = self.type_ref(&field.ty, owner) else {
            self.broken.structs.insert(id);
            return;
        };
        self.check_form(&ty, field.ty.span);
        let marked = self.marks(&field.marks, &ty);
        let index = self.model[id].fields.len();
        if let Some(tag) = marked.tag {
            self.tags.fields.insert((id, index), tag);
        }
        if let Some(via) = &field.via {
            self.field_vias.push((id, index, via));
        }
        self.model.structs[id.0 as usize].fields.push(FieldDef {
            name: field.name.value.to_string(),
            span: field.name.span,
            doc: doc(&field.doc),
            ty,
            tag: 0,
            sensitive: marked.sensitive,
            checks: marked.checks,
            boxed: false,
            via: None,
        });
    }

    /// Looks a type up: own types of the service or broker first, then shared ones.
    pub(super) fn type_ref(&mut self, ty: &'a ast::Type, owner: Option<NodeId>) -> Option<TypeRef> {
        Some(match &ty.kind {
            TypeKind::Named(path) => self.path_type(path, owner)?,
            TypeKind::List(inner) => TypeRef::List(Box::new(self.type_ref(inner, owner)?)),
            TypeKind::Optional(inner) => TypeRef::Optional(Box::new(self.type_ref(inner, owner)?)),
            TypeKind::Map(key, value) => {
                let key_type = self.type_ref(key, owner)?;
                let value = self.type_ref(value, owner)?;
                if key_type != TypeRef::Scalar(Scalar::String) {
                    let found =
                        Diagnostic::error("ARC036", "the key of a map is a `string`", key.span);
                    self.report(found.help("write `map<string, ...>`"));
                    return None;
                }
                TypeRef::Map(Box::new(value))
            }
        })
    }

    /// The type of a name.
    pub(super) fn path_type(
        &mut self,
        path: &'a ast::Path,
        owner: Option<NodeId>,
    ) -> Option<TypeRef> {
        let (name, owners): (_, Vec<Option<NodeId>>) = match &**path {
            [name] => {
                if let Some(scalar) = Scalar::from_name(&name.value) {
                    return Some(TypeRef::Scalar(scalar));
                }
                (
                    name,
                    if owner.is_some() {
                        vec![owner, None]
                    } else {
                        vec![None]
                    },
                )
            }
            [node, name] => (name, vec![Some(self.node(node)?)]),
            _ => {
                let found = Diagnostic::error(
                    "ARC026",
                    "a type is a name, or a service's name and a type of its own",
                    path.span(),
                );
                self.report(found);
                return None;
            }
        };
        for owner in &owners {
            match self.names.types.get(&(*owner, name.value.as_str())) {
                Some(TypeName::Struct(id)) => return Some(TypeRef::Struct(*id)),
                Some(TypeName::Enum(id)) => return Some(TypeRef::Enum(*id)),
                None => {}
            }
        }
        let written = self.sources.text(path.span());
        if self.unknown.insert(("type", written)) {
            let mut known: Vec<&str> = Scalar::ALL.iter().map(|it| it.name()).collect();
            known.extend(
                self.names
                    .types
                    .keys()
                    .filter(|(owner, _)| owners.contains(owner))
                    .map(|(_, name)| *name),
            );
            known.sort_unstable();
            let found = Diagnostic::error(
                "ARC026",
                format!("there is no type called `{written}`"),
                path.span(),
            );
            let elsewhere = self.owner_of_type(&name.value);
            let found = match (path.len(), elsewhere) {
                (1, Some((holder, span))) => found
                    .label(span, format!("`{holder}` has one of its own"))
                    .help(format!(
                        "write `{holder}.{}`, or declare the type at the top of a file",
                        name.value
                    )),
                _ => {
                    let help = format!(
                        "declare it: `type {} {{ ... }}`",
                        super::names::to_camel(&name.value)
                    );
                    self.suggest(found, &name.value, name.span, known, &help)
                }
            };
            self.report(found);
        }
        None
    }

    /// A service or broker with an own type of this name.
    fn owner_of_type(&self, name: &str) -> Option<(String, Span)> {
        let mut owners: Vec<NodeId> = self
            .names
            .types
            .keys()
            .filter(|(_, it)| *it == name)
            .filter_map(|(owner, _)| *owner)
            .collect();
        owners.sort_unstable();
        owners
            .first()
            .map(|owner| (self.model[*owner].name.clone(), self.model[*owner].span))
    }

    /// Refuses what says in two ways that there is nothing: not every wire format can tell them apart.
    pub(super) fn check_form(&mut self, ty: &TypeRef, at: Span) {
        let (message, help) = match ty {
            TypeRef::Optional(inner) => match inner.as_ref() {
                TypeRef::Optional(_) => ("a type is optional once", "write one question mark"),
                TypeRef::List(_) => (
                    "a list cannot be optional",
                    "leave out the question mark: an empty list says it",
                ),
                TypeRef::Map(_) => (
                    "a map cannot be optional",
                    "leave out the question mark: an empty map says it",
                ),
                _ => return,
            },
            TypeRef::List(inner) | TypeRef::Map(inner) => return self.check_form(inner, at),
            _ => return,
        };
        let found = Diagnostic::error("ARC036", message, at).help(help);
        self.report(
            found.note("not every wire format can tell one that is absent from an empty one"),
        );
    }

    /// The numbers of enum values.
    pub(super) fn value_marks(&mut self, id: EnumId, index: usize, marks: &'a [Mark]) {
        for mark in marks {
            if mark.name.value == "tag" {
                if let Some(tag) = self.tag(mark) {
                    self.tags.values.insert((id, index), tag);
                }
            } else {
                self.unknown_mark(mark, &["tag"], "a value of an enum");
            }
        }
    }

    fn marks(&mut self, marks: &'a [Mark], ty: &TypeRef) -> Marked {
        let mut marked = Marked::default();
        for (at, mark) in marks.iter().enumerate() {
            if let Some(first) = marks[..at]
                .iter()
                .find(|it| it.name.value == mark.name.value)
            {
                let found = Diagnostic::error(
                    "ARC035",
                    format!("`@{}` is written twice", mark.name.value),
                    mark.span,
                );
                self.report(found.label(first.span, "first here"));
                continue;
            }
            match mark.name.value.as_str() {
                "sensitive" => marked.sensitive = self.no_arguments(mark),
                "tag" => marked.tag = self.tag(mark),
                _ => marked.checks.extend(self.check(mark, ty)),
            }
        }
        if let (Some(Check::Min(min)), Some(Check::Max(max))) = (
            marked.checks.iter().find(|it| matches!(it, Check::Min(_))),
            marked.checks.iter().find(|it| matches!(it, Check::Max(_))),
        ) && let (Ok(min), Ok(max)) = (min.parse::<f64>(), max.parse::<f64>())
            && min > max
            && let Some(mark) = marks.iter().find(|it| it.name.value == "max")
        {
            self.report(Diagnostic::error(
                "ARC035",
                "nothing is at least the minimum and at most the maximum",
                mark.span,
            ));
        }
        marked
    }

    fn check(&mut self, mark: &'a Mark, ty: &TypeRef) -> Option<Check> {
        let element = element(ty);
        let number = matches!(
            element,
            TypeRef::Scalar(Scalar::Int32 | Scalar::Int64 | Scalar::Float64 | Scalar::Decimal)
        );
        let text = *element == TypeRef::Scalar(Scalar::String);
        let counted = matches!(
            unwrapped(ty),
            TypeRef::List(_) | TypeRef::Map(_) | TypeRef::Scalar(Scalar::String | Scalar::Bytes)
        );
        let (fits, wanted) = match mark.name.value.as_str() {
            "min" | "max" => (number, "numbers"),
            "length" => (counted, "strings, bytes, lists and maps"),
            "pattern" | "email" | "url" => (text, "strings"),
            _ => {
                self.unknown_mark(mark, &FIELD_MARKS, "a field");
                return None;
            }
        };
        if !fits {
            let message = format!(
                "`@{}` is for {wanted}, and this is a `{}`",
                mark.name.value,
                self.type_name(ty)
            );
            self.report(Diagnostic::error("ARC035", message, mark.span));
            return None;
        }
        match mark.name.value.as_str() {
            "email" => self.no_arguments(mark).then_some(Check::Email),
            "url" => self.no_arguments(mark).then_some(Check::Url),
            "pattern" => self.pattern(mark),
            "length" => self.length(mark),
            name => {
                let whole = matches!(element, TypeRef::Scalar(Scalar::Int32 | Scalar::Int64));
                let bound = match self.argument(mark)? {
                    ValueKind::Integer(it) => it.to_string(),
                    ValueKind::Decimal(it) if !whole => it.clone(),
                    _ => {
                        let wanted = if whole { "a whole number" } else { "a number" };
                        return self.wrong_argument(mark, &format!("{wanted}: `@{name}(1)`"));
                    }
                };
                Some(if name == "min" {
                    Check::Min(bound)
                } else {
                    Check::Max(bound)
                })
            }
        }
    }

    fn length(&mut self, mark: &'a Mark) -> Option<Check> {
        let (min, max) = match self.argument(mark)? {
            ValueKind::Range(min, max) => (min.unwrap_or(0), *max),
            ValueKind::Integer(exact) => (*exact, Some(*exact)),
            _ => return self.wrong_argument(mark, "a range: `@length(1..64)`"),
        };
        let bounds = (u64::try_from(min), max.map(u64::try_from).transpose());
        match bounds {
            (Ok(min), Ok(max)) if max.is_none_or(|max| min <= max) => {
                Some(Check::Length { min, max })
            }
            _ => self.wrong_argument(
                mark,
                "a range from a smaller to a larger number, none below 0",
            ),
        }
    }

    fn pattern(&mut self, mark: &'a Mark) -> Option<Check> {
        let ValueKind::Text(pattern) = self.argument(mark)? else {
            return self.wrong_argument(mark, "a regular expression: `@pattern(\"^[A-Z]{2}$\")`");
        };
        if let Err(error) = regex_syntax::Parser::new().parse(pattern) {
            let why = match &error {
                regex_syntax::Error::Parse(error) => error.kind().to_string(),
                regex_syntax::Error::Translate(error) => error.kind().to_string(),
                _ => error.to_string(),
            };
            let message = format!("this is no regular expression: {why}");
            let at = mark.arguments.first().map_or(mark.span, |it| it.value.span);
            self.report(Diagnostic::error("ARC035", message, at));
            return None;
        }
        Some(Check::Pattern(pattern.clone()))
    }

    fn tag(&mut self, mark: &'a Mark) -> Option<Spanned<u32>> {
        match self.argument(mark)? {
            ValueKind::Integer(number) if super::numbers::is_number(*number) => {
                Some(Spanned { value: *number as u32, span: mark.span })
            }
            _ => self.wrong_argument(mark, "a number from 1 to 536870911, those from 19000 to 19999 left out (protobuf keeps them)"),
        }
    }

    /// The one argument of a mark.
    fn argument(&mut self, mark: &'a Mark) -> Option<&'a ValueKind> {
        match mark.arguments.as_slice() {
            [argument] if argument.name.is_none() => Some(&argument.value.value),
            _ => self.wrong_argument(mark, "exactly one value in parentheses"),
        }
    }

    fn no_arguments(&mut self, mark: &Mark) -> bool {
        if !mark.arguments.is_empty() {
            self.wrong_argument::<()>(mark, "nothing in parentheses");
        }
        mark.arguments.is_empty()
    }

    fn wrong_argument<T>(&mut self, mark: &Mark, wanted: &str) -> Option<T> {
        let at = mark.arguments.first().map_or(mark.span, |it| it.value.span);
        self.report(Diagnostic::error(
            "ARC035",
            format!("`@{}` takes {wanted}", mark.name.value),
            at,
        ));
        None
    }

    fn unknown_mark(&mut self, mark: &Mark, known: &[&str], on: &str) {
        let name = mark.name.value.as_str();
        let marks: Vec<String> = known.iter().map(|it| format!("@{it}")).collect();
        let mut found =
            Diagnostic::error("ARC035", format!("{on} takes no mark `@{name}`"), mark.span);
        if let Some(near) = nearest(name, known.iter().copied()) {
            found = found.help(format!("did you mean `@{near}`?"));
        }
        self.report(found.note(format!("{on} takes {}", enumerated(&marks))));
    }

    /// A type as a drawing writes it.
    pub(super) fn type_name(&self, ty: &TypeRef) -> String {
        let owned = |owner: Option<NodeId>, name: &str| match owner {
            Some(owner) => format!("{}.{name}", self.model[owner].name),
            None => name.to_owned(),
        };
        match ty {
            TypeRef::Scalar(scalar) => scalar.name().to_owned(),
            TypeRef::Struct(id) => owned(self.model[*id].owner, &self.model[*id].name),
            TypeRef::Enum(id) => owned(self.model[*id].owner, &self.model[*id].name),
            TypeRef::Message(id) => self.model[*id].full_name(),
            TypeRef::List(inner) => format!("[{}]", self.type_name(inner)),
            TypeRef::Map(inner) => format!("map<string, {}>", self.type_name(inner)),
            TypeRef::Optional(inner) => format!("{}?", self.type_name(inner)),
        }
    }
}

/// The type without its question mark.
fn unwrapped(ty: &TypeRef) -> &TypeRef {
    match ty {
        TypeRef::Optional(inner) => inner,
        ty => ty,
    }
}

/// What a check of single values looks at: the elements of lists and maps.
fn element(ty: &TypeRef) -> &TypeRef {
    match ty {
        TypeRef::Optional(inner) | TypeRef::List(inner) | TypeRef::Map(inner) => element(inner),
        ty => ty,
    }
}
