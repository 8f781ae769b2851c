//! What a dotted name means: a node, an api, an operation, a channel, a store.

use super::Resolver;
use super::names::Space;
use crate::diagnostic::Diagnostic;
use crate::model::attributes::Attributes;
use crate::model::{Access, ApiId, CallTarget, Channel, ChannelId, NodeId, NodeKind};
use crate::source::Span;
use crate::syntax::ast::Ident;

/// The whole of a dotted name.
pub(super) fn span_of(segments: &[Ident]) -> Span {
    match segments {
        [] => Span {
            file: crate::source::FileId(0),
            start: 0,
            end: 0,
        },
        [first, ..] => segments
            .last()
            .map_or(first.span, |last| first.span.to(last.span)),
    }
}

impl<'a> Resolver<'a> {
    /// What a dotted name means; `None`, with a message, when it means nothing.
    ///
    /// `draws` says that it stands in an edge, where an open broker takes names that it has not heard before.
    pub(super) fn target(&mut self, segments: &'a [Ident], draws: bool) -> Option<CallTarget> {
        let (first, rest) = segments.split_first()?;
        let node = self.node(first)?;
        match self.model[node].kind {
            NodeKind::Store(_) => self.store_target(node, rest),
            NodeKind::Broker(_) => match rest {
                [] => Some(CallTarget::Node(node)),
                [channel] => self.channel(node, channel, draws).map(CallTarget::Channel),
                [_, extra, ..] => self.too_long(extra, "a channel has no parts"),
            },
            _ => self.served_target(node, rest),
        }
    }

    fn too_long<T>(&mut self, extra: &Ident, why: &str) -> Option<T> {
        let message = format!("`{}` is one name too many: {why}", extra.value);
        self.report(Diagnostic::error("ARC025", message, extra.span));
        None
    }

    fn store_target(&mut self, store: NodeId, rest: &'a [Ident]) -> Option<CallTarget> {
        match rest {
            [] => Some(CallTarget::Store(store, Access::Both)),
            [how] => match how.value.as_str() {
                "read" => Some(CallTarget::Store(store, Access::Read)),
                "write" => Some(CallTarget::Store(store, Access::Write)),
                other => {
                    let message = format!("a store has `read` and `write`, and no `{other}`");
                    self.report(Diagnostic::error("ARC025", message, how.span));
                    None
                }
            },
            [_, extra, ..] => self.too_long(extra, "a store has `read` and `write`, no more"),
        }
    }

    fn served_target(&mut self, node: NodeId, rest: &'a [Ident]) -> Option<CallTarget> {
        let Some((name, rest)) = rest.split_first().filter(|_| !self.is_elsewhere(node)) else {
            return Some(CallTarget::Node(node));
        };
        let (version, rest) = match rest {
            [first, rest @ ..] if version_of(&first.value).is_some() => {
                (version_of(&first.value), rest)
            }
            rest => (None, rest),
        };
        let api = self.api(node, name, version)?;
        match rest {
            [] => Some(CallTarget::Api(api)),
            [operation] => self.operation(api, operation).map(CallTarget::Operation),
            [_, extra, ..] => self.too_long(extra, "an operation has no parts"),
        }
    }

    /// The node of a name.
    pub(super) fn node(&mut self, name: &'a Ident) -> Option<NodeId> {
        if let Some(node) = self.names.nodes.get(name.value.as_str()) {
            return Some(*node);
        }
        let mut known: Vec<&str> = self.names.nodes.keys().copied().collect();
        known.sort_unstable();
        let help = format!("declare it: `service {}`", name.value);
        self.unknown("node", &name.value, name.span, known, &help);
        None
    }

    /// The api of a node by name, and version where there are several.
    fn api(&mut self, node: NodeId, name: &'a Ident, version: Option<u32>) -> Option<ApiId> {
        let apis = self.model[node].apis.iter().copied();
        let versions: Vec<ApiId> = apis
            .filter(|api| self.model[*api].name == name.value)
            .collect();
        let wanted = version.or(if versions.len() > 1 { Some(1) } else { None });
        let found = versions
            .iter()
            .copied()
            .find(|api| wanted.is_none_or(|version| self.model[*api].version == version));
        if found.is_some() {
            return found;
        }
        if !self
            .broken
            .mentions
            .insert((Space::Api(node, 0), &name.value))
        {
            return None;
        }
        let holder = &self.model[node];
        let names: Vec<String> = holder.apis.iter().map(|api| self.api_name(*api)).collect();
        let message = match wanted.filter(|_| !versions.is_empty()) {
            Some(version) => format!("`{}.{}` has no version {version}", holder.name, name.value),
            None => format!("`{}` has no api called `{}`", holder.name, name.value),
        };
        let label = if names.is_empty() {
            format!("`{}` declares no api", holder.name)
        } else {
            format!(
                "`{}` has {}",
                holder.name,
                super::place::join(&quoted(&names)).replace(" or ", " and ")
            )
        };
        let found = Diagnostic::error("ARC027", message, name.span).label(holder.span, label);
        let found = self.suggest(
            found,
            &name.value,
            name.span,
            names.iter().map(String::as_str),
            "",
        );
        self.report(found);
        None
    }

    /// An api as its node calls it: `Orders`, `Orders.v2`.
    pub(super) fn api_name(&self, api: ApiId) -> String {
        let api = &self.model[api];
        if api.version == 1 {
            api.name.clone()
        } else {
            format!("{}.v{}", api.name, api.version)
        }
    }

    /// The operation of an api by name.
    pub(super) fn operation(
        &mut self,
        api: ApiId,
        name: &'a Ident,
    ) -> Option<crate::model::OperationId> {
        if let Some(operation) = self.names.operations.get(&(api, name.value.as_str())) {
            return Some(*operation);
        }
        if !self
            .broken
            .mentions
            .insert((Space::Operation(api), &name.value))
        {
            return None;
        }
        let known: Vec<String> = self.model[api]
            .operations
            .iter()
            .map(|it| self.model[*it].name.clone())
            .collect();
        let message = format!(
            "`{}` has no operation called `{}`",
            self.api_name(api),
            name.value
        );
        let found = Diagnostic::error("ARC027", message, name.span);
        self.not_among(found, name, Some(self.model[api].span), &known);
        None
    }

    /// Reports a name that is none of those that its holder has, and the one that may be meant.
    pub(super) fn not_among(
        &mut self,
        found: Diagnostic,
        name: &Ident,
        holder: Option<Span>,
        known: &[String],
    ) {
        let found = match holder {
            Some(holder) => found.label(holder, format!("it has {}", enumerated(known))),
            None => found,
        };
        let known = known.iter().map(String::as_str);
        let found = self.suggest(found, &name.value, name.span, known, "");
        self.report(found);
    }

    /// The channel of a broker by name.
    pub(super) fn channel(
        &mut self,
        broker: NodeId,
        name: &'a Ident,
        draws: bool,
    ) -> Option<ChannelId> {
        if let Some(channel) = self.names.channels.get(&(broker, name.value.as_str())) {
            return Some(*channel);
        }
        let node = &self.model[broker];
        let NodeKind::Broker(engine) = node.kind else {
            return None;
        };
        if draws && !node.closed {
            self.check_name(super::names::Style::Snake, name, "channel");
            return Some(self.add_channel(
                None,
                &name.value,
                Channel {
                    name: name.value.to_string(),
                    span: name.span,
                    doc: None,
                    broker,
                    kind: engine.facts().channels[0],
                    message: None,
                    declared: false,
                    attributes: Attributes::default(),
                },
            ));
        }
        let known: Vec<String> = node
            .channels
            .iter()
            .map(|it| self.model[*it].name.clone())
            .collect();
        let message = format!("`{}` has no channel called `{}`", node.name, name.value);
        let help = format!(
            "declare it in the broker: `{} {} : SomeType`",
            engine.facts().channels[0],
            name.value
        );
        let why = if node.closed {
            "takes only the channels in its body"
        } else {
            "no edge draws it"
        };
        let found = Diagnostic::error("ARC025", message, name.span)
            .label(node.span, format!("{why}: {}", enumerated(&known)));
        let found = self.suggest(
            found,
            &name.value,
            name.span,
            known.iter().map(String::as_str),
            &help,
        );
        if self.unknown.insert(("channel", &name.value)) {
            self.report(found);
        }
        None
    }
}

/// The number of `v2`.
fn version_of(name: &str) -> Option<u32> {
    name.strip_prefix('v')?.parse().ok()
}

fn quoted(names: &[String]) -> Vec<String> {
    names.iter().map(|name| format!("`{name}`")).collect()
}

/// "`a`, `b` and `c`"; of many the first few.
pub(super) fn enumerated(names: &[String]) -> String {
    const SHOWN: usize = 6;
    match names.len() {
        0 => "none".to_owned(),
        count if count > SHOWN => format!(
            "{} and {} more",
            quoted(&names[..SHOWN]).join(", "),
            count - SHOWN
        ),
        count if count > 1 => {
            format!(
                "{} and `{}`",
                quoted(&names[..count - 1]).join(", "),
                names[count - 1]
            )
        }
        _ => format!("`{}`", names[0]),
    }
}
