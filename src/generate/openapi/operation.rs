//! Operations as OpenAPI operations.

use serde_json::{Map, Value, json};

use super::schema::{Schemas, describe};
use super::{problem, security, vocabulary};
use crate::generate::sample;
use crate::model::attributes::Idempotent;
use crate::model::types::{FieldDef, StructDef, TypeRef};
use crate::model::{Input, Method, Model, Operation, OperationId, OperationKind};

/// One operation, and the statuses of the problems that it refers to.
pub fn describe_operation(
    model: &Model,
    schemas: &mut Schemas<'_>,
    id: OperationId,
) -> (Value, Vec<u16>) {
    let operation = &model[id];
    let shape = Shape::of(model, operation);
    let sample = sample::input(model, id).ok().flatten();

    let mut described =
        json!({ "operationId": operation.name, "tags": [model[operation.api].name] });
    summarise(&mut described, operation);
    let mut parameters = shape.parameters(schemas, sample.as_ref());
    if matches!(operation.attributes.idempotent(), Some(Idempotent::Key(_))) {
        parameters.push(json!({ "$ref": "#/components/parameters/Idempotency-Key" }));
    }
    if !parameters.is_empty() {
        described["parameters"] = Value::Array(parameters);
    }
    let body = shape.body(schemas, sample);
    let security = security::requirements(model, operation);
    let statuses = problem::statuses(
        operation,
        problem::Traits {
            protected: security != json!([]),
            body: body.is_some(),
        },
    );
    if let Some(body) = body {
        described["requestBody"] = body;
    }
    let mut responses = Map::new();
    let (status, success) = success(model, schemas, id);
    responses.insert(status.to_owned(), success);
    if is_kept(operation) {
        responses.insert("304".to_owned(), unchanged());
    }
    problem::refer(&mut responses, &statuses);
    described["responses"] = Value::Object(responses);
    described["security"] = security;
    let roles = security::roles(model, operation);
    if !roles.is_empty() {
        described["x-roles"] = json!(roles);
    }
    if let Some(condition) = security::condition(model, id) {
        described["x-when"] = json!(condition);
    }
    (described, statuses)
}

/// The first sentence on its own, as lists show it, then the whole.
fn summarise(described: &mut Value, operation: &Operation) {
    if let Some(doc) = operation.doc.as_deref() {
        let line = doc.lines().next().unwrap_or_default().trim();
        described["summary"] = json!(line.strip_suffix('.').unwrap_or(line));
        describe(described, Some(doc));
    }
}

fn success(model: &Model, schemas: &mut Schemas<'_>, id: OperationId) -> (&'static str, Value) {
    let operation = &model[id];
    let status = match (operation.kind, &operation.output) {
        (OperationKind::Event, _) => "202",
        (_, None) => "204",
        (_, Some(_)) => "200",
    };
    let mut response = vocabulary::part("successes", status);
    if matches!(operation.attributes.idempotent(), Some(Idempotent::Key(_))) {
        response["headers"] = json!({ "Idempotency-Replayed": { "$ref": "#/components/headers/Idempotency-Replayed" } });
    }
    if is_kept(operation) {
        response["headers"] = kept();
    }
    if let (OperationKind::Query | OperationKind::Command, Some(payload)) =
        (operation.kind, &operation.output)
    {
        let mut media = json!({ "schema": schemas.of(&payload.ty) });
        if let Ok(Some(sample)) = sample::output(model, id) {
            media["example"] = sample;
        }
        response["content"] = json!({ "application/json": media });
    }
    (status, response)
}

/// Whether answers may be kept, and asked for again by their name.
fn is_kept(operation: &Operation) -> bool {
    operation.kind == OperationKind::Query
        && operation.route.method == Method::Get
        && operation.output.is_some()
}

/// The headers of such an answer.
fn kept() -> Value {
    json!({
        "ETag": { "$ref": "#/components/headers/ETag" },
        "Cache-Control": { "$ref": "#/components/headers/Cache-Control" },
    })
}

/// The answer to who has it already.
fn unchanged() -> Value {
    let mut response = vocabulary::part("successes", "304");
    response["headers"] = kept();
    response
}

/// Where the parts of a request travel.
struct Shape<'m> {
    /// Fields in the path, in its order.
    path: Vec<&'m FieldDef>,
    /// Fields in the query.
    query: Vec<&'m FieldDef>,
    /// What the body holds.
    body: Option<Body<'m>>,
}

enum Body<'m> {
    Whole(&'m TypeRef),
    Request(TypeRef),
    /// A message without the fields that stand in the path.
    Rest(&'m StructDef, Vec<&'m str>),
}

impl<'m> Shape<'m> {
    fn of(model: &'m Model, operation: &'m Operation) -> Self {
        let message = match &operation.input {
            Input::None => {
                return Self {
                    path: Vec::new(),
                    query: Vec::new(),
                    body: None,
                };
            }
            Input::Parameters(id) => Some(*id),
            Input::Message(payload) => match payload.ty {
                TypeRef::Struct(id) => Some(id),
                _ => None,
            },
        };
        let fields: &[FieldDef] = message.map_or(&[], |id| &model[id].fields);
        let in_path = |field: &&FieldDef| {
            operation
                .route
                .path
                .contains(&format!("{{{}}}", field.name))
        };
        let (path, others): (Vec<&FieldDef>, Vec<&FieldDef>) = fields.iter().partition(in_path);
        if matches!(operation.route.method, Method::Get | Method::Delete) {
            return Self {
                path,
                query: others,
                body: None,
            };
        }
        let body = match (&operation.input, message) {
            (_, Some(id)) if !path.is_empty() => {
                let names: Vec<&str> = path.iter().map(|it| it.name.as_str()).collect();
                (!others.is_empty()).then(|| Body::Rest(&model[id], names))
            }
            (Input::Message(payload), _) => Some(Body::Whole(&payload.ty)),
            (_, Some(id)) => Some(Body::Request(TypeRef::Struct(id))),
            (_, None) => None,
        };
        Self {
            path,
            query: Vec::new(),
            body,
        }
    }

    fn parameters(&self, schemas: &mut Schemas<'_>, sample: Option<&Value>) -> Vec<Value> {
        let placed = self
            .path
            .iter()
            .map(|it| (it, "path"))
            .chain(self.query.iter().map(|it| (it, "query")));
        placed
            .map(|(field, place)| {
                let required = place == "path" || !matches!(field.ty, TypeRef::Optional(_));
                let mut parameter =
                    json!({ "name": field.name, "in": place, "required": required });
                describe(&mut parameter, field.doc.as_deref());
                parameter["schema"] = schemas.of_parameter(field);
                if let Some(example) = sample.and_then(|it| it.get(&field.name)) {
                    parameter["example"] = example.clone();
                }
                parameter
            })
            .collect()
    }

    fn body(&self, schemas: &mut Schemas<'_>, sample: Option<Value>) -> Option<Value> {
        let schema = match self.body.as_ref()? {
            Body::Whole(ty) => schemas.of(ty),
            Body::Request(ty) => schemas.of(ty),
            Body::Rest(def, left_out) => schemas.without(def, left_out),
        };
        let mut media = json!({ "schema": schema });
        if let Some(mut example) = sample {
            if let (Body::Rest(_, left_out), Some(object)) =
                (self.body.as_ref()?, example.as_object_mut())
            {
                object.retain(|name, _| !left_out.contains(&name.as_str()));
            }
            media["example"] = example;
        }
        Some(json!({ "required": true, "content": { "application/json": media } }))
    }
}
