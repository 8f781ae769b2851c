//! What a rule is.

use super::context::Context;
use super::documentation::{self, Documentation};
use super::finding::Finding;
use crate::diagnostic::Level;
use crate::model::{ApiId, AuthId, ChannelId, EdgeId, NodeId};

/// A rule: how it is called, how grave its findings are, and the function that finds them.
pub struct Rule {
    /// `TMO002`: what is written to accept a finding or to set its level.
    pub code: &'static str,
    /// `timeout-inversion`: reads well after "allow".
    pub name: &'static str,
    /// `timeout`: the folder it stands in.
    pub area: &'static str,
    /// The file in that folder, without its ending.
    pub file: &'static str,
    /// The level of a finding, unless the drawing or the finding itself says otherwise.
    pub level: Level,
    /// Whether it runs by itself.
    pub activation: Activation,
    /// What it looks at, and how.
    pub check: Check,
    /// The text of the rule's own file, which documents it.
    pub(super) source: &'static str,
}

/// Whether a rule runs by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// It runs.
    On,
    /// It is a matter of taste, or noisy: it runs when `lint { CODE = warning }` or `--select CODE` asks for it.
    Off,
    /// It runs, and is silent where the drawing has no numbers to judge.
    Gated,
}

impl Activation {
    /// In a word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Off => "off",
            Self::Gated => "gated",
        }
    }
}

/// What a rule looks at: it is asked once for each.
pub enum Check {
    /// Each edge.
    Edge(fn(&Context<'_>, EdgeId) -> Vec<Finding>),
    /// Each node.
    Node(fn(&Context<'_>, NodeId) -> Vec<Finding>),
    /// Each api.
    Api(fn(&Context<'_>, ApiId) -> Vec<Finding>),
    /// Each channel.
    Channel(fn(&Context<'_>, ChannelId) -> Vec<Finding>),
    /// Each authentication scheme.
    Auth(fn(&Context<'_>, AuthId) -> Vec<Finding>),
    /// The whole drawing, once.
    System(fn(&Context<'_>) -> Vec<Finding>),
}

impl Check {
    /// What it is asked for, as a word.
    #[must_use]
    pub const fn scope(&self) -> &'static str {
        match self {
            Self::Edge(_) => "edge",
            Self::Node(_) => "node",
            Self::Api(_) => "api",
            Self::Channel(_) => "channel",
            Self::Auth(_) => "auth",
            Self::System(_) => "system",
        }
    }

    /// Everything it finds in a drawing.
    pub(super) fn run(&self, context: &Context<'_>) -> Vec<Finding> {
        let model = context.model;
        match self {
            Self::Edge(check) => each(model.edges().map(|(id, _)| id), |id| check(context, id)),
            Self::Node(check) => each(model.nodes().map(|(id, _)| id), |id| check(context, id)),
            Self::Api(check) => each(model.apis().map(|(id, _)| id), |id| check(context, id)),
            Self::Channel(check) => {
                each(model.channels().map(|(id, _)| id), |id| check(context, id))
            }
            Self::Auth(check) => each((0..model.auths.len() as u32).map(AuthId), |id| {
                check(context, id)
            }),
            Self::System(check) => check(context),
        }
    }
}

fn each<T>(ids: impl Iterator<Item = T>, check: impl Fn(T) -> Vec<Finding>) -> Vec<Finding> {
    ids.flat_map(check).collect()
}

impl Rule {
    /// The documentation, by section.
    #[must_use]
    pub fn documentation(&self) -> Documentation {
        Documentation::of(self.source)
    }

    /// The documentation as one page of Markdown.
    #[must_use]
    pub fn markdown(&self) -> String {
        documentation::text(self.source)
    }

    /// Whether a word of the user means this rule: its code, its name, or the letters of its area (`TMO`).
    #[must_use]
    pub fn is_meant_by(&self, word: &str) -> bool {
        self.is_named(word) || (word.len() == 3 && self.code.starts_with(word))
    }

    /// Whether a word is its code or name.
    #[must_use]
    pub fn is_named(&self, word: &str) -> bool {
        self.code == word || self.name == word
    }
}
