//! The attributes of a block, checked against the schema.

use super::Resolver;
use super::place::Around;
use crate::diagnostic::Diagnostic;
use crate::model::attributes::{Attr, Attributes, Effective, Origin, Value};
use crate::model::schema::{self, Place, Row, Side};
use crate::model::{MessageId, NodeId, StructId};
use crate::source::Span;
use crate::syntax::ast::{self, Item, ItemKind};
use crate::syntax::nearest;

/// One attribute as written.
#[derive(Debug)]
pub(super) struct Entry<'a> {
    pub attr: Attr,
    /// The whole line.
    pub span: Span,
    /// What was written.
    pub raw: &'a ast::Value,
    /// What it means; `None` for what is followed later (`calls`) and for what was refused.
    pub value: Option<Value>,
}

/// What names in values refer to.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Context {
    /// The broker whose channels `dlq` names.
    pub broker: Option<NodeId>,
    /// The message whose fields are named.
    pub message: Message,
}

/// The message at hand.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum Message {
    /// Any field may be meant: no message is known here, or it is free json.
    #[default]
    Any,
    /// Nothing comes in, so that there is no field.
    Nothing,
    /// This one.
    Struct(StructId),
    /// This one, of a proto file.
    Proto(MessageId),
}

impl<'a> Resolver<'a> {
    /// The attributes among the items of a block. What cannot stand there, or has a wrong value, is told of.
    pub(super) fn entries(
        &mut self,
        items: &'a [Item],
        place: Place,
        context: &Context,
    ) -> Vec<Entry<'a>> {
        let mut entries: Vec<Entry<'a>> = Vec::new();
        for item in items {
            let ItemKind::Attribute(attribute) = &item.kind else {
                continue;
            };
            let Some(row) = self.row(attribute, place) else {
                continue;
            };
            if let Some(first) = entries.iter().find(|it| it.attr == row.attr) {
                let found = Diagnostic::error(
                    "ARC033",
                    format!("`{}` is set twice", row.attr),
                    attribute.name.span,
                )
                .label(first.span, "first set here");
                self.report(found.help("remove one of the two"));
                continue;
            }
            let value = self.value(row, &attribute.value, context);
            entries.push(Entry {
                attr: row.attr,
                span: item.span,
                raw: &attribute.value,
                value,
            });
        }
        entries
    }

    /// Entries as attributes that were written here.
    pub(super) fn declared(entries: &[Entry<'_>]) -> Attributes {
        let mut attributes = Attributes::default();
        Self::declare_into(&mut attributes, entries);
        attributes
    }

    /// Adds entries to what holds around them.
    pub(super) fn declare_into(attributes: &mut Attributes, entries: &[Entry<'_>]) {
        let new = entries.iter().filter(|it| it.value.is_some()).count();
        if new > 0 {
            attributes.reserve(new);
        }
        for entry in entries {
            if let Some(value) = &entry.value {
                attributes.set(
                    entry.attr,
                    Effective {
                        value: value.clone(),
                        origin: Origin::Declared(entry.span),
                    },
                );
            }
        }
    }

    /// The schema's row for an attribute here.
    fn row(&mut self, attribute: &'a ast::Attribute, place: Place) -> Option<&'static Row> {
        let name = attribute.name.value.as_str();
        let attr = Attr::from_name(name);
        if let Some(row) = attr.and_then(|attr| schema::row(attr, place)) {
            return Some(row);
        }
        let found = match attr {
            Some(attr) => self.wrong_place(attr, attribute, place),
            None => self.unknown_attribute(attribute, place),
        };
        self.report(found);
        None
    }

    fn unknown_attribute(&self, attribute: &ast::Attribute, place: Place) -> Diagnostic {
        let name = attribute.name.value.as_str();
        let here: Vec<&str> = schema::at(place).map(|row| row.attr.name()).collect();
        let mut found = Diagnostic::error(
            "ARC029",
            format!("there is no attribute called `{name}`"),
            attribute.name.span,
        );
        if let Some(near) = nearest(name, here.iter().copied()) {
            found = found.help(format!("did you mean `{near}`?"));
        } else if let Some(near) = nearest(name, Attr::ALL.iter().map(|attr| attr.name())) {
            found = found.help(format!("there is `{near}`, which {}", belongs(near)));
        }
        found.note(match here.as_slice() {
            [] => format!("{} takes no attributes", article(place)),
            here => format!("{} takes `{}`", article(place), here.join("`, `")),
        })
    }

    fn wrong_place(&self, attr: Attr, attribute: &ast::Attribute, place: Place) -> Diagnostic {
        let whose = schema::rows(attr).next().map(|row| row.side);
        let message = match whose {
            Some(Side::Caller) => format!(
                "`{attr}` is the caller's, and {} is not where a caller decides",
                article(place)
            ),
            Some(Side::Callee) => format!(
                "`{attr}` is the callee's, and {} is not where a callee decides",
                article(place)
            ),
            Some(Side::Link) => {
                format!("`{attr}` belongs to a link, and {} is none", article(place))
            }
            Some(Side::Channel) => format!(
                "`{attr}` belongs to a channel or its consumer, and {} is neither",
                article(place)
            ),
            Some(Side::Webhook) => format!(
                "`{attr}` belongs to a webhook, and {} is none",
                article(place)
            ),
            _ => format!("{} takes no `{attr}`", article(place)),
        };
        Diagnostic::error("ARC030", message, attribute.name.span)
            .here("does not stand here")
            .help(format!("`{attr}` {}", belongs(attr.name())))
    }

    /// Tells of items that do not stand in this block; attributes are the schema's business.
    pub(super) fn only_attributes(&mut self, items: &'a [Item], around: Around) {
        let _ = self.housed(items, around);
    }
}

/// "stands on an api or an operation".
fn belongs(name: &str) -> String {
    let Some(attr) = Attr::from_name(name) else {
        return String::new();
    };
    let mut places: Vec<String> = Vec::new();
    for row in schema::rows(attr) {
        let edges = row.places.iter().filter(|place| is_edge(**place)).count();
        for place in row.places {
            // What stands on every kind of edge is not listed kind by kind.
            let place = if edges > 2 && is_edge(*place) {
                "an edge".to_owned()
            } else {
                article(*place)
            };
            if !places.contains(&place) {
                places.push(place);
            }
        }
    }
    format!("stands on {}", super::place::join(&places))
}

const fn is_edge(place: Place) -> bool {
    matches!(
        place,
        Place::Call | Place::Webhook | Place::StoreLink | Place::Publish | Place::Consume
    )
}

/// "an operation", "a service".
fn article(place: Place) -> String {
    let name = place.name();
    match name {
        "defaults" => "`defaults`".to_owned(),
        name if name.starts_with(['a', 'e', 'i', 'o', 'u']) => format!("an {name}"),
        name => format!("a {name}"),
    }
}
