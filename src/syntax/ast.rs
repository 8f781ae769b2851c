//! The syntax tree: what was written, with spans, before any name is looked up.
//!
//! One shape for all of it: an [`Item`] is what can stand on a line of a block. Which items a kind of block takes is
//! the resolver's business, so that a misplaced item gets a message of its own instead of a syntax error.

use std::ops::Deref;

use ecow::EcoString;
use smallvec::SmallVec;
use thin_vec::ThinVec;

use crate::source::{FileId, Span, Spanned};

/// A name as written. Names are most of what a tree holds, so that those of up to 15 bytes stand in it rather than beside it.
pub type Ident = Spanned<EcoString>;

/// One parsed file.
#[derive(Clone, Debug)]
pub struct File {
    /// Which file.
    pub id: FileId,
    /// Top-level items in source order.
    pub items: Vec<Item>,
}

/// Braces with what stands between them.
#[derive(Clone, Debug)]
pub struct Body {
    /// From `{` to `}` inclusive.
    pub span: Span,
    /// In source order.
    pub items: Vec<Item>,
}

/// Anything that stands in a block or at the top of a file.
#[derive(Clone, Debug)]
pub struct Item {
    /// The whole item, leading marks and documentation left out.
    pub span: Span,
    /// `///` lines before it, without the slashes and one leading blank, joined by newlines.
    pub doc: Option<Box<Spanned<String>>>,
    /// `@accept(...)` before it.
    pub accepts: ThinVec<Mark>,
    /// What it is.
    pub kind: ItemKind,
}

/// What an item is. Boxed and thin, since lists of items grow by copying and are most of a tree.
#[derive(Clone, Debug)]
pub enum ItemKind {
    /// `kind name : variant { ... }`: system, zone, client, external, service, store, broker, auth, policy, defaults,
    /// queue, topic, channel, schedule, and the attribute blocks `lint`, `limits`, `claims`.
    Node(Box<Node>),
    /// `api Orders v2 : proto(...) via orders.Orders { ... }`.
    Api(Box<Api>),
    /// `query find(id: uuid) -> Order via orders.Orders.find { ... }`.
    Operation(Box<Operation>),
    /// `type Order { ... }`.
    Type(Box<TypeDecl>),
    /// `enum Status { ... }`.
    Enum(Box<EnumDecl>),
    /// `roles { customer, clerk }`.
    Roles(ThinVec<Ident>),
    /// `import "file.arch"`.
    Import(Box<Spanned<String>>),
    /// `a -> b -> c : grpc with steady { ... }`.
    Edge(Box<Edge>),
    /// `timeout = 300ms`.
    Attribute(Box<Attribute>),
    /// Names that stand alone in a body, `lint`'s or `claims`' `region: string` lines.
    Field(Box<Field>),
    /// Inside an edge's body: `place { retry = none }`, attributes of one operation.
    Override(Box<Override>),
}

/// The generic declaration.
#[derive(Clone, Debug)]
pub struct Node {
    /// The kind.
    pub keyword: Spanned<Keyword>,
    /// The name; `defaults` may have none (or a protocol's), attribute blocks have none.
    pub name: Option<Ident>,
    /// What stands after the colon: a variant, an engine, a scheme, a trust level, a message type.
    pub variant: Option<Path>,
    /// The block, if there is one.
    pub body: Option<Box<Body>>,
}

/// The words that open a [`Node`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Keyword {
    /// `system shop { ... }`
    System,
    /// `zone core : internal { ... }`
    Zone,
    /// `client web : browser`
    Client,
    /// `external stripe`
    External,
    /// `service orders : worker { ... }`
    Service,
    /// `store orders_db : postgres`
    Store,
    /// `broker bus : kafka { ... }`
    Broker,
    /// `auth staff : jwt { ... }`
    Auth,
    /// `policy steady { ... }`
    Policy,
    /// `defaults grpc { ... }`
    Defaults,
    /// `queue emails : SendEmail { ... }`
    Queue,
    /// `topic placed : OrderPlaced { ... }`
    Topic,
    /// `channel rooms : Said`
    Channel,
    /// `schedule nightly { every = 24h, calls = [...] }`
    Schedule,
    /// `lint { TMO001 = off }`, and `lint locked { ... }` at the top of a file
    Lint,
    /// `limits { fanout = 3 }`, and `limits locked { ... }` at the top of a file
    Limits,
    /// `claims { region: string }`
    Claims,
}

/// `api Orders v2 : proto("x.proto", pkg.Service) via orders.Orders { ... }`.
#[derive(Clone, Debug)]
pub struct Api {
    /// The api's name.
    pub name: Ident,
    /// The `2` of `v2`.
    pub version: Option<Spanned<u32>>,
    /// `proto(...)`: a contract taken as it is.
    pub contract: Option<Box<Call>>,
    /// The api that is forwarded to, whole.
    pub via: Option<Path>,
    /// Attributes and operations.
    pub body: Option<Box<Body>>,
}

/// What an operation does to the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OperationKind {
    /// Reads; safe to repeat.
    Query,
    /// Changes state.
    Command,
    /// One way, acknowledged.
    Event,
}

/// One operation of an api.
#[derive(Clone, Debug)]
pub struct Operation {
    /// `query`, `command` or `event`.
    pub kind: Spanned<OperationKind>,
    /// Its name.
    pub name: Ident,
    /// What stands between the parentheses; `None` without parentheses.
    pub input: Option<Input>,
    /// What stands after the arrow.
    pub output: Option<Payload>,
    /// Where it is forwarded, with the key in parentheses (`bus.ticks(symbol)`).
    pub via: Option<Box<Via>>,
    /// Attributes.
    pub body: Option<Box<Body>>,
}

/// `via orders.Orders.find` or `via bus.ticks(symbol)`.
#[derive(Clone, Debug)]
pub struct Via {
    /// The operation or channel.
    pub target: Path,
    /// Names in parentheses after it.
    pub arguments: Vec<Ident>,
}

/// The input of an operation.
#[derive(Clone, Debug)]
pub enum Input {
    /// Named parameters, which make a request message; may be empty.
    Parameters(Vec<Field>),
    /// One bare type: the request message itself, perhaps a stream of it.
    Message(Payload),
}

/// `Order` or `stream Order`.
#[derive(Clone, Debug)]
pub struct Payload {
    /// Whether many come.
    pub stream: bool,
    /// The type.
    pub ty: Type,
}

/// A type as written.
#[derive(Clone, Debug)]
pub struct Type {
    /// The whole of it.
    pub span: Span,
    /// Its form.
    pub kind: TypeKind,
}

/// The forms of a type.
#[derive(Clone, Debug)]
pub enum TypeKind {
    /// `string`, `Order`, `orders.Order`.
    Named(Path),
    /// `[T]`
    List(Box<Type>),
    /// `map<string, T>`; the key type as written.
    Map(Box<Type>, Box<Type>),
    /// `T?`
    Optional(Box<Type>),
}

/// `type Order { ... }`.
#[derive(Clone, Debug)]
pub struct TypeDecl {
    /// Its name.
    pub name: Ident,
    /// Marks after the name (`@sensitive`).
    pub marks: ThinVec<Mark>,
    /// Fields and attributes (`data = confidential`).
    pub body: Body,
}

/// `enum Status { pending, paid }`.
#[derive(Clone, Debug)]
pub struct EnumDecl {
    /// Its name.
    pub name: Ident,
    /// From `{` to `}`.
    pub body_span: Span,
    /// In source order.
    pub values: Vec<EnumValue>,
}

/// One value of an enum.
#[derive(Clone, Debug)]
pub struct EnumValue {
    /// Its name.
    pub name: Ident,
    /// `///` lines before it.
    pub doc: Option<Box<Spanned<String>>>,
    /// `@tag(3)`.
    pub marks: ThinVec<Mark>,
}

/// `id: uuid @tag(1) via customers.Customers.by_ids(customer_id)`: a field, a parameter or a claim.
#[derive(Clone, Debug)]
pub struct Field {
    /// The whole of it.
    pub span: Span,
    /// `@accept(...)` before it.
    pub accepts: ThinVec<Mark>,
    /// `///` lines before it.
    pub doc: Option<Box<Spanned<String>>>,
    /// Its name.
    pub name: Ident,
    /// Its type.
    pub ty: Type,
    /// Marks after the type.
    pub marks: ThinVec<Mark>,
    /// Where it is resolved (GraphQL).
    pub via: Option<Box<Via>>,
}

/// `@name(args)`.
#[derive(Clone, Debug)]
pub struct Mark {
    /// With the at sign.
    pub span: Span,
    /// Without the at sign.
    pub name: Ident,
    /// What stands in parentheses. `@length(1..64)` is one [`ValueKind::Range`].
    pub arguments: Vec<Argument>,
}

/// `a -> b.Api : grpc with steady { ... }`; more than two ends chain.
#[derive(Clone, Debug)]
pub struct Edge {
    /// Two or more.
    pub ends: SmallVec<[Path; 2]>,
    /// After the colon.
    pub protocol: Option<Ident>,
    /// After `with`.
    pub policies: SmallVec<[Ident; 1]>,
    /// Attributes and per-operation overrides.
    pub body: Option<Box<Body>>,
}

/// Attributes of one operation inside an edge's body.
#[derive(Clone, Debug)]
pub struct Override {
    /// The operation.
    pub operation: Ident,
    /// Its attributes.
    pub body: Body,
}

/// `name = value`.
#[derive(Clone, Debug)]
pub struct Attribute {
    /// The name.
    pub name: Ident,
    /// The value.
    pub value: Value,
}

/// `orders.Orders.find`: one name or more, mostly one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path(SmallVec<[Ident; 1]>);

impl Path {
    /// The whole of it.
    #[must_use]
    pub fn span(&self) -> Span {
        self[0].span.to(self[self.len() - 1].span)
    }
}

impl Deref for Path {
    type Target = [Ident];

    fn deref(&self) -> &[Ident] {
        &self.0
    }
}

impl FromIterator<Ident> for Path {
    /// Of at least one name.
    fn from_iter<I: IntoIterator<Item = Ident>>(names: I) -> Self {
        Self(names.into_iter().collect())
    }
}

/// A value with where it was written.
pub type Value = Spanned<ValueKind>;

/// `name(1, named = 2)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The whole of it.
    pub span: Span,
    /// What is called.
    pub name: Ident,
    /// In source order.
    pub arguments: Vec<Argument>,
}

/// One argument of a call or mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Argument {
    /// The `base` of `base = 40ms`.
    pub name: Option<Ident>,
    /// The value.
    pub value: Value,
}

/// The forms of a value. Numbers are exact; the formatter prints the source text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ValueKind {
    /// `"text"`, unescaped.
    Text(String),
    /// `42`
    Integer(i64),
    /// `3.5`, as written: the schema decides how it is read.
    Decimal(String),
    /// `true`
    Boolean(bool),
    /// `250ms`, in nanoseconds.
    Duration(u64),
    /// `64KiB`, in bytes.
    Size(u64),
    /// `50%`, in hundredths of a percent (5000).
    Percent(u32),
    /// `100/s`: how many in how many nanoseconds.
    Rate(u64, u64),
    /// A name or dotted path, `confidential`, `orders.Orders.find`.
    Name(Path),
    /// `env("NAME")`
    Call(Box<Call>),
    /// `[a, b]`
    List(Vec<Value>),
    /// `1..64` (marks only); either end may be left out.
    Range(Option<i64>, Option<i64>),
    /// The expression of `when`.
    Expression(Box<Expression>),
}

/// An expression of `when`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expression {
    /// The whole of it.
    pub span: Span,
    /// Its form.
    pub kind: ExpressionKind,
}

/// The forms of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExpressionKind {
    /// A literal or a path (`caller.region`, `region`, `"eu"`).
    Value(ValueKind),
    /// `not x`
    Not(Box<Expression>),
    /// Two operands.
    Binary(BinaryOperator, Box<Expression>, Box<Expression>),
}

/// Binary operators of `when`, weakest first: `or`, `and`, comparisons, `in`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryOperator {
    /// `or`
    Or,
    /// `and`
    And,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `in`
    In,
}

impl std::fmt::Display for BinaryOperator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Or => "or",
            Self::And => "and",
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::In => "in",
        })
    }
}
