//! `proto("protos/cart.proto", shop.v1.Cart)`: contracts that are taken as they are.

mod compile;
mod example;

use compile::{Compiled, Payload as ProtoPayload};
pub(super) use compile::{Contracts, Method, Safety};

use super::{OperationSource, Resolver};
use crate::diagnostic::Diagnostic;
use crate::model::proto::{ProtoFile, ProtoMessage, ProtoMethod};
use crate::model::types::TypeRef;
use crate::model::{ApiId, Input, MessageId, OperationId, OperationKind, Payload};
use crate::syntax::ast::{self, ValueKind};

/// The file and the service of `proto("file", package.Service)`; nothing where it is something else.
pub(super) fn parts(contract: &ast::Call) -> Option<(&str, String)> {
    let [file, service] = contract.arguments.as_slice() else {
        return None;
    };
    match (&file.value.value, &service.value.value) {
        (ValueKind::Text(path), ValueKind::Name(name))
            if contract.name.value == "proto" && file.name.is_none() && service.name.is_none() =>
        {
            Some((path, super::values::dotted(name)))
        }
        _ => None,
    }
}

impl<'a> Resolver<'a> {
    /// Gives an api the operations of the service that its contract names.
    pub(super) fn contract(&mut self, id: ApiId) {
        let Some(contract) = self.apis[id.0 as usize].and_then(|api| api.contract.as_ref()) else {
            return;
        };
        let Some((path, service)) = parts(contract) else {
            let found = Diagnostic::error(
                "ARC062",
                "this is no contract that an api can have",
                contract.span,
            )
            .help("write `proto(\"protos/demo.proto\", package.Service)`");
            return self.report(found);
        };
        self.model.apis[id.0 as usize].proto = Some((path.to_owned(), service.clone()));
        let Some(compiled) = self.contracts.of(contract.span.file, path) else {
            return;
        };
        let Some(methods) = compiled.services.get(&service) else {
            let at = contract
                .arguments
                .last()
                .map_or(contract.span, |it| it.value.span);
            let message = format!("`{path}` has no service called `{service}`");
            let found = Diagnostic::error("ARC062", message, at);
            let known = compiled.services.keys().map(String::as_str);
            let found = self.suggest(
                found,
                &service,
                at,
                known,
                "write the service with its package: `package.Service`",
            );
            return self.report(found);
        };
        self.keep_files(compiled, contract);
        self.methods(id, contract, &service, methods);
    }

    /// Keeps the texts of the files, each once.
    fn keep_files(&mut self, compiled: &'a Compiled, contract: &'a ast::Call) {
        for (path, text) in &compiled.files {
            match self.model.proto_files.iter().find(|it| it.path == *path) {
                Some(known) if known.text == *text => {}
                Some(_) => {
                    let message =
                        format!("two different proto files would be imported as `{path}`");
                    let found = Diagnostic::error("ARC062", message, contract.span)
                        .help("give one of them another folder, named after its package");
                    self.report(found);
                }
                None => self.model.proto_files.push(ProtoFile {
                    path: path.clone(),
                    text: text.clone(),
                    well_known: text.contains("google/protobuf/"),
                }),
            }
        }
    }

    /// The operations that the drawing says more about, then the others in the order of the proto file.
    fn methods(
        &mut self,
        api: ApiId,
        contract: &'a ast::Call,
        service: &str,
        methods: &'a [Method],
    ) {
        for id in self.model[api].operations.clone() {
            let OperationSource::Written(decl) = self.operations[id.0 as usize] else {
                continue;
            };
            let name = &decl.name;
            match methods.iter().find(|it| it.name == name.value) {
                Some(method) => self.give(id, service, method),
                None => {
                    self.broken.signatures.insert(id);
                    let message = format!("`{service}` has no method for `{}`", name.value);
                    let found = Diagnostic::error("ARC062", message, name.span)
                        .label(contract.span, "its methods stand in the proto file");
                    let known = methods.iter().map(|it| it.name.as_str());
                    let found = self.suggest(found, &name.value, name.span, known, "");
                    self.report(found);
                }
            }
        }
        for (at, method) in methods.iter().enumerate() {
            if let Some(first) = methods[..at].iter().find(|it| it.name == method.name) {
                self.alike(first, method, contract);
                continue;
            }
            if self
                .names
                .operations
                .contains_key(&(api, method.name.as_str()))
            {
                continue;
            }
            let kind = if method.safety == Safety::NoSideEffects {
                OperationKind::Query
            } else {
                OperationKind::Command
            };
            let operation = crate::model::Operation {
                name: method.name.clone(),
                span: contract.span,
                ..super::declare::blank_operation(api, kind)
            };
            let id = self.add_operation(&method.name, OperationSource::Method(method), operation);
            self.give(id, service, method);
        }
    }

    /// Two methods that make one operation.
    fn alike(&mut self, first: &Method, second: &Method, contract: &'a ast::Call) {
        let message = format!(
            "the methods `{}` and `{}` would both be the operation `{}`",
            first.rpc, second.rpc, second.name
        );
        let found = Diagnostic::error("ARC023", message, second.at.unwrap_or(contract.span))
            .here("differs from the other only by case or underscores")
            .label(first.at.unwrap_or(contract.span), "the other one");
        let found = match second.at {
            Some(_) => found.label(contract.span, "their file is taken as a contract here"),
            None => found,
        };
        self.report(found.help(
            "rename one of them in the proto file, or move it into a service of its own there",
        ));
    }

    /// Gives an operation what its method takes and answers.
    fn give(&mut self, id: OperationId, service: &str, method: &'a Method) {
        let input = method.input.as_ref().map(|it| self.proto_payload(it));
        let output = method.output.as_ref().map(|it| self.proto_payload(it));
        let operation = &mut self.model.operations[id.0 as usize];
        operation.input = input.map_or(Input::None, Input::Message);
        operation.output = output;
        operation.doc = operation.doc.take().or_else(|| method.doc.clone());
        operation.method = Some(ProtoMethod {
            service: service.to_owned(),
            name: method.rpc.clone(),
        });
    }

    fn proto_payload(&mut self, payload: &'a ProtoPayload) -> Payload {
        Payload {
            stream: payload.stream,
            ty: TypeRef::Message(self.proto_message(&payload.message)),
        }
    }

    /// A message's place in the model's table.
    fn proto_message(&mut self, message: &'a ProtoMessage) -> MessageId {
        let known = self.model.messages.iter().position(|it| it == message);
        let at = known.unwrap_or_else(|| {
            self.model.messages.push(message.clone());
            self.model.messages.len() - 1
        });
        MessageId(at as u32)
    }
}
