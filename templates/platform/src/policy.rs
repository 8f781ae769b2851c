//! Policy as data: what the drawing decided for one service.
//!
//! Nothing here acts. Each generated `policy.rs` builds one [`ServicePolicy`]; the server and the clients read it.
//! An absent value (`None`, an empty list) means that nothing is enforced.

use std::time::Duration;

pub use crate::when::When;

/// Everything that the drawing decided for one service.
#[derive(Clone, Debug, Default)]
pub struct ServicePolicy {
    /// The system's name, which certificates carry as their trust domain.
    pub system: &'static str,
    /// The service's name in the drawing.
    pub service: &'static str,
    /// What it serves, once for each protocol of each api.
    pub apis: Vec<ApiPolicy>,
    /// What it calls.
    pub edges: Vec<EdgePolicy>,
    /// The authentication schemes that `auth` lists name.
    pub schemes: Vec<Scheme>,
    /// Most requests in flight in the whole service; more are answered with `overloaded`.
    pub shed: Option<usize>,
    /// Where its instances count and remember together; each for itself where there is no such place.
    pub state: Option<State>,
}

/// A store that the instances of a service share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// Its name in the drawing.
    pub store: &'static str,
    /// How the connection to it is protected.
    pub tls: Tls,
}

/// How one api is served over one protocol.
#[derive(Clone, Debug)]
pub struct ApiPolicy {
    /// The api's name in the drawing.
    pub api: &'static str,
    /// The protocol that it is served over.
    pub protocol: Protocol,
    /// How its connections are protected: it is served once for each of these.
    pub tls: Vec<Tls>,
    /// The services that have an edge to it: on a mutual connection nobody else is let in.
    pub peers: Vec<&'static str>,
    /// The origins whose pages may call it from a browser (`https://www.shop.example`, or `*` for all); without any, browsers let
    /// no page of another origin.
    pub cors: Vec<&'static str>,
    /// Its operations.
    pub operations: Vec<OperationPolicy>,
}

/// What is enforced before and around one operation.
#[derive(Clone, Debug)]
pub struct OperationPolicy {
    /// The operation's name in the drawing.
    pub operation: &'static str,
    /// What it does to the world.
    pub kind: Kind,
    /// Names of the schemes accepted, one of which must be satisfied; empty lets anybody in.
    pub auth: Vec<&'static str>,
    /// Roles of which the user needs one; empty asks for none.
    pub allow: Vec<&'static str>,
    /// What must hold of the user's claims and of the request.
    pub when: Option<When>,
    /// Whether it is told to the audit log that somebody was allowed it.
    pub audited: bool,
    /// How often it may be called.
    pub rate_limit: Option<RateLimit>,
    /// The server's own budget for one request.
    pub timeout: Option<Duration>,
    /// Most bytes of a request's body.
    pub max_body: Option<usize>,
    /// Why it is safe to repeat, if it is.
    pub idempotent: Option<Idempotent>,
    /// How long whoever got an answer of a query over HTTP may use it again without asking; it must ask each time when unset.
    pub cache: Option<Duration>,
}

/// The protocol of an edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Protocol {
    Rest,
    Grpc,
}

/// How a connection is protected; as strictly as can be where nobody says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tls {
    /// Plain text.
    Off,
    /// The server proves who it is.
    Server,
    /// Both sides do.
    #[default]
    Mutual,
}

/// What an operation does to the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Reads only.
    Query,
    /// Changes state.
    Command,
    /// Tells that something happened; answered by an acknowledgement only.
    Event,
}

/// Why an operation may be repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Idempotent {
    /// By its nature.
    Natural,
    /// The caller names each attempt of one request with the same key; its first answer is replayed for `window`.
    Key { window: Duration },
    /// The field of this name tells requests apart; the first answer is replayed for `window`.
    By {
        field: &'static str,
        window: Duration,
    },
}

/// `permits` calls each `per`, of which up to `burst` at once, counted for each `key`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    pub permits: u32,
    pub per: Duration,
    pub burst: u32,
    pub key: LimitKey,
}

/// Who shares one count of a rate limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitKey {
    /// All requests of one user; of one service or address where no user is known.
    User,
    /// All requests from one address.
    Ip,
    /// All requests of one calling service; of one address where the caller is not known.
    Service,
    /// All requests.
    Global,
}

/// How one edge calls.
#[derive(Clone, Debug)]
pub struct EdgePolicy {
    /// The edge as drawn: `front -> orders.Orders : grpc`.
    pub edge: &'static str,
    /// The service that it goes to.
    pub callee: &'static str,
    /// The api that it calls.
    pub api: &'static str,
    /// How the call travels.
    pub protocol: Protocol,
    /// How the connection is protected.
    pub tls: Tls,
    /// The scheme that the caller proves itself by.
    pub auth: Option<&'static str>,
    /// What becomes of the user's token.
    pub identity: Identity,
    /// The callee's operations, each with the values that hold for it here.
    pub operations: Vec<CallPolicy>,
}

/// What becomes of the user's token at an edge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Identity {
    /// It stays here.
    #[default]
    None,
    /// It travels on as it came.
    Forward,
    /// It is exchanged for one that the callee takes (RFC 8693).
    Exchange {
        /// The oauth2 scheme that the service is a client of.
        scheme: &'static str,
        /// Whom the new token is for.
        audience: &'static str,
    },
}

/// How one operation is called over an edge.
///
/// Breaker, bulkhead, throttle and retry budget are shared by all operations of an edge that have the same value.
#[derive(Clone, Debug)]
pub struct CallPolicy {
    /// The operation's name in the drawing.
    pub operation: &'static str,
    /// Whether an attempt whose fate is unknown may be repeated.
    pub safety: Safety,
    /// Bound of one attempt.
    pub timeout: Option<Duration>,
    /// Bound of all attempts together.
    pub deadline: Option<Duration>,
    pub retry: Option<Retry>,
    pub breaker: Option<Breaker>,
    /// Most calls under way at once.
    pub bulkhead: Option<usize>,
    /// Most calls in a stretch of time.
    pub throttle: Option<Rate>,
    /// How old the last good answer for the same user may be that stands in for a query which fails.
    pub fallback: Option<Duration>,
}

impl CallPolicy {
    /// A call that is made once, and waited for however long it takes.
    #[must_use]
    pub const fn new(operation: &'static str, safety: Safety) -> Self {
        Self {
            operation,
            safety,
            timeout: None,
            deadline: None,
            retry: None,
            breaker: None,
            bulkhead: None,
            throttle: None,
            fallback: None,
        }
    }
}

/// Whether a call may be repeated when nobody knows what became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Safety {
    /// It may.
    Safe,
    /// It may, as long as each attempt carries the same key.
    IdempotentByKey,
    /// It may not.
    Unsafe,
}

/// `permits` calls each `per`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    pub permits: u32,
    pub per: Duration,
}

/// When and how often a failed attempt is repeated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Retry {
    /// Most attempts, the first included.
    pub attempts: u32,
    /// The wait before each further attempt.
    pub backoff: Backoff,
    /// How that wait is spread.
    pub jitter: Jitter,
    /// Repeats as a share of all calls (0.2 is 20%), so that a failing callee is not flooded.
    pub budget: Option<f64>,
}

/// The wait before a further attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backoff {
    /// `base`, then twice that, and so on up to `max`.
    Exponential { base: Duration, max: Duration },
    /// Always the same.
    Fixed { delay: Duration },
}

/// How a wait is spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Jitter {
    /// Not at all.
    None,
    /// Evenly between nothing and the whole wait.
    Full,
}

/// When an edge stops calling a callee that fails.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Breaker {
    /// The share of failures (0.5 is 50%) that opens it.
    pub error_rate: f64,
    /// How far back calls are counted.
    pub window: Duration,
    /// Fewest calls in the window that allow a judgement.
    pub min_calls: u32,
    /// How long it stays open.
    pub cooldown: Duration,
    /// Calls let through afterwards, which must succeed to close it.
    pub probes: u32,
}

/// A way to prove who calls.
#[derive(Clone, Debug)]
pub enum Scheme {
    /// A signed token of the user.
    Jwt {
        name: &'static str,
        issuer: &'static str,
        audience: &'static str,
        /// Algorithms accepted, by their JOSE names (`ES256`); a token signed by any other is refused.
        algorithms: Vec<&'static str>,
        /// Path of the claim that lists the user's roles.
        roles: Vec<&'static str>,
        /// Where the secret is read from that the issuer signs with, if it publishes no keys.
        secret: Option<Secret>,
    },
    /// The calling service's certificate.
    Mtls { name: &'static str },
    /// A key that each caller has of its own.
    ApiKey {
        name: &'static str,
        /// The header that carries the key.
        header: &'static str,
        /// Where the accepted keys are read from, by whoever is called.
        keys: Secret,
        /// Where its own key is read from, by whoever calls.
        key: Secret,
    },
    /// A user's name and password with each request (RFC 7617).
    Basic {
        name: &'static str,
        /// Where the users and the hashes of their passwords are read from, by whoever is called.
        users: Secret,
        /// Where its own name and password are read from, by whoever calls.
        login: Secret,
    },
    /// A token that an identity provider gave to the caller itself, for certain purposes (RFC 6749).
    Oauth2 {
        name: &'static str,
        /// The jwt scheme that its tokens are verified as.
        provider: &'static str,
        /// The name under which the provider knows whoever calls.
        client_id: ClientId,
        /// Where whoever calls reads from what it proves that to the provider with.
        client_secret: Secret,
        /// The scopes that a token must have, and that are asked for.
        scopes: Vec<&'static str>,
    },
    /// A user's session with a browser, which shows a cookie; the tokens stay on the server.
    Session {
        name: &'static str,
        /// The jwt scheme that its tokens are verified as.
        provider: &'static str,
        /// The name under which the provider knows the service.
        client_id: ClientId,
        /// Where the service reads from what it proves that to the provider with.
        client_secret: Secret,
        /// What is asked of the provider, beside `openid`.
        scopes: Vec<&'static str>,
        /// Whether a token that ends is renewed without the user.
        refresh: bool,
        /// How long one login lasts, however often its tokens are renewed.
        max_age: Duration,
    },
}

/// The name under which an identity provider knows a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientId {
    /// This one.
    Is(&'static str),
    /// The one that is read from here.
    In(Secret),
}

/// Where a secret is read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secret {
    /// A variable of the environment.
    Env(&'static str),
    /// A file, below `/run/secrets` where its name is not a whole path.
    File(&'static str),
}

impl Secret {
    /// The variable's name, or the file's.
    pub fn name(self) -> &'static str {
        match self {
            Self::Env(name) | Self::File(name) => name,
        }
    }
}

impl Scheme {
    /// Whether browsers send its proof by themselves, with requests that a page of anybody makes too.
    pub fn is_sent_by_browsers(&self) -> bool {
        match self {
            // Browsers remember what was typed in for a site.
            Self::Basic { .. } | Self::Session { .. } => true,
            Self::Jwt { .. } | Self::Oauth2 { .. } | Self::Mtls { .. } | Self::ApiKey { .. } => {
                false
            }
        }
    }

    /// The header that carries its proof, if one does.
    pub fn header(&self) -> Option<&'static str> {
        match self {
            Self::Jwt { .. } | Self::Oauth2 { .. } | Self::Basic { .. } => Some("authorization"),
            Self::ApiKey { header, .. } => Some(header),
            Self::Session { .. } => Some("cookie"),
            Self::Mtls { .. } => None,
        }
    }

    /// The name that `auth` lists know it by.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Jwt { name, .. }
            | Self::Mtls { name }
            | Self::ApiKey { name, .. }
            | Self::Basic { name, .. }
            | Self::Oauth2 { name, .. }
            | Self::Session { name, .. } => name,
        }
    }
}

impl ServicePolicy {
    /// How `api` is served over `protocol`, if it is.
    pub fn api(&self, api: &str, protocol: Protocol) -> Option<&ApiPolicy> {
        self.apis
            .iter()
            .find(|one| one.api == api && one.protocol == protocol)
    }

    /// The edge that calls `api` of `callee`.
    pub fn edge(&self, callee: &str, api: &str, protocol: Protocol) -> Option<&EdgePolicy> {
        self.edges
            .iter()
            .find(|one| one.callee == callee && one.api == api && one.protocol == protocol)
    }
}

impl ApiPolicy {
    /// What holds for `operation`.
    pub fn operation(&self, operation: &str) -> Option<&OperationPolicy> {
        self.operations
            .iter()
            .find(|one| one.operation == operation)
    }
}
