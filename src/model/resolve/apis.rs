//! Apis and operations: signatures, request messages, whole-api forwarding, effective callee-side values.

use rustc_hash::FxHashMap as HashMap;
use smallvec::SmallVec;

use super::declare::blank_operation;
use super::entries::{Context, Entry, Message};
use super::names::{push_camel, to_camel};
use super::place::{Around, operation_kind};
use super::proto::Safety;
use super::{OperationSource, Resolver, handlers::CallsOf, items};
use crate::diagnostic::Diagnostic;
use crate::model::attributes::{Attr, Attributes, Effective, Idempotent, Origin, Value};
use crate::model::schema::Place;
use crate::model::types::{StructDef, TypeRef};
use crate::model::{
    Api, ApiId, CallTarget, Input, NodeId, NodeKind, Operation, OperationId, OperationKind,
    Payload, StructId,
};
use crate::source::Span;
use crate::syntax::ast;

/// What a forwarding api takes over from the one behind it, so that a proxy writes nothing twice.
const TAKEN_OVER: [Attr; 6] = [
    Attr::Auth,
    Attr::Allow,
    Attr::When,
    Attr::Public,
    Attr::Idempotent,
    Attr::Purpose,
];

/// Request messages made so far, by service and name.
type Requests = HashMap<(NodeId, String), Span>;

impl<'a> Resolver<'a> {
    /// Reads apis and operations.
    pub(super) fn apis(&mut self) {
        self.pings();
        let mut requests = Requests::default();
        for at in 0..self.apis.len() {
            self.contract(ApiId(at as u32));
        }
        for at in 0..self.operations.len() {
            if let OperationSource::Written(decl) = self.operations[at] {
                self.signature(OperationId(at as u32), decl, &mut requests);
            }
        }
        self.forward_apis(&mut requests);
        for at in 0..self.apis.len() {
            self.api_attributes(ApiId(at as u32));
        }
        let mut inherited: Vec<Option<Attributes>> = vec![None; self.apis.len()];
        for at in 0..self.operations.len() {
            let api = self.model.operations[at].api;
            let around = inherited[api.0 as usize]
                .get_or_insert_with(|| self.model[api].attributes.inherited())
                .clone();
            self.operation_attributes(OperationId(at as u32), around);
        }
    }

    /// A generated service without api that something calls gets the small default one, so that a sketch runs.
    fn pings(&mut self) {
        for at in 0..self.edges.len() {
            let (_, edge) = self.edges[at];
            for ends in edge.ends.windows(2) {
                let [from, to] = ends else { continue };
                let named = |end: &ast::Path| {
                    let name = end.first()?.value.as_str();
                    self.names.nodes.get(name).copied()
                };
                let Some(callee) = named(to) else { continue };
                let node = &self.model[callee];
                let is_bare = matches!(node.kind, NodeKind::Service(_))
                    && !node.existing
                    && node.apis.is_empty();
                let calls = |caller: NodeId| {
                    let kind = self.model[caller].kind;
                    !matches!(kind, NodeKind::Broker(_) | NodeKind::Store(_))
                };
                if is_bare && named(from).is_some_and(calls) {
                    self.ping(callee);
                }
            }
        }
    }

    fn ping(&mut self, node: NodeId) {
        let span = self.model[node].span;
        let name = to_camel(&self.model[node].name);
        let api = self.add_api(
            None,
            Api {
                name,
                span,
                doc: None,
                node,
                version: 1,
                at: String::new(),
                proto: None,
                built_in: true,
                operations: SmallVec::new(),
                attributes: Attributes::default(),
            },
        );
        let mut operation = blank_operation(api, OperationKind::Query);
        operation.name = "ping".to_owned();
        operation.span = span;
        self.add_operation("ping", OperationSource::Ping, operation);
    }

    fn signature(&mut self, id: OperationId, decl: &'a ast::Operation, requests: &mut Requests) {
        let api = self.model[id].api;
        let owner = self.model[api].node;
        if self.model[api].proto.is_some() {
            if decl.input.is_some() || decl.output.is_some() {
                let found = Diagnostic::error(
                    "ARC062",
                    "the messages of this operation stand in the proto file",
                    decl.name.span,
                )
                .help(format!(
                    "write `{} {}` alone",
                    operation_kind(decl.kind.value),
                    decl.name.value
                ));
                self.report(found);
            }
            return;
        }
        let input = match &decl.input {
            None => Input::None,
            Some(ast::Input::Parameters(fields)) if fields.is_empty() => Input::None,
            Some(ast::Input::Parameters(fields)) => {
                let request = self.request(id, owner, requests);
                let made = &mut self.model.structs[request.0 as usize];
                made.fields.reserve_exact(fields.len());
                for field in fields {
                    self.add_field(request, field, Some(owner));
                }
                Input::Parameters(request)
            }
            Some(ast::Input::Message(payload)) => match self.input_message(decl, payload, owner) {
                Some(payload) => Input::Message(payload),
                None => {
                    self.broken.signatures.insert(id);
                    Input::None
                }
            },
        };
        self.model.operations[id.0 as usize].input = input;
        let output = decl
            .output
            .as_ref()
            .and_then(|payload| self.output(decl, payload, owner));
        if decl.output.is_some() && output.is_none() {
            self.broken.signatures.insert(id);
        }
        self.model.operations[id.0 as usize].output = output;
    }

    fn input_message(
        &mut self,
        decl: &'a ast::Operation,
        payload: &'a ast::Payload,
        owner: NodeId,
    ) -> Option<Payload> {
        let ty = self.type_ref(&payload.ty, Some(owner))?;
        if payload.stream && decl.kind.value == OperationKind::Event {
            let found = Diagnostic::error(
                "ARC038",
                "an event takes one message, not a stream",
                payload.ty.span,
            );
            self.report(found.help("send an event for each, or make it a `command`"));
            return None;
        }
        if !matches!(ty, TypeRef::Struct(_)) {
            let written = self.sources.text(payload.ty.span);
            let message = format!("`{written}` is no message of its own");
            let found =
                Diagnostic::error("ARC038", message, payload.ty.span).help(if payload.stream {
                    "declare a `type` with one field, and stream that".to_owned()
                } else {
                    format!(
                        "give the parameter a name: `{}(value: {written})`",
                        decl.name.value
                    )
                });
            self.report(found);
            return None;
        }
        Some(Payload {
            stream: payload.stream,
            ty,
        })
    }

    fn output(
        &mut self,
        decl: &'a ast::Operation,
        payload: &'a ast::Payload,
        owner: NodeId,
    ) -> Option<Payload> {
        let ty = self.type_ref(&payload.ty, Some(owner))?;
        self.check_form(&ty, payload.ty.span);
        if decl.kind.value == OperationKind::Event {
            let found = Diagnostic::error(
                "ARC038",
                "an event is answered by its acknowledgement alone",
                payload.ty.span,
            )
            .label(decl.kind.span, "an event");
            self.report(found.help("make it a `command` if the caller needs an answer"));
            return None;
        }
        if matches!(ty, TypeRef::Optional(_)) {
            let found = Diagnostic::error("ARC038", "a result cannot be optional", payload.ty.span);
            self.report(found.help("leave out the question mark: an operation that finds nothing answers the problem `not-found`"));
            return None;
        }
        Some(Payload {
            stream: payload.stream,
            ty,
        })
    }

    /// An empty request message for an operation with named parameters: `OrdersFindRequest`.
    fn request(
        &mut self,
        operation: OperationId,
        owner: NodeId,
        requests: &mut Requests,
    ) -> StructId {
        let span = self.model[operation].span;
        let api = &self.model[self.model[operation].api];
        let mut name = api.label().into_owned();
        push_camel(&mut name, &self.model[operation].name);
        name.push_str("Request");
        let declared = self
            .names
            .types
            .get(&(Some(owner), name.as_str()))
            .map(|it| match it {
                super::names::TypeName::Struct(id) => self.model[*id].span,
                super::names::TypeName::Enum(id) => self.model[*id].span,
            });
        if let Some(first) = declared.or(requests.get(&(owner, name.clone())).copied()) {
            let found = Diagnostic::error(
                "ARC023",
                format!("two messages would be called `{name}`"),
                span,
            )
            .here("the parameters of this operation make one")
            .label(first, "the other one");
            self.report(found.help("give one of them another name"));
        }
        requests.insert((owner, name.clone()), span);
        let id = StructId(self.model.structs.len() as u32);
        self.model.structs.push(StructDef {
            name,
            span,
            doc: None,
            owner: Some(owner),
            request_of: Some(operation),
            fields: Vec::new(),
            sensitive: false,
            data: None,
        });
        id
    }

    /// `api Orders via orders.Orders`: the operations of the api behind it, those behind first.
    fn forward_apis(&mut self, requests: &mut Requests) {
        let mut targets: HashMap<ApiId, ApiId> = HashMap::default();
        for at in 0..self.apis.len() {
            let Some(path) = self.apis[at].and_then(|api| api.via.as_ref()) else {
                continue;
            };
            match self.target(path, false) {
                Some(CallTarget::Api(target)) => {
                    targets.insert(ApiId(at as u32), target);
                }
                Some(_) => {
                    let found =
                        Diagnostic::error("ARC050", "an api forwards to an api", path.span());
                    self.report(found.help("write `via node.Api`"));
                }
                None => {}
            }
        }
        let mut done: Vec<bool> = vec![false; self.apis.len()];
        for at in 0..self.apis.len() {
            let mut chain = vec![ApiId(at as u32)];
            while let Some(target) = chain.last().and_then(|api| targets.get(api)).copied() {
                if chain.contains(&target) {
                    if !chain.iter().any(|api| done[api.0 as usize]) {
                        self.forward_cycle(&chain, target);
                    }
                    chain.iter().for_each(|api| done[api.0 as usize] = true);
                    break;
                }
                chain.push(target);
            }
            for api in chain.into_iter().rev() {
                if let (false, Some(target)) = (
                    std::mem::replace(&mut done[api.0 as usize], true),
                    targets.get(&api),
                ) {
                    self.forward_api(api, *target, requests);
                }
            }
        }
    }

    fn forward_cycle(&mut self, chain: &[ApiId], target: ApiId) {
        let message = format!("`{}` forwards to itself", self.model[target].name);
        let mut found = Diagnostic::error("ARC052", message, self.model[target].span);
        for api in chain.iter().filter(|api| **api != target) {
            found = found.label(self.model[*api].span, "by way of this one");
        }
        self.report(found.help("one of them must handle its operations"));
    }

    fn forward_api(&mut self, api: ApiId, target: ApiId, requests: &mut Requests) {
        let node = self.model[api].node;
        self.model.apis[api.0 as usize].proto = self.model[target].proto.clone();
        for behind in self.model[target].operations.clone() {
            let name = match self.operations[behind.0 as usize] {
                OperationSource::Written(decl) => decl.name.value.as_str(),
                OperationSource::Forwarded(origin) => self.written_name(origin),
                OperationSource::Method(method) => &method.name,
                OperationSource::Ping => "ping",
            };
            if self.names.operations.contains_key(&(api, name)) {
                continue;
            }
            let source = &self.model[behind];
            let operation = Operation {
                name: source.name.clone(),
                span: self.model[api].span,
                doc: source.doc.clone(),
                output: source.output.clone(),
                method: source.method.clone(),
                ..blank_operation(api, source.kind)
            };
            let input = source.input.clone();
            let id = self.add_operation(name, OperationSource::Forwarded(behind), operation);
            let input = match input {
                Input::Parameters(behind) => {
                    let request = self.request(id, node, requests);
                    self.model.structs[request.0 as usize].fields =
                        self.model[behind].fields.clone();
                    Input::Parameters(request)
                }
                input => input,
            };
            self.model.operations[id.0 as usize].input = input;
        }
    }

    /// The name of the operation that a chain of forwarding apis ends at.
    fn written_name(&self, mut operation: OperationId) -> &'a str {
        loop {
            match self.operations[operation.0 as usize] {
                OperationSource::Written(decl) => return &decl.name.value,
                OperationSource::Method(method) => return &method.name,
                OperationSource::Ping => return "ping",
                OperationSource::Forwarded(behind) => operation = behind,
            }
        }
    }

    fn api_attributes(&mut self, id: ApiId) {
        let mut attributes = self.api_layer(self.model[id].node);
        if let Some(decl) = self.apis[id.0 as usize] {
            let entries = self.entries(items(&decl.body), Place::Api, &Context::default());
            if entries.iter().any(|entry| entry.value.is_none()) {
                let operations = self.model[id].operations.iter().copied();
                self.broken.attributes.extend(operations);
            }
            Self::declare_into(&mut attributes, &entries);
            if let Some(entry) = entries.iter().find(|it| it.attr == Attr::At) {
                self.mount(id, entry);
            }
        } else {
            attributes.built_in(Attr::Public, Value::Boolean(true));
        }
        self.model.apis[id.0 as usize].attributes = attributes;
    }

    /// `at = "/v1"`.
    fn mount(&mut self, id: ApiId, entry: &Entry<'_>) {
        let Some(Value::Text(at)) = &entry.value else {
            return;
        };
        let inner = at
            .strip_prefix('/')
            .map(|it| it.strip_suffix('/').unwrap_or(it));
        let fits = |part: &str| {
            let fit = part
                .bytes()
                .all(|it| it.is_ascii_alphanumeric() || b"-_.~".contains(&it));
            fit && !part.is_empty() && part != "." && part != ".."
        };
        match inner {
            Some("") => {}
            Some(inner) if inner.split('/').all(fits) => {
                self.model.apis[id.0 as usize].at = format!("/{inner}");
            }
            _ => {
                let found = Diagnostic::error("ARC054", "this is no start of a path", entry.raw.span)
                    .help("write segments of letters, digits, `-`, `_`, `.` and `~`, each after a slash: `at = \"/v1\"`");
                self.report(found);
            }
        }
    }

    fn operation_attributes(&mut self, id: OperationId, around: Attributes) {
        let mut attributes = around;
        match self.operations[id.0 as usize] {
            OperationSource::Ping => {}
            OperationSource::Method(method) => {
                if method.safety == Safety::Idempotent {
                    attributes.set(
                        Attr::Idempotent,
                        Effective {
                            value: Value::Idempotent(Box::new(Idempotent::Natural)),
                            origin: Origin::Declared(self.model[id].span),
                        },
                    );
                }
            }
            OperationSource::Forwarded(behind) => {
                for attr in TAKEN_OVER {
                    let own = attributes
                        .get(attr)
                        .is_some_and(|it| matches!(it.origin, Origin::Inherited(_)));
                    if let (false, Some(taken)) = (own, self.model[behind].attributes.get(attr))
                        && let Some(span) = taken.origin.span()
                    {
                        attributes.set(
                            attr,
                            Effective {
                                value: taken.value.clone(),
                                origin: Origin::Inherited(span),
                            },
                        );
                    }
                }
            }
            OperationSource::Written(decl) => {
                let message = match &self.model[id].input {
                    _ if self.broken.signatures.contains(&id) => Message::Any,
                    Input::Parameters(request) => Message::Struct(*request),
                    Input::Message(Payload {
                        ty: TypeRef::Struct(request),
                        ..
                    }) => Message::Struct(*request),
                    Input::Message(Payload {
                        ty: TypeRef::Message(request),
                        ..
                    }) => Message::Proto(*request),
                    // A method that was not found may take anything.
                    Input::None
                        if self.model[id].method.is_some()
                            || self.model[self.model[id].api].proto.is_none() =>
                    {
                        Message::Nothing
                    }
                    _ => Message::Any,
                };
                let body = items(&decl.body);
                self.only_attributes(body, Around::Operation);
                let entries = self.entries(
                    body,
                    Place::Operation,
                    &Context {
                        broker: None,
                        message,
                    },
                );
                for entry in &entries {
                    if entry.attr == Attr::Calls {
                        self.calls.push((CallsOf::Operation(id), entry.raw));
                    } else if entry.value.is_none() {
                        self.broken.attributes.insert(id);
                    }
                }
                Self::declare_into(&mut attributes, &entries);
            }
        }
        self.model.operations[id.0 as usize].attributes = attributes;
    }
}
