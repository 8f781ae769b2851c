//! What stands on the system, zones, nodes, channels, schemes and policies.

use super::entries::{Context, Message};
use super::layers::DefaultLine;
use super::place::{Around, join};
use super::{Resolver, items, owned};
use crate::diagnostic::Diagnostic;
use crate::model::attributes::{Attr, Attributes, Effective, Origin, Value};
use crate::model::schema::{self, Place, Side};
use crate::model::types::TypeRef;
use crate::model::{
    AuthId, AuthScheme, ChannelId, ChannelKind, NodeId, NodeKind, PolicyId, ZoneId,
};
use crate::protocol::Protocol;
use crate::syntax::ast::{self, ItemKind};

impl<'a> Resolver<'a> {
    /// Reads facts, schemes, policies and defaults.
    pub(super) fn facts(&mut self) {
        self.system_facts();
        self.zone_facts();
        self.node_facts();
        self.auth_facts();
        self.policy_facts();
        self.default_lines();
        self.channel_facts();
    }

    fn system_facts(&mut self) {
        self.locks();
        let Some(node) = self.system else { return };
        let body = items(&node.body);
        let entries = self.entries(body, Place::System, &Context::default());
        self.model.system.attributes = Self::declared(&entries);
        if let Some(Value::Text(title)) = self.model.system.attributes.value(Attr::Title) {
            self.model.system.title = title.clone();
        }
        self.settings(body);
    }

    fn zone_facts(&mut self) {
        for at in 0..self.zones.len() {
            let entries = self.entries(
                items(&self.zones[at].body),
                Place::Zone,
                &Context::default(),
            );
            let around = match self.model.zones[at].parent {
                Some(parent) => self.model[parent].attributes.inherited(),
                None => self.system_around(),
            };
            let mut attributes = around;
            Self::declare_into(&mut attributes, &entries);
            self.model.zones[at].attributes = attributes;
        }
    }

    /// What the system hands on to what stands in it.
    fn system_around(&self) -> Attributes {
        self.model
            .system
            .attributes
            .inherited()
            .keep(&[Attr::Owner, Attr::Existing, Attr::Trace])
    }

    fn node_facts(&mut self) {
        for at in 0..self.nodes.len() {
            let id = NodeId(at as u32);
            let node = &self.model[id];
            let place = match node.kind {
                NodeKind::Client(_) => Place::Client,
                NodeKind::External => Place::External,
                NodeKind::Service(_) => Place::Service,
                NodeKind::Store(_) => Place::Store,
                NodeKind::Broker(_) => Place::Broker,
            };
            let outside = matches!(node.kind, NodeKind::Client(_) | NodeKind::External);
            let around = match node.zone {
                Some(zone) => self.model[zone].attributes.inherited(),
                None => self.system_around(),
            };
            let handed_on: &[Attr] = match place {
                Place::Client | Place::External => &[Attr::Owner],
                Place::Service => &[Attr::Owner, Attr::Existing, Attr::Trace],
                _ => &[Attr::Owner, Attr::Existing, Attr::Data],
            };
            let mut attributes = around.keep(handed_on);
            let entries = self.entries(items(&self.nodes[at].body), place, &Context::default());
            Self::declare_into(&mut attributes, &entries);
            let node = &mut self.model.nodes[at];
            node.existing = outside || attributes.is(Attr::Existing);
            node.attributes = attributes;
        }
    }

    fn auth_facts(&mut self) {
        for at in 0..self.auths.len() {
            let id = AuthId(at as u32);
            let place = match self.model[id].scheme {
                AuthScheme::Jwt => Place::Jwt,
                AuthScheme::Oauth2 => Place::Oauth2,
                AuthScheme::Session => Place::Session,
                AuthScheme::ApiKey => Place::ApiKey,
                AuthScheme::Basic => Place::Basic,
                AuthScheme::Mtls => Place::Mtls,
            };
            let body = items(&self.auths[at].body);
            let entries = self.entries(body, place, &Context::default());
            self.model.auths[at].attributes = Self::declared(&entries);
            for item in self.housed(body, Around::Auth) {
                if let ItemKind::Node(block) = &item.kind {
                    self.claims(id, block);
                }
            }
        }
    }

    fn claims(&mut self, id: AuthId, block: &'a ast::Node) {
        for item in self.housed(items(&block.body), Around::Claims) {
            let ItemKind::Field(claim) = &item.kind else {
                continue;
            };
            let Some(ty) = self.type_ref(&claim.ty, None) else {
                continue;
            };
            let single = match &ty {
                TypeRef::List(inner) | TypeRef::Optional(inner) => inner.as_ref(),
                ty => ty,
            };
            if !matches!(single, TypeRef::Scalar(_)) {
                let message = format!(
                    "the claim `{}` is a built-in type or a list of one",
                    claim.name.value
                );
                self.report(Diagnostic::error("ARC036", message, claim.ty.span));
                continue;
            }
            if let Some((first, _)) = self.model[id]
                .claims
                .iter()
                .find(|(name, _)| name.value == claim.name.value)
            {
                let found = Diagnostic::error(
                    "ARC022",
                    format!("there are two claims called `{}`", first.value),
                    claim.name.span,
                )
                .label(first.span, "first declared here");
                self.report(found);
                continue;
            }
            self.model.auths[id.0 as usize]
                .claims
                .push((owned(&claim.name), ty));
        }
    }

    fn policy_facts(&mut self) {
        for at in 0..self.policies.len() {
            let id = PolicyId(at as u32);
            let body = items(&self.policies[at].body);
            self.only_attributes(body, Around::Policy);
            let entries = self.entries(body, Place::Policy, &Context::default());
            if body.is_empty() {
                let message = format!("the policy `{}` sets nothing", self.model[id].name);
                let found = Diagnostic::new(
                    "ARC066",
                    crate::diagnostic::Level::Warning,
                    message,
                    self.model[id].span,
                );
                self.report(found.help("give it attributes, such as `timeout = 300ms`"));
            }
            self.model.policies[at].attributes = Self::declared(&entries);
        }
    }

    fn default_lines(&mut self) {
        for at in 0..self.defaults.len() {
            let (zone, block) = self.defaults[at];
            let protocol = match &block.name {
                None => None,
                Some(name) => match Protocol::from_name(&name.value) {
                    Some(protocol) => Some(protocol),
                    None => {
                        let known: Vec<&str> = Protocol::ALL.iter().map(|it| it.name()).collect();
                        self.unknown("protocol", &name.value, name.span, known, "");
                        continue;
                    }
                },
            };
            let body = items(&block.body);
            self.only_attributes(body, Around::Defaults);
            let entries = self.entries(body, Place::Defaults, &Context::default());
            for entry in entries {
                if self.refused_default(zone, protocol, &entry) {
                    continue;
                }
                if let Some(value) = entry.value {
                    let line = DefaultLine {
                        attr: entry.attr,
                        value,
                        span: entry.span,
                    };
                    self.layers.add_default(zone, protocol, line);
                }
            }
        }
    }

    /// A default that was set before, or that a protocol cannot have.
    fn refused_default(
        &mut self,
        zone: Option<ZoneId>,
        protocol: Option<Protocol>,
        entry: &super::entries::Entry<'_>,
    ) -> bool {
        let mut sides = schema::rows(entry.attr)
            .filter(|row| row.places.contains(&Place::Defaults))
            .map(|row| row.side);
        if let Some(protocol) = protocol
            && sides.all(|side| side == Side::Callee)
        {
            let message = format!(
                "`{}` is the callee's, and an api is one whatever it is called by",
                entry.attr
            );
            let found = Diagnostic::error("ARC030", message, entry.span).help(format!(
                "write it in `defaults {{ ... }}`, without `{protocol}`, or on the api"
            ));
            self.report(found);
            return true;
        }
        if let Some(first) = self.layers.default_span(zone, protocol, entry.attr) {
            let found = Diagnostic::error(
                "ARC033",
                format!("the default `{}` is set twice", entry.attr),
                entry.span,
            )
            .label(first, "first set here");
            self.report(found.help("remove one of the two"));
            return true;
        }
        false
    }

    fn channel_facts(&mut self) {
        for at in 0..self.channels.len() {
            let Some(node) = self.channels[at] else {
                continue;
            };
            let broker = self.model.channels[at].broker;
            let message = node
                .variant
                .as_ref()
                .and_then(|path| self.channel_message(path, broker));
            if node.variant.is_none()
                && let Some(name) = &node.name
            {
                let found = Diagnostic::error(
                    "ARC034",
                    format!("the channel `{}` does not say what it carries", name.value),
                    name.span,
                )
                .help(format!(
                    "write `{} {} : SomeType`",
                    super::place::keyword(node.keyword.value),
                    name.value
                ));
                self.report(found);
            }
            self.model.channels[at].message = message.clone();
            let context = Context {
                broker: Some(broker),
                message: match message {
                    Some(TypeRef::Struct(id)) => Message::Struct(id),
                    _ => Message::Any,
                },
            };
            let place = match self.model.channels[at].kind {
                ChannelKind::Queue => Place::Queue,
                ChannelKind::Topic => Place::Topic,
                ChannelKind::Channel => Place::Channel,
            };
            let body = items(&node.body);
            self.only_attributes(body, Around::Channel);
            let entries = self.entries(body, place, &context);
            self.check_log_attributes(broker, &entries);
            self.check_dead_letters(ChannelId(at as u32), &entries);
            let mut attributes = self.model[broker]
                .attributes
                .inherited()
                .keep(&[Attr::Data, Attr::Watched]);
            Self::declare_into(&mut attributes, &entries);
            self.model.channels[at].attributes = attributes;
        }
    }

    fn channel_message(&mut self, path: &'a ast::Path, broker: NodeId) -> Option<TypeRef> {
        let ty = self.path_type(path, Some(broker))?;
        if matches!(ty, TypeRef::Struct(_)) {
            return Some(ty);
        }
        let found = Diagnostic::error(
            "ARC036",
            "a channel carries a message of its own type",
            path.span(),
        );
        self.report(found.help("declare `type SomeName { ... }` with what it carries"));
        None
    }

    /// Attributes of a log on a broker that keeps none.
    fn check_log_attributes(&mut self, broker: NodeId, entries: &[super::entries::Entry<'_>]) {
        let NodeKind::Broker(engine) = self.model[broker].kind else {
            return;
        };
        let facts = engine.facts();
        if facts.log || self.broken.brokers.contains(&broker) {
            return;
        }
        for entry in entries {
            if matches!(
                entry.attr,
                Attr::Key | Attr::Partitions | Attr::Retention | Attr::Start
            ) {
                let message = format!(
                    "`{}` means nothing on {}, which keeps no log",
                    entry.attr, facts.title
                );
                let found = Diagnostic::error("ARC065", message, entry.span).label(
                    self.model[broker].span,
                    format!("`{}` is {}", self.model[broker].name, facts.title),
                );
                self.report(
                    found.help("leave it out, or take a broker that keeps a log: kafka or pulsar"),
                );
            }
        }
    }

    fn check_dead_letters(&mut self, channel: ChannelId, entries: &[super::entries::Entry<'_>]) {
        for entry in entries {
            if entry.value == Some(Value::Channel(channel)) {
                let message = format!(
                    "dead letters of `{}` would go into `{0}` again",
                    self.model[channel].name
                );
                let found = Diagnostic::error("ARC067", message, entry.span);
                self.report(found.help(format!(
                    "give them a channel of their own: `{}_dead`",
                    self.model[channel].name
                )));
            }
        }
    }
}

impl Attributes {
    /// Only these, of the ones that are set.
    fn keep(&self, attrs: &[Attr]) -> Self {
        let mut kept = Self::default();
        for (attr, effective) in self.iter() {
            if attrs.contains(&attr) {
                kept.set(attr, effective.clone());
            }
        }
        kept
    }

    /// Sets a value of our own.
    pub(super) fn built_in(&mut self, attr: Attr, value: Value) {
        self.set(
            attr,
            Effective {
                value,
                origin: Origin::BuiltIn,
            },
        );
    }
}

/// "`a`, `b` or `c`".
pub(super) fn words(items: impl Iterator<Item = impl std::fmt::Display>) -> String {
    let quoted: Vec<String> = items.map(|it| format!("`{it}`")).collect();
    join(&quoted)
}
