//! A part of a system: what stands in other teams' files is there, and nothing is known about it.

use smallvec::SmallVec;
use thin_vec::ThinVec;

use super::Resolver;
use crate::model::attributes::Attributes;
use crate::model::{BrokerEngine, Node, NodeId, NodeKind, ServiceKind, StoreEngine, Trust};
use crate::source::{FileId, Span, Spanned};
use crate::syntax::ast::{self, Ident};

/// What a node of another file was declared as, for all that can be said here.
static UNSEEN: ast::Node = ast::Node {
    keyword: Spanned {
        value: ast::Keyword::Service,
        span: Span {
            file: FileId(0),
            start: 0,
            end: 0,
        },
    },
    name: None,
    variant: None,
    body: None,
};

impl<'a> Resolver<'a> {
    /// Gives every name that edges mention and nobody declares a node that exists and of which nothing is known.
    pub(super) fn elsewhere(&mut self) {
        self.model.elsewhere = Some(Vec::new());
        for at in 0..self.edges.len() {
            let (_, edge) = self.edges[at];
            for (place, end) in edge.ends.iter().enumerate() {
                if let Some((head, rest)) = end.split_first()
                    && !self.names.nodes.contains_key(head.value.as_str())
                {
                    let is_link = edge.protocol.is_none() && edge.ends.len() >= 2;
                    self.unseen(head, kind_of(rest, is_link, place > 0));
                }
            }
        }
    }

    /// Whether a node stands in another file.
    pub(super) fn is_elsewhere(&self, node: NodeId) -> bool {
        let known = self.model.elsewhere.as_ref();
        known.is_some_and(|known| known.binary_search(&node).is_ok())
    }

    fn unseen(&mut self, name: &'a Ident, kind: NodeKind) {
        let id = NodeId(self.model.nodes.len() as u32);
        self.names.nodes.insert(&name.value, id);
        self.model.nodes.push(Node {
            name: name.value.to_string(),
            span: name.span,
            doc: None,
            kind,
            zone: None,
            trust: Trust::Internal,
            existing: true,
            apis: SmallVec::new(),
            channels: ThinVec::new(),
            closed: false,
            attributes: Attributes::default(),
            schedules: ThinVec::new(),
        });
        self.nodes.push(&UNSEEN);
        if let Some(known) = &mut self.model.elsewhere {
            known.push(id);
        }
    }
}

/// What the way in which a name is used tells of it: an arrow without a protocol leads to a channel (`bus.placed`) or to
/// a store, every other one to a service.
fn kind_of(rest: &[Ident], is_link: bool, is_target: bool) -> NodeKind {
    let is_channel = |it: &Ident| it.value.starts_with(|it: char| it.is_lowercase());
    match rest {
        [channel] if is_link && is_channel(channel) => NodeKind::Broker(BrokerEngine::Kafka),
        [] if is_link && is_target => NodeKind::Store(StoreEngine::Other),
        _ => NodeKind::Service(ServiceKind::Plain),
    }
}
