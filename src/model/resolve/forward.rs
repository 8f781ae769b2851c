//! What follows a request through the drawing: `via`, and fields that are resolved elsewhere.

use rustc_hash::FxHashMap as HashMap;
use smallvec::SmallVec;
use thin_vec::thin_vec;

use super::{OperationSource, Resolver};
use crate::diagnostic::Diagnostic;
use crate::model::types::{FieldDef, FieldVia, TypeRef};
use crate::model::{
    Access, CallTarget, ChannelId, EdgeId, End, Input, Link, Model, NodeId, OperationId,
    OperationKind, Payload, Via,
};
use crate::source::Span;
use crate::syntax::ast;

/// Edges by where they start and what they reach; what is called by an operation is reached as its api.
pub(super) type ByEnds = HashMap<(NodeId, CallTarget), SmallVec<[EdgeId; 1]>>;

fn by_ends(model: &Model) -> ByEnds {
    let mut by_ends = ByEnds::default();
    for (id, edge) in model.edges() {
        let End::Node(from) = edge.from else { continue };
        let reached = match (edge.link, edge.to) {
            (Link::Call { api: Some(api), .. }, _) => CallTarget::Api(api),
            (Link::Store, End::Node(store)) => CallTarget::Store(store, Access::Both),
            (_, End::Node(node)) => CallTarget::Node(node),
            (_, End::Channel(channel)) => CallTarget::Channel(channel),
        };
        by_ends.entry((from, reached)).or_default().push(id);
    }
    by_ends
}

impl<'a> Resolver<'a> {
    /// Follows all of it; edges are known by now.
    pub(super) fn forward(&mut self) {
        for at in 0..self.operations.len() {
            let id = OperationId(at as u32);
            match self.operations[at] {
                OperationSource::Written(decl) => {
                    if let Some(via) = &decl.via {
                        self.forward_operation(id, via);
                    }
                }
                OperationSource::Forwarded(behind) => self.forward_whole(id, behind),
                OperationSource::Method(_) | OperationSource::Ping => {}
            }
        }
        for at in 0..self.schedules.len() {
            self.schedule(at);
        }
        for at in 0..self.calls.len() {
            let (of, value) = self.calls[at];
            self.calls_of(of, value);
        }
        for at in 0..self.field_vias.len() {
            let (message, index, via) = self.field_vias[at];
            self.forward_field(message, index, via);
        }
    }

    /// An operation of `api ... via`: it was made from the other, so only the edge can be missing.
    fn forward_whole(&mut self, id: OperationId, behind: OperationId) {
        let api = self.model[id].api;
        let Some(path) = self.apis[api.0 as usize].and_then(|decl| decl.via.as_ref()) else {
            return;
        };
        let node = self.model[api].node;
        let first = self.model[api].operations.first() == Some(&id);
        if let Some(edge) = self.edge_for(node, CallTarget::Operation(behind), path.span(), first) {
            let target = CallTarget::Operation(behind);
            self.model.operations[id.0 as usize].via = Some(Via {
                span: path.span(),
                target,
                edge,
                key: None,
            });
        }
    }

    fn forward_operation(&mut self, id: OperationId, via: &'a ast::Via) {
        let node = self.model[self.model[id].api].node;
        let Some(target) = self.target(&via.target, false) else {
            return;
        };
        let span = via.target.span();
        let (edge, key) = match target {
            CallTarget::Operation(behind) => {
                if let Some(argument) = via.arguments.first() {
                    let found = Diagnostic::error(
                        "ARC050",
                        "parameters travel by their names, and are not listed",
                        argument.span,
                    );
                    self.report(found.help(format!("write `via {}`", self.sources.text(span))));
                }
                if !self.fits_operation(id, behind, span) {
                    return;
                }
                (self.edge_for(node, target, span, true), None)
            }
            CallTarget::Node(behind) if self.is_elsewhere(behind) => {
                // What it forwards to is not known, only that it calls there.
                if self.edge_for(node, target, span, true).is_some() {
                    self.model.operations[id.0 as usize].calls = Some(thin_vec![target]);
                }
                return;
            }
            CallTarget::Channel(channel)
                if self.model[id].output.as_ref().is_some_and(|it| it.stream) =>
            {
                self.feed(id, channel, node, via)
            }
            CallTarget::Channel(channel) => {
                if !self.fits_channel(id, channel, span) {
                    return;
                }
                (self.edge_for(node, target, span, true), None)
            }
            _ => {
                let found = Diagnostic::error(
                    "ARC050",
                    "an operation forwards to an operation or a channel",
                    span,
                )
                .help("write `via node.Api.operation`, or `via broker.channel`");
                return self.report(found);
            }
        };
        if let Some(edge) = edge {
            self.model.operations[id.0 as usize].via = Some(Via {
                span,
                target,
                edge,
                key,
            });
        }
    }

    /// The edge that a forwarded or called thing travels on; without one, a message where `tell` says so.
    pub(super) fn edge_for(
        &mut self,
        node: NodeId,
        target: CallTarget,
        at: Span,
        tell: bool,
    ) -> Option<EdgeId> {
        let ends = match target {
            CallTarget::Operation(operation) => CallTarget::Api(self.model[operation].api),
            CallTarget::Store(store, _) => CallTarget::Store(store, Access::Both),
            target => target,
        };
        let by_ends = self.by_ends.get_or_insert_with(|| by_ends(&self.model));
        let edges = by_ends.get(&(node, ends)).cloned().unwrap_or_default();
        let fitting = edges.iter().find(|edge| match target {
            CallTarget::Operation(operation) => {
                let carried = &self.model[**edge].operations;
                carried.is_empty() || carried.iter().any(|it| it.operation == operation)
            }
            _ => true,
        });
        if fitting.is_some() || !tell || self.broken.edges {
            return fitting.copied();
        }
        let from = &self.model[node].name;
        let found = match (edges.first(), target) {
            (Some(edge), CallTarget::Operation(operation)) => {
                let message = format!(
                    "`{}` does not travel from `{from}`",
                    self.model[operation].name
                );
                Diagnostic::error("ARC051", message, at)
                    .label(self.model[*edge].span, "this edge leaves it out")
            }
            _ => {
                let (to, protocol) = self.drawn_target(ends);
                Diagnostic::error(
                    "ARC051",
                    format!("no edge leads from `{from}` to `{to}`"),
                    at,
                )
                .label(self.model[node].span, "what it calls must be drawn")
                .help(format!("draw it: `{from} -> {to}{protocol}`"))
            }
        };
        self.report(found);
        None
    }

    /// A target as an edge names it, and what an edge to it needs besides.
    fn drawn_target(&self, target: CallTarget) -> (String, &'static str) {
        match target {
            CallTarget::Api(api) => {
                let node = &self.model[self.model[api].node];
                let name = if node.apis.len() > 1 {
                    format!("{}.{}", node.name, self.api_name(api))
                } else {
                    node.name.clone()
                };
                (name, " : grpc")
            }
            CallTarget::Channel(channel) => (self.model.end_name(End::Channel(channel)), ""),
            CallTarget::Store(store, _) => (self.model[store].name.clone(), ""),
            CallTarget::Node(node) => (self.model[node].name.clone(), " : rest"),
            CallTarget::Operation(operation) => {
                self.drawn_target(CallTarget::Api(self.model[operation].api))
            }
        }
    }

    /// Whether a part of an operation's signature was refused.
    fn is_broken(&self, id: OperationId) -> bool {
        let request = self.request_of(id);
        self.broken.signatures.contains(&id)
            || request.is_some_and(|it| self.broken.structs.contains(&it))
    }

    /// Whether an operation can be forwarded to another as it is.
    fn fits_operation(&mut self, id: OperationId, behind: OperationId, at: Span) -> bool {
        if self.is_broken(id) || self.is_broken(behind) {
            return true;
        }
        let (ours, theirs) = (&self.model[id], &self.model[behind]);
        let names = format!("`{}` and `{}`", ours.name, theirs.name);
        let mismatch = |message: String| {
            Diagnostic::error("ARC050", message, at)
                .label(ours.span, "forwarded")
                .label(theirs.span, "forwarded to")
        };
        if ours.kind == OperationKind::Query && theirs.kind != OperationKind::Query {
            let found = mismatch(format!(
                "the query `{}` would change something: it forwards to a {}",
                ours.name,
                kind(theirs.kind)
            ));
            self.report(found.help(format!("make it a {}", kind(theirs.kind))));
            return false;
        }
        if theirs.method.is_some() && ours.method.is_none() {
            // Its messages stand in the proto file; the forwarding operation cannot name them.
            let found = mismatch(format!(
                "{names} cannot be compared: the messages of one stand in a proto file"
            ));
            self.report(found.help("forward the whole api: `api ... via ...`"));
            return false;
        }
        let streams = |input: &Input| matches!(input, Input::Message(payload) if payload.stream);
        let found = if streams(&ours.input) != streams(&theirs.input) {
            Some(mismatch(format!("{names} differ: one takes a stream")))
        } else if ours.output != theirs.output {
            let (ours, theirs) = (
                self.payload_name(&ours.output),
                self.payload_name(&theirs.output),
            );
            Some(mismatch(format!(
                "{names} answer different things: {ours} and {theirs}"
            )))
        } else if ours.input != theirs.input {
            self.different_fields(self.fields_of(id), self.fields_of(behind))
                .map(|how| mismatch(format!("{names} take different things: {how}")))
        } else {
            None
        };
        match found {
            Some(found) => {
                self.report(found.note("what is forwarded matches by name and type"));
                false
            }
            None => true,
        }
    }

    /// Whether what an operation takes can be published to a channel.
    fn fits_channel(&mut self, id: OperationId, channel: ChannelId, at: Span) -> bool {
        let message = match self.model[channel].message {
            Some(TypeRef::Struct(message)) => Some(message),
            _ => None,
        };
        if self.is_broken(id) || message.is_some_and(|it| self.broken.structs.contains(&it)) {
            return true;
        }
        let operation = &self.model[id];
        let held = &self.model[channel];
        let mismatch = |message: String| {
            Diagnostic::error("ARC050", message, at)
                .label(operation.span, "forwarded")
                .label(held.span, "forwarded to")
        };
        let found = if operation.kind == OperationKind::Query {
            Some(
                mismatch(format!(
                    "the query `{}` would publish a message",
                    operation.name
                ))
                .help("make it a `command` or an `event`"),
            )
        } else if operation.output.is_some() {
            let message = format!(
                "nothing answers a message, and `{}` promises {}",
                operation.name,
                self.payload_name(&operation.output)
            );
            Some(mismatch(message).help("leave out the result"))
        } else {
            match &held.message {
                Some(TypeRef::Struct(message)) => self
                    .different_fields(self.fields_of(id), &self.model[*message].fields)
                    .map(|how| {
                        mismatch(format!(
                            "`{}` and `{}` carry different things: {how}",
                            operation.name, held.name
                        ))
                    }),
                _ => None,
            }
        };
        match found {
            Some(found) => {
                self.report(found.note("what is forwarded matches by name and type"));
                false
            }
            None => true,
        }
    }

    /// `query ticks(symbol: string) -> stream Tick via bus.ticks(symbol)`.
    fn feed(
        &mut self,
        id: OperationId,
        channel: ChannelId,
        node: NodeId,
        via: &'a ast::Via,
    ) -> (Option<EdgeId>, Option<String>) {
        let span = via.target.span();
        let operation = &self.model[id];
        let held = &self.model[channel];
        let streamed = operation.output.as_ref().map(|it| it.ty.clone());
        if held.message.is_some() && held.message != streamed {
            let carried = held
                .message
                .as_ref()
                .map_or_else(String::new, |ty| self.type_name(ty));
            let message = format!(
                "`{}` carries `{carried}`, and `{}` promises {}",
                held.name,
                operation.name,
                self.payload_name(&operation.output)
            );
            let found = Diagnostic::error("ARC050", message, span)
                .label(operation.span, "forwarded")
                .label(held.span, "forwarded to");
            self.report(found);
            return (None, None);
        }
        let key = match via.arguments.as_slice() {
            [] => None,
            [key] => {
                if !self.fields_of(id).iter().any(|it| it.name == key.value) {
                    let found = Diagnostic::error(
                        "ARC064",
                        format!(
                            "`{}` is no parameter of `{}`",
                            key.value, self.model[id].name
                        ),
                        key.span,
                    );
                    self.report(found);
                    return (None, None);
                }
                Some(key.value.to_string())
            }
            [_, extra, ..] => {
                self.report(Diagnostic::error(
                    "ARC050",
                    "a topic has one key",
                    extra.span,
                ));
                return (None, None);
            }
        };
        let edge = self.consumed.get(&(node, channel)).copied();
        if edge.is_none() && !self.broken.edges {
            let (from, to) = (
                self.model.end_name(End::Channel(channel)),
                self.model[node].name.clone(),
            );
            let found = Diagnostic::error(
                "ARC051",
                format!("no edge leads from `{from}` to `{to}`"),
                span,
            )
            .help(format!("draw it: `{from} -> {to}`"));
            self.report(found);
        }
        (edge, key)
    }

    /// The parameters of an operation.
    fn fields_of(&self, id: OperationId) -> &[FieldDef] {
        self.request_of(id)
            .map_or(&[], |request| &self.model[request].fields)
    }

    /// Where two lists of fields differ by name or type.
    fn different_fields(&self, ours: &[FieldDef], theirs: &[FieldDef]) -> Option<String> {
        for field in theirs {
            match ours.iter().find(|it| it.name == field.name) {
                None => {
                    return Some(format!(
                        "`{}: {}` is missing",
                        field.name,
                        self.type_name(&field.ty)
                    ));
                }
                Some(own) if own.ty != field.ty => {
                    let (own, other) = (self.type_name(&own.ty), self.type_name(&field.ty));
                    return Some(format!(
                        "`{}` is `{own}` here and `{other}` there",
                        field.name
                    ));
                }
                Some(_) => {}
            }
        }
        let extra = ours
            .iter()
            .find(|field| !theirs.iter().any(|it| it.name == field.name))?;
        Some(format!("`{}` would be lost", extra.name))
    }

    fn payload_name(&self, payload: &Option<Payload>) -> String {
        match payload {
            None => "nothing".to_owned(),
            Some(payload) if payload.stream => format!("`stream {}`", self.type_name(&payload.ty)),
            Some(payload) => format!("`{}`", self.type_name(&payload.ty)),
        }
    }

    /// `customer: Customer via customers.Customers.by_ids(customer_id)`.
    fn forward_field(&mut self, message: crate::model::StructId, index: usize, via: &'a ast::Via) {
        let operation = match self.target(&via.target, false) {
            Some(CallTarget::Operation(operation)) => operation,
            Some(_) => {
                let found = Diagnostic::error(
                    "ARC050",
                    "a field is resolved by an operation",
                    via.target.span(),
                );
                return self.report(found.help("write `via node.Api.operation(field)`"));
            }
            None => return,
        };
        let fields = &self.model[message].fields;
        let field = &fields[index];
        if let Some(unknown) = via
            .arguments
            .iter()
            .find(|name| !fields.iter().any(|it| it.name == name.value))
        {
            let text = format!(
                "`{}` has no field called `{}`",
                self.model[message].name, unknown.value
            );
            let found = Diagnostic::error("ARC064", text, unknown.span)
                .label(self.model[message].span, "this type");
            return self.report(found);
        }
        let element = |ty: &TypeRef| match ty {
            TypeRef::List(inner) | TypeRef::Optional(inner) => inner.as_ref().clone(),
            ty => ty.clone(),
        };
        let answered = self.model[operation]
            .output
            .as_ref()
            .map(|it| element(&it.ty));
        if answered.as_ref() != Some(&element(&field.ty))
            || self.model[operation].kind != OperationKind::Query
        {
            let text = format!(
                "`{}` cannot resolve `{}`",
                self.model[operation].name, field.name
            );
            let found = Diagnostic::error("ARC050", text, via.target.span())
                .label(
                    field.span,
                    format!("this is a `{}`", self.type_name(&field.ty)),
                )
                .label(
                    self.model[operation].span,
                    "this answers something else, or is no query",
                );
            return self.report(found);
        }
        let arguments = via
            .arguments
            .iter()
            .map(|it| it.value.to_string())
            .collect();
        let resolved = FieldVia {
            span: via.target.span(),
            operation,
            arguments,
        };
        self.model.structs[message.0 as usize].fields[index].via = Some(resolved);
    }
}

fn kind(kind: OperationKind) -> String {
    format!("`{}`", super::place::operation_kind(kind))
}
