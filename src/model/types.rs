//! Message types: what travels.

use super::attributes::DataClass;
use super::{EnumId, MessageId, NodeId, OperationId, StructId, words};
use crate::source::{Span, Spanned};

words! {
    /// Types that are built in.
    Scalar {
        Bool = "bool", Int32 = "int32", Int64 = "int64", Float64 = "float64", Decimal = "decimal", String = "string",
        Bytes = "bytes", Uuid = "uuid", Timestamp = "timestamp", Date = "date", Duration = "duration", Json = "json",
    }
}

/// A type, resolved.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TypeRef {
    /// Built in.
    Scalar(Scalar),
    /// A message.
    Struct(StructId),
    /// An enumeration.
    Enum(EnumId),
    /// A message of a proto file; no field of the language has it, only what operations take and answer.
    Message(MessageId),
    /// `[T]`
    List(Box<TypeRef>),
    /// `map<string, T>`
    Map(Box<TypeRef>),
    /// `T?`
    Optional(Box<TypeRef>),
}

/// A message.
#[derive(Clone, Debug)]
pub struct StructDef {
    /// Its name; of request messages: api and operation in upper camel case and `Request`.
    pub name: String,
    /// The name as declared; of request messages the operation's.
    pub span: Span,
    /// Documentation.
    pub doc: Option<String>,
    /// The service or broker that it belongs to; `None`: shared.
    pub owner: Option<NodeId>,
    /// The operation whose named parameters it holds.
    pub request_of: Option<OperationId>,
    /// In source order.
    pub fields: Vec<FieldDef>,
    /// Whether the whole is `@sensitive`.
    pub sensitive: bool,
    /// `data = confidential`, where it is written.
    pub data: Option<Spanned<DataClass>>,
}

/// A field.
#[derive(Clone, Debug)]
pub struct FieldDef {
    /// Its name.
    pub name: String,
    /// The name as declared.
    pub span: Span,
    /// Documentation.
    pub doc: Option<String>,
    /// Its type.
    pub ty: TypeRef,
    /// Its protobuf number.
    pub tag: u32,
    /// Redacted in logs; counts as confidential.
    pub sensitive: bool,
    /// What is checked before the handler sees it.
    pub checks: Vec<Check>,
    /// Whether its type leads back to the message that holds it with no list or map on the way, so that it needs a box.
    pub boxed: bool,
    /// Where it is resolved when the message is served over GraphQL.
    pub via: Option<FieldVia>,
}

/// `customer: Customer via customers.Customers.by_ids(customer_id)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldVia {
    /// `via ...` as written.
    pub span: Span,
    /// The operation that answers for many at once.
    pub operation: OperationId,
    /// The fields beside it that it is asked with.
    pub arguments: Vec<String>,
}

/// A check of a field's value. On a list, map or optional, `Length` counts elements and the others judge each element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Check {
    /// At least; a decimal number as written.
    Min(String),
    /// At most; a decimal number as written.
    Max(String),
    /// Characters of a string, bytes, elements.
    Length {
        /// At least.
        min: u64,
        /// At most.
        max: Option<u64>,
    },
    /// A regular expression of the `regex` crate, anchored by its author.
    Pattern(String),
    /// An e-mail address.
    Email,
    /// An absolute URL.
    Url,
}

/// An enumeration.
#[derive(Clone, Debug)]
pub struct EnumDef {
    /// Its name.
    pub name: String,
    /// The name as declared.
    pub span: Span,
    /// Documentation.
    pub doc: Option<String>,
    /// The service or broker that it belongs to; `None`: shared.
    pub owner: Option<NodeId>,
    /// In source order.
    pub values: Vec<EnumValueDef>,
}

/// A value of an enumeration.
#[derive(Clone, Debug)]
pub struct EnumValueDef {
    /// Its name.
    pub name: String,
    /// Where it is declared.
    pub span: Span,
    /// Documentation.
    pub doc: Option<String>,
    /// Its protobuf number, 1 or more.
    pub tag: u32,
}
