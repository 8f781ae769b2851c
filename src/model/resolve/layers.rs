//! What holds where nothing is written on the thing itself: defaults of zones and the system, and built-in values.
//!
//! Thousands of edges and apis share few combinations of them, so each combination is computed once.

use rustc_hash::FxHashMap as HashMap;
use smallvec::SmallVec;

use super::Resolver;
use crate::model::attributes::{Attr, Attributes, Effective, Origin, Tls, Value};
use crate::model::schema::{self, Place, Side};
use crate::model::{NodeId, NodeKind, PolicyId, ZoneId};
use crate::protocol::Protocol;
use crate::source::Span;

/// One line of a `defaults` block.
#[derive(Clone, Debug)]
pub(super) struct DefaultLine {
    pub attr: Attr,
    pub value: Value,
    pub span: Span,
}

/// All that an edge's attributes depend on, what is written on it left out.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct EdgeKey {
    pub place: Place,
    /// Who starts it: the zone whose defaults hold for its caller's side.
    pub caller: Option<ZoneId>,
    /// Who serves it: the zone whose defaults hold for the link.
    pub server: Option<ZoneId>,
    pub protocol: Option<Protocol>,
    /// Whether the caller is generated, existing, or outside of the drawing's reach.
    pub reach: Reach,
    /// The transport security that holds when nothing is written.
    pub tls: Option<Tls>,
    pub policies: SmallVec<[PolicyId; 1]>,
}

/// What a drawing can say about a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Reach {
    /// We generate it: built-in values hold.
    Generated,
    /// It exists: what is written describes it, what is unwritten is unknown.
    Existing,
    /// A client or external: only what stands on its edges describes it.
    Outside,
}

/// Defaults as written, and combinations computed so far.
#[derive(Default)]
pub(super) struct Layers {
    defaults: HashMap<(Option<ZoneId>, Option<Protocol>), Vec<DefaultLine>>,
    edges: HashMap<EdgeKey, Attributes>,
    /// The combination that was asked for last: edges after one another mostly share it.
    last_edge: Option<(EdgeKey, Attributes)>,
    apis: HashMap<(Option<ZoneId>, Reach), Attributes>,
}

impl Layers {
    pub(super) fn add_default(
        &mut self,
        zone: Option<ZoneId>,
        protocol: Option<Protocol>,
        line: DefaultLine,
    ) {
        self.defaults
            .entry((zone, protocol))
            .or_default()
            .push(line);
    }

    pub(super) fn default_span(
        &self,
        zone: Option<ZoneId>,
        protocol: Option<Protocol>,
        attr: Attr,
    ) -> Option<Span> {
        self.defaults
            .get(&(zone, protocol))?
            .iter()
            .find(|line| line.attr == attr)
            .map(|line| line.span)
    }
}

impl Resolver<'_> {
    /// What a drawing can say about a node.
    pub(super) fn reach(&self, node: NodeId) -> Reach {
        let node = &self.model[node];
        match node.kind {
            NodeKind::Client(_) | NodeKind::External => Reach::Outside,
            _ if node.existing => Reach::Existing,
            _ => Reach::Generated,
        }
    }

    /// What holds for an edge before anything is read from its own body.
    pub(super) fn edge_layer(&mut self, key: &EdgeKey) -> Attributes {
        if let Some((_, last)) = self.layers.last_edge.as_ref().filter(|it| it.0 == *key) {
            return last.clone();
        }
        let attributes = match self.layers.edges.get(key) {
            Some(known) => known.clone(),
            None => self.new_edge_layer(key),
        };
        self.layers.last_edge = Some((key.clone(), attributes.clone()));
        attributes
    }

    fn new_edge_layer(&mut self, key: &EdgeKey) -> Attributes {
        let mut attributes = Attributes::default();
        if key.reach == Reach::Generated {
            self.built_in(&mut attributes, key.place, Side::Caller);
        }
        if key.reach != Reach::Outside {
            self.defaults_into(
                &mut attributes,
                key.caller,
                key.protocol,
                key.place,
                Side::Caller,
            );
        }
        if let Some(tls) = key.tls {
            attributes.built_in(Attr::Tls, Value::Tls(tls));
        }
        self.defaults_into(
            &mut attributes,
            key.server,
            key.protocol,
            key.place,
            Side::Link,
        );
        for policy in &key.policies {
            for (attr, effective) in self.model[*policy].attributes.iter() {
                // A policy serves edges of all kinds: what means nothing on this one is left out.
                if let (Some(_), Some(span)) =
                    (schema::row(attr, key.place), effective.origin.span())
                {
                    let origin = Origin::Policy(*policy, span);
                    attributes.set(
                        attr,
                        Effective {
                            value: effective.value.clone(),
                            origin,
                        },
                    );
                }
            }
        }
        self.layers.edges.insert(key.clone(), attributes.clone());
        attributes
    }

    /// What holds for an api before anything is read from its own body.
    pub(super) fn api_layer(&mut self, node: NodeId) -> Attributes {
        let key = (self.model[node].zone, self.reach(node));
        if let Some(known) = self.layers.apis.get(&key) {
            return known.clone();
        }
        let (zone, reach) = key;
        let mut attributes = Attributes::default();
        if reach == Reach::Generated {
            self.built_in(&mut attributes, Place::Api, Side::Callee);
        }
        if reach != Reach::Outside {
            self.defaults_into(&mut attributes, zone, None, Place::Api, Side::Callee);
        }
        self.layers.apis.insert(key, attributes.clone());
        attributes
    }

    /// Built-in values of one side, those that hold for every protocol.
    pub(super) fn built_in(&self, attributes: &mut Attributes, place: Place, side: Side) {
        for row in schema::at(place).filter(|row| row.side == side && row.protocols.is_empty()) {
            if let Some(value) = &row.default {
                attributes.built_in(row.attr, value.clone());
            }
        }
    }

    /// Defaults from the system inwards to the nearest zone; those of a protocol after the general ones of the same place.
    fn defaults_into(
        &self,
        attributes: &mut Attributes,
        zone: Option<ZoneId>,
        protocol: Option<Protocol>,
        place: Place,
        side: Side,
    ) {
        let mut inwards = vec![None];
        let mut around = zone;
        while let Some(zone) = around {
            inwards.insert(1, Some(zone));
            around = self.model[zone].parent;
        }
        for zone in inwards {
            let general = self.layers.defaults.get(&(zone, None));
            let special =
                protocol.and_then(|protocol| self.layers.defaults.get(&(zone, Some(protocol))));
            for line in general.into_iter().chain(special).flatten() {
                let applies = schema::rows(line.attr).any(|row| {
                    row.side == side
                        && row.places.contains(&Place::Defaults)
                        && row.places.contains(&place)
                });
                if applies {
                    let effective = Effective {
                        value: line.value.clone(),
                        origin: Origin::Defaults(line.span),
                    };
                    attributes.set(line.attr, effective);
                }
            }
        }
    }
}
