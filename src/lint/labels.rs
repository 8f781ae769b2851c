//! How secret what travels over a hop is.
//!
//! What is said about types decides: `data = ...` on them, and `@sensitive` in them. Where a type says nothing, the class of
//! a store or channel is handed on to the operations that lead there, and no further than data can flow: what is read
//! comes back with answers, what is written goes down with requests. So a store's class does not stick to operations that
//! do not touch it, nor to those whose types say that they carry something else.

use super::context::Context;
use crate::model::attributes::DataClass;
use crate::model::types::TypeRef;
use crate::model::{Access, End, Input, Link, OperationId, OperationKind};
use crate::topology::{Goal, HopId, Toward, Way};

/// What a class rests on.
#[derive(Clone, Debug)]
pub struct Label {
    /// The class.
    pub class: DataClass,
    /// The way to the store or channel that it comes from, the hop first; `None` where the hop's own types, store or
    /// channel say so.
    pub way: Option<Way>,
}

/// The classes of all hops, from a least class on.
pub struct Labels<'c, 'a> {
    context: &'c Context<'a>,
    least: DataClass,
    /// For each class from the gravest on what leads to reading and to writing it.
    levels: Vec<(DataClass, Toward, Toward)>,
}

impl<'a> Context<'a> {
    /// The classes of hops, as far as they are at least so grave.
    #[must_use]
    pub fn labels(&self, least: DataClass) -> Labels<'_, 'a> {
        let classes = [DataClass::Restricted, DataClass::Confidential];
        let levels = classes.into_iter().filter(|it| *it >= least).map(|class| {
            (
                class,
                self.leading_to(class, Access::Read),
                self.leading_to(class, Access::Write),
            )
        });
        Labels {
            context: self,
            least,
            levels: levels.collect(),
        }
    }

    fn leading_to(&self, class: DataClass, access: Access) -> Toward {
        let holds = |hop: HopId| {
            let edge = &self.model[self.topology.hop(hop).edge];
            match edge.link {
                Link::Store => self.class_of(edge.to) >= Some(class),
                Link::Publish => access == Access::Write && self.class_of(edge.to) >= Some(class),
                Link::Call { .. } | Link::Consume => false,
            }
        };
        self.topology.toward(&Goal {
            is_goal: holds,
            passes: |hop| match self.topology.hop(hop).operation {
                Some(operation) => match access {
                    Access::Read => self.output_says(operation) == Said::Nothing,
                    _ => self.input_says(operation) == Said::Nothing,
                },
                None => false,
            },
            causes: |cause, goal| match (self.topology.access(cause, goal), access) {
                (Access::Both, _) => true,
                (own, wanted) => own == wanted,
            },
        })
    }

    /// What is known of an operation's answer.
    #[must_use]
    pub fn output_says(&self, operation: OperationId) -> Said {
        match &self.model[operation].output {
            None => Said::Empty,
            Some(payload) => Said::of(self.class_of_type(&payload.ty)),
        }
    }

    /// What is known of an operation's request. A query takes what it asks by, and nothing that is kept.
    #[must_use]
    pub fn input_says(&self, operation: OperationId) -> Said {
        let operation = &self.model[operation];
        let class = match &operation.input {
            Input::None => return Said::Empty,
            Input::Parameters(id) => self.class_of_type(&TypeRef::Struct(*id)),
            Input::Message(payload) => self.class_of_type(&payload.ty),
        };
        match Said::of(class) {
            Said::Nothing if operation.kind == OperationKind::Query => Said::Empty,
            said => said,
        }
    }
}

/// What the types of an operation say about one direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// Nothing travels.
    Empty,
    /// They say nothing.
    Nothing,
    /// The class.
    Class(DataClass),
}

impl Said {
    fn of(class: Option<DataClass>) -> Self {
        class.map_or(Self::Nothing, Self::Class)
    }

    /// The class, where it is said.
    #[must_use]
    pub const fn class(self) -> Option<DataClass> {
        match self {
            Self::Class(class) => Some(class),
            Self::Empty | Self::Nothing => None,
        }
    }
}

impl Labels<'_, '_> {
    /// The class of what travels over a hop, from the least one on.
    #[must_use]
    pub fn of(&self, hop: HopId) -> Option<Label> {
        let context = self.context;
        let place = context.topology.hop(hop);
        let edge = &context.model[place.edge];
        let own = match (edge.link, place.operation) {
            (Link::Store | Link::Publish, _) => context.class_of(edge.to),
            (Link::Consume, _) => context.class_of(edge.from),
            (Link::Call { .. }, Some(operation)) => {
                let output = context.output_says(operation).class();
                output.max(context.input_says(operation).class())
            }
            (Link::Call { .. }, None) => match edge.to {
                End::Node(_) => None,
                End::Channel(_) => context.class_of(edge.to),
            },
        };
        let own = own.filter(|it| *it >= self.least);
        let led = self.levels.iter().find_map(|(class, read, write)| {
            let operation = place.operation?;
            let reads = context.output_says(operation) == Said::Nothing;
            let writes = context.input_says(operation) == Said::Nothing;
            let way = (reads.then(|| read.way(hop)).flatten())
                .or_else(|| writes.then(|| write.way(hop)).flatten())?;
            Some(Label {
                class: *class,
                way: Some(way),
            })
        });
        match (own, led) {
            (Some(class), Some(led)) if led.class > class => Some(led),
            (Some(class), _) => Some(Label { class, way: None }),
            (None, led) => led,
        }
    }
}
