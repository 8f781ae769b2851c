//! What a rule is handed, and how it names things.

use std::cell::OnceCell;

use super::cause::{self, Shared};
use super::classes::Classes;
use super::finding::Finding;
use super::limits::Limits;
use super::profile::Profile;
use super::schemes::SchemeUse;
use super::settings::Settings;
use crate::model::attributes::{Attr, Attributes, DataClass, Retry, Value};
use crate::model::edit::Editor;
use crate::model::types::TypeRef;
use crate::model::{ChannelId, EdgeId, End, Link, Model, NodeKind, OperationId, OperationKind};
use crate::source::{Sources, Span};
use crate::topology::{HopId, Topology, Way};

/// Everything that a rule may read.
pub struct Context<'a> {
    /// The drawing, resolved.
    pub model: &'a Model,
    /// The drawing as a graph.
    pub topology: &'a Topology<'a>,
    /// The text it was written in.
    pub sources: &'a Sources,
    /// What to compare with.
    pub limits: Limits,
    /// How strictly it is judged.
    pub profile: Profile,
    /// Whether somebody asks for what could not be judged.
    explains: bool,
    /// How secret messages are.
    classes: Classes,
    /// For each channel whether it is another's `dlq`.
    dead_letters: Vec<bool>,
    /// For each scheme where it is used, once some rule has asked.
    pub(super) scheme_uses: OnceCell<Vec<Vec<SchemeUse>>>,
    /// The values of edges list by list, once some rule has asked.
    shared_values: OnceCell<Vec<Shared>>,
}

impl<'a> Context<'a> {
    pub(super) fn new(
        model: &'a Model,
        topology: &'a Topology<'a>,
        sources: &'a Sources,
        settings: &Settings,
        explains: bool,
    ) -> Self {
        let mut dead_letters = vec![false; model.channels.len()];
        let channels = model.channels.iter().map(|it| &it.attributes);
        for attributes in channels.chain(model.edges.iter().map(|it| &it.attributes)) {
            if let Some(channel) = attributes.dlq() {
                dead_letters[channel.0 as usize] = true;
            }
        }
        Self {
            model,
            topology,
            sources,
            limits: settings.limits,
            profile: settings.profile,
            explains,
            classes: Classes::new(model),
            dead_letters,
            scheme_uses: OnceCell::new(),
            shared_values: OnceCell::new(),
        }
    }

    /// The values of all edges, list by list.
    pub(super) fn shared_values(&self) -> &[Shared] {
        self.shared_values.get_or_init(|| cause::shared(self.model))
    }

    /// Whether somebody asks for what could not be judged.
    #[must_use]
    pub const fn explains(&self) -> bool {
        self.explains
    }

    /// Tells that a rule cannot judge something because a fact is missing: `fact` is the word of the language, `at` where
    /// it would be written, and `tell` gives what could not be judged and what to write. A rule returns this in place of
    /// findings, or beside them. It costs nothing unless somebody asked.
    #[must_use]
    pub fn unknown(
        &self,
        fact: &'static str,
        at: Span,
        tell: impl FnOnce() -> (String, String),
    ) -> Vec<Finding> {
        if !self.explains {
            return Vec::new();
        }
        let (subject, declare) = tell();
        vec![Finding::unknown(subject, fact, at, declare)]
    }

    /// Makes edits of the drawing, for fixes.
    #[must_use]
    pub const fn editor(&self) -> Editor<'a> {
        Editor::new(self.model, self.sources)
    }

    /// The class of the most secret thing in a type: `data` of messages, `@sensitive` (confidential) of fields; `None`
    /// where nothing says.
    #[must_use]
    pub fn class_of_type(&self, ty: &TypeRef) -> Option<DataClass> {
        self.classes.of(ty)
    }

    /// Whether something in a type is confidential or worse.
    #[must_use]
    pub fn is_sensitive(&self, ty: &TypeRef) -> bool {
        self.class_of_type(ty) >= Some(DataClass::Confidential)
    }

    /// `orders.Orders.find`
    #[must_use]
    pub fn operation_name(&self, operation: OperationId) -> String {
        let operation = &self.model[operation];
        let api = &self.model[operation.api];
        let node = &self.model[api.node].name;
        if api.built_in {
            format!("{node}.{}", operation.name)
        } else {
            format!("{node}.{}.{}", api.name, operation.name)
        }
    }

    /// `front -> orders.Orders`
    #[must_use]
    pub fn edge_name(&self, edge: EdgeId) -> String {
        let edge = &self.model[edge];
        let from = self.model.end_name(edge.from);
        let to = self.model.end_name(edge.to);
        match edge.link {
            Link::Call { api: Some(api), .. } if !self.model[api].built_in => {
                format!("{from} -> {to}.{}", self.model[api].name)
            }
            _ => format!("{from} -> {to}"),
        }
    }

    /// What a hop ends at: `orders.Orders.find`, `orders_db`, `bus.placed`.
    #[must_use]
    pub fn arrival_name(&self, hop: HopId) -> String {
        let hop = self.topology.hop(hop);
        match hop.operation {
            Some(operation) => self.operation_name(operation),
            None => self.model.end_name(self.model[hop.edge].to),
        }
    }

    /// `front -> orders.Orders.find`
    #[must_use]
    pub fn hop_name(&self, hop: HopId) -> String {
        let from = self.model[self.topology.hop(hop).edge].from;
        format!(
            "{} -> {}",
            self.model.end_name(from),
            self.arrival_name(hop)
        )
    }

    /// `web -> front.Shop.order -> orders.Orders.find -> orders_db`
    #[must_use]
    pub fn way_name(&self, way: &Way) -> String {
        let mut text = match way.hops.first() {
            Some(&first) => self
                .model
                .end_name(self.model[self.topology.hop(first).edge].from),
            None => String::new(),
        };
        for &hop in &way.hops {
            text.push_str(" -> ");
            text.push_str(&self.arrival_name(hop));
        }
        text
    }

    /// Effective caller-side values of a hop.
    #[must_use]
    pub fn attributes_of(&self, hop: HopId) -> &'a Attributes {
        self.topology.attributes_of(hop)
    }

    /// How failed calls of a hop are repeated, by what is drawn.
    #[must_use]
    pub fn retry(&self, hop: HopId) -> Option<&'a Retry> {
        match self.attributes_of(hop).value(Attr::Retry) {
            Some(Value::Retry(retry)) => Some(retry),
            _ => None,
        }
    }

    /// Whether its source goes on without it when it fails.
    #[must_use]
    pub fn is_optional(&self, hop: HopId) -> bool {
        self.attributes_of(hop).is(Attr::Optional)
    }

    /// Whether the handler at the end of a hop says that it makes its calls one after another.
    #[must_use]
    pub fn is_sequential(&self, id: HopId) -> bool {
        let hop = self.topology.hop(id);
        let own = match hop.operation {
            Some(operation) => &self.model[operation].attributes,
            None => &self.model[hop.edge].attributes,
        };
        let around = &self.model[self.topology.target(id)].attributes;
        let written = own
            .value(Attr::Sequential)
            .or_else(|| around.value(Attr::Sequential));
        written == Some(&Value::Boolean(true))
    }

    /// Whether its failure stays with its source: it is optional, or a remembered answer stands in.
    #[must_use]
    pub fn swallows_failure(&self, hop: HopId) -> bool {
        let fallback = self.attributes_of(hop).value(Attr::Fallback);
        self.is_optional(hop) || matches!(fallback, Some(Value::Fallback(_)))
    }

    /// Whether doing it twice is as good as doing it once, as far as is known. Of stores and channels it is not known.
    #[must_use]
    pub fn is_repeatable(&self, hop: HopId) -> bool {
        let hop = self.topology.hop(hop);
        match hop.operation.map(|operation| &self.model[operation]) {
            Some(it) => it.kind == OperationKind::Query || it.attributes.idempotent().is_some(),
            None => !matches!(self.model[hop.edge].link, Link::Call { .. }),
        }
    }

    /// Whether a retry that is drawn for a hop is made: what we generate repeats only what is safe to repeat.
    #[must_use]
    pub fn retries(&self, hop: HopId) -> bool {
        let known = self.topology.hop(hop).operation.is_some();
        let from = self.model[self.topology.hop(hop).edge].from;
        !known || !self.is_generated(from) || self.is_repeatable(hop)
    }

    /// Whether dead letters of another channel go to this one.
    #[must_use]
    pub fn is_dead_letter(&self, channel: ChannelId) -> bool {
        self.dead_letters[channel.0 as usize]
    }

    /// Whether it is a service that we generate.
    #[must_use]
    pub fn is_generated(&self, end: End) -> bool {
        let node = &self.model[self.model.node_of(end)];
        matches!(node.kind, NodeKind::Service(_)) && !node.existing
    }
}
