//! Effective values of attributes, each with its origin.

use std::sync::Arc;
use std::time::Duration;

use super::{AuthId, ChannelId, NodeId, RoleId, ZoneId, words};
use crate::source::Span;
use crate::syntax::ast::Expression;

words! {
    /// How far a zone is trusted, least first.
    Trust { Public = "public", Partner = "partner", Dmz = "dmz", Internal = "internal", Restricted = "restricted" }
    /// How secret data is, least first.
    DataClass { Public = "public", Internal = "internal", Confidential = "confidential", Restricted = "restricted" }
    /// How much depends on a node.
    Criticality { Low = "low", Medium = "medium", High = "high" }
    /// Transport security of a link.
    Tls { Off = "off", Server = "server", Mutual = "mutual" }
    /// Whose identity travels with a call.
    Identity { None = "none", Forward = "forward", Exchange = "exchange" }
    /// What a rate limit counts by.
    LimitKey { User = "user", Ip = "ip", Service = "service", Global = "global" }
    /// Randomness of a backoff.
    Jitter { None = "none", Full = "full" }
    /// The architecture patterns of the article's section 7, in its order.
    Pattern {
        RestGatewayGrpcMesh = "rest_gateway_grpc_mesh", RestKafka = "rest_kafka", WsPubsub = "ws_pubsub",
        AsyncQueues = "async_queues", GatewayGraphqlBff = "gateway_graphql_bff",
        HybridStreamingRealtime = "hybrid_streaming_realtime",
    }
    /// Every attribute of the language, by the name it is written with. What takes it, its type, side, default, meaning
    /// and proof stand in [`super::schema`].
    Attr {
        Title = "title", Owner = "owner", Profile = "profile", Language = "language", Existing = "existing",
        Replicas = "replicas", Criticality = "criticality", Data = "data", Latency = "latency", State = "state", Url = "url",
        Timeout = "timeout", Deadline = "deadline", Retry = "retry", Breaker = "breaker", Bulkhead = "bulkhead",
        Throttle = "throttle", Fallback = "fallback", Identity = "identity", Auth = "auth", Only = "only",
        Allow = "allow", When = "when", Public = "public", RateLimit = "rate_limit", MaxBody = "max_body",
        MaxConnections = "max_connections", Idempotent = "idempotent", Http = "http", At = "at", Cors = "cors", Cache = "cache",
        MaxDepth = "max_depth", MaxComplexity = "max_complexity", Heartbeat = "heartbeat", Replay = "replay", Calls = "calls",
        Tls = "tls",
        Key = "key", Partitions = "partitions", Retention = "retention", Attempts = "attempts", Dlq = "dlq", Ttl = "ttl",
        Group = "group", Concurrency = "concurrency", Start = "start",
        Signature = "signature", Tolerance = "tolerance", IpAllow = "ip_allow", Every = "every",
        Issuer = "issuer", Audience = "audience", Algorithms = "algorithms", Roles = "roles", Jwks = "jwks", Secret = "secret", TokenEndpoint = "token_endpoint", Provider = "provider",
        Refresh = "refresh", ClientId = "client_id", ClientSecret = "client_secret", Scopes = "scopes", Header = "header",
        Keys = "keys", Users = "users",
        Terminates = "terminates", Managed = "managed", Shared = "shared", Ingress = "ingress", Lifecycle = "lifecycle",
        Archive = "archive", Ordering = "ordering", Delivery = "delivery", Throughput = "throughput", Payload = "payload",
        Realtime = "realtime", Poll = "poll", PerRequest = "per_request", Scope = "scope", Supports = "supports",
        IdleTimeout = "idle_timeout", Saga = "saga",
        Optional = "optional", Background = "background", Sequential = "sequential",
        Outbox = "outbox", Confirms = "confirms", Ack = "ack", AckTimeout = "ack_timeout", Prefetch = "prefetch",
        OnError = "on_error", Watched = "watched", Conflate = "conflate", Capacity = "capacity", Slo = "slo",
        Health = "health", Trace = "trace", Audit = "audit",
        Purpose = "purpose", PassThrough = "pass_through", Authorizes = "authorizes", MaxConnectionAge = "max_connection_age",
        Lifetime = "lifetime", MaxAge = "max_age", Flow = "flow", Rotate = "rotate", Tokens = "tokens", Login = "login",
        Pattern = "pattern",
        Grant = "grant", DynamicUrl = "dynamic_url", BlockPrivate = "block_private",
    }
}

impl Pattern {
    /// As the article calls it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::RestGatewayGrpcMesh => "RESTful gateway + gRPC mesh",
            Self::RestKafka => "REST + Kafka for event-driven flows",
            Self::WsPubsub => "WebSockets + Redis Pub/Sub for real-time systems",
            Self::AsyncQueues => "async microservices via queues + resilient patterns",
            Self::GatewayGraphqlBff => "API gateway + GraphQL BFF",
            Self::HybridStreamingRealtime => "hybrid event-driven and real-time architecture",
        }
    }

    /// The section that describes it.
    #[must_use]
    pub const fn section(self) -> &'static str {
        match self {
            Self::RestGatewayGrpcMesh => "7.1",
            Self::RestKafka => "7.2",
            Self::WsPubsub => "7.3",
            Self::AsyncQueues => "7.4",
            Self::GatewayGraphqlBff => "7.5",
            Self::HybridStreamingRealtime => "7.6",
        }
    }
}

/// An effective value and where it comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct Effective {
    /// The value.
    pub value: Value,
    /// Where it comes from.
    pub origin: Origin,
}

/// Where an effective value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Written on the element itself (or, for an operation, on itself).
    Declared(Span),
    /// Written on what is around it: the api of an operation, the edge of a call, the channel of a consumer.
    Inherited(Span),
    /// Taken from a policy: the line in it.
    Policy(super::PolicyId, Span),
    /// Taken from `defaults` of a zone or of the system: the line in it.
    Defaults(Span),
    /// Our own safe value.
    BuiltIn,
}

impl Origin {
    /// The line that set it.
    #[must_use]
    pub const fn span(&self) -> Option<Span> {
        match self {
            Self::Declared(span)
            | Self::Inherited(span)
            | Self::Policy(_, span)
            | Self::Defaults(span) => Some(*span),
            Self::BuiltIn => None,
        }
    }
}

/// A checked value. `Off` is the word `none`. What is large is boxed: lists of values are most of what a model holds.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Value {
    Off,
    Boolean(bool),
    Integer(u64),
    Duration(Duration),
    /// Bytes.
    Size(u64),
    Rate(Rate),
    Text(String),
    /// A list of words or texts: algorithms, scopes, origins, addresses, names of fields or operations.
    Texts(Vec<String>),
    Secret(Secret),
    Retry(Box<Retry>),
    Breaker(Box<Breaker>),
    RateLimit(Box<RateLimit>),
    Fallback(Duration),
    Idempotent(Box<Idempotent>),
    Signature(Box<Signature>),
    Tls(Tls),
    Identity(Identity),
    Data(DataClass),
    Criticality(Criticality),
    Auths(Vec<AuthId>),
    Roles(Vec<RoleId>),
    Zones(Vec<ZoneId>),
    Node(NodeId),
    Channel(ChannelId),
    /// `when`, names checked against claims and parameters.
    Condition(Box<Expression>),
}

/// So many in so long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many.
    pub count: u64,
    /// In how long.
    pub per: Duration,
}

/// `exponential(...)` or `fixed(...)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Retry {
    /// The first try included; `None`: not bounded by a count.
    pub attempts: Option<u64>,
    /// Whether the wait doubles.
    pub exponential: bool,
    /// The first wait (or, fixed, each).
    pub base: Duration,
    /// The longest wait.
    pub max: Option<Duration>,
    /// Randomness.
    pub jitter: Jitter,
    /// Retries as a share of calls, 0.2 for 20%.
    pub budget: Option<f64>,
}

/// `errors(50%, window = 10s, min_calls = 20, cooldown = 5s, probes = 3)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Breaker {
    /// Share of failed calls at which it opens, 0.5 for 50%.
    pub error_rate: f64,
    /// Over how long calls are counted.
    pub window: Duration,
    /// Below this many calls in the window it stays closed.
    pub min_calls: u64,
    /// How long it stays open.
    pub cooldown: Option<Duration>,
    /// How many test calls must succeed to close it.
    pub probes: u64,
}

/// `limit(50/s, burst = 100, per = user)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// The steady rate.
    pub rate: Rate,
    /// How many at once; the rate's count when unwritten.
    pub burst: u64,
    /// What it counts by.
    pub per: LimitKey,
}

/// `idempotent = ...`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Idempotent {
    /// `true`: by nature.
    Natural,
    /// `key`: by the caller's key, remembered for so long.
    Key(Duration),
    /// `by(field, window = 24h)`: by content.
    By {
        /// The field.
        field: String,
        /// Remembered for so long.
        window: Duration,
    },
}

/// A secret's place. The value itself never enters the model.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Secret {
    /// `env("NAME")`
    Env(String),
    /// `file("NAME")`
    File(String),
    /// Written out: SEC001's finding. Only its place is kept.
    Literal(Span),
}

/// `stripe(secret = env("..."))`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// `standard`, `stripe`, `github` or `hmac`.
    pub form: String,
    /// Where the secret is.
    pub secret: Secret,
    /// The header, where the form lets it be chosen.
    pub header: Option<String>,
}

/// Effective values by attribute, sorted. Absent: unset, and no built-in value applies (or, on existing nodes, unknown).
///
/// Cheap to clone: thousands of edges under the same policies and defaults share one list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attributes(Option<Arc<List>>);

#[derive(Clone, Debug, Default, PartialEq)]
struct List {
    /// One bit for each attribute that is set: most that are asked for are not.
    set: u128,
    /// Sorted by attribute, one for each bit.
    values: Vec<(Attr, Effective)>,
}

const _: () = assert!(Attr::ALL.len() <= u128::BITS as usize);

impl List {
    const fn has(&self, attr: Attr) -> bool {
        self.set & (1 << attr as u32) != 0
    }

    /// Where the value of an attribute stands, or would stand.
    const fn place(&self, attr: Attr) -> usize {
        (self.set & ((1 << attr as u32) - 1)).count_ones() as usize
    }
}

/// Declares typed readers: the value where it is set and of that form.
macro_rules! readers {
    ($($(#[$doc:meta])* $name:ident: $attr:ident, $variant:ident => & $ty:ty),* $(,)?) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $name(&self) -> Option<&$ty> {
            match self.value(Attr::$attr)? { Value::$variant(value) => Some(value), _ => None }
        }
    )*};
    ($($(#[$doc:meta])* $name:ident: $attr:ident, $variant:ident => $ty:ty),* $(,)?) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $name(&self) -> Option<$ty> {
            match self.value(Attr::$attr)? { Value::$variant(value) => Some(value.to_owned()), _ => None }
        }
    )*};
}

impl Attributes {
    /// Sets or replaces a value.
    pub fn set(&mut self, attr: Attr, effective: Effective) {
        let list = self.own();
        let at = list.place(attr);
        if list.has(attr) {
            list.values[at].1 = effective;
        } else {
            list.set |= 1 << attr as u32;
            list.values.insert(at, (attr, effective));
        }
    }

    /// Makes room for so many values, of which a drawing holds thousands of lists: no more than they take, and a shared list
    /// is copied into it at once.
    pub fn reserve(&mut self, more: usize) {
        match self.0.as_mut().and_then(Arc::get_mut) {
            Some(own) => own.values.reserve_exact(more),
            None => {
                let mut values = Vec::with_capacity(self.all().len() + more);
                values.extend_from_slice(self.all());
                let set = self.0.as_ref().map_or(0, |it| it.set);
                self.0 = Some(Arc::new(List { set, values }));
            }
        }
    }

    /// Takes a value out.
    pub fn remove(&mut self, attr: Attr) {
        if self.get(attr).is_some() {
            let list = self.own();
            list.values.remove(list.place(attr));
            list.set &= !(1 << attr as u32);
        }
    }

    /// The same values as something inside sees them: what was written here is inherited there.
    #[must_use]
    pub fn inherited(&self) -> Self {
        let declared = |(_, it): &(Attr, Effective)| matches!(it.origin, Origin::Declared(_));
        let mut all = self.clone();
        if self.all().iter().any(declared) {
            for (_, effective) in &mut all.own().values {
                if let Origin::Declared(span) = effective.origin {
                    effective.origin = Origin::Inherited(span);
                }
            }
        }
        all
    }

    /// What tells their list from others: the same where a list is shared, so that what holds of one holds of the other.
    /// Equal lists need not be one.
    #[must_use]
    pub fn list(&self) -> usize {
        self.all().as_ptr().addr()
    }

    fn all(&self) -> &[(Attr, Effective)] {
        self.0.as_ref().map_or(&[], |it| &it.values)
    }

    fn own(&mut self) -> &mut List {
        Arc::make_mut(self.0.get_or_insert_default())
    }

    /// The effective value with its origin.
    #[must_use]
    pub fn get(&self, attr: Attr) -> Option<&Effective> {
        let list = self.0.as_ref().filter(|it| it.has(attr))?;
        Some(&list.values[list.place(attr)].1)
    }

    /// The effective value.
    #[must_use]
    pub fn value(&self, attr: Attr) -> Option<&Value> {
        self.get(attr).map(|it| &it.value)
    }

    /// The line that set it.
    #[must_use]
    pub fn span(&self, attr: Attr) -> Option<Span> {
        self.get(attr).and_then(|it| it.origin.span())
    }

    /// All, sorted by attribute.
    pub fn iter(&self) -> impl Iterator<Item = (Attr, &Effective)> {
        self.all()
            .iter()
            .map(|(attr, effective)| (*attr, effective))
    }

    /// Whether a boolean attribute is set to true.
    #[must_use]
    pub fn is(&self, attr: Attr) -> bool {
        matches!(self.value(attr), Some(Value::Boolean(true)))
    }

    /// The text of an attribute that takes one, or its word where it takes one of a few (`purpose`,
    /// `flow`, `grant`).
    #[must_use]
    pub fn text(&self, attr: Attr) -> Option<&str> {
        match self.value(attr)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The texts of an attribute that takes a list of them (`algorithms`, `scopes`, `cors`); nothing where it is unset.
    #[must_use]
    pub fn texts(&self, attr: Attr) -> &[String] {
        match self.value(attr) {
            Some(Value::Texts(texts)) => texts,
            _ => &[],
        }
    }

    /// A duration, whatever it is of.
    #[must_use]
    pub fn duration(&self, attr: Attr) -> Option<Duration> {
        match self.value(attr)? {
            Value::Duration(duration) => Some(*duration),
            _ => None,
        }
    }

    /// The number that an attribute is set to.
    #[must_use]
    pub fn count(&self, attr: Attr) -> Option<u64> {
        match self.value(attr)? {
            Value::Integer(count) => Some(*count),
            _ => None,
        }
    }

    readers! {
        /// How long one attempt may take (caller), or the server's own budget (callee).
        timeout: Timeout, Duration => Duration,
        /// How long all attempts together may take.
        deadline: Deadline, Duration => Duration,
        /// How old an answer may be that stands in for a failed call; `None` when unset or off.
        fallback: Fallback, Fallback => Duration,
        /// Calls at once.
        bulkhead: Bulkhead, Integer => u64,
        /// Calls started per time.
        throttle: Throttle, Rate => Rate,
        /// Largest request in bytes.
        max_body: MaxBody, Size => u64,
        /// Transport security.
        tls: Tls, Tls => Tls,
        /// Whose identity travels.
        identity: Identity, Identity => Identity,
        /// Data class.
        data: Data, Data => DataClass,
        /// Schemes that are accepted (callee) or used (caller).
        auths: Auth, Auths => Vec<AuthId>,
        /// Roles that may.
        allow: Allow, Roles => Vec<RoleId>,
        /// How many instances.
        replicas: Replicas, Integer => u64,
        /// Where dead letters go.
        dlq: Dlq, Channel => ChannelId,
        /// Where shared state lives.
        state: State, Node => NodeId,
        /// How much depends on it.
        criticality: Criticality, Criticality => Criticality,
    }

    readers! {
        /// Retry; `None` when unset or off.
        retry: Retry, Retry => &Retry,
        /// Circuit breaker; `None` when unset or off.
        breaker: Breaker, Breaker => &Breaker,
        /// Requests taken per time.
        rate_limit: RateLimit, RateLimit => &RateLimit,
        /// Whether and how it is safe to repeat.
        idempotent: Idempotent, Idempotent => &Idempotent,
    }
}
