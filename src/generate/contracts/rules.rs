//! The checks of messages.

use super::sensitive::hides_keys;
use super::types::{all_enums, fields, structs};
use crate::generate::names::Names;
use crate::generate::pattern;
use crate::generate::render::rust;
use crate::generate::view::contracts as view;
use crate::model::Model;
use crate::model::types::{Check, FieldDef, Scalar, StructDef, TypeRef};

/// All of them.
pub fn view(model: &Model, names: &Names) -> view::Rules {
    let structs: Vec<view::RuleSet> = structs(model)
        .map(|(id, it)| {
            let fields = rule_fields(model, it);
            view::RuleSet {
                path: rust::name(names.struct_path("crate", id)),
                checked: !fields.is_empty(),
                fields,
            }
        })
        .collect();
    view::Rules {
        patterns: structs
            .iter()
            .flat_map(|it| &it.fields)
            .flat_map(|it| &it.steps)
            .any(|step| step.pattern),
        structs,
        enums: all_enums(model, names),
    }
}

fn rule_fields(model: &Model, it: &StructDef) -> Vec<view::RuleField> {
    it.fields
        .iter()
        .zip(fields(it))
        .filter_map(|(field, name)| {
            let steps = Steps::of(field);
            (!steps.is_empty()).then(|| view::RuleField {
                name: rust::name(name),
                json: rust::string(&field.name),
                hidden: hides_keys(model, it, field),
                steps,
            })
        })
        .collect()
}

/// The lines that check one field.
#[derive(Default)]
struct Steps {
    lines: Vec<view::Step>,
    depth: usize,
}

impl Steps {
    fn of(field: &FieldDef) -> Vec<view::Step> {
        let mut steps = Self::default();
        steps.value(&field.ty, &field.checks);
        steps.lines
    }

    /// Checks `it`, a value of type `ty`. Lengths count the outermost list or map, the other checks judge its elements.
    fn value(&mut self, ty: &TypeRef, checks: &[Check]) {
        let (lengths, others): (Vec<&Check>, Vec<&Check>) = checks
            .iter()
            .partition(|check| matches!(check, Check::Length { .. }));
        match ty {
            TypeRef::Optional(inner) => self.inside(Step::Some, inner, checks),
            TypeRef::List(inner) | TypeRef::Map(inner) => {
                for check in lengths {
                    self.check(check, ty);
                }
                let others: Vec<Check> = others.into_iter().cloned().collect();
                let step = if matches!(ty, TypeRef::List(_)) {
                    Step::Each
                } else {
                    Step::Entries
                };
                self.inside(step, inner, &others);
            }
            TypeRef::Struct(_) | TypeRef::Enum(_) | TypeRef::Message(_) => {
                self.line(Step::Nested);
            }
            TypeRef::Scalar(_) => {
                for check in checks {
                    self.check(check, ty);
                }
            }
        }
    }

    /// The checks of what stands inside, or nothing where there are none.
    fn inside(&mut self, open: Step, inner: &TypeRef, checks: &[Check]) {
        let close = if matches!(open, Step::Some) {
            Step::EndSome
        } else {
            Step::EndEach
        };
        let before = self.lines.len();
        self.line(open);
        self.depth += 1;
        self.value(inner, checks);
        self.depth -= 1;
        if self.lines.len() == before + 1 {
            self.lines.truncate(before);
        } else {
            self.line(close);
        }
    }

    fn check(&mut self, check: &Check, ty: &TypeRef) {
        let scalar = match ty {
            TypeRef::Scalar(scalar) => Some(*scalar),
            _ => None,
        };
        match check {
            Check::Min(number) => self.bound(Step::Min, number, scalar),
            Check::Max(number) => self.bound(Step::Max, number, scalar),
            Check::Length { min, max } => {
                let most =
                    max.map_or_else(|| rust::name("None"), |max| rust::some(&rust::integer(max)));
                let step = if scalar == Some(Scalar::String) {
                    Step::Length
                } else {
                    Step::Size
                };
                self.push(step, rust::integer(*min), most);
            }
            Check::Pattern(pattern) => self.push(
                Step::Pattern,
                rust::string(&pattern::portable(pattern)),
                rust::name(""),
            ),
            Check::Email => self.line(Step::Email),
            Check::Url => self.line(Step::Url),
        }
    }

    fn bound(&mut self, step: Step, number: &str, scalar: Option<Scalar>) {
        let value = match scalar {
            Some(Scalar::Float64) => rust::number(number, true),
            Some(Scalar::Decimal) => rust::decimal(number),
            _ => rust::number(number, false),
        };
        self.push(step, value, rust::name(""));
    }

    fn line(&mut self, step: Step) {
        self.push(step, rust::name(""), rust::name(""));
    }

    fn push(&mut self, step: Step, value: rust::Piece, most: rust::Piece) {
        self.lines.push(view::Step {
            pad: rust::indent(self.depth),
            some: matches!(step, Step::Some),
            each: matches!(step, Step::Each),
            entries: matches!(step, Step::Entries),
            end_some: matches!(step, Step::EndSome),
            end_each: matches!(step, Step::EndEach),
            nested: matches!(step, Step::Nested),
            min: matches!(step, Step::Min),
            max: matches!(step, Step::Max),
            length: matches!(step, Step::Length),
            size: matches!(step, Step::Size),
            pattern: matches!(step, Step::Pattern),
            email: matches!(step, Step::Email),
            url: matches!(step, Step::Url),
            value,
            most,
        });
    }
}

/// What a line does.
#[derive(Clone, Copy)]
enum Step {
    Some,
    Each,
    Entries,
    EndSome,
    EndEach,
    Nested,
    Min,
    Max,
    Length,
    Size,
    Pattern,
    Email,
    Url,
}
