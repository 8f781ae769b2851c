//! How many things a drawing declares, so that tables are made in their size once instead of grown by copying.

use super::{Resolver, items};
use crate::syntax::ast::{File, Input, Item, ItemKind};

/// Declarations by the table that they go to.
#[derive(Default)]
pub(super) struct Sizes {
    nodes: usize,
    apis: usize,
    operations: usize,
    /// Requests of named parameters included.
    structs: usize,
    edges: usize,
    /// Of messages and of parameters.
    fields: usize,
}

impl Sizes {
    pub(super) fn of(trees: &[File]) -> Self {
        let mut sizes = Self::default();
        for tree in trees {
            sizes.add(&tree.items);
        }
        sizes
    }

    /// All that has a body or could have one.
    pub(super) const fn declarations(&self) -> usize {
        self.nodes + self.apis + self.operations + self.structs + self.edges
    }

    fn add(&mut self, within: &[Item]) {
        for item in within {
            match &item.kind {
                ItemKind::Node(node) => {
                    self.nodes += 1;
                    self.add(items(&node.body));
                }
                ItemKind::Api(api) => {
                    self.apis += 1;
                    self.add(items(&api.body));
                }
                ItemKind::Operation(operation) => {
                    self.operations += 1;
                    if let Some(Input::Parameters(parameters)) = &operation.input {
                        self.structs += 1;
                        self.fields += parameters.len();
                    }
                }
                ItemKind::Type(decl) => {
                    self.structs += 1;
                    self.fields += decl.body.items.len();
                }
                ItemKind::Edge(edge) => self.edges += edge.ends.len() - 1,
                _ => {}
            }
        }
    }
}

impl Resolver<'_> {
    /// Makes room for all that is declared.
    pub(super) fn reserve(&mut self, sizes: &Sizes) {
        self.model.nodes.reserve_exact(sizes.nodes);
        self.nodes.reserve_exact(sizes.nodes);
        self.names.nodes.reserve(sizes.nodes);
        self.model.apis.reserve_exact(sizes.apis);
        self.apis.reserve_exact(sizes.apis);
        self.model.operations.reserve_exact(sizes.operations);
        self.operations.reserve_exact(sizes.operations);
        self.names.operations.reserve(sizes.operations);
        self.model.structs.reserve_exact(sizes.structs);
        self.edges.reserve_exact(sizes.edges);
        self.names
            .reserve(sizes.nodes + sizes.apis + sizes.operations + sizes.fields);
    }
}
