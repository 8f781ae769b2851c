//! Protobuf numbers: from `contracts.lock`, from `@tag`, else the next free one.

use std::hash::Hash;

use rustc_hash::FxHashMap as HashMap;

use super::Resolver;
use crate::diagnostic::Diagnostic;
use crate::model::contracts_lock::{ContractsLock, Refused, is_allowed};
use crate::model::{EnumId, NodeId, StructId};
use crate::source::{FileId, Span, Spanned};

/// `@tag(...)` as written, by the place of the field or value.
#[derive(Default)]
pub(super) struct Tags {
    pub fields: HashMap<(StructId, usize), Spanned<u32>>,
    pub values: HashMap<(EnumId, usize), Spanned<u32>>,
}

/// Whether protobuf allows a number.
pub(super) fn is_number(number: i64) -> bool {
    u32::try_from(number).is_ok_and(is_allowed)
}

/// The names of one message or enum with the numbers that they ask for, and where these are written.
#[expect(clippy::type_complexity, reason = "two lists in step")]
fn asked<'n, 't, Id: Copy + Eq + Hash>(
    tags: &'t HashMap<(Id, usize), Spanned<u32>>,
    id: Id,
    names: impl Iterator<Item = &'n str>,
) -> (Vec<(&'n str, Option<u32>)>, Vec<Option<&'t Spanned<u32>>>) {
    names
        .enumerate()
        .map(|(index, name)| {
            let tag = tags.get(&(id, index));
            ((name, tag.map(|tag| tag.value)), tag)
        })
        .unzip()
}

impl Resolver<'_> {
    /// Numbers all fields and values, and gives the lock with them.
    pub(super) fn numbers(&mut self, lock: Option<FileId>) -> ContractsLock {
        let text = lock.map_or("", |id| self.sources.file(id).text.as_str());
        let (mut numbers, errors) = ContractsLock::parse(text);
        let place = |file: FileId, at: std::ops::Range<usize>| Span {
            file,
            start: at.start as u32,
            end: at.end as u32,
        };
        for error in errors {
            let Some(file) = lock else { continue };
            let mut found = Diagnostic::error("ARC058", error.message, place(file, error.at));
            if let Some(other) = error.other {
                found = found.label(place(file, other), "contradicts this line").help(
                    "numbers never change: keep the line that is deployed, and give the other field a new number with `@tag(...)`",
                );
            }
            self.report(found);
        }
        let tags = std::mem::take(&mut self.tags);
        numbers.reserve(self.model.structs.len() + self.model.enums.len());
        for at in 0..self.model.structs.len() {
            let id = StructId(at as u32);
            let group = self.group(self.model[id].owner, &self.model[id].name);
            let fields = self.model[id].fields.iter().map(|it| it.name.as_str());
            let (names, wanted) = asked(&tags.fields, id, fields);
            let (given, refused) = numbers.assign(group, &names);
            self.refusals(lock, refused, &wanted);
            for (field, number) in self.model.structs[at].fields.iter_mut().zip(given) {
                field.tag = number;
            }
        }
        for at in 0..self.model.enums.len() {
            let id = EnumId(at as u32);
            let group = self.group(self.model[id].owner, &self.model[id].name);
            let values = self.model[id].values.iter().map(|it| it.name.as_str());
            let (names, wanted) = asked(&tags.values, id, values);
            let (given, refused) = numbers.assign(group, &names);
            self.refusals(lock, refused, &wanted);
            for (value, number) in self.model.enums[at].values.iter_mut().zip(given) {
                value.tag = number;
            }
        }
        numbers
    }

    fn group(&self, owner: Option<NodeId>, name: &str) -> String {
        match owner {
            Some(owner) => [&self.model[owner].name, name].join("."),
            None => name.to_owned(),
        }
    }

    fn refusals(
        &mut self,
        lock: Option<FileId>,
        refused: Vec<(usize, Refused)>,
        wanted: &[Option<&Spanned<u32>>],
    ) {
        for (at, refused) in refused {
            let Some(tag) = wanted[at] else { continue };
            let found = match refused {
                Refused::Renumbered { number, at } => {
                    let message = format!("this field has the number {number} on the wire already");
                    let found = Diagnostic::error("ARC057", message, tag.span)
                        .help(format!("write `@tag({number})`, or leave the mark out"));
                    match lock.filter(|_| !at.is_empty()) {
                        Some(file) => {
                            let span = Span {
                                file,
                                start: at.start as u32,
                                end: at.end as u32,
                            };
                            found.label(span, "assigned here")
                        }
                        None => found,
                    }
                }
                Refused::Taken { by } => {
                    let message = format!("the number {} is `{by}`'s, or was", tag.value);
                    Diagnostic::error("ARC057", message, tag.span)
                        .help("leave the mark out, and the next free number is taken")
                }
            };
            self.report(found);
        }
    }
}
