//! An api that is served over REST, as an OpenAPI 3.1 document: exactly what the generated server accepts and answers,
//! no more and no less.

mod operation;
mod problem;
mod range;
mod schema;
mod security;
mod vocabulary;

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::generate::callers;
use crate::model::{ApiId, Model};
use crate::protocol::Protocol;

/// The document of one api. Its text is this value, pretty-printed.
#[must_use]
pub fn document(model: &Model, id: ApiId) -> Value {
    let api = &model[id];
    let mut schemas = schema::Schemas::new(model);
    let mut paths: Map<String, Value> = Map::new();
    let mut statuses = BTreeSet::new();
    for operation in callers::carried(model, id, Protocol::Rest) {
        let (described, used) = operation::describe_operation(model, &mut schemas, operation);
        let route = &model[operation].route;
        paths.entry(route.path.clone()).or_insert_with(|| json!({}))[route.method.name()] =
            described;
        statuses.extend(used);
    }

    let mut info = json!({ "title": format!("{}: {}", model.system.title, api.name), "version": format!("v{}", api.version) });
    schema::describe(
        &mut info,
        api.doc.as_deref().or(model.system.doc.as_deref()),
    );
    let mut tag = json!({ "name": api.name });
    schema::describe(&mut tag, api.doc.as_deref());
    let mut components = json!({});
    components["schemas"] = Value::Object(all_schemas(schemas));
    components["responses"] = Value::Object(problem::components(statuses));
    for (section, name) in [
        ("parameters", "Idempotency-Key"),
        ("headers", "Idempotency-Replayed"),
        ("headers", "Retry-After"),
        ("headers", "ETag"),
        ("headers", "Cache-Control"),
    ] {
        components[section][name] = vocabulary::part(section, name);
    }
    let security = security::components(model, api);
    if !security.is_empty() {
        components["securitySchemes"] = Value::Object(security);
    }
    json!({
        "openapi": "3.1.0",
        "info": info,
        "servers": [{ "url": "/" }],
        "tags": [tag],
        "paths": paths,
        "components": components,
    })
}

fn all_schemas(schemas: schema::Schemas<'_>) -> Map<String, Value> {
    let mut all = schemas.finish();
    all.insert(
        "Problem-Details".to_owned(),
        vocabulary::part("schemas", "Problem-Details"),
    );
    all
}
