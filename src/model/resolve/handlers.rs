//! What handlers say that they call: `calls` of operations, consuming edges and schedules.

use thin_vec::ThinVec;

use super::entries::Context;
use super::lookup::{enumerated, span_of};
use super::place::Around;
use super::{Resolver, items};
use crate::diagnostic::Diagnostic;
use crate::model::attributes::Attr;
use crate::model::schema::Place;
use crate::model::{CallTarget, EdgeId, NodeId, NodeKind, OperationId, Schedule};
use crate::syntax::ast::{self, Ident, ValueKind};

/// Whose `calls` it is.
#[derive(Clone, Copy, Debug)]
pub(super) enum CallsOf {
    Operation(OperationId),
    /// A consuming edge.
    Edge(EdgeId),
    /// A service's schedule, by its place among the service's.
    Schedule(NodeId, usize),
}

impl<'a> Resolver<'a> {
    pub(super) fn schedule(&mut self, at: usize) {
        let (node, _, decl) = self.schedules[at];
        let Some(name) = &decl.name else { return };
        let body = items(&decl.body);
        self.only_attributes(body, Around::Schedule);
        let entries = self.entries(body, Place::Schedule, &Context::default());
        let index = self.model[node].schedules.len();
        let every = entries.iter().any(|entry| entry.attr == Attr::Every);
        if !every {
            let found = Diagnostic::error(
                "ARC068",
                format!("the schedule `{}` does not say when", name.value),
                name.span,
            );
            self.report(found.help("write `every = 1h` in it"));
        }
        for entry in &entries {
            if entry.attr == Attr::Calls {
                self.calls.push((CallsOf::Schedule(node, index), entry.raw));
            }
        }
        self.model.nodes[node.0 as usize].schedules.push(Schedule {
            name: name.value.to_string(),
            span: name.span,
            attributes: Self::declared(&entries),
            calls: None,
        });
    }

    /// `calls = [payments.Payments.charge, bus.order_placed]`.
    pub(super) fn calls_of(&mut self, of: CallsOf, value: &'a ast::Value) {
        let node = match of {
            CallsOf::Operation(id) => self.model[self.model[id].api].node,
            CallsOf::Edge(id) => self.model.node_of(self.model[id].to),
            CallsOf::Schedule(node, _) => node,
        };
        let mut calls = ThinVec::new();
        let written: &[ast::Value] = match &value.value {
            ValueKind::List(values) => values,
            _ => std::slice::from_ref(value),
        };
        for value in written {
            let ValueKind::Name(path) = &value.value else {
                let found = Diagnostic::error(
                    "ARC031",
                    "`calls` takes names of operations, apis, channels and stores",
                    value.span,
                );
                self.report(found);
                continue;
            };
            if let Some(target) = self.call_target(node, path)
                && self.edge_for(node, target, value.span, true).is_some()
                && !calls.contains(&target)
            {
                calls.push(target);
            }
        }
        match of {
            CallsOf::Operation(id) => self.model.operations[id.0 as usize].calls = Some(calls),
            CallsOf::Edge(id) => self.model.edges[id.0 as usize].calls = Some(calls),
            CallsOf::Schedule(node, at) => {
                self.model.nodes[node.0 as usize].schedules[at].calls = Some(calls)
            }
        }
    }

    /// What a name in `calls` means: of a node with one api, that api.
    fn call_target(&mut self, caller: NodeId, path: &'a [Ident]) -> Option<CallTarget> {
        match self.target(path, false)? {
            CallTarget::Node(node) if matches!(self.model[node].kind, NodeKind::Broker(_)) => {
                let name = &self.model[node].name;
                let found = Diagnostic::error(
                    "ARC046",
                    format!("which channel of `{name}`?"),
                    span_of(path),
                );
                self.report(found.help(format!("write `{name}.some_channel`")));
                None
            }
            CallTarget::Node(node) if node == caller => {
                let found = Diagnostic::error(
                    "ARC051",
                    "a handler calls other nodes; its own code needs no edge",
                    span_of(path),
                );
                self.report(found);
                None
            }
            CallTarget::Node(node) => match self.model[node].apis.as_slice() {
                [] => Some(CallTarget::Node(node)),
                [api] => Some(CallTarget::Api(*api)),
                apis => {
                    let names: Vec<String> = apis.iter().map(|api| self.api_name(*api)).collect();
                    let message = format!("which api of `{}`?", self.model[node].name);
                    let found = Diagnostic::error("ARC042", message, span_of(path)).label(
                        self.model[node].span,
                        format!("it has {}", enumerated(&names)),
                    );
                    self.report(found);
                    None
                }
            },
            target => Some(target),
        }
    }
}
