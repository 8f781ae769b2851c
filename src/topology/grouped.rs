//! Edges by what they touch, in one list instead of thousands.

use crate::model::{Edge, EdgeId, Model};

/// The edges of each node or channel, in source order.
#[derive(Default)]
pub(super) struct Grouped {
    /// Where those of each begin, and one more at the end.
    first: Vec<u32>,
    edges: Vec<EdgeId>,
}

impl Grouped {
    /// Groups all edges by the place among `groups` of what they touch, if they touch one.
    pub(super) fn new(
        model: &Model,
        groups: usize,
        touched: impl Fn(&Edge) -> Option<u32>,
    ) -> Self {
        let mut first = vec![0; groups + 1];
        for group in model.edges.iter().filter_map(&touched) {
            first[group as usize + 1] += 1;
        }
        let mut sum = 0;
        for at in &mut first {
            sum += *at;
            *at = sum;
        }
        let mut next = first.clone();
        let mut edges = vec![EdgeId(0); sum as usize];
        for (id, edge) in model.edges() {
            if let Some(group) = touched(edge) {
                let at = &mut next[group as usize];
                edges[*at as usize] = id;
                *at += 1;
            }
        }
        Self { first, edges }
    }

    pub(super) fn of(&self, group: u32) -> &[EdgeId] {
        let at = group as usize;
        &self.edges[self.first[at] as usize..self.first[at + 1] as usize]
    }
}
