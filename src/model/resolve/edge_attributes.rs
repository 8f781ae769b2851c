//! Effective values of edges: the caller's side, the link, the consumer's side.

use smallvec::SmallVec;

use super::entries::{Context, Entry, Message};
use super::layers::{EdgeKey, Reach};
use super::place::Around;
use super::{Resolver, items};
use crate::diagnostic::{Diagnostic, Level};
use crate::model::attributes::{Attr, Attributes, Tls, Value};
use crate::model::schema::{self, Place, Side};
use crate::model::{
    ChannelId, ChannelKind, EdgeId, Link, NodeId, NodeKind, OperationId, OperationKind, PolicyId,
};
use crate::protocol::Protocol;
use crate::syntax::ast::{self, ItemKind};

impl<'a> Resolver<'a> {
    /// The policies of an edge.
    pub(super) fn policies_of(&mut self, edge: &'a ast::Edge) -> SmallVec<[PolicyId; 1]> {
        let mut policies = SmallVec::new();
        for name in &edge.policies {
            match self.names.policies.get(name.value.as_str()) {
                Some(id) => policies.push(*id),
                None => {
                    let mut known: Vec<&str> = self.names.policies.keys().copied().collect();
                    known.sort_unstable();
                    let help = format!("declare it: `policy {} {{ timeout = 300ms }}`", name.value);
                    self.unknown("policy", &name.value, name.span, known, &help);
                }
            }
        }
        policies
    }

    /// The effective values of an edge as a whole. `user` starts it or, consuming, is sent
    /// to; `server` is the other end, whose defaults hold for the link. Gives the edge's policies too.
    pub(super) fn edge_attributes(
        &mut self,
        edge: &'a ast::Edge,
        place: Place,
        user: NodeId,
        server: NodeId,
        protocol: Option<Protocol>,
        body: &[Entry<'a>],
    ) -> (Attributes, SmallVec<[PolicyId; 1]>) {
        let policies = self.policies_of(edge);
        if policies.len() > 1 {
            self.policy_conflicts(edge, place, &policies, body);
        }
        let reach = self.reach(user);
        if reach == Reach::Outside {
            self.unenforced(edge, user, place, body);
        }
        let key = EdgeKey {
            place,
            caller: self.model[user].zone,
            server: self.model[server].zone,
            protocol,
            reach,
            tls: self.built_in_tls(user, server),
            policies,
        };
        let mut attributes = self.edge_layer(&key);
        Self::declare_into(&mut attributes, body);
        if place == Place::Webhook
            && self.reach(server) == Reach::Generated
            && attributes.get(Attr::Signature).is_some()
        {
            let missing = |row: &&schema::Row| {
                row.side == Side::Webhook && attributes.get(row.attr).is_none()
            };
            let defaults: Vec<(Attr, Value)> = schema::at(place)
                .filter(missing)
                .filter_map(|row| row.default.clone().map(|value| (row.attr, value)))
                .collect();
            for (attr, value) in defaults {
                attributes.built_in(attr, value);
            }
        }
        (attributes, key.policies)
    }

    /// Where nothing is written, both ends show certificates when both are ours, and the server does when one is.
    fn built_in_tls(&self, user: NodeId, server: NodeId) -> Option<Tls> {
        let (networked, mutual) = match self.model[server].kind {
            NodeKind::Store(engine) => (engine.facts().networked, engine.facts().mutual_tls),
            NodeKind::Broker(engine) => (true, engine.facts().mutual_tls),
            _ => (true, true),
        };
        let ours = |node| self.reach(node) == Reach::Generated;
        match (ours(user), ours(server)) {
            _ if !networked => None,
            (true, true) if mutual => Some(Tls::Mutual),
            (false, false) => None,
            _ => Some(Tls::Server),
        }
    }

    /// Two policies that set the same attribute differently, and an edge that does not choose.
    fn policy_conflicts(
        &mut self,
        edge: &'a ast::Edge,
        place: Place,
        policies: &[PolicyId],
        body: &[Entry<'a>],
    ) {
        for (at, later) in policies.iter().enumerate() {
            for earlier in &policies[..at] {
                let (first, second) = (&self.model[*earlier], &self.model[*later]);
                let conflict = second.attributes.iter().find(|(attr, effective)| {
                    schema::row(*attr, place).is_some()
                        && first
                            .attributes
                            .value(*attr)
                            .is_some_and(|value| *value != effective.value)
                        && !body.iter().any(|entry| entry.attr == *attr)
                });
                let Some((attr, effective)) = conflict else {
                    continue;
                };
                let message = format!(
                    "the policies `{}` and `{}` both set `{attr}`",
                    first.name, second.name
                );
                let mut found = Diagnostic::error("ARC049", message, edge.policies[at].span);
                for span in [first.attributes.span(attr), effective.origin.span()]
                    .into_iter()
                    .flatten()
                {
                    found = found.label(span, "set here");
                }
                self.report(
                    found.help(format!("say which holds: write `{attr} = ...` on the edge")),
                );
            }
        }
    }

    /// What stands on the edge of a client or external describes it; nothing of ours makes it true.
    fn unenforced(&mut self, edge: &'a ast::Edge, user: NodeId, place: Place, body: &[Entry<'a>]) {
        let callers = |attr: Attr| {
            attr != Attr::Auth
                && schema::row(attr, place).is_some_and(|row| row.side == Side::Caller)
        };
        let entry = body
            .iter()
            .find(|entry| callers(entry.attr))
            .map(|entry| (entry.span, entry.attr.name()));
        let policy = edge.policies.first().map(|it| (it.span, "this policy"));
        if let Some((span, what)) = entry.or(policy) {
            let name = &self.model[user].name;
            let what = if what == "this policy" {
                what.to_owned()
            } else {
                format!("`{what}`")
            };
            let message = format!("nobody enforces {what}: `{name}` is not generated");
            let found = Diagnostic::new("ARC061", Level::Info, message, span)
                .label(self.model[user].span, "outside of the system")
                .note("it is taken as a description of what the caller does");
            self.report(found);
        }
    }

    /// The `auth` that a caller uses must be one that the api accepts.
    pub(super) fn check_offered(&mut self, body: &[Entry<'a>], operations: &[OperationId]) {
        let Some(entry) = body.iter().find(|entry| entry.attr == Attr::Auth) else {
            return;
        };
        let Some(Value::Auths(used)) = &entry.value else {
            return;
        };
        for auth in used {
            let refusing = operations.iter().find(|operation| {
                if self.broken.attributes.contains(operation) {
                    return false;
                }
                let operation = &self.model[**operation];
                let offered = operation.attributes.auths().unwrap_or_default();
                !operation.attributes.is(Attr::Public) && !offered.contains(auth)
            });
            if let Some(refusing) = refusing {
                let operation = &self.model[*refusing];
                let offered: Vec<String> = operation
                    .attributes
                    .auths()
                    .unwrap_or_default()
                    .iter()
                    .map(|it| self.model[*it].name.clone())
                    .collect();
                let message = format!(
                    "`{}` does not accept `{}`",
                    operation.name, self.model[*auth].name
                );
                let at = operation
                    .attributes
                    .span(Attr::Auth)
                    .unwrap_or(operation.span);
                let found = Diagnostic::error("ARC063", message, entry.raw.span).label(
                    at,
                    format!("it accepts {}", super::lookup::enumerated(&offered)),
                );
                self.report(
                    found.help("use one that it accepts, or add this one to the api's `auth`"),
                );
            }
        }
    }

    /// `place { retry = none }` in the body of an edge.
    pub(super) fn overrides(&mut self, id: EdgeId, edge: &'a ast::Edge) {
        let Link::Call { api, .. } = self.model[id].link else {
            return;
        };
        let mut told: Vec<&ast::Ident> = Vec::new();
        for item in items(&edge.body) {
            let ItemKind::Override(block) = &item.kind else {
                continue;
            };
            self.only_attributes(&block.body.items, Around::Override);
            let name = &block.operation;
            if let Some(first) = told.iter().find(|it| it.value == name.value) {
                let found = Diagnostic::error(
                    "ARC033",
                    format!("`{}` is set twice on this edge", name.value),
                    name.span,
                )
                .label(first.span, "first here");
                self.report(found.help("put both into one block"));
                continue;
            }
            told.push(name);
            let Some(api) = api else {
                let found =
                    Diagnostic::error("ARC027", "what is called here declares no api", name.span);
                self.report(found.help("write the attributes in the edge's own block"));
                continue;
            };
            let Some(operation) = self.operation(api, name) else {
                continue;
            };
            let Some(at) = self.model[id]
                .operations
                .iter()
                .position(|it| it.operation == operation)
            else {
                let found = Diagnostic::error(
                    "ARC027",
                    format!("`{}` does not travel on this edge", name.value),
                    name.span,
                )
                .label(self.model[id].span, "this edge");
                self.report(found);
                continue;
            };
            let message = self
                .request_of(operation)
                .map_or(Message::Any, Message::Struct);
            let entries = self.entries(
                &block.body.items,
                Place::Override,
                &Context {
                    broker: None,
                    message,
                },
            );
            self.check_fallback(operation, &entries);
            if !entries.is_empty() {
                let mut attributes = self.model[id].attributes.inherited();
                Self::declare_into(&mut attributes, &entries);
                self.model.edges[id.0 as usize].operations[at].overrides =
                    Some(Box::new(attributes));
            }
        }
    }

    fn check_fallback(&mut self, operation: OperationId, entries: &[Entry<'a>]) {
        let operation = &self.model[operation];
        if operation.kind == OperationKind::Query {
            return;
        }
        if let Some(entry) = entries
            .iter()
            .find(|it| it.attr == Attr::Fallback && it.value != Some(Value::Off))
        {
            let message = format!(
                "`{}` changes something, so that no remembered answer can stand in for it",
                operation.name
            );
            let found = Diagnostic::error("ARC030", message, entry.span)
                .label(operation.span, "not a query");
            self.report(found);
        }
    }

    /// A consumer's values: built-in ones, the channel's, its own.
    pub(super) fn consumer_values(
        &mut self,
        id: EdgeId,
        channel: ChannelId,
        consumer: NodeId,
        body: &[Entry<'a>],
    ) {
        let mut attributes = self.model[id].attributes.clone();
        let held = &self.model[channel];
        let NodeKind::Broker(engine) = self.model[held.broker].kind else {
            return;
        };
        let facts = engine.facts();
        if self.reach(consumer) == Reach::Generated {
            self.built_in(&mut attributes, Place::Consume, Side::Channel);
            if !facts.redelivers {
                attributes.remove(Attr::Attempts);
            }
            if held.kind == ChannelKind::Topic {
                attributes.built_in(Attr::Group, Value::Text(self.model[consumer].name.clone()));
            }
            if facts.log {
                attributes.built_in(Attr::Start, Value::Text("earliest".to_owned()));
            }
        }
        for (attr, effective) in held.attributes.inherited().iter() {
            if schema::row(attr, Place::Consume).is_some() {
                attributes.set(attr, effective.clone());
            }
        }
        Self::declare_into(&mut attributes, body);
        self.model.edges[id.0 as usize].attributes = attributes;
    }

    /// Built-in values of apis that mean something only for protocols which some edge uses (`max_depth`, `heartbeat`).
    pub(super) fn live_values(&mut self) {
        let special: Vec<_> = schema::at(Place::Api)
            .filter(|row| row.side == Side::Callee && !row.protocols.is_empty())
            .collect();
        for at in 0..self.model.edges.len() {
            let Link::Call {
                protocol,
                api: Some(api),
            } = self.model.edges[at].link
            else {
                continue;
            };
            if self.reach(self.model[api].node) != Reach::Generated {
                continue;
            }
            for row in special
                .iter()
                .filter(|row| row.protocols.contains(&protocol))
            {
                let Some(value) = &row.default else { continue };
                let operations = self.model[api].operations.clone();
                let api = &mut self.model.apis[api.0 as usize];
                if api.attributes.get(row.attr).is_none() {
                    api.attributes.built_in(row.attr, value.clone());
                }
                for operation in operations {
                    let operation = &mut self.model.operations[operation.0 as usize];
                    if operation.attributes.get(row.attr).is_none() {
                        operation.attributes.built_in(row.attr, value.clone());
                    }
                }
            }
        }
    }
}
