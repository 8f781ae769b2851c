//! What is proved: one row for each number and choice that a drawing makes effective and that running code can show.
//!
//! Rows are made from the model alone, so that the numbers in a proof are the drawing's and not what the code made of
//! them. Their names come from the attribute table: attribute, and part of a compound value.

use std::collections::BTreeSet;

use crate::generate::callers;
use crate::generate::cases::{Cases, cases};
use crate::generate::naming::{Scope, paths};
use crate::generate::services::names::is_generated;
use crate::model::attributes::{
    Attr, Attributes, Idempotent, Identity, Jitter, LimitKey, Rate, Value,
};
use crate::model::{
    ApiId, AuthId, AuthScheme, Edge, EdgeId, Input, Link, Method, Model, NodeId, Operation,
    OperationId, OperationKind,
};
use crate::protocol::Protocol;

/// One thing that a proof shows.
#[derive(Clone, Debug)]
pub struct Row {
    /// `front_to_orders_grpc__find__retry_attempts`.
    pub name: String,
    /// What it is about.
    pub subject: Subject,
    /// The operation that it is shown with.
    pub operation: OperationId,
    /// The attribute.
    pub attr: Attr,
    /// The part of a compound value.
    pub part: Option<&'static str>,
    /// What must be seen.
    pub expected: Expected,
}

impl Row {
    /// The operation that it is about; none where it holds for all of them and is shown with the first.
    pub fn about(&self) -> Option<OperationId> {
        let whole = match self.subject {
            Subject::Edge(_) => matches!(self.attr, Attr::Tls | Attr::Identity | Attr::Auth),
            Subject::Api(..) => matches!(self.attr, Attr::Tls | Attr::Cors),
            Subject::Scheme(..) | Subject::Service(_) => true,
        };
        (!whole).then_some(self.operation)
    }
}

/// What a row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// The caller's side of an edge.
    Edge(EdgeId),
    /// An api as it is served over a protocol.
    Api(ApiId, Protocol),
    /// An authentication scheme, shown at an api that accepts it.
    Scheme(AuthId, ApiId, Protocol),
    /// A service, shown at an operation that it serves.
    Service(NodeId),
}

/// What must be seen, as the drawing has it.
#[derive(Clone, Debug, PartialEq)]
pub enum Expected {
    /// A stretch of time.
    Duration(std::time::Duration),
    /// A count.
    Count(u64),
    /// A share of one.
    Share(f64),
    /// So many in so long.
    Rate(Rate),
    /// A whole rate limit: its rate, burst and key.
    Limit(Rate, u64, LimitKey),
    /// Randomness of the waits.
    Jitter(Jitter),
    /// Whose identity travels.
    Identity(Identity),
    /// What the user's token is exchanged for.
    Exchange(callers::Exchange),
    /// How a repetition is known, and for how long.
    Idempotent(Idempotent),
    /// Yes or no.
    Flag(bool),
    /// Names: roles, algorithms, parts of a claim's path.
    Names(Vec<String>),
    /// A text: issuer, audience.
    Text(String),
    /// A condition's examples.
    Cases(Box<Cases>),
    /// The probe itself says it all: authentication, transport, path, safety.
    AsDrawn,
}

/// Whether a call may be repeated when nobody knows what became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Safety {
    /// It may.
    Safe,
    /// It may with the same key.
    IdempotentByKey,
    /// It may not.
    Unsafe,
}

/// What repeating an operation does.
pub fn safety(operation: &Operation) -> Safety {
    // A stream can be sent once, whatever sending it again would do.
    if operation.takes_stream() {
        return Safety::Unsafe;
    }
    match (operation.kind, operation.attributes.idempotent()) {
        (OperationKind::Query, _) | (_, Some(Idempotent::Natural | Idempotent::By { .. })) => {
            Safety::Safe
        }
        (_, Some(Idempotent::Key(_))) => Safety::IdempotentByKey,
        (_, None) => Safety::Unsafe,
    }
}

/// All rows of a drawing, callers first, in source order.
pub fn rows(model: &Model) -> Vec<Row> {
    let served = served(model);
    let mut rows = Rows {
        model,
        scope: Scope::default(),
        rows: Vec::new(),
    };
    for (id, edge) in model.edges() {
        if is_proved(model, edge) {
            rows.edge(id, edge);
        }
    }
    for &(api, protocol) in &served {
        rows.served(api, protocol);
    }
    rows.states(&served);
    rows.schemes(&served);
    rows.rows
}

/// The apis that we serve, each with every protocol that an edge reaches it by.
pub fn served(model: &Model) -> Vec<(ApiId, Protocol)> {
    let reached = model.edges().filter_map(|(_, edge)| match edge.link {
        Link::Call {
            protocol,
            api: Some(api),
        } => Some((api, protocol)),
        _ => None,
    });
    let ours = reached.filter(|(api, _)| is_generated(&model[model[*api].node]));
    ours.collect::<BTreeSet<_>>().into_iter().collect()
}

/// Whether the caller's side of an edge is code of ours that calls operations.
pub fn is_proved(model: &Model, edge: &Edge) -> bool {
    matches!(edge.link, Link::Call { api: Some(_), .. })
        && is_generated(&model[model.node_of(edge.from)])
        && !edge.operations.is_empty()
}

/// `front_to_orders_grpc`, with the api's name where the callee has several.
pub fn edge_name(model: &Model, edge: &Edge) -> String {
    let callee = &model[model.node_of(edge.to)];
    let mut parts = vec![
        paths::stem(&model[model.node_of(edge.from)].name),
        "to".to_owned(),
        paths::stem(&callee.name),
    ];
    if let Link::Call {
        protocol,
        api: Some(api),
    } = edge.link
    {
        if callee.apis.len() > 1 {
            parts.push(paths::stem(&model[api].label()));
        }
        parts.push(protocol.name().to_owned());
    }
    parts.join("_")
}

/// `front_shop_rest`.
pub fn served_name(model: &Model, api: ApiId, protocol: Protocol) -> String {
    let api = &model[api];
    format!(
        "{}_{}_{protocol}",
        paths::stem(&model[api.node].name),
        paths::stem(&api.label())
    )
}

struct Rows<'m> {
    model: &'m Model,
    scope: Scope,
    rows: Vec<Row>,
}

impl Rows<'_> {
    fn edge(&mut self, id: EdgeId, edge: &Edge) {
        let subject = Subject::Edge(id);
        let name = edge_name(self.model, edge);
        for carried in &edge.operations {
            let operation = carried.operation;
            let name = format!("{name}__{}", paths::stem(&self.model[operation].name));
            let fallback = callers::fallback(&self.model[operation], edge.attributes_of(operation));
            let sent_once = self.model[operation].takes_stream();
            let mut add = |attr, part, expected| {
                // A stream is sent once. What could not be sent at all is tried again, which shows how often; the waits
                // are seen by a peer alone, and it sees one attempt.
                let unseen = sent_once && attr == Attr::Retry && part != Some("attempts");
                if !unseen {
                    self.add(&name, subject, operation, attr, part, expected);
                }
            };
            caller(edge.attributes_of(operation), &mut add);
            if let Some(age) = fallback {
                add(Attr::Fallback, None, Expected::Duration(age));
            }
            let attributes = &self.model[operation].attributes;
            if attributes.idempotent().is_some() {
                self.add(
                    &name,
                    subject,
                    operation,
                    Attr::Idempotent,
                    None,
                    Expected::AsDrawn,
                );
            }
        }
        if let Some(first) = edge.operations.first() {
            let exchange = callers::exchange(self.model, edge);
            let identity = match edge.attributes.identity() {
                Some(Identity::Exchange) => exchange.map(Expected::Exchange),
                identity => identity.map(Expected::Identity),
            };
            if let Some(expected) = identity {
                self.add(
                    &name,
                    subject,
                    first.operation,
                    Attr::Identity,
                    None,
                    expected,
                );
            }
            let shown = callers::shown(self.model, edge).map(|id| &self.model[id]);
            let shown = shown.filter(|it| !matches!(it.scheme, AuthScheme::Jwt | AuthScheme::Mtls));
            if let Some(auth) = shown {
                let expected = Expected::Text(auth.name.clone());
                self.add(&name, subject, first.operation, Attr::Auth, None, expected);
            }
            self.add(
                &name,
                subject,
                first.operation,
                Attr::Tls,
                None,
                Expected::AsDrawn,
            );
        }
    }

    fn served(&mut self, api: ApiId, protocol: Protocol) {
        let subject = Subject::Api(api, protocol);
        let name = served_name(self.model, api, protocol);
        let has_user = |attributes: &Attributes| {
            attributes
                .auths()
                .unwrap_or_default()
                .iter()
                .any(|auth| callers::verified_as(self.model, *auth).is_some())
        };
        for operation in callers::carried(self.model, api, protocol) {
            let definition = &self.model[operation];
            let has_user = has_user(&definition.attributes);
            let name = format!("{name}__{}", paths::stem(&definition.name));
            let mut add = |attr, part, expected| {
                self.rows.push(Row {
                    name: self.scope.claim(row_name(&name, attr, part)),
                    subject,
                    operation,
                    attr,
                    part,
                    expected,
                });
            };
            callee(self.model, operation, protocol, has_user, &mut add);
        }
        if let Some(first) = callers::carried(self.model, api, protocol).next() {
            self.add(&name, subject, first, Attr::Tls, None, Expected::AsDrawn);
            let origins = callers::origins(self.model, api, protocol);
            if !origins.is_empty() {
                let expected = Expected::Names(origins.to_vec());
                self.add(&name, subject, first, Attr::Cors, None, expected);
            }
        }
    }

    /// What the instances of a service share: a rate limit, and answers that are given again, each at the first
    /// operation that has one.
    fn states(&mut self, served: &[(ApiId, Protocol)]) {
        for (id, node) in self.model.nodes() {
            if !is_generated(node) || node.attributes.state().is_none() {
                continue;
            }
            let apis = served.iter().filter(|(api, _)| self.model[*api].node == id);
            let operations: Vec<_> = apis
                .flat_map(|(api, _)| &self.model[*api].operations)
                .copied()
                .collect();
            let first = |expected: fn(&Attributes) -> Option<Expected>| {
                operations.iter().find_map(|operation| {
                    Some((*operation, expected(&self.model[*operation].attributes)?))
                })
            };
            let limit = first(|it| {
                let limit = it.rate_limit()?;
                Some(Expected::Limit(limit.rate, limit.burst, limit.per))
            });
            let idempotent = first(|it| {
                let repeats = it.idempotent()?;
                (*repeats != Idempotent::Natural).then(|| Expected::Idempotent(repeats.clone()))
            });
            let name = paths::stem(&node.name);
            for (part, shown) in [("rate_limit", limit), ("idempotent", idempotent)] {
                if let Some((operation, expected)) = shown {
                    let subject = Subject::Service(id);
                    self.add(&name, subject, operation, Attr::State, Some(part), expected);
                }
            }
        }
    }

    /// What verifies a token or key, at the first operation that accepts it.
    fn schemes(&mut self, served: &[(ApiId, Protocol)]) {
        for (at, auth) in self.model.auths.iter().enumerate() {
            let id = AuthId(at as u32);
            let accepts = |operation: &OperationId| {
                self.model[*operation]
                    .attributes
                    .auths()
                    .is_some_and(|it| it.contains(&id))
            };
            // What clients are granted by its issuer is verified so too.
            let verifies = |operation: &OperationId| {
                let accepted = self.model[*operation].attributes.auths();
                let mut accepted = accepted.unwrap_or_default().into_iter();
                accepted.any(|it| callers::verified_as(self.model, it) == Some(id))
            };
            // Browsers log in over HTTP.
            let carries =
                |protocol| auth.scheme != AuthScheme::Session || protocol == Protocol::Rest;
            let first = |accepts: &dyn Fn(&OperationId) -> bool| {
                let mut served = served.iter().filter(|(_, protocol)| carries(*protocol));
                served.find_map(|&(api, protocol)| {
                    let operation = callers::carried(self.model, api, protocol).find(accepts)?;
                    Some((api, protocol, operation))
                })
            };
            let place = first(&accepts).or_else(|| first(&verifies));
            let proved: &[Attr] = match auth.scheme {
                AuthScheme::Jwt => &[Attr::Issuer, Attr::Audience, Attr::Algorithms, Attr::Roles],
                AuthScheme::ApiKey => &[Attr::Header],
                AuthScheme::Oauth2 => &[Attr::Provider, Attr::Scopes],
                AuthScheme::Session => &[Attr::Provider, Attr::Scopes, Attr::Refresh],
                _ => continue,
            };
            let Some((api, protocol, operation)) = place else {
                continue;
            };
            let subject = Subject::Scheme(id, api, protocol);
            let name = paths::stem(&auth.name);
            for &attr in proved {
                let expected = match auth.attributes.value(attr) {
                    _ if attr == Attr::Refresh => Expected::Flag(auth.attributes.is(attr)),
                    Some(Value::Text(text)) if attr == Attr::Roles => {
                        Expected::Names(text.split('.').map(ToOwned::to_owned).collect())
                    }
                    Some(Value::Text(text)) => Expected::Text(text.clone()),
                    Some(Value::Auths(schemes)) => match schemes.first() {
                        Some(id) => Expected::Text(self.model[*id].name.clone()),
                        None => continue,
                    },
                    Some(Value::Texts(texts)) => Expected::Names(texts.clone()),
                    _ => continue,
                };
                self.add(&name, subject, operation, attr, None, expected);
            }
        }
    }

    fn add(
        &mut self,
        name: &str,
        subject: Subject,
        operation: OperationId,
        attr: Attr,
        part: Option<&'static str>,
        expected: Expected,
    ) {
        self.rows.push(Row {
            name: self.scope.claim(row_name(name, attr, part)),
            subject,
            operation,
            attr,
            part,
            expected,
        });
    }
}

/// `front_to_orders_grpc__find` and what is shown of it.
fn row_name(of: &str, attr: Attr, part: Option<&'static str>) -> String {
    match part {
        Some(part) => format!("{of}__{attr}_{part}"),
        None => format!("{of}__{attr}"),
    }
}

/// What a caller does, each number of it.
fn caller(attributes: &Attributes, add: &mut impl FnMut(Attr, Option<&'static str>, Expected)) {
    use Expected::{Count, Duration, Share};
    if let Some(timeout) = attributes.timeout() {
        add(Attr::Timeout, None, Duration(timeout));
    }
    if let Some(deadline) = attributes.deadline() {
        add(Attr::Deadline, None, Duration(deadline));
    }
    if let Some(retry) = attributes.retry() {
        if let Some(attempts) = retry.attempts {
            add(Attr::Retry, Some("attempts"), Count(attempts));
        }
        add(Attr::Retry, Some("base"), Duration(retry.base));
        if let (true, Some(max)) = (retry.exponential, retry.max) {
            add(Attr::Retry, Some("max"), Duration(max));
        }
        add(Attr::Retry, Some("jitter"), Expected::Jitter(retry.jitter));
        if let Some(budget) = retry.budget {
            add(Attr::Retry, Some("budget"), Share(budget));
        }
    }
    if let Some(breaker) = attributes.breaker() {
        add(Attr::Breaker, Some("rate"), Share(breaker.error_rate));
        add(Attr::Breaker, Some("window"), Duration(breaker.window));
        add(Attr::Breaker, Some("min_calls"), Count(breaker.min_calls));
        if let Some(cooldown) = breaker.cooldown {
            add(Attr::Breaker, Some("cooldown"), Duration(cooldown));
        }
        add(Attr::Breaker, Some("probes"), Count(breaker.probes));
    }
    if let Some(bulkhead) = attributes.bulkhead() {
        add(Attr::Bulkhead, None, Count(bulkhead));
    }
    if let Some(throttle) = attributes.throttle() {
        add(Attr::Throttle, None, Expected::Rate(throttle));
    }
}

/// What a callee enforces around one operation.
fn callee(
    model: &Model,
    id: OperationId,
    protocol: Protocol,
    has_user: bool,
    add: &mut impl FnMut(Attr, Option<&'static str>, Expected),
) {
    use Expected::{AsDrawn, Count, Duration};
    let operation = &model[id];
    let attributes = &operation.attributes;
    if attributes.is(Attr::Public) {
        add(Attr::Public, None, AsDrawn);
    } else if attributes.auths().is_some_and(|auths| !auths.is_empty()) {
        add(Attr::Auth, None, AsDrawn);
    }
    // A public operation asks nobody who they are, whatever its api asks.
    let judged = has_user && !attributes.is(Attr::Public);
    if let (Some(roles), true) = (attributes.allow(), judged) {
        let roles = roles.iter().map(|role| model[*role].name.clone()).collect();
        add(Attr::Allow, None, Expected::Names(roles));
    }
    if let Some(cases) = cases(model, id) {
        add(Attr::When, None, Expected::Cases(Box::new(cases)));
    }
    if let Some(limit) = attributes.rate_limit() {
        // With one caller, a limit for each service is a limit for all.
        let tells = limit.per != LimitKey::Service
            || callers::services(model, operation.api, protocol).len() > 1;
        for part in ["rate", "burst", "per"] {
            if part == "per" && !tells {
                continue;
            }
            let expected = Expected::Limit(limit.rate, limit.burst, limit.per);
            add(Attr::RateLimit, Some(part), expected);
        }
    }
    if let Some(timeout) = attributes.timeout() {
        add(Attr::Timeout, None, Duration(timeout));
    }
    let has_body = match protocol {
        Protocol::Rest => {
            operation.input != Input::None
                && matches!(
                    operation.route.method,
                    Method::Post | Method::Put | Method::Patch
                )
        }
        _ => true,
    };
    if let (Some(most), true) = (attributes.max_body(), has_body) {
        add(Attr::MaxBody, None, Count(most));
    }
    if let Some(age) = callers::cache(operation, protocol) {
        add(Attr::Cache, None, Duration(age));
    }
    if let Some(idempotent @ (Idempotent::Key(_) | Idempotent::By { .. })) = attributes.idempotent()
    {
        add(
            Attr::Idempotent,
            None,
            Expected::Idempotent(idempotent.clone()),
        );
        add(
            Attr::Idempotent,
            Some("window"),
            Expected::Idempotent(idempotent.clone()),
        );
    }
}
