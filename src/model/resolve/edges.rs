//! Arrows: what they connect, how they travel, what they carry.

use super::entries::{Context, Message};
use super::forward::CallsOf;
use super::lookup::enumerated;
use super::place::Around;
use super::{Resolver, doc, items};
use crate::diagnostic::{Diagnostic, Level};
use crate::model::attributes::{Attr, Value};
use crate::model::schema::Place;
use crate::model::types::TypeRef;
use crate::model::{
    Access, ApiId, CallTarget, ChannelId, ClientKind, Edge, EdgeId, EdgeOperation, End, Link,
    NodeId, NodeKind, OperationId,
};
use crate::protocol::{BrokerEngine, OperationShape, Protocol, advise};
use crate::source::Span;
use crate::syntax::ast::{self, Item, ItemKind};

/// One arrow between two ends.
struct Arrow<'a> {
    item: &'a Item,
    edge: &'a ast::Edge,
    /// The two ends as written.
    span: Span,
    from_span: Span,
    to_span: Span,
}

impl<'a> Resolver<'a> {
    /// Reads all edges.
    pub(super) fn edges(&mut self) {
        for at in 0..self.edges.len() {
            let (item, edge) = self.edges[at];
            if edge.ends.len() > 2 && self.chain_with_more(edge) {
                continue;
            }
            let ends: Vec<Option<CallTarget>> = edge
                .ends
                .iter()
                .map(|end| self.target(&end.segments, true))
                .collect();
            for (targets, paths) in ends.windows(2).zip(edge.ends.windows(2)) {
                if let ([Some(from), Some(to)], [from_path, to_path]) = (targets, paths) {
                    let (from_span, to_span) = (from_path.span, to_path.span);
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
                    self.sources.text(from.span),
                    self.sources.text(to.span)
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

    fn call(&mut self, arrow: &Arrow<'a>, from: NodeId, to: NodeId, api: Option<ApiId>) {
        let Some(written) = &arrow.edge.protocol else {
            return self.undecided(arrow, from, to, api);
        };
        let Some(protocol) = Protocol::from_name(&written.value) else {
            return self.unknown_protocol(written);
        };
        if !self.alone(arrow, End::Node(from), End::Node(to), api, Some(protocol)) {
            return;
        }
        if let Some(api) = api
            && self.model[api].proto.is_some()
            && protocol != Protocol::Grpc
        {
            let message = format!(
                "`{}` has a proto contract, and travels over grpc alone",
                self.api_name(api)
            );
            let found = Diagnostic::error("ARC062", message, written.span)
                .label(self.model[api].span, "its contract stands here");
            return self.report(found.help("write `: grpc`"));
        }
        let place = if protocol == Protocol::Webhook {
            Place::Webhook
        } else {
            Place::Call
        };
        let body = self.edge_body(arrow, place, &Context::default());
        let Some(operations) = self.carried(arrow, api, protocol, written.span, &body) else {
            return;
        };
        let attributes = self.edge_attributes(arrow.edge, place, from, to, Some(protocol), &body);
        let id = EdgeId(self.model.edges.len() as u32);
        self.by_ends
            .entry((from, api.map_or(CallTarget::Node(to), CallTarget::Api)))
            .or_default()
            .push(id);
        self.check_offered(&body, &operations);
        let policies = self.policies_of(arrow.edge);
        let operations = operations
            .into_iter()
            .map(|operation| EdgeOperation {
                operation,
                overrides: None,
            })
            .collect();
        self.model.edges.push(Edge {
            span: arrow.span,
            doc: doc(&arrow.item.doc),
            from: End::Node(from),
            to: End::Node(to),
            link: Link::Call { protocol, api },
            protocol_span: Some(written.span),
            policies,
            attributes,
            operations,
            calls: None,
        });
        self.overrides(id, arrow.edge);
    }

    /// Refuses a second edge of the same ends, api and protocol.
    fn alone(
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
        let found = Diagnostic::error("ARC045", "this edge is drawn twice", arrow.span)
            .here("again here")
            .label(first, "first here");
        self.report(found.help("draw it once, with all that holds for it"));
        false
    }

    fn unknown_protocol(&mut self, written: &'a ast::Ident) {
        let known: Vec<&str> = Protocol::ALL.iter().map(|it| it.name()).collect();
        if BrokerEngine::from_name(&written.value).is_some() {
            let found = Diagnostic::error(
                "ARC041",
                format!("`{}` is a broker, not a protocol", written.value),
                written.span,
            )
            .help(format!(
                "declare it and draw through it: `broker bus : {}`, then `a -> bus.something -> b`",
                written.value
            ));
            return self.report(found);
        }
        let found = Diagnostic::error(
            "ARC041",
            format!("there is no protocol called `{}`", written.value),
            written.span,
        )
        .note(format!(
            "there are {}",
            super::facts::words(known.iter()).replace(" or ", " and ")
        ));
        let found = self.suggest(found, &written.value, written.span, known, "");
        self.report(found);
    }

    /// An edge that does not say how it travels: an error that carries the selection guide's advice.
    fn undecided(&mut self, arrow: &Arrow<'a>, from: NodeId, to: NodeId, api: Option<ApiId>) {
        let shapes: Vec<OperationShape> = match api {
            Some(api) => self.model[api]
                .operations
                .iter()
                .map(|it| self.shape(*it))
                .collect(),
            None => Vec::new(),
        };
        let (caller, callee) = (&self.model[from], &self.model[to]);
        let browser = matches!(caller.kind, NodeKind::Client(ClientKind::Browser));
        let inside = matches!(
            (caller.kind, callee.kind),
            (NodeKind::Service(_), NodeKind::Service(_))
        );
        let drawn = self.sources.text(arrow.span);
        let mut found = Diagnostic::error(
            "ARC040",
            format!("`{drawn}` does not say how it travels"),
            arrow.span,
        )
        .here("no protocol");
        for (at, protocol) in advise(browser, inside, &shapes).into_iter().enumerate() {
            let facts = protocol.facts();
            if at == 0 {
                found = found.help(format!("write `{drawn} : {protocol}`: {}", facts.best_for));
            } else {
                found = found.note(format!(
                    "`{protocol}` is best for {}; {}",
                    facts.best_for, facts.weak_at
                ));
            }
        }
        if inside {
            let (caller, callee) = (&self.model[from].name, &self.model[to].name);
            found = found.note(format!(
                "where `{caller}` needs no answer, a broker decouples the two: `{caller} -> bus.something -> {callee}`"
            ));
        }
        self.report(found);
    }

    /// The shape of an operation.
    pub(super) fn shape(&self, id: OperationId) -> OperationShape {
        let operation = &self.model[id];
        let input =
            matches!(&operation.input, crate::model::Input::Message(payload) if payload.stream);
        OperationShape::of(
            operation.kind,
            input,
            operation.output.as_ref().is_some_and(|it| it.stream),
        )
    }

    /// The operations that travel on an edge: those named, else those that the protocol carries.
    fn carried(
        &mut self,
        arrow: &Arrow<'a>,
        api: Option<ApiId>,
        protocol: Protocol,
        at: Span,
        body: &[super::entries::Entry<'a>],
    ) -> Option<Vec<OperationId>> {
        let only = body.iter().find(|entry| entry.attr == Attr::Only);
        let Some(api) = api else {
            if let Some(entry) = only {
                let found =
                    Diagnostic::error("ARC027", "what is called here declares no api", entry.span)
                        .label(arrow.to_span, "its operations are unknown");
                self.report(found.help("leave `only` out, or declare the api"));
            }
            return Some(Vec::new());
        };
        if let Some(entry) = only {
            return Some(self.only(api, protocol, entry));
        }
        let all = self.model[api].operations.clone();
        let (carried, left): (Vec<OperationId>, Vec<OperationId>) = all
            .into_iter()
            .partition(|it| protocol.carries(self.shape(*it)));
        if left.is_empty() {
            return Some(carried);
        }
        let names = |ids: &[OperationId]| {
            ids.iter()
                .map(|it| self.model[*it].name.clone())
                .collect::<Vec<_>>()
        };
        let title = protocol.facts().title;
        if carried.is_empty() {
            let shapes: Vec<OperationShape> = left.iter().map(|it| self.shape(*it)).collect();
            let fitting = advise(false, false, &shapes);
            let message = format!(
                "{title} can carry none of the operations of `{}`",
                self.api_name(api)
            );
            let first = &self.model[left[0]];
            let found = Diagnostic::error("ARC043", message, at)
                .label(first.span, format!("`{}` is a {}", first.name, shapes[0]))
                .help(format!("take {}", super::facts::words(fitting.iter())));
            self.report(found);
            return None;
        }
        let message = format!("{title} leaves out {}", enumerated(&names(&left)));
        let first = &self.model[left[0]];
        let found = Diagnostic::new("ARC044", Level::Info, message, at)
            .label(
                first.span,
                format!("{title} carries no {}", self.shape(left[0])),
            )
            .help(format!(
                "name what travels: `only = [{}]`",
                names(&carried).join(", ")
            ));
        self.report(found);
        Some(carried)
    }

    fn only(
        &mut self,
        api: ApiId,
        protocol: Protocol,
        entry: &super::entries::Entry<'a>,
    ) -> Vec<OperationId> {
        let mut named = Vec::new();
        for name in names_in(entry.raw) {
            let Some(operation) = self.operation(api, name) else {
                continue;
            };
            let shape = self.shape(operation);
            if protocol.carries(shape) {
                named.push(operation);
                continue;
            }
            let fitting = advise(false, false, &[shape]);
            let message = format!("{} cannot carry `{}`", protocol.facts().title, name.value);
            let found = Diagnostic::error("ARC043", message, name.span)
                .label(self.model[operation].span, format!("this is a {shape}"))
                .help(format!("{} can", super::facts::words(fitting.iter())));
            self.report(found);
        }
        // In the api's order, whatever order they are named in.
        named.sort_unstable();
        named.dedup();
        named
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
        let id = self.plain_edge(
            arrow,
            Place::Publish,
            (End::Node(from), to, Link::Publish),
            (from, broker),
            &body,
        );
        self.by_ends
            .entry((from, CallTarget::Channel(channel)))
            .or_default()
            .push(id);
    }

    fn use_store(&mut self, arrow: &Arrow<'a>, from: NodeId, store: NodeId) {
        let to = End::Node(store);
        if self.takes_no_protocol(arrow, "the store's engine gives it")
            || !self.alone(arrow, End::Node(from), to, None, None)
        {
            return;
        }
        let body = self.edge_body(arrow, Place::StoreLink, &Context::default());
        let id = self.plain_edge(
            arrow,
            Place::StoreLink,
            (End::Node(from), to, Link::Store),
            (from, store),
            &body,
        );
        self.by_ends
            .entry((from, CallTarget::Store(store, Access::Both)))
            .or_default()
            .push(id);
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
        let attributes = self.edge_attributes(arrow.edge, place, user, server, None, body);
        let policies = self.policies_of(arrow.edge);
        self.model.edges.push(Edge {
            span: arrow.span,
            doc: doc(&arrow.item.doc),
            from,
            to,
            link,
            protocol_span: None,
            policies,
            attributes,
            operations: Vec::new(),
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
    fn edge_body(
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

/// The names in `[a, b]` or `a`.
fn names_in(value: &ast::Value) -> Vec<&ast::Ident> {
    match &value.value {
        ast::ValueKind::Name(path) if path.len() == 1 => vec![&path[0]],
        ast::ValueKind::List(values) => values.iter().flat_map(names_in).collect(),
        _ => Vec::new(),
    }
}
