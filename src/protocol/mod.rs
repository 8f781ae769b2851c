//! What each protocol and engine can do: facts as data. Nothing else in the code asks "is this gRPC?" to decide what
//! a protocol can carry; it asks the facts.

use std::fmt;

/// How an edge's requests travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// HTTP with JSON.
    Rest,
    /// gRPC over HTTP/2.
    Grpc,
    /// GraphQL over HTTP.
    Graphql,
    /// WebSocket.
    Websocket,
    /// Server-sent events.
    Sse,
    /// Signed HTTP callbacks.
    Webhook,
}

impl Protocol {
    /// All protocols, in the order of language.md's table.
    pub const ALL: [Self; 6] = [
        Self::Rest,
        Self::Grpc,
        Self::Graphql,
        Self::Websocket,
        Self::Sse,
        Self::Webhook,
    ];

    /// The word in a drawing.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rest => "rest",
            Self::Grpc => "grpc",
            Self::Graphql => "graphql",
            Self::Websocket => "websocket",
            Self::Sse => "sse",
            Self::Webhook => "webhook",
        }
    }

    /// Reads the word of a drawing.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|protocol| protocol.name() == name)
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
