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
}

/// How many things one rule looks at before the next one does.
const TOGETHER: usize = 64;

/// Everything that rules find in a drawing, rule by rule.
///
/// All rules about edges look at some edges before they go on to the next, and so do those about nodes and the others: a
/// large drawing does not fit into the processor's nearest cache, and neither do all rules.
pub(super) fn run(rules: &[&Rule], context: &Context<'_>) -> Vec<Vec<Finding>> {
    let model = context.model;
    let mut found = vec![Vec::new(); rules.len()];
    let auths = (0..model.auths.len() as u32).map(AuthId);
    each(rules, context, model.edges().map(|(id, _)| id), &mut found);
    each(rules, context, model.nodes().map(|(id, _)| id), &mut found);
    each(rules, context, model.apis().map(|(id, _)| id), &mut found);
    each(
        rules,
        context,
        model.channels().map(|(id, _)| id),
        &mut found,
    );
    each(rules, context, auths, &mut found);
    for (rule, found) in rules.iter().zip(&mut found) {
        if let Check::System(check) = rule.check {
            *found = check(context);
        }
    }
    found
}

/// Asks the rules that look at such things about each of them.
fn each<T: Checked>(
    rules: &[&Rule],
    context: &Context<'_>,
    things: impl Iterator<Item = T>,
    found: &mut [Vec<Finding>],
) {
    let asked = rules.iter().enumerate();
    let asked: Vec<_> = asked
        .filter_map(|(at, rule)| Some((at, T::check(&rule.check)?)))
        .collect();
    let things: Vec<T> = things.collect();
    for some in things.chunks(TOGETHER) {
        for &(at, check) in &asked {
            for &thing in some {
                let mut new = check(context, thing);
                if !new.is_empty() {
                    found[at].append(&mut new);
                }
            }
        }
    }
}

/// What rules look at one by one.
trait Checked: Copy {
    /// The function of a rule that looks at such things.
    fn check(check: &Check) -> Option<fn(&Context<'_>, Self) -> Vec<Finding>>;
}

macro_rules! checked {
    ($($id:ident $scope:ident),*) => {$(
        impl Checked for $id {
            fn check(check: &Check) -> Option<fn(&Context<'_>, Self) -> Vec<Finding>> {
                match check {
                    Check::$scope(check) => Some(*check),
                    _ => None,
                }
            }
        }
    )*};
}

checked!(EdgeId Edge, NodeId Node, ApiId Api, ChannelId Channel, AuthId Auth);

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
