//! What must not be seen where messages and their failures are told.

use std::collections::BTreeSet;

use super::leaf;
use crate::model::types::{FieldDef, StructDef, TypeRef};
use crate::model::{Model, StructId};

/// Whether a message holds what does not belong into logs.
pub fn is_sensitive(it: &StructDef) -> bool {
    it.sensitive || it.fields.iter().any(|field| field.sensitive)
}

/// Whether the keys of maps in a field are as sensitive as its values, so that no path may lead by them.
pub fn hides_keys(model: &Model, it: &StructDef, field: &FieldDef) -> bool {
    (it.sensitive || field.sensitive) && holds_map(model, &field.ty)
}

/// All such fields.
pub fn hidden_fields(model: &Model) -> impl Iterator<Item = &FieldDef> {
    model.structs.iter().flat_map(move |it| {
        let fields = it.fields.iter();
        fields.filter(move |field| hides_keys(model, it, field))
    })
}

/// Whether there is a map anywhere in a type.
fn holds_map(model: &Model, ty: &TypeRef) -> bool {
    let mut next = vec![ty];
    let mut seen: BTreeSet<StructId> = BTreeSet::new();
    while let Some(ty) = next.pop() {
        if is_of_maps(ty) {
            return true;
        }
        if let TypeRef::Struct(id) = leaf(ty)
            && seen.insert(*id)
        {
            next.extend(model[*id].fields.iter().map(|field| &field.ty));
        }
    }
    false
}

fn is_of_maps(ty: &TypeRef) -> bool {
    match ty {
        TypeRef::Map(_) => true,
        TypeRef::List(inner) | TypeRef::Optional(inner) => is_of_maps(inner),
        TypeRef::Scalar(_) | TypeRef::Struct(_) | TypeRef::Enum(_) | TypeRef::Message(_) => false,
    }
}
