//! Zones at the top of a file and in each other, which are read a few entries at a time.

use pest::iterators::Pair;
use thin_vec::ThinVec;

use super::items::Gap;
use super::{Builder, Rule, parts, take};
use crate::source::Spanned;
use crate::syntax::ast::{Body, Ident, Item, ItemKind, Keyword, Node, Path};

/// A zone whose closing brace is still to come.
pub(super) struct OpenZone {
    start: usize,
    brace: usize,
    doc: Option<Box<Spanned<String>>>,
    name: Ident,
    variant: Option<Path>,
    /// The items before it, around it.
    around: Vec<Item>,
}

impl<'t> Builder<'t> {
    /// Enters a zone: `items` are those in it from here on.
    pub(super) fn open(
        &mut self,
        pair: Pair<'t, Rule>,
        gap: Gap,
        items: &mut Vec<Item>,
    ) -> Option<OpenZone> {
        let start = self.start(&pair);
        let brace = start + pair.as_str().len() - 1;
        self.gap(gap, start);
        let doc = self.documentation(start, &[]);
        let mut inner = parts(pair);
        let name = self.ident(&inner.next()?);
        let variant = take(&mut inner, Rule::path).map(|path| self.path(&path));
        self.before = brace + 1;
        Some(OpenZone {
            start,
            brace,
            doc,
            name,
            variant,
            around: std::mem::take(items),
        })
    }

    /// Leaves a zone that ends there, after its brace: `items` are those around it again, with the zone as the last one.
    pub(super) fn close(&mut self, zone: OpenZone, items: &mut Vec<Item>, end: usize) -> Gap {
        let inside = std::mem::replace(items, zone.around);
        self.documentation_left_over(end);
        self.before = end;
        items.push(Item {
            span: self.between(zone.start, end),
            doc: zone.doc,
            accepts: ThinVec::new(),
            kind: ItemKind::Node(Box::new(Node {
                keyword: Spanned {
                    value: Keyword::Zone,
                    span: self.between(zone.start, zone.start + "zone".len()),
                },
                name: Some(zone.name),
                variant: zone.variant,
                body: Some(Box::new(Body {
                    span: self.between(zone.brace, end),
                    items: inside,
                })),
            })),
        });
        Gap::After(end)
    }
}
