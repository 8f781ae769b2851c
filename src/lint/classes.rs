//! How secret the messages of a drawing are.

use crate::model::attributes::DataClass;
use crate::model::types::{StructDef, TypeRef};
use crate::model::{Model, StructId};

/// For each message the class of the most secret thing in it: its own `data`, `@sensitive` (confidential) on it or on a
/// field, and that of the messages that it holds. `None` where nothing says.
pub(super) struct Classes(Vec<Option<DataClass>>);

impl Classes {
    pub(super) fn new(model: &Model) -> Self {
        Self(spread(model, model.structs.iter().map(own).collect()))
    }

    /// The class of what a type holds.
    pub(super) fn of(&self, ty: &TypeRef) -> Option<DataClass> {
        message_of(ty).and_then(|it| self.0[it.0 as usize])
    }
}

/// What is true of messages by themselves, with what is true of the messages that they hold: the larger of both.
pub(super) fn spread<T: Copy + Default + Ord>(model: &Model, mut values: Vec<T>) -> Vec<T> {
    let mut changed: Vec<usize> = (0..values.len())
        .filter(|&at| values[at] != T::default())
        .collect();
    if changed.is_empty() {
        return values;
    }
    let mut holders: Vec<Vec<usize>> = vec![Vec::new(); values.len()];
    for (at, message) in model.structs.iter().enumerate() {
        for field in &message.fields {
            if let Some(StructId(held)) = message_of(&field.ty) {
                holders[held as usize].push(at);
            }
        }
    }
    // A value only ever rises, and there are few, so that this ends.
    while let Some(held) = changed.pop() {
        for &holder in &holders[held] {
            if values[holder] < values[held] {
                values[holder] = values[held];
                changed.push(holder);
            }
        }
    }
    values
}

fn own(message: &StructDef) -> Option<DataClass> {
    let marked = message.sensitive || message.fields.iter().any(|it| it.sensitive);
    let declared = message.data.as_ref().map(|it| it.value);
    declared.max(marked.then_some(DataClass::Confidential))
}

/// The message that a type is, or is a list, map or option of.
pub(super) fn message_of(ty: &TypeRef) -> Option<StructId> {
    match ty {
        TypeRef::Struct(id) => Some(*id),
        TypeRef::List(inner) | TypeRef::Map(inner) | TypeRef::Optional(inner) => message_of(inner),
        TypeRef::Scalar(_) | TypeRef::Enum(_) | TypeRef::Message(_) => None,
    }
}
