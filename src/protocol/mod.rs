//! What each protocol and engine can do: facts as data. Nothing else in the code asks "is this gRPC?" to decide what
//! a protocol can carry; it asks the facts.

mod broker;
mod facts;
mod selection;
mod shape;
mod store;

pub use broker::{BrokerEngine, BrokerFacts, ChannelKind, Delivery, Ordering};
pub use facts::Facts;
pub use selection::{
    Candidate, Criterion, Decisive, Known, Meaning, Point, Ranked, Reading, Requirements, Source,
    Summary, Verdict, Weight, rank, sources, verdict,
};
pub use shape::OperationShape;
pub use store::{Container, StoreEngine, StoreFacts};

use crate::words::words;

words! {
    /// How an edge's requests travel, in the order of language.md's table.
    Protocol {
        Rest = "rest", Grpc = "grpc", Graphql = "graphql", Websocket = "websocket", Sse = "sse", Webhook = "webhook",
    }
}
