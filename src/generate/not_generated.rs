//! What the generator cannot do yet, all of it in one table. A drawing with any of it lints like every other;
//! `generate` refuses it and says where it is.

mod sessions;

use std::collections::BTreeSet;

use crate::diagnostic::Diagnostic;
use crate::model::attributes::{Attr, Attributes, Idempotent, Identity, Origin, Value};
use crate::model::types::TypeRef;
use crate::model::{
    Api, ApiId, AuthId, AuthScheme, BrokerEngine, EdgeId, End, Input, Link, Model, NodeId,
    NodeKind, Operation, OperationId,
};
use crate::protocol::Protocol;
use crate::source::Span;

use super::callers;
use super::services::names::is_generated;
use super::services::secrets::is_symmetric;
use super::state;

/// Something that a drawing can say and the generator cannot make.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Feature {
    /// A protocol.
    Protocol(Protocol),
    /// Channels of a broker's engine.
    Broker(BrokerEngine),
    /// An authentication scheme.
    Auth(AuthScheme),
    /// An attribute, whatever its value.
    Attribute(Attr),
    /// Anything else, in words.
    Other(&'static str),
}

const SENT_STREAM_FIELD: Feature =
    Feature::Other("repetitions known by a field, of an operation that takes a stream");
const ANSWERED_STREAM_KEY: Feature =
    Feature::Other("repetitions known by key or field, of an operation that answers a stream");
const EXCHANGE: Feature =
    Feature::Other("identity = exchange without a client of the identity provider");
const NO_PROVIDER: Feature =
    Feature::Other("oauth2 or a session without a jwt scheme as its provider");
const UNSIGNED: Feature = Feature::Other("tokens that nobody signed");
const MIXED: Feature = Feature::Other("a shared secret beside published keys");
const NO_BROWSER: Feature = Feature::Other(
    "an operation that takes sessions alone, for callers that are no browsers over rest",
);
const TWO_SESSIONS: Feature = Feature::Other("two session schemes at one service");
const TAKEN_PATH: Feature =
    Feature::Other("an operation below /auth, where the paths of a session are");
const WELL_KNOWN: Feature = Feature::Other("a message that stands inside a well-known one");
const STATE_ENGINE: Feature = Feature::Other("state in a store other than redis and valkey");
const SCHEDULE: Feature = Feature::Other("schedule");
const ORIGIN: Feature = Feature::Other("an origin that is not written as browsers write theirs");

/// The table. What is taken out of it is generated; a test holds it against the lists of the language.
pub const NOT_GENERATED: &[Feature] = &[
    Feature::Protocol(Protocol::Graphql),
    Feature::Protocol(Protocol::Websocket),
    Feature::Protocol(Protocol::Sse),
    Feature::Protocol(Protocol::Webhook),
    Feature::Broker(BrokerEngine::Rabbitmq),
    Feature::Broker(BrokerEngine::Sqs),
    Feature::Broker(BrokerEngine::Activemq),
    Feature::Broker(BrokerEngine::Kafka),
    Feature::Broker(BrokerEngine::Pulsar),
    Feature::Broker(BrokerEngine::Redis),
    Feature::Attribute(Attr::MaxConnections),
    Feature::Attribute(Attr::MaxDepth),
    Feature::Attribute(Attr::MaxComplexity),
    Feature::Attribute(Attr::Heartbeat),
    Feature::Attribute(Attr::Replay),
    Feature::Attribute(Attr::Outbox),
    Feature::Attribute(Attr::Ack),
    Feature::Attribute(Attr::OnError),
    Feature::Attribute(Attr::Prefetch),
    Feature::Attribute(Attr::Conflate),
    SENT_STREAM_FIELD,
    ANSWERED_STREAM_KEY,
    EXCHANGE,
    NO_PROVIDER,
    UNSIGNED,
    MIXED,
    NO_BROWSER,
    TWO_SESSIONS,
    TAKEN_PATH,
    WELL_KNOWN,
    STATE_ENGINE,
    SCHEDULE,
    ORIGIN,
];

impl Feature {
    fn name(self) -> &'static str {
        match self {
            Self::Protocol(protocol) => protocol.name(),
            Self::Broker(engine) => engine.name(),
            Self::Auth(scheme) => scheme.name(),
            Self::Attribute(attr) => attr.name(),
            Self::Other(words) => words,
        }
    }

    /// How the drawing can say the same in a way that is generated, where it can.
    fn instead(self) -> Option<&'static str> {
        Some(match self {
            SENT_STREAM_FIELD => {
                "write `idempotent = key`: a stream has no field of its own, but its caller can name it"
            }
            ANSWERED_STREAM_KEY => {
                "nobody keeps a stream to answer it again: let callers go on where they stopped, by a parameter that says from where, or write `idempotent = true` where asking twice does no harm"
            }
            WELL_KNOWN => {
                "declare a message of your own in the proto file, with a field of that type"
            }
            STATE_ENGINE => {
                "keep it in a store of its own, which speaks the protocol that the runtime speaks: `store shared : redis`"
            }
            EXCHANGE => {
                "the callee accepts a jwt scheme, and the service is known to its issuer: `auth m2m : oauth2 { provider = staff, client_id = env(\"M2M_CLIENT_ID\"), client_secret = env(\"M2M_CLIENT_SECRET\") }`"
            }
            NO_PROVIDER => {
                "say how its tokens are verified: `provider = staff`, where `auth staff : jwt { ... }`"
            }
            NO_BROWSER => {
                "only browsers have cookies of a session: let the api accept what this caller has, too: `auth = [web, staff]`"
            }
            TWO_SESSIONS => {
                "its browsers log in at one place: accept one of them, or give the other users a service of their own"
            }
            TAKEN_PATH => "give the api a path of its own: `at = \"/v1\"`",
            UNSIGNED => "take `none` out of `algorithms`: whoever wants to be somebody would be",
            MIXED => {
                "accept one kind in each scheme, `HS256` and the like with a `secret` or `ES256` and the like without: a key that everybody knows must never be taken for a secret"
            }
            ORIGIN => {
                "write scheme and host in lower case, and a port only where it is not the usual one: `https://www.example.com`"
            }
            _ => return None,
        })
    }
}

/// What of a drawing cannot be generated, in the order of the drawing.
pub fn refusals(model: &Model) -> Vec<Diagnostic> {
    let mut found = Found {
        model,
        places: BTreeSet::new(),
    };
    for (id, node) in model.nodes().filter(|(_, node)| is_generated(node)) {
        found.attributes(&node.attributes, node.span);
        for schedule in &node.schedules {
            found.add(SCHEDULE, schedule.span);
        }
        for api in &node.apis {
            found.served(*api);
        }
        found.sessions(id);
        found.edges_of(id);
    }
    found
        .places
        .into_iter()
        .map(|(span, feature)| {
            let refused = Diagnostic::error(
                "ARC100",
                format!("not generated yet: {}", feature.name()),
                span,
            )
            .here("this cannot be generated yet");
            match feature.instead() {
                Some(help) => refused.help(help),
                None => refused,
            }
        })
        .collect()
}

struct Found<'m> {
    model: &'m Model,
    places: BTreeSet<(Span, Feature)>,
}

impl Found<'_> {
    /// Notes a feature if it stands in the table.
    fn add(&mut self, feature: Feature, at: Span) {
        if NOT_GENERATED.contains(&feature) {
            self.places.insert((at, feature));
        }
    }

    /// An api that we serve.
    fn served(&mut self, id: ApiId) {
        let model = self.model;
        let api = &model[id];
        self.contract(api);
        self.attributes(&api.attributes, api.span);
        for operation in &api.operations {
            let it = &model[*operation];
            self.attributes(&it.attributes, it.span);
        }
    }

    /// What an api is made of, whoever serves it.
    fn contract(&mut self, api: &Api) {
        for operation in &api.operations {
            self.operation(*operation);
        }
    }

    fn operation(&mut self, id: OperationId) {
        let it = &self.model[id];
        self.taken(it);
        let idempotent = it.attributes.idempotent();
        if let Some(Idempotent::Key(_) | Idempotent::By { .. }) = &idempotent {
            if it.answers_stream() {
                self.add(ANSWERED_STREAM_KEY, it.span);
            } else if let (true, Some(Idempotent::By { .. })) = (it.takes_stream(), idempotent) {
                self.add(SENT_STREAM_FIELD, it.span);
            }
        }
    }

    /// An operation that is a method of a proto file.
    fn taken(&mut self, it: &Operation) {
        if it.method.is_none() {
            return;
        }
        let input = match &it.input {
            Input::Message(payload) => Some(&payload.ty),
            Input::None | Input::Parameters(_) => None,
        };
        for ty in input.into_iter().chain(it.output.as_ref().map(|it| &it.ty)) {
            let TypeRef::Message(id) = ty else { continue };
            let message = &self.model[*id];
            if message.is_well_known() && message.path.len() > 1 {
                self.add(WELL_KNOWN, it.span);
            }
        }
    }

    /// Edges that start at, or come to, a service of ours.
    fn edges_of(&mut self, id: NodeId) {
        let model = self.model;
        for (edge_id, edge) in model.edges() {
            let ours = edge.from == End::Node(id);
            if !ours && edge.to != End::Node(id) {
                continue;
            }
            match edge.link {
                Link::Call { protocol, api } => {
                    self.add(
                        Feature::Protocol(protocol),
                        edge.protocol_span.unwrap_or(edge.span),
                    );
                    if ours {
                        self.calls(edge_id);
                        if let Some(api) = api {
                            self.contract(&model[api]);
                        }
                    }
                }
                Link::Publish | Link::Consume => {
                    self.attributes(&edge.attributes, edge.span);
                    let broker = [edge.from, edge.to].map(|end| model[model.node_of(end)].kind);
                    for kind in broker {
                        if let NodeKind::Broker(engine) = kind {
                            self.add(Feature::Broker(engine), edge.span);
                        }
                    }
                }
                Link::Store => {}
            }
        }
    }

    fn calls(&mut self, id: EdgeId) {
        let edge = &self.model[id];
        self.attributes(&edge.attributes, edge.span);
        let exchanges = edge.attributes.identity() == Some(Identity::Exchange);
        match callers::exchange(self.model, edge) {
            Some(exchange) => self.scheme(exchange.client, edge.span),
            None if exchanges => self.add(EXCHANGE, edge.span),
            None => {}
        }
        for operation in &edge.operations {
            if let Some(own) = &operation.overrides {
                self.attributes(own, edge.span);
            }
        }
    }

    /// Attributes that somebody wrote; what is built in asks for nothing.
    fn attributes(&mut self, attributes: &Attributes, around: Span) {
        for (attr, effective) in attributes.iter() {
            let at = match &effective.origin {
                Origin::BuiltIn => continue,
                origin => origin.span().unwrap_or(around),
            };
            match &effective.value {
                Value::Off => continue,
                Value::Texts(origins)
                    if attr == Attr::Cors && !origins.iter().all(|it| is_origin(it)) =>
                {
                    self.add(ORIGIN, at);
                }
                Value::Auths(schemes) => {
                    for scheme in schemes {
                        self.scheme(*scheme, at);
                    }
                }
                Value::Node(store)
                    if attr == Attr::State && !state::is_spoken(self.model[*store].kind) =>
                {
                    self.add(STATE_ENGINE, at);
                }
                _ => {}
            }
            self.add(Feature::Attribute(attr), at);
        }
    }

    fn scheme(&mut self, id: AuthId, at: Span) {
        let auth = &self.model[id];
        self.add(Feature::Auth(auth.scheme), at);
        if matches!(auth.scheme, AuthScheme::Oauth2 | AuthScheme::Session) {
            match callers::provider(self.model, id) {
                Some(provider) => self.scheme(provider, at),
                None => self.add(NO_PROVIDER, auth.span),
            }
        }
        let algorithms = auth.attributes.texts(Attr::Algorithms);
        if algorithms.iter().any(|name| name == "none") {
            self.add(UNSIGNED, auth.span);
        }
        let is_set = |attr| auth.attributes.get(attr).is_some();
        let (shared, published) = (is_set(Attr::Secret), is_set(Attr::Jwks));
        let of_secrets = algorithms.iter().filter(|it| is_symmetric(it)).count();
        let mixed = match of_secrets {
            0 => shared,
            count => count < algorithms.len() || published,
        };
        if mixed {
            self.add(MIXED, auth.span);
        }
    }
}

/// Whether a text is `*` or an origin as browsers send it, in lower case and without the port that goes without saying: an
/// origin is compared as it is, so that no other would ever be let in.
fn is_origin(text: &str) -> bool {
    let (scheme, place) = text.split_once("://").unwrap_or_default();
    let (host, port) = match place.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (place, None),
    };
    let usual = match scheme {
        "https" => "443",
        "http" => "80",
        _ => return text == "*",
    };
    let name =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.[:]".contains(&byte);
    !host.is_empty()
        && host.bytes().all(name)
        && port.is_none_or(|port| port != usual && port.parse::<u16>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All of `all` is either in the table or among what is generated, and nothing is in both.
    fn closed<T: Copy + PartialEq + std::fmt::Debug>(
        all: &[T],
        generated: &[T],
        feature: fn(T) -> Feature,
    ) {
        for one in all {
            let refused = NOT_GENERATED.contains(&feature(*one));
            assert_ne!(refused, generated.contains(one), "{one:?}");
        }
    }

    #[test]
    fn each_protocol_is_generated_or_refused() {
        closed(
            Protocol::ALL,
            &[Protocol::Rest, Protocol::Grpc],
            Feature::Protocol,
        );
    }

    #[test]
    fn each_engine_is_generated_or_refused() {
        closed(BrokerEngine::ALL, &[], Feature::Broker);
    }

    #[test]
    fn each_scheme_is_generated_or_refused() {
        closed(
            AuthScheme::ALL,
            &[
                AuthScheme::Jwt,
                AuthScheme::Mtls,
                AuthScheme::ApiKey,
                AuthScheme::Basic,
                AuthScheme::Oauth2,
                AuthScheme::Session,
            ],
            Feature::Auth,
        );
    }

    /// Attributes that are generated, those that only facts, rules and documents read, and those that stand on what is
    /// refused as a whole.
    #[test]
    fn each_attribute_is_generated_or_refused() {
        use Attr::*;
        let generated = [
            Timeout,
            Deadline,
            Retry,
            Breaker,
            Bulkhead,
            Throttle,
            Identity,
            Auth,
            Only,
            Allow,
            When,
            Public,
            RateLimit,
            MaxBody,
            Idempotent,
            Http,
            At,
            Calls,
            Tls,
            Issuer,
            Audience,
            Algorithms,
            Roles,
            Jwks,
            Secret,
            TokenEndpoint,
            Url,
            Cors,
            Cache,
            Fallback,
            State,
            Header,
            Keys,
            Users,
            Provider,
            Refresh,
            ClientId,
            ClientSecret,
            Scopes,
        ];
        let facts = [
            Title,
            Owner,
            Profile,
            Language,
            Existing,
            Replicas,
            Criticality,
            Data,
            Latency,
            Pattern,
            Terminates,
            Managed,
            Shared,
            Ingress,
            Lifecycle,
            Archive,
            Ordering,
            Delivery,
            Throughput,
            Payload,
            Realtime,
            Poll,
            PerRequest,
            Scope,
            Supports,
            IdleTimeout,
            Saga,
            Optional,
            Background,
            Sequential,
            Confirms,
            AckTimeout,
            Watched,
            Capacity,
            Slo,
            Health,
            Trace,
            Audit,
            Purpose,
            PassThrough,
            Authorizes,
            MaxConnectionAge,
            Lifetime,
            MaxAge,
            Flow,
            Rotate,
            Tokens,
            Login,
            Grant,
            DynamicUrl,
            BlockPrivate,
        ];
        let of_refused = [
            Key,
            Partitions,
            Retention,
            Attempts,
            Dlq,
            Ttl,
            Group,
            Concurrency,
            Start,
            Signature,
            Tolerance,
            IpAllow,
            Every,
        ];
        let known: Vec<Attr> = generated
            .into_iter()
            .chain(facts)
            .chain(of_refused)
            .collect();
        closed(Attr::ALL, &known, Feature::Attribute);
    }

    #[test]
    fn origins_are_those_that_browsers_send() {
        for origin in [
            "*",
            "https://www.shop.example",
            "http://localhost:5173",
            "https://[::1]:8443",
        ] {
            assert!(is_origin(origin), "{origin}");
        }
        for other in [
            "",
            "null",
            "www.shop.example",
            "https://",
            "https://*.shop.example",
            "https://www.shop.example/",
            "https://www.shop.example:443",
            "https://WWW.shop.example",
            "https://www.shop.example:port",
            "ftp://shop.example",
        ] {
            assert!(!is_origin(other), "{other}");
        }
    }

    #[test]
    fn the_table_names_each_feature_once() {
        let all: BTreeSet<_> = NOT_GENERATED.iter().collect();
        assert_eq!(all.len(), NOT_GENERATED.len());
    }
}
