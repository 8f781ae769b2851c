//! One cause, one finding: what findings of a rule have in common, and the one finding that stands for them.

use rustc_hash::FxHashMap as HashMap;

use super::context::Context;
use super::finding::Finding;
use super::settings::Options;
use crate::diagnostic::Safety;
use crate::model::attributes::{Attr, Effective, Origin};
use crate::model::edit::{Edits, Element};
use crate::model::{EdgeId, Model, NodeId, ZoneId};
use crate::source::Span;

/// From how many findings on one stands for all of them. Two are a decision each.
const SEVERAL: usize = 3;

/// How many places a finding that stands for several points at, unless all are asked for.
const SHOWN: usize = 3;

/// A place where one line mends several findings: a zone or system without a default, a line of `defaults`, a policy, an
/// authentication scheme.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Root {
    /// The place.
    pub at: Span,
    /// What the findings say together, `{n}` being how many there are: `{n} calls from zone `core` can wait for ever`.
    pub message: String,
    /// What is at the place: "there is no `timeout` in its `defaults`".
    pub here: String,
    /// What to write there.
    pub help: String,
    /// The edit that does it, where one does it for all.
    pub mend: Option<Mend>,
}

/// How one line mends all.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Mend {
    /// The `defaults { }` of a zone or the system, or a policy, says so.
    Default(Element, Attr, &'static str),
    /// The line says so instead.
    Line(Span, &'static str),
}

impl Mend {
    fn edits(&self, context: &Context<'_>) -> Edits {
        match *self {
            Self::Default(site, attr, value) => context.editor().set_default(site, attr, value),
            Self::Line(line, value) => context.editor().replace(line, value),
        }
    }
}

/// Where a value could be set for all at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// The name of the zone or policy, or of the system.
    pub span: Span,
    /// As messages name it: "zone `core`", "policy `steady`", "the system".
    pub name: String,
    /// The same as what can be edited.
    pub element: Element,
}

impl Site {
    /// Where in it values are written, for helps: "the `defaults { }` of zone `core`".
    #[must_use]
    pub fn block(&self) -> String {
        match self.element {
            Element::Policy(_) => self.name.clone(),
            _ => format!("the `defaults {{ }}` of {}", self.name),
        }
    }
}

impl Context<'_> {
    /// Where one line sets a caller's value for an edge and others: its first policy, else the zone that it starts in,
    /// else the system.
    #[must_use]
    pub fn caller_site(&self, edge: EdgeId) -> Site {
        let edge = &self.model[edge];
        match edge.policies.first() {
            Some(&policy) => Site {
                span: self.model[policy].span,
                name: format!("policy `{}`", self.model[policy].name),
                element: policy.into(),
            },
            None => self.site(self.model[self.model.node_of(edge.from)].zone),
        }
    }

    /// Where one line sets a callee's or link's value for a node and others: its zone, else the system.
    #[must_use]
    pub fn callee_site(&self, node: NodeId) -> Site {
        self.site(self.model[node].zone)
    }

    /// Where a value was set for several edges at once: the line of `defaults` or of a policy. `None` for what stands on
    /// one edge or api alone, and for what is not set.
    #[must_use]
    pub fn shared_line(&self, effective: Option<&Effective>) -> Option<Span> {
        match effective?.origin {
            Origin::Policy(_, span) | Origin::Defaults(span) => Some(span),
            _ => None,
        }
    }

    fn site(&self, zone: Option<ZoneId>) -> Site {
        let Model { system, .. } = self.model;
        match zone {
            Some(zone) => Site {
                span: self.model[zone].span,
                name: format!("zone `{}`", self.model[zone].name),
                element: zone.into(),
            },
            None => Site {
                span: system.span,
                name: "the system".to_owned(),
                element: Element::System,
            },
        }
    }
}

/// Puts one finding in the place of several that have their root and weight in common; where they are to be told apart,
/// only if one edit mends them all.
pub(super) fn group(
    context: &Context<'_>,
    findings: Vec<(&'static str, Finding)>,
    options: &Options,
) -> Vec<(&'static str, Finding)> {
    let mut groups: HashMap<(&'static str, Root, i8, bool), Vec<usize>> = HashMap::default();
    for (at, (code, finding)) in findings.iter().enumerate() {
        if let Some(root) = &finding.root {
            let key = (*code, root.clone(), finding.shift, finding.assumed);
            groups.entry(key).or_default().push(at);
        }
    }
    groups.retain(|(_, root, ..), members| {
        members.len() >= SEVERAL && (!options.apart || root.edits(context).is_some())
    });
    if groups.is_empty() {
        return findings;
    }
    let mut taken = vec![false; findings.len()];
    let mut kept = Vec::with_capacity(findings.len());
    for ((code, root, ..), members) in groups {
        let members: Vec<&Finding> = members
            .into_iter()
            .map(|at| {
                taken[at] = true;
                &findings[at].1
            })
            .collect();
        kept.push((code, together(context, root, &members, options.all)));
    }
    let mut taken = taken.into_iter();
    let others = findings.into_iter();
    kept.extend(others.filter(|_| !taken.next().unwrap_or(false)));
    kept
}

impl Root {
    fn edits(&self, context: &Context<'_>) -> Edits {
        self.mend.as_ref()?.edits(context)
    }
}

fn together(context: &Context<'_>, root: Root, members: &[&Finding], all: bool) -> Finding {
    let message = root.message.replace("{n}", &members.len().to_string());
    let shown = if all { members.len() } else { SHOWN };
    let edits = root.edits(context);
    let mut finding =
        Finding::new(message, root.at)
            .here(root.here)
            .fix(Safety::Suggested, root.help, edits);
    for member in members.iter().take(shown) {
        let diagnostic = &member.diagnostic;
        finding = finding.label(diagnostic.primary.span, &diagnostic.message);
    }
    if members.len() > shown {
        finding = finding.note(format!(
            "it holds for {} in all; `--all` shows each",
            members.len()
        ));
    }
    for member in members {
        finding.follows.extend(member.follows.iter().cloned());
        finding.edges.extend(&member.edges);
        finding.names.extend(member.names.iter().cloned());
    }
    if let Some(first) = members.first() {
        (finding.shift, finding.assumed) = (first.shift, first.assumed);
    }
    finding
}
