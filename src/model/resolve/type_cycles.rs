//! Messages that hold themselves: endless ones are refused, those that may end are boxed.

use super::Resolver;
use crate::diagnostic::Diagnostic;
use crate::model::StructId;
use crate::model::types::{StructDef, TypeRef};

impl Resolver<'_> {
    /// Refuses messages that need themselves, and marks the fields that need a box.
    pub(super) fn type_cycles(&mut self) {
        let structs = &self.model.structs;
        let needed = components(structs, |ty| match ty {
            TypeRef::Struct(id) => Some(*id),
            _ => None,
        });
        let held = components(structs, by_value);
        let mut found = Vec::new();
        let mut told = std::collections::HashSet::new();
        for (at, definition) in structs.iter().enumerate() {
            let endless = definition.fields.iter().find(
                |field| matches!(&field.ty, TypeRef::Struct(inner) if needed[inner.0 as usize] == needed[at]),
            );
            // One message for all that hold each other.
            if let Some(field) = endless.filter(|_| told.insert(needed[at])) {
                let message = format!("`{}` holds itself without end", definition.name);
                found.push(
                    Diagnostic::error("ARC037", message, definition.span)
                        .label(field.span, "by way of this field")
                        .help(format!(
                            "make the field optional, or a list: `{}: {}?`",
                            field.name,
                            self.type_name(&field.ty)
                        )),
                );
            }
        }
        let boxed: Vec<(usize, usize)> = structs
            .iter()
            .enumerate()
            .flat_map(|(at, definition)| {
                let held = &held;
                definition
                    .fields
                    .iter()
                    .enumerate()
                    .filter_map(move |(index, field)| {
                        let inner = by_value(&field.ty)?;
                        (held[inner.0 as usize] == held[at]).then_some((at, index))
                    })
            })
            .collect();
        for (at, index) in boxed {
            self.model.structs[at].fields[index].boxed = true;
        }
        self.diagnostics.append(&mut found);
    }
}

/// The message that a field holds by value, and not by way of a list or map.
fn by_value(ty: &TypeRef) -> Option<StructId> {
    match ty {
        TypeRef::Struct(id) => Some(*id),
        TypeRef::Optional(inner) => by_value(inner),
        _ => None,
    }
}

/// The strongly connected component of each message (Kosaraju's two walks, with stacks of our own so that depth is no
/// danger).
fn components(structs: &[StructDef], holds: impl Fn(&TypeRef) -> Option<StructId>) -> Vec<usize> {
    let mut out: Vec<Vec<usize>> = vec![Vec::new(); structs.len()];
    let mut into: Vec<Vec<usize>> = vec![Vec::new(); structs.len()];
    for (at, definition) in structs.iter().enumerate() {
        for inner in definition
            .fields
            .iter()
            .filter_map(|field| holds(&field.ty))
        {
            out[at].push(inner.0 as usize);
            into[inner.0 as usize].push(at);
        }
    }
    let mut order = Vec::with_capacity(structs.len());
    let mut seen = vec![false; structs.len()];
    for root in 0..structs.len() {
        let mut stack = vec![(root, 0)];
        if std::mem::replace(&mut seen[root], true) {
            continue;
        }
        while let Some((at, next)) = stack.pop() {
            match out[at].get(next) {
                None => order.push(at),
                Some(inner) => {
                    stack.push((at, next + 1));
                    if !std::mem::replace(&mut seen[*inner], true) {
                        stack.push((*inner, 0));
                    }
                }
            }
        }
    }
    let mut component = vec![usize::MAX; structs.len()];
    for root in order.into_iter().rev() {
        let mut stack = vec![root];
        while let Some(at) = stack.pop() {
            if component[at] == usize::MAX {
                component[at] = root;
                stack.extend(&into[at]);
            }
        }
    }
    component
}
