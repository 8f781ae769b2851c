//! What a drawing says about how two of its ends have to communicate, in the selection guide's criteria.
//!
//! Only what is drawn: who asks, what the operations look like, what the facts say. What nothing is said about stays
//! unknown, and the ranking says what would decide.

use super::attributes::{Attr, Attributes, Origin, Rate, Trust, Value};
use super::types::{Scalar, TypeRef};
use super::{
    ApiId, Channel, ClientKind, Edge, Input, Link, Model, Node, NodeId, NodeKind, Operation,
    OperationId, OperationKind, text,
};
use crate::protocol::{Criterion, Known, OperationShape, Requirements};

impl Operation {
    /// Its shape, by which protocols differ.
    #[must_use]
    pub fn shape(&self) -> OperationShape {
        OperationShape::of(self.kind, self.takes_stream(), self.answers_stream())
    }

    /// Whether it is asked by many messages.
    pub fn takes_stream(&self) -> bool {
        matches!(&self.input, Input::Message(payload) if payload.stream)
    }

    /// Whether it answers many messages.
    pub fn answers_stream(&self) -> bool {
        self.output.as_ref().is_some_and(|it| it.stream)
    }
}

/// What an edge between two nodes is wanted for. `operations` are those that travel; none, when nobody knows.
#[must_use]
pub fn of_call(
    model: &Model,
    from: NodeId,
    to: NodeId,
    operations: &[OperationId],
) -> Requirements {
    let (caller, callee) = (&model[from], &model[to]);
    let mut draft = Draft::default();
    draft.audience(caller, callee);
    // The small default api is ours: it says nothing about what the two are drawn for.
    let asked: Vec<&Operation> = operations
        .iter()
        .map(|id| &model[*id])
        .filter(|it| !model[it.api].built_in)
        .collect();
    draft.operations(model, &asked);
    let mut requirements = draft.requirements;
    requirements.shapes = operations.iter().map(|id| model[*id].shape()).collect();
    // What we generate speaks gRPC-Web to browsers by itself, except for streams from the browser.
    requirements.grpc_web = matches!(callee.kind, NodeKind::Service(_)) && !callee.existing;
    requirements
}

/// What an edge is wanted for, whatever its protocol. `None` for edges that are no calls.
#[must_use]
pub fn of_edge(model: &Model, edge: &Edge) -> Option<Requirements> {
    let Link::Call { api, .. } = edge.link else {
        return None;
    };
    let operations: Vec<OperationId> = edge.operations.iter().map(|it| it.operation).collect();
    let from = model.node_of(edge.from);
    let to = model.node_of(edge.to);
    let contract = api.filter(|api| model[*api].proto.is_some());
    let mut requirements = of_call(model, from, to, &operations);
    say_contract(&mut requirements, model, contract);
    say_facts(&mut requirements, model, &edge.attributes, "the edge");
    Some(requirements)
}

/// What an edge to an api is wanted for that does not say yet how it travels.
#[must_use]
pub fn of_undecided(model: &Model, from: NodeId, to: NodeId, api: Option<ApiId>) -> Requirements {
    let operations = api.map_or(&[][..], |api| &model[api].operations);
    let mut requirements = of_call(model, from, to, operations);
    say_contract(
        &mut requirements,
        model,
        api.filter(|api| model[*api].proto.is_some()),
    );
    requirements
}

fn say_contract(requirements: &mut Requirements, model: &Model, contract: Option<ApiId>) {
    if let Some(api) = contract {
        let because = format!("`{}` has a proto contract", model[api].name);
        say(requirements, Criterion::Contract, "typed", because);
    }
}

/// What a channel is wanted for, by those who consume from it.
#[must_use]
pub fn of_channel(model: &Model, channel: &Channel, consumers: &[&Edge]) -> Requirements {
    let mut requirements = Requirements::default();
    let name = &channel.name;
    let is_ours = |node: &Node| node.trust > Trust::Partner && node.kind != NodeKind::External;
    if consumers
        .iter()
        .all(|it| is_ours(&model[model.node_of(it.to)]))
    {
        say(
            &mut requirements,
            Criterion::Audience,
            "internal",
            "a broker stands between services of our own".to_owned(),
        );
    }
    say(
        &mut requirements,
        Criterion::Interaction,
        "async",
        "who publishes does not wait".to_owned(),
    );
    let mut nodes: Vec<NodeId> = consumers.iter().map(|it| model.node_of(it.to)).collect();
    nodes.sort_unstable();
    nodes.dedup();
    match nodes.as_slice() {
        [] => {}
        [one] => {
            let because = format!("`{}` alone consumes `{name}`", model[*one].name);
            say(&mut requirements, Criterion::Direction, "notify", because);
        }
        more => {
            let because = format!("{} services consume `{name}`", more.len());
            say(&mut requirements, Criterion::Direction, "fan_out", because);
        }
    }
    if channel
        .message
        .as_ref()
        .is_some_and(|ty| holds_bytes(model, ty))
    {
        say(
            &mut requirements,
            Criterion::Payload,
            "binary",
            format!("messages of `{name}` hold bytes"),
        );
    }
    if channel.attributes.value(Attr::Key).is_some() {
        say(
            &mut requirements,
            Criterion::Ordering,
            "per_key",
            format!("`{name}` has a key"),
        );
    }
    if channel.attributes.dlq().is_some()
        || consumers.iter().any(|it| it.attributes.dlq().is_some())
    {
        say(
            &mut requirements,
            Criterion::Delivery,
            "durable",
            "what cannot be handled is kept".to_owned(),
        );
    }
    say_facts(&mut requirements, model, &channel.attributes, name);
    for consumer in consumers {
        let consumer_name = &model[model.node_of(consumer.to)].name;
        say_facts(
            &mut requirements,
            model,
            &consumer.attributes,
            consumer_name,
        );
    }
    requirements
}

/// What is written on an element itself as facts, which count for more than what is inferred.
fn say_facts(requirements: &mut Requirements, model: &Model, attributes: &Attributes, name: &str) {
    for (attr, effective) in attributes.iter() {
        if !matches!(effective.origin, Origin::Declared(_)) {
            continue;
        }
        let (criterion, value) = match (attr, &effective.value) {
            (Attr::Payload, Value::Text(word)) => (Criterion::Payload, word.as_str()),
            (Attr::Ordering, Value::Text(word)) if word == "key" => {
                (Criterion::Ordering, "per_key")
            }
            (Attr::Ordering, Value::Text(word)) => (Criterion::Ordering, word.as_str()),
            (Attr::Delivery, Value::Text(word)) => (
                Criterion::Delivery,
                match word.as_str() {
                    "at_most_once" => "best_effort",
                    "at_least_once" => "durable",
                    _ => "effectively_once",
                },
            ),
            (Attr::Realtime, Value::Boolean(true)) => (Criterion::Timeliness, "realtime"),
            (Attr::Replay, _) => (Criterion::Replay, "yes"),
            (Attr::Throughput, Value::Rate(rate)) => match throughput(*rate) {
                Some(value) => (Criterion::Throughput, value),
                None => continue,
            },
            _ => continue,
        };
        let written = text::value(model, &effective.value);
        let because = format!("`{attr} = {written}` on {name}");
        say(requirements, criterion, value, because);
    }
}

/// What a rate means for the guide, which names no numbers: from thousands a second on, parsing text is felt; from
/// hundreds of thousands on, one broker's machine is not enough.
fn throughput(rate: Rate) -> Option<&'static str> {
    let seconds = rate.per.as_secs_f64();
    match rate.count as f64 / seconds {
        it if it >= 100_000.0 => Some("massive"),
        it if it >= 1_000.0 => Some("high"),
        _ => None,
    }
}

fn say(requirements: &mut Requirements, criterion: Criterion, value: &str, because: String) {
    if let Some(known) = Known::new(criterion, value, because) {
        requirements.say(known);
    }
}

#[derive(Default)]
struct Draft {
    requirements: Requirements,
}

impl Draft {
    fn say(&mut self, criterion: Criterion, value: &str, because: String) {
        say(&mut self.requirements, criterion, value, because);
    }

    fn audience(&mut self, caller: &Node, callee: &Node) {
        let is_outside =
            |node: &Node| node.kind == NodeKind::External || node.trust <= Trust::Partner;
        let (value, because) = match caller.kind {
            NodeKind::Client(ClientKind::Browser) => {
                ("browser", format!("`{}` is a browser", caller.name))
            }
            NodeKind::Client(ClientKind::Mobile) => {
                ("mobile", format!("`{}` is a mobile app", caller.name))
            }
            _ if is_outside(callee) => ("external", format!("`{}` is outside", callee.name)),
            _ if is_outside(caller) => ("external", format!("`{}` is outside", caller.name)),
            _ => ("internal", "both ends are inside".to_owned()),
        };
        self.say(Criterion::Audience, value, because);
    }

    fn operations(&mut self, model: &Model, operations: &[&Operation]) {
        let Some((manner, how_many)) = Manner::of_most(operations) else {
            return;
        };
        let of = if operations.len() == 1 {
            format!("`{}`", operations[0].name)
        } else {
            format!("{how_many} of {} operations", operations.len())
        };
        let is = if how_many == 1 { "is" } else { "are" };
        match manner {
            Manner::Answered => {
                self.say(
                    Criterion::Direction,
                    "request_response",
                    format!("{of} {is} answered once"),
                );
                self.say(
                    Criterion::Interaction,
                    "sync",
                    "the caller waits for the answer".to_owned(),
                );
            }
            Manner::Pushed => {
                self.say(
                    Criterion::Direction,
                    "server_to_client",
                    format!("{of} {is} answered by a stream"),
                );
                self.say(
                    Criterion::Interaction,
                    "streaming",
                    "the answer is many messages".to_owned(),
                );
            }
            Manner::Conversed => {
                self.say(
                    Criterion::Direction,
                    "bidirectional",
                    format!("{of} {is} streams both ways"),
                );
                self.say(
                    Criterion::Interaction,
                    "streaming",
                    "both sides send many messages".to_owned(),
                );
            }
            Manner::Uploaded => {
                self.say(
                    Criterion::Interaction,
                    "streaming",
                    format!("{of} {is} asked by a stream"),
                );
            }
            Manner::Told => {
                self.say(
                    Criterion::Direction,
                    "notify",
                    format!("{of} {is} only acknowledged"),
                );
                self.say(
                    Criterion::Interaction,
                    "async",
                    "the caller learns no result".to_owned(),
                );
            }
        }
        self.messages(model, operations);
        let fed = operations.iter().find(|it| {
            it.output.as_ref().is_some_and(|output| output.stream)
                && it
                    .via
                    .as_ref()
                    .is_some_and(|via| matches!(via.target, super::CallTarget::Channel(_)))
        });
        if let Some(fed) = fed {
            let because = format!("`{}` passes on what is published, as it comes", fed.name);
            self.say(Criterion::Timeliness, "realtime", because);
        }
        if let Some(kept) = operations
            .iter()
            .find(|it| it.attributes.value(Attr::Replay).is_some())
        {
            self.say(
                Criterion::Replay,
                "yes",
                format!("`{}` keeps events for those that come back", kept.name),
            );
        }
        let cached = |it: &&&Operation| {
            it.kind == OperationKind::Query && it.attributes.value(Attr::Cache).is_some()
        };
        if let Some(cached) = operations.iter().find(cached) {
            self.say(
                Criterion::Caching,
                "wanted",
                format!("answers of `{}` are cached", cached.name),
            );
        }
    }

    fn messages(&mut self, model: &Model, operations: &[&Operation]) {
        let carried = |it: &&&Operation| {
            let input = match &it.input {
                Input::None => false,
                Input::Parameters(id) => holds_bytes(model, &TypeRef::Struct(*id)),
                Input::Message(payload) => holds_bytes(model, &payload.ty),
            };
            input
                || it
                    .output
                    .as_ref()
                    .is_some_and(|output| holds_bytes(model, &output.ty))
        };
        if let Some(binary) = operations.iter().find(carried) {
            self.say(
                Criterion::Payload,
                "binary",
                format!("`{}` carries bytes", binary.name),
            );
        }
        let joined = operations.iter().find_map(|it| {
            let TypeRef::Struct(id) = it.output.as_ref().map(|output| innermost(&output.ty))?
            else {
                return None;
            };
            let field = model[*id].fields.iter().find(|it| it.via.is_some())?;
            Some(format!(
                "`{}.{}` is asked of another service",
                model[*id].name, field.name
            ))
        });
        if let Some(because) = joined {
            self.say(Criterion::Queries, "aggregate", because);
        }
    }
}

/// How operations are answered, as far as the criteria tell apart.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Manner {
    Answered,
    Pushed,
    Conversed,
    Uploaded,
    Told,
}

impl Manner {
    const ALL: [Self; 5] = [
        Self::Answered,
        Self::Pushed,
        Self::Conversed,
        Self::Uploaded,
        Self::Told,
    ];

    const fn of(shape: OperationShape) -> Self {
        match shape {
            OperationShape::Query | OperationShape::Command => Self::Answered,
            OperationShape::QueryStream | OperationShape::CommandStream => Self::Pushed,
            OperationShape::Conversation => Self::Conversed,
            OperationShape::Upload => Self::Uploaded,
            OperationShape::Event => Self::Told,
        }
    }

    /// That of most operations, and how many they are; of equals, the first of [`Self::ALL`].
    fn of_most(operations: &[&Operation]) -> Option<(Self, usize)> {
        let count = |manner: Self| {
            let shapes = operations.iter().map(|it| Self::of(it.shape()));
            shapes.filter(|it| *it == manner).count()
        };
        let counted = Self::ALL
            .iter()
            .rev()
            .map(|manner| (*manner, count(*manner)));
        counted.max_by_key(|it| it.1).filter(|it| it.1 > 0)
    }
}

fn innermost(ty: &TypeRef) -> &TypeRef {
    match ty {
        TypeRef::List(inner) | TypeRef::Map(inner) | TypeRef::Optional(inner) => innermost(inner),
        _ => ty,
    }
}

/// Whether bytes stand in a message itself or in what its fields hold directly.
fn holds_bytes(model: &Model, ty: &TypeRef) -> bool {
    let is_bytes = |ty: &TypeRef| *innermost(ty) == TypeRef::Scalar(Scalar::Bytes);
    match innermost(ty) {
        TypeRef::Struct(id) => model[*id].fields.iter().any(|field| is_bytes(&field.ty)),
        _ => is_bytes(ty),
    }
}
