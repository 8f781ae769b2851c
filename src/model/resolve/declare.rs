//! The first pass: every declaration gets its place in the model's tables, and its name.

use smallvec::SmallVec;
use thin_vec::ThinVec;

use super::names::{Space, Style, TypeName};
use super::place::{Around, join, keyword};
use super::{OperationSource, Resolver, doc, items};
use crate::diagnostic::Diagnostic;
use crate::model::attributes::{Attributes, Trust};
use crate::model::types::{EnumDef, EnumValueDef, StructDef};
use crate::model::{
    Api, ApiId, Auth, AuthId, AuthScheme, BrokerEngine, Channel, ChannelId, ChannelKind,
    ClientKind, EnumId, Input, Method, Node, NodeId, NodeKind, Operation, OperationId, Policy,
    PolicyId, Role, RoleId, Route, ServiceKind, StoreEngine, StructId, Zone, ZoneId,
};
use crate::syntax::ast::{self, Ident, Item, ItemKind, Keyword};
use crate::syntax::nearest;

impl<'a> Resolver<'a> {
    /// Declares all that the files hold.
    pub(super) fn declare(&mut self, trees: &'a [ast::File]) {
        for tree in trees {
            self.declare_items(&tree.items, Around::Top, None);
        }
    }

    fn declare_items(&mut self, items: &'a [Item], around: Around, zone: Option<ZoneId>) {
        for item in self.housed(items, around) {
            match &item.kind {
                ItemKind::Node(node) => self.declare_node(item, node, zone),
                ItemKind::Type(decl) => self.declare_type(item, decl, None),
                ItemKind::Enum(decl) => self.declare_enum(item, decl, None),
                ItemKind::Roles(roles) => self.declare_roles(roles),
                ItemKind::Edge(edge) => self.edges.push((item, edge)),
                _ => {}
            }
        }
    }

    fn declare_node(&mut self, item: &'a Item, node: &'a ast::Node, zone: Option<ZoneId>) {
        let Some(name) = node.name.as_ref() else {
            // Only `defaults` and attribute blocks have no name; `claims` belong to what holds them.
            match node.keyword.value {
                Keyword::Defaults => self.defaults.push((zone, node)),
                Keyword::Lint | Keyword::Limits => self.locks.push(node),
                _ => {}
            }
            return;
        };
        match node.keyword.value {
            Keyword::System => self.declare_system(item, node, name),
            Keyword::Zone => self.declare_zone(item, node, name, zone),
            Keyword::Client => {
                if let Some(kind) =
                    self.variant(node, name, (ClientKind::ALL, ClientKind::name), None)
                {
                    self.add_node(item, node, name, NodeKind::Client(kind), zone);
                }
            }
            Keyword::External => {
                self.no_variant(node);
                self.add_node(item, node, name, NodeKind::External, zone);
            }
            Keyword::Service => {
                let kinds = (&ServiceKind::ALL[1..], ServiceKind::name as fn(_) -> _);
                if let Some(kind) = self.variant(node, name, kinds, Some(ServiceKind::Plain)) {
                    self.add_node(item, node, name, NodeKind::Service(kind), zone);
                }
            }
            Keyword::Store => {
                if let Some(engine) =
                    self.variant(node, name, (StoreEngine::ALL, StoreEngine::name), None)
                {
                    self.add_node(item, node, name, NodeKind::Store(engine), zone);
                }
            }
            Keyword::Broker => {
                let told = self.diagnostics.len();
                let engine =
                    self.variant(node, name, (BrokerEngine::ALL, BrokerEngine::name), None);
                if self.diagnostics.len() > told {
                    // Its channels are not judged by the engine that stands in.
                    self.broken
                        .brokers
                        .insert(NodeId(self.model.nodes.len() as u32));
                }
                if let Some(engine) = engine {
                    self.add_node(item, node, name, NodeKind::Broker(engine), zone);
                }
            }
            Keyword::Auth => self.declare_auth(item, node, name),
            Keyword::Policy => self.declare_policy(node, name),
            Keyword::Defaults => self.defaults.push((zone, node)),
            Keyword::Lint | Keyword::Limits => self.locks.push(node),
            // Declared with the broker or service that holds them.
            _ => {}
        }
    }

    /// The word after the colon. `None`, with a message, when it is unknown or missing where one is needed; the first
    /// choice then stands in, so that mentions of the node are no errors of their own.
    fn variant<T: Copy>(
        &mut self,
        node: &'a ast::Node,
        name: &Ident,
        (choices, word_of): (&[T], fn(T) -> &'static str),
        unwritten: Option<T>,
    ) -> Option<T> {
        let first = choices.first().copied()?;
        let kind = keyword(node.keyword.value);
        let words = || choices.iter().map(|it| word_of(*it));
        let all = || {
            let words: Vec<String> = words().map(|it| format!("`{it}`")).collect();
            format!("a {kind} is one of {}", join(&words))
        };
        let Some(path) = &node.variant else {
            if unwritten.is_none() {
                let message = format!("the {kind} `{}` does not say what it is", name.value);
                let found = Diagnostic::error("ARC034", message, name.span)
                    .help(format!(
                        "write `{kind} {} : {}`",
                        name.value,
                        word_of(first)
                    ))
                    .note(all());
                self.report(found);
            }
            return unwritten.or(Some(first));
        };
        let word = path.last().map_or("", |it| it.value.as_str());
        if path.len() == 1
            && let Some(choice) = choices.iter().find(|it| word_of(**it) == word)
        {
            return Some(*choice);
        }
        let mut found = Diagnostic::error(
            "ARC034",
            format!("`{}` is no kind of {kind}", self.sources.text(path.span())),
            path.span(),
        );
        if let Some(near) = nearest(word, words()) {
            found = found.help(format!("did you mean `{near}`?"));
        }
        self.report(found.note(all()));
        Some(first)
    }

    fn no_variant(&mut self, node: &ast::Node) {
        if let Some(variant) = &node.variant {
            let kind = keyword(node.keyword.value);
            let found = Diagnostic::error(
                "ARC034",
                format!("there is only one kind of {kind}"),
                variant.span(),
            );
            self.report(found.help("leave out the colon and what follows it"));
        }
    }

    fn declare_system(&mut self, item: &'a Item, node: &'a ast::Node, name: &'a Ident) {
        if self.system.is_some() {
            let found = Diagnostic::error(
                "ARC039",
                "there are two systems in one drawing",
                name.span,
            )
            .here("the second one")
            .label(self.model.system.span, "the first one")
            .help("a file with a `system` is a drawing of its own; import only files without one");
            return self.report(found);
        }
        self.check_name(Style::Snake, name, "system");
        self.no_variant(node);
        self.system = Some(node);
        let system = &mut self.model.system;
        system.name = name.value.to_string();
        system.title = name.value.to_string();
        system.span = name.span;
        system.doc = doc(&item.doc);
        for item in self.housed(items(&node.body), Around::System) {
            if let ItemKind::Node(node) = &item.kind
                && node.keyword.value == Keyword::Defaults
            {
                self.defaults.push((None, node));
            }
        }
    }

    fn declare_zone(
        &mut self,
        item: &'a Item,
        node: &'a ast::Node,
        name: &'a Ident,
        parent: Option<ZoneId>,
    ) {
        let Some(trust) = self.variant(node, name, (Trust::ALL, Trust::name), None) else {
            return;
        };
        let id = ZoneId(self.model.zones.len() as u32);
        if self.claim(Space::Zone, Style::Snake, name, "zone") {
            self.names.zones.insert(&name.value, id);
        }
        self.model.zones.push(Zone {
            name: name.value.to_string(),
            span: name.span,
            doc: doc(&item.doc),
            trust,
            parent,
            attributes: Attributes::default(),
        });
        self.zones.push(node);
        self.declare_items(items(&node.body), Around::Zone, Some(id));
    }

    fn add_node(
        &mut self,
        item: &'a Item,
        node: &'a ast::Node,
        name: &'a Ident,
        kind: NodeKind,
        zone: Option<ZoneId>,
    ) {
        if !self.claim(Space::Node, Style::Snake, name, "node") {
            return;
        }
        let id = NodeId(self.model.nodes.len() as u32);
        self.names.nodes.insert(&name.value, id);
        let outside = matches!(kind, NodeKind::Client(_) | NodeKind::External);
        let trust = match zone {
            Some(zone) => self.model[zone].trust,
            None if outside => Trust::Public,
            None => Trust::Internal,
        };
        self.model.nodes.push(Node {
            name: name.value.to_string(),
            span: name.span,
            doc: doc(&item.doc),
            kind,
            zone,
            trust,
            existing: outside,
            apis: SmallVec::new(),
            channels: ThinVec::new(),
            closed: matches!(kind, NodeKind::Broker(_)) && node.body.is_some(),
            attributes: Attributes::default(),
            schedules: ThinVec::new(),
        });
        self.nodes.push(node);
        let around = match kind {
            NodeKind::Client(_) => Around::Client,
            NodeKind::External => Around::External,
            NodeKind::Service(_) => Around::Service,
            NodeKind::Store(_) => Around::Store,
            NodeKind::Broker(_) => Around::Broker,
        };
        for item in self.housed(items(&node.body), around) {
            match &item.kind {
                ItemKind::Api(api) => self.declare_api(item, api, id),
                ItemKind::Type(decl) => self.declare_type(item, decl, Some(id)),
                ItemKind::Enum(decl) => self.declare_enum(item, decl, Some(id)),
                ItemKind::Node(inner) => match (inner.keyword.value, kind) {
                    (Keyword::Schedule, _) => self.declare_schedule(item, inner, id),
                    (_, NodeKind::Broker(engine)) => self.declare_channel(item, inner, id, engine),
                    _ => {}
                },
                _ => {}
            }
        }
    }

    fn declare_api(&mut self, item: &'a Item, api: &'a ast::Api, node: NodeId) {
        let version = api.version.as_ref().map_or(1, |it| it.value.max(1));
        if !self.claim(Space::Api(node, version), Style::Camel, &api.name, "api") {
            return;
        }
        let id = self.add_api(
            Some(api),
            Api {
                name: api.name.value.to_string(),
                span: api.name.span,
                doc: doc(&item.doc),
                node,
                version,
                at: String::new(),
                proto: None,
                built_in: false,
                operations: SmallVec::new(),
                attributes: Attributes::default(),
            },
        );
        for item in self.housed(items(&api.body), Around::Api) {
            if let ItemKind::Operation(operation) = &item.kind
                && self.claim(
                    Space::Operation(id),
                    Style::Snake,
                    &operation.name,
                    "operation",
                )
            {
                let model = Operation {
                    name: operation.name.value.to_string(),
                    span: operation.name.span,
                    doc: doc(&item.doc),
                    ..blank_operation(id, operation.kind.value)
                };
                self.add_operation(
                    &operation.name.value,
                    OperationSource::Written(operation),
                    model,
                );
            }
        }
    }

    /// Adds an api to the tables.
    pub(super) fn add_api(&mut self, decl: Option<&'a ast::Api>, api: Api) -> ApiId {
        let id = ApiId(self.model.apis.len() as u32);
        self.model.nodes[api.node.0 as usize].apis.push(id);
        self.model.apis.push(api);
        self.apis.push(decl);
        id
    }

    /// Adds an operation to the tables.
    pub(super) fn add_operation(
        &mut self,
        name: &'a str,
        source: OperationSource<'a>,
        operation: Operation,
    ) -> OperationId {
        let id = OperationId(self.model.operations.len() as u32);
        let api = operation.api;
        self.model.operations.push(operation);
        self.operations.push(source);
        self.model.apis[api.0 as usize].operations.push(id);
        self.names.operations.insert((api, name), id);
        id
    }

    fn declare_channel(
        &mut self,
        item: &'a Item,
        node: &'a ast::Node,
        broker: NodeId,
        engine: BrokerEngine,
    ) {
        let kind = match node.keyword.value {
            Keyword::Queue => ChannelKind::Queue,
            Keyword::Topic => ChannelKind::Topic,
            _ => ChannelKind::Channel,
        };
        let Some(name) = &node.name else { return };
        if !self.claim(Space::Channel(broker), Style::Snake, name, "channel") {
            return;
        }
        let facts = engine.facts();
        if !facts.channels.contains(&kind) && !self.broken.brokers.contains(&broker) {
            let held: Vec<String> = facts.channels.iter().map(|it| format!("`{it}`")).collect();
            let message = format!("{} has no `{kind}`", facts.title);
            let found = Diagnostic::error("ARC060", message, node.keyword.span)
                .label(
                    self.model[broker].span,
                    format!("`{}` is {}", self.model[broker].name, facts.title),
                )
                .help(format!(
                    "write {} here, or take another engine",
                    join(&held)
                ));
            self.report(found);
        }
        self.add_channel(
            Some(node),
            &name.value,
            Channel {
                name: name.value.to_string(),
                span: name.span,
                doc: doc(&item.doc),
                broker,
                kind,
                message: None,
                declared: true,
                attributes: Attributes::default(),
            },
        );
    }

    /// Adds a channel to the tables.
    pub(super) fn add_channel(
        &mut self,
        decl: Option<&'a ast::Node>,
        name: &'a str,
        channel: Channel,
    ) -> ChannelId {
        let id = ChannelId(self.model.channels.len() as u32);
        let broker = channel.broker;
        self.model.channels.push(channel);
        self.channels.push(decl);
        self.model.nodes[broker.0 as usize].channels.push(id);
        self.names.channels.insert((broker, name), id);
        id
    }

    fn declare_schedule(&mut self, item: &'a Item, node: &'a ast::Node, service: NodeId) {
        let Some(name) = &node.name else { return };
        self.no_variant(node);
        if self.claim(Space::Schedule(service), Style::Snake, name, "schedule") {
            self.schedules.push((service, item, node));
        }
    }

    fn declare_type(&mut self, item: &'a Item, decl: &'a ast::TypeDecl, owner: Option<NodeId>) {
        if !self.claim(Space::Type(owner), Style::Camel, &decl.name, "type") {
            return;
        }
        let id = StructId(self.model.structs.len() as u32);
        self.names
            .types
            .insert((owner, &decl.name.value), TypeName::Struct(id));
        self.model.structs.push(StructDef {
            name: decl.name.value.to_string(),
            span: decl.name.span,
            doc: doc(&item.doc),
            owner,
            request_of: None,
            fields: Vec::new(),
            sensitive: false,
            data: None,
        });
        self.structs.push(decl);
    }

    fn declare_enum(&mut self, item: &'a Item, decl: &'a ast::EnumDecl, owner: Option<NodeId>) {
        if !self.claim(Space::Type(owner), Style::Camel, &decl.name, "type") {
            return;
        }
        let id = EnumId(self.model.enums.len() as u32);
        self.names
            .types
            .insert((owner, &decl.name.value), TypeName::Enum(id));
        let mut values = Vec::with_capacity(decl.values.len());
        for value in &decl.values {
            if self.claim(Space::EnumValue(id), Style::Snake, &value.name, "value") {
                self.value_marks(id, values.len(), &value.marks);
                values.push(EnumValueDef {
                    name: value.name.value.to_string(),
                    span: value.name.span,
                    doc: doc(&value.doc),
                    tag: 0,
                });
            }
        }
        if decl.values.is_empty() {
            let message = format!("the enum `{}` has no values", decl.name.value);
            self.report(
                Diagnostic::error("ARC036", message, decl.name.span).help("name at least one"),
            );
        }
        self.model.enums.push(EnumDef {
            name: decl.name.value.to_string(),
            span: decl.name.span,
            doc: doc(&item.doc),
            owner,
            values,
        });
    }

    fn declare_auth(&mut self, item: &'a Item, node: &'a ast::Node, name: &'a Ident) {
        let Some(scheme) = self.variant(node, name, (AuthScheme::ALL, AuthScheme::name), None)
        else {
            return;
        };
        if !self.claim(Space::Auth, Style::Snake, name, "auth") {
            return;
        }
        let id = AuthId(self.model.auths.len() as u32);
        self.names.auths.insert(&name.value, id);
        self.model.auths.push(Auth {
            name: name.value.to_string(),
            span: name.span,
            doc: doc(&item.doc),
            scheme,
            attributes: Attributes::default(),
            claims: Vec::new(),
        });
        self.auths.push(node);
    }

    fn declare_policy(&mut self, node: &'a ast::Node, name: &'a Ident) {
        self.no_variant(node);
        if !self.claim(Space::Policy, Style::Snake, name, "policy") {
            return;
        }
        let id = PolicyId(self.model.policies.len() as u32);
        self.names.policies.insert(&name.value, id);
        self.model.policies.push(Policy {
            name: name.value.to_string(),
            span: name.span,
            attributes: Attributes::default(),
        });
        self.policies.push(node);
    }

    fn declare_roles(&mut self, roles: &'a [Ident]) {
        for name in roles {
            if self.claim(Space::Role, Style::Snake, name, "role") {
                let id = RoleId(self.model.roles.len() as u32);
                self.names.roles.insert(&name.value, id);
                self.model.roles.push(Role {
                    name: name.value.to_string(),
                    span: name.span,
                });
            }
        }
    }
}

/// An operation of which only the kind is known yet.
pub(super) fn blank_operation(api: ApiId, kind: ast::OperationKind) -> Operation {
    Operation {
        name: String::new(),
        span: crate::source::Span {
            file: crate::source::FileId(0),
            start: 0,
            end: 0,
        },
        doc: None,
        api,
        kind,
        input: Input::None,
        output: None,
        method: None,
        via: None,
        calls: None,
        attributes: Attributes::default(),
        route: Route {
            method: Method::Post,
            path: String::new(),
            declared: None,
        },
    }
}
