//! Calls of apis: by which protocol, and which operations travel.

use smallvec::SmallVec;

use super::Resolver;
use super::doc;
use super::edges::Arrow;
use super::entries::{Context, Entry};
use super::lookup::enumerated;
use super::undecided::Undecided;
use crate::diagnostic::{Diagnostic, Level};
use crate::model::attributes::Attr;
use crate::model::schema::{self, Place, Side};
use crate::model::{ApiId, Edge, EdgeId, EdgeOperation, End, Link, NodeId, OperationId};
use crate::protocol::{BrokerEngine, OperationShape, Protocol};
use crate::source::Span;
use crate::syntax::ast;

impl<'a> Resolver<'a> {
    /// A request over a protocol.
    pub(super) fn call(&mut self, arrow: &Arrow<'a>, from: NodeId, to: NodeId, api: Option<ApiId>) {
        let Some(written) = &arrow.edge.protocol else {
            return self.undecided.push(Undecided::at(arrow, from, to, api));
        };
        let Some(protocol) = Protocol::from_name(&written.value) else {
            return self.unknown_protocol(written);
        };
        if !self.alone(arrow, End::Node(from), End::Node(to), api, Some(protocol)) {
            return;
        }
        if let Some(api) = api
            && self.model[api].proto.is_some()
            && protocol != Protocol::Grpc
        {
            let message = format!(
                "`{}` has a proto contract, and travels over grpc alone",
                self.api_name(api)
            );
            let found = Diagnostic::error("ARC062", message, written.span)
                .label(self.model[api].span, "its contract stands here");
            return self.report(found.help("write `: grpc`"));
        }
        let place = if protocol == Protocol::Webhook {
            Place::Webhook
        } else {
            Place::Call
        };
        let before = self.diagnostics.len();
        let body = self.edge_body(arrow, place, &Context::default());
        self.point_to_api(before, api);
        let Some(operations) = self.carried(arrow, api, protocol, written.span, &body) else {
            return;
        };
        let (attributes, policies) =
            self.edge_attributes(arrow.edge, place, from, to, Some(protocol), &body);
        let id = EdgeId(self.model.edges.len() as u32);
        self.check_offered(&body, &operations);
        let operations = operations
            .into_iter()
            .map(|operation| EdgeOperation {
                operation,
                overrides: None,
            })
            .collect();
        self.model.edges.push(Edge {
            span: arrow.span,
            doc: doc(&arrow.item.doc),
            from: End::Node(from),
            to: End::Node(to),
            link: Link::Call { protocol, api },
            protocol_span: Some(written.span),
            policies,
            attributes,
            operations,
            calls: None,
        });
        self.overrides(id, arrow.edge);
    }

    fn unknown_protocol(&mut self, written: &'a ast::Ident) {
        let known: Vec<&str> = Protocol::ALL.iter().map(|it| it.name()).collect();
        if BrokerEngine::from_name(&written.value).is_some() {
            let found = Diagnostic::error(
                "ARC041",
                format!("`{}` is a broker, not a protocol", written.value),
                written.span,
            )
            .help(format!(
                "declare it and draw through it: `broker bus : {}`, then `a -> bus.something -> b`",
                written.value
            ));
            return self.report(found);
        }
        let found = Diagnostic::error(
            "ARC041",
            format!("there is no protocol called `{}`", written.value),
            written.span,
        )
        .note(format!(
            "there are {}",
            super::facts::words(known.iter()).replace(" or ", " and ")
        ));
        let found = self.suggest(found, &written.value, written.span, known, "");
        self.report(found);
    }

    /// The operations that travel on an edge: those named, else those that the protocol carries.
    fn carried(
        &mut self,
        arrow: &Arrow<'a>,
        api: Option<ApiId>,
        protocol: Protocol,
        at: Span,
        body: &[Entry<'a>],
    ) -> Option<SmallVec<[OperationId; 4]>> {
        let only = body.iter().find(|entry| entry.attr == Attr::Only);
        let Some(api) = api else {
            if let Some(entry) = only {
                let found =
                    Diagnostic::error("ARC027", "what is called here declares no api", entry.span)
                        .label(arrow.to_span, "its operations are unknown");
                self.report(found.help("leave `only` out, or declare the api"));
            }
            return Some(SmallVec::new());
        };
        if let Some(entry) = only {
            return Some(self.only(api, protocol, entry).into());
        }
        let all = &self.model[api].operations;
        if all
            .iter()
            .all(|it| protocol.carries(self.model[*it].shape()))
        {
            return Some(all.iter().copied().collect());
        }
        let (carried, left): (Vec<OperationId>, Vec<OperationId>) = all
            .iter()
            .copied()
            .partition(|it| protocol.carries(self.model[*it].shape()));
        let names = |ids: &[OperationId]| {
            ids.iter()
                .map(|it| self.model[*it].name.clone())
                .collect::<Vec<_>>()
        };
        let title = protocol.facts().title;
        if carried.is_empty() {
            let shapes: Vec<OperationShape> =
                left.iter().map(|it| self.model[*it].shape()).collect();
            let fitting = Protocol::carrying(&shapes);
            let message = format!(
                "{title} can carry none of the operations of `{}`",
                self.api_name(api)
            );
            let first = &self.model[left[0]];
            let found = Diagnostic::error("ARC043", message, at)
                .label(first.span, format!("`{}` is a {}", first.name, shapes[0]))
                .help(format!("take {}", super::facts::words(fitting.iter())));
            self.report(found);
            return None;
        }
        let message = format!("{title} leaves out {}", enumerated(&names(&left)));
        let first = &self.model[left[0]];
        let found = Diagnostic::new("ARC044", Level::Info, message, at)
            .label(
                first.span,
                format!("{title} carries no {}", self.model[left[0]].shape()),
            )
            .help(format!(
                "name what travels: `only = [{}]`",
                names(&carried).join(", ")
            ));
        self.report(found);
        Some(carried.into())
    }

    fn only(&mut self, api: ApiId, protocol: Protocol, entry: &Entry<'a>) -> Vec<OperationId> {
        let mut named = Vec::new();
        for name in names_in(entry.raw) {
            let Some(operation) = self.operation(api, name) else {
                continue;
            };
            let shape = self.model[operation].shape();
            if protocol.carries(shape) {
                named.push(operation);
                continue;
            }
            let fitting = Protocol::carrying(&[shape]);
            let message = format!("{} cannot carry `{}`", protocol.facts().title, name.value);
            let found = Diagnostic::error("ARC043", message, name.span)
                .label(self.model[operation].span, format!("this is a {shape}"))
                .help(format!("{} can", super::facts::words(fitting.iter())));
            self.report(found);
        }
        // In the api's order, whatever order they are named in.
        named.sort_unstable();
        named.dedup();
        named
    }

    /// Shows where a callee's attribute belongs that was written on the edge.
    fn point_to_api(&mut self, before: usize, api: Option<ApiId>) {
        let Some(api) = api else { return };
        let place = self.model[api].span;
        for found in &mut self.diagnostics[before..] {
            let attr = Attr::from_name(self.sources.text(found.primary.span));
            let callees =
                attr.is_some_and(|attr| schema::rows(attr).any(|row| row.side == Side::Callee));
            if found.code == "ARC030" && callees {
                *found = found.clone().label(place, "the api that decides");
            }
        }
    }
}

/// The names in `[a, b]` or `a`.
fn names_in(value: &ast::Value) -> Vec<&ast::Ident> {
    match &value.value {
        ast::ValueKind::Name(path) if path.len() == 1 => vec![&path[0]],
        ast::ValueKind::List(values) => values.iter().flat_map(names_in).collect(),
        _ => Vec::new(),
    }
}
