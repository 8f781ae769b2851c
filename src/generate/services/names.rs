//! What a service's generated crate calls its parts.

use std::collections::HashMap;

use crate::generate::contracts::is_carried;
use crate::generate::naming::{Scope, paths, rust};
use crate::model::{ApiId, EdgeId, End, Link, Model, Node, NodeId, OperationId};
use crate::protocol::Protocol;

/// Names of one generated service.
#[derive(Clone, Debug)]
pub struct Service {
    /// The service.
    pub node: NodeId,
    /// Its package.
    pub package: String,
    /// Its crate, as code says it.
    pub krate: String,
    /// Its folder in the workspace.
    pub folder: String,
    /// What it serves.
    pub apis: Vec<Api>,
    /// What it calls.
    pub clients: Vec<Client>,
}

/// Names of one api that is served.
#[derive(Clone, Debug)]
pub struct Api {
    /// The api.
    pub id: ApiId,
    /// The stem of its handlers' file.
    pub stem: String,
    /// The module of its trait.
    pub module: String,
    /// Its trait.
    pub name: String,
    /// The protocols that it is served over.
    pub protocols: Vec<Protocol>,
    /// Its operations; what is forwarded has no function in the trait.
    pub operations: Vec<Operation>,
}

/// Names of one operation.
#[derive(Clone, Debug)]
pub struct Operation {
    /// The operation.
    pub id: OperationId,
    /// Its function, in the trait and in clients.
    pub name: String,
    /// The alias of its context.
    pub context: String,
    /// Its own clients, where it says what it calls.
    pub clients: String,
}

/// Names of the client of one edge.
#[derive(Clone, Debug)]
pub struct Client {
    /// The edge.
    pub edge: EdgeId,
    /// The api that it calls.
    pub api: ApiId,
    /// The field among the edges and clients.
    pub field: String,
    /// Its module.
    pub module: String,
    /// Its type.
    pub ty: String,
    /// Its functions, of the operations that travel over the edge.
    pub functions: HashMap<OperationId, String>,
}

/// The names of all services that are generated.
pub fn services(model: &Model) -> Vec<Service> {
    model
        .nodes()
        .filter(|(_, node)| is_generated(node))
        .map(|(id, _)| Service::new(model, id))
        .collect()
}

/// Whether a service of ours.
pub fn is_generated(node: &Node) -> bool {
    matches!(node.kind, crate::model::NodeKind::Service(_)) && !node.existing
}

impl Service {
    fn new(model: &Model, id: NodeId) -> Self {
        let node = &model[id];
        let package = paths::service_package(&model.system.name, &node.name);
        let mut stems = Scope::default();
        let apis = node
            .apis
            .iter()
            .map(|api| Api::new(model, *api, stems.claim(paths::stem(&model[*api].label()))))
            .collect();
        let mut fields = Scope::default();
        let clients = model
            .edges()
            .filter(|(_, edge)| edge.from == End::Node(id))
            .filter_map(|(edge_id, edge)| match edge.link {
                Link::Call { api: Some(api), .. } => {
                    Some(Client::new(model, edge_id, api, &mut fields))
                }
                _ => None,
            })
            .collect();
        Self {
            node: id,
            krate: rust::krate(&package),
            package,
            folder: format!("services/{}", paths::stem(&node.name)),
            apis,
            clients,
        }
    }

    /// The names of an api that it serves.
    pub fn api(&self, id: ApiId) -> Option<&Api> {
        self.apis.iter().find(|api| api.id == id)
    }

    /// The client of an edge.
    pub fn client(&self, edge: EdgeId) -> Option<&Client> {
        self.clients.iter().find(|client| client.edge == edge)
    }
}

impl Api {
    fn new(model: &Model, id: ApiId, stem: String) -> Self {
        let name = rust::ty(&model[id].label());
        let mut aliases = Scope::with([name.as_str(), "Edges", "Bind", "Scope", "Arc"]);
        let functions = functions(model, &model[id].operations, Scope::default());
        let operations = model[id]
            .operations
            .iter()
            .map(|operation| Operation {
                id: *operation,
                name: functions[operation].clone(),
                context: aliases.claim(rust::named(&model[*operation].name, "Context")),
                clients: aliases.claim(rust::named(&model[*operation].name, "Clients")),
            })
            .collect();
        Self {
            id,
            module: format!("api_{stem}"),
            stem,
            name,
            protocols: [Protocol::Rest, Protocol::Grpc]
                .into_iter()
                .filter(|protocol| is_carried(model, id, *protocol))
                .collect(),
            operations,
        }
    }

    /// The names of an operation.
    pub fn operation(&self, id: OperationId) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.id == id)
    }

    /// The module that serves it over a protocol.
    pub fn server(&self, protocol: Protocol) -> String {
        format!("server_{}_{protocol}", self.stem)
    }

    /// The module of its handlers.
    pub fn handlers(&self) -> String {
        format!("handlers_{}", self.stem)
    }
}

impl Client {
    /// Named after callee and api, so that a further edge never renames it; after the callee alone where the api is
    /// called like it.
    fn new(model: &Model, edge: EdgeId, api: ApiId, fields: &mut Scope) -> Self {
        let callee = paths::stem(&model[model[api].node].name);
        let called = paths::stem(&model[api].label());
        let wanted = if callee == called {
            callee
        } else {
            format!("{callee}_{called}")
        };
        let stem = fields.claim(wanted);
        let travelling: Vec<OperationId> = model[edge]
            .operations
            .iter()
            .map(|it| it.operation)
            .collect();
        // `new` is the client's constructor.
        let all = functions(model, &model[api].operations, Scope::with(["new"]));
        Self {
            edge,
            api,
            field: rust::value(&stem),
            module: format!("client_{stem}"),
            ty: rust::named(&stem, "Client"),
            functions: all
                .into_iter()
                .filter(|(id, _)| travelling.contains(id))
                .collect(),
        }
    }
}

/// The functions of an api's operations.
fn functions(
    model: &Model,
    operations: &[OperationId],
    mut scope: Scope,
) -> HashMap<OperationId, String> {
    operations
        .iter()
        .map(|id| (*id, scope.claim(rust::value(&model[*id].name))))
        .collect()
}
