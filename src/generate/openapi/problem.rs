//! Which problems an operation can answer with, and how they are described.

use serde_json::{Map, Value, json};

use super::vocabulary;
use crate::model::{Operation, OperationKind};

/// What decides the problems of an operation.
#[derive(Clone, Copy, Debug)]
pub struct Traits {
    /// Somebody must be authenticated.
    pub protected: bool,
    /// It takes a body.
    pub body: bool,
}

/// The statuses of all problems that can come out of an operation: from the pipeline before its handler, from the handler,
/// and from services behind it, whose problems pass through.
#[must_use]
pub fn statuses(operation: &Operation, traits: Traits) -> Vec<u16> {
    let changes = operation.kind != OperationKind::Query;
    let possible = [
        (400, true),
        (401, traits.protected),
        (403, true),
        (404, true),
        (405, true),
        (409, changes),
        (412, changes),
        (413, traits.body),
        (415, traits.body),
        (429, true),
        (500, true),
        (501, operation.via.is_none()),
        (502, true),
        (503, true),
        (504, true),
    ];
    possible
        .into_iter()
        .filter(|(_, it)| *it)
        .map(|(status, _)| status)
        .collect()
}

/// References to the shared responses for these statuses.
pub fn refer(responses: &mut Map<String, Value>, statuses: &[u16]) {
    for status in statuses {
        responses.insert(
            status.to_string(),
            json!({ "$ref": format!("#/components/responses/{}", name(*status)) }),
        );
    }
}

/// The shared responses for these statuses, in their order.
#[must_use]
pub fn components(statuses: impl IntoIterator<Item = u16>) -> Map<String, Value> {
    statuses
        .into_iter()
        .map(|status| (name(status), response(status)))
        .collect()
}

fn name(status: u16) -> String {
    format!("problem-{status}")
}

fn response(status: u16) -> Value {
    let mut response = vocabulary::part("problems", &status.to_string());
    response["content"] = json!({
        "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem-Details" } }
    });
    response
}
