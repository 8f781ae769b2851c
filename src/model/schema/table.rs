//! The rows, in the order of the language reference: facts, structure, caller, callee, link, channel, webhook, auth.

use std::time::Duration;

use super::Place::{
    Api, ApiKey, Basic, Broker, Call, Channel, Client, Consume, Defaults, External, Jwt, Oauth2,
    Operation, Override, Policy, Publish, Queue, Schedule, Service, Session, Store, StoreLink,
    System, Topic, Type, Webhook, Zone,
};
use super::{Place, Proof, Row, Shape, Side, forms};
use crate::model::attributes::{Attr, Value};
use crate::protocol::Protocol;

/// The largest allowed count that still fits everything we generate.
const MANY: u64 = 1_000_000_000;
const COUNT: Shape = Shape::Integer(1, MANY);
const TEXTS: Shape = Shape::List(&Shape::Text);

/// Where a caller's attribute stands that means something for every kind of request.
const CALLER: &[Place] = &[
    Call, Webhook, StoreLink, Publish, Override, Policy, Defaults,
];
/// Where a caller's attribute stands that means something for calls of apis only.
const CALLING: &[Place] = &[Call, Override, Policy, Defaults];
/// Where a callee's attribute stands.
const CALLEE: &[Place] = &[Operation, Api, Defaults];
/// Where a channel's attribute stands that a consumer may set for itself.
const CONSUMED: &[Place] = &[Queue, Topic, Consume];
/// Protocols that hold a connection open.
const LIVE: &[Protocol] = &[Protocol::Websocket, Protocol::Sse];
/// Where a fact stands that all consumers of a channel share, or that is one consumer's.
const DELIVERED: &[Place] = &[Queue, Topic, Channel, Consume];

/// `ATTR SIDE places, shape, proof [, default value] [, only protocols] => "meaning";`
macro_rules! table {
    ($($attr:ident $side:ident $places:expr, $shape:expr, $proof:ident $(, default $default:expr)? $(, only $only:expr)?
        => $meaning:literal;)*) => {
        &[$(Row {
            attr: Attr::$attr,
            places: $places,
            side: Side::$side,
            shape: $shape,
            default: table!(@default $($default)?),
            protocols: table!(@only $($only)?),
            meaning: $meaning,
            proof: Proof::$proof,
        }),*]
    };
    (@default) => { None };
    (@default $value:expr) => { Some($value) };
    (@only) => { &[] };
    (@only $protocols:expr) => { $protocols };
}

/// Every attribute with every meaning it has.
pub static TABLE: &[Row] = table! {
    Title Fact &[System], Shape::Text, None
        => "What people call the system; its name when unwritten.";
    Owner Fact &[System, Zone, Service, Store, Broker, External], Shape::Text, None
        => "The team that answers for it; what stands inside inherits it.";
    Profile Fact &[System], Shape::Word(&["baseline", "strict", "advisory"]), None
        => "Which set of lint rules and levels holds.";
    Language Fact &[System], Shape::Integer(1, 1), None
        => "The version of the language that the drawing is written in.";
    Pattern Fact &[System, Zone], Shape::List(&Shape::Word(&[
            "rest_gateway_grpc_mesh", "rest_kafka", "ws_pubsub", "async_queues", "gateway_graphql_bff",
            "hybrid_streaming_realtime",
        ])), None
        => "The architecture patterns that it is built after, so that what they need is asked for.";
    Existing Fact &[System, Zone, Service], Shape::Boolean, None
        => "It runs already and is not generated, so that what is unwritten about it is unknown.";
    Replicas Fact &[Service, Store, Broker], Shape::Integer(1, 100_000), Configuration
        => "How many instances run.";
    Criticality Fact &[Service, Store, Broker, External], Shape::Word(&["low", "medium", "high"]), None
        => "How much depends on it.";
    Data Fact &[Zone, Store, Queue, Topic, Channel, Type],
        Shape::Word(&["public", "internal", "confidential", "restricted"]), None
        => "How secret the data in it is; what stands inside inherits it.";
    Data Fact &[External], Shape::Word(&["public", "internal", "confidential", "restricted"]), None
        => "How secret the data is that it may be given at most, by agreement with whoever runs it.";
    Latency Fact &[Service, Store, Broker, External, Operation], Shape::Duration, None
        => "How long an answer takes in the slowest hundredth of cases, what it waits for at others left out.";
    State Fact &[Service], Shape::Store, Behaviour
        => "The store, redis or valkey, that instances share for limits, idempotency, replay guards and event buffers; while it does not answer, limits let all in and keyed requests are refused.";
    Url Fact &[External], Shape::Text, Configuration
        => "Where somebody else's system answers.";

    Managed Fact &[Service, Store, Broker], Shape::Boolean, None
        => "A provider runs it, and answers for its copies, its health and its upgrades.";
    Shared Fact &[Store, Broker], Shape::Text, None
        => "Why several owners use it together.";
    Ingress Fact &[Zone], Shape::List(&Shape::Zone), None
        => "The zones that requests may come from, besides the zone itself and those around and in it.";
    Lifecycle Fact &[Client, External, Service, Store, Broker, Queue, Topic, Channel, Api, Operation],
        Shape::Word(&["planned", "deprecated"]), None
        => "Whether it is still to come, or is being given up, so that it is right that nobody uses it.";
    Archive Fact &[Queue, Topic], Shape::Boolean, None
        => "Messages are kept for the record, so that nobody has to consume them.";
    Terminates Fact &[Call, Webhook, Publish, Consume], Shape::Text, None
        => "Why what goes round over this edge comes to an end.";
    Saga Fact &[Operation, Consume, Schedule], Shape::Text, None
        => "How the steps that were done are undone when a later one fails.";

    Ordering Fact DELIVERED, Shape::Word(&["key", "global"]), None
        => "The order that a consumer relies on: of messages with the same key, or of all.";
    Delivery Fact &[Queue, Topic, Channel, Consume, Call, Webhook],
        Shape::Word(&["at_most_once", "at_least_once", "exactly_once"]), None
        => "What the receiver relies on: messages may be lost, none is lost but some may come twice, or neither.";
    Replay Fact &[Consume], Shape::Duration, None
        => "How far back the consumer must be able to read again.";
    Throughput Fact &[Queue, Topic, Channel, Publish, Call], Shape::Rate, None
        => "How many messages or requests travel at busy times.";
    Payload Fact &[Queue, Topic, Channel, Call], Shape::Word(&["text", "binary"]), None
        => "Whether people could read what travels; by the types, where they are known.";
    Realtime Fact &[Call], Shape::Boolean, None
        => "The caller has to see a change when it happens.";
    Poll Fact &[Call], Shape::Duration, None
        => "How long the caller waits before it asks again whether something changed.";
    PerRequest Fact &[Call, StoreLink, Override],
        Shape::Either(&[Shape::Integer(1, MANY), Shape::Word(&["each"])]), None
        => "How often one request makes this call: a number of times, or once for each item of a list.";
    Scope Fact &[Api, Operation, Call], Shape::Word(&["connection", "all"]), None
        => "Whom a stream tells of an event: the connection that caused it alone, or all that listen.";
    Supports Fact &[Service],
        Shape::List(&Shape::Word(&["rest", "grpc", "grpc_web", "graphql", "websocket", "sse", "webhook"])), None
        => "The protocols that an existing service or proxy lets through.";
    IdleTimeout Fact &[Service], Shape::Duration, None
        => "After how long a quiet connection is cut.";

    Optional Fact &[Call, Webhook, StoreLink, Publish, Override], Shape::Boolean, None
        => "Whether requests are answered without it, with less in them, while it fails.";
    Background Fact &[Call, StoreLink, Override], Shape::Boolean, None
        => "Whether no request waits for it, as with telemetry.";
    Sequential Fact &[Service, Operation, Consume, Schedule], Shape::Boolean, None
        => "Whether the handler makes its calls one after another; unwritten means that it is not known.";
    Capacity Fact &[Service, Store, Broker, External], Shape::Rate, None
        => "How many requests it can take over time, all instances together.";
    Slo Fact &[Api, Operation], Shape::Duration, None
        => "How long an answer may take in the slowest hundredth of cases, as promised to callers.";
    Outbox Fact &[Publish, Webhook], Shape::Boolean, None
        => "Whether what is sent is first written in the same transaction as the change that it tells of.";
    Confirms Fact &[Publish], Shape::Boolean, None
        => "Whether the publisher waits until the broker has the message; for what is generated it always does.";
    Ack Fact CONSUMED, Shape::Word(&["received", "handled"]), None
        => "When a message counts as done: once it is received, so that a crash loses it, or once it is handled.";
    AckTimeout Fact CONSUMED, Shape::Duration, None
        => "How long a consumer may keep a message before the broker delivers it again.";
    Prefetch Fact CONSUMED, Shape::Either(&[COUNT, Shape::Word(&["unlimited"])]), None
        => "How many messages one instance is given before it has acknowledged the first.";
    OnError Fact CONSUMED, Shape::Word(&["skip", "stop"]), None
        => "What the consumer does with a message that keeps failing, where it has no dead letters: leave it out, or wait for somebody.";
    Watched Fact &[Broker, Queue, Topic], Shape::Boolean, None
        => "Whether somebody is told when messages stay in it; what stands in a broker inherits it.";
    Conflate Fact &[Api, Operation], Shape::Duration, None
        => "How often a client is sent something at most; what comes between is merged.";
    Health Fact &[Service], Shape::Word(&["none", "own", "deep"]), None
        => "Whether it can be asked if it is well, and whether its answer depends on those that it calls; what is generated answers for itself.";
    Trace Fact &[System, Zone, Service], Shape::Word(&["none", "w3c", "b3"]), None
        => "The form in which it passes on the trace that it was called with; what stands inside inherits it, and what is generated speaks w3c.";
    Audit Fact &[Store], Shape::Boolean, None
        => "Whether the audit log is told of operations that may read it, as it always is of those that change something.";

    PassThrough Fact &[Service], Shape::Boolean, None
        => "It passes requests on and checks nothing itself, so that they enter the system at the next hop.";
    Purpose Fact &[Operation], Shape::Word(&["login", "token", "register", "health"]), None
        => "What the operation is for, where that explains why it asks nobody who he is.";
    Authorizes Fact &[Service, Api, Operation], Shape::Word(&["object", "field"]), None
        => "What the handler itself judges beyond `allow` and `when`: whether this caller may see this object, or each field.";
    MaxConnectionAge Fact &[Api], Shape::Duration, None
        => "How long a connection is held open before it is closed, whoever is at its other end.";
    Tokens Fact &[Client], Shape::Word(&["cookie", "memory", "keychain", "local_storage", "session_storage", "url"]), None
        => "Where the client keeps its tokens.";
    Lifetime Fact &[Jwt, Oauth2, Session], Shape::Duration, None
        => "How long a token is good for.";
    MaxAge Fact &[Jwt, Oauth2, Session], Shape::Duration, None
        => "How long one login lasts, however often its tokens are renewed; 12 hours for a session when unwritten.";
    Refresh Fact &[Jwt, Oauth2], Shape::Boolean, None
        => "Whether clients are given refresh tokens, with which they renew the token without the user.";
    Flow Fact &[Jwt, Oauth2, Session], Shape::Word(&[
            "pkce", "code", "implicit", "password", "client_credentials", "device",
        ]), None
        => "How a client obtains the token: `pkce` is the authorization code with PKCE, `code` without.";
    Rotate Fact &[ApiKey, Basic, Oauth2, Session, Webhook, StoreLink, Publish, Consume],
        Shape::Either(&[Shape::Word(&["none"]), Shape::Duration]), None
        => "How often the secret is replaced by a new one; `none`: never.";
    Login Fact &[StoreLink, Publish, Consume], Shape::Secret, None
        => "Where the secret is read from with which the service logs in.";
    Grant Fact &[StoreLink], Shape::Word(&["read", "write", "both", "owner"]), None
        => "What the store lets the service do; `owner`: everything, its structure included.";
    DynamicUrl Fact &[External], Shape::Boolean, None
        => "Its address is data that others enter, such as a subscriber's webhook or a link to follow.";
    BlockPrivate Fact &[Call, Webhook], Shape::Boolean, None
        => "Requests to private addresses are refused, after names are resolved and at each redirect.";

    Calls Structure &[Operation, Consume, Schedule], Shape::List(&Shape::Target), Configuration
        => "What the handler calls, and with that the only clients it is given; unwritten means that it may call all, `[]` that it calls nothing.";
    Only Structure &[Call, Webhook], Shape::List(&Shape::Operation), Configuration
        => "The operations that travel on this edge; unwritten means all that the protocol can carry.";
    At Structure &[Api], Shape::Text, Configuration
        => "What the paths of the api start with over HTTP.";
    Http Structure &[Operation], Shape::Either(&[
            Shape::Call(&forms::GET), Shape::Call(&forms::POST), Shape::Call(&forms::PUT), Shape::Call(&forms::PATCH),
            Shape::Call(&forms::DELETE),
        ]), Configuration
        => "The method and path over HTTP, instead of the derived ones.";
    Every Structure &[Schedule], Shape::Duration, Behaviour
        => "How long it is from one start to the next.";

    Timeout Caller CALLER, Shape::Duration, Behaviour, default Value::Duration(Duration::from_secs(5))
        => "How long one attempt may take; where the answer is a stream, until it begins.";
    Deadline Caller CALLER, Shape::Duration, Behaviour
        => "How long all attempts together may take, waits included; a stream ends with it.";
    Retry Caller CALLER, Shape::Either(&[
            Shape::Word(&["none"]), Shape::Call(&forms::EXPONENTIAL), Shape::Call(&forms::FIXED),
        ]), Behaviour
        => "Whether and how a failed attempt is repeated, where repeating is safe.";
    Breaker Caller CALLER, Shape::Either(&[Shape::Word(&["none"]), Shape::Call(&forms::ERRORS)]), Behaviour
        => "When calls stop for a while because too many fail.";
    Bulkhead Caller CALLER, COUNT, Behaviour
        => "How many calls may be under way at once.";
    Throttle Caller CALLER, Shape::Rate, Behaviour
        => "How many calls are started over time.";
    Fallback Caller CALLING, Shape::Either(&[Shape::Word(&["none"]), Shape::Call(&forms::CACHED)]), Behaviour
        => "What stands in when a query cannot be answered now: the last good answer for the same user and parameters, up to an age.";
    Identity Caller CALLING, Shape::Word(&["none", "forward", "exchange"]), Behaviour
        => "Whether the user's identity travels with the call: not at all, as it came, or exchanged for a narrower token.";
    Auth Caller &[Call], Shape::Auth, Behaviour
        => "Which of the schemes that the api accepts the caller uses.";

    Auth Callee CALLEE, Shape::List(&Shape::Auth), Behaviour
        => "The schemes that are accepted; a request needs one of them.";
    Allow Callee CALLEE, Shape::List(&Shape::Role), Behaviour
        => "The roles of the end user that may.";
    When Callee &[Operation, Api], Shape::Condition, Behaviour
        => "What must hold of the end user's claims and the parameters, judged after `allow` and the marks of the message: what is absent, a claim or an optional parameter, satisfies neither a comparison nor its negation, and public operations do not ask what their api asks.";
    Public Callee &[Operation, Api], Shape::Boolean, Behaviour
        => "Anybody may, on purpose.";
    RateLimit Callee CALLEE, Shape::Either(&[Shape::Rate, Shape::Call(&forms::LIMIT)]), Behaviour
        => "How many requests are let in over time.";
    Timeout Callee CALLEE, Shape::Duration, Behaviour, default Value::Duration(Duration::from_secs(30))
        => "The server's own budget for a request, whatever the caller would wait; where the answer is a stream, until it begins.";
    MaxBody Callee CALLEE, Shape::Size, Behaviour, default Value::Size(1024 * 1024)
        => "The largest request that is read; of a stream, the largest message.";
    MaxConnections Callee &[Api, Defaults], COUNT, Behaviour, default Value::Integer(10_000), only LIVE
        => "How many connections are held open at once.";
    Idempotent Callee &[Operation], Shape::Either(&[
            Shape::Boolean, Shape::Word(&["key"]), Shape::Call(&forms::KEY), Shape::Call(&forms::BY),
        ]), Behaviour
        => "Whether repeating is safe: by nature, by the caller's key, or by content.";
    Cors Callee &[Api, Defaults], TEXTS, Behaviour
        => "The origins whose pages may call from a browser.";
    Cache Callee CALLEE, Shape::Duration, Behaviour
        => "How long whoever got an answer of a query over HTTP may use it again without asking; the server itself keeps none.";
    MaxDepth Callee &[Api, Defaults], Shape::Integer(1, 1000), Behaviour, default Value::Integer(8),
        only &[Protocol::Graphql]
        => "How deep a query may be nested.";
    MaxComplexity Callee &[Api, Defaults], COUNT, Behaviour, default Value::Integer(1000), only &[Protocol::Graphql]
        => "How many fields a query may ask for, lists counted by their limits.";
    Heartbeat Callee CALLEE, Shape::Duration, Behaviour, default Value::Duration(Duration::from_secs(30)), only LIVE
        => "How often a quiet connection shows that it lives.";
    Replay Callee CALLEE, Shape::Duration, Behaviour, only LIVE
        => "How long events are kept for a client that comes back.";

    Tls Link &[Call, Webhook, StoreLink, Publish, Consume, Defaults], Shape::Word(&["off", "server", "mutual"]), Behaviour
        => "Who shows a certificate: nobody, the server, or both; unwritten, both where we generate both ends, else the server.";

    Key Channel &[Topic], Shape::Field, Behaviour
        => "The field whose equal values keep their order.";
    Partitions Channel &[Topic], Shape::Integer(1, 100_000), Configuration
        => "Into how many ordered parts the topic is split.";
    Retention Channel &[Topic], Shape::Duration, Configuration
        => "How long messages are kept.";
    Attempts Channel CONSUMED, Shape::Either(&[Shape::Integer(1, 1000), Shape::Word(&["unlimited"])]), Behaviour,
        default Value::Integer(5)
        => "How often a message is tried, the first time included, before it is dead.";
    Dlq Channel CONSUMED, Shape::Channel, Behaviour
        => "Where dead messages go.";
    Ttl Channel &[Queue, Topic], Shape::Duration, Configuration
        => "How long a message is worth anything.";
    Group Channel &[Consume], Shape::Label, Configuration
        => "The group whose members share the messages; the consumer's name when unwritten.";
    Concurrency Channel CONSUMED, Shape::Integer(1, 10_000), Behaviour, default Value::Integer(1)
        => "How many messages one instance handles at once.";
    Start Channel &[Topic, Consume], Shape::Word(&["earliest", "latest"]), Configuration
        => "Where a new group begins in what is kept; at the earliest when unwritten.";
    Idempotent Channel CONSUMED, Shape::Either(&[Shape::Boolean, Shape::Call(&forms::BY)]), Behaviour
        => "Whether handling a message twice is safe: by nature, or by content.";

    Signature Webhook &[Webhook], Shape::Either(&[
            Shape::Call(&forms::STANDARD), Shape::Call(&forms::STRIPE), Shape::Call(&forms::GITHUB),
            Shape::Call(&forms::HMAC),
        ]), Behaviour
        => "How the sender proves that the request is its own.";
    Tolerance Webhook &[Webhook], Shape::Duration, Behaviour, default Value::Duration(Duration::from_mins(5))
        => "How old a signed request may be.";
    IpAllow Webhook &[Webhook], TEXTS, Behaviour
        => "The addresses, or ranges like 10.0.0.0/8, that requests may come from.";

    Issuer Structure &[Jwt], Shape::Text, Behaviour
        => "Who must have issued a token.";
    Audience Structure &[Jwt], Shape::Text, Behaviour
        => "Whom a token must be meant for.";
    Algorithms Structure &[Jwt], Shape::List(&Shape::Word(&[
            "ES256", "ES384", "EdDSA", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "HS256", "HS384", "HS512",
            "none",
        ])), Behaviour
        => "The signature algorithms that are accepted.";
    Roles Structure &[Jwt], Shape::Path, Behaviour
        => "The claim that holds the user's roles; `roles` when unwritten.";
    Jwks Structure &[Jwt], Shape::Text, Configuration
        => "Where the issuer's keys are; found by the issuer's discovery document when unwritten.";
    TokenEndpoint Structure &[Jwt], Shape::Text, Configuration
        => "Where the issuer grants tokens to its clients; found by the issuer's discovery document when unwritten.";
    Secret Structure &[Jwt], Shape::Secret, Configuration
        => "Where the secret is read from that tokens are signed and checked with, by `HS256`, `HS384` or `HS512`: several with spaces between them while one is replaced; `env(\"STAFF_SECRET\")` after the name of the scheme when unwritten.";
    Provider Structure &[Session, Oauth2], Shape::Auth, Behaviour
        => "The scheme whose tokens are used.";
    Refresh Structure &[Session], Shape::Boolean, Behaviour
        => "Whether a token that ends is renewed without the user.";
    ClientId Structure &[Oauth2, Session], Shape::Either(&[Shape::Text, Shape::Secret]), Configuration
        => "The name under which the provider knows us; `env(\"M2M_CLIENT_ID\")` after the name of the scheme when unwritten.";
    ClientSecret Structure &[Oauth2, Session], Shape::Secret, Configuration
        => "Where we read from what proves to the provider that it is us; `env(\"M2M_CLIENT_SECRET\")` after the name of the scheme when unwritten.";
    Scopes Structure &[Oauth2, Session], TEXTS, Behaviour
        => "What tokens are asked of the provider for, and what they must be for.";
    Header Structure &[ApiKey], Shape::Text, Behaviour
        => "The header that carries the key; `X-Api-Key` when unwritten.";
    Keys Structure &[ApiKey], Shape::Secret, Configuration
        => "Where a service that is called reads the accepted keys from: `name:key` or `name:sha256:hash`, with commas or spaces between them.";
    Key Structure &[ApiKey], Shape::Secret, Configuration
        => "Where a service that calls reads its own key from; `env(\"PARTNER_KEY\")` after the name of the scheme when unwritten.";
    Users Structure &[Basic], Shape::Secret, Configuration
        => "Where a service that is called reads the users and their password hashes from: `name:hash`, with spaces between them.";
    Login Structure &[Basic], Shape::Secret, Configuration
        => "Where a service that calls reads its own `name:password` from; `env(\"LEGACY_LOGIN\")` after the name of the scheme when unwritten.";
};
