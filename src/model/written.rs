//! Where declarations are written: what an edit has to know of them, and how a place in the text is named.
//!
//! The tables of the [`Model`](super::Model) say what a drawing means; this index says where in the text it stands. One
//! entry a declaration, found by the place of its name.

use crate::source::{FileId, Sources, Span};
use crate::syntax::ast::{Body, File, Item, ItemKind};

/// One declaration in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// The name; of an edge its two ends; of an unnamed block its first word.
    pub name: Span,
    /// Where its documentation and its marks start, else its first word.
    pub start: u32,
    /// Where its first word starts.
    pub first_word: u32,
    /// One past its last byte, which is its body's if it has one.
    pub end: u32,
    /// Where its `{` stands.
    pub body: Option<u32>,
    /// The declaration around it.
    parent: Option<u32>,
    /// Whether it is an edge, and whether it shares its line with other edges (`a -> b -> c`).
    edge: Edge,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Edge {
    No,
    Alone,
    OfChain,
}

impl Written {
    /// From its first word to its end.
    #[must_use]
    pub const fn item(&self) -> Span {
        Span {
            file: self.name.file,
            start: self.first_word,
            end: self.end,
        }
    }

    /// With its documentation and its marks.
    #[must_use]
    pub const fn whole(&self) -> Span {
        Span {
            file: self.name.file,
            start: self.start,
            end: self.end,
        }
    }

    /// From `{` to `}` inclusive.
    #[must_use]
    pub fn body(&self) -> Option<Span> {
        Some(Span {
            file: self.name.file,
            start: self.body?,
            end: self.end,
        })
    }

    /// Whether it is one edge of a chain, which takes no body.
    #[must_use]
    pub fn is_of_chain(&self) -> bool {
        self.edge == Edge::OfChain
    }

    fn contains(&self, place: Span) -> bool {
        self.name.file == place.file && holds(self.whole(), place)
    }
}

/// All declarations of a drawing, in source order.
#[derive(Clone, Debug, Default)]
pub struct Declarations(Vec<Written>);

impl Declarations {
    /// Of all files of a drawing, which are about so many.
    #[must_use]
    pub fn of(trees: &[File], about: usize) -> Self {
        let mut trees: Vec<&File> = trees.iter().collect();
        trees.sort_by_key(|tree| tree.id);
        let mut all = Self(Vec::with_capacity(about));
        for tree in trees {
            all.items(&tree.items, tree.id, None);
        }
        all
    }

    /// The declaration whose name stands at a place.
    #[must_use]
    pub fn of_name(&self, name: Span) -> Option<&Written> {
        let key = |it: &Written| (it.name.file, it.name.start);
        let at = self.0.binary_search_by_key(&(name.file, name.start), key);
        at.ok().map(|at| &self.0[at]).filter(|it| it.name == name)
    }

    /// The innermost declaration around a place.
    #[must_use]
    pub fn around(&self, place: Span) -> Option<&Written> {
        let key = |it: &Written| (it.name.file, it.start) <= (place.file, place.start);
        let mut at = self.0.partition_point(key).checked_sub(1);
        while let Some(index) = at {
            let it = &self.0[index];
            // The edges of a chain stand at one place: what none of them holds is the first one's.
            let before = index.checked_sub(1).filter(|_| it.is_of_chain());
            let before = before.filter(|&at| self.0[at].item() == it.item());
            if it.contains(place) && (before.is_none() || holds(it.name, place)) {
                return Some(it);
            }
            at = before.or(it.parent.map(|at| at as usize));
        }
        None
    }

    /// What is declared right inside a declaration, in source order; with none, outside all others.
    pub fn right_inside(&self, outer: Option<&Written>) -> impl Iterator<Item = &Written> {
        let parent = outer.and_then(|outer| self.0.iter().position(|it| it == outer));
        let nowhere = outer.is_some() && parent.is_none();
        let parent = parent.map(|at| at as u32);
        let all = self.0.iter().filter(move |it| it.parent == parent);
        all.filter(move |_| !nowhere)
    }

    /// A declaration as its owner would name it, whatever its layout and its file: `policy steady`,
    /// `service orders / api Orders / query find`, `front -> orders.Orders : grpc`. Zones around nodes are left out, so
    /// that what moves to another zone keeps its name. `known` may name a declaration in a better way than its text does.
    #[must_use]
    pub fn path(
        &self,
        written: &Written,
        sources: &Sources,
        known: &impl Fn(&Written) -> Option<String>,
    ) -> String {
        let own = known(written).unwrap_or_else(|| label(written, sources));
        let parent = written.parent.map(|at| &self.0[at as usize]);
        match parent.filter(|it| !is_named_alone(written, it, sources)) {
            Some(parent) => format!("{} / {own}", self.path(parent, sources, known)),
            None => own,
        }
    }

    fn items(&mut self, items: &[Item], file: FileId, parent: Option<u32>) {
        for item in items {
            self.item(item, file, parent);
        }
    }

    fn item(&mut self, item: &Item, file: FileId, parent: Option<u32>) {
        let marks = item.accepts.iter().map(|it| it.span.start);
        let doc = item.doc.iter().map(|it| it.span.start);
        let start = marks.chain(doc).min().unwrap_or(item.span.start);
        let written = |name: Span, body: Option<Span>, edge: Edge| Written {
            name,
            start: start.min(item.span.start),
            first_word: item.span.start,
            end: item.span.end,
            body: body.map(|it| it.start),
            parent,
            edge,
        };
        let first_word = |length: usize| Span {
            file,
            start: item.span.start,
            end: item.span.start + length as u32,
        };
        let body_of = |body: &Option<Box<Body>>| body.as_ref().map(|it| it.span);
        let (name, body, inside) = match &item.kind {
            ItemKind::Node(node) => {
                let name = node.name.as_ref().map_or(node.keyword.span, |it| it.span);
                (name, body_of(&node.body), node.body.as_deref())
            }
            ItemKind::Api(api) => (api.name.span, body_of(&api.body), api.body.as_deref()),
            ItemKind::Operation(it) => (it.name.span, body_of(&it.body), it.body.as_deref()),
            ItemKind::Type(it) => (it.name.span, Some(it.body.span), Some(&it.body)),
            ItemKind::Enum(it) => (it.name.span, Some(it.body_span), None),
            ItemKind::Override(it) => (it.operation.span, Some(it.body.span), Some(&it.body)),
            ItemKind::Roles(_) => (first_word("roles".len()), None, None),
            ItemKind::Edge(it) => {
                let edge = match it.ends.len() {
                    2 => Edge::Alone,
                    _ => Edge::OfChain,
                };
                for ends in it.ends.windows(2) {
                    let name = ends[0].span().to(ends[1].span());
                    self.0.push(written(name, body_of(&it.body), edge));
                }
                self.inside(it.body.as_deref(), file);
                return;
            }
            ItemKind::Import(_) | ItemKind::Attribute(_) | ItemKind::Field(_) => return,
        };
        self.0.push(written(name, body, Edge::No));
        self.inside(inside, file);
    }

    /// What stands in the body of the declaration that was entered last.
    fn inside(&mut self, body: Option<&Body>, file: FileId) {
        if let Some(body) = body {
            let parent = self.0.len() as u32 - 1;
            self.items(&body.items, file, Some(parent));
        }
    }
}

fn holds(outer: Span, inner: Span) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

/// `policy steady`, `front -> orders.Orders : grpc`: its first words as written, blanks normalised.
fn label(written: &Written, sources: &Sources) -> String {
    let text = sources.file(written.name.file).text.as_str();
    let words = |span: std::ops::Range<u32>| {
        let text = &text[span.start as usize..span.end as usize];
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    match written.edge {
        Edge::No => words(written.first_word..written.name.end),
        Edge::OfChain => words(written.name.start..written.name.end),
        Edge::Alone => {
            let ends = words(written.name.start..written.name.end);
            let rest = words(written.name.end..written.body.unwrap_or(written.end));
            match rest.strip_prefix(':') {
                Some(rest) => {
                    let protocol = rest.split_whitespace().next().unwrap_or_default();
                    format!("{ends} : {protocol}")
                }
                None => ends,
            }
        }
    }
}

/// Whether a declaration is known by its name alone: what stands in a zone, save the zone's own defaults.
fn is_named_alone(written: &Written, parent: &Written, sources: &Sources) -> bool {
    let text = |it: &Written| {
        let all = sources.file(it.name.file).text.as_str();
        &all[it.first_word as usize..it.name.end as usize]
    };
    let first = |it: &Written| {
        let words = text(it).split_whitespace();
        words.clone().next().unwrap_or_default().to_owned()
    };
    matches!(first(parent).as_str(), "zone" | "system") && first(written) != "defaults"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawing(text: &str) -> (Sources, Declarations) {
        let mut sources = Sources::default();
        let file = sources.add("a.arch", text);
        let parsed = crate::syntax::parse(&sources, file);
        assert!(!parsed.has_errors(), "{:?}", parsed.diagnostics);
        (sources, Declarations::of(&[parsed.file], 0))
    }

    fn at(text: &str, part: &str) -> Span {
        let start = text.find(part).expect("the part") as u32;
        Span {
            file: FileId(0),
            start,
            end: start + part.len() as u32,
        }
    }

    #[test]
    fn places_are_named_by_what_they_belong_to() {
        let text = "zone core : internal {\n  defaults { tls = mutual }\n  service orders {\n    api Orders v2 {\n      auth = mesh\n      query find(id: uuid) -> Order { timeout = 1s }\n    }\n  }\n}\n\n/// Calls.\n@accept(TMO001, reason = \"x\")\nfront   ->   orders.Orders : grpc with steady { retry = none, place { timeout = 2s } }\na -> bus.b -> c\n";
        let (sources, all) = drawing(text);
        let path = |part: &str| {
            let found = all.around(at(text, part)).expect("a declaration");
            all.path(found, &sources, &|_| None)
        };
        assert_eq!(path("tls"), "zone core / defaults");
        assert_eq!(path("auth"), "service orders / api Orders");
        assert_eq!(
            path("timeout = 1s"),
            "service orders / api Orders / query find"
        );
        assert_eq!(path("retry"), "front -> orders.Orders : grpc");
        assert_eq!(path("@accept"), "front -> orders.Orders : grpc");
        assert_eq!(
            path("timeout = 2s"),
            "front -> orders.Orders : grpc / place"
        );
        assert_eq!(path("a -> bus.b"), "a -> bus.b");
        assert_eq!(path("bus.b -> c"), "bus.b -> c");
        assert!(all.around(at(text, "\n\n")).is_none());
    }

    #[test]
    fn names_lead_to_bodies() {
        let text = "service a\nservice b { replicas = 2 }\na -> b : grpc\n";
        let (sources, all) = drawing(text);
        let bare = all.of_name(at(text, "a")).expect("a");
        assert_eq!(
            (sources.text(bare.item()), bare.body()),
            ("service a", None)
        );
        let body = all.of_name(at(text, "b {").shortened()).expect("b").body();
        assert_eq!(body.map(|it| sources.text(it)), Some("{ replicas = 2 }"));
        let edge = all.of_name(at(text, "a -> b")).expect("the edge");
        assert_eq!(sources.text(edge.item()), "a -> b : grpc");
        assert!(all.of_name(at(text, "grpc")).is_none());
    }

    impl Span {
        /// The first byte of it.
        fn shortened(self) -> Self {
            Self {
                end: self.start + 1,
                ..self
            }
        }
    }
}
