//! What is to be proved of a generated system: one row for each value that a policy sets, by the attribute table.
//!
//! The names are the names of the generated tests: `front_to_orders_grpc__find__retry_attempts` is the caller's side of
//! an edge, `front_shop_rest__order__rate_limit` the callee's side of an api.

use std::collections::BTreeSet;

use crate::model::attributes::{Attr, Attributes, Idempotent, Value};
use crate::model::schema::{self, Form, Place, Proof, Shape, Side};
use crate::model::{
    ApiId, EdgeId, End, Link, Model, NodeId, NodeKind, Operation, OperationId, OperationKind,
};
use crate::protocol::Protocol;

/// Whose policy a proof is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// The caller's, on an edge.
    Edge(EdgeId),
    /// The callee's, for an api as it is served over one protocol.
    Api(ApiId, Protocol),
}

/// One thing to prove.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The name of its test.
    pub name: String,
    /// Whose policy.
    pub subject: Subject,
    /// Of which operation; `None` where it holds for all at once (transport security).
    pub operation: Option<OperationId>,
    /// The attribute.
    pub attr: Attr,
    /// The named number of a compound value (`attempts` of a retry); `None` for the value as such.
    pub part: Option<&'static str>,
}

/// All rows, callers' sides first, in the order of the drawing and of the attribute table.
#[must_use]
pub fn rows(model: &Model) -> Vec<Row> {
    let mut rows = Vec::new();
    for (id, edge) in model.edges() {
        let Link::Call { protocol, .. } = edge.link else {
            continue;
        };
        if !generated(model, model.node_of(edge.from)) || edge.operations.is_empty() {
            continue;
        }
        let subject = Subject::Edge(id);
        provable(&edge.attributes, Place::Call, Side::Link, protocol).for_each(|attr| {
            rows.push(row(model, subject, None, attr, None));
        });
        for carried in &edge.operations {
            let operation = carried.operation;
            let attributes = edge.attributes_of(operation);
            for attr in provable(attributes, Place::Call, Side::Caller, protocol) {
                // Nothing is repeated that is not safe to repeat: there the numbers of a retry decide nothing.
                if attr != Attr::Retry || repeatable(&model[operation]) {
                    push(&mut rows, model, subject, operation, attr, attributes);
                }
            }
        }
    }
    for (api, protocol) in served(model) {
        let subject = Subject::Api(api, protocol);
        if let Some(tls) =
            schema::row(Attr::Tls, Place::Call).filter(|it| it.proof == Proof::Behaviour)
        {
            rows.push(row(model, subject, None, tls.attr, None));
        }
        for operation in &model[api].operations {
            let attributes = &model[*operation].attributes;
            for attr in provable(attributes, Place::Operation, Side::Callee, protocol) {
                push(&mut rows, model, subject, *operation, attr, attributes);
            }
        }
    }
    tell_apart(&mut rows);
    rows
}

/// Gives a number to names that are taken: `a_b` with an api `C` and `a` with an api `BC` may meet.
fn tell_apart(rows: &mut [Row]) {
    let mut taken = BTreeSet::new();
    for row in rows {
        let mut name = row.name.clone();
        let mut number = 2;
        while !taken.insert(name.clone()) {
            name = format!("{}_{number}", row.name);
            number += 1;
        }
        row.name = name;
    }
}

/// The apis that we serve, each with every protocol that an edge reaches it by.
#[must_use]
pub fn served(model: &Model) -> BTreeSet<(ApiId, Protocol)> {
    let reached = model.edges().filter_map(|(_, edge)| match edge.link {
        Link::Call {
            protocol,
            api: Some(api),
        } => Some((api, protocol)),
        _ => None,
    });
    reached
        .filter(|(api, _)| generated(model, model[*api].node))
        .collect()
}

/// Whether a node is a service that we generate.
fn generated(model: &Model, node: NodeId) -> bool {
    let node = &model[node];
    matches!(node.kind, NodeKind::Service(_)) && !node.existing
}

fn repeatable(operation: &Operation) -> bool {
    operation.kind == OperationKind::Query || operation.attributes.idempotent().is_some()
}

/// Attributes with a value that can be seen to hold.
fn provable<'a>(
    attributes: &'a Attributes,
    place: Place,
    side: Side,
    protocol: Protocol,
) -> impl Iterator<Item = Attr> + 'a {
    let set = attributes
        .iter()
        .filter(|(_, it)| !matches!(it.value, Value::Off | Value::Boolean(false)));
    set.map(|(attr, _)| attr).filter(move |attr| {
        schema::rows(*attr).any(|row| {
            row.side == side
                && row.places.contains(&place)
                && row.proof == Proof::Behaviour
                && (row.protocols.is_empty() || row.protocols.contains(&protocol))
        })
    })
}

/// The row of a value, and one for each of its named numbers.
fn push(
    rows: &mut Vec<Row>,
    model: &Model,
    subject: Subject,
    operation: OperationId,
    attr: Attr,
    set: &Attributes,
) {
    let Some(value) = set.value(attr) else { return };
    // Nothing is done for what is repeatable by nature; that it is repeated is seen at the caller.
    if *value == Value::Idempotent(Idempotent::Natural) {
        return;
    }
    let form =
        form_name(value).and_then(|name| schema::rows(attr).find_map(|row| form(&row.shape, name)));
    // `exponential(attempts = 3)` is no more than its numbers; `limit(50/s, burst = 100)` says something by itself, and
    // so does `key(window = 24h)`, since `key` is a value as well.
    if form.is_none_or(|form| {
        form.first.is_some() || schema::rows(attr).any(|row| word(&row.shape, form.name))
    }) {
        rows.push(row(model, subject, Some(operation), attr, None));
    }
    for parameter in form.map_or(&[][..], |form| form.parameters) {
        if parameter.proof == Proof::Behaviour && set_in(value, parameter.name) {
            rows.push(row(
                model,
                subject,
                Some(operation),
                attr,
                Some(parameter.name),
            ));
        }
    }
}

fn form(shape: &'static Shape, name: &str) -> Option<&'static Form> {
    match shape {
        Shape::Call(form) => (form.name == name).then_some(form),
        Shape::Either(shapes) => shapes.iter().find_map(|it| form(it, name)),
        _ => None,
    }
}

fn word(shape: &Shape, name: &str) -> bool {
    match shape {
        Shape::Word(words) => words.contains(&name),
        Shape::Either(shapes) => shapes.iter().any(|it| word(it, name)),
        _ => false,
    }
}

/// The call that a value is written as.
const fn form_name(value: &Value) -> Option<&'static str> {
    match value {
        Value::Retry(retry) if retry.exponential => Some("exponential"),
        Value::Retry(_) => Some("fixed"),
        Value::Breaker(_) => Some("errors"),
        Value::RateLimit(_) => Some("limit"),
        Value::Idempotent(Idempotent::Key(_)) => Some("key"),
        Value::Idempotent(Idempotent::By { .. }) => Some("by"),
        _ => None,
    }
}

/// Whether a value has the argument.
fn set_in(value: &Value, argument: &str) -> bool {
    match (value, argument) {
        (Value::Retry(it), "attempts") => it.attempts.is_some(),
        (Value::Retry(it), "max") => it.max.is_some(),
        (Value::Retry(it), "budget") => it.budget.is_some(),
        (Value::Breaker(it), "cooldown") => it.cooldown.is_some(),
        _ => true,
    }
}

fn row(
    model: &Model,
    subject: Subject,
    operation: Option<OperationId>,
    attr: Attr,
    part: Option<&'static str>,
) -> Row {
    let mut name = subject_name(model, subject);
    if let Some(operation) = operation {
        name.push_str("__");
        name.push_str(&snake(&model[operation].name));
    }
    name.push_str("__");
    name.push_str(attr.name());
    if let Some(part) = part {
        name.push('_');
        name.push_str(part);
    }
    Row {
        name,
        subject,
        operation,
        attr,
        part,
    }
}

fn subject_name(model: &Model, subject: Subject) -> String {
    match subject {
        Subject::Edge(id) => {
            let edge = &model[id];
            let from = snake(&model.end_name(edge.from));
            let to = snake(&model.end_name(edge.to));
            let several = matches!(edge.to, End::Node(node) if model[node].apis.len() > 1);
            match edge.link {
                Link::Call {
                    protocol,
                    api: Some(api),
                } if several => {
                    format!("{from}_to_{to}_{}_{protocol}", api_name(model, api))
                }
                Link::Call { protocol, .. } => format!("{from}_to_{to}_{protocol}"),
                Link::Store | Link::Publish | Link::Consume => format!("{from}_to_{to}"),
            }
        }
        Subject::Api(id, protocol) => {
            format!(
                "{}_{}_{protocol}",
                snake(&model[model[id].node].name),
                api_name(model, id)
            )
        }
    }
}

fn api_name(model: &Model, id: ApiId) -> String {
    let api = &model[id];
    match api.version {
        1 => snake(&api.name),
        version => format!("{}_v{version}", snake(&api.name)),
    }
}

/// `UpperCamel` as `lower_snake`; names with other characters get underscores for them.
fn snake(name: &str) -> String {
    let mut snake = String::new();
    let mut before = '_';
    for c in name.chars() {
        if c.is_ascii_uppercase() && before != '_' && !before.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '_'
        });
        before = c;
    }
    snake
}
