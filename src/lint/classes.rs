//! How secret the messages of a drawing are.

use crate::model::attributes::DataClass;
use crate::model::types::{StructDef, TypeRef};
use crate::model::{Model, StructId};

/// For each message the class of the most secret thing in it: its own `data`, `@sensitive` (confidential) on it or on a
/// field, and that of the messages that it holds. `None` where nothing says.
pub(super) struct Classes(Vec<Option<DataClass>>);

impl Classes {
    pub(super) fn new(model: &Model) -> Self {
        let mut classes: Vec<Option<DataClass>> = model.structs.iter().map(own).collect();
        let mut changed: Vec<usize> = (0..classes.len())
            .filter(|&at| classes[at].is_some())
            .collect();
        if changed.is_empty() {
            return Self(classes);
        }
        let mut holders: Vec<Vec<usize>> = vec![Vec::new(); classes.len()];
        for (at, message) in model.structs.iter().enumerate() {
            for field in &message.fields {
                if let Some(StructId(held)) = message_of(&field.ty) {
                    holders[held as usize].push(at);
                }
            }
        }
        // A class only ever rises, and there are four, so that this ends.
        while let Some(held) = changed.pop() {
            for &holder in &holders[held] {
                if classes[holder] < classes[held] {
                    classes[holder] = classes[held];
                    changed.push(holder);
                }
            }
        }
        Self(classes)
    }

    /// The class of what a type holds.
    pub(super) fn of(&self, ty: &TypeRef) -> Option<DataClass> {
        message_of(ty).and_then(|it| self.0[it.0 as usize])
    }
}

fn own(message: &StructDef) -> Option<DataClass> {
    let marked = message.sensitive || message.fields.iter().any(|it| it.sensitive);
    let declared = message.data.as_ref().map(|it| it.value);
    declared.max(marked.then_some(DataClass::Confidential))
}

/// The message that a type is, or is a list, map or option of.
fn message_of(ty: &TypeRef) -> Option<StructId> {
    match ty {
        TypeRef::Struct(id) => Some(*id),
        TypeRef::List(inner) | TypeRef::Map(inner) | TypeRef::Optional(inner) => message_of(inner),
        TypeRef::Scalar(_) | TypeRef::Enum(_) => None,
    }
}
