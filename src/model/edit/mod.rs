//! Edits of a drawing: what to change in the text so that an element says something else.
//!
//! Everything that is not meant stays as it is, comments and layout among it. An edit that cannot be made safely (what
//! is meant is not written anywhere, or is written in a way that is not understood here) is `None`.

mod call;
mod insert;
mod remove;

#[cfg(test)]
mod tests;

use super::attributes::{Attr, Attributes, Origin};
use super::written::Written;
use super::{
    ApiId, AuthId, ChannelId, EdgeId, Model, NodeId, OperationId, PolicyId, Protocol, ZoneId,
};
use crate::diagnostic::Edit;
use crate::source::{Sources, Span};

/// Edits that belong together, in source order; `None` where they cannot be made.
pub type Edits = Option<Vec<Edit>>;

/// A declaration that can be edited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Element {
    /// The system.
    System,
    /// A zone.
    Zone(ZoneId),
    /// A node.
    Node(NodeId),
    /// An api.
    Api(ApiId),
    /// An operation.
    Operation(OperationId),
    /// A channel.
    Channel(ChannelId),
    /// An edge.
    Edge(EdgeId),
    /// A policy.
    Policy(PolicyId),
    /// An authentication scheme.
    Auth(AuthId),
}

macro_rules! elements {
    ($($id:ident => $variant:ident),*) => {$(
        impl From<$id> for Element {
            fn from(id: $id) -> Self { Self::$variant(id) }
        }
    )*};
}
elements! {
    ZoneId => Zone, NodeId => Node, ApiId => Api, OperationId => Operation, ChannelId => Channel, EdgeId => Edge,
    PolicyId => Policy, AuthId => Auth
}

/// Makes edits of one drawing.
#[derive(Clone, Copy, Debug)]
pub struct Editor<'a> {
    model: &'a Model,
    sources: &'a Sources,
}

/// All of them, or none.
#[must_use]
pub fn all(parts: impl IntoIterator<Item = Edits>) -> Edits {
    let parts: Vec<Vec<Edit>> = parts.into_iter().collect::<Option<_>>()?;
    let mut edits: Vec<Edit> = parts.into_iter().flatten().collect();
    edits.sort_by_key(|it| it.span);
    Some(edits)
}

impl<'a> Editor<'a> {
    /// Edits of a drawing that was read from `sources`.
    #[must_use]
    pub const fn new(model: &'a Model, sources: &'a Sources) -> Self {
        Self { model, sources }
    }

    /// Lets an element say `attr = value`: where it says something else the value is replaced, else the line is added.
    /// What comes from a policy or from defaults stays there and no longer counts for this element.
    #[must_use]
    pub fn set(&self, element: impl Into<Element>, attr: Attr, value: &str) -> Edits {
        self.set_all(element, &[(attr, value)])
    }

    /// The same of several attributes.
    #[must_use]
    pub fn set_all(&self, element: impl Into<Element>, values: &[(Attr, &str)]) -> Edits {
        let element = element.into();
        let attributes = self.attributes(element);
        let mut edits = Vec::new();
        let mut new = Vec::new();
        for (attr, value) in values {
            match attributes.get(*attr).map(|it| &it.origin) {
                Some(Origin::Declared(line)) => edits.extend(self.replace(*line, value)?),
                _ => new.push(format!("{attr} = {value}")),
            }
        }
        if !new.is_empty() {
            let written = self.written(element)?;
            edits.push(insert::attributes(self.text_of(written), written, &new)?);
        }
        edits.sort_by_key(|it| it.span);
        Some(edits)
    }

    /// Lets one operation of an edge say `attr = value`, in the edge's braces.
    #[must_use]
    pub fn set_for(&self, edge: EdgeId, operation: OperationId, attr: Attr, value: &str) -> Edits {
        let on_edge = self.model[edge]
            .operations
            .iter()
            .find(|it| it.operation == operation)?;
        match &on_edge.overrides {
            // Where it has braces of its own, only what stands in them is changed.
            Some(own) => match own.get(attr)?.origin {
                Origin::Declared(line) => self.replace(line, value),
                _ => None,
            },
            None => {
                let name = &self.model[operation].name;
                self.add(edge, &format!("{name} {{ {attr} = {value} }}"))
            }
        }
    }

    /// Takes an attribute away from the element that it is written on.
    #[must_use]
    pub fn unset(&self, element: impl Into<Element>, attr: Attr) -> Edits {
        let element = element.into();
        let Origin::Declared(line) = self.attributes(element).get(attr)?.origin else {
            return None;
        };
        let written = self.written(element)?;
        Some(vec![remove::attribute(
            self.text_of(written),
            written.body()?,
            line,
        )])
    }

    /// Gives a line `attr = old` another value. The line is what an attribute's origin points at.
    #[must_use]
    pub fn replace(&self, line: Span, value: &str) -> Edits {
        let span = self.value_of(line)?;
        Some(vec![Edit {
            span,
            replacement: value.to_owned(),
        }])
    }

    /// Gives a named argument of the call on a line another value, as `jitter = full` in `retry = exponential(...)`.
    #[must_use]
    pub fn argument(&self, line: Span, name: &str, value: &str) -> Edits {
        let call = self.value_of(line)?;
        Some(vec![call::set(self.sources.text(call), call, name, value)?])
    }

    /// Takes a named argument out of the call on a line.
    #[must_use]
    pub fn drop_argument(&self, line: Span, name: &str) -> Edits {
        let call = self.value_of(line)?;
        Some(vec![call::remove(self.sources.text(call), call, name)?])
    }

    /// Calls another form on a line, with the same arguments: `exponential` for `fixed`.
    #[must_use]
    pub fn call(&self, line: Span, name: &str) -> Edits {
        let call = self.value_of(line)?;
        let length = self.sources.text(call).find('(')?;
        let span = Span {
            end: call.start + length as u32,
            ..call
        };
        Some(vec![Edit {
            span,
            replacement: name.to_owned(),
        }])
    }

    /// What stands between an element's name and its braces: ` : OrderPlaced`.
    #[must_use]
    pub fn rest(&self, element: impl Into<Element>) -> Option<&'a str> {
        let written = self.written(element.into())?;
        let end = written.body.unwrap_or(written.end);
        Some(self.text_of(written)[written.name.end as usize..end as usize].trim_end())
    }

    /// Lets the `defaults { }` of a zone, or of the system, or a policy say `attr = value` for all that it holds for.
    #[must_use]
    pub fn set_default(&self, site: impl Into<Element>, attr: Attr, value: &str) -> Edits {
        let site = site.into();
        if let Element::Policy(_) = site {
            return self.set(site, attr, value);
        }
        let around = self.written(site)?;
        let mut inside = self.model.declarations.right_inside(Some(around));
        let line = format!("{attr} = {value}");
        let edit = match inside.find(|it| self.sources.text(it.name) == "defaults") {
            Some(block) => insert::attributes(self.text_of(block), block, &[line])?,
            None => {
                let block = format!("defaults {{ {line} }}");
                insert::attributes(self.text_of(around), around, &[block])?
            }
        };
        Some(vec![edit])
    }

    /// Adds an item (`queue dead : Note`, `place { retry = none }`) as the last one in an element's braces.
    #[must_use]
    pub fn add(&self, element: impl Into<Element>, item: &str) -> Edits {
        let written = self.written(element.into())?;
        Some(vec![insert::item(self.text_of(written), written, item)?])
    }

    /// Adds an item beside an element, after it.
    #[must_use]
    pub fn add_after(&self, element: impl Into<Element>, item: &str) -> Edits {
        let written = self.written(element.into())?;
        Some(vec![insert::after(self.text_of(written), written, item)])
    }

    /// Takes an element out, with its documentation and marks.
    #[must_use]
    pub fn remove(&self, element: impl Into<Element>) -> Edits {
        let written = self.written(element.into())?;
        if written.is_of_chain() {
            return None;
        }
        Some(vec![remove::item(self.text_of(written), written.whole())])
    }

    /// Lets an edge travel over another protocol.
    #[must_use]
    pub fn protocol(&self, edge: EdgeId, protocol: Protocol) -> Edits {
        Some(vec![Edit {
            span: self.model[edge].protocol_span?,
            replacement: protocol.name().to_owned(),
        }])
    }

    /// Where an element is written; what is built in, forwarded or taken from a contract is not.
    fn written(&self, element: Element) -> Option<&'a Written> {
        let model = self.model;
        let (span, name) = match element {
            Element::System => (model.system.span, &model.system.name),
            Element::Zone(id) => (model[id].span, &model[id].name),
            Element::Node(id) => (model[id].span, &model[id].name),
            Element::Api(id) => (model[id].span, &model[id].name),
            Element::Operation(id) => (model[id].span, &model[id].name),
            Element::Channel(id) => (model[id].span, &model[id].name),
            Element::Policy(id) => (model[id].span, &model[id].name),
            Element::Auth(id) => (model[id].span, &model[id].name),
            Element::Edge(id) => return model.declarations.of_name(model[id].span),
        };
        let written = model.declarations.of_name(span)?;
        (self.sources.text(span) == name).then_some(written)
    }

    fn attributes(&self, element: Element) -> &'a Attributes {
        let model = self.model;
        match element {
            Element::System => &model.system.attributes,
            Element::Zone(id) => &model[id].attributes,
            Element::Node(id) => &model[id].attributes,
            Element::Api(id) => &model[id].attributes,
            Element::Operation(id) => &model[id].attributes,
            Element::Channel(id) => &model[id].attributes,
            Element::Edge(id) => &model[id].attributes,
            Element::Policy(id) => &model[id].attributes,
            Element::Auth(id) => &model[id].attributes,
        }
    }

    fn text_of(&self, written: &Written) -> &'a str {
        &self.sources.file(written.name.file).text
    }

    /// The value of a line `attr = value`.
    fn value_of(&self, line: Span) -> Option<Span> {
        let text = self.sources.text(line);
        let after = text.find('=')? + 1;
        let value = text[after..].trim();
        let start = line.start + (after + text[after..].find(value)?) as u32;
        Some(Span {
            start,
            end: start + value.len() as u32,
            ..line
        })
    }
}
