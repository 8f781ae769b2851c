//! What a rule returns: a message with its places, and how it weighs beside the rule's usual findings.

use super::context::Context;
use super::root::Root;
use crate::diagnostic::{Diagnostic, Fix, Level, Safety};
use crate::model::edit::Edits;
use crate::model::{EdgeId, NodeKind};
use crate::source::Span;
use crate::topology::Way;

/// A finding, before levels, acceptance and order.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The message. Code and level are put in by the runner.
    pub(super) diagnostic: Diagnostic,
    /// Steps above (or below) the rule's level.
    pub(super) shift: i8,
    /// Whether it stands on a way that is assumed.
    pub(super) assumed: bool,
    /// What it is about, by name, where that was asked for.
    pub(super) names: Vec<String>,
    /// The edges it is about: a graver finding about one of them makes it a note.
    pub(super) edges: Vec<EdgeId>,
    /// Which of its rule's variants it is, where the table of what follows from what tells them apart.
    pub(super) variant: Option<char>,
    /// What it has in common with others of its rule.
    pub(super) root: Option<Root>,
    /// What follows from it: the code and message of findings that are not told by themselves.
    pub(super) follows: Vec<(&'static str, String)>,
    /// The missing fact, where this is no finding but says that there could be none, and what to write.
    pub(super) wants: Option<(&'static str, String)>,
}

impl Finding {
    /// A message at a place.
    #[must_use]
    pub fn new(message: impl Into<String>, at: Span) -> Self {
        Self {
            diagnostic: Diagnostic::new("", Level::Info, message, at),
            shift: 0,
            assumed: false,
            edges: Vec::new(),
            names: Vec::new(),
            variant: None,
            root: None,
            follows: Vec::new(),
            wants: None,
        }
    }

    /// No finding: something cannot be judged for want of a fact.
    pub(super) fn unknown(subject: String, fact: &'static str, at: Span, declare: String) -> Self {
        Self {
            wants: Some((fact, declare)),
            ..Self::new(subject, at)
        }
    }

    /// What stands at the primary place.
    #[must_use]
    pub fn here(mut self, text: impl Into<String>) -> Self {
        self.diagnostic = self.diagnostic.here(text);
        self
    }

    /// Another place that matters.
    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.diagnostic = self.diagnostic.label(span, text);
        self
    }

    /// Another place that matters, where there is one.
    #[must_use]
    pub fn label_at(self, span: Option<Span>, text: impl Into<String>) -> Self {
        match span {
            Some(span) => self.label(span, text),
            None => self,
        }
    }

    /// Why it matters, or how it was computed.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.diagnostic = self.diagnostic.note(text);
        self
    }

    /// What to write instead.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.diagnostic = self.diagnostic.help(text);
        self
    }

    /// What to write instead, and the edits that do it. Where they cannot be made it is help alone.
    ///
    /// A fix is safe when it changes nothing but the drawing's words, or bounds what was unbounded. What asks for
    /// something to be so that may not be so is suggested; on what we do not generate nothing is safe, whatever the
    /// rule says.
    #[must_use]
    pub fn fix(mut self, safety: Safety, title: impl Into<String>, edits: Edits) -> Self {
        let Some(edits) = edits else {
            return self.help(title);
        };
        self.diagnostic.fixes.push(Fix {
            title: title.into(),
            edits,
            safety,
        });
        self
    }

    /// The edges it is about.
    #[must_use]
    pub fn about(mut self, edges: impl IntoIterator<Item = EdgeId>) -> Self {
        self.edges.extend(edges);
        self
    }

    /// Where one line would mend it together with others of its rule: from three on, one finding stands there for all.
    #[must_use]
    pub fn because(mut self, root: Root) -> Self {
        self.root = Some(root);
        self
    }

    /// Which of its rule's variants it is, as the catalogue numbers them: a letter.
    #[must_use]
    pub fn variant(mut self, letter: char) -> Self {
        self.variant = Some(letter);
        self
    }

    /// One level graver than the rule's findings usually are, when `yes`.
    #[must_use]
    pub fn graver_if(mut self, yes: bool) -> Self {
        self.shift += i8::from(yes);
        self
    }

    /// One level milder than the rule's findings usually are, when `yes`.
    #[must_use]
    pub fn milder_if(mut self, yes: bool) -> Self {
        self.shift -= i8::from(yes);
        self
    }

    /// Worth knowing only.
    #[must_use]
    pub fn informs(mut self) -> Self {
        self.shift = -2;
        self
    }

    /// Says where the way that it stands on is assumed, and makes it milder for it.
    #[must_use]
    pub fn along(mut self, context: &Context<'_>, way: &Way) -> Self {
        self.assumed |= way.assumed;
        self.says_where_assumed(context, way)
    }

    /// Says where a way is assumed. For findings that hold all the same.
    #[must_use]
    pub fn says_where_assumed(self, context: &Context<'_>, way: &Way) -> Self {
        let undeclared = way.hops.iter().find_map(|&id| {
            let hop = context.topology.hop(id);
            let target = &context.model[context.topology.target(id)];
            if !matches!(target.kind, NodeKind::Service(_)) {
                return None;
            }
            match hop.operation {
                Some(id) => {
                    let operation = &context.model[id];
                    let declared = operation.via.is_some() || operation.calls.is_some();
                    let name = if context.model[operation.api].built_in {
                        target.name.clone()
                    } else {
                        context.operation_name(id)
                    };
                    (!declared).then_some((operation.span, name))
                }
                None => {
                    let edge = &context.model[hop.edge];
                    edge.calls
                        .is_none()
                        .then(|| (edge.span, target.name.clone()))
                }
            }
        });
        match undeclared.filter(|_| way.assumed) {
            Some((span, name)) => self
                .label(span, "assumed: this does not say what it calls, so it may call all")
                .help(format!(
                    "say what `{name}` calls, by `calls = [...]` on its operation or consuming edge, to confirm or silence this"
                )),
            None => self,
        }
    }
}
