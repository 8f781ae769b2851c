//! Arrows: what they connect, how they travel, what they carry.

use smallvec::SmallVec;

use super::entries::{Context, Message};
use super::handlers::CallsOf;
use super::lookup::enumerated;
use super::place::Around;
use super::{Resolver, doc, items};
use crate::diagnostic::Diagnostic;
use crate::model::attributes::{Attr, Value};
use crate::model::schema::Place;
use crate::model::types::TypeRef;
use crate::model::{
    Access, ApiId, CallTarget, ChannelId, Edge, EdgeId, End, Link, NodeId, NodeKind,
};
use crate::protocol::{BrokerEngine, Protocol};
use crate::source::Span;
use crate::syntax::ast::{self, Item, ItemKind};

/// One arrow between two ends.
pub(super) struct Arrow<'a> {
    pub item: &'a Item,
    pub edge: &'a ast::Edge,
    /// The two ends as written.
    pub span: Span,
    from_span: Span,
    pub to_span: Span,
}

impl<'a> Resolver<'a> {
    /// Reads all edges.
    pub(super) fn edges(&mut self) {
        let count = self.edges.len();
        self.model.edges.reserve(count);
        self.drawn.reserve(count);
        let mut ends: Vec<Option<CallTarget>> = Vec::new();
        for at in 0..count {
            let (item, edge) = self.edges[at];
            ends.clear();
            for end in &edge.ends {
                ends.push(self.target(end, true));
            }
            let before = self.model.edges.len();
            let refused = edge.ends.len() > 2 && self.chain_with_more(edge);
            let pairs = if refused { &[] } else { ends.as_slice() };
            for (targets, paths) in pairs.windows(2).zip(edge.ends.windows(2)) {
                if let ([Some(from), Some(to)], [from_path, to_path]) = (targets, paths) {
                    let (from_span, to_span) = (from_path.span(), to_path.span());
                    let arrow = Arrow {
                        item,
                        edge,
                        span: from_span.to(to_span),
                        from_span,
                        to_span,
                    };
                    self.arrow(&arrow, *from, *to);
                }
            }
            if self.model.edges.len() + 1 < before + ends.len() {
                self.broken.edges = true;
            }
        }
        self.live_values();
    }

    /// A chain says only what is connected; how belongs to one edge.
    fn chain_with_more(&mut self, edge: &ast::Edge) -> bool {
        let more = edge
            .protocol
            .as_ref()
            .map(|it| it.span)
            .or(edge.policies.first().map(|it| it.span));
        let Some(at) = more.or(edge.body.as_ref().map(|it| it.span)) else {
            return false;
        };
        let mut found =
            Diagnostic::error("ARC047", "a chain takes no protocol, policy or body", at)
                .here("which of its edges would this be for?");
        for ends in edge.ends.windows(2) {
            if let [from, to] = ends {
                found = found.help(format!(
                    "write `{} -> {}` on a line of its own",
                    self.sources.text(from.span()),
                    self.sources.text(to.span())
                ));
            }
        }
        self.report(found);
        true
    }

    fn arrow(&mut self, arrow: &Arrow<'a>, from: CallTarget, to: CallTarget) {
        let Some(from) = self.source_end(arrow, from) else {
            return;
        };
        match (from, to) {
            (End::Node(from), CallTarget::Channel(channel)) => self.publish(arrow, from, channel),
            (End::Node(from), CallTarget::Store(store, Access::Both)) => {
                self.use_store(arrow, from, store)
            }
            (End::Node(_), CallTarget::Store(store, _)) => {
                let found = Diagnostic::error(
                    "ARC046",
                    "an edge leads to the store as a whole",
                    arrow.to_span,
                )
                .help(format!(
                    "draw `-> {0}`, and say `calls = [{0}.read]` on the operation",
                    self.model[store].name
                ));
                self.report(found);
            }
            (End::Node(_) | End::Channel(_), CallTarget::Operation(operation)) => {
                let found = Diagnostic::error(
                    "ARC046",
                    "an edge leads to an api, not to one operation of it",
                    arrow.to_span,
                )
                .help(format!(
                    "draw the edge to the api, with `{{ only = [{}] }}`",
                    self.model[operation].name
                ));
                self.report(found);
            }
            (End::Node(from), CallTarget::Api(api)) => {
                let callee = self.model[api].node;
                self.call(arrow, from, callee, Some(api));
            }
            (End::Node(from), CallTarget::Node(to)) => match self.model[to].kind {
                NodeKind::Broker(engine) => self.which_channel(to, engine, arrow.to_span),
                NodeKind::Client(_) => {
                    let message = format!("nothing calls the client `{}`", self.model[to].name);
                    let found = Diagnostic::error("ARC046", message, arrow.to_span)
                        .note("an arrow follows the request; answers and pushed messages need none of their own")
                        .help(format!("draw `{} -> {}`, from who asks", self.model[to].name, self.model[from].name));
                    self.report(found);
                }
                _ => {
                    if let Some(api) = self.sole_api(to, arrow.to_span) {
                        self.call(arrow, from, to, api);
                    }
                }
            },
            (End::Channel(channel), CallTarget::Node(to)) => match self.model[to].kind {
                NodeKind::Broker(engine) => self.which_channel(to, engine, arrow.to_span),
                NodeKind::Store(_) => self.no_consumer(arrow),
                _ => self.consume(arrow, channel, to),
            },
            (End::Channel(_), _) => self.no_consumer(arrow),
        }
    }

    fn no_consumer(&mut self, arrow: &Arrow<'a>) {
        let found = Diagnostic::error(
            "ARC046",
            "messages are consumed by a service",
            arrow.to_span,
        )
        .help("draw a service between them, which takes the messages and does something with them");
        self.report(found);
    }

    fn source_end(&mut self, arrow: &Arrow<'a>, from: CallTarget) -> Option<End> {
        let found = match from {
            CallTarget::Channel(channel) => return Some(End::Channel(channel)),
            CallTarget::Node(node) => match self.model[node].kind {
                NodeKind::Broker(engine) => {
                    self.which_channel(node, engine, arrow.from_span);
                    return None;
                }
                _ => return Some(End::Node(node)),
            },
            CallTarget::Store(store, _) => {
                let name = &self.model[store].name;
                Diagnostic::error(
                    "ARC046",
                    format!("the store `{name}` starts nothing"),
                    arrow.from_span,
                )
                .note("an arrow follows the request, not the data")
                .help(format!("turn the arrow round: `... -> {name}`"))
            }
            CallTarget::Api(_) | CallTarget::Operation(_) => Diagnostic::error(
                "ARC046",
                "an edge starts at a node, not at its api",
                arrow.from_span,
            )
            .note("which operations start it is said on them, with `calls = [...]` or `via`"),
        };
        self.report(found);
        None
    }

    fn which_channel(&mut self, broker: NodeId, engine: BrokerEngine, at: Span) {
        let node = &self.model[broker];
        let names: Vec<String> = node
            .channels
            .iter()
            .map(|it| self.model[*it].name.clone())
            .collect();
        let example = names
            .first()
            .cloned()
            .unwrap_or_else(|| "some_name".to_owned());
        let mut found = Diagnostic::error(
            "ARC046",
            format!(
                "an edge leads to a channel of `{}`, not to the broker",
                node.name
            ),
            at,
        )
        .help(format!(
            "name the {}: `{}.{example}`",
            engine.facts().channels[0],
            node.name
        ));
        if !names.is_empty() {
            found = found.label(node.span, format!("it has {}", enumerated(&names)));
        }
        self.report(found);
    }

    /// The only api of a node; none at all when it is opaque. `None`, with a message, when one must be chosen.
    fn sole_api(&mut self, node: NodeId, at: Span) -> Option<Option<ApiId>> {
        match self.model[node].apis.as_slice() {
            [] => Some(None),
            [api] => Some(Some(*api)),
            apis => {
                let names: Vec<String> = apis.iter().map(|api| self.api_name(*api)).collect();
                let node = &self.model[node];
                let found =
                    Diagnostic::error("ARC042", format!("`{}` has several apis", node.name), at)
                        .here("which of them?")
                        .label(node.span, format!("it has {}", enumerated(&names)))
                        .help(format!("write `{}.{}`", node.name, names[0]));
                self.report(found);
                None
            }
        }
    }

    /// Refuses a second edge of the same ends, api and protocol.
    pub(super) fn alone(
        &mut self,
        arrow: &Arrow<'a>,
        from: End,
        to: End,
        api: Option<ApiId>,
        protocol: Option<Protocol>,
    ) -> bool {
        let Some(first) = self.drawn.insert((from, to, api, protocol), arrow.span) else {
            return true;
        };
        if self.is_elsewhere(self.model.node_of(to)) {
            // They may be for different apis, which are not known here.
            return true;
        }
        let found = Diagnostic::error("ARC045", "this edge is drawn twice", arrow.span)
            .here("again here")
            .label(first, "first here");
        self.report(found.help("draw it once, with all that holds for it"));
        false
    }

    fn publish(&mut self, arrow: &Arrow<'a>, from: NodeId, channel: ChannelId) {
        let broker = self.model[channel].broker;
        let to = End::Channel(channel);
        if self.takes_no_protocol(arrow, "the broker's engine gives it")
            || !self.alone(arrow, End::Node(from), to, None, None)
        {
            return;
        }
        let body = self.edge_body(arrow, Place::Publish, &Context::default());
        self.plain_edge(
            arrow,
            Place::Publish,
            (End::Node(from), to, Link::Publish),
            (from, broker),
            &body,
        );
    }

    fn use_store(&mut self, arrow: &Arrow<'a>, from: NodeId, store: NodeId) {
        let to = End::Node(store);
        if self.takes_no_protocol(arrow, "the store's engine gives it")
            || !self.alone(arrow, End::Node(from), to, None, None)
        {
            return;
        }
        let body = self.edge_body(arrow, Place::StoreLink, &Context::default());
        self.plain_edge(
            arrow,
            Place::StoreLink,
            (End::Node(from), to, Link::Store),
            (from, store),
            &body,
        );
    }

    fn consume(&mut self, arrow: &Arrow<'a>, channel: ChannelId, to: NodeId) {
        let broker = self.model[channel].broker;
        let from = End::Channel(channel);
        if self.takes_no_protocol(arrow, "the broker's engine gives it")
            || !self.alone(arrow, from, End::Node(to), None, None)
        {
            return;
        }
        if let Some(policy) = arrow.edge.policies.first() {
            let found = Diagnostic::error(
                "ARC048",
                "a consumer calls nothing on this edge, so that no policy holds for it",
                policy.span,
            );
            self.report(found.help("put the policy on the edges that the consumer calls by"));
        }
        let message = match self.model[channel].message {
            Some(TypeRef::Struct(id)) => Message::Struct(id),
            _ => Message::Any,
        };
        let body = self.edge_body(
            arrow,
            Place::Consume,
            &Context {
                broker: Some(broker),
                message,
            },
        );
        let id = self.plain_edge(
            arrow,
            Place::Consume,
            (from, End::Node(to), Link::Consume),
            (to, broker),
            &body,
        );
        self.consumer_values(id, channel, to, &body);
        self.consumed.insert((to, channel), id);
        for entry in &body {
            match (entry.attr, &entry.value) {
                (Attr::Calls, _) => self.calls.push((CallsOf::Edge(id), entry.raw)),
                (Attr::Dlq, Some(Value::Channel(dead))) if *dead == channel => {
                    let found = Diagnostic::error(
                        "ARC067",
                        "dead letters would go where they came from",
                        entry.span,
                    );
                    self.report(found);
                }
                _ => {}
            }
        }
    }

    /// An edge that carries no api.
    fn plain_edge(
        &mut self,
        arrow: &Arrow<'a>,
        place: Place,
        (from, to, link): (End, End, Link),
        (user, server): (NodeId, NodeId),
        body: &[super::entries::Entry<'a>],
    ) -> EdgeId {
        let (attributes, policies) =
            self.edge_attributes(arrow.edge, place, user, server, None, body);
        self.model.edges.push(Edge {
            span: arrow.span,
            doc: doc(&arrow.item.doc),
            from,
            to,
            link,
            protocol_span: None,
            policies,
            attributes,
            operations: SmallVec::new(),
            calls: None,
        });
        EdgeId(self.model.edges.len() as u32 - 1)
    }

    fn takes_no_protocol(&mut self, arrow: &Arrow<'a>, why: &str) -> bool {
        let Some(protocol) = &arrow.edge.protocol else {
            return false;
        };
        let found = Diagnostic::error(
            "ARC048",
            format!("this edge takes no protocol: {why}"),
            protocol.span,
        );
        self.report(found.help("leave out the colon and what follows it"));
        true
    }

    /// The attributes in the body of an edge; blocks of operations are for calls alone.
    pub(super) fn edge_body(
        &mut self,
        arrow: &Arrow<'a>,
        place: Place,
        context: &Context,
    ) -> Vec<super::entries::Entry<'a>> {
        let body = items(&arrow.edge.body);
        let carries = matches!(place, Place::Call | Place::Webhook);
        for item in self.housed(body, Around::Edge) {
            if let (ItemKind::Override(it), false) = (&item.kind, carries) {
                let found = Diagnostic::error(
                    "ARC028",
                    "this edge carries no operations",
                    it.operation.span,
                );
                self.report(found.help("write the attributes in the edge's own block"));
            }
        }
        self.entries(body, place, context)
    }
}
