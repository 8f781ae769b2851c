//! The resolved, typed architecture: every name looked up, every attribute with its effective value and origin.
//!
//! Everything is in flat tables and refers to each other by typed index, in source order, so that all readers are
//! deterministic.

pub mod attributes;
pub mod condition;
pub mod contracts_lock;
pub mod edit;
pub mod proto;
pub mod requirements;
pub mod resolve;
pub mod schema;
pub mod text;
pub mod types;
pub mod written;

use std::borrow::Cow;

use smallvec::SmallVec;
use thin_vec::ThinVec;

use crate::protocol::Protocol;
pub use crate::protocol::{BrokerEngine, ChannelKind, StoreEngine};
use crate::source::{Span, Spanned};
pub(crate) use crate::words::words;
use attributes::{Attributes, DataClass, Trust, Value};
use proto::{ProtoFile, ProtoMessage, ProtoMethod};
use types::{EnumDef, StructDef, TypeRef};

/// Declares typed indices into the model's tables.
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident => $table:ident: $item:ty),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u32);
        impl std::ops::Index<$name> for Model {
            type Output = $item;
            fn index(&self, id: $name) -> &$item { &self.$table[id.0 as usize] }
        }
    )*};
}

ids! {
    /// A zone.
    ZoneId => zones: Zone,
    /// A client, external, service, store or broker.
    NodeId => nodes: Node,
    /// An api.
    ApiId => apis: Api,
    /// An operation.
    OperationId => operations: Operation,
    /// A queue, topic or channel.
    ChannelId => channels: Channel,
    /// An edge.
    EdgeId => edges: Edge,
    /// An authentication scheme.
    AuthId => auths: Auth,
    /// A role.
    RoleId => roles: Role,
    /// A named policy.
    PolicyId => policies: Policy,
    /// A message type.
    StructId => structs: StructDef,
    /// An enumeration.
    EnumId => enums: EnumDef,
    /// A message of a proto file that is taken as it is.
    MessageId => messages: ProtoMessage,
}

/// One system, resolved.
#[derive(Clone, Debug)]
pub struct Model {
    /// The system itself.
    pub system: System,
    /// Zones, parents before children.
    pub zones: Vec<Zone>,
    /// Nodes in source order.
    pub nodes: Vec<Node>,
    /// Apis in source order.
    pub apis: Vec<Api>,
    /// Operations in source order.
    pub operations: Vec<Operation>,
    /// Channels in source order; those of open brokers where they are first used.
    pub channels: Vec<Channel>,
    /// Edges in source order, chains split.
    pub edges: Vec<Edge>,
    /// Authentication schemes.
    pub auths: Vec<Auth>,
    /// Roles.
    pub roles: Vec<Role>,
    /// Named policies.
    pub policies: Vec<Policy>,
    /// Message types, request messages of named parameters included (after the declared ones).
    pub structs: Vec<StructDef>,
    /// Enumerations.
    pub enums: Vec<EnumDef>,
    /// Messages of proto files, each once.
    pub messages: Vec<ProtoMessage>,
    /// Proto files, each once.
    pub proto_files: Vec<ProtoFile>,
    /// Accepted findings.
    pub accepts: Vec<Accept>,
    /// Of a part of a system the nodes that stand in other files, in order; `None`: this is the whole.
    pub elsewhere: Option<Vec<NodeId>>,
    /// Where all this is written.
    pub declarations: written::Declarations,
}

/// The whole. A file without a `system` gets one named after the file.
#[derive(Clone, Debug)]
pub struct System {
    /// Its name.
    pub name: String,
    /// The declared name, or the start of the root file.
    pub span: Span,
    /// `title`, else the name.
    pub title: String,
    /// Documentation.
    pub doc: Option<String>,
    /// `title`, `owner`, `profile`, `language`, `existing` and the limits.
    pub attributes: Attributes,
    /// `lint { CODE = level }` as written: the code and the level's word (`off`, `info`, `warning`, `error`).
    pub lint: Vec<(Spanned<String>, Spanned<String>)>,
    /// `limits { fanout = 3 }`: numbers, durations and rates.
    pub limits: Vec<(Spanned<String>, Spanned<Value>)>,
    /// `lint locked { CODE = level }` of all files.
    pub locked_lint: Vec<(Spanned<String>, Spanned<String>)>,
    /// `limits locked { fanout = 3 }` of all files.
    pub locked_limits: Vec<(Spanned<String>, Spanned<Value>)>,
}

/// A trust zone.
#[derive(Clone, Debug)]
pub struct Zone {
    /// Its name.
    pub name: String,
    /// The name as declared.
    pub span: Span,
    /// Documentation.
    pub doc: Option<String>,
    /// How far what is inside is trusted.
    pub trust: Trust,
    /// The zone around it.
    pub parent: Option<ZoneId>,
    /// Facts written on it.
    pub attributes: Attributes,
}

/// The kinds of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NodeKind {
    /// A caller outside the system.
    Client(ClientKind),
    /// Somebody else's system.
    External,
    /// A service.
    Service(ServiceKind),
    /// A data store.
    Store(StoreEngine),
    /// A broker.
    Broker(BrokerEngine),
}

words! {
    /// Variants of a client.
    ClientKind { Browser = "browser", Mobile = "mobile", Cli = "cli", Device = "device" }
    /// Variants of a service; `Plain` has no word of its own in a drawing.
    ServiceKind { Plain = "service", Gateway = "gateway", Bff = "bff", Worker = "worker" }
    /// Authentication schemes.
    AuthScheme { Jwt = "jwt", Oauth2 = "oauth2", Session = "session", ApiKey = "api_key", Basic = "basic", Mtls = "mtls" }
}

/// A client, external, service, store or broker.
#[derive(Clone, Debug)]
pub struct Node {
    /// Its name.
    pub name: String,
    /// The name as declared.
    pub span: Span,
    /// Documentation.
    pub doc: Option<String>,
    /// What it is.
    pub kind: NodeKind,
    /// The zone it stands in.
    pub zone: Option<ZoneId>,
    /// Trust of its zone; outside any zone clients and externals are public, all else internal.
    pub trust: Trust,
    /// Not generated by us: unset means unknown. True for `existing = true` here, on a zone around it or on the system;
    /// clients and externals always are.
    pub existing: bool,
    /// Its apis.
    pub apis: SmallVec<[ApiId; 2]>,
    /// Its channels (brokers).
    pub channels: ThinVec<ChannelId>,
    /// Whether a broker takes only the channels that it declares.
    pub closed: bool,
    /// Facts: `replicas`, `criticality`, `owner`, `data`, `state`, `url`, ...
    pub attributes: Attributes,
    /// Work that starts by the clock.
    pub schedules: ThinVec<Schedule>,
}

/// `schedule NAME { every = 1h, calls = [...] }`.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// Its name.
    pub name: String,
    /// The name as declared.
    pub span: Span,
    /// `every`.
    pub attributes: Attributes,
    /// What it calls; `None`: undeclared, may call all.
    pub calls: Option<ThinVec<CallTarget>>,
}

/// What can be asked of a node.
#[derive(Clone, Debug)]
pub struct Api {
    /// Its name.
    pub name: String,
    /// The declared name; of the built-in `ping` api: its service's.
    pub span: Span,
    /// Documentation.
    pub doc: Option<String>,
    /// Who serves it.
    pub node: NodeId,
    /// The `2` of `v2`; 1 when unwritten.
    pub version: u32,
    /// `at = "/v1"`, else empty. Starts with a slash, does not end with one.
    pub at: String,
    /// A contract taken as it is: the proto file and its service.
    pub proto: Option<(String, String)>,
    /// Whether it is the small default api (one public `ping` query).
    pub built_in: bool,
    /// Its operations.
    pub operations: SmallVec<[OperationId; 4]>,
    /// Effective callee-side values for the api as a whole.
    pub attributes: Attributes,
}

impl Api {
    /// What tells it from its node's other apis, as one word: `Orders`, and `OrdersV2` of a second version.
    pub fn label(&self) -> Cow<'_, str> {
        match self.version {
            1 => Cow::Borrowed(&self.name),
            version => Cow::Owned(format!("{}V{version}", self.name)),
        }
    }
}

pub use crate::syntax::ast::OperationKind;

/// One thing that can be asked.
#[derive(Clone, Debug)]
pub struct Operation {
    /// Its name.
    pub name: String,
    /// The name as declared.
    pub span: Span,
    /// Documentation.
    pub doc: Option<String>,
    /// Whose it is.
    pub api: ApiId,
    /// Query, command or event.
    pub kind: OperationKind,
    /// What comes in.
    pub input: Input,
    /// What goes out; `None` is an acknowledgement only.
    pub output: Option<Payload>,
    /// The method behind it, where its api's contract is a proto file.
    pub method: Option<ProtoMethod>,
    /// Forwarded instead of handled.
    pub via: Option<Via>,
    /// What its handler calls; `None`: undeclared, may call all.
    pub calls: Option<ThinVec<CallTarget>>,
    /// Effective callee-side values.
    pub attributes: Attributes,
    /// The route over HTTP, derived or overridden.
    pub route: Route,
}

/// What an operation takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// Nothing.
    None,
    /// Named parameters, as a request message of their own.
    Parameters(StructId),
    /// A declared message, perhaps a stream of it.
    Message(Payload),
}

/// A type, perhaps many of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payload {
    /// Many, one after another.
    pub stream: bool,
    /// The type.
    pub ty: TypeRef,
}

/// Where an operation is forwarded to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Via {
    /// `via ...` as written.
    pub span: Span,
    /// The target.
    pub target: CallTarget,
    /// The edge that it travels on.
    pub edge: EdgeId,
    /// The parameter that gives the key of a topic.
    pub key: Option<String>,
}

/// What a handler calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CallTarget {
    /// An operation of another node.
    Operation(OperationId),
    /// A whole api.
    Api(ApiId),
    /// A channel published to.
    Channel(ChannelId),
    /// A store, and how (`Both` when written without `.read` or `.write`).
    Store(NodeId, Access),
    /// A node without api (existing or external).
    Node(NodeId),
}

words! {
    /// How a store is used.
    Access { Read = "read", Write = "write", Both = "both" }
    /// HTTP methods.
    Method { Get = "get", Post = "post", Put = "put", Patch = "patch", Delete = "delete" }
}

/// An operation's place in HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The method.
    pub method: Method,
    /// `/v1/shop/order/{id}`; names in braces are parameters.
    pub path: String,
    /// `http = ...` where it was overridden.
    pub declared: Option<Span>,
}

/// A queue, topic or broadcast channel.
#[derive(Clone, Debug)]
pub struct Channel {
    /// Its name.
    pub name: String,
    /// Where it is declared, or (open brokers) first used.
    pub span: Span,
    /// Documentation.
    pub doc: Option<String>,
    /// Its broker.
    pub broker: NodeId,
    /// Its kind.
    pub kind: ChannelKind,
    /// What it carries; `None`: json (open brokers).
    pub message: Option<TypeRef>,
    /// Whether it stands in the broker's body.
    pub declared: bool,
    /// Effective channel values.
    pub attributes: Attributes,
}

/// One end of an edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum End {
    /// A node.
    Node(NodeId),
    /// A channel of a broker.
    Channel(ChannelId),
}

/// What an edge is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Link {
    /// A request over a protocol; no api when the callee is opaque (existing or external without one).
    Call {
        /// The protocol.
        protocol: Protocol,
        /// The api that is called.
        api: Option<ApiId>,
    },
    /// A service uses a store.
    Store,
    /// Into a channel.
    Publish,
    /// Out of a channel.
    Consume,
}

/// An arrow of the drawing.
#[derive(Clone, Debug)]
pub struct Edge {
    /// The two ends as written, without the body.
    pub span: Span,
    /// Documentation.
    pub doc: Option<String>,
    /// Who starts it.
    pub from: End,
    /// Where it goes.
    pub to: End,
    /// What it is.
    pub link: Link,
    /// The protocol as written, for labels.
    pub protocol_span: Option<Span>,
    /// Policies in the order of `with`.
    pub policies: SmallVec<[PolicyId; 1]>,
    /// Effective caller-side, link, consumer and webhook values of the edge as a whole.
    pub attributes: Attributes,
    /// The operations it carries (after `only` and the protocol's shapes), in the api's order.
    pub operations: SmallVec<[EdgeOperation; 1]>,
    /// What the consumer's handler calls; `None`: undeclared, may call all.
    pub calls: Option<ThinVec<CallTarget>>,
}

/// An operation as it travels over one edge.
#[derive(Clone, Debug)]
pub struct EdgeOperation {
    /// The operation.
    pub operation: OperationId,
    /// Effective caller-side values where they differ from the edge's.
    pub overrides: Option<Box<Attributes>>,
}

impl Edge {
    /// Effective caller-side values of one operation over this edge.
    #[must_use]
    pub fn attributes_of(&self, operation: OperationId) -> &Attributes {
        self.operations
            .iter()
            .find(|it| it.operation == operation)
            .and_then(|it| it.overrides.as_deref())
            .unwrap_or(&self.attributes)
    }

    /// The protocol, where it is a call.
    #[must_use]
    pub const fn protocol(&self) -> Option<Protocol> {
        match self.link {
            Link::Call { protocol, .. } => Some(protocol),
            _ => None,
        }
    }
}

/// An authentication scheme with what verifies and obtains it.
#[derive(Clone, Debug)]
pub struct Auth {
    /// Its name.
    pub name: String,
    /// The name as declared.
    pub span: Span,
    /// Documentation.
    pub doc: Option<String>,
    /// The scheme.
    pub scheme: AuthScheme,
    /// `issuer`, `audience`, `algorithms`, `roles`, `keys`, ...
    pub attributes: Attributes,
    /// `claims { region: string }`.
    pub claims: Vec<(Spanned<String>, TypeRef)>,
}

/// A role that `allow` may name.
#[derive(Clone, Debug)]
pub struct Role {
    /// Its name.
    pub name: String,
    /// Where it is declared.
    pub span: Span,
}

/// Caller-side attributes with a name.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Its name.
    pub name: String,
    /// The name as declared.
    pub span: Span,
    /// What it sets, origins being its own lines.
    pub attributes: Attributes,
}

/// `@accept(CODE, reason = "...", until = "2027-06-30")`.
#[derive(Clone, Debug)]
pub struct Accept {
    /// The mark.
    pub span: Span,
    /// What it stands before: findings whose primary or any other label lies in it are accepted.
    pub scope: Span,
    /// The code.
    pub code: String,
    /// Why; a finding without it.
    pub reason: Option<String>,
    /// The last day it holds, `YYYY-MM-DD`.
    pub until: Option<Spanned<String>>,
}

impl Model {
    /// The highest data class of a node: its own, else its zone's.
    #[must_use]
    pub fn data_class(&self, node: NodeId) -> Option<DataClass> {
        self[node].attributes.data()
    }

    /// The node behind an end: itself, or the channel's broker.
    #[must_use]
    pub fn node_of(&self, end: End) -> NodeId {
        match end {
            End::Node(node) => node,
            End::Channel(channel) => self[channel].broker,
        }
    }

    /// An end as a drawing names it: `orders`, `bus.placed`.
    #[must_use]
    pub fn end_name(&self, end: End) -> String {
        match end {
            End::Node(node) => self[node].name.clone(),
            End::Channel(channel) => {
                format!("{}.{}", self[self[channel].broker].name, self[channel].name)
            }
        }
    }

    /// Edges with their ids, in source order.
    pub fn edges(&self) -> impl Iterator<Item = (EdgeId, &Edge)> {
        self.edges
            .iter()
            .enumerate()
            .map(|(at, edge)| (EdgeId(at as u32), edge))
    }

    /// Nodes with their ids, in source order.
    pub fn nodes(&self) -> impl Iterator<Item = (NodeId, &Node)> {
        self.nodes
            .iter()
            .enumerate()
            .map(|(at, node)| (NodeId(at as u32), node))
    }

    /// Apis with their ids, in source order.
    pub fn apis(&self) -> impl Iterator<Item = (ApiId, &Api)> {
        self.apis
            .iter()
            .enumerate()
            .map(|(at, api)| (ApiId(at as u32), api))
    }

    /// Channels with their ids, in source order.
    pub fn channels(&self) -> impl Iterator<Item = (ChannelId, &Channel)> {
        self.channels
            .iter()
            .enumerate()
            .map(|(at, channel)| (ChannelId(at as u32), channel))
    }
}
