//! What is known of proto files that are taken as contracts: their texts, and the messages that operations exchange.

/// A proto file that a contract is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProtoFile {
    /// The path by which other proto files import it: `shop/v1/cart.proto`.
    pub path: String,
    /// Its text, as it stands.
    pub text: String,
    /// Whether it imports what every protobuf library brings along.
    pub well_known: bool,
}

/// A message of a proto file, as far as an operation takes or answers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProtoMessage {
    /// Its package, `shop.v1`; empty for a file without one.
    pub package: String,
    /// Its name, after those of the messages around it.
    pub path: Vec<String>,
    /// A made-up message of this type, on the wire.
    pub example: Vec<u8>,
    /// Its fields that hold one value each, by which repetitions can be known.
    pub keys: Vec<ProtoKey>,
}

/// A field of a message of a proto file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProtoKey {
    /// Its name.
    pub name: String,
    /// Another example of the message, with another value in this field alone.
    pub other: Vec<u8>,
}

impl ProtoMessage {
    /// The name with everything before it: `shop.v1.Cart.Item`.
    #[must_use]
    pub fn full_name(&self) -> String {
        let package = Some(self.package.as_str()).filter(|it| !it.is_empty());
        let parts: Vec<&str> = package
            .into_iter()
            .chain(self.path.iter().map(String::as_str))
            .collect();
        parts.join(".")
    }

    /// Whether every protobuf library brings it along.
    #[must_use]
    pub fn is_well_known(&self) -> bool {
        self.package == "google.protobuf"
    }
}

/// The method of a proto file behind an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProtoMethod {
    /// The service with its package: `shop.v1.Cart`.
    pub service: String,
    /// Its name: `AddItem`.
    pub name: String,
}
